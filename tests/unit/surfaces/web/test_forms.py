from fondaco.surfaces.fields import inputs_of
from fondaco.surfaces.web.forms import first_words, raw

from .toy import ToyDesk

FIELDS = {field.name: field for field in inputs_of(ToyDesk().catalogue["backtest.run"])}


def test_a_form_asks_for_the_public_names_of_the_inputs() -> None:
    assert list(FIELDS) == ["strategy", "from", "until", "cost_bps", "symbols", "rebalance"]


def test_what_was_left_empty_is_not_sent() -> None:
    assert raw(FIELDS["until"], "  ") is None
    assert raw(FIELDS["until"], None) is None
    assert raw(FIELDS["until"], " 2020-01-31 ") == "2020-01-31"


def test_several_values_are_written_with_commas() -> None:
    assert raw(FIELDS["symbols"], "AAPL, MSFT,,") == ["AAPL", "MSFT"]


def test_a_box_that_is_not_ticked_says_no() -> None:
    assert raw(FIELDS["rebalance"], False) is False


def test_a_field_starts_with_its_default() -> None:
    assert first_words(FIELDS["from"], None) == "2000-01-01"
    assert first_words(FIELDS["until"], None) == ""
    assert first_words(FIELDS["symbols"], ["AAPL", "XOM"]) == "AAPL, XOM"
