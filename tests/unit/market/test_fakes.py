"""The simulated market that other tests build on is what it says."""

from datetime import date

import numpy as np
import pytest

from fondaco.core.errors import InvalidInput, NotFound
from fondaco.core.instrument import Origin
from fondaco.market.fakes import (
    FixedCalendar,
    MemoryArchive,
    panel_rows,
    simulated_instruments,
    simulated_panel,
    simulated_prices,
)


def test_the_same_seed_gives_the_same_market_and_another_gives_another() -> None:
    one, same, other = (simulated_panel(seed, 50, 3) for seed in (1, 1, 2))
    assert np.array_equal(one.close, same.close)
    assert not np.array_equal(one.close, other.close)
    assert one.origin is Origin.SIMULATED


@pytest.mark.parametrize("with_opens", [True, False])
def test_a_simulated_panel_reads_back_from_a_store_as_it_was(with_opens: bool) -> None:
    panel = simulated_panel(7, 60, 4, with_opens=with_opens)
    read = simulated_prices(panel).panel(as_of=panel.as_of)
    assert read.instruments == panel.instruments
    assert set(read.fields) == set(panel.fields)
    for name, values in panel.fields.items():
        assert np.array_equal(read.fields[name], values)
    assert np.array_equal(read.sessions, panel.sessions)
    assert np.array_equal(read.closes_at, panel.closes_at)


def test_simulated_bars_can_be_true() -> None:
    fields = simulated_panel(3, 500, 5).fields
    for name in ("open", "close"):
        assert (fields[name] <= fields["high"] + 1e-9).all()
        assert (fields[name] >= fields["low"] - 1e-9).all()
    assert (fields["low"] > 0).all()


def test_simulated_returns_have_the_mean_and_deviation_that_are_promised() -> None:
    close = simulated_panel(5, 2_000, 20, with_opens=False).close
    returns = np.diff(np.log(close), axis=0)
    assert returns.mean() == pytest.approx(0.0003, abs=3 * 0.015 / np.sqrt(returns.size))
    assert returns.std() == pytest.approx(0.015, rel=0.02)


def test_the_fixed_calendar_knows_weekdays_and_holidays() -> None:
    calendar = FixedCalendar(holidays=[date(2024, 1, 2)])
    assert calendar.sessions(date(2024, 1, 1), date(2024, 1, 7)) == (
        date(2024, 1, 1),
        date(2024, 1, 3),
        date(2024, 1, 4),
        date(2024, 1, 5),
    )
    with pytest.raises(InvalidInput):
        calendar.open(date(2024, 1, 2))


def test_rows_of_a_panel_leave_out_missing_bars() -> None:
    panel = simulated_panel(1, 5, 2)
    panel.close[2, 1] = np.nan
    assert panel_rows(panel).height == 9


def test_instruments_are_spread_over_sectors() -> None:
    made = simulated_instruments(6, sector_count=3)
    assert len({i.id for i in made}) == 6
    assert {i.sector for i in made} == {"Sector 0", "Sector 1", "Sector 2"}
    with pytest.raises(NotFound):
        MemoryArchive().get("0" * 64)
