"""The truth of the simulated market: what was planted, when, how large, and which rows tell it.

`size` by kind of event: a log return for `earnings_drift`, `jump_on_news`, `whale`,
`insider_cluster` and `crowd` (its rise; it falls back by as much); the ratio of volatilities for
`volatility_regime`; percentage points for `rate_decision`; the relative change of the numbers for
`restatement`; the factor of a `split`, the child's share of a `spin_off`, 1 or -1 for an
`index_change`, 0 for `rename` and `delisting`; for faults the ratio of wrong to right, or 1.
`model` (in `simulated_world`) gives the true betas, volatilities and drifts.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime

from fondaco.adapters.providers.simulated_days import FIRST_YEAR
from fondaco.adapters.providers.simulated_faults import planted_faults
from fondaco.adapters.providers.simulated_plan import actions_of, plan
from fondaco.adapters.providers.simulated_world import SEED, Model, model

__all__ = ["Model", "PlantedEvent", "model", "truth"]

_PRICES = ("bars_1d", "bars_intraday", "quotes", "trades", "depth")
TOLD_BY = {
    "earnings_drift": ("estimates", "events", "fundamentals", "filings", "bars_1d"),
    "jump_on_news": ("news", *_PRICES),
    "volatility_regime": ("bars_1d", "bars_intraday", "chains"),
    "whale": ("transfers", *_PRICES),
    "insider_cluster": ("deals", "bars_1d"),
    "crowd": ("posts", "bars_1d", "bars_intraday"),
    "rate_decision": ("policy", "events", "yields", "chains"),
    "restatement": ("fundamentals", "filings", "bars_1d"),
    "split": ("actions", "events", "bars_1d"),
    "rename": ("actions",),
    "delisting": ("actions", "memberships", "bars_1d"),
    "spin_off": ("actions", "memberships", "bars_1d"),
    "index_change": ("memberships",),
}


@dataclass(frozen=True, slots=True)
class PlantedEvent:
    """One planted event or fault. `known_at` is when an attentive reader could first know of it.

    `told_by` names the kinds whose rows show it. `rule` is the gate's rule for a planted fault,
    empty for true events, and for faults that do no harm.
    """

    id: str
    what: str
    symbol: str
    start: datetime
    end: datetime
    size: float
    told_by: tuple[str, ...]
    known_at: datetime
    rule: str = ""


def truth(
    seed: int = SEED, until: date | None = None, *, faults: bool = False
) -> tuple[PlantedEvent, ...]:
    """Return what was planted and had started by the end of a day, oldest first.

    `until` None means the end of the year after the market's first. With `faults`, the planted
    bad rows stand beside the events; without, they are left out, as they are from the data.

    >>> [e.symbol for e in truth(7, date(2024, 1, 1)) if e.what == "split"]
    ['SIM03']
    """
    last = until or date(FIRST_YEAR + 1, 12, 31)
    years = range(FIRST_YEAR, last.year + 1)
    events = [*actions_of(seed), *(e for year in years for e in plan(seed, year).events)]
    found = [
        PlantedEvent(
            "-".join(filter(None, (e.what, e.symbol, f"{e.start:%Y%m%d%H%M}", e.part))),
            e.what,
            e.symbol,
            e.start,
            e.end,
            e.size,
            TOLD_BY[e.what],
            e.known_at,
        )
        for e in events
    ]
    if faults:
        found += [
            PlantedEvent(
                f"{f.what}-{f.kind}-{f.symbol}-{f.first:%Y%m%d%H%M}",
                f.what,
                f.symbol,
                f.first,
                f.last,
                f.size,
                (f.kind,),
                f.last,
                f.rule,
            )
            for year in years
            for f in planted_faults(seed, year)
        ]
    end = datetime(last.year, last.month, last.day, 23, 59, 59, tzinfo=UTC)
    return tuple(sorted((e for e in found if e.start <= end), key=lambda e: (e.start, e.id)))
