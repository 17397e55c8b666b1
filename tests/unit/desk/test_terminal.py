"""What the terminal looks at: top bar, symbols, chart of a symbol."""

from datetime import timedelta

import pytest

from fondaco.core.errors import NotFound
from fondaco.core.events import Event, MemoryOutbox, Parked
from fondaco.core.view import Tone
from fondaco.desk.terminal import INDICATORS, Terminal
from unit.desk.house import House


class OneParked(MemoryOutbox):
    """An outbox with one delivery that gave up."""

    def parked(self) -> tuple[Parked, ...]:
        """Return it."""
        now = House().clock.now()
        return (Parked(Event("e", "x", "TC-1", now, {}), "h", 8, "no", now),)


def terminal(house: House, outbox: MemoryOutbox | None = None) -> Terminal:
    """Return the terminal's looks at a desk."""
    return Terminal(
        prices=lambda: house.prices,
        instruments=lambda: house.instruments,
        cards=house.cards,
        orders=house.orders,
        jobs=house.jobs,
        outbox=outbox or house.outbox,
        clock=house.clock,
        account="paper",
        age_sessions_max=3,
    )


@pytest.fixture
def house() -> House:
    return House()


def test_the_top_bar_says_where_prices_come_from_and_how_old_they_are(house: House) -> None:
    found = terminal(house).status()
    assert (found.account, found.label, found.market_time) == ("paper", "simulated", house.at(-1))
    assert (found.stale, found.replay, found.health) == ("", False, Tone.GOOD)
    house.clock.advance(timedelta(days=14))
    assert terminal(house).status().stale == "the last close is 10 sessions old"


def test_the_top_bar_warns_of_parked_events(house: House) -> None:
    found = terminal(house, OneParked()).status()
    assert found.health is Tone.WARNING
    assert "fondaco events parked" in found.health_detail


def test_the_change_mark_differs_once_a_card_has_moved(house: House) -> None:
    look = terminal(house)
    marks = [look.status().change]
    house.cycle(house.days[-41])
    marks.append(look.status().change)
    assert terminal(house).status().change == marks[-1]
    house.approve(house.cards.list()[0])
    marks.append(look.status().change)
    house.jobs.start("work", {})
    marks.append(look.status().change)
    assert len(set(marks)) == 4
    assert look.status().replay


def test_every_instrument_is_listed_by_symbol(house: House) -> None:
    found = terminal(house).listings()
    assert [i.symbol for i in found] == sorted(i.symbol for i in found)
    assert found[0].detail == "equity, XNYS"


def test_a_chart_holds_candles_volume_and_the_indicators_asked_for(house: House) -> None:
    chart = terminal(house).chart("SIM03", INDICATORS)
    kinds = {series.name: (series.kind, series.pane) for series in chart.series}
    assert kinds["Price"] == ("candle", 0)
    assert kinds["Volume"] == ("bar", 1)
    assert kinds["SMA 50"] == ("line", 0)
    assert kinds["RSI 14"][1] > 1
    assert chart.label == "simulated"
    assert len(chart.x) == 320
    assert all(len(series.values) == 320 for series in chart.series)


def test_a_candle_is_open_close_low_high(house: House) -> None:
    chart = terminal(house).chart("SIM03", ())
    found = house.instruments.by_symbol("SIM03", house.days[-1])
    bar = house.prices.last_bar(found.id, as_of=house.clock.now())
    assert bar is not None
    wanted = [bar.open, bar.close, bar.low, bar.high]
    assert chart.series[0].values[-1] == pytest.approx([float(v) for v in wanted if v])


def test_a_moving_average_is_the_mean_of_its_closes(house: House) -> None:
    chart = terminal(house).chart("SIM00", ("SMA 20",))
    closes = [v[1] for v in chart.series[0].values if isinstance(v, tuple)]
    line = next(s for s in chart.series if s.name == "SMA 20").values
    assert line[18] is None
    assert line[-1] == pytest.approx(sum(closes[-20:]) / 20)


def test_an_unknown_indicator_or_symbol_is_not_found(house: House) -> None:
    with pytest.raises(NotFound, match="indicator"):
        terminal(house).chart("SIM00", ("SMA 7",))
    with pytest.raises(NotFound):
        terminal(house).chart("NONE", ())
