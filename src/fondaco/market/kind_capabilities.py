"""What the outside may ask of any kind of data: its rows, an index's members, surprises."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field

from fondaco.core.capability import capability
from fondaco.core.clock import Clock
from fondaco.core.errors import InvalidInput
from fondaco.core.instrument import Instrument, InstrumentId, Origin
from fondaco.core.quantities import AsOf, Day, Symbol
from fondaco.market.identity import origin_of
from fondaco.market.kind_results import (
    MemberLine,
    MemberList,
    RowCell,
    RowColumn,
    RowList,
    SurpriseList,
)
from fondaco.market.kind_views import TICKER, view_members, view_rows, view_surprises
from fondaco.market.moments import known_moment
from fondaco.market.ports import Instruments, KindReader

if TYPE_CHECKING:
    import polars as pl

    from fondaco.market.kinds import Kind

LINES_MAX = 5_000
OF = ("instrument", "member")
LAST = (*OF, "known_at", "source")
"""Columns that stand behind the others: ids after what has a name."""
Lines = Annotated[int, Field(ge=1, le=LINES_MAX, description="most lines to return, 1 to 5000")]
Named = Annotated[
    str,
    Field(
        min_length=1,
        max_length=128,
        description="ticker, or series, curve, index or issuer as the kind has it; may be repeated",
    ),
]
KindOf = Annotated[
    str, Field(pattern=r"^[a-z0-9_]{2,32}$", description="kind of data, e.g. macro, filings, deals")
]
SourceName = Annotated[
    str, Field(max_length=64, description="one source alone: origin, or origin:name")
]
IndexName = Annotated[
    str, Field(min_length=1, max_length=64, description="index as its source names it")
]
Country = Annotated[
    str, Field(pattern=r"^[A-Z]{2,3}$", description="country of an economy, e.g. US")
]


@capability("market.rows", view=view_rows)
def show_rows(
    kind_rows: KindReader,
    instruments: Instruments,
    clock: Clock,
    /,
    *,
    kind: KindOf,
    of: tuple[Named, ...] = (),
    since: Day | None = None,
    until: Day | None = None,
    source: SourceName = "",
    as_of: AsOf = None,
    limit: Lines = 100,
) -> RowList:
    """Show rows of any kind of data but daily bars as they were known at a time, newest first.

    Kinds are those of reference/kinds: macro, yields, filings, deals, flows, news, quotes, trades
    and the rest. Each thing's rows come from one source unless `source` names another.
    `since` and `until` bound the UTC day of each row.

    Example:
        fondaco market rows macro --of CPIAUCSL
    """
    from fondaco.market.kinds import kind_named

    if kind == "bars_1d":
        raise InvalidInput(
            "daily bars have a command of their own",
            value=kind,
            remedy="Ask `fondaco market history SYMBOL`.",
        )
    spec, moment = kind_named(kind), known_moment(as_of, clock)
    if since and until and until < since:
        raise InvalidInput(
            "the span ends before it starts", value=f"{since} to {until}", bound="since <= until"
        )
    about = _about(spec, of, instruments, moment)
    rows = kind_rows.read(
        kind, about, as_of=moment, since=since, until=until, source=source or None
    )
    held = sorted(spec.columns, key=lambda c: LAST.index(c.name) if c.name in LAST else -1)
    names = tuple(c.name for c in held)
    shown = rows.select(names).sort("ts", *spec.key, descending=True, nulls_last=True).head(limit)
    tickers = _tickers(shown, instruments)
    lead = (RowColumn(TICKER, "ticker of the instrument"),) if tickers is not None else ()
    return RowList(
        kind,
        spec.says,
        moment,
        kind_rows.version(kind),
        rows.height,
        _origins(rows),
        (*lead, *(RowColumn(c.name, c.holds.unit) for c in held)),
        tuple(
            (*(() if tickers is None else (tickers[at],)), *map(_cell, row))
            for at, row in enumerate(shown.rows())
        ),
    )


@capability("market.members", view=view_members, to_model=False)
def list_members(
    kind_rows: KindReader,
    instruments: Instruments,
    clock: Clock,
    /,
    *,
    index: IndexName,
    on: Day | None = None,
    since: Day | None = None,
    as_of: AsOf = None,
) -> MemberList:
    """List who belonged to an index on a day as was known then, those who left or failed too.

    With `since`, whoever was a member on any day from then to `on`: the universe of a backtest.

    Example:
        fondaco market members "S&P 500" --on 2019-06-28
    """
    from fondaco.market.memberships import KIND, Memberships

    moment = known_moment(as_of, clock)
    last = on or moment.date()
    first = since or last
    if first > last:
        raise InvalidInput(
            "the span ends before it starts", value=f"{first} to {last}", bound="since <= on"
        )
    reader = Memberships(kind_rows)
    found = (
        reader.members(index, last, as_of=moment)
        if since is None
        else reader.spans(index, first, last, as_of=moment)
    )
    named = {i.id: i for i in instruments.all()}
    lines = []
    for member in found:
        known = named.get(member.instrument)
        lines.append(
            MemberLine(
                _ticker(known, min(last, member.end or last)) or member.instrument,
                member.instrument,
                known.name if known else "",
                member.start,
                member.end,
                member.weight,
            )
        )
    sources = kind_rows.read(KIND, (index,), as_of=moment)
    return MemberList(
        index,
        first,
        last,
        moment,
        _origins(sources),
        tuple(sorted(lines, key=lambda line: (line.symbol, line.start))),
    )


@capability("market.surprises", view=view_surprises, to_model=False)
def list_surprises(
    kind_rows: KindReader,
    instruments: Instruments,
    clock: Clock,
    /,
    *,
    symbol: Symbol | None = None,
    country: Country | None = None,
    as_of: AsOf = None,
    limit: Lines = 100,
) -> SurpriseList:
    """List what came against what was expected: earnings of a symbol, figures of an economy.

    What was expected is the last estimate known before the first actual. `standardised` divides a
    surprise by the deviation of those before it (SUE; Latane and Jones 1979): it says how unusual
    this one was; empty with fewer than four before. A restatement is no surprise.

    Example:
        fondaco market surprises --symbol AAPL
    """
    from fondaco.market.surprises import surprises

    if (symbol is None) == (country is None):
        raise InvalidInput(
            "name a symbol or a country",
            value=f"symbol={symbol}, country={country}",
            bound="one of the two",
        )
    moment = known_moment(as_of, clock)
    of, kind = country or "", "events"
    rows: pl.DataFrame | None = None
    if symbol is not None:
        of, kind = instruments.by_symbol(symbol, moment.date()).id, "estimates"
        rows = kind_rows.read("estimates", (of,), as_of=moment)
    if rows is None or rows.is_empty():
        every = kind_rows.read("events", None, as_of=moment)
        column = "instrument" if symbol is not None else "country"
        rows, kind = every.filter(every[column] == of), "events"
        if symbol is None:
            rows = rows.filter(rows["instrument"].is_null())
    found = sorted(surprises(rows, as_of=moment), key=lambda s: (s.period, s.about), reverse=True)
    return SurpriseList(
        symbol or of, moment, kind, _origins(rows), len(found), tuple(found[:limit])
    )


def _about(
    spec: "Kind", of: Sequence[str], instruments: Instruments, moment: datetime
) -> tuple[str, ...] | None:
    """Return what rows are asked of, as the store has it; None for all."""
    if not of:
        return None
    if spec.of not in OF:
        return tuple(of)
    return tuple(instruments.by_symbol(symbol.upper(), moment.date()).id for symbol in of)


def _tickers(rows: "pl.DataFrame", instruments: Instruments) -> list[str] | None:
    """Return the ticker of each row's instrument on its day; None for kinds without one."""
    column = next((name for name in OF if name in rows.columns), None)
    if column is None:
        return None
    known = {i.id: i for i in instruments.all()}
    return [
        _ticker(known.get(InstrumentId(who or "")), ts.date()) or who or ""
        for who, ts in rows.select(column, "ts").iter_rows()
    ]


def _ticker(known: Instrument | None, day: date) -> str:
    """Return the ticker of an instrument on a day, else its latest; empty when it is not known."""
    return "" if known is None else known.symbol_on(day) or known.symbol


def _cell(cell: Any) -> RowCell:
    return cell.isoformat() if isinstance(cell, date) else cell


def _origins(rows: "pl.DataFrame") -> tuple[Origin, ...]:
    return tuple(sorted({origin_of(source) for source in rows["source"].unique()}))
