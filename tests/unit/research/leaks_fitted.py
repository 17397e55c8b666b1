"""More of the zoo: leaks by fitting, filtering, calendars and state, and their clean twins."""

from collections.abc import Callable
from zlib import crc32

import numpy as np
from scipy.signal import filtfilt, lfilter, savgol_filter
from sklearn.cluster import KMeans
from sklearn.linear_model import Ridge
from sklearn.preprocessing import MinMaxScaler

from fondaco.market.panel import Matrix, Panel

PanelFunction = Callable[[Panel], Matrix]


def _wide(panel: Panel, column: Matrix) -> Matrix:
    return np.outer(column, np.ones(panel.close.shape[1]))


def _moves(panel: Panel) -> Matrix:
    logs = np.log(panel.close)
    return np.vstack([np.zeros_like(logs[:1]), np.diff(logs, axis=0)])


def _months(panel: Panel) -> np.ndarray:
    return panel.sessions.astype("datetime64[M]").astype(np.int64)


def _kalman_smoother(panel: Panel) -> Matrix:
    """A local level model smoothed by the Rauch-Tung-Striebel pass, which runs backwards."""
    level, spread = _local_level(np.log(panel.close))
    smooth = level.copy()
    for t in range(len(smooth) - 2, -1, -1):
        gain = spread[t] / (spread[t] + 0.1)
        smooth[t] = level[t] + gain * (smooth[t + 1] - level[t])
    return smooth


def _local_level(observed: Matrix) -> tuple[Matrix, Matrix]:
    level, spread = observed.copy(), np.ones(len(observed))
    for t in range(1, len(observed)):
        prior = spread[t - 1] + 0.1
        gain = prior / (prior + 1.0)
        level[t] = level[t - 1] + gain * (observed[t] - level[t - 1])
        spread[t] = (1.0 - gain) * prior
    return level, spread


def _kalman_filter(panel: Panel) -> Matrix:
    return _local_level(np.log(panel.close))[0]


def _labels_not_purged(panel: Panel) -> Matrix:
    """Each month refitted on rows up to its start, whose five-day labels end after it."""
    moves, horizon = _moves(panel), 5
    label = np.zeros_like(moves)
    for t in range(len(moves)):
        label[t] = moves[t + 1 : t + 1 + horizon].sum(axis=0)
    return _refitted(panel, label, gap=0)


def _labels_purged(panel: Panel) -> Matrix:
    moves, horizon = _moves(panel), 5
    label = np.zeros_like(moves)
    for t in range(len(moves) - horizon):
        label[t] = moves[t + 1 : t + 1 + horizon].sum(axis=0)
    return _refitted(panel, label, gap=horizon)


def _refitted(panel: Panel, label: Matrix, *, gap: int) -> Matrix:
    moves, months = _moves(panel), _months(panel)
    scores, slope = np.zeros_like(moves), 0.0
    for t in range(1, len(moves)):
        if months[t] != months[t - 1] and t - gap > 10:
            x, y = moves[: t - gap + 1].ravel(), label[: t - gap + 1].ravel()
            slope = float(x @ y / (x @ x))
        scores[t] = slope * moves[t]
    return scores


def _scored_in_sample(panel: Panel) -> Matrix:
    if len(panel.sessions) < 10:
        return np.zeros_like(panel.close)
    moves = _moves(panel)
    model = Ridge(alpha=1e-6).fit(moves[:-1], moves[1:])
    return np.asarray(model.predict(moves)).reshape(moves.shape)


def _regimes(panel: Panel) -> Matrix:
    if len(panel.sessions) < 30:
        return np.zeros_like(panel.close)
    days = np.abs(_moves(panel)).mean(axis=1).reshape(-1, 1)
    model = KMeans(2, n_init=1, random_state=0).fit(days)
    return _wide(panel, model.cluster_centers_[model.labels_][:, 0])


def _chosen_by_the_outcome(panel: Panel) -> Matrix:
    best = int(np.argmax(panel.close[-1] / panel.close[0]))
    weights = np.zeros_like(panel.close)
    weights[:, best] = 1.0
    return weights


def _best_window(panel: Panel) -> Matrix:
    """The moving average that earned most over the whole is used from the first day."""
    moves, best, best_gain = _moves(panel), np.zeros_like(panel.close), -np.inf
    for window in (3, 8):
        sign = np.sign(panel.close - lfilter(np.ones(window) / window, 1.0, panel.close, axis=0))
        gain = float((sign[:-1] * moves[1:]).sum())
        if gain > best_gain:
            best, best_gain = sign, gain
    return best


def _month_label(panel: Panel) -> Matrix:
    """A monthly mean that stands on every day of its month, as a resampled frame joined back."""
    months = _months(panel)
    means = {month: panel.close[months == month].mean(axis=0) for month in np.unique(months)}
    return np.array([means[month] for month in months])


def _last_month_s_mean(panel: Panel) -> Matrix:
    months = _months(panel)
    out = np.full_like(panel.close, np.nan)
    for row, month in enumerate(months):
        if (months == month - 1).any():
            out[row] = panel.close[months == month - 1].mean(axis=0)
    return out


def _last_day_of_the_month(panel: Panel) -> Matrix:
    """A rebalance on the last session of each month that the panel happens to hold."""
    months, weights = _months(panel), np.full_like(panel.close, np.nan)
    for month in np.unique(months):
        weights[np.flatnonzero(months == month)[-1]] = 0.25
    return weights


def _week_ahead_by_date(panel: Panel) -> Matrix:
    """A lookup by date instead of by row: the close a week later, where there is one."""
    at = {day: row for row, day in enumerate(panel.sessions.tolist())}
    week = np.timedelta64(7, "D")
    rows = [at.get((day + week).item(), row) for row, day in enumerate(panel.sessions)]
    return panel.close[rows] / panel.close


def _rounded_to_the_range(panel: Panel) -> Matrix:
    step = 10.0 ** np.floor(np.log10(np.ptp(panel.close) + 1e-9)) / 10.0
    return np.round(panel.close / step) * step


def _seed_of_the_data(panel: Panel) -> Matrix:
    seed = crc32(np.ascontiguousarray(panel.close).tobytes())
    return np.random.default_rng(seed).normal(size=panel.close.shape)


def _window_of_the_length(panel: Panel) -> Matrix:
    window = max(2, len(panel.close) // 10)
    return lfilter(np.ones(window) / window, 1.0, panel.close, axis=0)


def _last_row_special(panel: Panel) -> Matrix:
    signal = np.where(_moves(panel) > 0.0, 1.0, 0.0)
    signal[-1] = 0.0  # positions are closed on the last day of the test
    return signal


def _noise_by_the_length(panel: Panel) -> Matrix:
    rng = np.random.default_rng(5)
    return _moves(panel) + rng.normal(size=panel.close.shape[::-1]).T


def _peak_of_the_span(panel: Panel) -> Matrix:
    peak = np.argmax(panel.close, axis=0)
    return (np.arange(len(panel.close))[:, None] >= peak[None, :]).astype(np.float64)


def _cross_section_of_all_days(panel: Panel) -> Matrix:
    order = np.argsort(np.argsort(panel.close, axis=None)).reshape(panel.close.shape)
    return order / panel.close.size


def _halving(panel: Panel) -> Matrix:
    """Scaled so that the whole path's largest drawdown is a tenth: sized by the outcome."""
    fall = 1.0 - panel.close / np.maximum.accumulate(panel.close, axis=0)
    return np.ones_like(panel.close) * 0.1 / max(float(fall.max()), 1e-9)


def _savgol(panel: Panel) -> Matrix:
    if len(panel.close) < 7:
        return np.zeros_like(panel.close)
    return np.asarray(savgol_filter(panel.close, 7, 2, axis=0))


def _there_and_back(panel: Panel) -> Matrix:
    return np.asarray(filtfilt([0.2], [1.0, -0.8], panel.close, axis=0, padlen=0))


def _overnight(panel: Panel) -> Matrix:
    """The gap to the next open, used at the close before it."""
    opens = panel.fields["open"]
    return np.vstack([opens[1:], opens[-1:]]) / panel.close - 1.0


LEAKS_FITTED: dict[str, PanelFunction] = {
    "a Kalman smoother": _kalman_smoother,
    "labels that end after the refit": _labels_not_purged,
    "a model scored on what it was fitted on": _scored_in_sample,
    "regimes by clustering the whole": _regimes,
    "the name that did best, from the first day": _chosen_by_the_outcome,
    "the parameter that earned most": _best_window,
    "a monthly mean joined to its own month": _month_label,
    "rebalanced on the month's last session held": _last_day_of_the_month,
    "a lookup by a later date": _week_ahead_by_date,
    "rounded to the range of the whole": _rounded_to_the_range,
    "a seed drawn from the data": _seed_of_the_data,
    "a window as long as a tenth of the panel": _window_of_the_length,
    "the last row is special": _last_row_special,
    "noise laid out by the length": _noise_by_the_length,
    "after the peak of the span": _peak_of_the_span,
    "ranked among all days": _cross_section_of_all_days,
    "sized by the drawdown to come": _halving,
    "a Savitzky-Golay filter": _savgol,
    "filtfilt": _there_and_back,
    "tomorrow's opening gap": _overnight,
    "a scaler fitted on the whole": lambda p: np.asarray(MinMaxScaler().fit_transform(p.close)),
    "correlation of the whole as a hedge": lambda p: (
        p.close @ np.nan_to_num(np.corrcoef(p.close.T)) if len(p.close) > 1 else p.close
    ),
    "demeaned by fixed effects": lambda p: (
        p.close - p.close.mean(axis=0) - p.close.mean(axis=1, keepdims=True) + p.close.mean()
    ),
    "the next session's date": lambda p: _wide(
        p, np.append(np.diff(p.sessions).astype(np.float64), 0.0)
    ),
}


def _seeded_by_row(panel: Panel) -> Matrix:
    rng = np.random.default_rng(5)
    return _moves(panel) + rng.normal(size=panel.close.shape)  # drawn row by row


def _expanding_rank(panel: Panel) -> Matrix:
    rows = [(panel.close[: t + 1] <= panel.close[t]).mean(axis=0) for t in range(len(panel.close))]
    return np.array(rows)


def _expanding_z_score(panel: Panel) -> Matrix:
    out = np.full_like(panel.close, np.nan)
    for t in range(5, len(panel.close)):
        past = panel.close[: t + 1]
        out[t] = (panel.close[t] - past.mean(axis=0)) / past.std(axis=0)
    return out


def _ranks_across(panel: Panel) -> Matrix:
    order: Matrix = np.argsort(np.argsort(panel.close, axis=1), axis=1).astype(np.float64)
    return order


def _known_days(panel: Panel) -> Matrix:
    """The day of the week and of the month: a calendar is known ahead."""
    days = panel.sessions.astype("datetime64[D]").astype(np.int64)
    return _wide(
        panel, (days + 3) % 7 + (panel.sessions - panel.sessions.astype("M8[M]")).astype(int)
    )


def _kept_state(panel: Panel) -> Matrix:
    """A loop with memory: in after a rise of 2 %, out after a fall of 2 %."""
    held, out = np.zeros(panel.close.shape[1]), np.zeros_like(panel.close)
    for t, row in enumerate(_moves(panel)):
        held = np.where(row > 0.02, 1.0, np.where(row < -0.02, 0.0, held))
        out[t] = held
    return out


CLEAN_FITTED: dict[str, PanelFunction] = {
    "a Kalman filter": _kalman_filter,
    "labels purged before the refit": _labels_purged,
    "last month's mean": _last_month_s_mean,
    "seeded noise drawn row by row": _seeded_by_row,
    "expanding rank": _expanding_rank,
    "expanding z-score": _expanding_z_score,
    "ranks across names": _ranks_across,
    "days of the calendar": _known_days,
    "a loop with memory": _kept_state,
    "a one-sided filter": lambda p: np.asarray(lfilter([0.2], [1.0, -0.8], p.close, axis=0)),
    "gap of this morning": lambda p: (
        p.fields["open"] / np.vstack([p.close[:1] * np.nan, p.close[:-1]]) - 1.0
    ),
    "first session as the base": lambda p: p.close / p.close[0],
}


def kept_by_date() -> PanelFunction:
    """Return a leak that its own memory hides: each day keeps what its first call gave it.

    Called on a whole panel first, it knows the whole's mean; called on a growing one, it does not.
    """
    kept: dict[object, Matrix] = {}

    def function(panel: Panel) -> Matrix:
        rows = zip(panel.sessions.tolist(), panel.close - panel.close.mean(axis=0), strict=True)
        return np.array([kept.setdefault(day, row) for day, row in rows])

    return function
