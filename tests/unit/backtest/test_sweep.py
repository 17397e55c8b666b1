"""The sweep: many sets one after another, each as if it were alone; what it cannot count."""

import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from fondaco.backtest import sweep as module
from fondaco.backtest.measure import costs_by_row
from fondaco.backtest.sweep import sweep, sweep_one
from fondaco.backtest.tape import Decisions, decisions_of
from fondaco.core.errors import InvalidInput
from fondaco.market.fakes import simulated_panel
from fondaco.trading.simulator import compiled
from fondaco.trading.simulator import layout as x
from fondaco.trading.simulator.run import play_all
from unit.backtest.scene import FREE, monthly, panel_of, tape, terms


def test_many_sets_give_what_each_gives_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    panel = simulated_panel(2, 120, 4)
    played = tape(panel, first=10)
    sets = [decisions_of(played, monthly(panel, seed)) for seed in range(7)]
    alone = [sweep_one(played, targets, terms()).record for targets in sets]
    monkeypatch.setattr(module, "CHUNK_CELLS_MAX", 3 * (16 * 4 + 3 * 120))  # three sets at once
    together = list(sweep(played, sets, terms()))
    assert len(together) == 7
    assert all((a == b).all() for a, b in zip(alone, together, strict=True))
    assert len({int(record[x.EQUITY, -1]) for record in together}) == 7


def test_the_sets_of_a_sweep_are_never_all_held(monkeypatch: pytest.MonkeyPatch) -> None:
    panel = simulated_panel(2, 60, 3)
    played = tape(panel)
    monkeypatch.setattr(module, "CHUNK_CELLS_MAX", 2 * (9 * 3 + 3 * 60))
    asked: list[int] = []

    def sets() -> Iterator[Decisions]:
        for seed in range(6):
            asked.append(seed)
            yield decisions_of(played, monthly(panel, seed))

    runs = sweep(played, sets(), terms())
    next(runs)
    assert asked == [0, 1]


def test_a_log_that_is_too_short_is_made_longer(monkeypatch: pytest.MonkeyPatch) -> None:
    panel = simulated_panel(2, 120, 4)
    played = tape(panel)
    targets = decisions_of(played, monthly(panel, 1, every=2))
    whole = sweep_one(played, targets, terms())
    assert len(whole.orders) > 100
    monkeypatch.setattr(module, "LOG_ROWS_FIRST", 5)
    again = sweep_one(played, targets, terms())
    assert (again.orders == whole.orders).all()
    assert (again.fills == whole.fills).all()


def test_the_record_counts_what_was_traded_held_and_paid() -> None:
    # By hand: 49 at 11 is 539; at 5 bps below the minimum fee of 1.
    played = tape(panel_of([[10.0], [11.0], [12.0]]))
    targets = decisions_of(played, np.array([[0.5], [np.nan], [np.nan]]))
    run = sweep_one(played, targets, terms(1_000))
    record = run.record // 10_000  # cents
    traded, fees = costs_by_row(played, run)
    assert traded.tolist() == [0, 539, 0]
    assert fees.tolist() == [0, 1, 0]
    assert record[x.EXPOSURE].tolist() == [0, 53_900, 58_800]
    assert record[x.R_CASH].tolist() == [100_000, 46_000, 46_000]
    assert record[x.EQUITY].tolist() == [100_000, 99_900, 104_800]


def test_an_account_beyond_counting_is_refused() -> None:
    # A hundred million shares that go from 0.0001 to 90,000.
    played = tape(panel_of([[0.0001], [0.0001], [90_000.0]]))
    targets = decisions_of(played, np.array([[1.0], [np.nan], [np.nan]]))
    with pytest.raises(InvalidInput, match="beyond what the venue can count"):
        sweep_one(played, targets, terms(10_000, FREE))


def test_weights_that_do_not_fit_or_borrow_are_refused() -> None:
    played = tape(panel_of([[10.0, 10.0]] * 2))
    with pytest.raises(InvalidInput, match="do not fit"):
        decisions_of(played, np.array([[0.5, 0.5]]))
    with pytest.raises(InvalidInput, match=r"more than the account may hold.*2015-01-06"):
        decisions_of(played, np.array([[0.5, 0.5], [0.6, -0.5]]))


def test_weights_before_the_first_row_decide_nothing() -> None:
    panel = panel_of([[10.0]] * 3)
    played = tape(panel, first=1)
    run = sweep_one(played, decisions_of(played, np.array([[0.5], [np.nan], [np.nan]])), terms())
    assert len(run.orders) == 0
    assert run.record[x.EQUITY].tolist() == [0, terms().capital, terms().capital]


def test_a_kernel_is_compiled_anew_when_any_of_its_family_changes() -> None:
    # numba keys its cache by the kernel's own file; here the stamp stands for all of the family.
    assert play_all._cache._cache_file._source_stamp == compiled.family_stamp()
    assert len(compiled.family_stamp()) == 32


def test_the_stamp_of_the_family_covers_every_file_with_compiled_code() -> None:
    root = Path(compiled.__file__).parents[2]
    compiles = {
        path
        for path in root.rglob("*.py")
        if re.search(r"^@(inner|hot|kernel)", path.read_text(), re.MULTILINE)
    }
    assert len(compiles) > 10
    assert compiles <= set(compiled.family_files())
    matching = Path(compiled.__file__).with_name("matching.py")
    assert matching in compiles  # a file that calls no compiler itself
