"""Alpha Vantage: daily and intraday bars, quotes, earnings, news with their tone, listings.

Written from https://www.alphavantage.co/documentation/; never run against the live service. Its
limits and faults come as a good answer with a `Note`, `Information` or `Error Message` in it.
"""

import re
from collections.abc import Mapping
from datetime import date, timedelta

from fondaco.adapters.providers import alphavantage_bars, alphavantage_words
from fondaco.adapters.providers.parts import Service
from fondaco.adapters.providers.read_json import Useless, read_json
from fondaco.adapters.providers.us_asks import bad_answer, one_of, options_of, symbols_of
from fondaco.adapters.providers.us_days import EASTERN
from fondaco.core.errors import InvalidInput
from fondaco.core.instrument import Origin
from fondaco.market.errors import Cause
from fondaco.market.ports import Ask, Parsed, Raw
from fondaco.market.sheets import KeyNeed, Limit, Market, Offer, Sheet
from fondaco.market.tables import BARS

URL = "https://www.alphavantage.co/query"
SYMBOLS_MAX = 25
MONTHS_MAX = 24
COMPACT_DAYS = 120
"""How old the start of a span may be for the newest 100 days to hold it."""

LOOK_BACK = timedelta(days=14)
TOLD_BYTES_MAX = 4_096
TICKER = re.compile(r"[A-Z][A-Z0-9]{0,9}([.-][A-Z0-9]{1,4})?")
EVERY = ("5min", "1min", "15min", "30min", "60min")
OPTIONS: Mapping[str, tuple[str, ...]] = {
    BARS: ("adjusted",),
    "bars_intraday": ("every",),
    "quotes": (),
    "estimates": (),
    "news": (),
    "actions": ("state",),
}


class AlphaVantage(Service):
    """Asks Alpha Vantage and reads its answers.

    Options: `adjusted` of daily bars ("no", or "yes" for those with splits and dividends, of the
    paid plans), `every` of intraday bars (1min, 5min, 15min, 30min, 60min), `state` of listings
    ("active" for first days, "delisted" for last ones).
    """

    sheet = Sheet(
        "alphavantage",
        "Alpha Vantage",
        Origin.LIVE,
        (
            Offer(BARS, (Market.US,), "20 years; free: the newest 100 days, without factors", None),
            Offer("bars_intraday", (Market.US,), "since 2000, with a paid plan", 15),
            Offer("quotes", (Market.US,), "the newest alone, at the end of the day if free", None),
            Offer("estimates", (Market.US,), "earnings a share of past quarters", None),
            Offer("news", (Market.WORLD,), "since 2022, with their tone", None),
            Offer("actions", (Market.US,), "first and last days of listings", None),
        ),
        limits=(Limit(5, 60), Limit(25, 86_400)),
        terms="https://www.alphavantage.co/terms_of_service/: for personal use; no passing on.",
        key=KeyNeed(
            ("FONDACO_ALPHAVANTAGE_KEY",),
            "https://www.alphavantage.co/support/#api-key",
            "Say who you are and for what; the key is shown at once.",
        ),
    )

    def ask(self, ask: Ask) -> tuple[Raw, ...]:
        """Fetch raw answers; raises Unanswered, InvalidInput, NotFound."""
        self.sheet.offer(ask.kind)
        options = options_of(ask, self.sheet, OPTIONS[ask.kind])
        symbols = symbols_of(ask, self.sheet, TICKER, at_most=SYMBOLS_MAX, such_as="IBM")
        if ask.since and ask.until and ask.since > ask.until:
            raise InvalidInput("the span ends before it starts", value=f"{ask.since} {ask.until}")
        if ask.kind == "actions":
            state = one_of(options, "state", ("active", "delisted"))
            return (self._get("LISTING_STATUS", f"actions/{state}", {"state": state}),)
        if ask.kind == "news":
            return (self._news(symbols, ask),)
        if ask.kind == "quotes":
            return tuple(self._of("GLOBAL_QUOTE", s, f"quotes/{s}") for s in symbols)
        if ask.kind == "estimates":
            return tuple(self._of("EARNINGS", s, f"estimates/{s}") for s in symbols)
        if ask.kind == BARS:
            adjusted = one_of(options, "adjusted", ("no", "yes")) == "yes"
            return tuple(self._days(s, ask, adjusted=adjusted) for s in symbols)
        every = one_of(options, "every", EVERY)
        return tuple(raw for s in symbols for raw in self._minutes(s, every, ask))

    def parse(self, raw: Raw, ask: Ask) -> Parsed:
        """Read a raw answer, the same way each time."""
        kind = raw.name.partition("/")[0]
        if kind in {BARS, "bars_intraday", "quotes"}:
            return alphavantage_bars.parse(raw, ask)
        return alphavantage_words.parse(raw, ask)

    def _days(self, symbol: str, ask: Ask, *, adjusted: bool) -> Raw:
        newest = self._today() - timedelta(days=COMPACT_DAYS)
        short = ask.since is not None and ask.since - LOOK_BACK >= newest
        function = "TIME_SERIES_DAILY_ADJUSTED" if adjusted else "TIME_SERIES_DAILY"
        more = {"outputsize": "compact" if short else "full"}
        return self._of(function, symbol, f"{BARS}/{symbol}/{'adjusted' if adjusted else ''}", more)

    def _minutes(self, symbol: str, every: str, ask: Ask) -> list[Raw]:
        plain = {
            "interval": every,
            "adjusted": "false",
            "extended_hours": "false",
            "outputsize": "full",
        }
        return [
            self._of(
                "TIME_SERIES_INTRADAY",
                symbol,
                f"bars_intraday/{symbol}/{every}/{month}",
                {**plain, "month": month} if month else plain,
            )
            for month in self._months(ask)
        ]

    def _months(self, ask: Ask) -> list[str]:
        """Return the months that a span touches; one empty word for the newest 30 days."""
        if ask.since is None:
            return [""]
        until = min(ask.until or self._today(), self._today())
        count = (until.year - ask.since.year) * 12 + until.month - ask.since.month + 1
        if not 0 < count <= MONTHS_MAX:
            raise InvalidInput(
                "the span of intraday bars is not one that can be asked for at once",
                value=f"{ask.since} to {until}",
                bound=f"1 to {MONTHS_MAX} months that have begun",
            )
        first = ask.since.year * 12 + ask.since.month - 1
        return [f"{n // 12:04}-{n % 12 + 1:02}" for n in range(first, first + count)]

    def _news(self, symbols: tuple[str, ...], ask: Ask) -> Raw:
        params = {
            "tickers": ",".join(symbols),
            "sort": "LATEST",
            "limit": str(alphavantage_words.NEWS_MAX),
        }
        if ask.since is not None:
            params["time_from"] = f"{ask.since:%Y%m%d}T0000"
        if ask.until is not None:
            params["time_to"] = f"{ask.until:%Y%m%d}T2359"
        return self._get("NEWS_SENTIMENT", f"news/{','.join(symbols)[:80]}", params)

    def _of(
        self, function: str, symbol: str, name: str, more: Mapping[str, str] | None = None
    ) -> Raw:
        return self._get(function, name, {"symbol": symbol, **(more or {})})

    def _get(self, function: str, name: str, params: Mapping[str, str]) -> Raw:
        raw = self._parts.wire.get(
            URL,
            name=name,
            params={"function": function, **params},
            secret={"apikey": self._parts.key(self.sheet)},
        )
        said = _told(raw.body)
        if said:
            raise bad_answer(self.sheet, raw, _says(said), _cause(said))
        return raw

    def _today(self) -> date:
        return self._parts.clock.now().astimezone(EASTERN).date()


def _told(body: bytes) -> str:
    """Return the words that come in place of an answer; empty when it is one."""
    if len(body) > TOLD_BYTES_MAX:
        return ""
    try:
        data = read_json(body)
    except Useless:
        return ""
    if not isinstance(data, dict):
        return ""
    for name in ("Note", "Information", "Error Message"):
        if isinstance(data.get(name), str):
            return f"{name}: {data[name]}"
    return ""


def _says(said: str) -> str:
    """Return what is told of their words, which may repeat the key."""
    kind = said.partition(":")[0]
    return f"it gives a {kind!r} in place of the data"


def _cause(said: str) -> Cause:
    """Return what their words mean for the desk: wait, mend the key, or a wrong question."""
    words = said.lower()
    if "premium endpoint" in words or ("apikey" in words and "invalid" in words):
        return Cause.AUTH
    return Cause.BAD if words.startswith("error message") else Cause.LIMIT
