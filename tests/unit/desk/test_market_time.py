"""When a cycle decides: on the last session with prices, never in the future, never on old ones."""

from datetime import date, datetime, timedelta

import pytest

from fondaco.core.errors import InvalidInput, NotFound, Refused
from fondaco.core.instrument import Origin
from fondaco.desk.market_time import MarketTime, market_time, sessions_since
from fondaco.market.ports import Calendar, Newest
from unit.desk.house import House


@pytest.fixture(scope="module")
def house() -> House:
    return House()


def found(house: House, asked: date | None) -> MarketTime:
    """Return the market time of a day asked for on the evening of the last session."""
    return market_time(house.prices, asked, house.clock.now(), age_sessions_max=3)


def test_a_session_is_decided_on_at_its_close_as_a_replay(house: House) -> None:
    assert found(house, house.days[100]) == MarketTime(house.at(100), house.days[100], True)


def test_no_day_means_the_last_close_and_no_replay(house: House) -> None:
    assert found(house, None) == MarketTime(house.at(-1), house.days[-1], False)


def test_today_is_no_replay(house: House) -> None:
    assert not found(house, house.clock.now().date()).replay


def test_a_weekend_means_the_session_before_it_and_says_so(house: House) -> None:
    friday = next(day for day in house.days if day.weekday() == 4)
    at = found(house, friday + timedelta(days=1))
    assert at.session == friday
    assert at.note == (
        f"{friday + timedelta(days=1)} has no prices: the session before it, {friday}, was used"
    )


def test_a_day_that_has_not_come_is_refused(house: House) -> None:
    with pytest.raises(InvalidInput, match="has not come"):
        found(house, house.clock.now().date() + timedelta(days=1))


def test_a_day_before_the_first_price_names_the_first_day(house: House) -> None:
    with pytest.raises(NotFound) as caught:
        found(house, house.days[0] - timedelta(days=30))
    assert caught.value.bound == f"{house.days[0]} or later"


def test_old_prices_are_refused_with_the_day_that_would_do(house: House) -> None:
    late = House()
    late.clock.advance(timedelta(days=30))
    with pytest.raises(Refused, match="too old") as caught:
        found(late, None)
    assert f"--as-of {late.days[-1]}" in str(caught.value.remedy)
    assert found(late, late.days[-1]).replay


def test_an_empty_store_says_that_no_prices_are_loaded(house: House) -> None:
    class Nothing:
        def newest(self, *, as_of: object) -> None:
            return None

        def calendar(self, venue: str) -> object:
            return house.prices.calendar(venue)

    with pytest.raises(NotFound) as caught:
        market_time(
            Nothing(),
            None,
            house.clock.now(),  # type: ignore[arg-type]
            age_sessions_max=3,
        )
    assert caught.value.bound == "no prices are loaded"


def test_sessions_are_counted_where_the_newest_shares_trade(house: House) -> None:
    """Other venues on the desk, of no calendar or of one that begins later, change nothing."""
    asked: list[str] = []

    class Prices:
        def newest(self, *, as_of: datetime) -> Newest | None:
            found = house.prices.newest(as_of=as_of)
            assert found is not None
            return Newest(found.at, "XNYS", Origin.BUNDLED)

        def calendar(self, venue: str) -> Calendar:
            asked.append(venue)
            return house.prices.calendar(venue)

    late = house.clock.now() + timedelta(days=30)
    newest = Prices().newest(as_of=late)
    assert newest is not None
    assert sessions_since(Prices(), newest, newest.at) == 0
    assert sessions_since(Prices(), newest, newest.at + timedelta(days=7)) == 5
    assert set(asked) == {"XNYS"}
