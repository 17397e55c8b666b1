"""How chains, statements and events are drawn."""

from fondaco.core.view import Block, Card, Column, Table, Text, Tone
from fondaco.market.reading_results import Chain, EventList, Fundamentals

PRICE_DIGITS = 4


def view_chain(result: Chain) -> list[Block]:
    """Return the chain's head, then its contracts, calls and puts in one table."""
    label = result.origin.value
    price = "–" if result.underlying is None else f"{result.underlying:,.2f}"
    card = Card(
        f"Option chain of {result.symbol}",
        (
            ("Taken at", f"{result.ts:%Y-%m-%d %H:%M UTC}"),
            ("Known at", f"{result.known_at:%Y-%m-%d %H:%M UTC}"),
            ("Underlying", price),
            ("Expiries", f"{len(result.expiries)}"),
            ("Contracts", f"{result.contracts:,}"),
            ("Source", result.source),
            ("Store version", str(result.version)),
        ),
        label=label,
    )
    columns = (
        Column("Expiry", "day"),
        Column("Strike", "number"),
        Column("Right", "chip"),
        Column("Root", "id"),
        Column("Bid", "number"),
        Column("Ask", "number"),
        Column("Bid size", "number", digits=0),
        Column("Ask size", "number", digits=0),
        Column("Last", "number"),
        Column("Volume", "number", digits=0),
        Column("Open interest", "number", digits=0),
        Column("IV", "percent", digits=1),
        Column("Delta", "number", signed=True),
    )
    rows = tuple(
        (
            c.expiry,
            c.strike,
            c.right,
            c.root,
            c.bid,
            c.ask,
            c.bid_size,
            c.ask_size,
            c.last,
            c.volume,
            c.open_interest,
            c.iv,
            c.delta,
        )
        for c in result.lines
    )
    title = f"Contracts, {len(rows):,} of {result.contracts:,}"
    return [card, Table(title, columns, rows, label=label)]


def view_fundamentals(result: Fundamentals) -> list[Block]:
    """Return the numbers as filed, newest period first."""
    columns = (
        Column("Item"),
        Column("From", "day"),
        Column("To", "day"),
        Column("Value", "number", digits=2),
        Column("Unit"),
        Column("Form"),
        Column("Fiscal"),
        Column("Filing", "id"),
        Column("Known at", "time"),
        Column("Restated", "number", "times"),
    )
    rows = tuple(
        (f.item, f.start, f.end, f.value, f.unit, f.form, f.fiscal, f.filing, f.known_at, f.revised)
        for f in result.lines
    )
    title = f"{result.symbol} {result.name} as filed by {result.as_of:%Y-%m-%d}".replace("  ", " ")
    table = Table(
        f"{title}, {len(rows):,} of {result.total:,}",
        columns,
        rows,
        label=result.origin.value,
        empty="No item has this name.",
    )
    words = (
        f"{result.items:,} items from {result.source}; a restatement counts from its own filing."
    )
    return [table, Text(words, Tone.MUTED)]


def view_events(result: EventList) -> list[Block]:
    """Return events as a table, oldest first."""
    columns = (
        Column("At", "time"),
        Column("Event", "chip"),
        Column("Title"),
        Column("Symbol", "id"),
        Column("Country"),
        Column("Importance", "number"),
        Column("Forecast", "number", digits=PRICE_DIGITS),
        Column("Previous", "number", digits=PRICE_DIGITS),
        Column("Actual", "number", digits=PRICE_DIGITS),
        Column("Unit"),
        Column("Surprise", "percent", signed=True, digits=1),
        Column("Known at", "time"),
        Column("Source"),
    )
    rows = tuple(
        (
            e.at,
            e.event,
            e.title,
            e.symbol,
            e.country,
            e.importance,
            e.forecast,
            e.previous,
            e.actual,
            e.unit,
            e.surprise,
            e.known_at,
            e.source,
        )
        for e in result.events
    )
    title = f"Events from {result.since} to {result.until}, {len(rows):,} of {result.total:,}"
    return [
        Table(
            title,
            columns,
            rows,
            label=", ".join(o.value for o in result.origins),
            empty="No event is known. `fondaco market ingest PROVIDER --kind events` loads some.",
        )
    ]
