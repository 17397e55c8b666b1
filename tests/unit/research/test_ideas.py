"""Ideas: whom they name, how large, and what their facts rest on."""

from dataclasses import replace
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fondaco.core.errors import InvalidInput
from fondaco.core.ideas import Forecast
from fondaco.core.instrument import InstrumentId
from fondaco.market.fakes import simulated_panel
from fondaco.research.features import FEATURES
from fondaco.research.forecasts import close_time
from fondaco.research.ideas import EVIDENCE, Sizing, feature_fact, forecast_ideas, strategy_ideas
from fondaco.research.strategies.learned import lightgbm
from fondaco.research.strategies.library import strategy_named
from fondaco.research.strategies.momentum import momentum

PANEL = simulated_panel(8, 300, 10)
NOW = close_time(PANEL, 299)
RULE = momentum()


def forecasts(scores: tuple[float, ...]) -> tuple[Forecast, ...]:
    return tuple(
        Forecast(name, NOW, 20, score, score / 2, 0.9, "m-1", close_time(PANEL, 200))
        for name, score in zip(PANEL.instruments, scores, strict=False)
    )


def test_a_strategy_s_ideas_are_its_best_names_of_now() -> None:
    ideas = strategy_ideas(PANEL, RULE)
    year = PANEL.close[299 - 21] / PANEL.close[299 - 252]
    best = sorted(range(10), key=lambda column: -year[column])[:2]
    assert [idea.instrument for idea in ideas] == [PANEL.instruments[column] for column in best]
    assert {(idea.source, idea.as_of, idea.catalyst_at) for idea in ideas} == {
        ("momentum", NOW, NOW)
    }
    assert not any(digit in idea.catalyst for idea in ideas for digit in "0123456789")


def test_weights_go_by_score_over_volatility() -> None:
    # By hand: scores 0.9 and 0.6, volatilities from the features; gross 0.5 is handed out by them.
    volatility = FEATURES["volatility_20"](PANEL)[-1]
    pulls = np.array([0.9 / volatility[0], 0.6 / volatility[1]])
    ideas = forecast_ideas(
        PANEL,
        forecasts((0.9, 0.6, 0.1, 0.1, 0.1)),
        lightgbm(share=0.4),
        sizing=Sizing(gross=0.5, weight_max=1.0),
    )
    assert [idea.weight for idea in ideas] == pytest.approx(
        list(0.5 * pulls / pulls.sum()), abs=1e-6
    )


@settings(deadline=None)  # a busy machine is no fault of the code
@given(
    st.lists(st.floats(0.01, 0.99), min_size=5, max_size=10),
    st.floats(0.01, 1.0),
    st.floats(0.01, 1.0),
    st.integers(1, 6),
)
def test_no_weight_passes_its_cap_nor_all_of_them_the_gross(
    scores: list[float], gross: float, cap: float, most: int
) -> None:
    ideas = forecast_ideas(
        PANEL,
        forecasts(tuple(scores)),
        lightgbm(share=1.0),
        sizing=Sizing(gross=gross, weight_max=cap, ideas_max=most),
    )
    assert len(ideas) == min(most, len(scores))
    assert all(0.0 <= idea.weight <= cap + 1e-6 for idea in ideas)
    assert sum(idea.weight for idea in ideas) <= gross + 1e-5


def test_a_held_name_that_fell_out_gets_weight_zero() -> None:
    chosen = {idea.instrument for idea in strategy_ideas(PANEL, RULE)}
    leaving = next(name for name in PANEL.instruments if name not in chosen)
    ideas = strategy_ideas(PANEL, RULE, held=(leaving, InstrumentId("I-unknown")))
    assert [(i.instrument, i.weight) for i in ideas if i.weight == 0] == [(leaving, 0.0)]
    assert "no longer" in ideas[-1].catalyst
    kept = strategy_ideas(PANEL, RULE, held=tuple(chosen))
    assert all(idea.weight > 0 for idea in kept)


def test_a_name_that_cannot_be_sized_gives_no_idea() -> None:
    close = PANEL.close.copy()
    best = PANEL.instruments.index(strategy_ideas(PANEL, RULE)[0].instrument)
    close[290, best] = np.nan  # its volatility is not known, though its momentum is
    ideas = strategy_ideas(replace(PANEL, fields={"close": close}), RULE)
    assert PANEL.instruments[best] not in {idea.instrument for idea in ideas}
    assert len(ideas) == 1


def test_the_evidence_names_value_unit_and_rows() -> None:
    idea = strategy_ideas(PANEL, RULE)[0]
    column = PANEL.instruments.index(idea.instrument)
    assert [fact.name for fact in idea.facts] == [feature.title for feature in EVIDENCE]
    fact = idea.facts[0]
    close = PANEL.close[:, column]
    assert fact.value == Decimal(str(round(close[299 - 21] / close[299 - 252] - 1.0, 6)))
    assert (fact.unit, fact.as_of) == ("share", NOW)
    source = fact.source
    assert (source.table, source.keys, source.columns) == (
        "bars_1d",
        (idea.instrument,),
        ("close", "factor"),
    )
    assert (source.since, source.until) == (close_time(PANEL, 299 - 252), NOW)
    assert source.method == "fondaco.research.features:momentum_12_1"
    assert source.version == PANEL.version


def test_a_forecast_s_idea_carries_its_score_and_range() -> None:
    made = forecasts((0.9, 0.6, 0.1, 0.1, 0.1))
    idea = forecast_ideas(PANEL, made, lightgbm())[0]
    said = {fact.name: fact for fact in idea.facts}
    assert said["forecast score"].value == Decimal("0.9")
    assert (said["forecast low"].value, said["forecast high"].value) == (
        Decimal("0.45"),
        Decimal("0.9"),
    )
    assert said["forecast score"].source.keys == PANEL.instruments
    assert "m-1" in said["forecast score"].source.method


def test_a_rank_rests_on_every_name_and_a_recursion_on_all_the_past() -> None:
    rank, rsi = FEATURES["rank_momentum_12_1"], FEATURES["rsi_14"]
    ranked, oscillated = (feature_fact(PANEL, f, 0, f(PANEL)) for f in (rank, rsi))
    assert ranked is not None
    assert ranked.source.keys == PANEL.instruments
    assert oscillated is not None
    assert oscillated.source.since == close_time(PANEL, 0)


def test_what_is_not_known_is_no_fact() -> None:
    short = PANEL.until(100)
    assert (
        feature_fact(short, FEATURES["momentum_12_1"], 0, FEATURES["momentum_12_1"](short)) is None
    )


def test_forecasts_of_another_session_are_refused() -> None:
    with pytest.raises(InvalidInput, match="another session"):
        forecast_ideas(PANEL.until(299), forecasts((0.9,) * 6), lightgbm())


@pytest.mark.parametrize("changes", [{"gross": 0.0}, {"weight_max": 1.5}, {"ideas_max": 0}])
def test_a_sizing_out_of_range_is_refused(changes: dict[str, float]) -> None:
    with pytest.raises(InvalidInput):
        Sizing(**changes)  # type: ignore[arg-type]


def test_no_idea_is_made_of_a_strategy_without_scores() -> None:
    with pytest.raises(InvalidInput, match="ideas are made of scores"):
        strategy_ideas(PANEL, strategy_named("pairs"))
