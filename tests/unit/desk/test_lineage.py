"""From the numbers that people see to raw bytes, as the outside asks for it."""

from typing import Any

import pytest

from fondaco.core.capability import Capability
from fondaco.core.clock import FixedClock
from fondaco.core.errors import InvalidInput, NotFound
from fondaco.core.invoke import validate
from fondaco.core.text import plain
from fondaco.desk import lineage_capability as module
from fondaco.desk.lineage import DeskLineage
from fondaco.market.book import SymbolBook
from fondaco.market.fakes import MemoryArchive, MemoryInstruments
from fondaco.market.lineage import Lineage
from fondaco.market.lineage_values import LineageReport, Proof
from unit.desk.house import House


@pytest.fixture
def house() -> House:
    """A desk with cards; its bars were handed in, so no ingest is on record for them."""
    made = House()
    made.cycle(made.days[-41])
    return made


def _ask(house: House, **raw: Any) -> LineageReport:
    store = house.prices._store
    known_as = SymbolBook(store).known_as
    origins = DeskLineage(
        house.facts,
        house.cards,
        store,
        MemoryInstruments(house.instruments.all()),
        Lineage(store, MemoryArchive(), {}, known_as),
    )
    cap: Capability = module.show_lineage.__capability__  # type: ignore[attr-defined]
    inputs = validate(cap, raw)
    given = {name: getattr(inputs, name) for name in cap.inputs.model_fields}
    result = cap.function(origins, FixedClock(house.clock.now()), **given)
    found: LineageReport = cap.output.validate_python(cap.output.dump_python(result, mode="json"))
    return found


def test_every_number_of_a_card_is_followed_once_down_to_its_rows(house: House) -> None:
    card = house.cards.list()[0]
    found = _ask(house, card=card.id, limit=4)
    facts = [line.fact for line in found.numbers if line.fact]
    assert {fact.id for fact in card.evidence} <= set(facts)
    assert len(facts) == len(set(facts))
    assert found.rows_in_all > 250, "a year of bars is behind momentum alone"
    assert 0 < len(found.rows) <= 4
    assert {row.table for row in found.rows} == {"bars_1d"}
    assert {row.proof for row in found.rows} == {Proof.UNRECORDED}


def test_the_price_of_a_card_leads_to_its_one_bar(house: House) -> None:
    card = house.cards.list()[0]
    price = next(fact for fact in card.evidence if fact.name == "reference_price")
    found = _ask(house, fact=price.id)
    (row,) = found.rows
    cells = dict(row.cells)
    assert float(cells["close"]) == float(price.value)
    assert cells["instrument"] == card.order.instrument
    assert found.rows_in_all == 1


def test_a_derived_number_shows_what_it_was_made_of_below_it(house: House) -> None:
    card = house.cards.list()[0]
    notional = next(fact for fact in card.evidence if fact.name == "notional")
    found = _ask(house, fact=notional.id)
    assert [line.depth for line in found.numbers][:2] == [0, 1]
    names = {line.name for line in found.numbers}
    assert {"notional", "quantity", "reference_price"} <= names
    drawn = plain(module.show_lineage.__capability__.view(found))  # type: ignore[attr-defined]
    assert "Lineage of notional" in drawn
    assert "UNRECORDED" in drawn


def test_a_row_is_named_by_symbol_kind_and_day(house: House) -> None:
    symbol = house.cards.list()[0].symbol
    day = house.days[-60]
    found = _ask(house, symbol=symbol, on=day.isoformat())
    assert [dict(row.cells)["session"] for row in found.rows] == [day.isoformat()]
    assert len(_ask(house, symbol=symbol, limit=3).rows) == 3
    with pytest.raises(NotFound, match="no row of this symbol"):
        _ask(house, symbol=symbol, kind="chains")


def test_one_thing_at_a_time_is_followed_and_what_is_not_there_is_said(house: House) -> None:
    with pytest.raises(InvalidInput, match="name one thing"):
        _ask(house)
    with pytest.raises(InvalidInput, match="name one thing"):
        _ask(house, card="TC-1", symbol="AAPL")
    with pytest.raises(NotFound):
        _ask(house, fact="F-0000000000000000")
    with pytest.raises(NotFound):
        _ask(house, card="TC-999")
