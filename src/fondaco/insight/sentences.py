"""Sentences with slots: a template holds no digit, and every number said carries its fact."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

from fondaco.core.facts import Fact
from fondaco.insight.numbers import NOT_KNOWN, spoken
from fondaco.insight.ports import Word, WordKind

QUOTE_CHARS_MAX = 280
UNSUPPORTED = "[number without a fact]"
_SLOT = re.compile(r"\{(#?)([a-z][a-z_]*)\}")
_NUMBER_LIKE = re.compile(r"\S+")


class SpanKind(StrEnum):
    """What stands behind a piece of a sentence: a fact, or a word that names something."""

    FACT = "fact"
    WORD = "word"


@dataclass(frozen=True, slots=True)
class Span:
    """The piece `text[start:end]` and what it rests on: a fact's id, or the kind of a word."""

    start: int
    end: int
    kind: SpanKind
    ref: str


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence whose every digit lies in one of its spans."""

    text: str
    spans: tuple[Span, ...]

    def __post_init__(self) -> None:
        loose = uncovered(self.text, self.spans)
        if loose:
            raise ValueError(f"a number without a fact in {self.text!r}: {loose}")

    @property
    def fact_ids(self) -> tuple[str, ...]:
        """The facts that its numbers point at, in order."""
        return tuple(s.ref for s in self.spans if s.kind is SpanKind.FACT)


def is_digit(char: str) -> bool:
    """Return whether a character is a digit or a number of any script, fractions included."""
    return char.isnumeric()


def uncovered(text: str, spans: tuple[Span, ...]) -> tuple[str, ...]:
    """Return the digits of a text that lie in no span, with their places."""
    inside = {at for span in spans for at in range(span.start, span.end)}
    return tuple(
        f"{char} at {at}" for at, char in enumerate(text) if is_digit(char) and at not in inside
    )


@dataclass(frozen=True)
class Template:
    """A sentence to be filled: `{word}` takes a word, `{#fact}` a fact's value with its unit.

    A digit in the template is refused when it is built: a number can only come from a fact.

    >>> Template("It holds {#shares} of {symbol}.").slots
    (('#', 'shares'), ('', 'symbol'))
    """

    body: str

    def __post_init__(self) -> None:
        if any(is_digit(char) for char in self.body):
            raise ValueError(f"a template holds no digit: {self.body!r}")
        if set(_SLOT.sub("", self.body)) & set("{}#"):
            raise ValueError(f"a slot is {{word}} or {{#fact}}: {self.body!r}")

    @cached_property
    def slots(self) -> tuple[tuple[str, str], ...]:
        """The slots in order: '#' for a fact or '' for a word, and the name."""
        return tuple((mark, name) for mark, name in _SLOT.findall(self.body))

    def render(self, words: Mapping[str, Word], facts: Mapping[str, Fact]) -> Sentence:
        """Return the sentence; a slot with nothing to fill it says `not known`."""
        text, spans, last = "", [], 0
        for match in _SLOT.finditer(self.body):
            text += self.body[last : match.start()]
            last = match.end()
            name = match[2]
            is_fact = bool(match[1])
            piece, kind, ref = _of_fact(facts.get(name)) if is_fact else _of_word(words.get(name))
            if ref:
                spans.append(Span(len(text), len(text) + len(piece), kind, ref))
            text += piece
        return Sentence(text + self.body[last:], tuple(spans))


def _of_fact(fact: Fact | None) -> tuple[str, SpanKind, str]:
    return spoken(fact), SpanKind.FACT, "" if fact is None else fact.id


def _of_word(word: Word | None) -> tuple[str, SpanKind, str]:
    if word is None:
        return NOT_KNOWN, SpanKind.WORD, ""
    if word.kind is WordKind.TEXT:
        return quoted(word.text), SpanKind.WORD, ""
    return word.text, SpanKind.WORD, word.kind.value


def quoted(text: str) -> str:
    """Return free text on one line, short and inert; a number in it is not repeated.

    >>> quoted("Sales rose\\n12.5% again")
    'Sales rose [number without a fact] again'
    """
    visible = "".join(c if unicodedata.category(c)[0] != "C" else " " for c in text)
    line = " ".join(visible.split())
    cut = line if len(line) <= QUOTE_CHARS_MAX else line[: QUOTE_CHARS_MAX - 1] + "…"
    return _NUMBER_LIKE.sub(_without_number, cut)


def _without_number(match: re.Match[str]) -> str:
    return UNSUPPORTED if any(is_digit(char) for char in match[0]) else match[0]
