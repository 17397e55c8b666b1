"""Rate tables for Indian shares and derivatives, by day, from 1 June 2016.

Brokerage is that of a discount broker. Charges that Indian contract notes round per day and
client (STT, the depository's charge) are taken per order here. What is marked "not seen" was
entered from the field's common knowledge of the circular named and was not read there.
"""

from datetime import date
from decimal import Decimal

from fondaco.trading.cost_model.lines import (
    CENT_HALF_UP,
    MICRO_HALF_UP,
    WHOLE_HALF_UP,
    Basis,
    Charge,
    Rounding,
    Sides,
    Step,
    Table,
    merge,
)

FIRST_DAY = date(2016, 6, 1)
_UNIFORM_STAMP = date(2020, 7, 1)
_STAMP_2020 = "Indian Stamp Act as amended by the Finance Act 2019, Schedule I, on buys"
_STAMP_STATE = "Maharashtra's duty, on both sides; other states differed"
_NSE_2021 = "NSE, increase of 6 % from 2021-01-01; rates from zerodha.com/charges, copy of 2021"
_NSE_2023 = "NSE press release of 2023-03-24: the increase of 6 % rolled back"
_NSE_2024 = "NSE, reduction of 1 % from 2024-04-01; not seen but for options (Mint, 2024-10-01)"
_NSE_LABEL = "NSE circular of 2024-09-27, after SEBI's of 2024-07-01"
_NSE_BEFORE = "NSE's highest slab, as discount brokers listed it until 2020"
_FA_2013 = "Finance Act 2013, STT"
_FA_2016 = "Finance Act 2016, STT"
_FA_2023 = "Finance Act 2023, STT"
_FA_2024 = "Finance (No. 2) Act 2024, STT"
_FA_2026 = "Finance Act 2026, STT, as proposed in the Budget of 2026-02-01"

Rates = tuple[tuple[date, str, str], ...]
"""First day, per cent of the traded value, and where it stands."""

NSE_CASH: Rates = (
    (FIRST_DAY, "0.00325", _NSE_BEFORE),
    (date(2021, 1, 1), "0.00345", _NSE_2021),
    (date(2023, 4, 1), "0.00325", _NSE_2023),
    (date(2024, 4, 1), "0.00322", _NSE_2024),
    (date(2024, 10, 1), "0.00297", _NSE_LABEL),
)
NSE_FUTURES: Rates = (
    (FIRST_DAY, "0.0019", _NSE_BEFORE),
    (date(2021, 1, 1), "0.0020", _NSE_2021),
    (date(2023, 4, 1), "0.0019", _NSE_2023),
    (date(2024, 4, 1), "0.00188", _NSE_2024),
    (date(2024, 10, 1), "0.00173", _NSE_LABEL),
)
NSE_OPTIONS: Rates = (
    (FIRST_DAY, "0.05", _NSE_BEFORE),
    (date(2021, 1, 1), "0.053", _NSE_2021),
    (date(2023, 4, 1), "0.05", _NSE_2023),
    (date(2024, 4, 1), "0.0495", _NSE_2024),
    (date(2024, 10, 1), "0.03503", _NSE_LABEL),
)
BSE_CASH: Rates = (
    (date(2023, 3, 24), "0.00375", "BSE, 375 rupees per crore, as reported 2023-03-24"),
)
BSE_OPTIONS: Rates = (
    (date(2024, 10, 1), "0.0325", "BSE circular of 2024-09-27, Sensex and Bankex options"),
)
STT_DELIVERY: Rates = ((FIRST_DAY, "0.1", "Finance Act 2012, STT, from 2012-07-01"),)
STT_INTRADAY: Rates = ((FIRST_DAY, "0.025", "Finance Act 2006, STT, from 2006-06-01"),)
STT_FUTURES: Rates = (
    (FIRST_DAY, "0.01", _FA_2013),
    (date(2023, 4, 1), "0.0125", _FA_2023),
    (date(2024, 10, 1), "0.02", _FA_2024),
    (date(2026, 4, 1), "0.05", _FA_2026),
)
STT_OPTIONS: Rates = (
    (FIRST_DAY, "0.05", _FA_2016),
    (date(2023, 4, 1), "0.0625", _FA_2023),
    (date(2024, 10, 1), "0.1", _FA_2024),
    (date(2026, 4, 1), "0.15", _FA_2026),
)
SEBI_FEE: Rates = (
    (FIRST_DAY, "0.0002", "SEBI's fees of 2014-05-23, 20 rupees per crore"),
    (
        date(2017, 4, 1),
        "0.00015",
        "SEBI, 15 rupees per crore (Mint, 2019-02); its first day not seen",
    ),
    (date(2019, 4, 1), "0.0001", "SEBI Payment of Fees (Amendment) Regulations 2019"),
    (date(2020, 6, 1), "0.00005", "SEBI circular of 2020-04-27, half until 2021-03-31"),
    (date(2021, 4, 1), "0.0001", "SEBI circular of 2020-04-27, its end"),
)
IPFT_CASH: Rates = ((date(2023, 4, 1), "0.0001", _NSE_2023 + ", 10 rupees per crore"),)
IPFT_OPTIONS: Rates = ((date(2023, 4, 1), "0.0005", _NSE_2023 + ", 50 rupees per crore"),)

_SERVICES = ("brokerage", "exchange charge", "IPFT", "depository charge")
_TAXES: tuple[tuple[date, str, tuple[str, ...], str], ...] = (
    (FIRST_DAY, "0.15", _SERVICES, "service tax 14 % and two cesses of 0.5 %, Finance Act 2016"),
    (date(2017, 7, 1), "0.18", _SERVICES, "Central and State GST Acts 2017, 9 % and 9 %"),
    (
        date(2022, 7, 18),
        "0.18",
        (*_SERVICES, "SEBI fee"),
        "GST on SEBI's fees too, BSE notice 20220830-5",
    ),
)


def in_delivery() -> Table:
    """Return the charges of shares bought to be kept, on the NSE, without brokerage."""
    return _delivery("IN_DELIVERY", "NSE", _levy("exchange charge", NSE_CASH), _ipft(IPFT_CASH))


def in_delivery_bse() -> Table:
    """Return the charges of shares bought to be kept, on the BSE, without brokerage."""
    return _delivery("IN_DELIVERY_BSE", "BSE", _levy("exchange charge", BSE_CASH))


def in_intraday() -> Table:
    """Return the charges of shares bought and sold within one day, on the NSE."""
    exchange = (_levy("exchange charge", NSE_CASH), _ipft(IPFT_CASH))
    return _intraday("IN_INTRADAY", "NSE", *exchange)


def in_intraday_bse() -> Table:
    """Return the charges of shares bought and sold within one day, on the BSE."""
    return _intraday("IN_INTRADAY_BSE", "BSE", _levy("exchange charge", BSE_CASH))


def in_futures() -> Table:
    """Return the charges of equity futures on the NSE; the traded value is the contract's."""
    return merge(
        "IN_FUTURES",
        "INR",
        "NSE equity futures at a discount broker: 0.03 % or 20 rupees, the lower.",
        (
            _brokerage(),
            _stt(STT_FUTURES, Sides.SELL),
            _levy("exchange charge", NSE_FUTURES),
            _ipft(IPFT_CASH),
            _levy("SEBI fee", SEBI_FEE),
            _stamp("0.002", "0.002"),
            _services_tax(),
        ),
    )


def in_options() -> Table:
    """Return the charges of equity options on the NSE; the traded value is the premium."""
    return _options("IN_OPTIONS", "NSE", _levy("exchange charge", NSE_OPTIONS), _ipft(IPFT_OPTIONS))


def in_options_bse() -> Table:
    """Return the charges of Sensex and Bankex options; the traded value is the premium."""
    return _options("IN_OPTIONS_BSE", "BSE", _levy("exchange charge", BSE_OPTIONS))


def _delivery(name: str, exchange: str, *levies: tuple[Step, ...]) -> Table:
    return merge(
        name,
        "INR",
        f"{exchange} shares kept overnight at a discount broker without brokerage.",
        (
            _stt(STT_DELIVERY, Sides.BOTH),
            *levies,
            _levy("SEBI fee", SEBI_FEE),
            _stamp("0.01", "0.015"),
            _depository(),
            _services_tax(),
        ),
    )


def _intraday(name: str, exchange: str, *levies: tuple[Step, ...]) -> Table:
    return merge(
        name,
        "INR",
        f"{exchange} shares bought and sold within a day: 0.03 % or 20 rupees, the lower.",
        (
            _brokerage(),
            _stt(STT_INTRADAY, Sides.SELL),
            *levies,
            _levy("SEBI fee", SEBI_FEE),
            _stamp("0.002", "0.003"),
            _services_tax(),
        ),
    )


def _options(name: str, exchange: str, *levies: tuple[Step, ...]) -> Table:
    return merge(
        name,
        "INR",
        f"{exchange} options at a discount broker: 20 rupees an order.",
        (
            _flat_brokerage(),
            _stt(STT_OPTIONS, Sides.SELL),
            *levies,
            _levy("SEBI fee", SEBI_FEE),
            _stamp("0.002", "0.003"),
            _services_tax(),
        ),
    )


def _levy(
    name: str,
    rates: Rates,
    sides: Sides = Sides.BOTH,
    rounding: Rounding = MICRO_HALF_UP,
) -> tuple[Step, ...]:
    return tuple(
        Step(
            day,
            Charge(
                name=name,
                basis=Basis.NOTIONAL,
                rate=Decimal(percent).scaleb(-2),
                source=source,
                sides=sides,
                rounding=rounding,
            ),
        )
        for day, percent, source in rates
    )


def _stt(rates: Rates, sides: Sides) -> tuple[Step, ...]:
    return _levy("STT", rates, sides, WHOLE_HALF_UP)


def _ipft(rates: Rates) -> tuple[Step, ...]:
    return (Step(FIRST_DAY, None), *_levy("IPFT", rates))


def _stamp(before: str, uniform: str) -> tuple[Step, ...]:
    states = _levy("stamp duty", ((FIRST_DAY, before, _STAMP_STATE),), rounding=CENT_HALF_UP)
    union = _levy("stamp duty", ((_UNIFORM_STAMP, uniform, _STAMP_2020),), Sides.BUY, CENT_HALF_UP)
    return states + union


def _brokerage() -> tuple[Step, ...]:
    line = Charge(
        name="brokerage",
        basis=Basis.NOTIONAL,
        rate=Decimal("0.0003"),
        maximum=Decimal(20),
        source="zerodha.com/charges: 0.03 % or 20 rupees an order, the lower; copy of 2020",
    )
    return (Step(FIRST_DAY, line),)


def _flat_brokerage() -> tuple[Step, ...]:
    line = Charge(
        name="brokerage",
        basis=Basis.ORDER,
        rate=Decimal(20),
        source="zerodha.com/charges: flat 20 rupees an order; copy of 2020",
    )
    return (Step(FIRST_DAY, line),)


def _depository() -> tuple[Step, ...]:
    dated = (
        (FIRST_DAY, "13.50", "zerodha.com, DP charges, CDSL; copy of 2019"),
        (date(2024, 10, 1), "13.00", "zerodha.com, DP charges, CDSL; its first day not seen"),
    )
    return tuple(
        Step(
            day,
            Charge(
                name="depository charge",
                basis=Basis.ORDER,
                rate=Decimal(amount),
                sides=Sides.SELL,
                source=source,
            ),
        )
        for day, amount, source in dated
    )


def _services_tax() -> tuple[Step, ...]:
    return tuple(
        Step(
            day,
            Charge(
                name="tax on services",
                basis=Basis.CHARGES,
                rate=Decimal(rate),
                taxes=taxes,
                source=source,
                rounding=CENT_HALF_UP,
            ),
        )
        for day, rate, taxes, source in _TAXES
    )
