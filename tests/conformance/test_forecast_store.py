"""Every store of forecasts: each kept once, with the first outcome written down for it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from fondaco.core.errors import NotFound
from fondaco.core.ideas import Forecast
from fondaco.core.instrument import InstrumentId
from fondaco.research.fakes import MemoryForecasts
from fondaco.research.ports import ForecastStore, Outcome

AS_OF = datetime(2019, 6, 28, 20, tzinfo=UTC)
DAY = timedelta(days=1)
FORECAST = Forecast(
    InstrumentId("I-a"), AS_OF, 20, 0.1 + 0.2, 1 / 3, 2 / 3, "rank-1", AS_OF - 30 * DAY
)


@pytest.fixture(params=["memory", pytest.param("postgres", marks=pytest.mark.services)])
def store(request: pytest.FixtureRequest) -> Any:
    if request.param == "memory":
        return MemoryForecasts()
    from fondaco.adapters.stores.postgres.forecasts import PostgresForecasts

    return PostgresForecasts(request.getfixturevalue("database"))


def test_a_forecast_comes_back_to_the_last_bit_without_an_outcome(store: ForecastStore) -> None:
    assert store.add((FORECAST,)) == 1
    assert store.list() == (Outcome(FORECAST, None),)


def test_a_forecast_that_is_there_stays_as_it_is(store: ForecastStore) -> None:
    other = replace(FORECAST, instrument=InstrumentId("I-b"))
    store.add((FORECAST,))
    assert store.add((other, replace(FORECAST, score=0.9))) == 1
    assert store.add((FORECAST, other)) == 0
    assert store.add(()) == 0
    assert {o.forecast for o in store.list()} == {FORECAST, other}


def test_an_outcome_is_written_down_once(store: ForecastStore) -> None:
    store.add((FORECAST,))
    store.realise("rank-1", FORECAST.instrument, AS_OF, 0.7)
    store.realise("rank-1", FORECAST.instrument, AS_OF, 0.2)
    assert store.list() == (Outcome(FORECAST, 0.7),)


def test_an_outcome_of_no_forecast_is_not_found(store: ForecastStore) -> None:
    store.add((FORECAST,))
    with pytest.raises(NotFound):
        store.realise("rank-2", FORECAST.instrument, AS_OF, 0.7)


def test_forecasts_are_listed_newest_first_by_model_and_time(store: ForecastStore) -> None:
    days = [replace(FORECAST, as_of=AS_OF + n * DAY) for n in range(3)]
    store.add((days[1], days[0], days[2], replace(FORECAST, model="rank-2")))
    assert [o.forecast for o in store.list(model="rank-1")] == days[::-1]
    assert [o.forecast for o in store.list(model="rank-1", as_of=AS_OF + DAY)] == days[1::-1]
    assert [o.forecast for o in store.list(model="rank-1", limit=1)] == [days[2]]
    assert len(store.list()) == 4
