"""The `finnhub` provider: quotes, news, calendars, surprises, filings, insiders and industries.

Events are asked for by calendar: symbols `earnings`, `ipo`, `economic`. Earnings of one company:
option `symbol`. Written from https://finnhub.io/docs/api; never run against the live service.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from fondaco.adapters.providers.finnhub_read import parse_answer
from fondaco.adapters.providers.parts import Service
from fondaco.adapters.providers.us_asks import options_of, symbols_of
from fondaco.adapters.providers.us_days import EASTERN
from fondaco.core.errors import InvalidInput
from fondaco.core.instrument import Origin
from fondaco.market.ports import Ask, Parsed, Raw
from fondaco.market.sheets import KeyNeed, Limit, Market, Offer, Sheet

URL = "https://finnhub.io/api/v1/"
SYMBOL = re.compile(r"[A-Z][A-Z0-9]{0,9}([.-][A-Z]{1,2})?")
SYMBOLS_MAX = 50
SHEET = Sheet(
    "finnhub",
    "Finnhub",
    Origin.LIVE,
    (
        Offer("quotes", (Market.US,), "now", 0),
        Offer("news", (Market.US,), "a year back, free; a month at a time is wise"),
        Offer(
            "events",
            (Market.US, Market.WORLD),
            "earnings a month back, IPOs; the economic calendar needs a paid plan",
        ),
        Offer("estimates", (Market.US,), "earnings surprises of the last 4 quarters, free"),
        Offer("filings", (Market.US,), "SEC filings, at most 250 an answer"),
        Offer("deals", (Market.US,), "insiders' transactions, at most 100 an answer"),
        Offer("classifications", (Market.US,), "now: industry, and the exchange of the listing"),
    ),
    (Limit(60, 60), Limit(30, 1)),
    terms="https://finnhub.io/terms-of-service: free plan for personal use; no redistribution",
    key=KeyNeed(
        ("FONDACO_FINNHUB_KEY",),
        "https://finnhub.io/register",
        "Make a free account; the key stands on its dashboard.",
    ),
)


@dataclass(frozen=True, slots=True)
class _Path:
    """Where a kind is asked for, and the days that it reaches back when no span is named."""

    path: str
    days: int = 0


PATHS = {
    "quotes": _Path("quote"),
    "news": _Path("company-news", 7),
    "estimates": _Path("stock/earnings"),
    "filings": _Path("stock/filings", 90),
    "deals": _Path("stock/insider-transactions", 90),
    "classifications": _Path("stock/profile2"),
}
CALENDARS = ("EARNINGS", "IPO", "ECONOMIC")
CALENDAR = re.compile("|".join(CALENDARS))
CALENDAR_DAYS = 14


class Finnhub(Service):
    """What Finnhub tells of companies in the United States, and three calendars."""

    sheet = SHEET

    def ask(self, ask: Ask) -> tuple[Raw, ...]:
        """Fetch one answer for each symbol or calendar.

        Raises Unanswered when one does not come, InvalidInput for wrong symbols or options.
        """
        if ask.kind == "events":
            return self._events(ask)
        symbols = symbols_of(ask, SHEET, SYMBOL, at_most=SYMBOLS_MAX, such_as="AAPL")
        options_of(ask, SHEET, ())
        where = PATHS[ask.kind]
        span: dict[str, str] = {}
        if where.days:
            today = self._today()
            until = ask.until or today
            span = _span(ask.since or until - timedelta(days=where.days), until)
        return tuple(
            self._get(where.path, f"{ask.kind}/{symbol}", {"symbol": symbol, **span})
            for symbol in symbols
        )

    def parse(self, raw: Raw, ask: Ask) -> Parsed:
        """Read one answer; one that cannot be used as a whole is a fault."""
        return parse_answer(raw, ask)

    def _events(self, ask: Ask) -> tuple[Raw, ...]:
        names = symbols_of(ask, SHEET, CALENDAR, at_most=len(CALENDARS), such_as="earnings, ipo")
        options = options_of(ask, SHEET, ("symbol",))
        only = options.get("symbol", "").strip().upper()
        if only and (not SYMBOL.fullmatch(only) or names != ("EARNINGS",)):
            raise InvalidInput(
                "the option symbol is for the calendar of earnings alone",
                value=f"{only} of {', '.join(names)}"[:80],
                bound="a symbol such as AAPL, of earnings",
            )
        since = ask.since or self._today()
        span = _span(since, ask.until or since + timedelta(days=CALENDAR_DAYS))
        params = span | ({"symbol": only} if only else {})
        return tuple(
            self._get(f"calendar/{name.lower()}", f"events/{name.lower()}", params)
            for name in names
        )

    def _get(self, path: str, name: str, params: Mapping[str, str]) -> Raw:
        # Between `from` and `to` in the name the reader knows which days may come.
        span = f"{params['from']}/{params['to']}" if "from" in params else "-/-"
        return self._parts.wire.get(
            URL + path,
            name=f"{name}/{span}",
            params=params,
            headers={"X-Finnhub-Token": self._parts.key(SHEET)},
        )

    def _today(self) -> date:
        return self._parts.clock.now().astimezone(EASTERN).date()


def _span(since: date, until: date) -> dict[str, str]:
    if until < since:
        raise InvalidInput("the span ends before it starts", value=f"{since} to {until}")
    return {"from": since.isoformat(), "to": until.isoformat()}
