"""Spoils of single cells and parts of a JSON answer, at one place of each kind.

A place that the parser does not read is left alone; what a cell means is found by nudging it.
"""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from fondaco.adapters.providers.conformance.json_tree import (
    DATE,
    NUMBER,
    TOKEN,
    Path,
    at,
    dumped,
    earlier_dates,
    places,
    renamed,
    shown,
    with_value,
    without,
    wrong_dates,
)
from fondaco.adapters.providers.conformance.outcome import (
    DATING,
    Outcome,
    moved,
    temporal,
    unchanged,
    worded,
)
from fondaco.adapters.providers.conformance.spoil import Spoil, with_body

Try = Callable[[bytes], Outcome]
WEEK = 7 * 86_400
DAY = 86_400
HUGE = 2**63 + 1
UNITS = ((1, 0.5e9, 2.5e9), (1_000, 0.5e12, 2.5e12), (10**6, 0.5e15, 2.5e15), (10**9, 5e17, 2.5e18))


@dataclass(frozen=True, slots=True)
class _Place:
    """A place of the answer: its value, and the columns that move when it is nudged."""

    data: Any
    path: Path
    moves: frozenset[str]
    row: dict[str, Any]

    @property
    def value(self) -> Any:
        return at(self.data, self.path)

    @property
    def is_time(self) -> bool:
        return bool(self.moves & (temporal(self.row) | DATING))

    @property
    def dates_rows(self) -> bool:
        return bool(self.moves & DATING)

    @property
    def is_number(self) -> bool:
        return bool(self.moves - temporal(self.row) - worded(self.row) - DATING)

    def other(self, name: str, value: Any, words: str | None = None, **marks: bool) -> Spoil:
        body = dumped(with_value(self.data, self.path, value), words)
        return with_body(name, body, where=shown(self.path), **marks)


def of_json(body: bytes, good: Outcome, attempt: Try, symbols: tuple[str, ...]) -> Iterator[Spoil]:
    """Yield the spoils of a JSON answer; `attempt` tells what comes of another body of it."""
    data = json.loads(body)
    if isinstance(data, dict) and data:
        first = next(iter(data))
        doubled = json.dumps(first) + ": 1, "
        yield with_body("a key twice", b"{" + doubled.encode() + dumped(data)[1:], lost=True)
    yield with_body("one nesting more", dumped({"data": {"data": data}}), lost=True)
    yield with_body("listed once more", dumped([data]), lost=True)
    if isinstance(data, list):
        yield with_body("object for a list", dumped({str(n): v for n, v in enumerate(data)}))
    for path in places(data):
        if unchanged(good, attempt(dumped(with_value(data, path, {"spoilt": [TOKEN]})))):
            continue
        place = _Place(data, path, _moves(data, path, good, attempt), good.rows[0])
        yield from _of_place(place, symbols)


def _of_place(place: _Place, symbols: tuple[str, ...]) -> Iterator[Spoil]:
    value = place.value
    if isinstance(place.path[-1], str):
        yield from _of_name(place)
    yield place.other("null", None, absent=True)
    if isinstance(value, dict | list):
        yield from _of_part(place)
        return
    yield place.other("list for a cell", [value])
    yield place.other("object for a cell", {"value": value})
    if not isinstance(value, bool):
        yield place.other("true for a cell", True)
    if isinstance(value, str):
        yield from _of_words(place, symbols)
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield from _of_number(place)


def _of_name(place: _Place) -> Iterator[Spoil]:
    data, path = place.data, place.path
    dated = bool(DATE.match(str(path[-1])))
    if not dated:  # one of many days may just not be there
        body, fewer = dumped(without(data, path)), isinstance(place.value, list)
        yield with_body("missing field", body, where=shown(path), absent=True, fewer=fewer)
    name = f"{path[-1]}_v2"
    body = dumped(renamed(data, path, name))
    yield with_body("renamed field", body, where=shown(path), absent=True)
    if dated:
        rest = str(path[-1])[10:]
        for name, day in (
            ("year 1", "0001-01-01"),
            ("no day", "2024-13-45"),
            ("2099", "2099-01-04"),
        ):
            body = dumped(renamed(data, path, day + rest))
            yield with_body(f"date: {name}", body, where=shown(path), must=True)


def _of_part(place: _Place) -> Iterator[Spoil]:
    value = place.value
    yield place.other("nested part", {"data": value})
    yield place.other("words for a part", "unavailable")
    yield place.other("number for a part", 0)
    if isinstance(value, dict):
        yield place.other("list for an object", list(value.values()))
    else:
        yield place.other("object for a list", {f"n{n}": v for n, v in enumerate(value)})
        parent = at(place.data, place.path[:-1])
        columns = parent.values() if isinstance(parent, dict) else ()
        equal = [c for c in columns if isinstance(c, list) and len(c) == len(value)]
        columnar = len(equal) > 1 and any(map(_numbers, equal))
        if columnar and value and not isinstance(value[0], dict | list):
            yield place.other("array of another length", value[:-1], must=True)


def _numbers(cells: list[Any]) -> bool:
    return any(isinstance(c, int | float) and not isinstance(c, bool) for c in cells)


def _of_number(place: _Place) -> Iterator[Spoil]:
    value = place.value
    read = place.is_number or place.is_time
    for name, words in (("NaN", "NaN"), ("infinity", "-Infinity"), ("1e999", "1e999")):
        yield place.other(name, TOKEN, words, lost=True)
    if read:
        yield place.other("number as words", str(value), must=True)
        yield place.other("words for a number", "n/a")
        yield place.other("huge number", HUGE, must=True)
        yield place.other("huge float", 1e300, must=True)
    if place.is_time:
        yield place.other("negative time", -value, must=True)
        yield place.other("time of year 1", -62_135_596_800)
    if place.dates_rows:
        unit = _unit(value)
        if unit:
            yield place.other("time x 1000", value * 1000, must=True)
            yield place.other("time / 1000", value // 1000, must=True)
            yield place.other("time x 1000000", value * 10**6, must=True)
            yield place.other("date: 2099", 4_070_908_800 * unit, must=True)


def _of_words(place: _Place, symbols: tuple[str, ...]) -> Iterator[Spoil]:
    value = place.value
    if not NUMBER.match(value):
        yield place.other("number for words", 12345)
    elif place.is_number:
        for words in ("NaN", "Infinity", "1e999", "12abc", "0x1A", str(HUGE), "1e300"):
            yield place.other(f"words {words}"[:18], words, must=True)
        yield place.other("no words", "", absent=True)
    if value in symbols and not place.moves:
        yield place.other("another symbol", "ZZZZQ")
    if place.is_time and DATE.search(value):
        for name, words in wrong_dates(value, later=place.dates_rows).items():
            yield place.other(name, words, must=True)
        yield place.other("no date", "", absent=True)


def _moves(data: Any, path: Path, good: Outcome, attempt: Try) -> frozenset[str]:
    value = at(data, path)
    dated = bool(DATE.match(value) if isinstance(value, str) else _unit(value))
    nudged = (dumped(with_value(data, path, other)) for other in _nudges(value))
    return moved(good, (attempt(body) for body in nudged), dated=dated)


def _nudges(value: Any) -> list[Any]:
    if isinstance(value, bool) or value is None:
        return []
    if isinstance(value, int | float):
        unit = _unit(value)
        times = [value - 60 * unit, value - DAY * unit, value - WEEK * unit] if unit else []
        near = [value + 1, value - 1] if isinstance(value, int) else [value * 1.001, value * 0.999]
        return [*times, *near]
    if not isinstance(value, str):
        return []
    if NUMBER.match(value) and not DATE.match(value):
        last = "1" if value[-1] != "1" else "2"
        return [value[:-1] + last] if value[-1].isdigit() else []
    return earlier_dates(value)


def _unit(value: Any) -> int:
    """Return how many of a time's units make a second; 0 when the value looks like no time."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return 0
    return next((unit for unit, low, high in UNITS if low <= value <= high), 0)
