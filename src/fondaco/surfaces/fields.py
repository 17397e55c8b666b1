"""A capability's inputs as every surface needs them: names, words, bounds, forms."""

import types
from dataclasses import dataclass
from typing import Annotated, Any, Union, get_args, get_origin

from fondaco.core.capability import Capability

_BOUNDS = (
    ("minimum", "at least {}"),
    ("exclusiveMinimum", "above {}"),
    ("maximum", "at most {}"),
    ("exclusiveMaximum", "below {}"),
)
_FORMS = {
    "string": "TEXT",
    "date": "DATE",
    "date-time": "TIME",
    "integer": "NUMBER",
    "number": "NUMBER",
}


@dataclass(frozen=True, slots=True)
class Input:
    """One input: `many` may be given more than once, `flag` is yes or no."""

    name: str
    description: str
    required: bool
    default: Any
    many: bool
    flag: bool
    choices: tuple[str, ...]
    bounds: str
    form: str

    @property
    def option(self) -> str:
        """How the command line writes it: `--as-of` for `as_of`."""
        return "--" + self.name.replace("_", "-")


def inputs_of(cap: Capability) -> tuple[Input, ...]:
    """Return the inputs of a capability in the order of its function."""
    schema = cap.inputs.model_json_schema()
    properties, definitions = schema.get("properties", {}), schema.get("$defs", {})
    found = []
    for name, field in cap.public_fields().items():
        kind = _bare(field.annotation)
        parts = _parts(properties[name], definitions)
        found.append(
            Input(
                name=name,
                description=field.description or "",
                required=field.is_required(),
                default=None if field.is_required() else field.get_default(),
                many=get_origin(kind) in {tuple, list, frozenset},
                flag=kind is bool,
                choices=_choices(parts),
                bounds=_bounds(parts, field.description or ""),
                form=_form(parts),
            )
        )
    return tuple(found)


def first_required(cap: Capability) -> str | None:
    """Return the name of the input that stands without an option, or None."""
    return next((i.name for i in inputs_of(cap) if i.required), None)


def _bare(annotation: Any) -> Any:
    """Return a type without its metadata and without the None that makes it optional."""
    if get_origin(annotation) is Annotated:
        return _bare(get_args(annotation)[0])
    if get_origin(annotation) in {Union, types.UnionType}:
        kinds = [a for a in get_args(annotation) if a is not type(None)]
        return _bare(kinds[0]) if len(kinds) == 1 else annotation
    return annotation


def _parts(schema: Any, definitions: dict[str, Any]) -> list[dict[str, Any]]:
    """Return a property's schema with what it refers to, and its alternatives."""
    reference = str(schema.get("$ref", "")).rpartition("/")[2]
    here = definitions.get(reference, schema)
    found = [here]
    for part in [*here.get("anyOf", ()), *([here["items"]] if "items" in here else ())]:
        found += _parts(part, definitions)
    return found


def _choices(parts: list[dict[str, Any]]) -> tuple[str, ...]:
    words: list[str] = []
    for part in parts:
        words += [str(v) for v in part.get("enum", ())]
        words += [str(part["const"])] if "const" in part else []
    return tuple(words)


def _form(parts: list[dict[str, Any]]) -> str:
    """Return what to write, in capitals: TEXT, DATE, TIME, NUMBER or their alternatives."""
    kinds = [str(part.get("format", part.get("type"))) for part in parts]
    words = [_FORMS[kind] for kind in kinds if kind in _FORMS]
    if "NUMBER" in words:  # exact numbers may also be written as text
        return "NUMBER"
    return "|".join(dict.fromkeys(words)) or "TEXT"


def _bounds(parts: list[dict[str, Any]], description: str) -> str:
    """Return the bounds in words, unless the description says them."""
    words = []
    for part in parts:
        for key, form in _BOUNDS:
            bound = f"{part[key]:.15g}" if key in part else ""
            if bound and bound not in description.replace(",", ""):
                words.append(form.format(bound))
    return ", ".join(words)
