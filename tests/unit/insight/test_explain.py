"""Explanations of a card and of a backtest: what they say, and that every number is traced."""

from datetime import timedelta

import pytest

from fondaco.core.capability import Caller, Catalogue
from fondaco.core.errors import InvalidInput, NotFound
from fondaco.core.facts import MemoryFacts, Source
from fondaco.core.invoke import validate
from fondaco.core.view import Card, Table, Text
from fondaco.insight.capabilities import explain, show_fact
from fondaco.insight.card_sentences import STATES
from fondaco.insight.explain import explanation
from fondaco.insight.fakes import ListedSubjects, TableRows
from fondaco.insight.ports import Subject, day
from fondaco.insight.sentences import uncovered
from fondaco.insight.views import view_explanation, view_fact
from unit.insight.subjects_of_tests import AS_OF, backtest, card, fact

CATALOGUE = Catalogue(
    {
        "explain": "fondaco.insight.capabilities:explain",
        "facts.show": "fondaco.insight.capabilities:show_fact",
    }
)


@pytest.mark.parametrize(
    "subject", [*(card(state) for state in (*STATES, "FILLED", "CLOSED")), backtest()]
)
def test_every_digit_of_an_explanation_lies_in_a_span(subject: Subject) -> None:
    result = explanation(subject)
    assert any(char.isnumeric() for char in result.text)
    for sentence in result.sentences:
        assert uncovered(sentence.text, sentence.spans) == ()


def test_a_card_is_explained_from_its_order_to_its_data() -> None:
    text = explanation(card()).text
    for said in (
        "TC-17 is a proposal to buy 50 shares of AAPL for the account paper, as of 2019-06-28.",
        "sized at a price of 197.92 USD, which makes an order of 9,896.00 USD",
        "The idea comes from momentum: rank rose [number without a fact] in [number without a "
        "fact] weeks.",
        "The momentum 12-1 was 18.34 % on 2019-06-28.",
        "The position rule passes: 9.87 %, and its limit is 10.00 %.",
        "The liquidity rule was not judged, because an input is missing; approval needs "
        "`--acknowledge liquidity`.",
        "The regime rule fails: 41.00 %, and its limit is 35.00 %.",
        "The sector rule passes; `fondaco cards why TC-17` shows what it looked at.",
        "It waits for a person's approval until 2019-06-28 20:00 UTC.",
        "Nothing with a date stands behind it.",
    ):
        assert said in text


def test_a_fill_without_an_outcome_says_that_the_rest_is_not_known() -> None:
    text = explanation(card("FILLED")).text
    assert "The order was filled on not known: not known at not known" in text
    assert "What came of it is not known yet" in text


def test_a_measured_fill_says_what_came_of_it() -> None:
    filled = card("CLOSED")
    measured = {
        "price_move": fact("move", "0.0431", "share"),
        "last_price": fact("last price", "206.45", "price USD"),
        "gain": fact("gain", "421.55", "USD"),
    }
    subject = Subject(
        filled.id,
        "card",
        filled.title,
        filled.label,
        {**filled.words, "price_day": day(AS_OF)},
        {**filled.facts, **measured},
    )
    assert (
        "Since then the price has moved by 4.31 % to 206.45 USD on 2019-06-28, which is "
        "421.55 USD for this order after its fee."
    ) in explanation(subject).text


def test_a_missing_measure_of_a_backtest_is_said_to_be_not_known() -> None:
    text = explanation(backtest()).text
    assert "a Sharpe ratio of 0.48; counting falls alone, a Sortino ratio of not known" in text
    assert "An account of 100,000.00 USD became 412,345.68 USD" in text
    assert "counts 1 trial of this strategy, 3 trials of its family and 7 trials on" in text


def test_a_changed_fact_changes_the_words_and_its_id() -> None:
    changed = Subject(
        **{name: getattr(card(), name) for name in Subject.__slots__}
        | {"facts": {**card().facts, "cost_estimate": fact("fee", "5.95", "USD")}}
    )
    before, after = explanation(card()), explanation(changed)
    assert "5.95 USD" in after.text
    assert "5.95 USD" not in before.text
    assert {s.fact for s in before.facts} != {s.fact for s in after.facts}


def test_the_same_subject_is_always_explained_in_the_same_words() -> None:
    assert explanation(card()) == explanation(card())


def test_each_fact_that_was_said_is_listed_once_with_its_full_value() -> None:
    result = explanation(backtest())
    said = [s.fact for s in result.facts]
    assert len(said) == len(set(said))
    assert set(said) == {ref for s in result.sentences for ref in s.fact_ids}
    assert "412345.678" in {str(s.value) for s in result.facts}


def test_a_subject_without_sentences_is_refused() -> None:
    odd = Subject("TC-1", "poem", "", "", {}, {})
    with pytest.raises(InvalidInput, match="poem"):
        explanation(odd)


def test_a_card_without_verdicts_or_evidence_says_so() -> None:
    bare = Subject("TC-17", "card", "t", "bundled", card().words, {})
    text = explanation(bare).text
    assert "No number was given as evidence." in text
    assert "No guardrail has judged it." in text
    assert "Prices: bundled." in text


def test_the_capability_explains_what_it_is_asked_for_and_refuses_other_ids() -> None:
    cap = CATALOGUE["explain"]
    assert tuple(cap.public_fields()) == ("id",)
    assert validate(cap, {"id": "TC-17"}).id_ == "TC-17"
    with pytest.raises(InvalidInput, match="id"):
        validate(cap, {"id": "17"})
    assert explain(ListedSubjects(card()), id_="TC-17").title == "TC-17: buy AAPL"
    with pytest.raises(NotFound):
        explain(ListedSubjects(card()), id_="TC-18")


def test_an_explanation_is_drawn_as_paragraphs_and_a_table_of_facts() -> None:
    result = explain(ListedSubjects(card()), id_="TC-17")
    data = CATALOGUE["explain"].output.dump_python(result, mode="json")
    blocks = CATALOGUE["explain"].view(CATALOGUE["explain"].output.validate_python(data))
    assert blocks == view_explanation(result)
    texts = [block for block in blocks if isinstance(block, Text)]
    assert any("50 shares of AAPL" in block.text and len(block.fact_ids) == 6 for block in texts)
    table = blocks[-1]
    assert isinstance(table, Table)
    assert len(table.rows) == len(result.facts)
    assert table.label == "bundled"


def test_a_fact_is_shown_with_the_rows_that_it_came_from() -> None:
    facts = MemoryFacts()
    close = fact("last close", "197.92", "price USD")
    facts.add((close,))
    rows = TableRows(
        ("instrument", "session", "close"),
        tuple(("I-aapl", f"2019-06-{day}", 190.0 + day) for day in range(24, 29)),
    )
    shown = show_fact(facts, rows, fact=close.id, limit=2)
    assert shown.value == close.value
    assert shown.rows.rows == (("I-aapl", "2019-06-27", 217.0), ("I-aapl", "2019-06-28", 218.0))
    assert shown.rows.more == 3
    card_block, more, table = view_fact(shown)
    assert isinstance(card_block, Card)
    assert ("Value", "197.92 price USD") in card_block.fields
    assert isinstance(more, Text)
    assert "3 earlier rows" in more.text
    assert isinstance(table, Table)
    assert len(table.rows) == 2


def test_a_fact_view_names_span_version_and_many_keys() -> None:
    facts = MemoryFacts()
    span = Source(
        "bars_1d",
        tuple(f"I-{n}" for n in "abcdefg"),
        since=AS_OF - timedelta(days=30),
        until=None,
        version=4,
    )
    wide = type(fact("x", "1", ""))("x", fact("x", "2.50", "").value, "ratio", AS_OF, span)
    facts.add((wide,))
    block = view_fact(show_fact(facts, TableRows(("k",), ()), fact=wide.id))[0]
    assert isinstance(block, Card)
    fields = dict(block.fields)
    assert fields["Span"] == "2019-05-29 to the last row"
    assert fields["Source"] == "bars_1d, version 4: I-a, I-b, I-c, I-d, I-e and 2 more"
    assert fields["Value"] == "2.5 ratio"


def test_a_fact_that_nobody_kept_is_not_found() -> None:
    with pytest.raises(NotFound):
        show_fact(MemoryFacts(), TableRows((), ()), fact="F-0123456789abcdef")


def test_explaining_and_showing_are_open_to_a_model() -> None:
    assert {cap.name for cap in CATALOGUE.for_model()} == {"explain", "facts.show"}
    reader = Caller(actor="bot", surface="mcp", person=False)
    assert len(CATALOGUE.for_caller(reader)) == 2
