"""Parameters: the numbers that a strategy may be given, with their bounds."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from fondaco.core.errors import InvalidInput

Parameters = Mapping[str, float | int]
"""A strategy's numbers by name, as plain JSON."""


@dataclass(frozen=True, slots=True)
class Bound:
    """A parameter's default and range; whole when the default is an integer."""

    default: float | int
    low: float
    high: float
    meaning: str


def checked(name: str, bounds: Mapping[str, Bound], changes: Parameters) -> Parameters:
    """Return all parameters with the changes made; raises InvalidInput with the bound broken."""
    unknown = [key for key in changes if key not in bounds]
    if unknown:
        raise InvalidInput(
            f"{name} has no such parameter", value=", ".join(unknown), bound=", ".join(bounds)
        )
    values = {key: changes.get(key, bound.default) for key, bound in bounds.items()}
    for key, bound in bounds.items():
        whole = isinstance(bound.default, int)
        value = values[key]
        if not bound.low <= value <= bound.high or (whole and value != int(value)):
            raise InvalidInput(
                f"{name}'s {key} ({bound.meaning}) is out of range",
                value=value,
                bound=f"{'whole, ' if whole else ''}{bound.low:g} to {bound.high:g}",
            )
        values[key] = int(value) if whole else float(value)
    return MappingProxyType(values)


def within(parameters: Parameters, less: str, more: str) -> None:
    """Refuse parameters whose `less` is not below their `more`."""
    if not parameters[less] < parameters[more]:
        raise InvalidInput(
            f"{less} must lie below {more}",
            value=parameters[less],
            bound=f"< {parameters[more]}",
        )
