"""How market data, its faults and its ingests are drawn."""

from fondaco.core.view import Block, Card, Chart, Chip, Column, Series, Table, Text, Tone
from fondaco.market.results import (
    BarLine,
    BarList,
    FaultList,
    IngestReport,
    InstrumentList,
    ReplayReport,
)

PRICE_DIGITS = 4


def view_bars(result: BarList) -> list[Block]:
    """Return the bars as a chart (candles where there are opens, else a line) and a table."""
    label = result.origin.value
    title = f"{result.symbol} {result.name}".strip()
    days = tuple(bar.session.isoformat() for bar in result.bars)
    series = [_prices(result)]
    if any(bar.volume is not None for bar in result.bars):
        series.append(
            Series("volume", tuple(_float(bar.volume) for bar in result.bars), "bar", pane=1)
        )
    return [
        Chart(title, days, tuple(series), y_title=result.currency, label=label),
        _bar_table(result, label),
    ]


def _prices(result: BarList) -> Series:
    if all(bar.open is not None for bar in result.bars):
        return Series(result.symbol, tuple(_candle(bar) for bar in result.bars), "candle")
    return Series(result.symbol, tuple(_float(bar.close) for bar in result.bars))


def _candle(bar: BarLine) -> tuple[float, float, float, float]:
    opened, low, high = (
        bar.close if price is None else price for price in (bar.open, bar.low, bar.high)
    )
    return float(opened), float(bar.close), float(low), float(high)


def _bar_table(result: BarList, label: str) -> Table:
    has = {
        name: any(getattr(bar, name) is not None for bar in result.bars)
        for name in ("open", "high", "low", "volume")
    }
    names = [n for n in ("open", "high", "low", "close") if n == "close" or has[n]]
    columns = [
        Column("Session", "day"),
        *(Column(n.title(), "number", result.currency, PRICE_DIGITS) for n in names),
    ]
    if has["volume"]:
        names.append("volume")
        columns.append(Column("Volume", "number", "shares", 0))
    columns.append(Column("Known at", "time"))
    rows = tuple(
        (bar.session, *(getattr(bar, n) for n in names), bar.known_at)
        for bar in reversed(result.bars)
    )
    return Table(
        f"Bars of {result.symbol} as of {result.as_of.date().isoformat()}, newest first",
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
    return [
        Table(
            _counted("Instruments", len(rows), result.total),
            columns,
            rows,
            empty="No instrument yet. `fondaco market ingest bundled` loads some.",
        )
    ]


def view_faults(result: FaultList) -> list[Block]:
    """Return the faults as a table, with what may be done about them."""
    columns = (
        Column("Fault", "id"),
        Column("Rule", "chip"),
        Column("Symbol"),
        Column("Session", "day"),
        Column("Reason"),
        Column("Where"),
        Column("Source"),
        Column("Can be let in"),
        Column("Resolved"),
    )
    rows = tuple(
        (f.id, f.rule, f.symbol, f.session, f.reason, f.where, f.source, f.replayable, f.resolved)
        for f in result.faults
    )
    return [
        Table(
            _counted("Faults", len(rows), result.total),
            columns,
            rows,
            empty="No fault: every row that came was let in.",
        )
    ]


def view_ingest(result: IngestReport) -> list[Block]:
    """Return what an ingest did, then its faults by rule."""
    span = f"{result.since} to {result.until}" if result.since else "–"
    tone = Tone.WARNING if result.faults else Tone.GOOD
    card = Card(
        f"Ingest from {result.provider}",
        (
            ("Instruments", f"{result.instruments:,}"),
            ("Sessions", span),
            ("Rows given", f"{result.rows_given:,}"),
            ("Rows new", f"{result.rows_new:,}"),
            ("Rows in quarantine", f"{result.rows_quarantined:,}"),
            ("Store version", f"{result.version}"),
            ("Ingest", result.ingest_id),
        ),
        (Chip("FAULTS" if result.faults else "CLEAN", tone),),
        label=result.origin.value,
    )
    rows = tuple((f.rule, f.says, f.count) for f in result.faults)
    return [
        card,
        Table(
            "Faults by rule",
            (Column("Rule", "chip"), Column("Says"), Column("Count", "number")),
            rows,
            label=result.origin.value,
            empty="No fault was found.",
        ),
    ]


def view_replay(result: ReplayReport) -> list[Block]:
    """Return what was let in, by whom and why."""
    words = (
        f"{len(result.faults)} faults resolved, {result.rows_new} rows let in as store "
        f"version {result.version}."
    )
    return [
        Text(words, Tone.GOOD),
        Card(
            "Decision", (("By", result.by), ("Reason", result.reason), ("Ingest", result.ingest_id))
        ),
    ]


def _counted(title: str, shown: int, total: int) -> str:
    return f"{title} ({shown} of {total})" if shown < total else f"{title} ({total})"


def _float(value: object) -> float | None:
    return None if value is None else float(value)  # type: ignore[arg-type]
