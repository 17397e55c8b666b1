"""Makes one entry of what several sources gave of a symbol: whose rows, and why."""

from collections.abc import Sequence
from datetime import datetime

from fondaco.market.feed.figures import readings
from fondaco.market.feed.quorum import decide
from fondaco.market.feed.sourcing import Given
from fondaco.market.feed.values import Choice, Wanted


def choose(
    wanted: Wanted, symbol: str, given: Sequence[Given], at: datetime
) -> tuple[Given, Choice | None]:
    """Return whose rows are taken, and the choice where two sources or more could be compared.

    Rows of several sources are never mixed: what is taken is what one source gave.
    """
    by_source = {one.source: one for one in reversed(given)}
    compared = readings(wanted.kind, [(one.source, one.rows) for one in given])
    if len(compared) < 2:
        return given[0], None
    verdict = decide(compared)
    choice = Choice(
        kind=wanted.kind,
        market=wanted.market,
        symbol=symbol,
        at=at,
        source=verdict.taken.source,
        value=verdict.taken.value,
        flagged=verdict.flagged,
        spread=verdict.spread,
        reason=verdict.reason,
        readings=compared,
    )
    return by_source[verdict.taken.source], choice
