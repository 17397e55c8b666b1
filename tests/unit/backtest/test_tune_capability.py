"""Asking for a tuning: what starts a job, what is refused before any work, and how it is drawn."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from pydantic import TypeAdapter

from fondaco.backtest.request import request_of
from fondaco.backtest.run import read_prices
from fondaco.backtest.stage import stage_of
from fondaco.backtest.tuning.asked import asked_of
from fondaco.backtest.tuning.result import TuneResult
from fondaco.backtest.tuning.run import prunes, run_tune
from fondaco.backtest.tuning.walk import windows_of
from fondaco.core.capability import Caller, Catalogue
from fondaco.core.errors import InvalidInput, NotFound
from fondaco.core.fakes import FakeHouse
from fondaco.core.invoke import Answer, invoke
from fondaco.core.jobs import JobState
from fondaco.core.settings import Settings
from fondaco.core.text import plain
from fondaco.core.view import Card, Chart, Table, Text, Tone
from unit.backtest.desk import Steps
from unit.backtest.tuning import ParameterStrategies, Tuner, noise_panel

ANN = Caller(actor="ann", surface="cli", person=True)
CATALOGUE = Catalogue({"backtest.tune": "fondaco.backtest.tuning.capability:tune"})
VIEW = CATALOGUE["backtest.tune"].view
NOISE = noise_panel(5)
RESULT = Tuner(NOISE).tune(trials=30)
"""Thirty sets on noise: twenty complete ones are enough to tell what decides."""


def ask(strategy: str, vary: list[str], **raw: Any) -> tuple[FakeHouse, dict[str, Any]]:
    app = FakeHouse(CATALOGUE, settings=Settings(cost_bps=7.5))
    app.strategies = ParameterStrategies({})  # type: ignore[attr-defined]
    invoke(app, CATALOGUE["backtest.tune"], {"strategy": strategy, "vary": vary, **raw}, ANN)
    return app, app.jobs.inputs["J-1"]


def test_a_tuning_is_started_with_all_that_its_worker_needs() -> None:
    _, given = ask(
        "momentum",
        ["lookback=20..120", "share=0.2,0.4,0.6"],
        trials=9,
        seed=3,
        walk_forward="rolling:126/63",
        holdout="0.25",
        parameter=["names_min=2", "skip=5"],
        capital="50000",
        **{"from": "2015-02-02"},
    )
    tuner = Tuner(NOISE)
    result = run_tune(tuner.desk(), given, Steps())
    assert (result.tried, result.seed, result.capital) == (9, 3, 50_000)
    assert result.parameters == {"names_min": 2, "skip": 5}
    assert result.space == ("lookback 20 to 120", "share 0.2, 0.4, 0.6")
    assert result.forward is not None
    assert (result.forward.kind, result.forward.train, result.forward.test) == ("rolling", 126, 63)
    assert result.held is not None
    assert result.held.sessions == round(0.25 * (result.sessions + result.held.sessions))
    assert "7.5 bps" in result.costs
    assert {(trial.author, trial.surface) for trial in tuner.trials.list()} == {("ann", "cli")}


def test_it_walks_forward_and_keeps_a_fifth_back_unless_told_otherwise() -> None:
    _, given = ask("momentum", ["lookback=63..504"])
    assert given["tune"] == {
        "axes": [
            {
                "name": "lookback",
                "low": 63,
                "high": 504,
                "whole": True,
                "log": False,
                "values": [],
            }
        ],
        "trials": 50,
        "seed": 7,
        "walk": ["expanding", 756, 126],
        "holdout": 0.2,
        "prune": None,
    }


@pytest.mark.parametrize(
    ("strategy", "asked", "walk", "pruned"),
    [
        ("momentum", "auto", (126, 63), False),  # compiled: nothing is to be saved
        ("lightgbm", "auto", (126, 63), True),  # 127 of 400 sessions are less than a third
        ("lightgbm", "auto", (140, 63), False),
        ("lightgbm", "off", (126, 63), False),
        ("momentum", "on", (126, 63), True),
        ("mine.py", "auto", (126, 63), True),
    ],
)
def test_sets_are_pruned_where_that_saves_time_or_when_asked(
    strategy: str, asked: str, walk: tuple[int, int], *, pruned: bool
) -> None:
    varied = {"momentum": "skip=1..5", "lightgbm": "trees=20..200", "mine.py": "x=1..9"}
    walk_forward = f"expanding:{walk[0]}/{walk[1]}"
    _, given = ask(strategy, [varied[strategy]], prune=asked, walk_forward=walk_forward)
    request, tuning = asked_of(given)
    desk = Tuner(NOISE).desk()
    prices = read_prices(desk.prices, desk.instruments, request, desk.clock)
    stage = stage_of(prices, desk.instruments, request)
    assert prunes(tuning, stage, windows_of(399, tuning.walk)) is pruned


def test_a_cost_that_was_asked_for_carries_the_day_it_was_fitted_on() -> None:
    def dated(**raw: Any) -> tuple[Any, Any]:
        costs = request_of(ask("momentum", ["lookback=63..504"], **raw)[1]).costs
        return costs.dated, costs.table.about

    own = dated()
    assert own[0] is None
    assert dated(costs_fitted_at="2024-05-31")[0] == date(2024, 5, 31)
    assert dated(cost_bps=3.0, costs_fitted_at="2024-05-31")[0] == date(2024, 5, 31)
    assert dated(costs="US_IBKR_FIXED")[1] != own[1]


def test_what_is_switched_off_and_kept_back_by_day_reaches_the_worker() -> None:
    _, given = ask("momentum", ["lookback=63..504"], walk_forward="off", holdout="2016-01-04")
    assert (given["tune"]["walk"], given["tune"]["holdout"]) == (None, "2016-01-04")
    assert ask("momentum", ["lookback=63..504"], holdout="0")[1]["tune"]["holdout"] == 0


@pytest.mark.parametrize(
    ("strategy", "vary", "more", "words"),
    [
        ("momentun", ["lookback=20..40"], {}, "Did you mean"),
        ("momentum", [], {}, "vary"),
        ("momentum", ["lookback"], {}, "vary"),
        ("momentum", ["lookback=20.."], {}, "vary"),
        ("momentum", ["lookback=20..40:"], {}, "vary"),
        ("momentum", ["lookback=20;40"], {}, "vary"),
        ("momentum", ["velocity=1..2"], {}, "no such parameter"),
        ("momentum", ["share=0.2..3"], {}, "out of range"),
        ("momentum", ["lookback=40..20"], {}, "must rise"),
        ("momentum", ["lookback=5..20"], {}, "skipped sessions must lie within"),
        ("momentum", ["skip=1..5"], {"parameter": ["lookback=1"]}, "lookback .* out of range"),
        ("momentum", ["skip=1..5"], {"parameter": ["skip=2"]}, "both fixed and varied"),
        ("momentum", ["lookback=63..504"], {"trials": 0}, "trials"),
        ("momentum", ["lookback=63..504"], {"trials": 2_001}, "trials"),
        ("mine.py", ["x=1..9"], {"trials": 201}, "200 for a file of your own"),
        ("momentum", ["lookback=63..504"], {"holdout": "0.6"}, "kept back is out of range"),
        ("momentum", ["lookback=63..504"], {"holdout": "2016-02-30"}, "neither a share nor a day"),
        (
            "momentum",
            ["lookback=63..504"],
            {"holdout": "2010-01-04", "from": "2012-01-03"},
            "begins inside the span",
        ),
        ("momentum", ["lookback=63..504"], {"walk_forward": "sideways:756/126"}, "walk"),
        (
            "momentum",
            ["lookback=63..504"],
            {"walk_forward": "rolling:20/126"},
            "to choose by.*21 to",
        ),
        ("momentum", ["lookback=63..504"], {"walk_forward": "rolling:756/4"}, "window.*5 to"),
        ("momentum", ["lookback=63..504"], {"walk_forward": "rolling:756"}, "walk"),
        ("momentum", ["lookback=63..504"], {"seed": -1}, "seed"),
    ],
)
def test_a_wrong_tuning_starts_no_job(
    strategy: str, vary: list[str], more: dict[str, Any], words: str
) -> None:
    app = FakeHouse(CATALOGUE, settings=Settings())
    app.strategies = ParameterStrategies({})  # type: ignore[attr-defined]
    raw = {"strategy": strategy, "vary": vary, **more}
    with pytest.raises((InvalidInput, NotFound)) as caught:
        invoke(app, CATALOGUE["backtest.tune"], raw, ANN)
    assert caught.match(f"(?s){words}")
    assert app.jobs.jobs == {}


def test_a_finished_tuning_is_drawn_from_its_job_alone() -> None:
    data = TypeAdapter(TuneResult).dump_python(RESULT, mode="json")
    app, _ = ask("momentum", ["lookback=63..504"])
    app.jobs.move("J-1", state=JobState.DONE, result=data)
    cap = CATALOGUE["backtest.tune"]
    done = Answer(cap, cap.output.dump_python(app.jobs.status("J-1"), mode="json"))
    assert plain(done.blocks()) == plain(VIEW(RESULT))


def test_what_may_be_expected_stands_before_the_leaderboard() -> None:
    blocks = VIEW(RESULT)
    text = plain(blocks)
    said = [
        "Kept back",
        "30 sets tried (30 played in full), 30 new trials in the ledger",
        "Out of sample: choosing anew at each of 4 windows",
        "Chosen: set",
        "After every trial",
        "Sets, by Sharpe ratio in sample",
        "What decides whether a set is among the best tenth",
    ]
    places = [text.index(words) for words in said]
    assert places == sorted(places)
    assert isinstance(blocks[0], Card)  # no caution stands on top where the walk is on
    assert all(said in text for said in RESULT.warnings)
    (growth, search) = [block for block in blocks if isinstance(block, Chart)]
    assert growth.x[0] == RESULT.forward.since.isoformat()  # type: ignore[union-attr]
    cloud, best = search.series
    assert [pair[1] for pair in cloud.pairs] == list(RESULT.values)
    assert [pair[1] for pair in best.pairs] == [
        max(v for v in RESULT.values[: n + 1] if v is not None) for n in range(30)
    ]


def test_the_next_command_validates_the_chosen_set_on_the_days_kept_back() -> None:
    (card,) = [b for b in VIEW(RESULT) if isinstance(b, Card) and b.title.startswith("Chosen")]
    chosen, held = RESULT.chosen.varied, RESULT.held
    assert held is not None
    for words in (
        "fondaco backtest validate momentum --parameter names_min=2",
        f"--parameter lookback={chosen['lookback']} --parameter share={chosen['share']}",
        f"--from {RESULT.since} --to {held.until} --holdout {held.since}`",
    ):
        assert words in card.footer


def test_switched_off_the_warning_is_the_first_that_is_read() -> None:
    result = Tuner(NOISE).tune(trials=3, walk=None, holdout=0)
    first, *rest = VIEW(result)
    assert isinstance(first, Text)
    assert first.tone is Tone.WARNING
    assert first.text.startswith("The figures below were chosen on the data")
    text = plain(rest)
    assert text.count("The figures below were chosen") == 0
    assert "Nothing of the span was kept back" in text
    assert "--holdout" not in text


def test_sets_that_were_refused_given_up_or_tried_before_say_so() -> None:
    tuner = Tuner(NOISE)
    first = tuner.tune(("lookback=10..30", "skip=1..29"), trials=40, prune=True)
    rows = _rows(first)
    assert sum("failed: " in str(note) for note in rows) == first.failed > 0
    assert sum("given up, below the median until" in str(note) for note in rows) == first.pruned
    assert sum("chosen" in str(note) for note in rows) == 1
    known = replace(first.leaderboard[0], new=False)
    again = replace(first, leaderboard=(known,), tried=1)
    assert "tried before" in str(_rows(again)[0])


def _rows(result: TuneResult) -> list[object]:
    (table,) = [b for b in VIEW(result) if isinstance(b, Table) and b.title.startswith("Sets")]
    return [row[-1] for row in table.rows]


def test_a_long_leaderboard_says_how_much_of_it_is_shown() -> None:
    long = replace(RESULT, tried=300)
    titles = [block.title for block in VIEW(long) if isinstance(block, Table)]
    assert "The first 30 of 300 sets, by Sharpe ratio in sample" in titles


def test_the_capability_has_an_example_that_names_it_and_words_for_every_input() -> None:
    cap = CATALOGUE["backtest.tune"]
    assert cap.doc.partition("Example:")[2].strip().startswith("fondaco backtest tune momentum")
    assert all(field.description for field in cap.public_fields().values())
