"""The sections of a report that tell what lies behind its figures."""

from collections.abc import Iterator, Sequence
from html import escape

from fondaco.backtest.detail import Detail, Rolling, Trip
from fondaco.backtest.figures import (
    attribution_tables,
    charge_rows,
    measure_rows,
    thinned_words,
)
from fondaco.backtest.report_parts import (
    GAIN,
    INFO,
    LOSS,
    MUTED,
    WARN,
    panel_part,
    price,
    section,
    table,
)
from fondaco.backtest.result import BacktestResult
from fondaco.backtest.svg import Line, Plot, line_chart

JOURNAL_SHOWN_MAX = 300
EVENTS_SHOWN_MAX = 100
BAR_FULL = 100
"""The width of the longest bar, in percent of its cell."""


def detail_sections(result: BacktestResult) -> Iterator[str]:
    """Yield the sections of a result's detail; none for a result that was kept without."""
    detail = result.detail
    if detail is None:
        return
    for rolling in detail.rolling:
        yield from _rolling(rolling, result)
    yield from _holdings(detail, result)
    yield _measures(detail, result)
    yield _falls(detail)
    yield table(
        "Costs and income", ["", "Amount"], _escaped(charge_rows(detail.charges, result.currency))
    )
    yield from _attributed(detail)
    yield _journal(detail, result)
    yield from _events(detail, result)
    if detail.unfilled:
        rows = [[escape(why), f"{count:,}"] for why, count in detail.unfilled.items()]
        yield table("Orders that never filled", ["Why", "Orders"], rows)


def _rolling(rolling: Rolling, result: BacktestResult) -> Iterator[str]:
    if not rolling.days:
        return
    shares = [
        Line("Return", rolling.total_return, INFO),
        Line("Volatility a year", rolling.vol_annual, WARN),
        Line("Deepest fall inside", rolling.drawdown, LOSS),
    ]
    ratios = [Line("Sharpe ratio", rolling.sharpe, GAIN)]
    if rolling.beta:
        ratios.append(Line("Beta", rolling.beta, MUTED))
    title = f"Over the last {rolling.window} sessions"
    note = thinned_words(len(rolling.days), result.sessions - rolling.window)
    drawn = [
        panel_part(lines, line_chart(Plot(title, height, percent=percent), rolling.days, lines))
        for lines, percent, height in ((shares, True, 200), (ratios, False, 150))
    ]
    yield section(title, result.label.value, "".join(drawn), note)


def _holdings(detail: Detail, result: BacktestResult) -> Iterator[str]:
    held, label = detail.holdings, result.label.value
    note = thinned_words(len(held.days), result.sessions)
    lines = [Line("Gross over equity", held.gross, GAIN), Line("Net over equity", held.net, INFO)]
    names = [Line("Names held", held.names, MUTED)]
    drawn = [
        panel_part(lines, line_chart(Plot("Exposure", 140, percent=True), held.days, lines)),
        panel_part(names, line_chart(Plot("Names held", 110), held.days, names)),
    ]
    yield section("Exposure", label, "".join(drawn), note)


def _measures(detail: Detail, result: BacktestResult) -> str:
    rows = _escaped(measure_rows(detail, result.currency))
    return table("Every measure", ["Measure", "Value", "Formula"], rows, classes="measures")


def _falls(detail: Detail) -> str:
    heads = ["Fall", "From", "Lowest", "Back", "Days down", "Days in all"]
    rows = [
        [
            f"{fall.depth * 100:+,.2f} %",
            *(str(day or "–") for day in (fall.peak, fall.trough)),
            str(fall.recovered or "not yet"),
            *("–" if days is None else f"{days:,}" for days in (fall.days_down, fall.days_all)),
        ]
        for fall in detail.falls
    ]
    return table("Worst falls", heads, rows, empty="The account never fell.")


def _attributed(detail: Detail) -> Iterator[str]:
    for title, lines in attribution_tables(detail):
        most = max((abs(value) for _, value in lines), default=0.0) or 1.0
        rows = [
            [escape(name), f"{value * 100:+z,.2f} %", _bar(value / most)] for name, value in lines
        ]
        yield table(title, ["Part", "Of the return", ""], rows, classes="parts")


def _bar(share: float) -> str:
    colour = GAIN if share >= 0 else LOSS
    return f'<i class="bar" style="width:{abs(share) * BAR_FULL:.1f}%;background:{colour}"></i>'


def _journal(detail: Detail, result: BacktestResult) -> str:
    shown = detail.trips[-JOURNAL_SHOWN_MAX:]
    title = f"Journal of round trips, {result.currency}"
    if detail.trips_all > len(shown):
        title += f": the latest {len(shown):,} of {detail.trips_all:,}"
    heads = ["Symbol", "Opened", "Closed", "Quantity", "In", "Out", "Fees", "Profit", "Days"]
    return table(
        title,
        [*heads, "Ended by", "Why", "Why it ended"],
        [_trip(trip) for trip in reversed(shown)],
        classes="journal",
        empty="No round trip was closed.",
        note="First in, first out. Profits are after fees and without dividends. Where a split lay "
        "in between (*), quantity and prices are as on the day of the close.",
    )


def _trip(trip: Trip) -> list[str]:
    tone = "gain" if trip.profit > 0 else "loss" if trip.profit < 0 else ""
    return [
        escape(trip.symbol),
        str(trip.opened),
        str(trip.closed),
        f"{trip.quantity:+,f}{'*' if trip.restated else ''}",
        price(trip.price_in),
        price(trip.price_out),
        f"{trip.fees:,.2f}",
        f'<span class="{tone}">{trip.profit:+z,.2f}</span>',
        f"{trip.days:,.0f}",
        escape(trip.ended),
        escape(trip.why),
        escape(trip.why_out),
    ]


def _events(detail: Detail, result: BacktestResult) -> Iterator[str]:
    shown = detail.events[-EVENTS_SHOWN_MAX:]
    if not shown:
        return
    title = f"Corporate actions and margin calls, {result.currency}"
    if detail.events_all > len(shown):
        title += f": the latest {len(shown):,} of {detail.events_all:,}"
    rows = [
        [
            str(one.day),
            escape(one.what),
            escape(one.symbol or "–"),
            f"{one.quantity:+,f}",
            f"{one.amount:+z,.2f}",
        ]
        for one in reversed(shown)
    ]
    yield table(title, ["Day", "What", "Symbol", "Shares", "Amount"], rows)


def _escaped(rows: Sequence[tuple[str, ...]]) -> list[list[str]]:
    return [[escape(cell) for cell in row] for row in rows]
