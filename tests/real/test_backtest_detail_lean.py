"""What lies behind a run on the Lean sample data: attribution, income and journal add up."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from fondaco.backtest.asked import Asked
from fondaco.backtest.outcome import detail_of
from fondaco.backtest.play import Given, play
from fondaco.backtest.request import Request
from fondaco.core.activity import ActivityKind
from fondaco.core.jobs import Silent
from real.test_backtest_lean import BARS_FILE, CLOCK, Desk, ids

pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif(not BARS_FILE.exists(), reason=f"SKIPPED: {BARS_FILE} is not there"),
]


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    """A desk that took the whole file in."""
    folder: Path = tmp_path_factory.mktemp("lean")
    return Desk(folder)


def test_apple_through_split_and_dividends_explains_all_of_its_return(desk: Desk) -> None:
    played = desk.hold("AAPL", date(2013, 6, 3), date(2014, 12, 31))
    detail, tables = detail_of(played, None)
    (apple,) = detail.attributed.by_instrument
    shares = detail.attributed
    assert apple.value + shares.costs + shares.other == pytest.approx(shares.total, abs=1e-12)
    assert shares.other == pytest.approx(0.0, abs=1e-9)  # splits and dividends are the name's own
    grown = float(played.run.equity[-1] / played.run.equity[0]) - 1
    assert shares.total == pytest.approx(grown, abs=1e-12)
    dividends = [one.amount for one in played.run.activities if one.kind is ActivityKind.DIVIDEND]
    assert detail.charges.dividends_received == sum(dividends, Decimal(0)) > 0
    assert [one.what for one in detail.events].count("split") == 1
    held = tables["positions"]["quantity"]
    assert held.max() == 7 * held.min()  # seven for one


def test_seven_shares_through_all_that_happened_to_them_are_explained_to_the_last_part(
    desk: Desk,
) -> None:
    symbols = ("AAPL", "IBM", "GOOGL", "WM", "SPY", "IWM", "EEM")
    who = [desk.book.by_symbol(symbol, date(2015, 1, 2)).id for symbol in symbols]
    until = date(2016, 12, 30)
    panels = [
        desk.prices.panel(who, as_of=CLOCK.now(), until=until, adjusted=adjusted)
        for adjusted in (True, False)
    ]
    terms = Asked(capital=Decimal(1_000_000)).terms()
    parameters = {"lookback": 126, "names_min": 3}
    request = Request("momentum", parameters, date(2007, 1, 3), until, terms, symbols, "test")
    played = play(Given(panels[0], panels[1]), desk.book, request, ids(), Silent())
    detail, tables = detail_of(played, None)
    shares = detail.attributed
    parts = sum(one.value for one in shares.by_instrument)
    assert parts + shares.costs + shares.other == pytest.approx(shares.total, abs=1e-9)
    assert shares.other == pytest.approx(0.0, abs=1e-9)
    assert {one.name for one in shares.by_instrument} == set(symbols)
    assert tables["fills"].height == len(played.run.fills) > 100
    assert any(trip.restated for trip in detail.trips)  # held through Apple's or Google's split
