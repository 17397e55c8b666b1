"""A whole backtest: what it counts, keeps, says and refuses."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import numpy as np
import pytest
from pydantic import TypeAdapter

from fondaco.backtest.result import BacktestResult, summary_of
from fondaco.backtest.run import run_backtest
from fondaco.core.clock import FixedClock
from fondaco.core.errors import InvalidInput, NotFound, Refused
from fondaco.core.instrument import Origin
from fondaco.core.jobs import Cancelled
from fondaco.market.panel import Matrix, Panel
from fondaco.portfolio.measures.ratios import sharpe
from fondaco.research.fakes import MemoryStrategies
from fondaco.trading.cost_model.model import CostModel
from unit.backtest.desk import FAST, LIMITS, NOW, Steps, inputs, small_desk
from unit.backtest.scene import counting_ids


def test_a_backtest_is_kept_counted_and_reported() -> None:
    desk = small_desk()
    result = desk.run()
    assert result.id == "BT-1"
    assert desk.backtests.get("BT-1") == result
    assert desk.backtests.list() == (summary_of(result),)
    assert desk.reports.get("BT-1").startswith("<!doctype html>")
    (trial,) = desk.trials.list()
    assert (trial.strategy, trial.author) == ("momentum", "ann")
    assert trial.metrics["sharpe"] == result.metrics.sharpe
    assert trial.metrics["drawdown_max"] == result.metrics.max_drawdown.depth
    assert len(trial.returns) == result.sessions - 1


def test_the_trial_is_counted_before_anything_is_kept() -> None:
    desk = small_desk()

    class Broken:
        def add(self, result: BacktestResult) -> str:
            raise Refused(f"no room; {desk.trials.count()} trials counted")

    desk.backtests = Broken()  # type: ignore[assignment]
    with pytest.raises(Refused, match="1 trials counted"):
        desk.run()
    assert desk.trials.count() == 1


def test_what_is_shown_follows_from_the_curve_and_the_fills() -> None:
    result = small_desk().run()
    curve = result.curve
    assert (curve.days[0], curve.days[-1]) == (result.since, result.until)
    assert len(curve.days) == len(curve.equity) == len(curve.drawdown) == result.sessions
    assert (curve.equity[0], float(round(result.end_equity, 2))) == (100_000.0, curve.equity[-1])
    assert min(curve.drawdown) == pytest.approx(result.metrics.max_drawdown.depth, abs=1e-6)
    assert result.metrics.total_return == pytest.approx(
        float(result.end_equity) / 100_000 - 1, abs=1e-12
    )
    returns = np.diff(curve.equity) / curve.equity[:-1]
    assert result.metrics.sharpe == pytest.approx(sharpe(returns), abs=1e-4)
    whole = np.prod([1 + month.value for month in result.months])
    assert whole == pytest.approx(1 + result.metrics.total_return, abs=1e-7)
    assert result.metrics.cost == sum(trade.fee for trade in result.trades)
    assert result.fills == len(result.trades) > 10
    assert all(trade.decided < trade.filled for trade in result.trades)


def test_a_span_trades_inside_it_and_warms_up_before_it() -> None:
    desk = small_desk()
    days = desk.panel.sessions.tolist()
    result = desk.run(from_=days[100].isoformat(), to=days[200].isoformat())
    assert (result.since, result.until, result.sessions) == (days[100], days[200], 101)
    assert all(days[100] <= trade.decided for trade in result.trades)
    first_month = next(day for day in days[101:] if day.month != days[100].month)
    assert result.trades[0].decided == first_month  # the history before it was enough


def test_what_lies_after_the_span_is_not_read() -> None:
    desk = small_desk()
    day = desk.panel.sessions[200].item().isoformat()
    assert desk.run(to=day).curve.equity == desk.run().curve.equity[:201]


def test_the_same_run_again_is_the_same_trial_and_the_same_backtest() -> None:
    desk = small_desk()
    first, again = desk.run(), desk.run()
    assert again == first
    assert desk.trials.count() == 1
    other = desk.run(cost_bps="6")
    assert other.id == "BT-2"
    assert other.standing is not None
    assert other.standing.own.raw == 2


def test_costs_capital_and_parameters_change_the_result() -> None:
    desk = small_desk()
    base = desk.run()
    changes = (
        {"cost_bps": "50"},
        {"fee_min": "9.00"},
        {"capital": "2000000.00"},
        {"parameters": {"lookback": 60, "skip": 5, "names_min": 2}},
        {"symbols": ["SIM00", "SIM01", "SIM02"]},
    )
    results = [desk.run(**change) for change in changes]
    assert len({r.metrics.total_return for r in (base, *results)}) == 6
    assert results[0].metrics.cost > base.metrics.cost
    assert results[-1].symbols == ("SIM00", "SIM01", "SIM02")
    assert desk.trials.count() == 6


@pytest.mark.parametrize(("with_opens", "point"), [(True, "open"), (False, "close")])
def test_the_fill_point_is_said(with_opens: bool, point: str) -> None:
    result = small_desk(with_opens=with_opens).run()
    assert result.fill_point == point
    assert f"fills at the next {point}" in result.fill_rule
    assert ("Closes only" in result.fill_rule) == (point == "close")


def test_the_index_is_set_beside_it_where_one_is_known() -> None:
    result = small_desk().run()
    assert result.benchmark is not None
    assert result.benchmark.symbol == "SPX"
    assert result.curve.benchmark[0] == 100_000.0
    gaps = [n for n, value in enumerate(result.curve.benchmark) if value is None]
    assert gaps == list(range(7, 300, 50))
    grown = 1 + result.benchmark.total_return
    assert result.curve.benchmark[-1] == pytest.approx(100_000 * grown, abs=0.01)


def test_without_an_index_none_is_made_up() -> None:
    result = small_desk(index=False).run()
    assert (result.benchmark, result.curve.benchmark) == (None, ())


def test_a_result_survives_plain_json() -> None:
    adapter: TypeAdapter[BacktestResult] = TypeAdapter(BacktestResult)
    result = small_desk().run()
    plain = adapter.dump_json(result)
    assert adapter.validate_json(plain) == result
    assert b"NaN" not in plain
    assert b"Infinity" not in plain


def test_progress_is_told_step_by_step() -> None:
    steps = Steps()
    small_desk().run(steps)
    assert list(dict.fromkeys(step for step, *_ in steps.said)) == [
        "Reading prices",
        "Choosing weights",
        "Trading",
        "Measuring",
    ]
    assert ("Trading", 300, 300) in steps.said
    assert steps.said[-1] == ("Measuring", 1, 1)


@pytest.mark.parametrize("step", ["Reading prices", "Choosing weights", "Trading"])
def test_a_backtest_that_is_cancelled_keeps_nothing(step: str) -> None:
    desk = small_desk()
    with pytest.raises(Cancelled):
        desk.run(Steps(cancel_at=step))
    assert desk.backtests.list() == ()
    assert desk.trials.count() == 0


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"strategy": "momentun"}, r"Did you mean momentum or dual_momentum\?"),
        ({"strategy": "zzz"}, r"buy_and_hold, .*`fondaco strategies list`"),
        ({"from_": "2016-01-04", "to": "2016-01-04"}, "starts before it ends"),
        ({"from_": "2016-01-04", "to": "2015-06-01"}, "starts before it ends"),
        ({"from_": "1066-10-14"}, "reach back"),
        ({"from_": "2025-01-01"}, r"no prices in this span.*2015-01-05 to"),
        ({"from_": "2016-02-26"}, "at least two sessions"),
        ({"to": "2014-12-31"}, "no bars were known"),
        ({"to": "2015-02-20"}, "decides nothing.*more than 40 sessions"),
        ({"capital": "0"}, "capital is out of range"),
        ({"capital": "-5"}, "capital is out of range"),
        ({"capital": "1000.001"}, "capital is out of range"),
        ({"capital": "100000000000"}, "capital is out of range"),
        ({"cost_bps": "-1"}, "cost in basis points"),
        ({"cost_bps": "1001"}, "cost in basis points"),
        ({"fee_min": "-1"}, "minimum fee"),
        ({"symbols": ["SIM0"]}, "Near symbols: SIM0"),
        ({"parameters": {"speed": 3}}, "no such parameter"),
        ({"parameters": {"share": 3}}, "out of range"),
        ({"parameters": {"names_min": 100}}, "decides nothing"),
    ],
)
def test_a_wrong_request_is_refused_in_words(changes: dict[str, object], words: str) -> None:
    desk = small_desk()
    with pytest.raises((InvalidInput, NotFound)) as caught:
        desk.run(**changes)
    assert caught.match(f"(?s){words}")
    assert desk.trials.count() == 0


def test_prices_that_do_not_reach_the_span_are_said() -> None:
    result = small_desk().run(from_="2010-01-01", to="2018-12-31")
    start, end = result.warnings[:2]
    assert start == "Prices start on 2015-01-05; the span asked for starts on 2010-01-01."
    assert end.startswith("Prices end on 2016-02-26; the span asked for ends on 2018-12-31.")


def test_a_short_span_and_many_trials_are_warned_of() -> None:
    desk = small_desk()
    first = desk.run()
    assert any("The span is short: 300 sessions" in said for said in first.warnings)
    assert first.standing is not None
    assert (first.standing.own.raw, first.standing.desk.effective) == (1, 1.0)
    assert first.standing.luck_sharpe == 0.0
    for lookback in (20, 25, 50, 55, 60, 70):
        last = desk.run(parameters={**FAST, "lookback": lookback})
    assert last.standing is not None
    counts = (last.standing.own, last.standing.family, last.standing.desk)
    assert [count.raw for count in counts] == [7, 7, 7]
    assert 1.0 < last.standing.desk.effective <= 7.0
    assert last.standing.luck_sharpe > 0.0
    assert last.standing.warnings
    assert last.trial in {trial.content for trial in desk.trials.list()}


def test_bundled_prices_are_known_to_have_survived() -> None:
    result = small_desk(origin=Origin.BUNDLED).run()
    assert result.label is Origin.BUNDLED
    assert any("firms that failed are missing" in said for said in result.warnings)
    assert not any("missing" in said for said in small_desk().run().warnings)


def test_the_two_engines_are_compared_on_every_run(monkeypatch: pytest.MonkeyPatch) -> None:
    from fondaco.backtest import play

    def wrong(*given: object) -> object:
        run = honest(*given)  # type: ignore[arg-type]
        record = run.record.copy()
        record[0, -1] += 1  # a millionth of a dollar
        return replace(run, record=record)

    honest = play.sweep_one
    monkeypatch.setattr(play, "sweep_one", wrong)
    with pytest.raises(AssertionError, match="disagree"):
        small_desk().run()


def test_the_inputs_of_a_job_are_plain() -> None:
    from fondaco.backtest.request import request_of

    plain = inputs(from_="2015-06-01", to="2015-12-31", symbols=["SIM00"])
    request = request_of(plain)
    assert (request.since, request.until) == (date(2015, 6, 1), date(2015, 12, 31))
    assert request.costs == CostModel.flat(Decimal(5), Decimal("1.00"))
    assert request_of(request.plain()) == request


def test_a_users_file_is_run_by_its_source_and_counted_under_it() -> None:
    def mine(panel: Panel) -> Matrix:
        """Half of the account in the first share, for good."""
        weights = np.full(panel.close.shape, np.nan)
        weights[0, 0] = 0.5
        return weights

    small, clock = small_desk(), FixedClock(NOW)
    strategies = MemoryStrategies({"mine.py": mine, "other.py": mine})

    def run(file: str) -> BacktestResult:
        given = inputs(strategy="mine.py", parameters={}, code=strategies.read(file))
        stores = (small.trials, small.backtests, small.reports)
        ids = counting_ids(clock)
        return run_backtest(
            small.prices, small.book, *stores, clock, ids, LIMITS, strategies, given, Steps()
        )

    first = run("mine.py")
    assert (first.strategy, first.fills, trials_of(first)) == ("mine.py", 1, 1)
    assert trials_of(run("mine.py")) == 1  # the same trial again
    assert trials_of(run("other.py")) == 2  # another source is another trial


def trials_of(result: BacktestResult) -> int:
    """Return how many trials the desk had made up to and with a result."""
    assert result.standing is not None
    return result.standing.desk.raw
