"""One definition: its form, its input model, its place in the catalogue."""

from dataclasses import dataclass
from typing import Annotated, Any

import pytest
from pydantic import Field, SecretStr

from fondaco.core.capability import Caller, Capability, Catalogue, Effect, capability
from fondaco.core.errors import NotFound
from fondaco.core.quantities import Day
from fondaco.core.view import Block, Text


@dataclass(frozen=True)
class Login:
    name: str
    pin: SecretStr


def draw(result: Any) -> list[Block]:
    return [Text(str(result))]


@capability("toy.span", Effect.WRITE, view=draw)
def span(
    store: Any,
    /,
    *,
    symbol: Annotated[str, Field(description="ticker")],
    from_: Day,
    logins: tuple[Login, ...] = (),
) -> int:
    """Take a span.

    More words.
    """
    return 1


@capability("toy.pay", Effect.MONEY, view=draw)
def pay() -> int:
    """Pay."""
    return 1


@capability("toy.hidden", view=draw, to_model=False)
def hidden() -> int:
    """Stay off the model's list."""
    return 1


@capability("toy.misnamed", view=draw)
def listed_wrongly() -> int:
    """Be listed under another name."""
    return 1


def own(function: Any) -> Capability:
    made: Capability = function.__capability__
    return made


def catalogue() -> Catalogue:
    return Catalogue({f"toy.{name}": f"{__name__}:{name}" for name in ("span", "pay", "hidden")})


def test_the_mark_leaves_the_function_as_it_is() -> None:
    assert span(None, symbol="AAPL", from_=None) == 1
    assert own(span).needs == ("store",)
    assert own(span).summary == "Take a span."


def test_the_input_model_is_flat_closed_and_named_for_openapi() -> None:
    schema = own(span).inputs.model_json_schema()
    assert schema["title"] == "ToySpanInput"
    assert schema["additionalProperties"] is False
    assert list(schema["properties"]) == ["symbol", "from", "logins"]
    assert schema["required"] == ["symbol", "from"]
    assert schema["properties"]["symbol"]["description"] == "ticker"
    assert schema["properties"]["from"]["format"] == "date"


def test_a_name_that_python_reserves_is_written_without_its_underscore() -> None:
    assert list(own(span).public_fields()) == ["symbol", "from", "logins"]
    inputs = own(span).inputs.model_validate({"symbol": "AAPL", "from": "2019-06-28"})
    assert inputs.from_.isoformat() == "2019-06-28"  # type: ignore[attr-defined]


def test_a_description_reaches_an_input_that_may_be_left_out() -> None:
    @capability("toy.late", view=draw)
    def late(*, day: Day | None = None, plain: int = 0) -> int:
        """Take a day or none."""
        return 1

    fields = own(late).public_fields()
    assert fields["day"].description == "ISO date, e.g. 2019-06-28"
    assert fields["plain"].description is None


def test_inputs_that_hold_a_secret_are_known_even_when_it_is_inside() -> None:
    assert own(span).secrets == {"logins"}
    assert own(pay).secrets == frozenset()


def _positional(x: int) -> int:
    """Take a plain argument."""
    return x


def _star(*xs: int) -> int:
    """Take any number."""
    return len(xs)


def _wordless(*, x: int) -> int:
    return x


@pytest.mark.parametrize("function", [_positional, _star, _wordless])
def test_a_function_of_another_form_is_refused_when_it_is_marked(function: Any) -> None:
    with pytest.raises(TypeError, match="write f"):
        capability("toy.bad", view=draw)(function)


def test_a_function_that_does_not_say_what_it_returns_is_refused_when_it_is_read() -> None:
    @capability("toy.vague", view=draw)
    def vague(*, x: int):  # type: ignore[no-untyped-def]
        """Return something."""

    with pytest.raises(TypeError, match="say what it returns"):
        _ = own(vague).inputs


def test_the_catalogue_names_without_loading() -> None:
    listed = Catalogue({"a.b": "no.such.module:f"})
    assert listed.names == ("a.b",)
    with pytest.raises(ModuleNotFoundError):
        listed["a.b"]


def test_the_catalogue_loads_once_and_refuses_what_it_does_not_know() -> None:
    listed = catalogue()
    assert listed["toy.span"] is listed["toy.span"] is own(span)
    with pytest.raises(NotFound, match="no such capability"):
        listed["toy.nothing"]


def test_a_capability_listed_under_another_name_is_refused() -> None:
    with pytest.raises(ValueError, match=r"is named toy\.misnamed, listed as toy\.other"):
        Catalogue({"toy.other": f"{__name__}:listed_wrongly"})["toy.other"]


def test_money_is_for_persons_and_models_see_what_is_meant_for_them() -> None:
    agent = Caller(actor="bot", surface="mcp", person=False)
    person = Caller(actor="ann", surface="cli", person=True)
    assert [c.name for c in catalogue().for_caller(agent)] == ["toy.span", "toy.hidden"]
    assert len(catalogue().for_caller(person)) == 3
    assert [c.name for c in catalogue().for_model()] == ["toy.span"]
