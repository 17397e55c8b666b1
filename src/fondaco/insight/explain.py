"""Explanations: which sentences are said of a card and of a backtest, and in which order."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from fondaco.core.errors import InvalidInput
from fondaco.core.facts import Fact
from fondaco.insight import backtest_sentences as of_backtest
from fondaco.insight import card_sentences as of_card
from fondaco.insight.numbers import ROUNDING
from fondaco.insight.ports import Item, Subject, Word
from fondaco.insight.sentences import Sentence, Template


@dataclass(frozen=True, slots=True)
class Passage:
    """Sentences on one question, under a heading."""

    heading: str
    sentences: tuple[Sentence, ...]


@dataclass(frozen=True, slots=True)
class Said:
    """A fact as the explanation used it: its id opens its rows (`fondaco facts show`)."""

    fact: str
    name: str
    value: Decimal
    unit: str
    as_of: datetime


@dataclass(frozen=True, slots=True)
class Explanation:
    """A subject in plain sentences; every number in them carries the id of its fact."""

    id: str
    kind: str
    title: str
    label: str
    passages: tuple[Passage, ...]
    facts: tuple[Said, ...]

    @property
    def sentences(self) -> tuple[Sentence, ...]:
        """All sentences in order."""
        return tuple(s for passage in self.passages for s in passage.sentences)

    @property
    def text(self) -> str:
        """The whole explanation as one text, a paragraph for each passage."""
        return "\n\n".join(" ".join(s.text for s in p.sentences) for p in self.passages)


def explanation(subject: Subject) -> Explanation:
    """Return the explanation of a subject: the same subject gives the same words.

    Raises InvalidInput for a kind of subject that has no sentences.
    """
    if subject.kind not in _PASSAGES:
        raise InvalidInput(
            "nothing is known about explaining this",
            value=subject.kind,
            bound=" or ".join(_PASSAGES),
        )
    passages = tuple(
        Passage(heading, tuple(sentences))
        for heading, sentences in _PASSAGES[subject.kind](subject)
    )
    return Explanation(
        subject.id, subject.kind, subject.title, subject.label, passages, _said(subject, passages)
    )


def _card(subject: Subject) -> Iterator[tuple[str, list[Sentence]]]:
    yield "The order", _all(of_card.ORDER, subject)
    yield (
        "Why",
        [*_reason(subject), *_each(subject, "evidence", of_card.EVIDENCE, of_card.EVIDENCE_NONE)],
    )
    yield "The guardrails", _verdicts(subject)
    yield "Where it stands", _state(subject)
    closing = [of_card.LABEL, *([of_card.REPLAY] if "replay" in subject.words else [])]
    yield "The data", [*_all(closing, subject), Sentence(ROUNDING, ())]


def _backtest(subject: Subject) -> Iterator[tuple[str, list[Sentence]]]:
    yield (
        "What was run",
        [*_all(of_backtest.RUN, subject), *_each(subject, "parameters", of_backtest.PARAMETER)],
    )
    yield "What came of it", _all(of_backtest.RESULT, subject)
    yield "What it is worth", _all(of_backtest.TRIALS, subject)
    yield "The data", [*_all((of_backtest.LABEL,), subject), Sentence(ROUNDING, ())]


_PASSAGES: Mapping[str, Callable[[Subject], Iterator[tuple[str, list[Sentence]]]]] = {
    "card": _card,
    "backtest": _backtest,
}


def _reason(subject: Subject) -> list[Sentence]:
    dated = of_card.DATED if "catalyst_day" in subject.words else of_card.UNDATED
    return _all((of_card.SOURCE, dated), subject)


def _verdicts(subject: Subject) -> list[Sentence]:
    items = subject.lists.get("verdicts", ())
    if not items:
        return _all((of_card.VERDICTS_NONE,), subject)
    return [
        _verdict(item).render({"id": subject.words["id"], **item.words}, item.facts)
        for item in items
    ]


def _verdict(item: Item) -> Template:
    judgement = item.words["judgement"].text
    if judgement == "NOT JUDGED" or {"value", "limit"} <= set(item.facts):
        return of_card.VERDICTS[judgement]
    return of_card.PASSES_PLAIN if judgement == "PASS" else of_card.FAILS_PLAIN


def _state(subject: Subject) -> list[Sentence]:
    state = subject.words["state"].text
    if state in of_card.STATES:
        return _all(of_card.STATES[state], subject)
    ended = "price_move" in subject.facts
    return _all((*of_card.FILLED, of_card.OUTCOME if ended else of_card.OUTCOME_AHEAD), subject)


def _all(templates: tuple[Template, ...] | list[Template], subject: Subject) -> list[Sentence]:
    return [template.render(subject.words, subject.facts) for template in templates]


def _each(
    subject: Subject, name: str, template: Template, none: Template | None = None
) -> list[Sentence]:
    items = subject.lists.get(name, ())
    if not items and none is not None:
        return _all((none,), subject)
    return [template.render(_merged(subject, item), item.facts) for item in items]


def _merged(subject: Subject, item: Item) -> Mapping[str, Word]:
    return {**subject.words, **item.words}


def _said(subject: Subject, passages: tuple[Passage, ...]) -> tuple[Said, ...]:
    items = [item for items in subject.lists.values() for item in items]
    given = [*subject.facts.values(), *(fact for item in items for fact in item.facts.values())]
    known: dict[str, Fact] = {fact.id: fact for fact in given}
    used = dict.fromkeys(ref for p in passages for s in p.sentences for ref in s.fact_ids)
    return tuple(
        Said(ref, known[ref].name, known[ref].value, known[ref].unit, known[ref].as_of)
        for ref in used
    )
