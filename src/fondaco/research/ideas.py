"""Ideas: what a strategy or a forecaster would hold now, with the numbers it rests on as facts."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

import numpy as np

from fondaco.core.errors import InvalidInput
from fondaco.core.facts import Fact, Source
from fondaco.core.ideas import Forecast, Idea
from fondaco.core.instrument import InstrumentId
from fondaco.market.panel import Matrix, Panel
from fondaco.research import kernels
from fondaco.research.features import MOMENTUM, SMA_DISTANCE_200, VOLATILITY_20, Feature
from fondaco.research.forecasts import close_time
from fondaco.research.strategies.selection import Selection
from fondaco.research.strategies.strategy import Strategy

EVIDENCE = (MOMENTUM, VOLATILITY_20, SMA_DISTANCE_200)
"""The features that every idea shows."""
_PRICES = ("close", "factor")
_SIX_PLACES = Decimal("0.000001")
_STANDS_OUT = {
    "momentum": "its return over the past year, the last month left out, is among the highest",
    "lightgbm": "its expected rank over the coming weeks is among the highest",
}
_FALLS_OUT = {
    "momentum": "its return over the past year is no longer among the highest",
    "lightgbm": "its expected rank over the coming weeks is no longer among the highest",
}


@dataclass(frozen=True, slots=True)
class Sizing:
    """How scores become weights: score over volatility, scaled to `gross`, none above `weight_max`.

    Both are shares of equity. What the cap cuts off stays in cash; it is not handed to others.
    `ideas_max` is the most names of one source.
    """

    gross: float = 0.4
    weight_max: float = 0.08
    ideas_max: int = 4

    def __post_init__(self) -> None:
        for name in ("gross", "weight_max"):
            if not 0.0 < getattr(self, name) <= 1.0:
                raise InvalidInput(
                    f"the sizing's {name} is a share of equity",
                    value=getattr(self, name),
                    bound="0 to 1",
                )
        if self.ideas_max < 1:
            raise InvalidInput(
                "a source may give at least one idea", value=self.ideas_max, bound=">= 1"
            )


def strategy_ideas(
    panel: Panel,
    strategy: Strategy,
    *,
    sizing: Sizing | None = None,
    held: tuple[InstrumentId, ...] = (),
) -> tuple[Idea, ...]:
    """Return what a strategy would hold were it to choose at the panel's last session.

    Scores enter as ranks within the session, so that a strategy of any unit is sized alike. A name
    of `held` that is not chosen gives an idea of weight 0. Raises InvalidInput for a strategy that
    does not choose by scores.
    """
    selection = _selection(strategy)
    scores = selection.score(panel)[-1:]
    ranks = kernels.cross_rank(np.ascontiguousarray(scores))[0]
    chosen = [int(column) for column in selection.best(scores[0])]
    weights = _sized(panel, ranks, chosen, sizing or Sizing())
    return _ideas(panel, strategy.name, weights, chosen, held, {})


def target_ideas(
    panel: Panel,
    source: str,
    targets: Matrix,
    *,
    sizing: Sizing | None = None,
    held: tuple[InstrumentId, ...] = (),
) -> tuple[Idea, ...]:
    """Return what a strategy's target weights (T, N) ask for at the panel's last session.

    Each name's latest decision stands until it is decided anew. Weights are scaled by the sizing's
    `gross`, so that a strategy that invests all asks for that share; the largest come first.
    Raises InvalidInput for a short position: this desk's ideas are long.
    """
    sizing, standing = sizing or Sizing(), _standing(targets)
    short = np.flatnonzero(standing < 0.0)
    if len(short):
        raise InvalidInput(
            f"{source} asks for a short position, and ideas are long",
            value=f"{standing[short[0]]:.4f} of {panel.instruments[short[0]]}",
            bound=">= 0",
        )
    order = np.argsort(-standing, kind="stable")
    chosen = [int(c) for c in order if standing[c] > 0.0 and not np.isnan(panel.close[-1, c])]
    weights = {
        c: round(min(sizing.weight_max, sizing.gross * float(standing[c])), 6)
        for c in chosen[: sizing.ideas_max]
    }
    return _ideas(panel, source, weights, chosen, held, {})


def _standing(targets: Matrix) -> Matrix:
    """Return each column's latest decision, 0 where there was none."""
    known = ~np.isnan(targets)
    last = len(targets) - 1 - np.argmax(known[::-1], axis=0)
    return np.where(known.any(axis=0), targets[last, np.arange(targets.shape[1])], 0.0)


def forecast_ideas(
    panel: Panel,
    forecasts: tuple[Forecast, ...],
    strategy: Strategy,
    *,
    sizing: Sizing | None = None,
    held: tuple[InstrumentId, ...] = (),
) -> tuple[Idea, ...]:
    """Return what forecasts of the panel's last session would hold, chosen as `strategy` chooses.

    Raises InvalidInput when a forecast was made at another session.
    """
    now = close_time(panel, len(panel.sessions) - 1)
    by_name = {forecast.instrument: forecast for forecast in forecasts}
    stale = next((f for f in forecasts if f.as_of != now), None)
    if stale is not None:
        raise InvalidInput(
            "a forecast was made at another session than the prices end at",
            value=stale.as_of.isoformat(),
            bound=now.isoformat(),
        )
    scores = np.array([by_name[i].score if i in by_name else np.nan for i in panel.instruments])
    chosen = [int(column) for column in _selection(strategy).best(scores)]
    weights = _sized(panel, scores, chosen, sizing or Sizing())
    return _ideas(panel, strategy.name, weights, chosen, held, by_name)


def _selection(strategy: Strategy) -> Selection:
    if strategy.selection is None:
        raise InvalidInput(
            "ideas are made of scores, and this strategy has none",
            value=strategy.name,
            bound="a strategy that scores names, such as momentum",
        )
    return strategy.selection


def _ideas(
    panel: Panel,
    source: str,
    weights: dict[int, float],
    chosen: list[int],
    held: tuple[InstrumentId, ...],
    forecasts: dict[InstrumentId, Forecast],
) -> tuple[Idea, ...]:
    evidence = {feature.name: feature(panel) for feature in EVIDENCE}
    now = close_time(panel, len(panel.sessions) - 1)
    leaving = {
        column: 0.0
        for column, name in enumerate(panel.instruments)
        if name in held and column not in chosen and not np.isnan(panel.close[-1, column])
    }
    ideas = []
    for column, weight in (*weights.items(), *leaving.items()):
        name = panel.instruments[column]
        words = (_STANDS_OUT if column in weights else _FALLS_OUT).get(
            source, f"the strategy {source} asks for this weight"
        )
        facts = [
            feature_fact(panel, feature, column, evidence[feature.name]) for feature in EVIDENCE
        ]
        if name in forecasts:
            facts += forecast_facts(panel, forecasts[name])
        ideas.append(
            Idea(
                source,
                name,
                now,
                weight,
                words,
                now,
                tuple(fact for fact in facts if fact is not None),
            )
        )
    return tuple(ideas)


def _sized(panel: Panel, scores: Matrix, chosen: list[int], sizing: Sizing) -> dict[int, float]:
    """Return weights by column; a name whose volatility is not known cannot be sized."""
    volatility = VOLATILITY_20(panel)[-1]
    pull = {
        c: float(scores[c] / volatility[c])
        for c in chosen[: sizing.ideas_max]
        if volatility[c] > 0.0 and scores[c] > 0.0
    }
    total = sum(pull.values())
    return {
        c: round(min(sizing.weight_max, sizing.gross * share / total), 6)
        for c, share in pull.items()
    }


def feature_fact(panel: Panel, feature: Feature, column: int, values: Matrix) -> Fact | None:
    """Return a feature's last value of one instrument as a fact, or None when it is not known.

    Its source names the bars that it was computed from.
    """
    value = values[-1, column]
    if np.isnan(value):
        return None
    last = len(panel.sessions) - 1
    first = 0 if feature.window is None else max(0, last - feature.window)
    keys = panel.instruments if feature.across else (panel.instruments[column],)
    source = Source(
        "bars_1d",
        keys,
        _PRICES,
        close_time(panel, first),
        close_time(panel, last),
        panel.version,
        feature.method,
    )
    return Fact(feature.title, _decimal(value), feature.unit, close_time(panel, last), source)


def forecast_facts(panel: Panel, forecast: Forecast) -> list[Fact]:
    """Return a forecast's score and range as facts; their source is all the panel's bars."""
    since, until = close_time(panel, 0), close_time(panel, len(panel.sessions) - 1)
    source = Source(
        "bars_1d",
        panel.instruments,
        _PRICES,
        since,
        until,
        panel.version,
        f"fondaco.research.forecasts:run_forecaster {forecast.model}",
    )
    named = {
        "forecast score": forecast.score,
        "forecast low": forecast.low,
        "forecast high": forecast.high,
    }
    return [_forecast_fact(name, value, forecast.as_of, source) for name, value in named.items()]


def _forecast_fact(name: str, value: float, as_of: datetime, source: Source) -> Fact:
    return Fact(name, _decimal(value), "rank", as_of, source)


def _decimal(value: float) -> Decimal:
    return Decimal(repr(float(value))).quantize(_SIX_PLACES)
