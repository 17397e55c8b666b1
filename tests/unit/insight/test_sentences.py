"""Templates without digits, slots, spans, and what becomes of a number without a fact."""

import inspect
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fondaco.insight import backtest_sentences, card_sentences
from fondaco.insight.numbers import spoken
from fondaco.insight.ports import Word, WordKind
from fondaco.insight.sentences import (
    UNSUPPORTED,
    Sentence,
    Span,
    SpanKind,
    Template,
    quoted,
    uncovered,
)
from unit.insight.subjects_of_tests import fact


@pytest.mark.parametrize("body", ["The fee is 5 USD.", "It fell by ½.", "Over ٣ days.", "x²"])
def test_a_template_with_a_digit_of_any_script_cannot_be_built(body: str) -> None:
    with pytest.raises(ValueError, match="no digit"):
        Template(body)


@pytest.mark.parametrize("body", ["{", "a }", "{Upper}", "{#}", "{two words}", "price #"])
def test_a_malformed_slot_is_refused(body: str) -> None:
    with pytest.raises(ValueError, match="slot"):
        Template(body)


def test_a_number_is_spoken_with_the_id_of_its_fact_under_it() -> None:
    fee = fact("fee", "4.95", "USD")
    sentence = Template("The fee is {#fee} for {symbol}.").render(
        {"symbol": Word("MMM", WordKind.SYMBOL)}, {"fee": fee}
    )
    assert sentence.text == "The fee is 4.95 USD for MMM."
    assert sentence.spans == (
        Span(11, 19, SpanKind.FACT, fee.id),
        Span(24, 27, SpanKind.WORD, "symbol"),
    )
    assert sentence.fact_ids == (fee.id,)


def test_an_absent_fact_or_word_is_said_to_be_not_known() -> None:
    sentence = Template("The fee of {symbol} is {#fee}.").render({}, {})
    assert sentence.text == "The fee of not known is not known."
    assert sentence.spans == ()


def test_a_sentence_with_a_loose_digit_cannot_be_built() -> None:
    with pytest.raises(ValueError, match="number without a fact"):
        Sentence("It is 7.", ())


def test_uncovered_finds_the_digit_that_lies_outside_a_span() -> None:
    assert uncovered("12 and 3", (Span(0, 2, SpanKind.FACT, "F-x"),)) == ("3 at 7",)


def test_a_number_in_free_text_is_not_repeated() -> None:
    assert quoted("up 12% since May") == f"up {UNSUPPORTED} since May"


def test_free_text_is_one_short_line_without_control_characters() -> None:
    assert quoted("a\n\u202eb\x07 c") == "a b c"
    assert len(quoted("word " * 1_000)) == 280
    assert quoted("word " * 1_000).endswith("…")


@given(st.text(max_size=200))
def test_no_digit_of_any_free_text_ever_reaches_a_sentence(text: str) -> None:
    sentence = Template("He says: {said}.").render({"said": Word(text)}, {})
    assert not any(char.isnumeric() for char in sentence.text)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("in 2019", WordKind.DATE),
        ("2019-06-28", WordKind.TIME),
        ("aapl 5", WordKind.SYMBOL),
        ("TC-17 and 5", WordKind.ID),
        ("12 percent", WordKind.NAME),
        ("a\n1", WordKind.NAME),
    ],
)
def test_a_word_must_look_like_what_it_says_it_is(text: str, kind: WordKind) -> None:
    with pytest.raises(ValueError, match="does not look like"):
        Word(text, kind)


@pytest.mark.parametrize(
    ("value", "unit", "words"),
    [
        ("1234.5", "USD", "1,234.50 USD"),
        ("1234.5", "JPY", "1,234 JPY"),
        ("197.925", "price USD", "197.92 USD"),
        ("0.26", "price USD", "0.2600 USD"),
        ("0.0987", "share", "9.87 %"),
        ("-0.5", "fraction", "-50.00 %"),
        ("3.456", "percent", "3.46 %"),
        ("12.34", "bps", "12.3 bps"),
        ("1", "sessions", "1 session"),
        ("4778", "sessions", "4,778 sessions"),
        ("2.5", "years", "2.50 years"),
        ("0.485", "ratio", "0.48"),
        ("0", "share", "0.00 %"),
        ("0.000004", "share", "under 0.01 %"),
        ("-0.001", "USD", "just below zero, above -0.01 USD"),
        ("7", "contracts", "7 contracts"),
    ],
)
def test_each_unit_has_one_way_to_be_said(value: str, unit: str, words: str) -> None:
    # Worked by hand from the rule: half to even at the unit's last place.
    assert spoken(fact("x", value, unit)) == words


@given(
    st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**9), max_value=10**9),
    st.sampled_from(["USD", "share", "ratio", "sessions", "price USD", "bps"]),
)
def test_what_is_said_moves_with_the_value(value: Decimal, unit: str) -> None:
    assert spoken(fact("x", str(value), unit)) != spoken(fact("x", str(value + 7), unit))


def templates() -> list[Template]:
    """Return every template of both files, those in tables and tuples too."""
    found: list[Template] = []
    for module in (card_sentences, backtest_sentences):
        for _, value in inspect.getmembers(module):
            values = value.values() if isinstance(value, dict) else [value]
            for each in values:
                found += [
                    t
                    for t in (each if isinstance(each, tuple) else (each,))
                    if isinstance(t, Template)
                ]
    return found


def test_no_template_holds_a_digit_an_exclamation_or_advice() -> None:
    bodies = [template.body.lower() for template in templates()]
    assert len(bodies) > 30
    for body in bodies:
        assert not any(char.isnumeric() for char in body)
        for word in ("!", "should", "recommend", "we think", "great", "opportunity", "must buy"):
            assert word not in body


def test_every_slot_of_a_template_is_named_at_the_top_of_its_file() -> None:
    for module in (card_sentences, backtest_sentences):
        named = set((module.__doc__ or "").replace("`", " ").replace(";", " ").split())
        for _, value in inspect.getmembers(module):
            if isinstance(value, Template):
                assert {name for _, name in value.slots} <= named
