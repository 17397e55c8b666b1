"""How backtests are drawn: figures, trials, curves, months and trades."""

from math import prod

from fondaco.backtest.detail_view import view_detail
from fondaco.backtest.result import BacktestReport, BacktestResult, BacktestSummary
from fondaco.backtest.words import benchmark_words
from fondaco.core.limits import CHART_POINTS_MAX
from fondaco.core.view import Block, Card, Cell, Chart, Chip, Column, Series, Table, Text, Tone
from fondaco.portfolio.measures.drawdowns import Drawdown
from fondaco.research.trial_views import standing_blocks

TRADES_SHOWN_MAX = 50
MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
FIGURES = (
    "Total return",
    "CAGR",
    "Volatility a year",
    "Sharpe ratio",
    "Sortino ratio",
    "Maximum drawdown",
    "Turnover a year",
    "Cost",
    "Exposure",
    "Hit rate",
    "End equity",
    "Fills",
)


def figure(result: BacktestResult, name: str) -> str:
    """Return one of the figures in words; a dash where a ratio has no meaning."""
    found = result.metrics
    percents = {
        "Total return": found.total_return,
        "CAGR": found.cagr,
        "Volatility a year": found.vol_annual,
        "Exposure": found.exposure,
        "Maximum drawdown": found.max_drawdown.depth,
        "Hit rate": found.hit_rate,
        "Turnover a year": found.turnover_annual,
    }
    if name in percents:
        signed = name in {"Total return", "CAGR", "Maximum drawdown"}
        return _percent(percents[name], signed=signed)
    if name in {"Sharpe ratio", "Sortino ratio"}:
        ratio = found.sharpe if name == "Sharpe ratio" else found.sortino
        return "–" if ratio is None else f"{ratio:.2f}"
    if name == "Fills":
        return f"{result.fills:,}"
    amount = found.cost if name == "Cost" else result.end_equity
    return f"{amount:,.2f} {result.currency}"


def view_backtest(result: BacktestResult) -> list[Block]:
    """Return a backtest: figures, trials, cautions, curves, months, trades."""
    label = result.label.value
    fields = [(name, figure(result, name)) for name in FIGURES]
    fields += [
        ("Fell from, to, recovered", fall_words(result.metrics.max_drawdown)),
        ("Fill rule", result.fill_rule),
        ("Costs", result.costs),
        *([("Trial", result.trial[:12])] if result.trial else []),
    ]
    title = f"{result.id} · {result.strategy}, {result.since} to {result.until}"
    chips = (Chip(f"next {result.fill_point}", Tone.INFO, result.fill_rule),)
    return [
        Card(
            title,
            tuple(fields),
            chips,
            label,
            footer=f"`fondaco explain {result.id}` says it in sentences.",
        ),
        *([] if result.standing is None else standing_blocks(result.standing, label)),
        *(Text(said, Tone.WARNING) for said in result.warnings),
        _curves(result),
        *_compared(result),
        _months(result),
        _trades(result),
    ]


def view_report(report: BacktestReport) -> list[Block]:
    """Return a backtest with all that lies behind it: curves, costs, journal, attribution."""
    result = report.result
    *blocks, trades = view_backtest(result)
    where = Text(f"The same as one HTML file: {report.file}", Tone.MUTED) if report.file else None
    return [*blocks, *view_detail(result), trades, *([] if where is None else [where])]


def view_backtests(result: tuple[BacktestSummary, ...]) -> list[Block]:
    """Return the backtests as a table, newest first."""
    columns = (
        Column("Backtest", "id"),
        Column("Strategy"),
        Column("From", "day"),
        Column("To", "day"),
        Column("CAGR", "percent", signed=True),
        Column("Sharpe", "number"),
        Column("Max drawdown", "percent", signed=True),
        Column("Deflated Sharpe", "percent", digits=1),
        Column("Trials of its family", "number"),
        Column("Prices"),
        Column("Run at", "time"),
    )
    rows = tuple(
        (
            r.id,
            r.strategy,
            r.since,
            r.until,
            r.cagr,
            r.sharpe,
            r.max_drawdown,
            r.deflated,
            r.trials,
            r.label.value,
            r.created_at,
        )
        for r in result
    )
    return [
        Table(
            "Backtests",
            columns,
            rows,
            empty="No backtest yet. `fondaco backtest run momentum` makes one.",
        )
    ]


def fall_words(fall: Drawdown) -> str:
    """Return when an account fell, and when it was back.

    >>> fall_words(Drawdown(0.0, None, None, None))
    'no fall'
    """
    if fall.peak is None:
        return "no fall"
    return f"{fall.peak}, {fall.trough}, {fall.recovered or 'not yet'}"


def _curves(result: BacktestResult) -> Chart:
    curve, step = result.curve, max(1, -(-len(result.curve.days) // CHART_POINTS_MAX))
    series = [Series(result.strategy, curve.equity[::step])]
    if result.benchmark is not None and curve.benchmark:
        series.append(Series(result.benchmark.symbol, curve.benchmark[::step]))
    series.append(Series("Drawdown", curve.drawdown[::step], "area", 1))
    series.append(Series("Exposure", curve.exposure[::step], "line", 2))
    days = tuple(day.isoformat() for day in curve.days[::step])
    return Chart(
        "Equity, drawdown below, exposure", days, tuple(series), result.currency, result.label.value
    )


def _compared(result: BacktestResult) -> list[Block]:
    index, own = result.benchmark, result.metrics
    if index is None:
        return [Text("The desk knows no index to compare with.", Tone.MUTED)]
    columns = (
        Column("Account"),
        Column("Total return", "percent", signed=True),
        Column("CAGR", "percent", signed=True),
        Column("Volatility", "percent"),
        Column("Sharpe", "number"),
        Column("Max drawdown", "percent", signed=True),
    )
    rows: tuple[tuple[Cell, ...], ...] = (
        (
            result.strategy,
            own.total_return,
            own.cagr,
            own.vol_annual,
            own.sharpe,
            own.max_drawdown.depth,
        ),
        (
            f"{index.symbol}, price index",
            index.total_return,
            index.cagr,
            index.vol_annual,
            index.sharpe,
            index.max_drawdown.depth,
        ),
    )
    return [
        Table(f"Beside {index.symbol}", columns, rows, result.label.value),
        Text(benchmark_words(index.symbol), Tone.MUTED),
    ]


def _months(result: BacktestResult) -> Table:
    known = {(month.year, month.month): month.value for month in result.months}
    names = (*MONTHS, "Total")
    columns = (Column("Year"), *(Column(name, "percent", signed=True, digits=1) for name in names))
    years = sorted({month.year for month in result.months})
    rows = tuple(
        (
            str(year),
            *(known.get((year, n)) for n in range(1, 13)),
            prod(1 + m.value for m in result.months if m.year == year) - 1,
        )
        for year in years
    )
    return Table("Monthly returns", columns, rows, result.label.value)


def _trades(result: BacktestResult) -> Table:
    columns = (
        Column("Decided", "day"),
        Column("Filled", "day"),
        Column("Symbol"),
        Column("Side"),
        Column("Quantity", "number", digits=0),
        Column("Price", "money", result.currency, 4),
        Column("Fee", "money", result.currency),
    )
    shown = result.trades[-TRADES_SHOWN_MAX:]
    rows = tuple(
        (t.decided, t.filled, t.symbol, t.side, t.quantity, t.price, t.fee) for t in reversed(shown)
    )
    title = f"Fills, the latest {len(shown):,} of {result.fills:,}"
    return Table(title, columns, rows, result.label.value, empty="Nothing was traded.")


def _percent(value: float | None, *, signed: bool) -> str:
    if value is None:
        return "–"
    return f"{value * 100:+,.2f} %" if signed else f"{value * 100:,.2f} %"
