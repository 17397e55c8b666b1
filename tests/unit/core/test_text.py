"""Blocks as plain text: aligned, labelled, without what could steer a terminal."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fondaco.core.text import SPARK, plain, sparkline, thinned, visible
from fondaco.core.view import Card, Chart, Chip, Column, Series, Table, Text, Tone

TABLE = Table(
    "Balances",
    (Column("Account"), Column("Cash", "money", "USD"), Column("Change", "percent", signed=True)),
    (("paper", Decimal("1234.5"), 0.01), ("other", None, -0.5)),
    label="bundled",
)


def test_a_table_is_aligned_under_heads_with_units_and_its_label() -> None:
    assert plain([TABLE]).split("\n") == [
        "Balances (bundled)",
        "Account  Cash [USD]    Change",
        "-------  ----------  --------",
        "paper      1,234.50   +1.00 %",
        "other             –  -50.00 %",
    ]


def test_an_empty_table_says_what_it_is_for() -> None:
    empty = Table("Cards", (Column("Id"),), (), empty="`fondaco cycle run` makes cards.")
    assert plain([empty]) == "Cards\n`fondaco cycle run` makes cards."


def test_a_text_carries_the_ids_of_its_facts_and_blocks_stand_apart() -> None:
    blocks = [Text("Up 3 %.", Tone.GOOD, ("F-1", "F-2")), Text("Done.")]
    assert plain(blocks) == "Up 3 %. [F-1, F-2]\n\nDone."


def test_a_card_shows_chips_fields_and_what_to_do_next() -> None:
    card = Card(
        "TC-1",
        (("Order", "buy 10"), ("Cost estimate", "1.00 USD")),
        (Chip("PASS", Tone.GOOD, "position 5 %"), Chip("NOT JUDGED", Tone.WARNING)),
        "bundled",
        "`fondaco cards approve TC-1`",
    )
    assert plain([card]).split("\n") == [
        "TC-1 (bundled)",
        "[PASS] position 5 %",
        "[NOT JUDGED]",
        "Order          buy 10",
        "Cost estimate  1.00 USD",
        "`fondaco cards approve TC-1`",
    ]


def test_a_chart_shows_its_shape_and_its_numbers() -> None:
    days = ("2019-06-26", "2019-06-27", "2019-06-28")
    chart = Chart(
        "Equity",
        days,
        (
            Series("desk", (1.0, float("nan"), 3.0)),
            Series("bars", ((1, 2, 0, 3), None, (2, 9, 1, 9)), "candle"),
        ),
        label="simulated",
    )
    assert plain([chart]).split("\n") == [
        "Equity (simulated)",
        "2019-06-26 to 2019-06-28, 3 points",
        "desk: ▁ █  first 1, low 1, high 3, last 3",
        "bars: ▁ █  first 2, low 2, high 9, last 9",
    ]


def test_a_chart_without_points_says_so() -> None:
    text = plain([Chart("Equity", (), (Series("desk", ()),))])
    assert text == "Equity\nno points\ndesk:   no values"


@pytest.mark.parametrize("text", ["\x1b[2J", "\x07", "\x9b31m", "\r", "\x00", "\x08"])
def test_what_could_steer_a_terminal_is_made_visible(text: str) -> None:
    assert "\ufffd" in visible(text)
    assert visible("plain\n\ttext – é") == "plain\n\ttext – é"
    assert text not in plain([Text(text), Card(text, ((text, text),)), Table(text, (), ())])


@given(st.lists(st.none() | st.floats(-1e6, 1e6), min_size=1, max_size=300), st.integers(1, 60))
def test_a_sparkline_fits_and_shows_the_highest_and_lowest(
    numbers: list[float | None], width: int
) -> None:
    line = sparkline(numbers, width)
    shown = thinned(numbers, width)
    known = [v for v in shown if v is not None]
    assert len(shown) == min(width, len(numbers))
    assert shown[-1] == numbers[-1]
    if not known:
        assert line == ""
        return
    assert len(line) == len(shown)
    if max(known) > min(known):
        assert line[shown.index(max(known))] == SPARK[-1]
        assert line[shown.index(min(known))] == SPARK[0]


def test_a_chart_of_pairs_says_where_its_points_lie() -> None:
    cloud = Series("Trials", ((5.0, 0.4), (15.0, 1.1)), "scatter")
    chart = Chart("Trials", (), (cloud,), "Sharpe ratio", x_title="Span, years")
    assert plain([chart]).split("\n") == [
        "Trials",
        "Span, years: 5 to 15, 2 points; y: Sharpe ratio",
        "Trials: 2 points, x 5 to 15, y 0.4 to 1.1",
    ]
