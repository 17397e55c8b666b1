"""The sets of a sweep: every combination of the values that parameters are varied over."""

from collections.abc import Mapping, Sequence
from itertools import product
from math import prod

from fondaco.core.errors import InvalidInput

SETS_MAX = 500
"""Most sets of one sweep: each is a trial, and luck grows with every one of them."""

Number = float | int


def grid_of(
    fixed: Mapping[str, Number], varied: Mapping[str, Sequence[Number]]
) -> tuple[dict[str, Number], ...]:
    """Return the sets, the first parameter changing slowest; each holds the fixed ones too.

    Raises InvalidInput for no values, a value given twice, a parameter that is both fixed and
    varied, or more than 500 sets.

    >>> grid_of({"skip": 21}, {"lookback": [63, 126], "share": [0.1]})
    ({'skip': 21, 'lookback': 63, 'share': 0.1}, {'skip': 21, 'lookback': 126, 'share': 0.1})
    """
    if not varied or not all(varied.values()):
        raise InvalidInput(
            "a sweep needs values to vary a parameter over",
            value=", ".join(name for name, values in varied.items() if not values) or "none",
            remedy="Give them as --vary lookback=63,126,252.",
        )
    for name, values in varied.items():
        if name in fixed:
            raise InvalidInput("a parameter is both fixed and varied", value=name)
        if len(set(values)) != len(values):
            raise InvalidInput(f"a value of {name} is given twice", value=_listed(values))
    count = prod(len(values) for values in varied.values())
    if count > SETS_MAX:
        raise InvalidInput(
            "a sweep has too many sets of parameters",
            value=f"{count:,}",
            bound=f"at most {SETS_MAX}",
            remedy="Vary fewer parameters, or give each fewer values.",
        )
    return tuple(
        {**fixed, **dict(zip(varied, values, strict=True))} for values in product(*varied.values())
    )


def varied_of(given: Sequence[str]) -> dict[str, tuple[Number, ...]]:
    """Return name=number,number,… as a mapping; a number without a point is whole.

    Raises InvalidInput for a parameter that is varied twice.

    >>> varied_of(["lookback=63,126", "share=0.1"])
    {'lookback': (63, 126), 'share': (0.1,)}
    """
    found: dict[str, tuple[Number, ...]] = {}
    for text in given:
        name, _, values = text.partition("=")
        if name in found:
            raise InvalidInput(
                "a parameter is varied twice", value=name, remedy="Give all its values at once."
            )
        found[name] = tuple(float(n) if "." in n else int(n) for n in values.split(","))
    return found


def _listed(values: Sequence[Number]) -> str:
    return ",".join(str(value) for value in values)
