import pytest

from fondaco.core.view import Column, Table, Text, Tone
from fondaco.surfaces.web.draw import digest_html, linked, value_html
from fondaco.surfaces.web.explained import sentence_html
from fondaco.surfaces.web.tags import coded
from fondaco.surfaces.web.words import named_place, place_of, row_place, shape_of, tone_of

FACTS = ("F-0000000000000001", "F-0000000000000002")


@pytest.mark.parametrize(
    ("word", "tone", "sign"),
    [
        ("PASS", Tone.GOOD, "✓"),
        ("FAIL", Tone.BAD, "✕"),
        ("NOT JUDGED", Tone.WARNING, "?"),
        ("UNKNOWN", Tone.WARNING, "?"),
        ("running", Tone.INFO, "●"),
        ("bundled", Tone.MUTED, "○"),
        ("anything", Tone.PLAIN, ""),
    ],
)
def test_a_states_word_has_one_tone_and_one_sign(word: str, tone: Tone, sign: str) -> None:
    assert tone_of(word) is tone
    assert shape_of(word, tone) == sign


@pytest.mark.parametrize(
    ("ident", "place"),
    [
        ("TC-17", "/cards/TC-17"),
        ("BT-3", "/backtest/BT-3"),
        ("J-5", "/jobs/J-5"),
        ("TC-", None),
        ("TC-1/../x", None),
        ("I-000000000001", None),
    ],
)
def test_an_id_opens_on_its_page(ident: str, place: str | None) -> None:
    assert place_of(ident) == place


@pytest.mark.parametrize(
    ("name", "ident", "place"),
    [
        ("Trial", "0123456789ab", "/trials?chosen=0123456789ab"),
        ("Trial", "a" * 64, f"/trials?chosen={'a' * 64}"),
        ("Trial", "1,024", None),
        ("Trial", "0123456789ab&x=1", None),
        ("Digest", "a" * 64, None),
        ("Trial", "BT-3", "/backtest/BT-3"),
    ],
)
def test_the_hash_of_a_trial_opens_on_the_page_of_trials(
    name: str, ident: str, place: str | None
) -> None:
    assert named_place(name, ident) == place
    assert (f'href="{place}"' in value_html(ident, name)) == (place is not None)


def test_a_row_opens_the_page_of_its_first_id() -> None:
    table = Table(
        "x",
        (Column("N", "number"), Column("Fact", "id"), Column("Card", "id")),
        ((1, "F-1", "TC-1"), (2, None, None)),
    )
    assert row_place(table, 0) == "/cards/TC-1"
    assert row_place(table, 1) is None


def test_numbers_of_a_paragraph_open_their_facts_and_dates_do_not() -> None:
    text = Text("As of 2019-06-28 it fell by 1,234.50 USD, or -3.20 %, at 20:00.", fact_ids=FACTS)
    words = linked(text)
    assert f'data-fact="{FACTS[0]}"' in words
    assert ">1,234.50</button>" in words
    assert ">-3.20 %</button>" in words
    assert "2019-06-28" in words
    assert words.count("<button") == 2


def test_facts_that_cannot_be_told_apart_follow_the_paragraph() -> None:
    words = linked(Text("Momentum 12 was 0.4.", fact_ids=FACTS[:1]))
    assert words.startswith("Momentum 12 was 0.4. <button")
    assert ">[1]</button>" in words


def test_a_sentence_opens_each_fact_at_its_place() -> None:
    sentence = {
        "text": "TC-1 costs 5 USD.",
        "spans": [
            {"start": 0, "end": 4, "kind": "word", "ref": "id"},
            {"start": 11, "end": 16, "kind": "fact", "ref": FACTS[0]},
        ],
    }
    words = sentence_html(sentence)
    assert words.startswith("TC-1 costs <button")
    assert words.endswith(">5 USD</button>.")


@pytest.mark.parametrize("draw", [coded, value_html, lambda t: linked(Text(t))])
def test_text_never_becomes_markup(draw) -> None:
    assert "<script" not in draw("<script>alert(1)</script>")


def test_a_command_in_a_text_is_shown_as_code() -> None:
    assert coded("run `fondaco up` now") == "run <code>fondaco up</code> now"
    assert coded("a lone ` stays") == "a lone ` stays"


def test_a_digest_is_shown_whole_in_groups_of_eight() -> None:
    digest = "0123456789abcdef" * 4
    assert digest_html(digest).count(" 89abcdef") == 4
    assert digest in value_html(digest)


def test_a_value_that_is_an_id_or_a_fact_can_be_opened() -> None:
    assert value_html("BT-3") == '<a class="ident" href="/backtest/BT-3">BT-3</a>'
    assert 'data-fact="F-0000000000000001"' in value_html(FACTS[0])
