"""What a tuning is asked for, checked before any work, and again by the worker."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from fondaco.backtest.request import Request, request_of
from fondaco.backtest.tuning.space import Space, space_of, space_of_plain
from fondaco.backtest.tuning.walk import WalkKind
from fondaco.core.errors import InvalidInput

TRIALS_MAX = 2_000
TRIALS_FILE_MAX = 200
"""Most sets of a user's file: each starts a process of its own."""
AXES_MAX = 10
HOLDOUT_MAX = 0.5
TRAIN, TEST = (21, 12_600), (5, 2_520)
"""Fewest and most sessions to choose by, and of a tested window."""
_WALK = ("to choose by", "of a tested window")
SLOW_FAMILIES = frozenset({"learned"})
"""Families whose weights take far longer than their trading, as a user's file may."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tuning:
    """How a space is searched.

    `trials` sets at most, from the chance of `seed`. `walk` is kind, train and test sessions, or
    None to choose by the whole span. `holdout` is what is kept back at its end: a share of its
    sessions, 0 for none, or the first day of it. `prune` gives up sets that are poor in the first
    part of the span; None does so where that can save time (`slow`, and a short first part).
    """

    space: Space
    trials: int
    seed: int
    walk: tuple[WalkKind, int, int] | None
    holdout: float | date
    prune: bool | None

    def plain(self) -> dict[str, Any]:
        """Return the tuning as plain JSON."""
        held = self.holdout
        return {
            "axes": [axis.plain() for axis in self.space.axes],
            "trials": self.trials,
            "seed": self.seed,
            "walk": None if self.walk is None else list(self.walk),
            "holdout": held.isoformat() if isinstance(held, date) else held,
            "prune": self.prune,
        }


def tuning_of(inputs: Mapping[str, Any]) -> Tuning:
    """Return the tuning that plain JSON says."""
    walk, held = inputs["walk"], inputs["holdout"]
    return Tuning(
        space=space_of_plain(inputs["axes"]),
        trials=inputs["trials"],
        seed=inputs["seed"],
        walk=None if walk is None else (walk[0], walk[1], walk[2]),
        holdout=date.fromisoformat(held) if isinstance(held, str) else held,
        prune=inputs["prune"],
    )


def tune_inputs(request: Request, vary: Sequence[str], **asked: Any) -> dict[str, Any]:
    """Return the plain JSON that a tuning's job keeps; `asked` as in `Tuning`, without its space.

    Raises InvalidInput or NotFound for a request that cannot be run, a space that is empty, out of
    the strategy's bounds or refused by it at every corner, and too many sets of a user's file.
    """
    space = _space(request, vary)
    if len(space.axes) > AXES_MAX:
        raise InvalidInput(
            "too many parameters are varied", value=len(space.axes), bound=f"at most {AXES_MAX}"
        )
    tuning = Tuning(space=space, **asked)
    _check_amount(tuning, request)
    _check_walk(tuning.walk)
    _check_holdout(tuning.holdout, request)
    _accepted(request.plain(), space)
    return {**request.plain(), "tune": tuning.plain()}


def asked_of(inputs: Mapping[str, Any]) -> tuple[Request, Tuning]:
    """Return what a job's inputs ask for; the request has the fixed parameters alone."""
    tuning = tuning_of(inputs["tune"])
    request = _accepted(inputs, tuning.space)
    return replace(request, parameters=dict(inputs["parameters"])), tuning


def _accepted(inputs: Mapping[str, Any], space: Space) -> Request:
    """Return the request with a corner of the space that its strategy takes.

    The limits between parameters of the built-in strategies are of the kind `skip < lookback`, so
    where every corner is refused every set is. Raises InvalidInput with the first one's fault.
    """
    refused: InvalidInput | None = None
    for corner in space.corners():
        try:
            return request_of({**inputs, "parameters": {**inputs["parameters"], **corner}})
        except InvalidInput as error:
            refused = refused or error
    assert refused is not None  # a space has at least one corner
    raise refused


def _space(request: Request, vary: Sequence[str]) -> Space:
    from fondaco.research.strategies.library import STRATEGIES

    design = STRATEGIES.get(request.strategy) if request.code is None else None
    bounds = None if design is None else design.bounds
    return space_of(vary, request.parameters, bounds, request.strategy)


def slow(request: Request) -> bool:
    """Return whether a strategy's weights take far longer to compute than they do to trade."""
    from fondaco.research.strategies.library import STRATEGIES

    return request.code is not None or STRATEGIES[request.strategy].family in SLOW_FAMILIES


def _check_amount(tuning: Tuning, request: Request) -> None:
    most = TRIALS_MAX if request.code is None else TRIALS_FILE_MAX
    if not 1 <= tuning.trials <= most:
        raise InvalidInput(
            "the number of sets to try is out of range",
            value=f"{tuning.trials:,}",
            bound=f"1 to {most:,}" + ("" if request.code is None else " for a file of your own"),
        )


def _check_walk(walk: tuple[WalkKind, int, int] | None) -> None:
    if walk is None:
        return
    _, *sessions = walk
    for count, (low, high), what in zip(sessions, (TRAIN, TEST), _WALK, strict=True):
        if not low <= count <= high:
            raise InvalidInput(
                f"the sessions {what} are out of range",
                value=f"{count:,}",
                bound=f"{low:,} to {high:,}",
                remedy="Write --walk-forward expanding:756/126.",
            )


def _check_holdout(holdout: float | date, request: Request) -> None:
    if isinstance(holdout, date):
        since, until = request.since, request.until
        if (since is not None and holdout <= since) or (until is not None and holdout > until):
            raise InvalidInput(
                "the span that is kept back begins inside the span asked for",
                value=holdout.isoformat(),
                bound=f"after {since or 'the first session'}, by {until or 'the last session'}",
            )
    elif not 0 <= holdout <= HOLDOUT_MAX:
        raise InvalidInput(
            "the share that is kept back is out of range",
            value=holdout,
            bound=f"0 to {HOLDOUT_MAX:g}, or its first day",
        )
