"""What a tuning never touches: the end of the span, kept back for a later validation."""

from dataclasses import replace
from datetime import date

import numpy as np

from fondaco.backtest.request import Request
from fondaco.backtest.tuning.result import Kept
from fondaco.core.clock import Clock
from fondaco.core.errors import InvalidInput
from fondaco.market.ports import Instruments
from fondaco.market.prices import Prices

SESSIONS_MIN = 2


def held_back(
    prices: Prices,
    instruments: Instruments,
    request: Request,
    clock: Clock,
    holdout: float | date,
) -> tuple[Request, Kept | None]:
    """Return the request that ends where the span kept back begins, and that span.

    Of what is kept back only the days are read, to know where to cut. All else is read as it was
    known on the last searched day: a later split or dividend would rescale the prices before it.
    Raises InvalidInput where too little is left on either side, NotFound where there are no prices.
    """
    if holdout == 0:
        return request, None
    as_of = request.as_of(clock.now())
    symbols = request.symbols
    wanted = [instruments.by_symbol(name, as_of.date()).id for name in symbols] or None
    panel = prices.panel(
        wanted, as_of=as_of, since=request.since, until=request.until, fields=("close",)
    )
    days = panel.sessions
    first = (
        int(np.searchsorted(days, np.datetime64(holdout)))
        if isinstance(holdout, date)
        else len(days) - round(len(days) * holdout)
    )
    if not SESSIONS_MIN <= first < len(days):
        raise InvalidInput(
            "the span cannot be cut into a part to search and a part to keep back",
            value=f"{len(days)} sessions, {len(days) - first} of them kept back",
            bound=f"at least {SESSIONS_MIN} to search, at least 1 kept back",
            remedy="Widen the span, or keep another part back; --holdout 0 keeps none.",
        )
    until: date = days[first - 1].item()
    kept = Kept(days[first].item(), days[-1].item(), len(days) - first)
    return replace(request, until=until), kept
