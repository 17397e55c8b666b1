"""The Trials page: where blocks stand, which row is the chosen one, what its address says."""

import pytest

from fondaco.core.view import Card, Chart, Column, Series, Table, Text
from fondaco.surfaces.web.pages.trials import arranged, listed, place_with, row_of, trial_of

COUNTED = Text("60 trials.")
CLOUD = Chart("Trials", (), (Series("Trials", ((1.0, 0.5),), "scatter"),), x_title="Span, years")
TRIALS = Table(
    "Trials",
    (Column("Strategy"), Column("Trial", "id")),
    (("momentum", "0123456789ab"), ("rank", "ba9876543210")),
)
STANDING = Card("Standing", ())
CONDITIONS = Table("Conditions", (Column("Condition"),), ())


def test_words_lead_charts_stand_apart_and_what_is_left_is_the_standing() -> None:
    found = arranged([COUNTED, CLOUD, TRIALS, STANDING, CONDITIONS])
    assert found.said == [COUNTED]
    assert found.charts == [CLOUD]
    assert found.trials == TRIALS
    assert found.standing == [STANDING, CONDITIONS]


def test_the_verdict_in_words_comes_before_what_led_to_the_trial() -> None:
    verdict, lineage = Text("Luck would show as much."), Card("Trial", ())
    found = arranged([COUNTED, lineage, verdict, STANDING, CLOUD, TRIALS])
    assert found.said == [COUNTED]
    assert found.standing == [verdict, STANDING, lineage]


def test_a_list_before_the_charts_is_the_list_too() -> None:
    found = arranged([TRIALS, CLOUD, STANDING])
    assert (found.said, found.trials, found.standing) == ([], TRIALS, [STANDING])


def test_a_ledger_without_ids_has_no_list_to_open() -> None:
    assert arranged([CONDITIONS]).trials is None
    assert trial_of(CONDITIONS, 0) is None


@pytest.mark.parametrize(
    ("trial", "row"),
    [("ba9876543210", 1), ("ba98", 1), ("ba9876543210" + "f" * 52, 1), ("ffff", None), ("", None)],
)
def test_the_chosen_row_is_found_by_the_whole_hash_or_its_beginning(
    trial: str, row: int | None
) -> None:
    assert row_of(TRIALS, trial) == row
    assert row is None or trial_of(TRIALS, row) == "ba9876543210"


def test_the_address_holds_what_was_asked_and_nothing_empty() -> None:
    assert place_with({}) == "/trials"
    asked = {"strategy": "a b", "author": "", "chosen": "0123456789ab"}
    assert place_with(asked) == "/trials?strategy=a+b&chosen=0123456789ab"


def test_the_list_shows_what_tells_trials_apart_first_and_bears_no_link() -> None:
    table = Table(
        "Trials",
        (Column("Trial", "id"), Column("Data", "number"), Column("Strategy"), Column("Sharpe")),
        (("0123456789ab", 3, "momentum", 0.5),),
    )
    shown = listed(table, searched=False)
    assert [column.title for column in shown.columns] == ["Strategy", "Sharpe", "Data", "Id"]
    assert shown.rows == (("momentum", 0.5, 3, "0123456789ab"),)


def test_a_search_that_finds_nothing_does_not_say_that_there_is_nothing() -> None:
    none = Table("Trials", (Column("Trial", "id"),), (), empty="No trial yet.")
    assert "Clear the search" in listed(none, searched=True).empty
    assert listed(none, searched=False).empty == "No trial yet."
