"""What the outside may ask of research: features, forecasts, strategies."""

from datetime import date
from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from fondaco.core.capability import Effect, capability
from fondaco.core.clock import Clock
from fondaco.core.errors import NotFound
from fondaco.core.facts import Fact, FactStore
from fondaco.core.instrument import Instrument
from fondaco.core.quantities import AsOf, RowLimit, Symbol
from fondaco.market.moments import known_moment
from fondaco.research.ports import (
    OUTCOMES_READ_MAX,
    ForecastStore,
    Names,
    Panels,
)
from fondaco.research.results import (
    FeatureRow,
    FeatureSheet,
    ForecastRow,
    ForecastSheet,
    ParameterRow,
    StrategyRow,
    StrategySheet,
)
from fondaco.research.views import (
    view_features,
    view_forecasts,
    view_strategies,
)

if TYPE_CHECKING:
    from fondaco.research.features import Feature  # compiles kernels: only who computes pays
    from fondaco.research.strategies.strategy import Design

StrategyName = Annotated[
    str,
    Field(pattern=r"^[a-z][a-z0-9_]{0,63}$", description="strategy name, e.g. momentum"),
]


@capability("research.features", Effect.READ, view=view_features)
def show_features(
    prices: Panels,
    instruments: Names,
    facts: FactStore,
    clock: Clock,
    /,
    *,
    symbol: Symbol,
    as_of: AsOf = None,
) -> FeatureSheet:
    """Show the features of a symbol at its last session: returns, volatility, momentum and more.

    Each number is kept as a fact that names the bars it was computed from; `fondaco facts show`
    opens it. A feature whose window is not full yet, or holds a missing price, is not known.

    Example:
        fondaco research features AAPL --as-of 2019-06-28
    """
    import numpy as np

    from fondaco.research.features import FEATURES
    from fondaco.research.forecasts import close_time
    from fondaco.research.ideas import feature_fact

    moment = known_moment(as_of, clock)
    found = instruments.by_symbol(symbol, moment.date())
    panel = prices.panel(None, as_of=moment)
    if found.id not in panel.instruments:  # an index or a fund stands alone, outside the ranks
        panel = prices.panel((found.id,), as_of=moment)
    column = panel.instruments.index(found.id)
    seen = np.flatnonzero(~np.isnan(panel.close[:, column]))
    panel = panel.until(int(seen[-1]) + 1)
    kept = {
        name: feature_fact(panel, feature, column, feature(panel))
        for name, feature in FEATURES.items()
    }
    facts.add(tuple(fact for fact in kept.values() if fact is not None))
    rows = tuple(_feature_row(FEATURES[name], fact) for name, fact in kept.items())
    last = len(panel.sessions) - 1
    return FeatureSheet(
        symbol, found.id, panel.sessions[last].item(), close_time(panel, last), panel.origin, rows
    )


@capability("research.forecast", Effect.READ, view=view_forecasts)
def show_forecasts(
    prices: Panels,
    instruments: Names,
    forecasts: ForecastStore,
    clock: Clock,
    /,
    *,
    as_of: AsOf = None,
    limit: RowLimit = 100,
) -> ForecastSheet:
    """Show the latest forecasts, best first, with the model's out-of-sample record.

    A score is the expected rank among all shares of the return over the next 20 sessions, 0 worst
    to 1 best; low and high bound the middle 80 per cent of what came of like scores before. Each
    forecast of the record was made by a model that had seen only what was known at its time.

    Example:
        fondaco research forecast --as-of 2019-06-28
    """
    from fondaco.research.forecasts import close_time
    from fondaco.research.record import ended_by, record_of

    moment = known_moment(as_of, clock)
    panel = prices.panel(None, as_of=moment)
    known = forecasts.list(as_of=moment, limit=OUTCOMES_READ_MAX)
    if not known:
        return ForecastSheet(None, None, None, None, panel.origin, (), None)
    newest = known[0].forecast
    mine = tuple(o for o in known if o.forecast.model == newest.model)
    now = sorted(
        (o.forecast for o in mine if o.forecast.as_of == newest.as_of),
        key=lambda f: (-f.score, f.instrument),
    )
    day = newest.as_of.date()
    closes = tuple(close_time(panel, row) for row in range(len(panel.sessions)))
    rows = tuple(
        ForecastRow(_symbol(instruments.get(f.instrument), day), f.score, f.low, f.high)
        for f in now[:limit]
    )
    return ForecastSheet(
        newest.as_of,
        newest.model,
        newest.horizon_sessions,
        newest.trained_until,
        panel.origin,
        rows,
        record_of(ended_by(mine, closes)),
    )


@capability("strategies.list", Effect.READ, view=view_strategies)
def list_strategies(*, strategy: StrategyName | None = None) -> StrategySheet:
    """List the built-in strategies: idea, source, and parameters with defaults and bounds.

    Named alone, a strategy is explained in full: its rule in words, where it comes from, and what
    it ignores.

    Example:
        fondaco strategies list --strategy momentum
    """
    from fondaco.research.strategies.library import STRATEGIES
    from fondaco.research.strategies.luck import luck_of_records
    from fondaco.research.strategies.records import SAMPLE

    if strategy is not None and strategy not in STRATEGIES:
        raise NotFound(
            "no such strategy",
            value=strategy,
            bound=", ".join(STRATEGIES),
            remedy="`fondaco strategies list` shows them all.",
        )
    shown = STRATEGIES.values() if strategy is None else (STRATEGIES[strategy],)
    rows = tuple(_strategy_row(design) for design in shown)
    return StrategySheet(strategy, rows, luck_of_records(), SAMPLE)


def _strategy_row(design: "Design") -> StrategyRow:
    from fondaco.research.strategies.records import RECORDS

    made = design()
    return StrategyRow(
        design.name,
        design.summary,
        design.source,
        design.doc,
        made.warm_up,
        made.selection is not None,
        tuple(
            ParameterRow(
                name,
                float(bound.default),
                bound.low,
                bound.high,
                isinstance(bound.default, int),
                bound.meaning,
            )
            for name, bound in design.bounds.items()
        ),
        RECORDS.get(design.name),
    )


def _symbol(instrument: Instrument, day: date) -> str:
    return instrument.symbol_on(day) or instrument.symbol


def _feature_row(feature: "Feature", fact: Fact | None) -> FeatureRow:
    value, fact_id = (None, None) if fact is None else (fact.value, fact.id)
    return FeatureRow(
        feature.name, feature.title, value, feature.unit, feature.warm_up + 1, fact_id
    )
