"""What comes after a session changes no order, fill or equity up to it."""

from collections.abc import Callable

import numpy as np
import pytest

from fondaco.backtest.sweep import sweep_one
from fondaco.backtest.tape import decisions_of
from fondaco.market.fakes import simulated_panel
from fondaco.market.panel import Matrix, Panel
from fondaco.research.strategies.library import strategy_named
from fondaco.trading.simulator import layout as x
from unit.backtest.scene import ran_by_event, tape, terms, told_by_route

STRATEGY = strategy_named("momentum", {"lookback": 40, "skip": 5, "share": 0.4})
SESSIONS = 260

Change = Callable[[Matrix, np.random.Generator], Matrix]
CHANGES: dict[str, Change] = {
    "noise": lambda values, chance: values * np.exp(chance.normal(0, 0.2, values.shape)),
    "a thousandfold": lambda values, _: values * 1000,
    "shuffled": lambda values, chance: chance.permutation(values),
    "halted": lambda values, chance: np.where(chance.random(values.shape) < 0.5, np.nan, values),
    "gone": lambda values, _: np.full(values.shape, np.nan),
}


def _changed_after(panel: Panel, row: int, change: Change) -> Panel:
    fields = {}
    for name, values in panel.fields.items():
        # The same chance for each field, so that a bar is missing in all of them or in none.
        later = change(values[row + 1 :], np.random.default_rng(row))
        fields[name] = np.vstack([values[: row + 1], later])
    return Panel(
        panel.sessions,
        panel.closes_at,
        panel.instruments,
        fields,
        panel.origin,
        panel.as_of,
        panel.version,
    )


def _upto(panel: Panel, row: int) -> tuple[object, ...]:
    played = tape(panel)
    targets = decisions_of(played, STRATEGY.weights(panel))
    run = sweep_one(played, targets, terms())
    return (
        run.log[run.log[:, x.E_ROW] <= row].tolist(),
        run.record[:, : row + 1].tolist(),
    )


@pytest.mark.parametrize("name", CHANGES)
@pytest.mark.parametrize("with_opens", [True, False])
def test_a_changed_future_changes_nothing_before_it(name: str, with_opens: bool) -> None:
    panel = simulated_panel(21, SESSIONS, 8, with_opens=with_opens)
    whole = tape(panel)
    fills = sweep_one(whole, decisions_of(whole, STRATEGY.weights(panel)), terms()).fills
    assert len(fills) > 20
    # Cuts at a fill, just before it, at its decision, and elsewhere.
    cuts = {int(cut) for fill in fills[::5] for cut in (fill[x.E_ROW], fill[x.E_ROW] - 1)} | {
        60,
        150,
        258,
    }
    for row in sorted(cuts):
        changed = _changed_after(panel, row, CHANGES[name])
        assert _upto(changed, row) == _upto(panel, row), row


@pytest.mark.parametrize("rows", [100, 180, SESSIONS - 1])
def test_a_history_that_ends_earlier_gives_the_same_beginning(rows: int) -> None:
    panel = simulated_panel(21, SESSIONS, 8)
    assert _upto(panel.until(rows), rows - 1) == _upto(panel, rows - 1)


def test_the_event_backtest_sees_no_future_either() -> None:
    panel = simulated_panel(21, SESSIONS, 8)
    row = 180
    both = [panel, _changed_after(panel, row, CHANGES["noise"])]
    told = []
    for each in both:
        played = tape(each)
        run = told_by_route(
            played, ran_by_event(played, decisions_of(played, STRATEGY.weights(each)), terms())[0]
        )
        told.append(
            (
                [o for o in run.orders if o[0] <= row],
                [f for f in run.fills if f[0] <= row],
                run.equity[: row + 1],
            )
        )
    assert told[0] == told[1]
    assert told[0][1]


def test_the_check_sees_a_strategy_that_peeks() -> None:
    panel = simulated_panel(21, SESSIONS, 8)
    row = 150

    def peeking(each: Panel) -> list[int]:
        weights = np.full(each.close.shape, np.nan)
        weights[row] = 0.0
        weights[row, int(np.nanargmax(each.close[row + 1] / each.close[row]))] = 1.0
        played = tape(each)
        run = sweep_one(played, decisions_of(played, weights), terms())
        return run.orders[run.orders[:, x.E_ROW] <= row].tolist()

    assert peeking(_changed_after(panel, row, CHANGES["shuffled"])) != peeking(panel)


def test_a_fill_comes_after_the_close_that_decided_it() -> None:
    panel = simulated_panel(5, SESSIONS, 8)
    played = tape(panel)
    run = sweep_one(played, decisions_of(played, STRATEGY.weights(panel)), terms())
    decided = {number: row for row, number in run.orders[:, [x.E_ROW, x.E_ORDER]].tolist()}
    pairs = [(row, decided[n]) for row, n in run.fills[:, [x.E_ROW, x.E_ORDER]].tolist()]
    assert len(pairs) > 20
    assert all(filled > row for filled, row in pairs)
    assert run.record[x.EQUITY, 0] == terms().capital
