"""Forecasts with ranges, kept once, with outcomes written down when they are known."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from fondaco.core.ideas import Forecast
from fondaco.core.instrument import InstrumentId
from fondaco.market.fakes import simulated_panel
from fondaco.research.fakes import MemoryForecasts
from fondaco.research.forecasts import (
    RANGE_OUTCOMES_MIN,
    close_time,
    keep_forecasts,
    run_forecaster,
)
from fondaco.research.labels import forward_rank
from fondaco.research.ports import Outcome
from fondaco.research.record import ended_by, rank_correlation, record_of
from unit.research.scene import SMALL, planted_panel

PANEL = simulated_panel(6, 400, 6)
RUN = run_forecaster(PANEL, SMALL)
NOON = datetime(2019, 1, 1, 12, tzinfo=UTC)


def test_a_run_forecasts_every_name_at_the_last_close() -> None:
    assert [f.instrument for f in RUN.latest] == list(PANEL.instruments)
    assert {f.as_of for f in RUN.latest} == {close_time(PANEL, 399)}
    assert {(f.model, f.horizon_sessions) for f in RUN.latest} == {(SMALL.model, 5)}


def test_a_model_has_seen_no_label_that_ended_after_its_forecast() -> None:
    assert all(f.trained_until < f.as_of for f in (*RUN.latest, *RUN.past))
    assert len({f.trained_until for f in RUN.past}) > 3


def test_the_range_holds_about_eight_in_ten_outcomes() -> None:
    panel = simulated_panel(7, 400, 30)
    store = MemoryForecasts()
    keep_forecasts(store, run_forecaster(panel, SMALL), panel)
    record = record_of(store.list(limit=10_000))
    assert record is not None
    assert record.forecasts > 400
    # A rank moves in steps of 1/29, and both ends count as inside: a little above 0.8.
    assert 0.77 < record.covered < 0.88


def test_a_better_score_has_a_higher_range_where_scores_are_right() -> None:
    panel = planted_panel(1, 500, 20, strength=0.8)
    recipe = replace(SMALL, trees=30, rows_per_leaf_min=30)
    latest = sorted(run_forecaster(panel, recipe).latest, key=lambda f: f.score)
    worst, best = latest[:5], latest[-5:]
    assert np.mean([f.low for f in best]) > np.mean([f.low for f in worst]) + 0.05
    assert np.mean([f.high for f in best]) > np.mean([f.high for f in worst]) + 0.05


def test_past_forecasts_stand_at_the_first_session_of_each_month() -> None:
    dates = sorted({f.as_of.date() for f in RUN.past})
    assert len({(d.year, d.month) for d in dates}) == len(dates)
    sessions = {str(s) for s in PANEL.sessions}
    for day in dates:
        before = [day.replace(day=n).isoformat() for n in range(1, day.day)]
        assert not sessions.intersection(before)
    few = run_forecaster(PANEL, SMALL, past_dates=2).past
    assert sorted({f.as_of.date() for f in few}) == dates[-2:]


def test_a_past_forecast_is_what_a_run_of_that_day_gave() -> None:
    # Thirty names and more outcomes than draw a range: one outcome too many would show.
    panel = simulated_panel(7, 260, 30)
    past = run_forecaster(panel, SMALL).past
    assert len(past) > 120
    rows = {close_time(panel, row): row for row in range(260)}
    for at in {f.as_of for f in past}:
        then = run_forecaster(panel.until(rows[at] + 1), SMALL)
        assert then.latest == tuple(f for f in past if f.as_of == at)


def test_a_run_on_the_first_session_of_a_month_gives_each_forecast_once() -> None:
    first = next(
        row
        for row in range(380, 400)
        if PANEL.sessions[row].item().day <= 3 and PANEL.sessions[row - 1].item().day > 20
    )
    run = run_forecaster(PANEL.until(first + 1), SMALL)
    assert {f.as_of for f in run.latest}.isdisjoint(f.as_of for f in run.past)


def test_there_is_no_forecast_before_enough_outcomes_drew_a_range() -> None:
    first = min(f.as_of for f in run_forecaster(PANEL, SMALL, past_dates=400).past)
    row = next(r for r in range(400) if close_time(PANEL, r) == first)
    scored_from = SMALL.walk.splits(PANEL.sessions)[0].test_start
    assert (row - 5 - scored_from + 1) * 6 >= RANGE_OUTCOMES_MIN
    early = run_forecaster(PANEL.until(scored_from + 20), SMALL)
    assert (early.latest, early.past) == ((), ())


def test_running_again_keeps_nothing_twice() -> None:
    store = MemoryForecasts()
    assert keep_forecasts(store, RUN, PANEL) == len(RUN.past) + len(RUN.latest)
    before = store.list(limit=10_000)
    assert keep_forecasts(store, RUN, PANEL) == 0
    assert store.list(limit=10_000) == before


def test_outcomes_are_the_realised_ranks_and_come_when_the_horizon_ends() -> None:
    store = MemoryForecasts()
    early = PANEL.until(397)
    run = run_forecaster(early, SMALL)
    keep_forecasts(store, run, early)
    mine = [o for o in store.list(limit=10_000) if o.forecast.as_of == close_time(PANEL, 396)]
    assert {o.realised for o in mine} == {None}
    keep_forecasts(store, run, PANEL)
    assert {
        o.realised for o in store.list(limit=10_000) if o.forecast.as_of == close_time(PANEL, 396)
    } == {None}  # 396 + 5 is not there yet
    ranks = forward_rank(PANEL.close, 5)
    for outcome in store.list(limit=10_000):
        row = next(r for r in range(400) if close_time(PANEL, r) == outcome.forecast.as_of)
        column = PANEL.instruments.index(outcome.forecast.instrument)
        if row + 5 < 400:
            assert outcome.realised == ranks[row, column]


def outcome(
    score: float,
    realised: float | None,
    *,
    at: datetime = NOON,
    name: str = "I-1",
    low: float = 0.25,
    high: float = 0.75,
) -> Outcome:
    forecast = Forecast(InstrumentId(name), at, 5, score, low, high, "m", at)
    return Outcome(forecast, realised)


def day_of(realised: tuple[float, ...], *, at: datetime = NOON) -> tuple[Outcome, ...]:
    scores = (0.1, 0.3, 0.5, 0.7, 0.9)
    return tuple(
        outcome(s, r, at=at, name=f"I-{n}")
        for n, (s, r) in enumerate(zip(scores, realised, strict=True))
    )


def test_the_record_of_two_dates_by_hand() -> None:
    # Day one: realised in the same order: correlation 1; sides right for the four that have one.
    # Day two: reversed: correlation -1; none right. Mean 0; deviation of (1, -1) is sqrt(2), over
    # sqrt(2) dates: an error of 1. Hits 4 of 8. Inside 0.25 .. 0.75, ends counted: three.
    right = day_of((0.0, 0.25, 0.5, 0.75, 1.0))
    wrong = day_of((1.0, 0.75, 0.5, 0.25, 0.0), at=NOON + timedelta(days=30))
    record = record_of((*right, *wrong, outcome(0.9, None)))
    assert record is not None
    assert (record.forecasts, record.dates) == (10, 2)
    assert record.rank_ic_mean == pytest.approx(0.0)
    assert record.rank_ic_error == pytest.approx(1.0)
    assert (record.hit_rate, record.covered) == (0.5, 0.6)
    assert (record.since, record.until) == (NOON, NOON + timedelta(days=30))


def test_scores_without_skill_have_a_record_at_chance() -> None:
    rng = np.random.default_rng(9)
    made = [
        outcome(float(s), float(r), at=NOON + timedelta(days=day), name=f"I-{n}")
        for day in range(200)
        for n, (s, r) in enumerate(rng.random((10, 2)))
    ]
    record = record_of(tuple(made))
    assert record is not None
    assert record.rank_ic_mean is not None
    assert record.rank_ic_error is not None
    assert record.hit_rate is not None
    assert abs(record.rank_ic_mean) < 3 * record.rank_ic_error
    assert abs(record.hit_rate - 0.5) < 3 * 0.5 / np.sqrt(2_000)


def test_one_date_has_no_error_and_equal_scores_have_no_correlation() -> None:
    flat = tuple(outcome(0.5, n / 4, name=f"I-{n}") for n in range(5))
    record = record_of(flat)
    assert record is not None
    assert (record.rank_ic_mean, record.rank_ic_error, record.hit_rate) == (None, None, None)


def test_too_few_outcomes_make_no_record() -> None:
    assert record_of(day_of((0.0, 0.25, 0.5, 0.75, 1.0))[:4]) is None
    assert record_of(()) is None


def test_an_outcome_that_came_later_is_not_known_earlier() -> None:
    closes = tuple(NOON + timedelta(days=n) for n in range(6))
    made = day_of((0.0, 0.25, 0.5, 0.75, 1.0))  # at the first close, five sessions ahead
    assert len(ended_by(made, closes)) == 5
    assert ended_by(made, closes[:5]) == ()


def test_rank_correlation_with_ties_by_hand() -> None:
    # Ranks 0, 1.5, 1.5, 3 and 0, 1, 2, 3: covariance 4.5, over sqrt(4.5 * 5).
    value = rank_correlation(np.array([1.0, 2.0, 2.0, 3.0]), np.array([1.0, 2.0, 3.0, 4.0]))
    assert value == pytest.approx(4.5 / np.sqrt(4.5 * 5.0))
