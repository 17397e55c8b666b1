"""What the look-ahead proof tries: panels cut off, futures made up, the same bars read later.

Each probe gives a changed panel and how many of its first rows must keep their values.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np

from fondaco.market.panel import Matrix, Panel

Probe = tuple[str, int, Panel]
"""A probe's name, how many rows agree with the panel that was given, and the changed panel."""

READ_LATER = "read later"
LATER_SPLIT = "later split"
KNOWN_LATER = "known later"
_DAY = np.timedelta64(1, "D")
_LATER = timedelta(days=400)  # another year, another month, another day of the week
_PRICES = frozenset({"open", "high", "low", "close"})


def cut_off(panel: Panel, rows: int) -> Panel:
    """Return the panel as it stood after `rows` sessions: `as_of` moves back with it.

    The arrays are read-only copies: a function that writes into its input is found out.
    """
    fields = {name: _frozen(values[:rows].copy()) for name, values in panel.fields.items()}
    return replace(panel.until(rows), fields=fields, as_of=moment_of(panel, rows - 1))


def futures(panel: Panel, k: int, rng: np.random.Generator) -> Iterator[Probe]:
    """Yield the panel with every kind of other future from row `k` on."""
    rest, width = len(panel.sessions) - k, len(panel.instruments)
    shuffle, blown_up = rng.permutation(rest), rng.random((rest, width)) < 0.5
    changes: dict[str, Callable[[Matrix], Matrix]] = {
        "future of noise": lambda x: x * np.exp(rng.normal(0.0, 0.1, (rest, width))),
        # Blowing all names up alike would leave ranks as they are: half of the prices, by chance.
        "future a thousandfold": lambda x: x * np.where(blown_up, 1000.0, 1.0),
        "future missing": lambda x: np.full_like(x, np.nan),
        "future shuffled": lambda x: x[shuffle],
    }
    for probe, change in changes.items():
        fields = {
            name: _frozen(np.concatenate([values[:k], change(values[k:])]))
            for name, values in panel.fields.items()
        }
        yield probe, k, replace(panel, fields=fields, version=panel.version + 1)
    yield "future longer", len(panel.sessions), _longer(panel, rest + 1, rng)
    yield "future shorter", k, _thinner(panel, k)


def read_later(panel: Panel, k: int) -> Probe:
    """Return the first `k` rows as a reader of another year meets them, from a later version."""
    early = cut_off(panel, k)
    return READ_LATER, k, replace(early, as_of=early.as_of + _LATER, version=panel.version + 7)


def later_split(panel: Panel, k: int, rng: np.random.Generator) -> Probe:
    """Return the first `k` rows restated for splits to come: another scale for each name.

    Prices are multiplied by a power of two and volume divided by it, which floats do exactly: a
    ratio of prices keeps every bit.
    """
    scale = 2.0 ** rng.integers(-3, 4, len(panel.instruments))
    early = cut_off(panel, k)
    fields = dict(early.fields)
    for name, values in early.fields.items():
        if name in _PRICES:
            fields[name] = _frozen(values * scale)
        elif name == "volume":
            fields[name] = _frozen(values / scale)
    return LATER_SPLIT, k, replace(early, fields=fields, version=panel.version + 1)


def moment_of(panel: Panel, row: int) -> datetime:
    """Return the close of a row's session in UTC."""
    moment: datetime = panel.closes_at[row].astype("datetime64[us]").item()
    return moment.replace(tzinfo=UTC)


def _longer(panel: Panel, extra: int, rng: np.random.Generator) -> Panel:
    """Return the panel with `extra` more sessions, drawn from its own rows, on later days."""
    pick = rng.integers(0, len(panel.sessions), extra)
    steps = np.arange(1, extra + 1) * _DAY
    longer = replace(
        panel,
        sessions=np.concatenate([panel.sessions, panel.sessions[-1] + steps]),
        closes_at=np.concatenate([panel.closes_at, panel.closes_at[-1] + steps]),
        fields={
            name: _frozen(np.concatenate([values, values[pick]]))
            for name, values in panel.fields.items()
        },
    )
    return replace(longer, as_of=moment_of(longer, -1))


def _thinner(panel: Panel, k: int) -> Panel:
    """Return the panel with every second session from `k` on left out."""
    keep = np.concatenate([np.arange(k), np.arange(k + 1, len(panel.sessions), 2)])
    thinner = replace(
        panel,
        sessions=panel.sessions[keep],
        closes_at=panel.closes_at[keep],
        fields={name: _frozen(values[keep]) for name, values in panel.fields.items()},
    )
    return replace(thinner, as_of=moment_of(thinner, -1))


def _frozen(values: Matrix) -> Matrix:
    values.flags.writeable = False
    return values
