"""How what lies behind a backtest is drawn: measures, falls, curves, costs, journal, shares."""

from fondaco.backtest.detail import Detail, Rolling
from fondaco.backtest.figures import attribution_tables, charge_rows, measure_rows
from fondaco.backtest.result import BacktestResult
from fondaco.core.view import Block, Chart, Column, Series, Table

JOURNAL_SHOWN_MAX = 200
EVENTS_SHOWN_MAX = 100


def view_detail(result: BacktestResult) -> list[Block]:
    """Return the blocks of a result's detail; none for a result that was kept without."""
    detail = result.detail
    if detail is None:
        return []
    label = result.label.value
    return [
        *(_rolling(one, result) for one in detail.rolling if one.days),
        _holdings(detail, label),
        _measures(detail, result),
        _falls(detail, label),
        _charges(detail, result),
        *_attributed(detail, label),
        _journal(detail, result),
        *_events(detail, result),
        *_unfilled(detail),
    ]


def _rolling(rolling: Rolling, result: BacktestResult) -> Chart:
    series = [
        Series("Return", rolling.total_return),
        Series("Volatility a year", rolling.vol_annual),
        Series("Sharpe ratio", rolling.sharpe, pane=1),
    ]
    if rolling.beta:
        series.append(Series("Beta", rolling.beta, pane=1))
    series.append(Series("Deepest fall inside", rolling.drawdown, "area", 2))
    return Chart(
        f"Over the last {rolling.window} sessions",
        tuple(day.isoformat() for day in rolling.days),
        tuple(series),
        "shares and ratios",
        result.label.value,
    )


def _holdings(detail: Detail, label: str) -> Chart:
    held = detail.holdings
    series = (
        Series("Gross over equity", held.gross),
        Series("Net over equity", held.net),
        Series("Names held", tuple(float(count) for count in held.names), pane=1),
    )
    return Chart("What was held", tuple(day.isoformat() for day in held.days), series, "", label)


def _measures(detail: Detail, result: BacktestResult) -> Table:
    columns = (Column("Measure"), Column("Value"), Column("Formula"))
    rows = tuple(measure_rows(detail, result.currency))
    return Table("Every measure", columns, rows, result.label.value)


def _falls(detail: Detail, label: str) -> Table:
    columns = (
        Column("Fall", "percent", signed=True),
        Column("From", "day"),
        Column("Lowest", "day"),
        Column("Back", "day"),
        Column("Days down", "number"),
        Column("Days in all", "number"),
    )
    rows = tuple(
        (fall.depth, fall.peak, fall.trough, fall.recovered, fall.days_down, fall.days_all)
        for fall in detail.falls
    )
    return Table("Worst falls", columns, rows, label, empty="The account never fell.")


def _charges(detail: Detail, result: BacktestResult) -> Table:
    rows = tuple(charge_rows(detail.charges, result.currency))
    columns = (Column("Costs and income"), Column("Amount"))
    return Table("Costs and income", columns, rows, result.label.value)


def _attributed(detail: Detail, label: str) -> list[Block]:
    columns = (Column("Part"), Column("Of the return", "percent", signed=True))
    return [
        Table(title, columns, tuple(lines), label) for title, lines in attribution_tables(detail)
    ]


def _journal(detail: Detail, result: BacktestResult) -> Table:
    money = result.currency
    columns = (
        Column("Symbol"),
        Column("Opened", "day"),
        Column("Closed", "day"),
        Column("Quantity", "number", digits=0, signed=True),
        Column("In", "money", money, 4),
        Column("Out", "money", money, 4),
        Column("Fees", "money", money),
        Column("Profit", "money", money, signed=True),
        Column("Days", "number", digits=0),
        Column("Ended by"),
        Column("Why"),
        Column("Why it ended"),
    )
    shown = detail.trips[-JOURNAL_SHOWN_MAX:]
    rows = tuple(
        (
            trip.symbol,
            trip.opened,
            trip.closed,
            trip.quantity,
            trip.price_in,
            trip.price_out,
            trip.fees,
            trip.profit,
            trip.days,
            trip.ended,
            trip.why,
            trip.why_out,
        )
        for trip in reversed(shown)
    )
    title = "Journal of round trips"
    if detail.trips_all > len(shown):
        title += f", the latest {len(shown):,} of {detail.trips_all:,}"
    return Table(title, columns, rows, result.label.value, empty="No round trip was closed.")


def _events(detail: Detail, result: BacktestResult) -> list[Block]:
    if not detail.events:
        return []
    columns = (
        Column("Day", "day"),
        Column("What"),
        Column("Symbol"),
        Column("Shares", "number", digits=0, signed=True),
        Column("Amount", "money", result.currency, signed=True),
    )
    shown = detail.events[-EVENTS_SHOWN_MAX:]
    rows = tuple(
        (one.day, one.what, one.symbol or None, one.quantity, one.amount) for one in reversed(shown)
    )
    title = "Corporate actions and margin calls"
    if detail.events_all > len(shown):
        title += f", the latest {len(shown):,} of {detail.events_all:,}"
    return [Table(title, columns, rows, result.label.value)]


def _unfilled(detail: Detail) -> list[Block]:
    if not detail.unfilled:
        return []
    columns = (Column("Why"), Column("Orders", "number"))
    return [Table("Orders that never filled", columns, tuple(detail.unfilled.items()))]
