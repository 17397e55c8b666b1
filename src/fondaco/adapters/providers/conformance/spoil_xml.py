"""Spoils of answers in XML: entities, cuts, and single elements."""

import re
from collections.abc import Callable, Iterator
from copy import deepcopy
from xml.etree import ElementTree

from fondaco.adapters.providers.conformance.json_tree import NUMBER, earlier_dates, wrong_dates
from fondaco.adapters.providers.conformance.outcome import (
    DATING,
    Outcome,
    moved,
    temporal,
    unchanged,
)
from fondaco.adapters.providers.conformance.spoil import Spoil, with_body

Try = Callable[[bytes], Outcome]
DECLARATION = re.compile(rb"^\s*<\?xml[^>]*\?>")


def of_xml(body: bytes, good: Outcome, attempt: Try) -> Iterator[Spoil]:
    """Yield the spoils of an XML answer."""
    whole = body.strip()
    for words, size in (
        ("at a quarter", len(whole) // 4),
        ("at a half", len(whole) // 2),
        ("at three quarters", 3 * len(whole) // 4),
        ("by one byte", len(whole) - 1),
    ):
        yield with_body(f"cut {words}", whole[:size], lost=True)
    yield with_body("twice", whole + whole, lost=True)
    half = len(whole) // 2
    yield with_body("NUL", whole[:half] + b"\0" + whole[half:], lost=True)
    yield from _of_entities(whole)
    root = ElementTree.fromstring(whole)  # noqa: S314 - the case's own text
    if unchanged(good, attempt(_dumped(root))):
        yield from _of_elements(root, good, attempt)


def _of_entities(whole: bytes) -> Iterator[Spoil]:
    plain = DECLARATION.sub(b"", whole)
    found = re.search(rb">([^<>\s&][^<>&]*)</", plain)
    root = re.search(rb"<([A-Za-z_:][\w:.-]*)", plain)
    if not found or not root:
        return
    used = plain[: found.start(1)] + b"&e9;" + plain[found.end(1) :]
    layers = b"".join(b'<!ENTITY e%d "%s">' % (n, b"&e%d;" % (n - 1) * 10) for n in range(1, 10))
    bomb = b'<!DOCTYPE %s [<!ENTITY e0 "ha">%s]>' % (root[1], layers)
    yield with_body("entity bomb", bomb + used, lost=True)
    outside = b'<!DOCTYPE %s [<!ENTITY e9 SYSTEM "file:///etc/hostname">]>' % root[1]
    yield with_body("outside entity", outside + used, lost=True)
    inside = b'<!DOCTYPE %s [<!ENTITY e9 "%s">]>' % (root[1], found[1].replace(b'"', b"'"))
    yield with_body("entity of its own", inside + used, must=True)


def _of_elements(root: ElementTree.Element, good: Outcome, attempt: Try) -> Iterator[Spoil]:
    for path, name in _kinds(root):
        element = _at(root, path)
        where = name
        if unchanged(good, attempt(_with_text(root, path, "\u2603 spoilt"))) and not len(element):
            continue
        if len(_at(root, path[:-1]).findall(element.tag)) == 1:  # one of many may just not be there
            yield with_body("missing field", _without(root, path), where=where, absent=True)
            yield with_body("renamed field", _renamed(root, path), where=where, absent=True)
        if len(element):
            continue
        text = (element.text or "").strip()
        yield with_body("no words", _with_text(root, path, ""), where=where, absent=True)
        if NUMBER.match(text):
            for words in ("NaN", "inf", "1e999", "12abc", "1e300"):
                body = _with_text(root, path, words)
                yield with_body(f"words {words!r}", body, where=where, must=True)
        else:
            tries = (attempt(_with_text(root, path, words)) for words in earlier_dates(text))
            moves = moved(good, tries)
            for label, words in wrong_dates(text, later=bool(moves & DATING)).items():
                if moves & temporal(good.rows[0]):
                    yield with_body(label, _with_text(root, path, words), where=where, must=True)


def _kinds(root: ElementTree.Element) -> list[tuple[tuple[int, ...], str]]:
    kinds: dict[str, list[tuple[int, ...]]] = {}
    todo: list[tuple[ElementTree.Element, tuple[int, ...], str]] = [(root, (), "")]
    while todo:
        element, path, name = todo.pop()
        if path:
            kinds.setdefault(name, []).append(path)
        for n, child in enumerate(element):
            todo.append((child, (*path, n), f"{name}/{child.tag}"))
    return [(found[len(found) // 2], name) for name, found in kinds.items()][:60]


def _at(root: ElementTree.Element, path: tuple[int, ...]) -> ElementTree.Element:
    for step in path:
        root = root[step]
    return root


def _with_text(root: ElementTree.Element, path: tuple[int, ...], text: str) -> bytes:
    copy = deepcopy(root)
    _at(copy, path).text = text
    return _dumped(copy)


def _without(root: ElementTree.Element, path: tuple[int, ...]) -> bytes:
    copy = deepcopy(root)
    parent = _at(copy, path[:-1])
    parent.remove(parent[path[-1]])
    return _dumped(copy)


def _renamed(root: ElementTree.Element, path: tuple[int, ...]) -> bytes:
    copy = deepcopy(root)
    _at(copy, path).tag += "V2"
    return _dumped(copy)


def _dumped(root: ElementTree.Element) -> bytes:
    return bytes(ElementTree.tostring(root, encoding="utf-8"))
