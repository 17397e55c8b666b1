"""How a validation is drawn: verdicts first, its standing, then each test with its figures."""

from collections.abc import Sequence
from itertools import pairwise
from math import floor, sqrt

from fondaco.backtest.validation.result import (
    CrossValidation,
    Figures,
    Learning,
    Range,
    State,
    ValidatedSet,
    ValidationResult,
    WalkForward,
)
from fondaco.core.view import Block, Card, Cell, Chart, Chip, Column, Series, Table, Text, Tone
from fondaco.research.trial_ledger import Condition
from fondaco.research.trial_views import standing_blocks

TONES: dict[State, Tone] = {
    "PASS": Tone.GOOD,
    "FAIL": Tone.BAD,
    "NOT JUDGED": Tone.MUTED,
}
BARS_MAX = 15
"""Up to so many ratios are drawn one by one, more as a histogram."""
BINS_MAX = 20


def view_validation(result: ValidationResult) -> list[Block]:
    """Return a validation: verdicts, standing, sets, paths, walk, intervals, what was held back."""
    label = result.label.value
    known = set(result.standing.warnings)
    return [
        _head(result),
        _verdicts(result),
        *standing_blocks(result.standing, label),
        *(Text(said, Tone.WARNING) for said in result.warnings if said not in known),
        *([_sets(result.sets, label)] if len(result.sets) > 1 else []),
        _paths(result.cross, label),
        _walk(result.walk, label),
        _intervals(result, label),
        *_order(result),
        *_learning(result.learning, label),
        _holdout(result),
        _gate(result),
    ]


def _head(result: ValidationResult) -> Card:
    chips = tuple(
        Chip(one.state, TONES[one.state], f"{one.name}: {one.value}; limit {one.limit}")
        for one in result.verdicts
    )
    given = ", ".join(f"{name}={value:g}" for name, value in result.parameters.items())
    fields = (
        ("Searched", f"{result.since} to {result.until}, {result.sessions:,} sessions"),
        ("Held back", f"{result.holdout.since} to {result.holdout.until}"),
        ("Parameters", given or "none"),
        ("Instruments", f"{result.symbols:,}"),
        ("Capital", f"{result.capital:,.2f} {result.currency}"),
        ("Costs", result.costs),
        ("Fill rule", result.fill_rule),
        ("Seed", f"{result.seed}"),
    )
    title = f"{result.evidence} · validation of {result.strategy}"
    footer = f"`{result.next}` asks the gate."
    return Card(title, fields, chips, result.label.value, footer)


def _verdicts(result: ValidationResult) -> Table:
    columns = (
        Column("Test"),
        Column("Verdict", "chip"),
        Column("Value"),
        Column("Limit"),
        Column("What it says"),
    )
    rows = tuple((v.name, v.state, v.value, v.limit, v.said) for v in result.verdicts)
    return Table("Verdicts", columns, rows, result.label.value)


def _sets(sets: tuple[ValidatedSet, ...], label: str) -> Table:
    columns = (Column("Set"), *FIGURES, Column("Trial", "id"), Column("Note"))
    rows = tuple(
        (one.label, *_cells(one.figures), one.trial[:12] or None, one.fault) for one in sets
    )
    return Table("Sets on the searched span", columns, rows, label)


FIGURES = (
    Column("CAGR", "percent", signed=True),
    Column("Volatility", "percent"),
    Column("Sharpe", "number"),
    Column("Max drawdown", "percent", signed=True),
)


def _cells(figures: Figures | None) -> tuple[Cell, ...]:
    if figures is None:
        return (None,) * len(FIGURES)
    return figures.cagr, figures.vol_annual, figures.sharpe, figures.drawdown


def _paths(cross: CrossValidation, label: str) -> Chart:
    what = "path" if cross.kind == "paths" else "block"
    title = (
        f"Sharpe ratio of each {what}: median {cross.median:.2f}, 5 % quantile {cross.low:.2f}, "
        f"{cross.loss_share * 100:.0f} % below 0"
    )
    if len(cross.sharpes) <= BARS_MAX:
        names = tuple(f"{what} {n}" for n in range(1, len(cross.sharpes) + 1))
        return Chart(title, names, (Series("Sharpe ratio", cross.sharpes, "bar"),), "", label)
    names, counts = histogram(cross.sharpes)
    return Chart(title, names, (Series(f"{what}s", counts, "bar"),), f"{what}s", label)


def histogram(values: Sequence[float]) -> tuple[tuple[str, ...], tuple[float, ...]]:
    """Return the ranges of a histogram, in words, and how many values lie in each.

    Ranges are of one width, as many as the root of the count, 20 at most; the last holds its end.

    >>> histogram([0.0, 0.1, 0.9, 1.0])
    (('0.00 to 0.50', '0.50 to 1.00'), (2.0, 2.0))
    """
    low, high = min(values), max(values)
    bins = min(BINS_MAX, max(1, round(sqrt(len(values)))))
    width = (high - low) / bins or 1.0
    counts = [0.0] * bins
    for value in values:
        counts[min(bins - 1, floor((value - low) / width))] += 1.0
    edges = [low + width * n for n in range(bins + 1)]
    names = (f"{a:.2f} to {b:.2f}" for a, b in pairwise(edges))
    return tuple(names), tuple(counts)


def _walk(walk: WalkForward, label: str) -> Chart:
    ratio = "none" if walk.figures.sharpe is None else f"{walk.figures.sharpe:.2f}"
    title = (
        f"Walk-forward ({walk.kind}, {walk.train}/{walk.test}, {walk.windows} windows): growth of "
        f"1 out of sample, Sharpe ratio {ratio}"
    )
    days = tuple(day.isoformat() for day in walk.days)
    return Chart(title, days, (Series("Out of sample", walk.wealth),), "", label)


def _intervals(result: ValidationResult, label: str) -> Table:
    found = result.bootstrap
    columns = (Column("Figure"), Column("Estimate"), Column("From"), Column("To"))
    rows = tuple(
        (one.name, *(_shown(one, value) for value in (one.estimate, one.low, one.high)))
        for one in found.ranges
    )
    title = (
        f"95 % intervals, {found.draws:,} draws in blocks of {found.mean_block:.0f} sessions on "
        "average"
    )
    return Table(title, columns, rows, label)


def _shown(one: Range, value: float) -> str:
    return f"{value * 100:+.2f} %" if one.unit == "percent" else f"{value:.2f}"


def _order(result: ValidationResult) -> list[Block]:
    order = result.order
    if order is None:
        said = "Too few holding periods to draw their order anew."
        return [Text(said, Tone.MUTED)]
    fields = (
        ("Deepest fall as it came", f"{order.observed * 100:.2f} %"),
        ("In half of all orders deeper than", f"{order.median * 100:.2f} %"),
        ("In 1 of 20 deeper than", f"{order.fall_95 * 100:.2f} %"),
        ("In 1 of 100 deeper than", f"{order.fall_99 * 100:.2f} %"),
        ("Orders that fell deeper", f"{order.deeper_share * 100:.0f} %"),
        ("Holding periods, draws", f"{order.periods:,}, {order.draws:,}"),
    )
    title = "Holding periods in other orders, for the drawdown only"
    return [Card(title, fields, (), result.label.value, order.purpose)]


def _learning(learning: Learning | None, label: str) -> list[Block]:
    if learning is None:
        return []
    ranks = tuple(path.rank_ic for path in learning.paths)
    names = tuple(f"path {n}" for n in range(1, len(ranks) + 1))
    title = f"Mean rank IC of each path, refitted on purged rows: median {learning.median:.3f}"
    return [
        Text(learning.said, Tone.INFO),
        Chart(title, names, (Series("Rank IC", ranks, "bar"),), "", label),
    ]


def _holdout(result: ValidationResult) -> Table:
    found = result.holdout
    title = f"Held back and looked at once, {found.since} to {found.until}"
    columns = (Column("Sessions", "number", digits=0), *FIGURES, Column("Touched before"))
    before = "no" if not found.touched else f"by {len(found.touched):,} trials"
    row = (found.figures.sessions, *_cells(found.figures), before)
    return Table(title, columns, (row,), result.label.value)


def _gate(result: ValidationResult) -> Table:
    columns = (
        Column("Condition for paper"),
        Column("Met", "chip"),
        Column("Value"),
        Column("Bound"),
        Column("What would meet it"),
    )
    rows = tuple(_condition(one) for one in result.conditions)
    return Table("What the gate would say now", columns, rows, result.label.value)


def _condition(one: Condition) -> tuple[Cell, ...]:
    return one.name, "PASS" if one.met else "FAIL", one.value, one.bound, _remedy(one)


def _remedy(one: Condition) -> str:
    return "" if one.met else one.remedy
