"""A backtest as one HTML file that needs nothing else: no script, no font, no picture."""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from html import escape
from importlib.resources import files

from fondaco.backtest.result import BacktestResult, Month, Trade
from fondaco.backtest.svg import Line, Plot, legend, line_chart
from fondaco.backtest.views import FIGURES, MONTHS, figure
from fondaco.backtest.words import benchmark_words, trial_words

TRADES_SHOWN_MAX = 500
GAIN, LOSS, INFO, MUTED = "#2ea67a", "#e0605e", "#4c8dd6", "#98a2b3"
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
        _cautions(result),
        *_curves(result),
        _months(result.months),
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
        f"<p>{escape(trial_words(result))}</p></header>"
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
        [escape(name), *(_number(value, percent=percent) for value in (a, b))]
        for name, a, b, percent in rows
    ]
    falls = own.max_drawdown, index.max_drawdown
    body += [
        ["Fell from", *(str(fall.peak or "–") for fall in falls)],
        ["Lowest on", *(str(fall.trough or "–") for fall in falls)],
        ["Back on", *(str(fall.recovered or "not yet" if fall.peak else "–") for fall in falls)],
    ]
    return _table(
        f"Beside {index.symbol}",
        ["", result.strategy, index.symbol],
        body,
        note=benchmark_words(index.symbol),
    )


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
    yield _panel(
        f"Equity, {result.currency}",
        label,
        equity,
        line_chart(Plot("Equity", 320, may_log=True), curve.days, equity),
    )
    fall = [Line("Drawdown", curve.drawdown, LOSS, filled=True)]
    yield _panel(
        "Drawdown", label, fall, line_chart(Plot("Drawdown", 160, percent=True), curve.days, fall)
    )
    share = [Line("Positions over equity", curve.exposure, GAIN)]
    yield _panel(
        "Exposure", label, share, line_chart(Plot("Exposure", 130, percent=True), curve.days, share)
    )


def _panel(title: str, label: str, lines: Sequence[Line], chart: str) -> str:
    return (
        f"<section><h2>{escape(title)} <span class='chip'>{escape(label)}</span></h2>"
        f"<p class='legend'>{legend(lines)}</p><div class='scroll'>{chart}</div></section>"
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
    return _table("Monthly returns, %", ["Year", *MONTHS, "Total"], rows, classes="heat")


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
    return _table("Parameters", ["Name", "Value"], rows, classes="words")


def _trades(result: BacktestResult) -> str:
    shown = result.trades[-TRADES_SHOWN_MAX:]
    title = f"Fills, {result.currency}"
    if result.fills > len(shown):
        title += f": the latest {len(shown):,} of {result.fills:,}"
    heads = ["Decided", "Filled", "Symbol", "Side", "Quantity", "Price", "Value", "Fee"]
    return _table(
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
        _price(trade.price),
        f"{trade.quantity * trade.price:,.2f}",
        f"{trade.fee:,.2f}",
    ]


def _price(price: Decimal) -> str:
    """Return a price with the decimals that it has, at least two."""
    places = max(2, -int(price.normalize().as_tuple().exponent))
    return f"{price:,.{places}f}"


def _table(
    title: str,
    heads: Sequence[str],
    rows: Sequence[Sequence[str]],
    *,
    classes: str = "",
    empty: str = "",
    note: str = "",
) -> str:
    """Return a table; its cells are HTML already, its title and heads are not."""
    if not rows:
        return f"<section><h2>{escape(title)}</h2><p class='note'>{escape(empty)}</p></section>"
    head = "".join(f"<th scope='col'>{escape(name)}</th>" for name in heads)
    body = "".join(
        f"<tr><th scope='row'>{first}</th>" + "".join(f"<td>{cell}</td>" for cell in rest) + "</tr>"
        for first, *rest in rows
    )
    return (
        f"<section><h2>{escape(title)}</h2><div class='scroll'><table class='{classes}'>"
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
        f"{f'<p class=note>{escape(note)}</p>' if note else ''}</section>"
    )


def _number(value: float | None, *, percent: bool) -> str:
    if value is None:
        return "–"
    return f"{value * 100:+,.2f} %" if percent else f"{value:,.2f}"
