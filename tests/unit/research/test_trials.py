"""Trials: each evaluation counts once, and the same one is known again."""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import numpy as np
import pytest

from fondaco.core.errors import InvalidInput, NotFound
from fondaco.core.ideas import Forecast
from fondaco.core.instrument import InstrumentId, Origin
from fondaco.research.fakes import MemoryForecasts, MemoryTrials
from fondaco.research.strategies.learned import lightgbm
from fondaco.research.strategies.momentum import dual_momentum, momentum
from fondaco.research.strategies.strategy import code_hash
from fondaco.research.trial_ledger import Kind, Which
from fondaco.research.trials import (
    Counted,
    Evaluation,
    Made,
    Measured,
    count_trial,
    counted,
    line_of,
)

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


ADA = Made(
    author="ada",
    surface="cli",
    kind=Kind.BACKTEST,
    at=AT,
    label=Origin.BUNDLED,
    costs="5 bp",
    costs_dated=date(2019, 1, 2),
    lineage="J-1",
)


def count(store: MemoryTrials, evaluation: Evaluation = BASE, **changes: Any) -> Counted:
    return count_trial(store, evaluation, replace(ADA, **changes), Measured({"sharpe": 0.5}))


def test_a_trial_is_counted_once_and_known_again() -> None:
    store = MemoryTrials()
    first, again = count(store), count(store, author="bob", at=END, kind=Kind.TUNE)
    assert (first.new, again.new) == (True, False)
    assert (again.trials_strategy, again.trials_family, again.trials_desk) == (1, 1, 1)
    assert store.list()[0].author == "ada"
    assert first.trial.parameters["lookback"] == 252


def test_a_trial_tells_who_made_it_how_and_from_what() -> None:
    measured = Measured({"sharpe": 0.5}, (10_000, 10_003), (0.01, -0.02))
    trial = count_trial(MemoryTrials(), BASE, ADA, measured).trial
    assert (trial.author, trial.surface, trial.kind, trial.lineage) == (
        "ada", "cli", Kind.BACKTEST, "J-1"
    )  # fmt: skip
    assert (trial.costs, trial.costs_dated, trial.label) == (
        "5 bp", date(2019, 1, 2), Origin.BUNDLED
    )  # fmt: skip
    assert (trial.days, trial.returns) == ((10_000, 10_003), (0.01, -0.02))
    assert (trial.data_version, trial.instruments, trial.at) == (3, 2, AT)
    assert trial.code == code_hash(momentum()) == code_hash(momentum(share=0.1))
    assert trial.content == BASE.content


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
    assert count(store).new
    found = count(store, other)
    assert found.new
    assert found.trials_desk == 2


def test_the_same_content_written_in_another_zone_or_order_is_the_same() -> None:
    from datetime import timedelta, timezone

    india = timezone(timedelta(hours=5, minutes=30))
    same = replace(BASE, since=START.astimezone(india), costs=dict(reversed(BASE.costs.items())))
    assert same.content == BASE.content


def test_counts_are_kept_by_strategy_by_family_and_for_the_desk() -> None:
    store = MemoryTrials()
    for share in (0.1, 0.2, 0.3):
        count(store, replace(BASE, strategy=momentum(share=share)))
    cousin = count(store, replace(BASE, strategy=dual_momentum()))
    last = count(store, replace(BASE, strategy=lightgbm()))
    # Both kinds of momentum live in one file, and share one idea.
    assert (cousin.trials_strategy, cousin.trials_family, cousin.trials_desk) == (1, 4, 4)
    assert (last.trials_strategy, last.trials_family, last.trials_desk) == (1, 1, 5)
    found = store.list(Which(strategy="momentum"))
    assert [trial.parameters["share"] for trial in found] == [0.3, 0.2, 0.1]
    assert counted(store, found[0], new=False).trials_family == 4


def test_a_strategy_of_no_family_is_a_family_of_its_own() -> None:
    alone = replace(momentum(), family="", name="mine.py")
    assert count(MemoryTrials(), replace(BASE, strategy=alone)).trial.family == "mine.py"


def test_a_metric_without_a_value_is_left_out() -> None:
    measured = Measured({"sharpe": float("nan"), "cagr": 0.0})
    assert count_trial(MemoryTrials(), BASE, ADA, measured).trial.metrics == {"cagr": 0.0}


@pytest.mark.parametrize(
    ("days", "returns", "words"),
    [
        ((1, 2), (0.0, float("inf")), "return number 1"),
        ((1, 2), (float("nan"), 0.0), "return number 0"),
        ((1,), (0.0, 0.1), "1 days, 2 returns"),
        ((2, 2), (0.0, 0.1), "one rising day"),
        ((2, 1), (0.0, 0.1), "one rising day"),
    ],
)
def test_returns_that_are_no_numbers_or_days_that_are_not_theirs_are_refused(
    days: tuple[int, ...], returns: tuple[float, ...], words: str
) -> None:
    with pytest.raises(InvalidInput, match=words):
        Measured({}, days, returns)


def test_a_line_has_the_stream_of_its_trial_and_none_without_returns() -> None:
    store = MemoryTrials()
    trial = count_trial(store, BASE, ADA, Measured({}, (1, 5), (0.1, 0.2))).trial
    line = line_of(trial)
    assert (line.content, line.family, line.kind) == (trial.content, "momentum", Kind.BACKTEST)
    assert line.stream is not None
    assert line.stream.days.dtype == np.int32
    assert line.stream.returns.tolist() == [0.1, 0.2]
    assert line_of(replace(trial, days=(), returns=())).stream is None


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
