"""Backtests on the pystock file: the splits of its period pass through an account.

Split ratios are those that the companies announced.
"""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from fondaco.backtest.asked import Asked
from fondaco.backtest.play import Given, Played, play
from fondaco.backtest.request import Request
from fondaco.core.activity import ActivityKind
from fondaco.core.jobs import Silent
from real.test_backtest_lean import ids
from real.test_market_lean import Desk
from real.test_market_pystock import FILE, NOW

pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif(not FILE.exists(), reason=f"SKIPPED: {FILE} is not there"),
]


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    """A desk that took the whole file in."""
    desk = Desk(Path(tmp_path_factory.mktemp("pystock")))
    desk.take(path=str(FILE), mapping="next_factor=known_next_day_factor")
    return desk


def _hold(desk: Desk, symbol: str, since: date, until: date) -> Played:
    who = desk.book.by_symbol(symbol, until)
    panels = [
        desk.prices.panel((who.id,), as_of=NOW, until=until, adjusted=adjusted)
        for adjusted in (True, False)
    ]
    terms = Asked(capital=Decimal(100_000)).terms()
    request = Request("buy_and_hold", {}, since, until, terms, (symbol,), "test")
    return play(Given(panels[0], panels[1]), desk.book, request, ids(), Silent())


@pytest.mark.parametrize(
    ("symbol", "day", "ratio"),
    [
        ("NFLX", date(2015, 7, 15), 7),
        ("SBUX", date(2015, 4, 9), 2),
        ("ROST", date(2015, 6, 12), 2),
        ("MNST", date(2016, 11, 10), 3),
        ("CMCSA", date(2017, 2, 21), 2),
    ],
)
def test_a_split_multiplies_shares_once_and_leaves_equity_to_the_market(
    desk: Desk, symbol: str, day: date, ratio: int
) -> None:
    since = max(date(2015, 3, 23), date(day.year, day.month - 1 or 1, 2))
    played = _hold(desk, symbol, since, date(day.year, day.month, 28))
    (bought,) = played.run.fills
    splits = [one for one in played.run.activities if one.kind is ActivityKind.SPLIT]
    assert [(one.ts.date(), one.quantity) for one in splits] == [
        (day, (ratio - 1) * bought.quantity)
    ]
    days = played.series.days.astype("datetime64[D]").tolist()
    equity = dict(zip(days, played.run.equity, strict=True))
    before = days[days.index(day) - 1]
    assert abs(equity[day] / equity[before] - 1) < Decimal("0.06")  # the day's own move
