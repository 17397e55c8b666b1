"""What the research tests share: panels from columns of closes, simulated and bundled ones."""

from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import polars as pl

from fondaco.core.instrument import InstrumentId, Origin
from fondaco.market.fakes import simulated_panel
from fondaco.market.panel import Matrix, Panel
from fondaco.research.forecaster import Recipe
from fondaco.research.splits import WalkForward

SMALL = Recipe(
    WalkForward(horizon=5, embargo=2, refit_months=2, train_min=30, train_max=120),
    trees=8,
    rows_per_leaf_min=10,
    stride=2,
)
"""A recipe that learns within a few months of sessions, for short panels."""


def panel_of(close: Matrix, *, start: str = "2015-01-05") -> Panel:
    """Return a panel of these closes on consecutive days, closing at 21:00 UTC."""
    sessions = np.datetime64(start) + np.arange(len(close))
    names = tuple(InstrumentId(f"I-{n:012x}") for n in range(close.shape[1]))
    closes_at = sessions.astype("datetime64[us]") + np.timedelta64(21, "h")
    return Panel(
        sessions,
        closes_at,
        names,
        {"close": close},
        Origin.SIMULATED,
        datetime(2050, 1, 1, tzinfo=UTC),
        0,
    )


def column(*closes: float) -> Panel:
    """Return the panel of one instrument."""
    return panel_of(np.array(closes, dtype=np.float64).reshape(-1, 1))


def bundled_panel(rows: int, names: int, *, since: str = "2008-01-02") -> Panel:
    """Return real prices: the adjusted closes of US shares that ship inside skfolio."""
    found = find_spec("skfolio")
    assert found is not None
    assert found.origin is not None
    file = Path(found.origin).parent / "datasets" / "data" / "sp500_dataset.csv.gz"
    frame = pl.read_csv(file, try_parse_dates=True)
    day = frame.columns[0]
    frame = frame.filter(pl.col(day) >= pl.lit(since).str.to_date()).head(rows)
    panel = panel_of(frame.drop(day).to_numpy()[:, :names].copy())
    sessions = frame[day].to_numpy().astype("datetime64[D]")
    return Panel(
        sessions,
        sessions.astype("datetime64[us]") + np.timedelta64(21, "h"),
        panel.instruments,
        panel.fields,
        Origin.BUNDLED,
        panel.as_of,
        1,
    )


def planted_panel(seed: int, rows: int, names: int, *, strength: float) -> Panel:
    """Return prices whose drift follows a slow trend of each name: past returns foretell next ones.

    Each name's drift is an AR(1) process with a half-life of about 70 sessions, `strength` times
    the daily noise in size. Strength 0 is a random walk, where nothing can be foretold.
    """
    rng = np.random.default_rng(seed)
    drift = np.zeros((rows, names))
    for t in range(1, rows):
        drift[t] = 0.99 * drift[t - 1] + rng.normal(0.0, 1.0, names) * np.sqrt(1 - 0.99**2)
    steps = 0.01 * (strength * drift + rng.normal(0.0, 1.0, (rows, names)))
    walk = simulated_panel(seed, rows, names, with_opens=False)
    return Panel(
        walk.sessions,
        walk.closes_at,
        walk.instruments,
        {"close": 100.0 * np.exp(np.cumsum(steps, axis=0))},
        walk.origin,
        walk.as_of,
        0,
    )
