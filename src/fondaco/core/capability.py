"""One definition of everything that the outside may ask for; every surface is drawn from it."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from importlib import import_module
from inspect import Parameter, getdoc, signature
from typing import Any, TypeVar, get_args, get_type_hints

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, create_model
from pydantic.fields import FieldInfo

from fondaco.core.errors import NotFound
from fondaco.core.view import Block

F = TypeVar("F", bound=Callable[..., Any])
View = Callable[[Any], list[Block]]


class Effect(StrEnum):
    """What a capability may do."""

    READ = "read"
    WRITE = "write"
    MONEY = "money"


@dataclass(frozen=True, kw_only=True)
class Caller:
    """Who asks, and through which surface.

    `person` is set only by an authenticated human surface, never by MCP, chat or an agent.
    `request_id` makes a WRITE or MONEY call happen once, however often it is sent.
    """

    actor: str
    surface: str
    person: bool
    request_id: str | None = None


class Capability:
    """A function written f(needs, /, *, inputs) -> output, and what surfaces must know of it.

    Everything that takes time to derive (the input model, the output adapter) is derived on first
    use, so that listing the catalogue costs nothing.
    """

    def __init__(
        self,
        function: Callable[..., Any],
        *,
        name: str,
        effect: Effect,
        view: View,
        job: type | None,
        to_model: bool,
    ) -> None:
        self.function = function
        self.name = name
        self.effect = effect
        self.view = view
        self.job = job
        self.to_model = to_model
        parameters = signature(function).parameters.values()
        self.needs = tuple(p.name for p in parameters if p.kind is Parameter.POSITIONAL_ONLY)
        self.given = tuple(p for p in parameters if p.kind is Parameter.KEYWORD_ONLY)
        self.doc = getdoc(function) or ""
        self.summary = self.doc.partition("\n")[0]
        if len(self.needs) + len(self.given) != len(parameters) or not self.summary:
            raise TypeError(f"{name}: write f(needs, /, *, inputs) -> output, with a docstring")

    @cached_property
    def _hints(self) -> dict[str, Any]:
        hints = get_type_hints(self.function, include_extras=True)
        if "return" not in hints:
            raise TypeError(f"{self.name}: say what it returns")
        return hints

    @cached_property
    def inputs(self) -> type[BaseModel]:
        """The pydantic model of what the caller gives: flat, unknown names refused."""
        fields: dict[str, Any] = {}
        for p in self.given:
            default = ... if p.default is p.empty else p.default
            public = p.name.rstrip("_")
            hint = self._hints[p.name]
            alias = None if public == p.name else public
            fields[p.name] = (hint, Field(default, description=_description(hint), alias=alias))
        title = "".join(part.title() for part in self.name.replace("_", ".").split("."))
        config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)
        return create_model(f"{title}Input", __config__=config, **fields)

    @cached_property
    def secrets(self) -> frozenset[str]:
        """The public names of inputs that hold a `SecretStr`, themselves or inside."""
        schema = self.inputs.model_json_schema()
        definitions = schema.get("$defs", {})
        return frozenset(
            name
            for name, field in schema.get("properties", {}).items()
            if _holds_secret(field, definitions, frozenset())
        )

    @cached_property
    def output(self) -> TypeAdapter[Any]:
        """How its result becomes plain JSON and back."""
        return TypeAdapter(self._hints["return"])

    @cached_property
    def result(self) -> TypeAdapter[Any]:
        """The result that `view` draws: of the finished job for long work, else the output."""
        return self.output if self.job is None else TypeAdapter(self.job)

    def public_fields(self) -> dict[str, FieldInfo]:
        """Return the inputs by the names that callers write (`from`, not `from_`)."""
        return {f.alias or name: f for name, f in self.inputs.model_fields.items()}


def _description(hint: Any) -> str | None:
    """Return what a type says of itself, also where it may be left out: `Day | None`."""
    for mark in reversed(getattr(hint, "__metadata__", ())):
        if isinstance(mark, FieldInfo) and mark.description:
            return mark.description
    parts = (_description(part) for part in get_args(hint))
    return next((words for words in parts if words), None)


def _holds_secret(schema: Any, definitions: dict[str, Any], seen: frozenset[str]) -> bool:
    if isinstance(schema, list):
        return any(_holds_secret(part, definitions, seen) for part in schema)
    if not isinstance(schema, dict):
        return False
    reference = str(schema.get("$ref", "")).rpartition("/")[2]
    if reference and reference not in seen:
        inside = definitions.get(reference)
        return _holds_secret(inside, definitions, seen | {reference})
    if schema.get("writeOnly") is True:
        return True
    return any(_holds_secret(part, definitions, seen) for part in schema.values())


def capability(
    name: str,
    effect: Effect = Effect.READ,
    *,
    view: View,
    job: type | None = None,
    to_model: bool = True,
) -> Callable[[F], F]:
    """Mark a function as a capability; the function itself is returned unchanged.

    `view` draws its result (for long work: the result of type `job` that the finished job holds).
    `to_model` False keeps it off the list shown to a language model.
    """

    def mark(function: F) -> F:
        function.__capability__ = Capability(  # type: ignore[attr-defined]
            function, name=name, effect=effect, view=view, job=job, to_model=to_model
        )
        return function

    return mark


class Catalogue:
    """Every capability, by name, each loaded when it is first needed.

    Built once, from an explicit map of names to `package.module:function`.
    """

    def __init__(self, references: Mapping[str, str]) -> None:
        self._references = dict(references)
        self._loaded: dict[str, Capability] = {}

    @property
    def names(self) -> tuple[str, ...]:
        """The names of all capabilities; nothing is loaded for them."""
        return tuple(self._references)

    def __iter__(self) -> Iterator[Capability]:
        return (self[name] for name in self._references)

    def __getitem__(self, name: str) -> Capability:
        if name not in self._loaded:
            self._loaded[name] = self._load(name)
        return self._loaded[name]

    def _load(self, name: str) -> Capability:
        if name not in self._references:
            raise NotFound("no such capability", value=name, remedy="`fondaco --help` lists them.")
        module, _, function = self._references[name].partition(":")
        cap: Capability = getattr(import_module(module), function).__capability__
        if cap.name != name:
            raise ValueError(f"{self._references[name]} is named {cap.name}, listed as {name}")
        return cap

    def for_caller(self, caller: Caller) -> list[Capability]:
        """Return what this caller may ask for: MONEY only for a person."""
        return [cap for cap in self if caller.person or cap.effect is not Effect.MONEY]

    def for_model(self) -> list[Capability]:
        """Return what is shown to a language model: never MONEY, only what is meant for it."""
        return [cap for cap in self if cap.to_model and cap.effect is not Effect.MONEY]
