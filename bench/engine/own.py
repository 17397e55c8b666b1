"""What our sides share: panels and tapes of the data, the rules in our terms, what is compared."""

import hashlib
from datetime import UTC, datetime
from decimal import Decimal

import numpy as np
from bench.engine.data import CAPITAL, FEE, INVESTED, STOP, TARGET

from fondaco.backtest.sweep import SweepRun
from fondaco.backtest.tape import Decisions, Tape, decisions_of, tape_of
from fondaco.core.instrument import AssetClass, DatedSymbol, Instrument, Origin
from fondaco.market.identity import UNDATED, instrument_id
from fondaco.market.panel import Panel
from fondaco.trading.cost_model.model import CostModel
from fondaco.trading.costs import MICRO
from fondaco.trading.simulator import layout as x
from fondaco.trading.simulator.terms import Exits, Terms

COSTS = CostModel.flat(Decimal(str(FEE)) * 10_000, Decimal(0))
BUFFER = 1 - Decimal(str(INVESTED))
TERMS = Terms(int(CAPITAL) * MICRO, COSTS, buffer=BUFFER)
BRACKET = Terms(
    int(CAPITAL) * MICRO,
    COSTS,
    buffer=BUFFER,
    touch_fills=True,  # as every rival's bars do
    exits=Exits(stop=Decimal(str(STOP)), target=Decimal(str(TARGET))),
)


def instruments(count: int) -> tuple[Instrument, ...]:
    """Return made-up shares whose prices may be any micro, as every rival allows."""
    return tuple(
        Instrument(
            id=instrument_id(AssetClass.EQUITY, "XNYS", f"B{n:03d}", UNDATED),
            symbols=(DatedSymbol(f"B{n:03d}", UNDATED),),
            asset_class=AssetClass.EQUITY,
            venue="XNYS",
            currency="USD",
            name=f"Bench share {n}",
            tick=Decimal("0.000001"),
        )
        for n in range(count)
    )


def panel_of(fields: dict[str, np.ndarray], step: np.timedelta64) -> Panel:
    """Return a panel of bars that follow each other by `step`."""
    rows, names = fields["close"].shape
    closes_at = np.datetime64("2015-01-05T14:31", "us") + step * np.arange(rows)
    return Panel(
        sessions=closes_at,
        closes_at=closes_at,
        instruments=tuple(one.id for one in instruments(names)),
        fields=fields,
        origin=Origin.SIMULATED,
        as_of=datetime(2100, 1, 1, tzinfo=UTC),
        version=0,
    )


def daily_tape(close: np.ndarray) -> Tape:
    """Return the tape of daily closes (T, N): orders fill at the next close."""
    panel = panel_of({"close": close}, np.timedelta64(1, "D"))
    return tape_of(panel, instruments(close.shape[1]))


def minute_tape(bars: np.ndarray) -> Tape:
    """Return the tape of one name's bars (4, T): open, high, low, close."""
    names = ("open", "high", "low", "close")
    fields = {name: np.ascontiguousarray(bars[n][:, None]) for n, name in enumerate(names)}
    return tape_of(panel_of(fields, np.timedelta64(1, "m")), instruments(1))


def crossing_decisions(tape: Tape, fast: int, slow: int) -> Decisions:
    """Return weight 1 where the fast average rises above the slow one, 0 where it ends; exact."""
    close = tape.plane("close")[:, 0]
    sums = np.zeros(len(close) + 1, dtype=np.int64)
    np.cumsum(close, out=sums[1:])
    recent = (sums[slow:] - sums[slow - fast : -fast]) * slow
    above = recent > (sums[slow:] - sums[:-slow]) * fast
    turns = np.flatnonzero(above[1:] != above[:-1]) + 1
    if above[0]:
        turns = np.concatenate([[0], turns])
    parts = np.where(above[turns], x.PART, 0).astype(np.int64)
    return Decisions(turns + slow - 1, parts[:, None])


def weighted(tape: Tape, rows: np.ndarray, weights: np.ndarray) -> Decisions:
    """Return the decisions of some rows with their weights (D, N)."""
    every = np.full(tape.shape, np.nan)
    every[rows] = weights
    return decisions_of(tape, every)


def trades_of(run: SweepRun, last_close: float) -> np.ndarray:
    """Return the trades (K, 5) of one name: rows, prices, and 1 for one still open at the end."""
    fills = run.fills
    prices, rows = fills[:, x.E_PRICE] / MICRO, fills[:, x.E_ROW]
    still = len(fills) % 2
    leave = np.append(rows[1::2], run.record.shape[1] - 1 if still else [])
    out = np.append(prices[1::2], last_close if still else [])
    trades = np.zeros((len(leave), 5))
    trades[:, 0], trades[:, 1] = rows[::2], leave
    trades[:, 2], trades[:, 3] = prices[::2], out
    if still:
        trades[-1, 4] = 1
    return trades


def digest(run: SweepRun) -> str:
    """Return a hash of everything that a run wrote down."""
    text = hashlib.sha256(np.ascontiguousarray(run.log).tobytes())
    text.update(np.ascontiguousarray(run.record).tobytes())
    return text.hexdigest()


def found(run: SweepRun, last_close: float) -> dict[str, object]:
    """Return a run of one name as sides compare it."""
    return {
        "trades": trades_of(run, last_close),
        "growth": run.record[x.EQUITY, -1] / TERMS.capital,
        "bars": run.record.shape[1],
        "digest": digest(run),
    }
