"""`backtest.validate` as the door calls it: what starts a job, what is refused, what is drawn."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from pydantic import TypeAdapter

from fondaco.backtest.held import holdout_of
from fondaco.backtest.request import request_of
from fondaco.backtest.validation.asked import plan_of, sets_of
from fondaco.backtest.validation.result import ValidationResult
from fondaco.backtest.validation.run import run_validation
from fondaco.backtest.validation.views import histogram
from fondaco.core.capability import Caller, Catalogue
from fondaco.core.errors import InvalidInput, NotFound
from fondaco.core.fakes import FakeHouse
from fondaco.core.invoke import Answer, invoke
from fondaco.core.jobs import JobState
from fondaco.core.settings import Settings
from fondaco.core.text import plain
from fondaco.core.view import Card, Chart, Table
from fondaco.research.fakes import MemoryStrategies
from unit.backtest.desk import Steps
from unit.backtest.validate_scene import GRID, random_desk, timely

ANN = Caller(actor="ann", surface="cli", person=True)
CATALOGUE = Catalogue({"backtest.validate": "fondaco.backtest.validation.capability:validate"})
FILES = MemoryStrategies({"mine.py": timely})


def ask(strategy: str = "momentum", **raw: Any) -> tuple[FakeHouse, dict[str, Any] | None]:
    settings = Settings(cost_bps=7.5, cost_fitted_at=date(2026, 1, 31))
    app = FakeHouse(CATALOGUE, settings=settings, strategies=FILES)
    invoke(app, CATALOGUE["backtest.validate"], {"strategy": strategy, **raw}, ANN)
    return app, app.jobs.inputs.get("J-1")


def test_a_validation_is_started_with_all_that_its_worker_needs() -> None:
    _, given = ask(
        vary=["lookback=20,40"],
        parameter=["names_min=2", "skip=5", "lookback=40"],
        capital="50000",
        walk="rolling:126/42",
        holdout="0.3",
        draws=600,
        seed=3,
        stop=0.05,
        leverage=1.5,
    )
    assert given is not None
    assert given["vary"] == {"lookback": [20, 40]}
    assert (given["holdout"], given["walk_train"], given["walk_test"]) == (0.3, 126, 42)
    assert (given["author"], given["surface"], given["leverage"]) == ("ann", "cli", 1.5)
    result = run_validation(random_desk().bench, given, Steps())
    assert result.parameters["lookback"] == 40
    assert (result.capital, result.seed, result.bootstrap.draws) == (50_000, 3, 600)
    assert [one.label for one in result.sets] == ["as given", "lookback=20"]
    assert "7.5 bps" in result.costs
    assert result.costs_dated == date(2026, 1, 31)  # the desk's own rate has the desk's own day


def test_defaults_are_those_of_the_page() -> None:
    _, given = ask()
    assert given is not None
    plan = plan_of(given)
    assert (plan.walk, plan.walk_train, plan.walk_test) == ("rolling", 756, 126)
    assert (plan.groups, plan.test_groups, plan.draws, plan.seed) == (6, 2, 2_000, 7)
    assert (plan.holdout, plan.vary, plan.walk_anchor) == (None, {}, None)
    assert plan_of(plan.plain()) == plan


def test_a_rate_of_ones_own_has_the_day_that_was_said() -> None:
    _, undated = ask(cost_bps=3)
    _, dated = ask(cost_bps=3, costs_fitted_at="2025-05-31")
    _, table = ask(costs="US_ZERO_COMMISSION")
    assert undated is not None
    assert dated is not None
    assert table is not None
    assert request_of(undated).costs.dated is None
    assert request_of(dated).costs.dated == date(2025, 5, 31)
    assert request_of(table).costs.dated is not None  # the table's own day
    assert request_of(table).costs.fitted_at is None


def test_an_anchored_walk_and_a_day_of_holdout_are_read() -> None:
    _, given = ask(walk="anchored:504/63:2008-01-02", holdout="2019-01-01", folds="8/3")
    assert given is not None
    plan = plan_of(given)
    assert (plan.walk, plan.walk_anchor) == ("anchored", date(2008, 1, 2))
    assert (plan.holdout, plan.groups, plan.test_groups) == (date(2019, 1, 1), 8, 3)


def test_a_users_file_is_read_when_it_is_asked_for() -> None:
    _, given = ask("mine.py")
    assert given is not None
    assert (given["strategy"], given["code"]) == ("mine.py", "# mine.py")


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        ({"strategy": "momentun"}, "Did you mean"),
        ({"vary": ["lookback"]}, "vary"),
        ({"vary": ["velocity=1,2"]}, "no such parameter"),
        ({"vary": ["share=0.2,3"]}, "out of range"),
        ({"vary": ["lookback=20", "lookback=40"]}, "varied twice"),
        (
            {"vary": [f"lookback={','.join(map(str, range(100, 201)))}"]},
            r"too many sets.*101.*at most 100.*backtest tune",
        ),
        ({"holdout": "0.6"}, r"out of range.*0\.6.*0\.05 to 0\.5"),
        ({"holdout": "last year"}, "holdout"),
        ({"walk": "sideways:756/126"}, "walk"),
        ({"walk": "anchored:756/126"}, "walk"),
        ({"walk": "rolling:20/10"}, r"too short.*20 to learn from.*>= 63"),
        ({"walk": "anchored:756/126:2008-13-02"}, "month must be in"),
        ({"folds": "6/6"}, r"groups to learn from.*6 groups, 6 of them tested"),
        ({"folds": "1/1"}, "at least 2 groups"),
        ({"folds": "20/10"}, r"too many splits.*184,756.*at most 5,000"),
        ({"draws": 100}, "draws"),
        ({"from": "2012-01-01", "to": "2011-01-01"}, "starts before it ends"),
    ],
)
def test_a_wrong_validation_starts_no_job(raw: dict[str, Any], words: str) -> None:
    app = FakeHouse(CATALOGUE, settings=Settings(), strategies=FILES)
    with pytest.raises((InvalidInput, NotFound)) as caught:
        invoke(app, CATALOGUE["backtest.validate"], {"strategy": "momentum", **raw}, ANN)
    assert caught.match(f"(?s){words}")
    assert app.jobs.jobs == {}


def test_a_given_value_of_a_varied_parameter_is_the_strategys_own() -> None:
    sets = sets_of({"skip": 5, "lookback": 30}, {"lookback": [20, 40]})
    assert [one["lookback"] for one in sets] == [30, 20, 40]


def test_what_is_held_back_is_a_share_or_a_day_and_nothing_else() -> None:
    assert holdout_of(0.25) == 0.25
    with pytest.raises(InvalidInput, match="neither a share nor a day"):
        holdout_of("soon")


def test_a_finished_validation_is_drawn_from_its_job_alone() -> None:
    result = random_desk().validate(vary=GRID)
    data = TypeAdapter(ValidationResult).dump_python(result, mode="json")
    app, _ = ask()
    cap = CATALOGUE["backtest.validate"]
    app.jobs.move("J-1", state=JobState.DONE, result=data)
    done = Answer(cap, cap.output.dump_python(app.jobs.status("J-1"), mode="json"))
    assert plain(done.blocks()) == plain(cap.view(result))


def test_verdicts_stand_first_and_nothing_is_said_twice() -> None:
    result = random_desk(sessions=700).validate(vary={**GRID, "lookback": [40, 60, 559]})
    blocks = CATALOGUE["backtest.validate"].view(result)
    card, table = blocks[:2]
    assert isinstance(card, Card)
    assert isinstance(table, Table)
    assert [chip.word for chip in card.chips] == [one.state for one in result.verdicts]
    assert card.chips[4].detail.startswith("Permutation: p ")
    assert [row[0] for row in table.rows] == [one.name for one in result.verdicts]
    text = plain(blocks)
    for said in (*result.warnings, result.standing.said):
        assert text.count(said) >= 1, said
    for said in result.warnings:
        assert text.count(f"\n{said}\n") == 1, said
    for said in (
        "EV-1 · validation of momentum",
        "fondaco research promote EV-1 --to paper",
        "After every trial",
        "for the drawdown only",
        "Held back and looked at once",
        "What the gate would say now",
        "decides nothing",
    ):
        assert said in text, said


def test_paths_are_drawn_one_by_one_or_as_a_histogram() -> None:
    view = CATALOGUE["backtest.validate"].view
    few = random_desk().validate(vary=GRID)
    many = random_desk().validate(vary=GRID, groups=9, test_groups=4)
    charts = [next(b for b in view(one) if isinstance(b, Chart)) for one in (few, many)]
    assert charts[0].x == tuple(f"path {n}" for n in range(1, 6))
    assert charts[0].series[0].values == few.cross.sharpes
    assert len(many.cross.sharpes) == 56  # C(8, 3)
    assert sum(value for value in charts[1].series[0].values if isinstance(value, float)) == 56
    assert charts[1].y_title == "paths"


def test_a_histogram_counts_every_value_once() -> None:
    names, counts = histogram([1.0, 1.0, 1.0])
    assert (len(names), sum(counts)) == (2, 3)
    names, counts = histogram([float(n) for n in range(100)])
    assert (names[0], counts) == ("0.00 to 9.90", (10.0,) * 10)


def test_money_is_shown_as_it_is() -> None:
    result = random_desk().validate()
    assert result.capital == Decimal("100000")
    assert "100,000.00 USD" in plain(CATALOGUE["backtest.validate"].view(result))


def test_the_capability_has_an_example_that_names_it_and_words_for_every_input() -> None:
    cap = CATALOGUE["backtest.validate"]
    example = cap.doc.partition("Example:")[2].strip()
    assert example.startswith("fondaco backtest validate momentum")
    assert all(field.description for field in cap.public_fields().values())
