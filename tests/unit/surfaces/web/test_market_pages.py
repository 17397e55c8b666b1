"""The data and symbol pages: what an address asks, what a decision may do, how a way is cut."""

from datetime import UTC, date, datetime

import pytest

from fondaco.catalogue import CAPABILITIES
from fondaco.core.capability import Catalogue
from fondaco.core.view import Card, Column, Table
from fondaco.desk.lineage_capability import view_lineage
from fondaco.market.lineage_values import LineageReport, Proof, RawPlace, RowOrigin
from fondaco.market.price_results import InstrumentLine
from fondaco.surfaces.web.asked import Asked, asked, meant, no_day
from fondaco.surfaces.web.faults import Decision, cells, chosen_of, held
from fondaco.surfaces.web.grid import picked, words_in
from fondaco.surfaces.web.lineage import lineage_place, steps
from fondaco.surfaces.web.pages.data import place_of_view, view_of
from fondaco.surfaces.web.quoted import figures_of, freshness_chip, lines_of
from fondaco.surfaces.web.words import tone_of

from .toy import ToyDesk
from .toy_market import ToyMarket, list_faults

TODAY = date(2023, 1, 3)


def _faults():
    listed = list_faults(ToyMarket())
    names = ("id", "rule", "symbol", "reason", "where", "row", "source", "replayable", "resolved")
    lines = [
        {name: getattr(one, name) for name in names} | {"session": one.session.isoformat()}
        for one in listed.faults
    ]
    return held({"faults": lines})


JUMP, ZERO, FROZEN, HIGH_LOW, *_ = _faults()


@pytest.mark.parametrize(
    ("query", "view"),
    [
        ({}, "health"),
        ({"fact": "F-0123456789abcdef"}, "lineage"),
        ({"card": "TC-1"}, "lineage"),
        ({"symbol": "AAPL"}, "health"),
        ({"view": "quarantine", "rule": "jump"}, "quarantine"),
        ({"view": "nothing"}, "health"),
    ],
)
def test_an_address_says_which_view_of_data_it_asks_for(query: dict[str, str], view: str) -> None:
    assert view_of(query) == view


def test_a_place_of_data_keeps_what_is_asked() -> None:
    assert place_of_view("health") == "/data"
    assert place_of_view("quarantine", rule="jump") == "/data?view=quarantine&rule=jump"
    assert lineage_place(symbol="AAPL", on="", kind=None) == "/data?view=lineage&symbol=AAPL"


def test_a_raw_row_is_shown_with_its_own_digits() -> None:
    assert cells('{"close": 7163.580078, "volume": 0.0}') == (
        ("close", "7163.580078"),
        ("volume", "0.0"),
    )
    assert cells("[1, 2]") == (("Row", "[1, 2]"),)
    assert cells("") == ()


def test_rows_that_can_be_true_may_be_released_and_a_split_put_right() -> None:
    decision = Decision((JUMP,))
    assert decision.open
    assert not decision.stuck
    assert decision.takes_factor
    assert decision.words.startswith("Release lets the row into the store, with its own known time")


def test_several_rows_take_no_factor_and_none_is_released_beside_one_that_cannot() -> None:
    assert not Decision((JUMP, ZERO)).takes_factor
    assert "both rows" in Decision((JUMP, ZERO)).words
    mixed = Decision((JUMP, HIGH_LOW))
    assert mixed.stuck == (HIGH_LOW,)
    assert f"1 of 2 cannot be let in ({HIGH_LOW.title})" in mixed.words


def test_what_only_marks_a_kept_row_or_cannot_be_true_is_never_released() -> None:
    assert FROZEN.cells == ()
    assert Decision((FROZEN,)).words.endswith("Discard settles it; the row stays.")
    assert Decision((HIGH_LOW,)).words.startswith("Such rows cannot be let in.")
    assert Decision((FROZEN,)).stuck == (FROZEN,)


def test_what_is_settled_is_not_decided_again() -> None:
    market = ToyMarket()
    market.settle((JUMP.id,), "let in by ann: checked it")
    settled = next(one for one in market.faults.values() if one.id == JUMP.id)
    line = {
        "id": settled.id,
        "rule": settled.rule,
        "symbol": settled.symbol,
        "session": None,
        "reason": settled.reason,
        "where": settled.where,
        "row": settled.row,
        "source": settled.source,
        "replayable": True,
        "resolved": settled.resolved,
    }
    (one,) = held({"faults": [line]})
    assert not one.releasable
    assert not Decision((one,)).open
    assert not Decision((ZERO, one)).open
    assert not Decision(()).open


def test_the_chosen_are_those_of_the_list_and_no_other() -> None:
    faults = (JUMP, ZERO, FROZEN)
    assert chosen_of(faults, [2, 0, 2, 7, -1]) == (JUMP, FROZEN)


def _way(proof: Proof, raw: RawPlace | None) -> Card:
    at = datetime(2019, 6, 28, 20, tzinfo=UTC)
    row = RowOrigin(
        "bars_1d",
        (("close", "1"),),
        "file:a",
        at,
        at,
        "01a2",
        "file",
        at,
        "bars_1d",
        raw,
        proof,
        "ann: ok",
    )
    card = view_lineage(LineageReport("bars_1d", (), 1, (row,)))[-1]
    assert isinstance(card, Card)
    return card


def test_a_row_s_way_is_cut_into_row_ingest_and_raw_answer_and_loses_nothing() -> None:
    raw = RawPlace("0" * 64, "a.csv", "GET a", datetime(2019, 6, 28, tzinfo=UTC), 9, "row 3")
    card = _way(Proof.SAME, raw)
    row, ingest, answer = steps(card)
    assert [name for name, _ in row.fields] == ["close", "Known at", "Let in by"]
    assert [name for name, _ in ingest.fields] == ["Ingest", "Asked of"]
    assert answer.fields[0] == ("Raw answer", "a.csv")
    assert row.fields + ingest.fields + answer.fields == card.fields


def test_a_row_whose_raw_answer_is_lost_ends_at_its_ingest() -> None:
    assert [step.title for step in steps(_way(Proof.LOST, None))] == ["Row of the store", "Ingest"]


def test_an_address_of_a_symbol_is_read_and_written_the_same() -> None:
    for wanted in (
        Asked("AAPL"),
        Asked("BRK.B", "1m", "2019-06-28", adjusted=False),
        Asked("X", "1h"),
    ):
        path, _, query = wanted.place.partition("?")
        pairs = dict(part.split("=") for part in query.split("&") if part)
        assert asked(path.rpartition("/")[2], pairs) == wanted


def test_every_part_of_an_old_view_is_asked_as_of_that_day() -> None:
    old = Asked("AAPL", "5m", "2019-06-28")
    for inputs in (old.known(limit=1), old.history(), old.events(TODAY)):
        assert inputs["as_of"] == "2019-06-28"
    assert "as_of" not in Asked("AAPL").history()
    assert old.events(TODAY)["until"] == "2019-09-26"
    assert Asked("AAPL").events(date(2022, 12, 28))["until"] == "2023-03-28"


def test_indicators_stand_only_on_the_whole_adjusted_daily_history_of_now() -> None:
    assert Asked("AAPL").plain
    others = (Asked("A", "1h"), Asked("A", as_of="2019-06-28"), Asked("A", adjusted=False))
    assert not any(one.plain for one in others)
    assert Asked("AAPL").bars == "bars_1d"
    assert Asked("AAPL", "1h").bars == "bars_intraday"


@pytest.mark.parametrize(
    ("words", "why"),
    [
        ("", ""),
        ("2023-01-03", ""),
        ("2023-01-04", "lies ahead"),
        ("2019-02-30", "is no day"),
        ("20190628", "is no day"),
        ("yesterday", "is no day"),
    ],
)
def test_only_a_day_that_has_come_can_be_looked_from(words: str, why: str) -> None:
    said = no_day(words, TODAY)
    assert (why in said) if why else said == ""


def test_a_symbol_means_the_instrument_that_has_it_before_one_that_had_it() -> None:
    lines = [
        {"symbol": "META", "symbols": ("FB 2012-05-18 to 2022-06-08",)},
        {"symbol": "FB", "symbols": ("FB 2023-01-01 to now",)},
    ]
    assert set(lines[0]) <= set(InstrumentLine.__slots__)
    assert meant("FB", {"instruments": lines}) == lines[1]
    assert meant("FB", {"instruments": lines[:1]}) == lines[0]
    assert meant("F", {"instruments": lines}) is None


def test_freshness_is_a_word_of_its_own_and_never_looks_fresher_than_it_is() -> None:
    words = {
        "fresh, asked 3 s ago": ("FRESH", "good"),
        "stale, asked 912 s ago": ("STALE", "warning"),
        "not a quote: the stored close of 2022-12-28": ("NOT A QUOTE", "warning"),
        "as known at 2019-06-28 20:00 UTC": ("AS KNOWN", "muted"),
    }
    for said, (word, tone) in words.items():
        chip = freshness_chip(said)
        assert (chip.word, chip.tone.value, chip.detail) == (word, tone, said)


def test_a_quote_shows_what_is_known_and_leaves_out_what_is_not() -> None:
    table = Table(
        "Quotes",
        (
            Column("Symbol", "id"),
            Column("Bid", "number", digits=4),
            Column("Last", "number", digits=4),
            Column("Change", "percent", signed=True),
            Column("Source"),
            Column("Freshness"),
        ),
        (("AAPL", None, 125.674, -0.0307, "bundled", "fresh"),),
    )
    assert figures_of(table) == (
        [("Last", "125.6740"), ("Change", "-3.07 %")],
        [("Source", "bundled")],
    )


def test_what_was_tried_is_told_line_by_line() -> None:
    columns = (Column("Source", "id"), Column("Outcome", "chip"), Column("Reason"))
    table = Table("What was tried", columns, (("yahoo", "failed", "it cannot be reached"),))
    assert lines_of(table) == [("yahoo", "failed: it cannot be reached")]


def test_columns_are_picked_in_the_order_asked_and_a_row_opens_with_all_of_them() -> None:
    table = Table("T", (Column("A"), Column("B"), Column("C")), (("a", "b", "c"),), "bundled")
    few = picked(table, ("C", "A", "Z"))
    assert [column.title for column in few.columns] == ["C", "A"]
    assert few.rows == (("c", "a"),)
    assert few.label == "bundled"
    assert words_in(table, 0, "B") == "b"
    assert words_in(table, 0, "Z") == ""


def test_an_open_breaker_is_bad_and_nothing_else_that_is_open() -> None:
    assert tone_of("open", "Breaker").value == "bad"
    assert tone_of("open", "State").value == "plain"
    assert tone_of("half-open", "Breaker").value == "warning"
    assert tone_of("closed", "Breaker").value == "good"


@pytest.mark.parametrize(
    "name", [n for n in ToyDesk().catalogue.names if n.startswith(("market.", "providers."))]
)
def test_the_toy_is_asked_as_the_real_desk_is(name: str) -> None:
    toy, real = ToyDesk().catalogue[name], Catalogue(CAPABILITIES)[name]
    assert toy.effect is real.effect
    assert set(toy.public_fields()) <= set(real.public_fields())
