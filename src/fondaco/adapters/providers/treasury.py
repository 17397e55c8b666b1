"""The `treasury` provider: daily yield curves of the United States Treasury.

Curves are `UST` (par yields), `UST-REAL` (par real yields of inflation-protected securities) and
`UST-BILL` (coupon equivalents of bills), year by year. Option `format`: `xml` (the official feed)
or `csv` (the download). Written from
https://home.treasury.gov/treasury-daily-interest-rate-xml-feed; never run against the live service.
"""

import re
from datetime import date

from fondaco.adapters.providers.parts import Service
from fondaco.adapters.providers.treasury_read import CURVES, parse_answer
from fondaco.adapters.providers.us_asks import one_of, options_of, symbols_of
from fondaco.adapters.providers.us_days import EASTERN
from fondaco.core.errors import InvalidInput
from fondaco.core.instrument import Origin
from fondaco.market.ports import Ask, Parsed, Raw
from fondaco.market.sheets import Limit, Market, Offer, Sheet

URL = "https://home.treasury.gov/resource-center/data-chart-center/interest-rates/"
CURVE = re.compile("|".join(CURVES))
SHEET = Sheet(
    "treasury",
    "US Treasury",
    Origin.LIVE,
    (
        Offer(
            "yields",
            (Market.US,),
            "par yields from 1990, bills from 2002, real yields from 2003; by 18:00 in New York",
        ),
    ),
    (Limit(30, 60),),
    terms="https://home.treasury.gov/subfooter/site-policies-and-notices: public domain",
)


class Treasury(Service):
    """Points of daily yield curves, known at the end of their day in New York."""

    sheet = SHEET

    def ask(self, ask: Ask) -> tuple[Raw, ...]:
        """Fetch each year of each curve, oldest first; this year alone when no span is named.

        Raises Unanswered when a year does not come, InvalidInput for wrong curves or options.
        """
        names = symbols_of(ask, SHEET, CURVE, at_most=len(CURVES), such_as="UST")
        written = one_of(options_of(ask, SHEET, ("format",)), "format", ("xml", "csv"))
        today = self._clock.now().astimezone(EASTERN).date()
        return tuple(
            self._year(name, written, year) for name in names for year in _years(ask, name, today)
        )

    def parse(self, raw: Raw, ask: Ask) -> Parsed:
        """Read one year of a curve; an answer that cannot be used as a whole is a fault."""
        return parse_answer(raw, ask)

    def _year(self, name: str, written: str, year: int) -> Raw:
        data = CURVES[name].data
        label = f"{name}/{written}/{year}"
        if written == "xml":
            params = {"data": data, "field_tdr_date_value": str(year)}
            return self._wire.get(URL + "pages/xml", name=label, params=params)
        params = {"type": data, "field_tdr_date_value": str(year), "page": "", "_format": "csv"}
        return self._wire.get(
            f"{URL}daily-treasury-rates.csv/{year}/all", name=label, params=params
        )


def _years(ask: Ask, name: str, today: date) -> range:
    until = min(ask.until or today, today)
    since = max(ask.since or date(until.year, 1, 1), CURVES[name].first)
    if since > until:
        raise InvalidInput(
            f"{SHEET.title} has no day of {name} in this span",
            value=f"{ask.since} to {ask.until}",
            bound=f"{CURVES[name].first} to {today}",
        )
    return range(since.year, until.year + 1)
