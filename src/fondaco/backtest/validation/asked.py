"""What a validation is asked for beside its backtest, checked before any work."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from math import comb
from typing import Any, Literal, get_args

from fondaco.backtest.grid import Number, grid_of, varied_of
from fondaco.backtest.held import holdout_of
from fondaco.backtest.request import Request, request_of
from fondaco.core.errors import InvalidInput

SETS_MAX = 100
"""Most sets of one validation beside the strategy itself: each is a trial that it pays for."""
SPLITS_MAX = 5_000
HOLDOUT_SHARES = (0.05, 0.5)
EMBARGO = 5
"""Sessions left out after each tested block: a week, over which volatility carries on."""

TRAIN_MIN = 63
TEST_MIN = 21

WalkKind = Literal["rolling", "expanding", "anchored"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How a strategy is validated.

    `holdout` is the share of the newest sessions that is held back, or the first day of them; None
    is the newest fifth, a year at least where there is enough.
    `walk_train` and `walk_test` are sessions; an anchored walk learns from `walk_anchor` on.
    `groups` and `test_groups` cut the combinatorial test, `draws` is the size of each resampling.
    """

    vary: Mapping[str, tuple[Number, ...]]
    holdout: date | float | None = None
    walk: WalkKind = "rolling"
    walk_train: int = 756
    walk_test: int = 126
    walk_anchor: date | None = None
    groups: int = 6
    test_groups: int = 2
    draws: int = 2_000
    seed: int = 7

    def __post_init__(self) -> None:
        _check_holdout(self.holdout)
        if self.walk not in get_args(WalkKind):
            raise InvalidInput(
                "no such kind of walk", value=self.walk, bound=", ".join(get_args(WalkKind))
            )
        if (self.walk_anchor is not None) != (self.walk == "anchored"):
            raise InvalidInput(
                "an anchored walk, and no other, has a day from which it learns",
                value=f"{self.walk}, {self.walk_anchor or 'no day'}",
                bound="anchored with a day, or another kind without one",
                remedy="Give --walk anchored:756/126:2008-01-02.",
            )
        if self.walk_train < TRAIN_MIN or self.walk_test < TEST_MIN:
            raise InvalidInput(
                "the windows of the walk are too short",
                value=f"{self.walk_train} to learn from, {self.walk_test} to test",
                bound=f">= {TRAIN_MIN} and >= {TEST_MIN} sessions",
            )
        _check_groups(self.groups, self.test_groups)

    def plain(self) -> dict[str, Any]:
        """Return the plan as the plain JSON that a job keeps."""
        kept = self.holdout.isoformat() if isinstance(self.holdout, date) else self.holdout
        anchor = self.walk_anchor and self.walk_anchor.isoformat()
        return {
            "vary": {name: list(values) for name, values in self.vary.items()},
            "holdout": kept,
            "walk": self.walk,
            "walk_train": self.walk_train,
            "walk_test": self.walk_test,
            "walk_anchor": anchor,
            "groups": self.groups,
            "test_groups": self.test_groups,
            "draws": self.draws,
            "seed": self.seed,
        }


def plan_of(inputs: Mapping[str, Any]) -> Plan:
    """Return the plan that plain JSON says; raises InvalidInput."""
    anchor = inputs.get("walk_anchor")
    return Plan(
        vary={name: tuple(values) for name, values in inputs["vary"].items()},
        holdout=None if inputs["holdout"] is None else holdout_of(inputs["holdout"]),
        walk=inputs["walk"],
        walk_train=int(inputs["walk_train"]),
        walk_test=int(inputs["walk_test"]),
        walk_anchor=None if anchor is None else _anchor(str(anchor)),
        groups=int(inputs["groups"]),
        test_groups=int(inputs["test_groups"]),
        draws=int(inputs["draws"]),
        seed=int(inputs["seed"]),
    )


def sets_of(
    parameters: Mapping[str, Number], vary: Mapping[str, Sequence[Number]]
) -> tuple[dict[str, Number], ...]:
    """Return the parameters of each set: first the strategy as given, then those of the grid.

    A varied parameter may be given as well: that is its value in the strategy itself. A set that
    is written like an earlier one is left out. Raises InvalidInput for more than 100 sets.

    >>> sets_of({"skip": 5, "lookback": 20}, {"lookback": [20, 40]})
    ({'skip': 5, 'lookback': 20}, {'skip': 5, 'lookback': 40})
    """
    given = dict(parameters)
    if not vary:
        return (given,)
    fixed = {name: value for name, value in given.items() if name not in vary}
    grid = grid_of(fixed, vary)
    if len(grid) > SETS_MAX:
        raise InvalidInput(
            "a validation has too many sets of parameters",
            value=f"{len(grid):,}",
            bound=f"at most {SETS_MAX}",
            remedy="Search first with `fondaco backtest tune`, and validate what it chose.",
        )
    return (given, *(one for one in grid if one != given))


def validate_inputs(request: Request, given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the plain JSON that a validation's job keeps, from its inputs by name.

    Raises InvalidInput or NotFound for a request that cannot be run, a plan out of bounds, a grid
    that is too large, or any set whose parameters the strategy refuses.
    """
    kind, _, rest = str(given["walk"]).partition(":")
    lengths, _, anchor = rest.partition(":")
    train, _, test = lengths.partition("/")
    groups, _, test_groups = str(given["folds"]).partition("/")
    plan = plan_of(
        {
            "vary": varied_of(given["vary"]),
            "holdout": given["holdout"],
            "walk": kind,
            "walk_train": train,
            "walk_test": test,
            "walk_anchor": anchor or None,
            "groups": groups,
            "test_groups": test_groups,
            "draws": given["draws"],
            "seed": given["seed"],
        }
    )
    for parameters in sets_of(request.parameters, plan.vary):
        request_of(replace(request, parameters=parameters).plain())
    return {**request.plain(), **plan.plain()}


def _anchor(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise InvalidInput(
            "the day from which the walk learns is none",
            value=f"{text}: {error}",
            bound="an ISO date, e.g. 2008-01-02",
        ) from None


def _check_holdout(holdout: date | float | None) -> None:
    low, high = HOLDOUT_SHARES
    if isinstance(holdout, float | int) and not low <= holdout <= high:
        raise InvalidInput(
            "the share that is held back is out of range",
            value=holdout,
            bound=f"{low:g} to {high:g}, or a day",
            remedy="A fifth of the sessions is the usual share.",
        )


def _check_groups(groups: int, test_groups: int) -> None:
    if groups < 2 or not 1 <= test_groups < groups:
        raise InvalidInput(
            "the combinatorial test needs groups to learn from and groups to test",
            value=f"{groups} groups, {test_groups} of them tested",
            bound="at least 2 groups, at least 1 tested and 1 learnt from",
        )
    if comb(groups, test_groups) > SPLITS_MAX:
        raise InvalidInput(
            "the combinatorial test has too many splits",
            value=f"{comb(groups, test_groups):,}",
            bound=f"at most {SPLITS_MAX:,}",
            remedy="Take fewer groups, or test fewer of them.",
        )
