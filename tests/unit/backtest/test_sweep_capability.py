"""A sweep over a grid: each set a backtest and a trial; what it refuses, counts and shows."""

from dataclasses import replace
from typing import Any

import pytest
from pydantic import TypeAdapter

from fondaco.backtest import sweep_run
from fondaco.backtest.sweep_result import SweepResult
from fondaco.backtest.sweep_run import run_sweep
from fondaco.core.capability import Caller, Catalogue
from fondaco.core.clock import FixedClock
from fondaco.core.errors import InvalidInput, NotFound
from fondaco.core.fakes import FakeHouse
from fondaco.core.instrument import Origin
from fondaco.core.invoke import Answer, invoke
from fondaco.core.jobs import Cancelled, JobState, Progress
from fondaco.core.settings import Settings
from fondaco.core.text import plain
from fondaco.core.view import Chart, Table
from unit.backtest.desk import FAST, NOW, SmallDesk, Steps, inputs, small_desk

ANN = Caller(actor="ann", surface="cli", person=True)
CATALOGUE = Catalogue({"backtest.sweep": "fondaco.backtest.sweep_capability:sweep"})
GRID = {"lookback": [20, 40, 60], "skip": [1, 5]}


def swept(
    desk: SmallDesk,
    vary: dict[str, list[Any]] | None = None,
    progress: Progress | None = None,
    **changes: Any,
) -> SweepResult:
    given = {**inputs(parameters={"names_min": 2}, **changes), "vary": vary or GRID}
    clock = FixedClock(NOW)
    return run_sweep(desk.prices, desk.book, desk.trials, clock, given, progress or Steps())


def test_each_set_fares_as_its_backtest_does() -> None:
    # A backtest is played by the event route, on books; the sweep by the compiled loop alone.
    result = swept(small_desk())
    assert len(result.sets) == 6
    for one in result.sets:
        run = small_desk().run(parameters={**FAST, **one.varied})
        assert one.figures is not None
        assert one.figures.sharpe == run.metrics.sharpe
        assert one.figures.cagr == run.metrics.cagr
        assert one.figures.vol_annual == run.metrics.vol_annual
        assert one.figures.max_drawdown == run.metrics.max_drawdown.depth
        assert one.figures.turnover_annual == run.metrics.turnover_annual
        assert one.figures.end_equity == run.end_equity
    assert len({one.figures.end_equity for one in result.sets if one.figures}) == 6


def test_sets_come_by_their_sharpe_ratio_and_know_their_place_in_the_grid() -> None:
    result = swept(small_desk())
    ratios = [one.figures.sharpe for one in result.sets if one.figures]
    assert ratios == sorted(ratios, key=lambda ratio: -(ratio or 0))
    by_place = sorted(result.sets, key=lambda one: one.place)
    assert [one.place for one in by_place] == [1, 2, 3, 4, 5, 6]
    assert [tuple(one.varied.values()) for one in by_place] == [
        (20, 1),
        (20, 5),
        (40, 1),
        (40, 5),
        (60, 1),
        (60, 5),
    ]


def test_every_set_is_a_trial_and_the_same_again_is_recognised() -> None:
    desk = small_desk()
    first = swept(desk)
    assert (first.trials_new, first.standing.own.raw, first.standing.desk.raw) == (6, 6, 6)
    assert desk.trials.count() == 6
    again = swept(desk, {"lookback": [40, 60, 80], "skip": [1, 5]})
    assert (again.trials_new, again.standing.desk.raw) == (2, 8)
    assert {one.varied["lookback"] for one in again.sets if one.new} == {80}


def test_a_backtest_of_one_of_its_sets_is_the_same_trial() -> None:
    desk = small_desk()
    desk.run(parameters={**FAST, "lookback": 40, "skip": 5})
    result = swept(desk)
    assert (result.trials_new, desk.trials.count()) == (5, 6)
    assert [one.varied for one in result.sets if not one.new] == [{"lookback": 40, "skip": 5}]


def test_what_luck_would_show_grows_with_every_trial() -> None:
    desk = small_desk()
    few = swept(desk).standing
    more = swept(desk, {"lookback": [70, 80], "skip": [2, 3, 4]}).standing
    assert (few.desk.raw, more.desk.raw) == (6, 12)
    assert 1.0 < few.desk.effective < more.desk.effective <= 12.0
    assert 0.0 < few.luck_sharpe < more.luck_sharpe
    assert swept(small_desk(), {"lookback": [40]}).standing.luck_sharpe == 0.0


def test_the_standing_is_that_of_the_first_set() -> None:
    desk = small_desk()
    result = swept(desk)
    trial = desk.trials.get(result.trial)
    assert result.sets[0].figures is not None
    assert trial.metrics["sharpe"] == result.sets[0].figures.sharpe
    assert {name: trial.parameters[name] for name in ("lookback", "skip")} == result.sets[0].varied


def test_the_best_of_many_is_said_to_be_no_forecast() -> None:
    result = swept(small_desk(origin=Origin.BUNDLED))
    best = result.sets[0].figures
    assert best is not None
    assert result.warnings[0].startswith(
        f"The best of 6 sets was chosen by its result: its Sharpe ratio of {best.sharpe:.2f} is "
        "no forecast."
    )
    assert any("The span is short: 300 sessions" in said for said in result.warnings)
    assert any("firms that failed are missing" in said for said in result.warnings)
    one = swept(small_desk(), {"lookback": [40]})
    assert not any("no forecast" in said for said in one.warnings)


def test_a_set_that_cannot_be_run_is_listed_last_with_why_and_is_no_trial() -> None:
    desk = small_desk()
    result = swept(desk, {"lookback": [290, 40]})
    assert [(one.varied["lookback"], one.place) for one in result.sets] == [(40, 2), (290, 1)]
    assert result.sets[1].figures is None
    assert "decides nothing" in result.sets[1].fault
    assert (result.trials_new, desk.trials.count()) == (1, 1)
    assert "no forecast" not in " ".join(result.warnings)


def test_a_sweep_of_which_no_set_can_be_run_fails_with_why() -> None:
    desk = small_desk()
    with pytest.raises(InvalidInput, match="decides nothing"):
        swept(desk, {"lookback": [290, 291]})
    assert desk.trials.count() == 0


def test_a_sweep_reads_its_prices_once(monkeypatch: pytest.MonkeyPatch) -> None:
    honest, reads = sweep_run.read_prices, []

    def counting(*given: Any) -> Any:
        reads.append(1)
        return honest(*given)

    monkeypatch.setattr(sweep_run, "read_prices", counting)
    swept(small_desk())
    assert len(reads) == 1


def test_progress_is_told_of_each_set() -> None:
    steps = Steps()
    swept(small_desk(), {"lookback": [30, 40, 50]}, steps)
    tried = [(done, total) for step, done, total in steps.said if step == "Trying parameters"]
    assert tried == [(0, 3), (1, 3), (2, 3), (3, 3)]


def test_a_sweep_that_is_cancelled_keeps_the_trials_that_it_made() -> None:
    class Stops(Steps):
        def report(self, step: str, done: int, total: int) -> None:
            if done == 2:
                raise Cancelled("the job was asked to stop")

    desk = small_desk()
    with pytest.raises(Cancelled):
        swept(desk, {"lookback": [30, 40, 50]}, Stops())
    assert desk.trials.count() == 2


def test_a_fixed_parameter_may_need_the_varied_ones_to_make_sense() -> None:
    # The default of fast is 50: a slow of 30 is refused beside it, not beside 5 and 10.
    desk = small_desk()
    given = {**inputs(strategy="sma_trend", parameters={"slow": 30}), "vary": {"fast": [5, 10]}}
    clock = FixedClock(NOW)
    result = run_sweep(desk.prices, desk.book, desk.trials, clock, given, Steps())
    assert len(result.sets) == 2
    assert result.parameters == {"slow": 30}
    assert ask("sma_trend", ["fast=5,10"], parameter=["slow=30"])[1] is not None


def ask(strategy: str, vary: list[str], **raw: Any) -> tuple[FakeHouse, dict[str, Any] | None]:
    app = FakeHouse(CATALOGUE, settings=Settings(cost_bps=7.5))
    invoke(app, CATALOGUE["backtest.sweep"], {"strategy": strategy, "vary": vary, **raw}, ANN)
    return app, app.jobs.inputs.get("J-1")


def test_a_sweep_is_started_with_all_that_its_worker_needs() -> None:
    _, given = ask(
        "momentum",
        ["lookback=20,40", "share=0.4,0.5"],
        parameter=["names_min=2", "skip=5"],
        capital="50000",
        stop=0.05,
        leverage=1.5,
        **{"from": "2015-02-02"},
    )
    assert given is not None
    assert given["vary"] == {"lookback": [20, 40], "share": [0.4, 0.5]}
    desk = small_desk()
    clock = FixedClock(NOW)
    result = run_sweep(desk.prices, desk.book, desk.trials, clock, given, Steps())
    assert len(result.sets) == 4
    assert (result.capital, result.parameters) == (50_000, {"names_min": 2, "skip": 5})
    assert "7.5 bps" in result.costs
    assert desk.trials.list()[0].author == "ann"


@pytest.mark.parametrize(
    ("strategy", "vary", "words"),
    [
        ("momentun", ["lookback=20,40"], "Did you mean"),
        ("momentum", [], "vary"),
        ("momentum", ["lookback"], "vary"),
        ("momentum", ["lookback=20;40"], "vary"),
        ("momentum", ["lookback=20,"], "vary"),
        ("momentum", ["velocity=1,2"], "no such parameter"),
        ("momentum", ["share=0.2,3"], "out of range"),
        ("momentum", ["lookback=126,20"], "skipped sessions must lie within"),
        ("momentum", ["lookback=20", "lookback=40"], "varied twice"),
        ("sma_trend", ["fast=5,60", "slow=50"], "below"),
        (
            "momentum",
            [f"lookback={','.join(map(str, range(30, 130)))}", "share=0.1,0.2,0.3,0.4,0.5,0.6"],
            r"too many sets.*600",
        ),
    ],
)
def test_a_wrong_sweep_starts_no_job(strategy: str, vary: list[str], words: str) -> None:
    app = FakeHouse(CATALOGUE, settings=Settings())
    with pytest.raises((InvalidInput, NotFound)) as caught:
        invoke(app, CATALOGUE["backtest.sweep"], {"strategy": strategy, "vary": vary}, ANN)
    assert caught.match(f"(?s){words}")
    assert app.jobs.jobs == {}


def test_a_finished_sweep_is_drawn_from_its_job_alone() -> None:
    result = swept(small_desk())
    data = TypeAdapter(SweepResult).dump_python(result, mode="json")
    app = FakeHouse(CATALOGUE, settings=Settings())
    cap = CATALOGUE["backtest.sweep"]
    invoke(app, cap, {"strategy": "momentum", "vary": ["lookback=40,60"]}, ANN)
    app.jobs.move("J-1", state=JobState.DONE, result=data)
    done = Answer(cap, cap.output.dump_python(app.jobs.status("J-1"), mode="json"))
    assert plain(done.blocks()) == plain(cap.view(result))


def test_the_sets_are_drawn_as_a_table_and_a_chart() -> None:
    desk = small_desk()
    desk.run(parameters={**FAST, "lookback": 40, "skip": 5})
    result = swept(desk, {"lookback": [290, 40, 60], "skip": [5]})
    blocks = CATALOGUE["backtest.sweep"].view(result)
    (table,) = [block for block in blocks if isinstance(block, Table)]
    (chart,) = [block for block in blocks if isinstance(block, Chart)]
    assert [column.title for column in table.columns[:3]] == ["Rank", "lookback", "skip"]
    assert [row[0] for row in table.rows] == [1, 2, 3]
    notes = {row[1]: row[-1] for row in table.rows}
    assert (notes[40], notes[60]) == ("tried before", "")
    assert "decides nothing" in str(notes[290])
    assert chart.x == ("lookback=290, skip=5", "lookback=40, skip=5", "lookback=60, skip=5")
    shown = {one.varied["lookback"]: one.figures for one in result.sets}
    assert chart.series[0].values == tuple(
        None if (figures := shown[lookback]) is None else figures.sharpe
        for lookback in (290, 40, 60)
    )
    assert chart.series[1].values == (result.standing.luck_sharpe,) * 3
    text = plain(blocks)
    for said in ("3 sets, 1 new trial.", "no forecast"):
        assert said in text
    assert "fondaco backtest run momentum --parameter names_min=2 --parameter lookback=" in text


def test_a_ratio_without_meaning_comes_after_those_with_one() -> None:
    result = swept(small_desk())
    first = result.sets[0]
    assert first.figures is not None
    calm = replace(first, figures=replace(first.figures, sharpe=None, vol_annual=None))
    ordered = sorted([calm, *result.sets[1:]], key=sweep_run._order)
    assert ordered[-1] is calm


def test_the_capability_has_an_example_that_names_it_and_words_for_every_input() -> None:
    cap = CATALOGUE["backtest.sweep"]
    assert cap.doc.partition("Example:")[2].strip().startswith("fondaco backtest sweep momentum")
    assert all(field.description for field in cap.public_fields().values())
