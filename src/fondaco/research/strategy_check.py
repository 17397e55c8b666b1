"""`strategies.check`: the look-ahead proof, run on a built-in strategy or on a user's own file."""

import re
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from fondaco.core.capability import Caller, Effect, capability
from fondaco.core.clock import Clock
from fondaco.core.errors import NotFound
from fondaco.core.instrument import InstrumentId, Origin
from fondaco.core.quantities import Day, Symbol
from fondaco.core.view import Block, Card, Chip, Text, Tone
from fondaco.research.ports import Names, Panels, UserStrategies, UserStrategy
from fondaco.research.proof import (
    NAMES_MAX,
    built_in,
    check_weights,
    newest,
    prove,
    reader_of,
)

if TYPE_CHECKING:
    from fondaco.market.panel import Matrix, Panel  # they bring numpy: only who proves pays
    from fondaco.research.causality import Proof

_PLAIN = re.compile(r"[A-Za-z0-9_\-]+")  # no file, no path, no package
SHORT = "Give it more with --bars, or a shorter look-back with --parameter."
TERMINAL = "cli"
"""The one surface whose caller sits at the machine and may name any file of theirs."""

Reference = Annotated[
    str,
    Field(
        min_length=1,
        max_length=1_000,
        pattern=r"^[^\x00-\x1f]+$",
        description="a built-in strategy, or a file of your own, e.g. my_strategy.py",
    ),
]
Symbols = Annotated[
    tuple[Symbol, ...],
    Field(max_length=100, description="symbols to try it on; the first 20 shares when left out"),
]
Changes = Annotated[
    tuple[Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]{0,63}=-?[0-9]+(\.[0-9]+)?$")], ...],
    Field(max_length=50, description="changed parameters, each name=number, e.g. lookback=126"),
]


@dataclass(frozen=True, slots=True)
class StrategyCheck:
    """What was tried on a strategy without finding that it knows the future.

    `weights` is how many of its weights were known, `decisions` on how many sessions it had any.
    """

    strategy: str
    about: str
    parameters: dict[str, float]
    symbols: tuple[str, ...]
    origin: Origin
    since: date
    until: date
    sessions: int
    truncations: int
    perturbations: int
    revisions: int
    weights: int
    decisions: int


def view_check(result: StrategyCheck) -> list[Block]:
    """Return what was tried as a card, and what no proof can see."""
    parameters = ", ".join(f"{name}={value:g}" for name, value in result.parameters.items())
    fields = (
        ("Sessions", f"{result.sessions}, {result.since} to {result.until}"),
        ("Instruments", ", ".join(result.symbols)),
        ("Parameters", parameters or "none"),
        ("Future cut off", f"at {result.truncations} bars"),
        ("Future changed", f"{result.perturbations} times: noise, scale, gaps, order, length"),
        ("Read later", f"{result.revisions} times: later version, later split, known then"),
        ("Weights compared", f"{result.weights:,} on {result.decisions:,} sessions"),
    )
    chips = (Chip("NO LOOK-AHEAD FOUND", Tone.GOOD),)
    note = "It proves the code, not the data: a list of survivors looks ahead before it is read."
    blocks: list[Block] = [Card(result.strategy, fields, chips, result.origin.value, note)]
    if result.about:
        blocks.insert(0, Text(result.about, Tone.MUTED))
    return blocks


@capability("strategies.check", Effect.READ, view=view_check)
def check_strategy(
    prices: Panels,
    instruments: Names,
    strategies: UserStrategies,
    clock: Clock,
    caller: Caller,
    /,
    *,
    strategy: Reference,
    symbol: Symbols = (),
    from_: Annotated[Day | None, Field(description="first day, e.g. 2012-01-01")] = None,
    to: Annotated[Day | None, Field(description="last day, e.g. 2014-12-31")] = None,
    bars: Annotated[
        int, Field(ge=20, le=2_520, description="most sessions, the last of the span, 20 to 2520")
    ] = 500,
    cuts: Annotated[
        int | None,
        Field(
            ge=1, le=2_520, description="bars at which futures are made up; every one by default"
        ),
    ] = None,
    parameter: Changes = (),
) -> StrategyCheck:
    """Prove that a strategy does not know the future, or name the bar where it does.

    At every bar the future is cut off, replaced, reordered, removed, made longer and shorter; and
    the same bars are read at a later known time, with a later split, and as they were known then.
    Weights must stay. A strategy that knows the future is refused, with
    the bar, both weights and the probe that saw it. A file of your own runs in a process without
    network, files and secrets; from elsewhere than the command line of the machine it must lie in
    the strategies folder (docs/how-to/own-strategy.md).

    Example:
        fondaco strategies check momentum
    """
    changed = _numbers(parameter)
    asked = tuple(instruments.by_symbol(name, (to or clock.now().date())).id for name in symbol)
    trial = _panel(prices, asked, clock.now(), (from_, to), bars)
    symbols = tuple(instruments.get(name).symbol for name in trial.instruments)
    with _opened(strategies, strategy, changed, caller) as opened:
        weights = opened.weights(trial)
        check_weights(opened.name, weights, trial, SHORT)
        proof = prove(opened, trial, reader_of(prices, trial), symbols=symbols, cuts=cuts)
        return _result(opened, trial, symbols, proof, weights)


def _opened(
    strategies: UserStrategies, reference: str, changes: dict[str, float | int], caller: Caller
) -> AbstractContextManager[UserStrategy]:
    from fondaco.research.strategies.library import STRATEGIES, strategy_named

    if reference in STRATEGIES:
        return nullcontext(built_in(strategy_named(reference, changes)))
    known = f"{', '.join(STRATEGIES)}, or a file that ends in .py"
    if _PLAIN.fullmatch(reference):
        raise NotFound("no such built-in strategy", value=reference, bound=known)
    return strategies.open(reference, changes, anywhere=caller.surface == TERMINAL)


def _panel(
    prices: Panels,
    asked: tuple[InstrumentId, ...],
    now: datetime,
    span: tuple[date | None, date | None],
    bars: int,
) -> "Panel":
    since, until = span
    panel = prices.panel(asked or None, as_of=now, since=since, until=until)
    if not asked and len(panel.instruments) > NAMES_MAX:
        few = panel.instruments[:NAMES_MAX]
        panel = prices.panel(few, as_of=now, since=since, until=until)
    return newest(panel, bars)


def _result(
    opened: UserStrategy,
    panel: "Panel",
    symbols: tuple[str, ...],
    proof: "Proof",
    weights: "Matrix",
) -> StrategyCheck:
    import numpy as np

    return StrategyCheck(
        opened.name,
        opened.doc,
        {name: float(value) for name, value in opened.parameters.items()},
        symbols,
        panel.origin,
        panel.sessions[0].item(),
        panel.sessions[-1].item(),
        len(panel.sessions),
        proof.truncations,
        proof.perturbations,
        proof.revisions,
        proof.values,
        int(np.count_nonzero(np.isfinite(weights).any(axis=1))),
    )


def _numbers(given: tuple[str, ...]) -> dict[str, float | int]:
    """Return name=number pairs as a mapping; a number without a point is whole."""
    pairs = (text.partition("=") for text in given)
    return {name: float(number) if "." in number else int(number) for name, _, number in pairs}
