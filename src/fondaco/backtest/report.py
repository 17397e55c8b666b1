"""A backtest as one HTML file that needs nothing else: no script, no font, no picture."""

from collections.abc import Iterable, Sequence
from html import escape
from importlib.resources import files

from fondaco.backtest.report_detail import detail_sections
from fondaco.backtest.report_parts import (
    GAIN,
    INFO,
    LOSS,
    MUTED,
    block_html,
    number,
    panel,
    price,
    table,
)
from fondaco.backtest.result import BacktestResult, Month, Trade
from fondaco.backtest.svg import Line, Plot, line_chart
from fondaco.backtest.views import FIGURES, MONTHS, figure
from fondaco.backtest.words import benchmark_words
from fondaco.research.trial_views import standing_blocks

TRADES_SHOWN_MAX = 500
HEAT_FULL = 0.08
"""A month's return at which its cell has its full colour."""

# Nothing may be fetched or run, whatever a name in the data says.
_POLICY = "default-src 'none'; style-src 'unsafe-inline'"


def report_of(result: BacktestResult) -> str:
    """Return the report of a backtest: figures, curves, months and trades, each with its label."""
    title = f"{result.id} · {result.strategy}, {result.since} to {result.until}"
    parts = [
        _head(result),
        _figures(result),
        _standing(result),
        _cautions(result),
        *_curves(result),
        _months(result.months),
        *detail_sections(result),
        _parameters(result),
        _trades(result),
    ]
    return "\n".join(
        [
            "<!doctype html>",
            '<html lang="en"><head><meta charset="utf-8">',
            f'<meta http-equiv="Content-Security-Policy" content="{escape(_POLICY)}">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f"<title>{escape(title)}</title><style>{_style()}</style></head><body><main>",
            *parts,
            "</main></body></html>",
            "",
        ]
    )


def _style() -> str:
    return files("fondaco.backtest").joinpath("report.css").read_text(encoding="utf-8")


def _head(result: BacktestResult) -> str:
    chips = f'<span class="chip">{escape(result.label.value)} prices</span>'
    chips += f'<span class="chip">fills at the next {result.fill_point}</span>'
    return (
        f"<header><p class='note'>Backtest {escape(result.id)}</p>"
        f"<h1>{escape(result.strategy)}</h1>"
        f"<p>{result.since} to {result.until}, {result.sessions:,} sessions, "
        f"{len(result.symbols)} instruments {chips}</p>"
        f"<p>{escape(result.fill_rule)} Costs: {escape(result.costs)}.</p>"
        "</header>"
    )


def _figures(result: BacktestResult) -> str:
    cells = "".join(
        f"<div><dt>{escape(name)}</dt><dd>{escape(figure(result, name))}</dd></div>"
        for name in FIGURES
    )
    return f"<dl class='figures'>{cells}</dl>{_compared(result)}"


def _compared(result: BacktestResult) -> str:
    index = result.benchmark
    if index is None:
        return "<p class='note'>The desk knows no index to compare with.</p>"
    own = result.metrics
    rows: list[tuple[str, float | None, float | None, bool]] = [
        ("Total return", own.total_return, index.total_return, True),
        ("CAGR", own.cagr, index.cagr, True),
        ("Volatility a year", own.vol_annual, index.vol_annual, True),
        ("Sharpe ratio", own.sharpe, index.sharpe, False),
        ("Maximum drawdown", own.max_drawdown.depth, index.max_drawdown.depth, True),
    ]
    body = [
        [escape(name), *(number(value, percent=percent) for value in (a, b))]
        for name, a, b, percent in rows
    ]
    falls = own.max_drawdown, index.max_drawdown
    body += [
        ["Fell from", *(str(fall.peak or "–") for fall in falls)],
        ["Lowest on", *(str(fall.trough or "–") for fall in falls)],
        ["Back on", *(str(fall.recovered or "not yet" if fall.peak else "–") for fall in falls)],
    ]
    return table(
        f"Beside {index.symbol}",
        ["", result.strategy, index.symbol],
        body,
        note=benchmark_words(index.symbol),
    )


def _standing(result: BacktestResult) -> str:
    """Return how the result stands after paying for the trials behind it."""
    if result.standing is None:
        return ""
    blocks = standing_blocks(result.standing, result.label.value)
    return "".join(block_html(block) for block in blocks)


def _cautions(result: BacktestResult) -> str:
    if not result.warnings:
        return ""
    items = "".join(f"<li>{escape(said)}</li>" for said in result.warnings)
    return f"<section class='caution'><h2>Be careful of</h2><ul>{items}</ul></section>"


def _curves(result: BacktestResult) -> Iterable[str]:
    curve, label = result.curve, result.label.value
    equity = [Line(result.strategy, curve.equity, INFO)]
    if curve.benchmark and result.benchmark is not None:
        equity.append(Line(result.benchmark.symbol, curve.benchmark, MUTED))
    yield panel(
        f"Equity, {result.currency}",
        label,
        equity,
        line_chart(Plot("Equity", 320, may_log=True), curve.days, equity),
    )
    fall = [Line("Drawdown", curve.drawdown, LOSS, filled=True)]
    yield panel(
        "Drawdown", label, fall, line_chart(Plot("Drawdown", 160, percent=True), curve.days, fall)
    )
    if result.detail is not None:
        return
    share = [Line("Positions over equity", curve.exposure, GAIN)]
    yield panel(
        "Exposure", label, share, line_chart(Plot("Exposure", 130, percent=True), curve.days, share)
    )


def _months(months: Sequence[Month]) -> str:
    years = sorted({month.year for month in months})
    known = {(month.year, month.month): month.value for month in months}
    rows = []
    for year in years:
        values = [known.get((year, n)) for n in range(1, 13)]
        whole = 1.0
        for value in values:
            whole *= 1 + (value or 0.0)
        rows.append([str(year), *(_heat(value) for value in values), _heat(whole - 1)])
    return table("Monthly returns, %", ["Year", *MONTHS, "Total"], rows, classes="heat")


def _heat(value: float | None) -> str:
    if value is None:
        return ""
    colour, strength = (GAIN if value >= 0 else LOSS), min(abs(value) / HEAT_FULL, 1.0)
    share = round(12 + 48 * strength) if value else 0
    shown = round(value * 100, 1) + 0.0  # -0.0 becomes 0.0
    return (
        f'<span style="background:color-mix(in srgb, {colour} {share}%, transparent)">'
        f"{shown:+.1f}</span>"
    )


def _parameters(result: BacktestResult) -> str:
    rows = [
        [escape(str(name)), escape(f"{value:g}" if isinstance(value, float) else str(value))]
        for name, value in result.parameters.items()
    ]
    rows += [
        ["Symbols", escape(", ".join(result.symbols))],
        ["Data version", str(result.data_version)],
        ["Capital", f"{result.capital:,.2f} {escape(result.currency)}"],
        ["Costs", escape(result.costs)],
        ["Run at", f"{result.created_at:%Y-%m-%d %H:%M} UTC"],
    ]
    return table("Parameters", ["Name", "Value"], rows, classes="words")


def _trades(result: BacktestResult) -> str:
    shown = result.trades[-TRADES_SHOWN_MAX:]
    title = f"Fills, {result.currency}"
    if result.fills > len(shown):
        title += f": the latest {len(shown):,} of {result.fills:,}"
    heads = ["Decided", "Filled", "Symbol", "Side", "Quantity", "Price", "Value", "Fee"]
    return table(
        title,
        heads,
        [_trade(trade) for trade in reversed(shown)],
        classes="trades",
        empty="Nothing was traded.",
    )


def _trade(trade: Trade) -> list[str]:
    return [
        str(trade.decided),
        str(trade.filled),
        escape(trade.symbol),
        escape(trade.side),
        f"{trade.quantity:,.0f}",
        price(trade.price),
        f"{trade.quantity * trade.price:,.2f}",
        f"{trade.fee:,.2f}",
    ]
