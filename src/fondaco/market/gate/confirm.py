"""Whether a quote may be acted on: the last gate before a stop, an alert or an order fires.

A wrong tick can look perfect. So the first one after a start, after a gap in the feed, or far from
the last confirmed price fires nothing by itself: a second tick or a second source must say the
same. Whoever acts on quotes asks here, each time.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from fondaco.market.gate.edge import CLOCK_SKEW_MAX
from fondaco.market.gate.quotes import STUB_TIMES
from fondaco.market.kinds.prices import QuoteRow


class Why(StrEnum):
    """Why a quote may not be acted on; OK when it may."""

    OK = "ok"
    NONE = "none"  # there is no quote
    CLOCK = "clock"  # the quote is stamped after now
    STALE = "stale"  # the newest quote is too old
    CROSSED = "crossed"  # the bid lies above the ask
    ONE_SIDED = "one_sided"  # a side is missing or zero: there is no mid
    STUB = "stub"  # a side is no offer
    UNCONFIRMED = "unconfirmed"  # nothing else says so yet


@dataclass(frozen=True, slots=True)
class Bounds:
    """How strict it is. `tolerance` and `move_max` are shares of the price.

    `age_max` is how old the newest quote may be, `gap_max` after what silence a feed has started
    anew. A quote that moved more than `move_max` from the last confirmed price must be confirmed.
    """

    age_max: timedelta = timedelta(seconds=30)
    gap_max: timedelta = timedelta(minutes=2)
    tolerance: float = 0.005
    move_max: float = 0.03


@dataclass(frozen=True, slots=True)
class Usable:
    """The verdict on the newest quote; `price` is its mid where it may be acted on, else None."""

    why: Why
    price: float | None
    confirmed_by: str = ""

    @property
    def confirmed(self) -> bool:
        """Return whether it may be acted on."""
        return self.why is Why.OK


DEFAULT = Bounds()


def usable(
    quotes: Sequence[QuoteRow],
    history: Sequence[QuoteRow],
    *,
    now: datetime,
    bounds: Bounds = DEFAULT,
) -> Usable:
    """Return whether the newest of some quotes of one instrument may be acted on.

    `quotes` are what the feeds said lately, from any sources; `history` are quotes that were
    confirmed before, since the desk started. Confirmed is a quote whose mid lies within `move_max`
    of a confirmed one at most `gap_max` older, or within `tolerance` of another tick of these.
    """
    if not quotes:
        return Usable(Why.NONE, None)
    newest = max(quotes, key=lambda quote: quote.ts)
    why = _flaw(newest, now, bounds)
    price = mid_of(newest)
    if why is not None or price is None:
        return Usable(why or Why.ONE_SIDED, None)
    before = _last(history, newest, bounds)
    if before is not None and abs(price / before - 1.0) <= bounds.move_max:
        return Usable(Why.OK, price, "the last confirmed price")
    for other in quotes:
        if _says_the_same(other, newest, price, bounds):
            second = "a second tick" if other.source == newest.source else other.source
            return Usable(Why.OK, price, second)
    return Usable(Why.UNCONFIRMED, None)


def mid_of(quote: QuoteRow) -> float | None:
    """Return the middle of a quote; None where it has none: one-sided, crossed or stub."""
    if not quote.bid or not quote.ask or quote.bid > quote.ask or _is_stub(quote):
        return None
    return (quote.bid + quote.ask) / 2.0


def _flaw(quote: QuoteRow, now: datetime, bounds: Bounds) -> Why | None:
    if quote.ts > now + CLOCK_SKEW_MAX:
        return Why.CLOCK
    if now - quote.ts > bounds.age_max:
        return Why.STALE
    if not quote.bid or not quote.ask:
        return Why.ONE_SIDED
    if quote.bid > quote.ask:
        return Why.CROSSED
    return Why.STUB if _is_stub(quote) else None


def _is_stub(quote: QuoteRow) -> bool:
    near = quote.last if quote.last and quote.last > 0 else quote.previous_close
    if not near or near <= 0:
        return False
    low = quote.bid is not None and 0 < quote.bid <= near / STUB_TIMES
    return low or (quote.ask is not None and quote.ask >= near * STUB_TIMES)


def _last(history: Sequence[QuoteRow], newest: QuoteRow, bounds: Bounds) -> float | None:
    """Return the newest confirmed price before a quote, unless the feed was silent since."""
    lately = [
        quote
        for quote in history
        if quote.ts <= newest.ts and newest.ts - quote.ts <= bounds.gap_max
    ]
    return mid_of(max(lately, key=lambda quote: quote.ts)) if lately else None


def _says_the_same(other: QuoteRow, newest: QuoteRow, price: float, bounds: Bounds) -> bool:
    """Return whether another tick is near in time and price; the same one again is no second."""
    if (other.source, other.ts) == (newest.source, newest.ts):
        return False
    if abs(newest.ts - other.ts) > bounds.gap_max:
        return False
    second = mid_of(other)
    return second is not None and abs(second / price - 1.0) <= bounds.tolerance
