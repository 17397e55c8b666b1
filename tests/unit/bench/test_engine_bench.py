"""The benchmarks run on small sizes, and say so when results differ. No rival is needed here."""

from pathlib import Path

import numpy as np
import pytest
from bench import environments
from bench.engine import data, w1, w2, w3, workload
from bench.engine.rivals import (
    fondaco_on_bar_w2,
    fondaco_raw_w2,
    fondaco_raw_w3,
    fondaco_w1,
    fondaco_w2,
    fondaco_w3,
    harness,
    numpy_trades_w1,
    numpy_w1,
)
from bench.engine.workload import Found, Side, Timed

SMALL = data.Size(names=4, sessions=400, pairs=6, bars=4_000, bars_slow=1_000)
RIVAL = Side("rival", "rival", "none")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("bench")
    data.write(made, SMALL)
    return made


@pytest.fixture(scope="module")
def swept(folder: Path) -> Found:
    given = fondaco_w2.load(folder)
    return fondaco_w2.shown(given, fondaco_w2.run(given))


def _timed(name: str, found: Found) -> Timed:
    return Timed(Side(name, name, "none"), found, 0.5, 0.6, 1.0, "made up")


def _growth(change: float = 0.0) -> Found:
    return {"growth": np.array([[1.0, 2.0], [3.0, 4.0 + change]]), "cells": 100}


def test_our_sweep_of_averages_gives_what_plain_numpy_gives(folder: Path) -> None:
    ours = fondaco_w1.run(fondaco_w1.load(folder))
    by_session = numpy_w1.run(numpy_w1.load(folder))
    by_trade = numpy_trades_w1.run(numpy_trades_w1.load(folder))
    assert w1.compare(ours, by_session, folder, RIVAL).same
    assert w1.compare(ours, by_trade, folder, RIVAL).same
    assert np.ptp(ours["growth"]) > 0.01


def test_a_strategy_called_at_every_bar_equals_the_sweep_to_the_last_bit(
    folder: Path, swept: Found
) -> None:
    given = fondaco_on_bar_w2.load(folder)
    called = fondaco_on_bar_w2.shown(given, fondaco_on_bar_w2.run(given))
    bars = fondaco_raw_w2.load(folder)
    from_prices = fondaco_raw_w2.shown(bars, fondaco_raw_w2.run(bars))
    assert called["digest"] == from_prices["digest"] == swept["digest"]
    assert len(swept["trades"]) > 5


def test_the_growth_of_our_trades_is_what_a_hand_written_account_makes_of_them(
    folder: Path, swept: Found
) -> None:
    verdict = w2.compare(swept, {k: v for k, v in swept.items() if k != "digest"}, folder, RIVAL)
    assert verdict.same


def test_our_rebalance_gives_what_plain_numpy_gives(folder: Path) -> None:
    close = np.load(folder / "closes.npy")
    rows, weights = harness.inverse_volatility(close, data.MONTH, data.WINDOW)
    due = dict(zip(rows.tolist(), weights, strict=True))
    cash, held, order, growth = 1.0, np.zeros(4), np.zeros(4), []
    for t, price in enumerate(close):
        cash -= (order * price).sum() + data.FEE * np.abs(order * price).sum()
        held, order = held + order, np.zeros(4)
        growth.append(cash + held @ price)
        if t in due:
            order = data.INVESTED * growth[-1] * due[t] / price - held
    ready = fondaco_w3.run(fondaco_w3.load(folder))
    raw = fondaco_raw_w3.run(fondaco_raw_w3.load(folder))
    assert w3.compare(ready, {"growth": growth, "cells": close.size}, folder, RIVAL).same
    assert (ready["growth"] == raw["growth"]).all()


def test_a_result_that_differs_is_printed_as_such_and_has_no_ratio(
    capsys: pytest.CaptureFixture[str],
) -> None:
    done = [
        _timed(workload.OURS, _growth()),
        _timed("same", _growth(1e-8)),
        _timed("other", _growth(1e-4)),
    ]
    assert not workload.report(w1.WORKLOAD, done, Path())
    lines = capsys.readouterr().out.splitlines()
    rows = {line.split()[0]: line.split() for line in lines if "made up" in line}
    assert any(line.split()[:2] == ["same", "agrees:"] for line in lines)
    assert any(line.split()[:2] == ["other", "DISAGREES:"] for line in lines)
    assert rows["same"][3:5] == ["1.00", "1"]
    assert rows["other"][3:5] == ["-", "1"]


def test_results_are_printed_before_any_time(capsys: pytest.CaptureFixture[str]) -> None:
    done = [_timed(workload.OURS, _growth()), _timed("same", _growth())]
    assert workload.report(w1.WORKLOAD, done, Path())
    out = capsys.readouterr().out
    assert out.index("agrees") < out.index("CPU s")


def test_without_our_own_result_nothing_agrees(capsys: pytest.CaptureFixture[str]) -> None:
    assert not workload.report(w1.WORKLOAD, [_timed("same", _growth())], Path())
    assert "ours did not run" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("column", "by", "says"),
    [(1, 1.0, "trades, the first row"), (3, 0.01, "trades, the first row")],
)
def test_a_trade_of_another_row_or_price_is_found(
    folder: Path, swept: Found, column: int, by: float, says: str
) -> None:
    trades = swept["trades"].copy()
    trades[2, column] += by
    verdict = w2.compare(swept, {**swept, "trades": trades}, folder, RIVAL)
    assert not verdict.same
    assert says in verdict.says


def test_a_missing_trade_another_growth_and_another_log_are_found(
    folder: Path, swept: Found
) -> None:
    fewer = w2.compare(swept, {**swept, "trades": swept["trades"][:-1]}, folder, RIVAL)
    richer = w2.compare(swept, {**swept, "growth": swept["growth"] * 1.00001}, folder, RIVAL)
    logged = w2.compare(swept, {**swept, "digest": "another"}, folder, RIVAL)
    assert [v.same for v in (fewer, richer, logged)] == [False, False, False]


def test_an_exit_at_the_stop_is_allowed_only_where_we_left_at_that_open(
    folder: Path, swept: Found
) -> None:
    explained = Side("rival", "rival", "none", explained=w2.STOP_BEFORE_OPEN)
    opens = np.load(folder / "minutes.npy")[0]
    ours = swept["trades"]
    at_open = int(np.flatnonzero(ours[:, 3] == opens[ours[:, 1].astype(int)])[0])
    theirs = ours.copy()
    theirs[at_open, 3] = theirs[at_open, 2] * (1 - data.STOP)
    growth = w2.growth_of(theirs, np.zeros(SMALL.bars), at_fill=True)
    found = {"trades": theirs, "growth": growth, "bars": SMALL.bars}
    assert w2.compare(swept, found, folder, explained).same
    assert not w2.compare(swept, found, folder, RIVAL).same
    theirs[at_open, 3] *= 1.001
    assert not w2.compare(swept, found, folder, explained).same


def test_a_rival_that_cannot_be_set_up_is_named_and_left_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "ghost.txt").write_text("ghost==1.0\n")
    monkeypatch.setattr(environments, "KEPT", tmp_path / "kept")
    monkeypatch.setattr(environments, "_make", lambda *_: "no such package")
    assert environments.python_of("ghost", tmp_path) is None
    assert "COULD NOT SET UP ghost" in capsys.readouterr().out


def test_the_quick_mode_runs_our_side_in_a_program_of_its_own(
    capsys: pytest.CaptureFixture[str],
) -> None:
    words = ["--quick", "--rivals", "none", "--rounds", "1"]
    assert workload.main(w2.WORKLOAD, words)
    out = capsys.readouterr().out
    assert "fondaco" in out.partition("CPU s")[2]
    assert "FAILED" not in out


def test_every_list_of_a_rival_is_pinned_to_single_versions() -> None:
    lists = sorted(environments.LISTS.glob("*.txt"))
    assert [p.stem for p in lists] == ["backtesting", "backtrader", "bt", "nautilus", "vectorbt"]
    loose = [line for p in lists for line in p.read_text().split() if line.count("==") != 1]
    assert loose == []
