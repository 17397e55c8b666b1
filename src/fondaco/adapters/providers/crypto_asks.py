"""What is asked of a crypto exchange: pairs, lengths of candles, the pages that a span needs.

Shared by `binance`, `kraken` and `coinbase`. A page is known before it is asked for, so none has
to be read to find the next one.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

from fondaco.adapters.providers.listing import crypto_pair
from fondaco.core.errors import InvalidInput
from fondaco.core.instrument import Instrument
from fondaco.market.ports import Ask
from fondaco.market.sheets import Sheet
from fondaco.market.tables import BARS

SYMBOLS_MAX = 50
PAGES_MAX = 100
"""The most pages that are asked for one pair: 100,000 candles of Binance."""

DAY_SECONDS = 86_400
INTRADAY = "bars_intraday"
PAIR = re.compile(r"[A-Z0-9]{2,12}-[A-Z0-9]{2,12}")


@dataclass(frozen=True, slots=True)
class Pair:
    """One crypto asset priced in another, as the desk writes it: `BTC-USD`."""

    base: str
    quote: str

    @property
    def symbol(self) -> str:
        """The desk's ticker."""
        return f"{self.base}-{self.quote}"

    @property
    def instrument(self) -> Instrument:
        """The instrument, the same whichever exchange quotes it."""
        return crypto_pair(self.base, self.quote)


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of time, the end not in it."""

    start: datetime
    end: datetime


def pair_of(symbol: str) -> Pair:
    """Return the pair of a desk symbol; raises InvalidInput when it is none.

    >>> pair_of("btc-usd").symbol
    'BTC-USD'
    """
    text = symbol.strip().upper()
    if not PAIR.fullmatch(text):
        raise InvalidInput(
            "this is no pair of crypto assets",
            value=symbol[:40],
            bound="base-quote in A-Z and 0-9, such as BTC-USD",
        )
    base, _, quote = text.partition("-")
    return Pair(base, quote)


def symbols_of(ask: Ask, sheet: Sheet) -> tuple[str, ...]:
    """Return the symbols that are asked for, each once; raises InvalidInput, and NotFound for a
    kind that the exchange does not give.
    """
    sheet.offer(ask.kind)
    symbols = tuple(dict.fromkeys(s.strip().upper() for s in ask.symbols))
    if not 0 < len(symbols) <= SYMBOLS_MAX:
        raise InvalidInput(
            f"the {sheet.name} provider needs symbols",
            value=len(symbols),
            bound=f"1 to {SYMBOLS_MAX}",
            remedy="Name pairs such as BTC-USD.",
        )
    known = {"seconds"} if ask.kind == INTRADAY else set()
    wrong = sorted(set(ask.options or {}) - known)
    if wrong:
        raise InvalidInput(
            f"the {sheet.name} provider has no such option for {ask.kind}",
            value=", ".join(wrong),
            bound=", ".join(sorted(known)) or "no option",
        )
    return symbols


def seconds_of(ask: Ask, lengths: tuple[int, ...]) -> int:
    """Return the length of a candle in seconds: a day, or the option `seconds` (60 if left out).

    Raises InvalidInput for a length that the exchange does not have.
    """
    if ask.kind == BARS:
        return DAY_SECONDS
    text = (ask.options or {}).get("seconds", "60")
    if not text.isdecimal() or int(text) not in lengths:
        raise InvalidInput(
            "the exchange has no candles of this length",
            value=text[:20],
            bound=", ".join(str(n) for n in lengths),
        )
    return int(text)


def whole_span(ask: Ask, now: datetime, seconds: int, rows: int) -> Span:
    """Return the time that is asked for: up to now, and one page of it when no start is named.

    Raises InvalidInput when it ends before it starts.
    """
    end = now
    if ask.until is not None:
        end = min(now, datetime.combine(ask.until + timedelta(days=1), time(), UTC))
    step = timedelta(seconds=seconds)
    if ask.since is None:
        start = datetime.fromtimestamp(int(end.timestamp()) // seconds * seconds, UTC)
        return Span(start - (rows - 1) * step, end)
    start = datetime.combine(ask.since, time(), UTC)
    if start >= end:
        raise InvalidInput(
            "the span ends before it starts",
            value=f"{ask.since} to {ask.until or 'now'}",
            bound="a day that has begun, and an end not before it",
        )
    return Span(start, end)


def pages_of(span: Span, seconds: int, rows: int) -> tuple[Span, ...]:
    """Return the pages of at most `rows` candles that make up a span, oldest first.

    Raises InvalidInput for more than `PAGES_MAX`.
    """
    page = timedelta(seconds=seconds * rows)
    count = -(-(span.end - span.start) // page)
    if count > PAGES_MAX:
        raise InvalidInput(
            "the span needs too many pages",
            value=count,
            bound=f"{PAGES_MAX} pages of {rows} rows",
            remedy="Ask for less time or longer candles.",
        )
    starts = [span.start + n * page for n in range(count)]
    return tuple(Span(start, min(start + page, span.end)) for start in starts)


def milliseconds(moment: datetime) -> str:
    """Return a moment as milliseconds since 1970."""
    return str(int(moment.timestamp()) * 1000 + moment.microsecond // 1000)
