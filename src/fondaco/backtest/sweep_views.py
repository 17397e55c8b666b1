"""How a sweep is drawn: what it took, its cautions, the sets as a table and a chart."""

from fondaco.backtest.sweep_result import SweepResult, SweepSet
from fondaco.core.view import Block, Card, Cell, Chart, Chip, Column, Series, Table, Text, Tone
from fondaco.research.trial_views import standing_blocks


def view_sweep(result: SweepResult) -> list[Block]:
    """Return a sweep: what was asked, trials, cautions, sets, and sets against Sharpe ratio."""
    label = result.label.value
    title = f"Sweep of {result.strategy}, {result.since} to {result.until}"
    chips = (Chip(f"next {result.fill_point}", Tone.INFO, result.fill_rule),)
    fixed = ", ".join(f"{name}={value:g}" for name, value in result.parameters.items())
    fields = (
        ("Sets", f"{len(result.sets):,}"),
        ("Fixed parameters", fixed or "as the strategy has them"),
        ("Instruments", f"{result.symbols:,}"),
        ("Sessions", f"{result.sessions:,}"),
        ("Capital", f"{result.capital:,.2f} {result.currency}"),
        ("Fill rule", result.fill_rule),
        ("Costs", result.costs),
    )
    return [
        Card(title, fields, chips, label, footer=_footer(result)),
        Text(trials_words(result), Tone.INFO),
        *standing_blocks(result.standing, label),
        *(Text(said, Tone.WARNING) for said in result.warnings),
        _table(result),
        _chart(result),
    ]


def trials_words(result: SweepResult) -> str:
    """Return how many trials a sweep took, and of which of them the standing is."""
    made = "1 new trial" if result.trials_new == 1 else f"{result.trials_new:,} new trials"
    return (
        f"{len(result.sets):,} sets, {made}. The first of them stands among all trials as follows."
    )


def _footer(result: SweepResult) -> str:
    chosen = {**result.parameters, **result.sets[0].varied}
    given = "".join(f" --parameter {name}={value}" for name, value in chosen.items())
    return f"`fondaco backtest run {result.strategy}{given}` with the same terms shows the first."


def _table(result: SweepResult) -> Table:
    varied = result.sets[0].varied
    columns = (
        Column("Rank", "number", digits=0),
        *(Column(name, "number", digits=_digits(result, name)) for name in varied),
        Column("CAGR", "percent", signed=True),
        Column("Volatility", "percent"),
        Column("Sharpe", "number"),
        Column("Max drawdown", "percent", signed=True),
        Column("Turnover a year", "percent"),
        Column("End equity", "money", result.currency),
        Column("Note"),
    )
    rows = tuple(_row(rank, one) for rank, one in enumerate(result.sets, start=1))
    return Table("Sets, by Sharpe ratio", columns, rows, result.label.value)


def _row(rank: int, one: SweepSet) -> tuple[Cell, ...]:
    figures = one.figures
    if figures is None:
        return (rank, *one.varied.values(), *(None,) * 6, one.fault)
    return (
        rank,
        *one.varied.values(),
        figures.cagr,
        figures.vol_annual,
        figures.sharpe,
        figures.max_drawdown,
        figures.turnover_annual,
        figures.end_equity,
        "" if one.new else "tried before",
    )


def _digits(result: SweepResult, name: str) -> int:
    """Return how many decimals the values of a parameter need, four at most."""
    written = (f"{one.varied[name]:.4f}".rstrip("0") for one in result.sets)
    return max(len(text.partition(".")[2]) for text in written)


def _chart(result: SweepResult) -> Chart:
    """Return the Sharpe ratio of each set in the order of the grid, beside what luck shows."""
    ordered = sorted(result.sets, key=lambda one: one.place)
    shown = tuple(None if one.figures is None else one.figures.sharpe for one in ordered)
    series = [Series("Sharpe ratio", shown, "bar")]
    trials = result.standing.desk
    if trials.raw > 1:
        luck = (result.standing.luck_sharpe,) * len(ordered)
        series.append(Series(f"Best of {trials.effective:,.1f} effective trials by luck", luck))
    labels = tuple(one.label for one in ordered)
    return Chart("Sets against Sharpe ratio", labels, tuple(series), "", result.label.value)
