"""What the outside may ask of lineage: where a number comes from, down to the raw bytes."""

from typing import Annotated

from pydantic import Field

from fondaco.core.capability import capability
from fondaco.core.clock import Clock
from fondaco.core.errors import InvalidInput
from fondaco.core.quantities import AsOf, CardId, Day, FactId, Symbol
from fondaco.core.view import Block, Card, Chip, Column, Table, Text, Tone
from fondaco.desk.ports import NumberOrigins
from fondaco.market.lineage_values import LineageReport, Proof, RowOrigin
from fondaco.market.moments import known_moment

KindName = Annotated[
    str, Field(pattern=r"^[a-z0-9_]{2,32}$", description="kind of data, e.g. bars_1d, chains")
]
RowCount = Annotated[int, Field(ge=1, le=50, description="most rows to follow, the newest")]
PROOF_WORDS = {
    Proof.SAME: ("VERIFIED", Tone.GOOD, "the raw answer, read again, gives this very row"),
    Proof.DIFFERS: ("DIFFERS", Tone.BAD, "the raw answer, read again, gives another row"),
    Proof.ABSENT: ("NOT FOUND", Tone.BAD, "the raw answer, read again, does not hold this row"),
    Proof.LOST: ("RAW LOST", Tone.BAD, "the raw answer is gone or has changed"),
    Proof.UNRECORDED: ("UNRECORDED", Tone.WARNING, "no ingest is on record for this row"),
}


def view_lineage(result: LineageReport) -> list[Block]:
    """Return the numbers on the way down, then each row with its raw answer."""
    blocks: list[Block] = []
    if result.numbers:
        columns = (
            Column("Number"),
            Column("Value", "number", digits=6),
            Column("Unit"),
            Column("As of", "time"),
            Column("Rests on"),
            Column("By"),
            Column("Fact", "id"),
        )
        rows = tuple(
            ("· " * n.depth + n.name, n.value, n.unit, n.as_of, n.rests_on, n.method, n.fact)
            for n in result.numbers
        )
        blocks.append(Table(f"Lineage of {result.title}", columns, rows))
    shown, every = len(result.rows), result.rows_in_all
    words = f"{shown} of {every:,} rows of the store are followed to their raw answers, the newest."
    blocks.append(Text(words if every else "It rests on no row of market data.", Tone.MUTED))
    return blocks + [_row_card(row) for row in result.rows]


def _row_card(row: RowOrigin) -> Card:
    word, tone, detail = PROOF_WORDS[row.proof]
    fields = [*row.cells, ("Known at", f"{row.known_at:%Y-%m-%d %H:%M:%S UTC}")]
    if row.first_known_at < row.known_at:
        fields.append(("First stated at", f"{row.first_known_at:%Y-%m-%d %H:%M:%S UTC}"))
    if row.let_in:
        fields.append(("Let in by", row.let_in))
    fields += [("Ingest", row.ingest), ("Asked of", f"{row.provider}: {row.asked}".strip(": "))]
    if row.raw is not None:
        fields += [
            ("Raw answer", row.raw.name),
            ("Request", row.raw.request or "–"),
            ("Place", row.raw.where),
            ("Came at", f"{row.raw.asked_at:%Y-%m-%d %H:%M:%S UTC}"),
            ("Bytes", f"{row.raw.size_bytes:,}"),
            ("SHA-256", row.raw.digest),
        ]
    label = row.source.partition(":")[0]
    return Card(f"{row.table} from {row.source}", tuple(fields), (Chip(word, tone, detail),), label)


@capability("market.lineage", view=view_lineage)
def show_lineage(
    origins: NumberOrigins,
    clock: Clock,
    /,
    *,
    fact: FactId | None = None,
    card: CardId | None = None,
    symbol: Symbol | None = None,
    kind: KindName = "bars_1d",
    on: Day | None = None,
    as_of: AsOf = None,
    limit: RowCount = 5,
) -> LineageReport:
    """Show where a number comes from: its ingest, its raw answer and its place in those bytes.

    Name a fact, a card (all its numbers), or a symbol with the kind and day of a row. Each raw
    answer is read again with its provider's parser: VERIFIED means that the very same row came
    out. Raises NotFound when there is no such thing.

    Example:
        fondaco market lineage --symbol AAPL --on 2019-06-28
    """
    if sum(1 for given in (fact, card, symbol) if given) != 1:
        raise InvalidInput(
            "name one thing to follow",
            value=f"{sum(1 for given in (fact, card, symbol) if given)} named",
            bound="a fact, a card or a symbol",
            remedy="`fondaco cards show` prints the facts of a card.",
        )
    if fact is not None:
        return origins.of_fact(fact, limit=limit)
    if card is not None:
        return origins.of_card(card, limit=limit)
    moment = known_moment(as_of, clock)
    return origins.of_row(str(symbol), kind, on, moment, limit=limit)
