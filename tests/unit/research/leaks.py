"""A zoo: functions that look ahead in ways that have been met, and clean ones beside them."""

from collections.abc import Callable

import numpy as np
import polars as pl

from fondaco.market.panel import Matrix, Panel

PanelFunction = Callable[[Panel], Matrix]


def _shift(values: Matrix, by: int) -> Matrix:
    out = np.full_like(values, np.nan)
    if by > 0:
        out[by:] = values[:-by]
    elif len(values) > -by:
        out[:by] = values[-by:]
    return out


def shifted(function: PanelFunction) -> PanelFunction:
    """Return a function that gives tomorrow's value today: the commonest of all leaks."""
    return lambda panel: _shift(function(panel), -1)


def daily(panel: Panel) -> Matrix:
    return panel.close / _shift(panel.close, 1) - 1.0


def _columns(panel: Panel, expression: Callable[[pl.Expr], pl.Expr]) -> Matrix:
    frame = pl.DataFrame({str(n): panel.close[:, n] for n in range(panel.close.shape[1])})
    frame = frame.with_columns(pl.all().fill_nan(None))
    return frame.select(expression(pl.all())).to_numpy().astype(np.float64)


def _each(panel: Panel, function: Callable[[Matrix], Matrix]) -> Matrix:
    return np.column_stack([function(column) for column in panel.close.T])


def _trend_removed(x: Matrix) -> Matrix:
    steps = np.arange(len(x), dtype=np.float64)
    if len(x) < 2 or np.isnan(x).any():
        return np.full_like(x, np.nan)
    return x - np.polyval(np.polyfit(steps, x, 1), steps)


def _low_pass(x: Matrix) -> Matrix:
    spectrum = np.fft.rfft(np.nan_to_num(x))
    spectrum[len(spectrum) // 4 :] = 0
    return np.fft.irfft(spectrum, len(x))


def _both_ways(x: Matrix) -> Matrix:
    def smooth(values: Matrix) -> Matrix:
        out = np.nan_to_num(values).copy()
        for t in range(1, len(out)):
            out[t] = 0.9 * out[t - 1] + 0.1 * out[t]
        return out

    return smooth(smooth(x)[::-1])[::-1]


def _first_component(panel: Panel) -> Matrix:
    moves = np.nan_to_num(daily(panel))
    *_, axes = np.linalg.svd(moves - moves.mean(axis=0), full_matrices=False)
    return np.outer(moves @ np.abs(axes[0]), np.ones(moves.shape[1]))


def _week_close(panel: Panel) -> Matrix:
    weeks = (panel.sessions.astype("datetime64[D]").astype(np.int64) + 3) // 7
    last = {int(week): row for row, week in enumerate(weeks)}
    return panel.close[[last[int(week)] for week in weeks]]


def _month_end(panel: Panel) -> Matrix:
    months = panel.sessions.astype("datetime64[M]")
    ends = np.append(months[1:] != months[:-1], False)
    return np.outer(ends, np.ones(panel.close.shape[1])).astype(np.float64)


def _swing_low(panel: Panel) -> Matrix:
    before, after = _shift(panel.close, 1), _shift(panel.close, -1)
    return ((panel.close < before) & (panel.close < after)).astype(np.float64)


def _survivors(panel: Panel) -> Matrix:
    alive = ~np.isnan(panel.close).any(axis=0)
    return np.where(alive, panel.close, np.nan)


def _only_before_a_crash(panel: Panel) -> Matrix:
    ahead = _shift(daily(panel), -1)
    return np.where(ahead < -0.035, 0.0, panel.close)


def _regression_on_the_future(panel: Panel) -> Matrix:
    x, y = np.nan_to_num(daily(panel)).ravel(), np.nan_to_num(_shift(daily(panel), -1)).ravel()
    beta = (x @ y) / max(x @ x, 1e-12)
    return beta * daily(panel)


def _median_filled(panel: Panel) -> Matrix:
    holes = panel.close.copy()
    holes[::7] = np.nan
    known = np.where(np.isnan(holes), np.inf, holes)
    middle = np.sort(known, axis=0)[len(holes) // 2]
    return np.where(np.isnan(holes), middle, holes)


def _days_to_the_end(panel: Panel) -> Matrix:
    end = np.datetime64(panel.as_of.replace(tzinfo=None), "us")
    days = (end - panel.closes_at) / np.timedelta64(1, "D")
    return np.outer(days, np.ones(panel.close.shape[1]))


def _share_of_the_length(panel: Panel) -> Matrix:
    share = np.arange(len(panel.sessions)) / len(panel.sessions)
    return np.outer(share, np.ones(panel.close.shape[1]))


def _reused_panel() -> PanelFunction:
    longest: list[Matrix] = []

    def function(panel: Panel) -> Matrix:
        if not longest or len(panel.sessions) > len(longest[0]):
            longest[:] = [np.cumsum(panel.close[::-1], axis=0)[::-1]]
        return longest[0][: len(panel.sessions)]

    return function


LEAKS: dict[str, PanelFunction] = {
    "tomorrow's return": shifted(daily),
    "next week's return": lambda p: _shift(p.close, -5) / p.close - 1.0,
    "whole-sample mean": lambda p: p.close - np.nanmean(p.close, axis=0),
    "whole-sample deviation": lambda p: p.close / np.std(p.close, axis=0, ddof=0).clip(1e-9),
    "whole-sample minimum and maximum": lambda p: (
        (p.close - p.close.min(axis=0)) / np.ptp(p.close, axis=0).clip(1e-9)
    ),
    "whole-sample rank in time": lambda p: np.argsort(np.argsort(p.close, axis=0), axis=0) * 1.0,
    "whole-sample quantile": lambda p: (p.close > np.quantile(p.close, 0.8, axis=0)) * 1.0,
    "winsorised on the whole sample": lambda p: np.clip(
        p.close, *np.quantile(p.close, [0.05, 0.95], axis=0)
    ),
    "centred moving average": lambda p: _columns(
        p, lambda x: x.rolling_mean(5, center=True, min_samples=1)
    ),
    "central difference": lambda p: (
        np.gradient(p.close, axis=0) if len(p.close) > 1 else np.zeros_like(p.close)
    ),
    "backward fill": lambda p: _columns(
        p, lambda x: pl.when(pl.int_range(pl.len()) % 3 == 0).then(x).backward_fill()
    ),
    "interpolation over gaps": lambda p: _columns(
        p, lambda x: pl.when(pl.int_range(pl.len()) % 3 == 0).then(x).interpolate()
    ),
    "sum from the end": lambda p: np.cumsum(p.close[::-1], axis=0)[::-1],
    "trend removed over the whole": lambda p: _each(p, _trend_removed),
    "low-pass filter by Fourier": lambda p: _each(p, _low_pass),
    "smoothed there and back": lambda p: _each(p, _both_ways),
    "principal component of the whole": _first_component,
    "scaled by the last price": lambda p: p.close / p.close[-1],
    "close of the running week": _week_close,
    "month end seen from the next session": _month_end,
    "swing low confirmed by the next bar": _swing_low,
    "only names that live to the end": _survivors,
    "a rare branch on a coming crash": _only_before_a_crash,
    "coefficients fitted on the future": _regression_on_the_future,
    "gaps filled by the median of all": _median_filled,
    "days until the data ends": _days_to_the_end,
    "place within the length": _share_of_the_length,
    "highest price still to come": lambda p: np.maximum.accumulate(p.close[::-1])[::-1],
    "the future's volume": lambda p: _shift(p.fields["volume"], -1),
    "a result kept from a longer panel": _reused_panel(),
}


def _expanding_mean(panel: Panel) -> Matrix:
    return np.cumsum(panel.close, axis=0) / np.arange(1, len(panel.close) + 1)[:, None]


def _month_start(panel: Panel) -> Matrix:
    months = panel.sessions.astype("datetime64[M]")
    starts = np.insert(months[1:] != months[:-1], 0, False)
    return np.outer(starts, np.ones(panel.close.shape[1])).astype(np.float64)


def _beta(panel: Panel) -> Matrix:
    moves = np.nan_to_num(daily(panel))
    market = moves.mean(axis=1)
    out = np.full_like(moves, np.nan)
    for t in range(20, len(moves)):
        x = market[t - 20 : t] - market[t - 20 : t].mean()
        out[t] = x @ moves[t - 20 : t] / max(x @ x, 1e-12)
    return out


def _true_range(panel: Panel) -> Matrix:
    before = _shift(panel.close, 1)
    high, low = panel.fields["high"], panel.fields["low"]
    return np.fmax(high - low, np.fmax(np.abs(high - before), np.abs(low - before)))


CLEAN: dict[str, PanelFunction] = {
    "yesterday's close": lambda p: _shift(p.close, 1),
    "daily return": daily,
    "expanding mean": _expanding_mean,
    "running maximum": lambda p: np.maximum.accumulate(p.close, axis=0),
    "drawdown so far": lambda p: p.close / np.maximum.accumulate(p.close, axis=0) - 1.0,
    "rolling mean by polars": lambda p: _columns(p, lambda x: x.rolling_mean(20)),
    "exponential mean by polars": lambda p: _columns(
        p, lambda x: x.ewm_mean(span=10, ignore_nulls=False)
    ),
    "forward fill": lambda p: _columns(
        p, lambda x: pl.when(pl.int_range(pl.len()) % 3 == 0).then(x).forward_fill()
    ),
    "month start seen from the session before": _month_start,
    "distance from the session's mean": lambda p: p.close - p.close.mean(axis=1, keepdims=True),
    "rolling beta to the mean": _beta,
    "true range": _true_range,
    "a constant": lambda p: np.ones_like(p.close),
    "nothing known": lambda p: np.full_like(p.close, np.nan),
}
