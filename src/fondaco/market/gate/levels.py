"""Levels: unit changes, jumps and spikes of one value in time.

Each value is compared with the last one that was let in. A span at a wrong level is so set aside
whole, and what follows is let in again when the level returns.
"""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from math import exp, inf, log
from statistics import median

import polars as pl

from fondaco.core.instrument import AssetClass
from fondaco.market.actions import told_factors
from fondaco.market.gate.series import NEW, timeline
from fondaco.market.gate.verdict import ROW, Context, Verdict, set_rows_aside
from fondaco.market.jumps import JUMP_MAX, UNIT_TOLERANCE, UNITS

SPIKE_MIN = log(1.02)
SPIKE_TIMES = 15.0
"""A spike leaves its level by this many times the usual move, and by 2 % at least."""
SPIKE_ROWS_MAX = 3
MOVES_KEPT = 200
MOVES_MIN = 20
SILENCE_MAX = timedelta(days=30)
"""After so long without a row a price may stand anywhere: only its unit is compared."""
STEADY_ROWS_MIN = 8
STEADY_MOVE_MAX = log(3.0)


@dataclass(frozen=True, slots=True)
class Level:
    """How the values of a kind are judged. `value` is what is compared.

    A `steady` series must never have moved threefold before a shift counts as one of unit; it has
    no jumps, for what it measures may truly jump.
    """

    value: pl.Expr
    columns: tuple[str, ...]
    steady: bool = False
    spikes: bool = True

    def __call__(self, rows: pl.DataFrame, context: Context) -> Verdict:
        """Set rows aside whose value is at another level."""
        line = timeline(rows, context, list(self.columns)).with_columns(value=self.value)
        line = line.filter(pl.col("value").is_not_null())
        splits = told_factors(context.actions)
        found: dict[str, dict[int, str]] = {"unit": {}, "jump": {}, "spike": {}}
        for _, part in line.group_by(context.series, maintain_order=True):
            name = part["instrument"][0] if "instrument" in part.columns else ""
            walk = _Walk(self, splits.get(name, ()), context.classes.get(name))
            walk.run(part, found)
        for rule, reasons in found.items():
            rows = set_rows_aside(rows, rule, reasons)
        return Verdict(rows)


class _Walk:
    """Goes through one series in time."""

    def __init__(
        self, level: Level, splits: Sequence[tuple[date, float]], asset: AssetClass | None
    ) -> None:
        self._level = level
        self._splits = splits
        self._asset = asset
        self._moves: deque[float] = deque(maxlen=MOVES_KEPT)
        self._usual = 0.0
        self._since = MOVES_MIN

    def run(self, part: pl.DataFrame, found: dict[str, dict[int, str]]) -> None:
        """Fill in, by rule and row number, why rows are set aside."""
        steps = part.select("ts", "value", ROW, NEW).rows()
        last: tuple[datetime, float] | None = None
        skip = -1
        for at, (ts, value, row, is_new) in enumerate(steps):
            if is_new and at <= skip:
                found["spike"][row] = f"{value:g} left its level and came back"
                continue
            move = None if last is None else self._move(ts, value, *last)
            silent = last is not None and not self._level.steady and ts - last[0] > SILENCE_MAX
            rule = self._rule(move) if is_new and move is not None else None
            if silent and rule != "unit":
                last = (ts, value)
                continue
            if rule is not None and move is not None and last is not None:
                found[rule][row] = (
                    f"{value:g} is {exp(move):.4g} times the last good {last[1]:g} of "
                    f"{last[0].isoformat()}"
                )
                continue
            if is_new and move is not None and last is not None and self._level.spikes:
                back = self._comes_back(steps, at, last, move)
                if back is not None:
                    skip = back
                    found["spike"][row] = (
                        f"{value:g} left the level of {last[1]:g} by {exp(move) - 1:+.1%} and "
                        "came back"
                    )
                    continue
            if move is not None:
                self._moves.append(abs(move))
            last = (ts, value)

    def _move(self, ts: datetime, value: float, before: datetime, last: float) -> float | None:
        """Return the log ratio to the last good value; None where a ratio says nothing."""
        if value <= 0 or last <= 0:
            return None  # a future may trade below zero; a rate may
        factor = 1.0
        for day, one in self._splits:
            if before.date() < day <= ts.date():
                factor *= one
        return log(value / (last * factor))

    def _rule(self, move: float) -> str | None:
        level = self._level
        if level.steady and (
            len(self._moves) < STEADY_ROWS_MIN or max(self._moves) > STEADY_MOVE_MAX
        ):
            return None
        if any(abs(move - log(unit)) <= log(UNIT_TOLERANCE) for unit in UNITS):
            return "unit"
        return "jump" if not level.steady and not abs(exp(move) - 1) <= JUMP_MAX else None

    def _bound(self) -> float:
        if len(self._moves) < MOVES_MIN:
            return inf
        self._since += 1
        if self._since > MOVES_MIN:  # the median of the last moves, taken anew now and then
            self._usual, self._since = median(self._moves), 0
        return max(SPIKE_MIN, SPIKE_TIMES * self._usual)

    def _comes_back(
        self,
        steps: Sequence[tuple[datetime, float, int, bool]],
        at: int,
        last: tuple[datetime, float],
        move: float,
    ) -> int | None:
        """Return the place of the last row of a spike that starts here, or None for no spike."""
        if abs(move) <= SPIKE_MIN or abs(move) <= (bound := self._bound()):
            return None
        for ahead in range(at + 1, min(at + 1 + SPIKE_ROWS_MAX, len(steps))):
            later = self._move(steps[ahead][0], steps[ahead][1], *last)
            if later is not None and abs(later) <= bound / 3:
                return ahead - 1
        return None
