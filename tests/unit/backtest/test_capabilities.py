"""What the outside may ask of backtests, through the one door."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from pydantic import TypeAdapter

from fondaco.backtest.fakes import MemoryBacktests, MemoryReports
from fondaco.backtest.request import request_of
from fondaco.backtest.result import BacktestResult
from fondaco.core.capability import Caller, Catalogue
from fondaco.core.errors import InvalidInput, NotFound
from fondaco.core.fakes import FakeHouse
from fondaco.core.invoke import Answer, invoke
from fondaco.core.jobs import JobState
from fondaco.core.settings import Settings
from fondaco.core.text import plain
from fondaco.research.fakes import MemoryStrategies
from fondaco.trading.cost_model.model import CostModel
from unit.backtest.desk import small_desk

ANN = Caller(actor="ann", surface="cli", person=True)
ROBOT = Caller(actor="robot", surface="mcp", person=False)
CATALOGUE = Catalogue(
    {
        "backtest.run": "fondaco.backtest.capabilities:run",
        "backtest.show": "fondaco.backtest.capabilities:show",
        "backtest.list": "fondaco.backtest.capabilities:list_backtests",
    }
)


FILES = {"mine.py": lambda panel: panel.close * 0.0}


def house(**parts: Any) -> FakeHouse:
    given = {"settings": Settings(cost_bps=7.5), "strategies": MemoryStrategies(FILES)}
    return FakeHouse(CATALOGUE, **{**given, **parts})


def ask(app: FakeHouse, name: str, caller: Caller = ANN, **raw: Any) -> Answer:
    return invoke(app, CATALOGUE[name], raw, caller)


def test_a_run_is_started_with_all_that_it_needs() -> None:
    app = house()
    answer = ask(
        app,
        "backtest.run",
        strategy="momentum",
        **{"from": "2000-01-01"},
        to="2018-12-31",
        symbol=["AAPL", "MSFT"],
        parameter=["lookback=126", "share=0.5"],
    )
    assert (answer.data["capability"], answer.data["state"]) == ("backtest.run", "queued")
    request = request_of(app.jobs.inputs["J-1"])
    assert request.capital == Decimal(100_000)
    assert request.costs == CostModel.flat(Decimal("7.5"), Decimal(1))
    assert request.parameters == {"lookback": 126, "share": 0.5}
    assert (request.symbols, request.author) == (("AAPL", "MSFT"), "ann")


def test_an_agent_may_run_one_and_is_named_as_its_author() -> None:
    app = house()
    ask(app, "backtest.run", ROBOT, strategy="momentum", cost_bps=0, capital="250.50")
    request = request_of(app.jobs.inputs["J-1"])
    assert (request.author, request.capital) == ("robot", Decimal("250.50"))
    assert request.costs == CostModel.flat(Decimal(0), Decimal(1))


@pytest.mark.parametrize(
    "raw",
    [
        {"strategy": "momentun"},
        {"strategy": "Momentum!"},
        {},
        {"strategy": "momentum", "from": "2001-01-01", "to": "2000-01-01"},
        {"strategy": "momentum", "capital": "0"},
        {"strategy": "momentum", "capital": "1.001"},
        {"strategy": "momentum", "cost_bps": -1},
        {"strategy": "momentum", "cost_bps": 1.005},
        {"strategy": "momentum", "cost_bps": 1e9},
        {"strategy": "momentum", "from": "yesterday"},
        {"strategy": "momentum", "parameter": ["lookback"]},
        {"strategy": "momentum", "parameter": ["lookback=1"]},
        {"strategy": "momentum", "parameter": ["velocity=1"]},
        {"strategy": "momentum", "symbol": ["aapl"]},
    ],
)
def test_a_wrong_request_starts_no_job(raw: dict[str, Any]) -> None:
    app = house()
    with pytest.raises((InvalidInput, NotFound)):
        ask(app, "backtest.run", **raw)
    assert app.jobs.jobs == {}


def test_a_finished_job_is_drawn_as_its_backtest() -> None:
    result = small_desk().run()
    data = TypeAdapter(BacktestResult).dump_python(result, mode="json")
    app = house()
    answer = ask(app, "backtest.run", strategy="momentum")
    app.jobs.move("J-1", state=JobState.DONE, result=data)
    done = Answer(
        answer.capability, answer.capability.output.dump_python(app.jobs.status("J-1"), mode="json")
    )
    assert plain(done.blocks()) == plain(CATALOGUE["backtest.show"].view(result))


def test_a_backtest_is_shown_with_its_label_rule_trials_and_costs() -> None:
    desk = small_desk(with_opens=False)
    for bps in ("5", "6", "7"):
        desk.run(cost_bps=bps)
    app = house(backtests=desk.backtests)
    text = plain(ask(app, "backtest.show", backtest="BT-3").blocks())
    for words in (
        "BT-3",
        "momentum",
        "(simulated)",
        "Closes only",
        "next close",
        "After every trial",
        "3 trials (",
        "Deflated Sharpe ratio",
        "Least track record",
        "by about",
        "Sharpe ratio",
        "7 bps of the traded value, at least 1.00 USD a fill",
        "Beside SPX",
        "leaves dividends out",
        "Monthly returns",
        "fondaco explain BT-3",
    ):
        assert words in text, words


def test_a_first_trial_is_counted_alone() -> None:
    desk = small_desk(index=False)
    desk.run()
    text = plain(ask(house(backtests=desk.backtests), "backtest.show", backtest="BT-1").blocks())
    assert "Trials of the desk" in text
    assert "trials (" not in text
    assert "1 trial" in text
    assert "knows no index" in text


def test_a_backtest_that_is_not_there_is_not_found() -> None:
    with pytest.raises(NotFound, match="backtest list"):
        ask(house(backtests=MemoryBacktests()), "backtest.show", backtest="BT-9")
    with pytest.raises(InvalidInput):
        ask(house(backtests=MemoryBacktests()), "backtest.show", backtest="../etc")


def test_the_list_is_newest_first_and_can_be_narrowed() -> None:
    desk = small_desk()
    for bps in ("5", "6"):
        desk.run(cost_bps=bps)
    app = house(backtests=desk.backtests)
    assert [row["id"] for row in ask(app, "backtest.list").data] == ["BT-2", "BT-1"]
    assert len(ask(app, "backtest.list", limit=1).data) == 1
    assert ask(app, "backtest.list", strategy="lightgbm").data == []
    assert "BT-2" in plain(ask(app, "backtest.list").blocks())
    empty = plain(ask(house(backtests=MemoryBacktests()), "backtest.list").blocks())
    assert "fondaco backtest run momentum" in empty


def test_a_ratio_without_meaning_and_an_unrecovered_fall_are_said_so() -> None:
    result = small_desk().run()
    odd = replace(
        result,
        id="BT-7",
        trades=(),
        metrics=replace(
            result.metrics,
            sharpe=None,
            sortino=None,
            vol_annual=None,
            max_drawdown=replace(result.metrics.max_drawdown, recovered=None),
        ),
    )
    text = plain(CATALOGUE["backtest.show"].view(odd))
    assert "not yet" in text
    assert "Nothing was traded." in text
    calm = replace(
        odd,
        metrics=replace(
            odd.metrics, max_drawdown=replace(odd.metrics.max_drawdown, peak=None, trough=None)
        ),
    )
    assert "no fall" in plain(CATALOGUE["backtest.show"].view(calm))


def test_every_capability_has_an_example_that_names_it() -> None:
    for name in CATALOGUE.names:
        cap = CATALOGUE[name]
        assert (
            cap.doc.partition("Example:")[2].strip().startswith("fondaco " + name.replace(".", " "))
        )
        assert all(field.description for field in cap.public_fields().values())


def test_the_fakes_know_what_is_not_there() -> None:
    with pytest.raises(NotFound):
        MemoryReports().get("BT-1")


def test_a_file_is_read_when_it_is_asked_for_and_only_the_terminal_may_name_a_path() -> None:
    app = house()
    ask(app, "backtest.run", strategy="mine.py")
    (given,) = app.jobs.inputs.values()
    assert (given["strategy"], given["code"]) == ("mine.py", "# mine.py")
    assert app.strategies.asked == [("mine.py", ANN.surface == "cli")]
    with pytest.raises(NotFound):
        ask(app, "backtest.run", strategy="other.py")
