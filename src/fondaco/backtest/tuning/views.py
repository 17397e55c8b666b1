"""How a tuning is drawn: what may be expected first, then the set chosen, then the leaderboard."""

from itertools import accumulate

from fondaco.backtest.tuning import words as said
from fondaco.backtest.tuning.result import Forward, Stretch, TunedSet, TuneResult
from fondaco.backtest.tuning.space import written
from fondaco.core.view import Block, Card, Cell, Chart, Chip, Column, Series, Table, Text, Tone
from fondaco.research.trial_views import standing_blocks


def view_tune(result: TuneResult) -> list[Block]:
    """Return a tuning: cautions, what was searched, out of sample, the set chosen, all sets."""
    label = result.label.value
    first, rest = result.warnings[:1], result.warnings[1:]
    if result.forward is not None:
        first, rest = (), result.warnings
    return [
        *(Text(one, Tone.WARNING) for one in first),
        _asked(result),
        Text(said.tried_words(result), Tone.INFO),
        *_forward(result.forward, label),
        _chosen(result),
        *standing_blocks(result.standing, label),
        *(Text(one, Tone.WARNING) for one in rest),
        _table(result),
        *_by_number(result),
        *_importance(result),
    ]


def _asked(result: TuneResult) -> Card:
    fixed = ", ".join(f"{name}={value:g}" for name, value in result.parameters.items())
    walk = "off: chosen by the whole span"
    if result.forward is not None:
        told = result.forward
        walk = f"{told.kind}, {told.train:,} sessions to choose by, {told.test:,} to test"
    fields = (
        ("Space", "; ".join(result.space)),
        ("Fixed parameters", fixed or "as the strategy has them"),
        ("Walk-forward", walk),
        ("Kept back", said.held_words(result.held)),
        ("Instruments", f"{result.symbols:,}"),
        ("Sessions searched", f"{result.sessions:,}"),
        ("Capital", f"{result.capital:,.2f} {result.currency}"),
        ("Fill rule", result.fill_rule),
        ("Costs", result.costs),
        ("Seed", f"{result.seed}"),
    )
    chips = (
        Chip(f"next {result.fill_point}", Tone.INFO, result.fill_rule),
        Chip("walk-forward", Tone.INFO) if result.forward else Chip("in sample", Tone.WARNING),
    )
    title = f"Tuning of {result.strategy}, {result.since} to {result.until}"
    return Card(title, fields, chips, result.label.value)


def _forward(forward: Forward | None, label: str) -> list[Block]:
    """Return what choosing window by window earned, beside what hindsight would have."""
    if forward is None:
        return []
    days = tuple(day.isoformat() for day in forward.days)
    series = (
        Series("Chosen window by window", forward.chosen.curve),
        Series("Best set with hindsight", forward.hindsight.curve),
    )
    columns = (
        Column("Out of sample"),
        Column("Sharpe", "number"),
        Column("CAGR", "percent", signed=True),
        Column("Max drawdown", "percent", signed=True),
    )
    rows = (
        ("Chosen window by window", *_figures(forward.chosen)),
        ("Best set with hindsight", *_figures(forward.hindsight)),
    )
    switches = "once" if forward.switches == 1 else f"{forward.switches:,} times"
    note = (
        f"Another set was chosen {switches}. What it costs to pass from one set's positions to "
        "another's is left out."
    )
    return [
        Text(said.forward_words(forward)),
        Table("Out of sample against hindsight", columns, rows, label),
        Chart("Growth of 1 over the tested sessions", days, series, "", label),
        Text(note, Tone.MUTED),
    ]


def _figures(stretch: Stretch) -> tuple[Cell, ...]:
    return stretch.sharpe, stretch.cagr, stretch.max_drawdown


def _chosen(result: TuneResult) -> Card:
    chosen, figures = result.chosen, result.chosen.figures
    assert figures is not None  # only a set that was played in full is chosen
    shown = "–" if figures.sharpe is None else f"{figures.sharpe:.2f}"
    tested = "–" if chosen.tested is None else f"{chosen.tested:.2f}"
    fields = (
        *((name, written(value)) for name, value in chosen.varied.items()),
        ("Sharpe ratio in sample", shown),
        ("Mean of its tested windows", tested),
        ("CAGR in sample", f"{figures.cagr * 100:+.2f} %"),
        ("Max drawdown in sample", f"{figures.max_drawdown * 100:+.2f} %"),
        ("Trial", "–" if chosen.trial is None else chosen.trial[:12]),
    )
    title = f"Chosen: set {chosen.number + 1} of {result.tried:,}"
    return Card(title, fields, (), result.label.value, footer=footer(result))


def footer(result: TuneResult) -> str:
    """Return the next command: to validate the chosen set, on the days that were kept back."""
    chosen = {**result.parameters, **result.chosen.varied}
    given = "".join(f" --parameter {name}={written(value)}" for name, value in chosen.items())
    held = result.held
    until = result.until if held is None else held.until
    kept = "" if held is None else f" --holdout {held.since}"
    where = "" if held is None else ", on the days that were kept back"
    return (
        f"`fondaco backtest validate {result.strategy}{given} --from {result.since} "
        f"--to {until}{kept}` with the same terms judges it{where}."
    )


def _table(result: TuneResult) -> Table:
    names = tuple(result.chosen.varied)
    columns = (
        Column("Set", "number", digits=0),
        *(Column(name, "number", digits=_digits(result, name)) for name in names),
        Column("Sharpe in sample", "number"),
        Column("Mean of tested windows", "number"),
        Column("CAGR", "percent", signed=True),
        Column("Max drawdown", "percent", signed=True),
        Column("Turnover a year", "percent"),
        Column("Note"),
    )
    shown = len(result.leaderboard)
    title = "Sets, by Sharpe ratio in sample"
    if shown < result.tried:
        title = f"The first {shown} of {result.tried:,} sets, by Sharpe ratio in sample"
    rows = tuple(_row(one, result.chosen) for one in result.leaderboard)
    return Table(title, columns, rows, result.label.value)


def _row(one: TunedSet, chosen: TunedSet) -> tuple[Cell, ...]:
    figures = one.figures
    shown: tuple[Cell, ...] = (None,) * 5
    if figures is not None:
        shown = (
            figures.sharpe,
            one.tested,
            figures.cagr,
            figures.max_drawdown,
            figures.turnover_annual,
        )
    notes = (
        "chosen" if one.number == chosen.number else "",
        {"complete": "", "pruned": "given up, ", "failed": "failed: "}[one.state] + one.reason,
        "tried before" if one.trial is not None and not one.new else "",
    )
    return one.number + 1, *one.varied.values(), *shown, "; ".join(filter(None, notes))


def _digits(result: TuneResult, name: str) -> int:
    """Return how many decimals the values of a parameter need, six at most."""
    values = (f"{one.varied[name]:.6f}".rstrip("0") for one in result.leaderboard)
    return max(len(text.partition(".")[2]) for text in values)


def _by_number(result: TuneResult) -> list[Block]:
    """Return the Sharpe ratios in sample in the order of the search, with the best so far."""
    tried = [(n, value) for n, value in enumerate(result.values, 1) if value is not None]
    if not tried:
        return []
    best = accumulate((value for _, value in tried), max)
    clouds = (
        Series("Sets", tuple((float(n), value) for n, value in tried), "scatter"),
        Series("Best so far", tuple((float(n), v) for (n, _), v in zip(tried, best, strict=True))),
    )
    title = "Sharpe ratio in sample, in the order of the search"
    return [Chart(title, (), clouds, "Sharpe ratio", result.label.value, "Set")]


def _importance(result: TuneResult) -> list[Block]:
    if not result.importance:
        return []
    columns = (Column("Parameter"), Column("Weight", "percent", digits=0))
    rows = tuple(sorted(result.importance.items(), key=lambda one: (-one[1], one[0])))
    title = "What decides whether a set is among the best tenth"
    return [Table(title, columns, rows, result.label.value)]
