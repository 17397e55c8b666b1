"""Answers in the documented shape of the Treasury's feed and download, typed by hand.

Source of the shapes: https://home.treasury.gov/treasury-daily-interest-rate-xml-feed. Par yields
of 2025-03-03 to 1.5 months, those of 2024-10 and 2022-12 are as published; the others are made up.
"""

from collections.abc import Mapping
from datetime import date

from fondaco.adapters.providers.conformance.case import Recorded
from fondaco.adapters.providers.treasury import Treasury
from fondaco.market.ports import Ask

SERVICES = "http://schemas.microsoft.com/ado/2007/08/dataservices"
PAR = ("1MONTH", "1_5MONTH", "2MONTH", "3MONTH", "4MONTH", "6MONTH", "1YEAR", "2YEAR", "3YEAR")
PAR += ("5YEAR", "7YEAR", "10YEAR", "20YEAR", "30YEAR")


def entry(day_field: str, day: str, cells: Mapping[str, str]) -> str:
    """Return one entry of the feed."""
    rows = "".join(f'<d:{k} m:type="Edm.Double">{v}</d:{k}>' for k, v in cells.items())
    return (
        '<entry><title type="text"></title><updated>2026-03-10T16:01:08Z</updated>'
        "<author><name /></author>"
        '<content type="application/xml"><m:properties>'
        f'<d:{day_field} m:type="Edm.DateTime">{day}T00:00:00</d:{day_field}>{rows}'
        "</m:properties></content></entry>\n"
    )


def feed(title: str, *entries: str) -> bytes:
    """Return a feed."""
    return (
        '<?xml version="1.0" encoding="utf-8" standalone="yes" ?>\n'
        f'<feed xmlns="http://www.w3.org/2005/Atom" xmlns:d="{SERVICES}" '
        f'xmlns:m="{SERVICES}/metadata">\n<title type="text">{title}</title>\n'
        f"<updated>2026-03-10T16:01:08Z</updated>\n{''.join(entries)}</feed>\n"
    ).encode()


def par(day: str, values: str) -> str:
    """Return a day of the par curve; the 30-year point stands twice, once for display."""
    cells = {f"BC_{name}": v for name, v in zip(PAR, values.split(), strict=True)}
    return entry("NEW_DATE", day, cells | {"BC_30YEARDISPLAY": cells["BC_30YEAR"]})


def bills(day: str, values: str) -> str:
    """Return a day of the bill rates: bank discount, then coupon equivalent, of each maturity."""
    weeks = (4, 6, 8, 13, 17, 26, 52)
    names = [f"ROUND_B1_{what}_{n}WK_2" for n in weeks for what in ("CLOSE", "YIELD")]
    return entry("INDEX_DATE", day, dict(zip(names, values.split(), strict=True)))


def real(day: str, values: str) -> str:
    """Return a day of the real curve."""
    names = [f"TC_{n}YEAR" for n in (5, 7, 10, 20, 30)]
    return entry("NEW_DATE", day, dict(zip(names, values.split(), strict=True)))


PAR_2025 = feed(
    "DailyTreasuryYieldCurveRateData",
    par("2025-03-03", "4.38 4.38 4.37 4.34 4.33 4.26 4.08 3.96 3.95 3.97 4.07 4.16 4.50 4.45"),
    par("2025-03-04", "4.38 4.37 4.35 4.32 4.31 4.24 4.05 3.96 3.98 4.02 4.12 4.22 4.57 4.53"),
    par("2025-03-05", "4.37 4.37 4.35 4.34 4.31 4.25 4.06 3.99 4.03 4.07 4.17 4.28 4.61 4.57"),
)
BILLS_2026 = feed(
    "DailyTreasuryBillRateData",
    bills(
        "2026-03-09",
        "3.64 3.70 3.64 3.71 3.63 3.71 3.60 3.68 3.59 3.69 3.52 3.63 3.41 3.54",
    ),
    bills(
        "2026-03-10",
        "3.63 3.69 3.63 3.70 3.62 3.70 3.60 3.68 3.58 3.68 3.51 3.62 3.40 3.53",
    ),
)
REAL_2025 = feed(
    "DailyTreasuryRealYieldCurveRateData",
    real("2025-03-03", "1.43 1.64 1.82 2.09 2.23"),
    real("2025-03-04", "1.48 1.69 1.86 2.13 2.28"),
)
CSV_2024 = b"""Date,"1 Mo","2 Mo","3 Mo","4 Mo","6 Mo","1 Yr","2 Yr","3 Yr","5 Yr","7 Yr","10 Yr",\
"20 Yr","30 Yr"
10/07/2024,5.00,4.87,4.77,4.67,4.45,4.24,3.99,3.89,3.86,3.92,4.03,4.37,4.30
10/04/2024,5.01,4.88,4.73,4.68,4.45,4.20,3.93,3.84,3.81,3.88,3.98,4.33,4.26
10/03/2024,4.99,4.85,4.68,4.61,4.37,4.02,3.70,3.62,3.62,3.71,3.85,4.24,4.18
"""


def _year(curve: str, year: int, options: Mapping[str, str] | None = None) -> Ask:
    return Ask(date(year, 1, 1), date(year, 12, 31), options, "yields", (curve,))


RECORDED = (
    Recorded(
        "par",
        Treasury,
        _year("UST", 2025),
        {"?data=daily_treasury_yield_curve": PAR_2025},
        3 * 14,
        json=False,
    ),
    Recorded(
        "bills",
        Treasury,
        _year("UST-BILL", 2026),
        {"?data=daily_treasury_bill_rates": BILLS_2026},
        2 * 7,
        json=False,
    ),
    Recorded(
        "real",
        Treasury,
        _year("UST-REAL", 2025),
        {"?data=daily_treasury_real_yield_curve": REAL_2025},
        2 * 5,
        json=False,
    ),
    Recorded(
        "download",
        Treasury,
        _year("UST", 2024, {"format": "csv"}),
        {"/daily-treasury-rates.csv/2024/all": CSV_2024},
        3 * 13,
        json=False,
    ),
)
