"""Tiingo: daily bars with their splits and dividends, minutes and quotes of IEX, news.

Written from https://www.tiingo.com/documentation (end-of-day, iex, news); never run against the
live service.
"""

import re
from collections.abc import Mapping
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from fondaco.adapters.providers import tiingo_read
from fondaco.adapters.providers.listing import US_EXCHANGES
from fondaco.adapters.providers.parts import Service
from fondaco.adapters.providers.read_json import Useless, part, read_json
from fondaco.adapters.providers.us_asks import bad_answer, one_of, options_of, symbols_of
from fondaco.core.errors import InvalidInput
from fondaco.core.instrument import Origin
from fondaco.market.ports import Ask, Parsed, Raw
from fondaco.market.sheets import KeyNeed, Limit, Market, Offer, Sheet
from fondaco.market.tables import BARS

SYMBOLS_MAX = 50
PAGES_MAX = 60
NEWS_A_PAGE = 100
POINTS_MAX = 2_000
"""How many bars one answer of minutes may be asked to hold."""

LOOK_BACK = timedelta(days=14)
"""How much earlier daily bars are asked for, so that a first dividend has a close before it."""

MINUTES = {"1min": 1, "5min": 5, "15min": 15, "30min": 30, "1hour": 60}
SESSION_MINUTES = 390
DAYS_DEFAULT = 7
TICKER = re.compile(r"[A-Z][A-Z0-9]{0,9}([.-][A-Z0-9]{1,4})?")
BASE = "https://api.tiingo.com"
FIRST = date(1960, 1, 1)
NEW_YORK = ZoneInfo("America/New_York")
OPTIONS: Mapping[str, tuple[str, ...]] = {
    BARS: ("listing",),
    "bars_intraday": ("every",),
    "quotes": (),
    "news": (),
}


class Tiingo(Service):
    """Asks Tiingo and reads its answers.

    Options: `listing` of daily bars ("no", or "yes" for a second request that names the exchange),
    `every` of minutes (1min, 5min, 15min, 30min, 1hour).
    """

    sheet = Sheet(
        "tiingo",
        "Tiingo",
        Origin.LIVE,
        (
            Offer(BARS, (Market.US,), "for United States shares and funds back to 1962", 90),
            Offer("bars_intraday", (Market.US,), "what IEX traded, the newest bars alone", 0),
            Offer("quotes", (Market.US,), "the newest alone", 0),
            Offer("news", (Market.WORLD,), "with a plan that has news", 0),
        ),
        limits=(Limit(50, 3_600), Limit(1_000, 86_400)),
        terms="https://www.tiingo.com/about/terms: for own use; the data may not be passed on.",
        key=KeyNeed(
            ("FONDACO_TIINGO_TOKEN",),
            "https://www.tiingo.com/account/api/token",
            "Open a free account, confirm the address, copy the token of this page.",
        ),
    )

    def ask(self, ask: Ask) -> tuple[Raw, ...]:
        """Fetch raw answers; raises Unanswered, InvalidInput, NotFound."""
        self.sheet.offer(ask.kind)
        options = options_of(ask, self.sheet, OPTIONS[ask.kind])
        symbols = symbols_of(ask, self.sheet, TICKER, at_most=SYMBOLS_MAX, such_as="AAPL")
        since, until = self._span(ask)
        if ask.kind == BARS:
            named = one_of(options, "listing", ("no", "yes")) == "yes"
            return tuple(self._days(s, since, until, named=named) for s in symbols)
        if ask.kind == "quotes":
            return tuple(self._get(f"/iex/{_path(s)}", f"quotes/{s}") for s in symbols)
        if ask.kind == "news":
            return self._news(symbols, since, until)
        every = one_of(options, "every", ("5min", "1min", "15min", "30min", "1hour"))
        return tuple(raw for s in symbols for raw in self._minutes(s, every, since, until))

    def parse(self, raw: Raw, ask: Ask) -> Parsed:
        """Read a raw answer, the same way each time."""
        return tiingo_read.parse(raw, ask)

    def _span(self, ask: Ask) -> tuple[date, date]:
        today = self._parts.clock.now().astimezone(NEW_YORK).date()
        until = min(ask.until or today, today)
        short = until - timedelta(days=DAYS_DEFAULT)
        since = ask.since or (FIRST if ask.kind == BARS else short)
        if since > until:
            raise InvalidInput(
                "the span ends before it starts",
                value=f"{since} to {until}",
                bound="a day that has begun, and an end not before it",
            )
        return since, until

    def _days(self, symbol: str, since: date, until: date, *, named: bool) -> Raw:
        exchange = self._exchange(symbol) if named else ""
        first = max(FIRST, since - LOOK_BACK)
        return self._get(
            f"/tiingo/daily/{_path(symbol)}/prices",
            f"{BARS}/{symbol}/{exchange}",
            {"startDate": first.isoformat(), "endDate": until.isoformat(), "format": "json"},
        )

    def _exchange(self, symbol: str) -> str:
        """Return where a ticker is listed; empty for a place that the desk has no code for."""
        raw = self._get(f"/tiingo/daily/{_path(symbol)}", f"listing/{symbol}")
        try:
            data = read_json(raw.body)
            if part(data, "ticker", str).upper() not in {symbol, _path(symbol).upper()}:
                raise Useless("the answer is of another ticker")
            place: str = part(data, "exchangeCode", str).upper()
        except Useless as error:
            raise bad_answer(self.sheet, raw, str(error)) from None
        return place if place in US_EXCHANGES else ""

    def _minutes(self, symbol: str, every: str, since: date, until: date) -> list[Raw]:
        a_day = SESSION_MINUTES // MINUTES[every] + 1
        step = timedelta(days=max(1, POINTS_MAX // a_day))
        firsts = [since]
        while firsts[-1] + step <= until:
            firsts.append(firsts[-1] + step)
        if len(firsts) > PAGES_MAX:
            raise InvalidInput(
                f"so many bars of {every} are too many for one ask",
                value=f"{since} to {until}",
                bound=f"{PAGES_MAX * step.days} days",
            )
        return [
            self._get(
                f"/iex/{_path(symbol)}/prices",
                f"bars_intraday/{symbol}/{every}/{first}",
                {
                    "startDate": first.isoformat(),
                    "endDate": min(until, first + step - timedelta(days=1)).isoformat(),
                    "resampleFreq": every,
                    "columns": "open,high,low,close",
                },
            )
            for first in firsts
        ]

    def _news(self, symbols: tuple[str, ...], since: date, until: date) -> tuple[Raw, ...]:
        found: list[Raw] = []
        for page in range(PAGES_MAX):
            raw = self._get(
                "/tiingo/news",
                f"news/{','.join(symbols)[:80]}/{page + 1}",
                {
                    "tickers": ",".join(symbols).lower(),
                    "startDate": since.isoformat(),
                    "endDate": until.isoformat(),
                    "limit": str(NEWS_A_PAGE),
                    "offset": str(page * NEWS_A_PAGE),
                },
            )
            try:
                items = tiingo_read.items_of(raw)
            except Useless as error:
                raise bad_answer(self.sheet, raw, str(error)) from None
            if items or not page:
                found.append(raw)
            if len(items) < NEWS_A_PAGE:
                return tuple(found)
        raise InvalidInput(
            "so many news are too many for one ask",
            value=f"{since} to {until}",
            bound=f"{PAGES_MAX * NEWS_A_PAGE} items",
            remedy="Ask for a shorter span.",
        )

    def _get(self, path: str, name: str, params: Mapping[str, str] | None = None) -> Raw:
        token = self._parts.key(self.sheet)
        return self._parts.wire.get(
            f"{BASE}{path}",
            name=name,
            params=params,
            headers={"Authorization": f"Token {token}", "Content-Type": "application/json"},
        )


def _path(symbol: str) -> str:
    """Return a ticker as Tiingo writes it: in small letters, classes after a hyphen."""
    return symbol.lower().replace(".", "-")
