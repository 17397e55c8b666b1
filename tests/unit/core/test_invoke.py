"""The one door: who may ask, what is checked, what is kept, and that it happens once."""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated, Any

import pytest
from pydantic import Field, SecretStr

from fondaco.core.capability import Caller, Capability, Catalogue, Effect, capability
from fondaco.core.errors import Conflict, InvalidInput, Refused, Unavailable
from fondaco.core.fakes import FAKE_NOW, FakeHouse
from fondaco.core.invoke import Answer, invoke, validate
from fondaco.core.jobs import Job, Jobs, JobState
from fondaco.core.journal import Note
from fondaco.core.limits import INPUT_CHARS_MAX, REASON_CHARS_MAX
from fondaco.core.view import Block, Card, Text

PERSON = Caller(actor="ann", surface="cli", person=True)
AGENT = Caller(actor="bot", surface="mcp", person=False)


class Till:
    """A cash box that capabilities put money into."""

    def __init__(self) -> None:
        self.total = Decimal(0)
        self.calls = 0


@dataclass(frozen=True)
class Paid:
    total: Decimal
    by: str


def paid_view(paid: Paid) -> list[Block]:
    return [Text(f"{paid.total} by {paid.by}")]


Amount = Annotated[Decimal, Field(gt=0, description="amount, above zero")]


@capability("till.pay", Effect.MONEY, view=paid_view)
def pay(till: Till, caller: Caller, /, *, amount: Amount, fail: bool = False) -> Paid:
    """Put money into the till."""
    till.total += amount
    till.calls += 1
    if fail:
        raise Unavailable("the drawer is jammed", remedy="Free it.")
    return Paid(till.total, caller.actor)


@capability("till.mark", Effect.WRITE, view=paid_view)
def mark(till: Till, caller: Caller, /, *, amount: Amount = Decimal(1)) -> Paid:
    """Write into the till's book."""
    till.total += amount
    return Paid(till.total, caller.actor)


@capability("till.look", view=paid_view)
def look(till: Till, /, *, from_: Annotated[int, Field(ge=0, description="first")] = 0) -> Paid:
    """Look into the till."""
    return Paid(till.total, str(from_))


@capability("till.login", view=lambda _: [])
def login(
    *,
    pin: SecretStr,
    keys: tuple[SecretStr, ...] = (),
    password: Annotated[str, Field(max_length=3, description="x")] = "",
) -> int:
    """Open the till."""
    return len(pin.get_secret_value())


@capability("till.count", Effect.WRITE, view=paid_view, job=Paid)
def count(jobs: Jobs, /) -> Job:
    """Count the till for a long time."""
    return jobs.start("till.count", {})


@capability("till.ratio", view=lambda _: [])
def ratio(*, over: float) -> dict[str, list[float]]:
    """Give a number that may be none."""
    return {"ratios": [1.0, float("inf") if over == 0 else 1 / over]}


def cap_of(function: Callable[..., Any]) -> Capability:
    made: Capability = function.__capability__  # type: ignore[attr-defined]
    return made


def house() -> FakeHouse:
    return FakeHouse(Catalogue({}), till=Till())


def call(
    app: FakeHouse,
    function: Callable[..., Any],
    raw: dict[str, Any],
    caller: Caller = PERSON,
    request_id: str | None = None,
) -> Answer:
    asker = Caller(
        actor=caller.actor, surface=caller.surface, person=caller.person, request_id=request_id
    )
    return invoke(app, cap_of(function), raw, asker)


def last(app: FakeHouse) -> Note:
    return app.journal.lines(limit=1)[0].note


def test_a_read_runs_is_dumped_to_plain_json_and_journalled() -> None:
    app = house()
    answer = call(app, look, {"from": "3"})
    assert answer.data == {"total": "0", "by": "3"}
    assert answer.blocks() == [Text("0 by 3")]
    assert last(app) == Note(FAKE_NOW, "ann", "cli", "till.look", "read", {"from": "3"}, "ok")


def test_a_write_its_line_and_its_request_id_are_kept_together() -> None:
    app = house()
    call(app, mark, {"amount": "2.50"}, request_id="r1")
    assert app.till.total == Decimal("2.50")
    assert (last(app).outcome, last(app).request_id) == ("ok", "r1")
    assert len(app.requests.settled) == 1


def test_a_write_that_fails_leaves_nothing_but_its_journal_line() -> None:
    app = house()
    with pytest.raises(Unavailable):
        call(app, pay, {"amount": "1", "fail": True}, request_id="r1")
    assert (app.till.total, app.till.calls, app.requests.settled) == (0, 0, {})
    assert [line.note.outcome for line in app.journal.lines(limit=9)] == ["unavailable"]
    assert call(app, pay, {"amount": "1"}, request_id="r1").data["total"] == "1"


def test_a_write_whose_journal_line_cannot_be_kept_does_not_happen() -> None:
    app = house()

    def refuse(note: Note) -> None:
        raise Unavailable("the journal is full")

    app.journal.append = refuse  # type: ignore[method-assign]
    with pytest.raises(Unavailable, match="journal is full"):
        call(app, mark, {}, request_id="r1")
    assert (app.till.total, app.requests.settled) == (0, {})


def test_the_same_request_id_happens_once_and_gives_the_same_answer() -> None:
    app = house()
    first = call(app, pay, {"amount": "1"}, request_id="r1")
    again = call(app, pay, {"amount": "1"}, request_id="r1")
    assert (first.repeated, again.repeated) == (False, True)
    assert again.data == first.data
    assert again.blocks() == first.blocks()
    assert (app.till.calls, last(app).outcome) == (1, "repeated")


def test_the_same_inputs_written_in_another_way_are_the_same_request() -> None:
    app = house()
    call(app, mark, {}, request_id="r1")
    assert call(app, mark, {"amount": 1}, request_id="r1").repeated


def test_a_request_id_used_for_other_inputs_is_a_conflict() -> None:
    app = house()
    call(app, pay, {"amount": "1"}, request_id="r1")
    with pytest.raises(Conflict, match="used before with other inputs"):
        call(app, pay, {"amount": "2"}, request_id="r1")
    assert (app.till.total, last(app).outcome) == (1, "conflict")


def test_request_ids_of_other_actors_and_capabilities_do_not_meet() -> None:
    app = house()
    bob = Caller(actor="bob", surface="cli", person=True)
    call(app, pay, {"amount": "1"}, request_id="r1")
    assert not call(app, pay, {"amount": "1"}, bob, request_id="r1").repeated
    assert not call(app, mark, {"amount": "1"}, request_id="r1").repeated
    assert len(app.requests.settled) == 3


def test_an_actor_with_a_slash_cannot_stand_for_another() -> None:
    app = house()
    odd = Caller(actor="ann/till.mark", surface="cli", person=True)
    call(app, mark, {}, PERSON, request_id="till.mark/r1")
    assert not call(app, mark, {}, odd, request_id="r1").repeated


@pytest.mark.parametrize("request_id", ["", "x" * 129, "a b", "a\n", "ä", "a\x00b"])
def test_a_request_id_is_a_short_printable_text(request_id: str) -> None:
    app = house()
    with pytest.raises(InvalidInput, match="request id"):
        call(app, mark, {}, request_id=request_id)
    assert app.till.total == 0


@pytest.mark.parametrize("raw", [{"amount": "1"}, {"amount": "no number"}, {}, {"colour": "red"}])
def test_money_by_other_than_a_person_is_refused_before_anything_is_read(
    raw: dict[str, Any],
) -> None:
    app = house()
    with pytest.raises(Refused, match="only a person"):
        call(app, pay, raw, AGENT, request_id="r1")
    assert (app.till.calls, app.requests.claimed) == (0, {})
    assert (last(app).outcome, last(app).actor, last(app).effect) == ("refused", "bot", "money")


def test_an_answered_money_request_is_not_repeated_to_an_agent_of_the_same_name() -> None:
    app = house()
    call(app, pay, {"amount": "1"}, request_id="r1")
    with pytest.raises(Refused):
        call(
            app,
            pay,
            {"amount": "1"},
            Caller(actor="ann", surface="mcp", person=False),
            request_id="r1",
        )


def test_wrong_inputs_name_each_field_its_value_and_what_is_known() -> None:
    app = house()
    with pytest.raises(InvalidInput) as caught:
        call(app, pay, {"amount": "-5", "colour": "red"})
    text = str(caught.value)
    assert "amount: Input should be greater than 0 (value: '-5')" in text
    assert "colour: Extra inputs are not permitted (value: 'red')" in text
    assert "Inputs of till.pay: amount, fail." in text
    assert (last(app).outcome, last(app).inputs) == (
        "invalid_input",
        {"amount": "-5", "colour": "red"},
    )


def test_many_faults_are_counted_not_all_listed() -> None:
    with pytest.raises(InvalidInput, match="and 16 more faults"):
        validate(cap_of(pay), {f"x{i}": 1 for i in range(25)})


@pytest.mark.parametrize("value", ["NaN", "Infinity", "-Infinity", float("nan"), float("inf")])
def test_what_is_not_finite_is_refused_on_the_way_in(value: object) -> None:
    with pytest.raises(InvalidInput):
        call(house(), pay, {"amount": value})
    with pytest.raises(InvalidInput):
        call(house(), ratio, {"over": value})


def test_what_is_not_finite_never_comes_out() -> None:
    app = house()
    with pytest.raises(ArithmeticError, match=r"not finite at result\.ratios\.1"):
        call(app, ratio, {"over": 0})
    assert last(app).outcome == "ArithmeticError"
    assert call(app, ratio, {"over": 2}).data == {"ratios": [1.0, 0.5]}


def test_inputs_that_are_too_long_are_refused_and_not_kept() -> None:
    app = house()
    with pytest.raises(InvalidInput, match="too long"):
        call(app, pay, {"amount": "1" * INPUT_CHARS_MAX})
    assert list(last(app).inputs) == ["[not kept]"]


def test_inputs_that_nest_too_deeply_are_refused_and_not_kept() -> None:
    deep: list[Any] = []
    for _ in range(100_000):
        deep = [deep]
    app = house()
    with pytest.raises(InvalidInput, match="nested too deeply"):
        call(app, pay, {"amount": deep})
    assert last(app).inputs == {"[not kept]": "nested too deeply"}


def test_secret_inputs_are_hidden_by_their_type_whatever_their_name() -> None:
    app = house()
    call(app, login, {"pin": "hunter2", "keys": ["hunter2"]})
    assert last(app).inputs == {"pin": "[hidden]", "keys": "[hidden]"}


def test_a_secret_that_is_wrong_is_not_repeated_in_the_error() -> None:
    app = house()
    for raw in (
        {"pin": ["hunter2"]},
        {"pin": "x", "password": "hunter2"},
        {"pin": "x", "api_key": "hunter2"},
    ):
        with pytest.raises(InvalidInput) as caught:
            call(app, login, raw)
        assert "hunter2" not in str(caught.value)
        assert "hunter2" not in str(last(app))


def test_a_text_that_no_database_holds_is_refused_and_journalled() -> None:
    app = house()
    with pytest.raises(InvalidInput):
        call(app, pay, {"amount": "\ud800\x00"})
    assert last(app).inputs == {"amount": "\ufffd\ufffd"}
    assert app.journal.verify().intact


def test_a_programmers_error_is_journalled_by_its_kind_and_raised_as_it_is() -> None:
    @capability("till.break", view=lambda _: [])
    def broken() -> int:
        """Break."""
        raise KeyError("postgresql://ann:hunter2@host " + "x" * 1000)

    app = house()
    with pytest.raises(KeyError):
        call(app, broken, {})
    assert last(app).outcome == "KeyError"
    assert len(last(app).detail) == REASON_CHARS_MAX
    assert "hunter2" not in last(app).detail


def test_long_work_is_drawn_as_its_job() -> None:
    app = house()
    answer = call(app, count, {})
    assert answer.data["state"] == JobState.QUEUED
    [block] = answer.blocks()
    assert isinstance(block, Card)
    assert block.title == "J-1"
