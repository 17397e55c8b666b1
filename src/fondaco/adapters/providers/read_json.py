"""JSON read without trust: no NaN, no infinity, no doubled key, no page in its place."""

import json
import math
import re
from typing import Any

DEPTH_MAX = 64


class Useless(Exception):
    """An answer, or a part of it, says nothing that can be used; its text is the reason."""


def read_json(body: bytes) -> Any:
    """Return the value of a JSON body; raises Useless saying what is wrong with it."""
    text = body.strip()
    if not text:
        raise Useless("the answer is empty")
    if text.startswith(b"<"):
        raise Useless("the answer is a web page, not data")
    try:
        return json.loads(
            text, parse_constant=_no_constant, parse_float=_finite, object_pairs_hook=_once
        )
    except RecursionError as error:
        raise Useless("the answer is nested too deeply") from error
    except ValueError as error:
        raise Useless(f"the answer is not whole JSON: {error}"[:200]) from error


def part(data: Any, name: str, kind: type) -> Any:
    """Return a named part of a JSON object; raises Useless when it is not there or not that."""
    found = data.get(name) if isinstance(data, dict) else None
    if not isinstance(found, kind) or (isinstance(found, bool) and kind is not bool):
        raise Useless(f"the answer has no {name}")
    return found


WRITTEN = re.compile(
    r"[+-]?(\d+|\d{1,3}(,\d{2,3})*,\d{3}|(?=\.\d))(\.\d*)?([eE][+-]?\d{1,3})?", re.ASCII
)
"""A number as sources write it as text: thousands may be parted, as may lakhs."""


def number(cell: Any, name: str, *, text: bool = False) -> float | None:
    """Return a cell as a number, None for an empty one; raises Useless for anything else.

    `text` is for sources that write their numbers as strings, thousands parted by commas or not. A
    comma anywhere else is no number: read as a part of one, 3,5 would be thirty-five.
    """
    if cell is None:
        return None
    if text and isinstance(cell, str):
        if cell in {"", "None", "-", "NA", "N/A"}:
            return None
        if not WRITTEN.fullmatch(cell):
            raise Useless(f"{name} {cell[:40]!r} is no number")
        return _checked(float(cell.replace(",", "")), name, cell)
    if isinstance(cell, bool) or not isinstance(cell, int | float):
        raise Useless(f"{name} {str(cell)[:40]!r} is no number")
    return _checked(float(cell), name, cell)


def _checked(value: float, name: str, cell: Any) -> float:
    if not math.isfinite(value):
        raise Useless(f"{name} {str(cell)[:40]!r} is not finite")
    return value


def _no_constant(text: str) -> Any:
    raise ValueError(f"{text} is no number")


def _finite(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise ValueError(f"{text} is too large")
    return value


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key stands twice")
    return found
