"""Places in a JSON answer: every kind of place once, and the answer with one place changed."""

import json
import re
from collections.abc import Iterator
from typing import Any

Path = tuple[str | int, ...]
TOKEN = "@@spoil@@"  # noqa: S105 - stands in the text where the spoilt words go
WIDE_MAX = 24
PLACES_MAX = 60
DATE = re.compile(r"\b(19|20)\d\d[-/]?[01]\d[-/]?[0-3]\d|\b(19|20)\d\d\b")
NUMBER = re.compile(r"^-?\d+(\.\d+)?([eE][-+]?\d+)?%?$")


def places(data: Any) -> list[Path]:
    """Return one place of each kind, the middle one: cells, objects and lists alike.

    Items of a list are of one kind, save in a list of lists of cells, where each column is one.
    """
    kinds: dict[tuple[str, ...], list[Path]] = {}
    for path, kind in _walk(data, (), ()):
        kinds.setdefault(kind, []).append(path)
    return [found[len(found) // 2] for found in kinds.values()][:PLACES_MAX]


def _walk(data: Any, path: Path, kind: tuple[str, ...]) -> Iterator[tuple[Path, tuple[str, ...]]]:
    if path:
        yield path, kind
    if isinstance(data, dict):
        for name, value in data.items():
            same = "*" if DATE.match(name) or NUMBER.match(name) else name
            yield from _walk(value, (*path, name), (*kind, same))
    elif isinstance(data, list):
        wide = bool(kind) and kind[-1] == "*" and len(data) <= WIDE_MAX and _cells(data)
        for n, value in enumerate(data):
            yield from _walk(value, (*path, n), (*kind, f"#{n}" if wide else "*"))


def _cells(data: list[Any]) -> bool:
    return not any(isinstance(value, dict | list) for value in data)


def at(data: Any, path: Path) -> Any:
    """Return what stands at a place."""
    for step in path:
        data = data[step]
    return data


def with_value(data: Any, path: Path, value: Any) -> Any:
    """Return the answer with another value at a place; nothing that was given is changed."""
    if not path:
        return value
    step, rest = path[0], path[1:]
    copy: Any = dict(data) if isinstance(data, dict) else list(data)
    copy[step] = with_value(data[step], rest, value)
    return copy


def without(data: Any, path: Path) -> Any:
    """Return the answer without a named part."""
    parent = at(data, path[:-1])
    return with_value(data, path[:-1], {k: v for k, v in parent.items() if k != path[-1]})


def renamed(data: Any, path: Path, name: str) -> Any:
    """Return the answer with a named part under another name, in its old place."""
    parent = at(data, path[:-1])
    named = {name if k == path[-1] else k: v for k, v in parent.items()}
    return with_value(data, path[:-1], named)


def dumped(data: Any, words: str | None = None) -> bytes:
    """Return JSON bytes; `words` stand where the value `TOKEN` was."""
    text = json.dumps(data, ensure_ascii=False)
    return (text if words is None else text.replace(f'"{TOKEN}"', words)).encode()


def shown(path: Path) -> str:
    """Return a place as words for a person."""
    return ".".join(str(step) for step in path)[:120]


def wrong_dates(value: str, *, later: bool) -> dict[str, str]:
    """Return a date's words with a date in them that cannot be; `later`: with the year 2099 too."""
    found = DATE.search(value)
    if found is None:
        return {}
    was, days = found.group(), {"date: year 1": "0001-01-01", "date: no day": "2024-13-45"}
    if later:
        days["date: 2099"] = "2099-01-04"
    if len(was) == 4:
        del days["date: no day"]
    made = {name: value.replace(was, _like(was, day), 1) for name, day in days.items()}
    return made | {"date: words": "soon"}


def earlier_dates(value: str) -> list[str]:
    """Return a date's words a few days or a year apart."""
    found = DATE.search(value)
    if found is None:
        return []
    was = found.group()
    days = [value.replace(was, was[:-1] + d, 1) for d in "123" if len(was) > 4]
    return [*days, value.replace(was, str(int(was[:4]) - 1) + was[4:], 1)]


def _like(was: str, day: str) -> str:
    if len(was) == 4:
        return day[:4]
    return day.replace("-", "/" if "/" in was else "-" if "-" in was else "")
