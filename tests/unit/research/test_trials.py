"""Trials: each evaluation counts once, and the same one is known again."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from fondaco.core.errors import InvalidInput, NotFound
from fondaco.core.ideas import Forecast
from fondaco.core.instrument import InstrumentId
from fondaco.research.fakes import MemoryForecasts, MemoryTrials
from fondaco.research.strategies.learned import lightgbm
from fondaco.research.strategies.momentum import momentum
from fondaco.research.trials import Evaluation, count_trial

START, END = datetime(2000, 1, 3, 21, tzinfo=UTC), datetime(2018, 12, 31, 21, tzinfo=UTC)
AT = datetime(2019, 6, 28, tzinfo=UTC)
BASE = Evaluation(
    momentum(),
    (InstrumentId("I-1"), InstrumentId("I-2")),
    3,
    START,
    END,
    {"cost_bps": 5.0, "fee_min": "1.00"},
)


def test_a_trial_is_counted_once_and_known_again() -> None:
    store = MemoryTrials()
    first = count_trial(
        store, BASE, author="ada", at=AT, metrics={"sharpe": 0.5}, returns=(0.01, -0.02)
    )
    again = count_trial(store, BASE, author="bob", at=END, metrics={"sharpe": 0.5}, returns=(0.01,))
    assert (first.new, again.new) == (True, False)
    assert (again.trials_strategy, again.trials_desk) == (1, 1)
    assert store.list()[0].author == "ada"
    assert first.trial.parameters["lookback"] == 252


@pytest.mark.parametrize(
    "other",
    [
        replace(BASE, strategy=momentum(share=0.1)),
        replace(BASE, strategy=lightgbm()),
        replace(BASE, instruments=BASE.instruments[:1]),
        replace(BASE, data_version=4),
        replace(BASE, since=END),
        replace(BASE, until=AT),
        replace(BASE, costs={"cost_bps": 6.0}),
    ],
)
def test_anything_that_matters_makes_another_trial(other: Evaluation) -> None:
    assert other.content != BASE.content
    store = MemoryTrials()
    for evaluation in (BASE, other):
        counted = count_trial(store, evaluation, author="ada", at=AT, metrics={}, returns=())
    assert counted.new
    assert counted.trials_desk == 2


def test_the_same_content_written_in_another_zone_or_order_is_the_same() -> None:
    from datetime import timedelta, timezone

    india = timezone(timedelta(hours=5, minutes=30))
    same = replace(BASE, since=START.astimezone(india), costs=dict(reversed(BASE.costs.items())))
    assert same.content == BASE.content


def test_counts_are_kept_by_strategy_and_for_the_desk() -> None:
    store = MemoryTrials()
    for share in (0.1, 0.2, 0.3):
        evaluation = replace(BASE, strategy=momentum(share=share))
        count_trial(store, evaluation, author="ada", at=AT, metrics={}, returns=())
    last = count_trial(
        store, replace(BASE, strategy=lightgbm()), author="ada", at=AT, metrics={}, returns=()
    )
    assert (last.trials_strategy, last.trials_desk) == (1, 4)
    assert [t.parameters["share"] for t in store.list(strategy="momentum")] == [0.3, 0.2, 0.1]


def test_a_metric_without_a_value_is_left_out_and_a_broken_return_refused() -> None:
    store = MemoryTrials()
    metrics = {"sharpe": float("nan"), "cagr": 0.0}
    counted = count_trial(store, BASE, author="ada", at=AT, metrics=metrics, returns=(0.0,))
    assert counted.trial.metrics == {"cagr": 0.0}
    with pytest.raises(InvalidInput, match="return number 1"):
        count_trial(store, BASE, author="ada", at=AT, metrics={}, returns=(0.0, float("inf")))


def test_the_forecast_store_in_memory_keeps_and_realises_once() -> None:
    store = MemoryForecasts()
    forecast = Forecast(InstrumentId("I-1"), AT, 20, 0.6, 0.1, 0.9, "m", START)
    assert (store.add((forecast,)), store.add((forecast,))) == (1, 0)
    store.realise("m", InstrumentId("I-1"), AT, 0.7)
    store.realise("m", InstrumentId("I-1"), AT, 0.8)
    assert [o.realised for o in store.list(model="m", as_of=AT)] == [0.7]
    assert store.list(model="n") == store.list(as_of=START) == ()
    with pytest.raises(NotFound):
        store.realise("m", InstrumentId("I-2"), AT, 0.7)
