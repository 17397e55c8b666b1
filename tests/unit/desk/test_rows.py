"""The rows behind a fact: read again from bars, entries, fills, facts, settings and backtests."""

from dataclasses import replace
from datetime import timedelta

import pytest

from fondaco.backtest.fakes import MemoryBacktests
from fondaco.core.facts import Fact, Source
from fondaco.core.settings import Settings
from fondaco.desk.rows import DeskRows
from unit.desk.house import House
from unit.desk.test_subjects import result


@pytest.fixture
def house() -> House:
    made = House()
    made.cycle(made.days[-41])
    return made


def rows(house: House, backtests: MemoryBacktests | None = None) -> DeskRows:
    """Return the reader of a desk's rows."""
    return DeskRows(
        house.prices._store,
        house.entries,
        house.cards,
        house.orders,
        house.facts,
        lambda: backtests or MemoryBacktests(),
        Settings(home="/nowhere"),
    )


def fact_named(house: House, name: str) -> Fact:
    """Return the fact of that name behind the latest card."""
    return next(f for f in house.cards.list()[0].evidence if f.name == name)


def test_the_price_of_a_card_leads_to_its_one_bar(house: House) -> None:
    fact = fact_named(house, "reference_price")
    found = rows(house).rows(fact.source, limit=10)
    assert found.table == "bars_1d"
    assert found.columns[-1] == "close"
    (row,) = found.rows
    assert row[0] == fact.source.keys[0]
    assert row[1] == house.days[-41].isoformat()
    assert row[-1] == float(fact.value)


def test_a_feature_leads_to_all_bars_of_its_window_the_latest_first_to_be_kept(
    house: House,
) -> None:
    fact = fact_named(house, "momentum 12-1")
    found = rows(house).rows(fact.source, limit=5)
    assert len(found.rows) == 5
    assert found.more == 253 - 5
    assert found.rows[-1][1] == house.days[-41].isoformat()


def test_cash_leads_to_the_postings_of_the_account(house: House) -> None:
    found = rows(house).rows(fact_named(house, "cash").source, limit=10)
    assert found.rows[0][-2:] == ("USD", "100000")


def test_a_derived_number_leads_to_the_facts_it_was_derived_from(house: House) -> None:
    found = rows(house).rows(fact_named(house, "notional").source, limit=10)
    assert {row[1] for row in found.rows} == {"reference_price", "quantity"}


def test_a_weight_leads_to_its_card_and_a_fee_to_the_settings(house: House) -> None:
    card = rows(house).rows(fact_named(house, "weight").source, limit=10)
    assert card.rows[0][0] == house.cards.list()[0].id
    fee = rows(house).rows(fact_named(house, "cost_estimate").source, limit=10)
    assert fee.rows == (
        ("cost_model", "flat"),
        ("cost_bps", 5.0),
        ("fee_min", "1"),
        ("half_spread_bps", "0"),
    )


def test_a_fill_price_leads_to_its_fill(house: House) -> None:
    card = house.approve(house.cards.list()[0])
    house.hand_on()
    house.durable.run_due()
    paid = next(f for f in house.card_desk.outcome(card.id).facts if f.name == "fill_price")
    found = rows(house).rows(paid.source, limit=10)
    (row,) = found.rows
    assert row[found.columns.index("side")] == "buy"


def test_a_metric_leads_to_the_equity_of_each_session(house: House) -> None:
    kept = MemoryBacktests()
    name = kept.add(result())
    found = rows(house, kept).rows(Source("backtests", (name,)), limit=2)
    assert found.columns == ("backtest", "session", "equity", "drawdown", "exposure")
    assert found.rows[-1] == ("BT-1", "2019-01-04", 101_000.0, 0.0, 0.9)
    assert found.more == 1


def test_rows_are_read_at_the_version_that_was_read_then(house: House) -> None:
    fact = fact_named(house, "reference_price")
    store = house.prices._store
    bar = store.read("bars_1d", instruments=(fact.source.keys[0],)).tail(1)
    late = house.clock.now() + timedelta(days=1)
    changed = bar.with_columns(close=bar["close"] * 2).select(bar.columns)
    store.append("bars_1d", changed, ingest_id="later", seen_at=late)
    assert store.version("bars_1d") > (fact.source.version or 0)
    source = replace(fact.source, since=None, until=None)
    before = rows(house).rows(source, limit=1).rows[-1][-1]
    after = rows(house).rows(replace(source, version=store.version("bars_1d")), limit=1)
    assert after.rows[-1][-1] == before * 2  # type: ignore[operator]


def test_a_table_that_cannot_be_read_again_is_said_so(house: House) -> None:
    found = rows(house).rows(Source("somewhere", ("x",)), limit=10)
    assert found.rows == ()
    assert found.note == "The rows of somewhere cannot be read again."


def test_a_fact_whose_inputs_are_gone_shows_none(house: House) -> None:
    found = rows(house).rows(Source("facts", ("F-0123456789abcdef",)), limit=10)
    assert found.rows == ()
