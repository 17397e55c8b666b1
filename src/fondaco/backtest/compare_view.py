"""How backtests side by side are drawn."""

from fondaco.backtest.compare import Comparison, Difference
from fondaco.backtest.figures import measure_words
from fondaco.backtest.standings_view import standings_table
from fondaco.core.limits import CHART_POINTS_MAX
from fondaco.core.view import Block, Chart, Column, Series, Table, Text, Tone
from fondaco.portfolio.measures.table import MEASURES


def view_comparison(result: Comparison) -> list[Block]:
    """Return curves on one scale, measures with the best marked, leads and correlations."""
    return [
        Text(
            f"{result.sessions:,} sessions that all of them traded, {result.since} to "
            f"{result.until}. The index pays no costs.",
            Tone.INFO,
        ),
        *(Text(note, Tone.WARNING) for note in result.notes),
        _curves(result),
        _measures(result),
        _differences(result),
        *standings_table(result.names, result.standings, result.label.value),
        _correlations(result),
    ]


def _curves(result: Comparison) -> Chart:
    step = max(1, -(-len(result.days) // CHART_POINTS_MAX))
    return Chart(
        "Equity, each from 100",
        tuple(day.isoformat() for day in result.days[::step]),
        tuple(
            Series(name, values[::step])
            for name, values in zip(result.names, result.equity, strict=True)
        ),
        "100 at the start",
        result.label.value,
    )


def _measures(result: Comparison) -> Table:
    columns = (Column("Measure"), *(Column(name) for name in result.names), Column("Best"))
    rows = tuple(
        (
            MEASURES[line.name].title,
            *(measure_words(line.name, value, "") for value in line.values),
            "–" if line.best is None else result.names[line.best],
        )
        for line in result.measures
    )
    return Table("Measures side by side", columns, rows, result.label.value)


def _differences(result: Comparison) -> Table:
    columns = (
        Column("Account"),
        Column("Mean return a year ahead", "percent", signed=True),
        Column("± one error", "percent"),
        Column("Sharpe ratio ahead", "number", signed=True),
        Column("± one error", "number"),
        Column("Says"),
    )
    rows = tuple(
        (
            one.name,
            one.mean_annual,
            one.mean_error,
            one.sharpe,
            one.sharpe_error,
            lead_words(one),
        )
        for one in result.differences
    )
    return Table(f"Ahead of {result.names[0]}", columns, rows, result.label.value)


def lead_words(one: Difference) -> str:
    """Return what a difference says: two errors or more are called clear, without a promise.

    >>> lead_words(Difference("BT-2", "BT-1", 0.05, 0.02, None, None))
    'clearly ahead (2.5 errors)'
    """
    if one.mean_annual is None or not one.mean_error:
        return "cannot be told"
    errors = one.mean_annual / one.mean_error
    if abs(errors) < 2:
        return f"within chance ({abs(errors):.1f} errors)"
    return f"clearly {'ahead' if errors > 0 else 'behind'} ({abs(errors):.1f} errors)"


def _correlations(result: Comparison) -> Table:
    columns = (Column("Returns of"), *(Column(name, "number") for name in result.names))
    rows = tuple(
        (name, *values) for name, values in zip(result.names, result.correlations, strict=True)
    )
    return Table("Correlation of returns", columns, rows, result.label.value)
