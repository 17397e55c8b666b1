"""The look-ahead proof of one strategy on one panel: what is tried on it, and what is refused.

`strategies.check` asks for it by name, a validation before it counts on anything.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from math import isnan
from typing import TYPE_CHECKING

from fondaco.core.errors import InvalidInput, Refused
from fondaco.core.jobs import Progress, Silent
from fondaco.research.ports import Panels, UserStrategy

if TYPE_CHECKING:
    # They bring numpy: only who proves pays for it.
    from fondaco.market.panel import Matrix, Panel
    from fondaco.research.causality import NotCausal, Proof
    from fondaco.research.strategies.strategy import Strategy

NAMES_MAX = 20
"""Most names of a proof when none are chosen: more of them find no other leak, only later."""

TOLERANCE = 1e-9
STEP = "Proving that it does not look ahead"

Reader = Callable[[datetime], "Panel"]
"""Reads a proof's panel as it was known at a moment."""


@dataclass(frozen=True, slots=True)
class BuiltIn:
    """A strategy of the desk, looked at as a user's."""

    name: str
    doc: str
    parameters: Mapping[str, float | int]
    weights: "Callable[[Panel], Matrix]"

    def many(self, panels: "Sequence[Panel]") -> "list[Matrix]":
        """Return the weights for each of some panels, in order."""
        return [self.weights(panel) for panel in panels]


def built_in(strategy: "Strategy") -> BuiltIn:
    """Return a strategy as the proof calls it."""
    return BuiltIn(strategy.name, strategy.summary, strategy.parameters, strategy.weights)


@dataclass(slots=True)
class _Weights:
    """A strategy as the proof calls it, a panel at a time or those of one bar together.

    Each call is told to `progress`, which may stop it.
    """

    opened: UserStrategy
    progress: Progress
    calls: int
    done: int = 0

    def __call__(self, panel: "Panel") -> "Matrix":
        self._tell(1)
        return self.opened.weights(panel)

    def many(self, panels: "Sequence[Panel]") -> "list[Matrix]":
        self._tell(len(panels))
        return self.opened.many(panels)

    def _tell(self, calls: int) -> None:
        self.progress.report(STEP, min(self.done, self.calls), self.calls)
        self.done += calls


def prove(
    opened: UserStrategy,
    panel: "Panel",
    reader: Reader,
    *,
    symbols: Sequence[str],
    cuts: int | None = None,
    progress: Progress | None = None,
) -> "Proof":
    """Prove that a strategy's weights do not know the future; raises Refused naming the bar.

    `reader` reads the panel as it was known at a moment; `symbols` are its columns' names in the
    refusal; `cuts` is the number of bars at which futures are made up, None for every bar. The
    future is cut off at every bar in any case. `progress` is told of each call and may stop it.
    Where no weight is known nothing is proved: see `check_weights`.
    """
    from fondaco.research.causality import NotCausal, assert_causal

    rows = len(panel.sessions)
    calls = rows + 1 + 8 * min(rows if cuts is None else cuts + 1, rows)
    try:
        return assert_causal(
            _Weights(opened, progress or Silent(), calls),
            panel,
            tolerance=TOLERANCE,
            cuts=cuts,
            panels_as_of=reader,
            restated=True,
        )
    except NotCausal as fault:
        raise _refused(opened.name, fault, symbols, rows) from None


def proof_words(proof: "Proof", panel: "Panel") -> str:
    """Return in words what was tried without finding that a strategy knows the future."""
    return (
        f"no look-ahead found: the future cut off at {proof.truncations:,} bars, changed "
        f"{proof.perturbations:,} times, read later {proof.revisions:,} times; "
        f"{proof.values:,} weights of {len(panel.instruments)} names, {panel.sessions[0]} to "
        f"{panel.sessions[-1]}"
    )


def newest(panel: "Panel", rows: int) -> "Panel":
    """Return a panel's last rows, all of it where it has no more."""
    first = max(0, len(panel.sessions) - rows)
    return replace(
        panel,
        sessions=panel.sessions[first:],
        closes_at=panel.closes_at[first:],
        fields={name: values[first:] for name, values in panel.fields.items()},
    )


def reader_of(prices: Panels, panel: "Panel") -> Reader:
    """Return what reads a panel as it was known at a moment: the names that had a bar by then."""
    import numpy as np

    has_bar = ~np.isnan(panel.close)
    first = np.where(has_bar.any(axis=0), has_bar.argmax(axis=0), len(panel.sessions))

    def read(moment: datetime) -> "Panel":
        row = int(np.searchsorted(panel.closes_at, np.datetime64(moment.replace(tzinfo=None))))
        known = [name for n, name in enumerate(panel.instruments) if first[n] <= row]
        since = panel.sessions[0].item()
        early = prices.panel(known, as_of=moment, since=since, origin=panel.origin)
        shared = {name: early.fields[name] for name in panel.fields if name in early.fields}
        return replace(early, fields=shared)

    return read


def check_weights(name: str, weights: "Matrix", panel: "Panel", remedy: str) -> None:
    """Raise InvalidInput for weights of which none is known: nothing would be proved."""
    import numpy as np

    if not np.isfinite(weights).any():
        raise InvalidInput(
            f"{name} gave no weight in these sessions: nothing would be proved",
            value=f"{len(panel.sessions)} sessions",
            remedy=remedy,
        )


def _refused(name: str, fault: "NotCausal", symbols: Sequence[str], rows: int) -> Refused:
    before, after = _weight(fault.before), _weight(fault.after)
    if before == after:
        before, after = repr(fault.before), repr(fault.after)
    when = "only later bars differ" if fault.probe.startswith("future") else fault.when
    return Refused(
        f"{name} knows the future: the weight of {symbols[fault.column]} on {fault.session} "
        f"changes from {before} to {after} when {when}",
        value=f"bar {fault.row + 1} of {rows}, probe: {fault.probe}",
        bound="weights that rest on their own session and earlier ones",
        remedy="Look for what reads later rows: a negative shift, a whole-sample mean, a fill "
        "from behind.",
    )


def _weight(value: float) -> str:
    return "no change (NaN)" if isnan(value) else f"{value:.6g}"
