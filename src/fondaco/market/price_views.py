"""How histories and instruments are drawn."""

from decimal import Decimal

from fondaco.core.view import Block, Chart, Column, Series, Table
from fondaco.market.price_results import BarLine, History, InstrumentList

PRICE_DIGITS = 4


def view_history(result: History) -> list[Block]:
    """Return the bars as a chart (candles where there are opens, else a line) and a table."""
    label = result.origin.value
    title = f"{result.symbol} {result.name}".strip()
    daily = result.interval == "1d"
    times = tuple(
        bar.session.isoformat() if daily else f"{bar.ts:%Y-%m-%d %H:%M}" for bar in result.bars
    )
    series = [_prices(result)]
    if any(bar.volume is not None for bar in result.bars):
        series.append(
            Series("volume", tuple(_float(bar.volume) for bar in result.bars), "bar", pane=1)
        )
    return [
        Chart(title, times, tuple(series), y_title=result.currency, label=label),
        _bar_table(result, label),
    ]


def _prices(result: History) -> Series:
    if all(bar.open is not None for bar in result.bars):
        return Series(result.symbol, tuple(_candle(bar) for bar in result.bars), "candle")
    return Series(result.symbol, tuple(_float(bar.close) for bar in result.bars))


def _candle(bar: BarLine) -> tuple[float, float, float, float]:
    opened, low, high = (
        bar.close if price is None else price for price in (bar.open, bar.low, bar.high)
    )
    return float(opened), float(bar.close), float(low), float(high)


def _float(value: Decimal | None) -> float | None:
    return None if value is None else float(value)


def _bar_table(result: History, label: str) -> Table:
    has = {
        name: any(getattr(bar, name) is not None for bar in result.bars)
        for name in ("open", "high", "low", "volume")
    }
    names = [n for n in ("open", "high", "low", "close") if n == "close" or has[n]]
    daily = result.interval == "1d"
    columns = [
        Column("Session", "day") if daily else Column("Closed at", "time"),
        *(Column(n.title(), "number", result.currency, PRICE_DIGITS) for n in names),
    ]
    if has["volume"]:
        names.append("volume")
        columns.append(Column("Volume", "number", "shares", 0))
    columns.append(Column("Known at", "time"))
    if not daily:
        columns.append(Column("Final"))
    rows = tuple(
        (
            bar.session if daily else bar.ts,
            *(getattr(bar, n) for n in names),
            bar.known_at,
            *(() if daily else (bar.final,)),
        )
        for bar in reversed(result.bars)
    )
    how = "adjusted, " if result.adjusted else ""
    return Table(
        f"{result.interval} bars of {result.symbol} as of {result.as_of.date().isoformat()}, "
        f"{how}newest first",
        tuple(columns),
        rows,
        label=label,
    )


def view_instruments(result: InstrumentList) -> list[Block]:
    """Return the instruments as a table."""
    columns = (
        Column("Symbol", "id"),
        Column("Name"),
        Column("Class"),
        Column("Venue"),
        Column("Currency"),
        Column("Sector"),
        Column("Symbols and days"),
        Column("Instrument", "id"),
    )
    rows = tuple(
        (
            i.symbol,
            i.name,
            i.asset_class,
            i.venue,
            i.currency,
            i.sector,
            "; ".join(i.symbols),
            i.instrument,
        )
        for i in result.instruments
    )
    shown = len(rows)
    counted = str(shown) if shown == result.total else f"{shown} of {result.total}"
    return [
        Table(
            f"Instruments ({counted})",
            columns,
            rows,
            empty="No instrument yet. `fondaco market ingest bundled` loads some.",
        )
    ]
