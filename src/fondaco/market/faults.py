"""Faults as values and as rows: what was not let in, under which rule, and how to mend it."""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

import polars as pl

from fondaco.core.errors import NotFound, Refused
from fondaco.core.ids import canonical_json, content_hash
from fondaco.market.kinds import Kind
from fondaco.market.ports import Fault
from fondaco.market.rules import RULES
from fondaco.market.tables import BARS, PRICES, QUARANTINE, TABLES

ROW_FIELDS = (*PRICES, "volume", "factor")


def row_text(row: Mapping[str, Any]) -> str:
    """Return a parsed row as the JSON text that is quarantined: all that a replay needs."""
    plain = {name: _plain(row[name]) for name in ROW_FIELDS}
    known_at = row.get("known_at")
    return canonical_json(plain | {"known_at": known_at and known_at.isoformat()})


def row_of(text: str) -> dict[str, Any]:
    """Return the numbers and known time of a quarantined row."""
    row: dict[str, Any] = json.loads(text)
    if row["known_at"] is not None:
        row["known_at"] = datetime.fromisoformat(row["known_at"])
    return row


def text_of(row: Mapping[str, Any]) -> str:
    """Return a parsed row of any kind as the JSON text that is quarantined."""
    return canonical_json({name: _cell(value) for name, value in row.items()})


def cells_of(text: str, kind: Kind) -> dict[str, Any]:
    """Return the cells of a quarantined row of a kind, each in its column's type.

    Raises Refused when the text is no row: what could not be read cannot be let in.
    """
    row = json.loads(text)
    if not isinstance(row, dict) or not row.keys() <= kind.parsed.keys():
        raise Refused(
            "what was quarantined is no row of its kind",
            value=text[:80],
            bound=kind.name,
            remedy="Parse the raw answer again, with `reparse`.",
        )
    return {name: _typed(row[name], dtype) for name, dtype in kind.parsed.items() if name in row}


def fault_id(rule: str, source: str, instrument: str, session: date | None, content: str) -> str:
    """Return the id of a fault: the same fault found again has the same id."""
    day = session and session.isoformat()
    return "Q-" + content_hash([rule, source, instrument, day, content])[:16]


def make_fault(
    rule: str,
    reason: str,
    *,
    source: str,
    instrument: str,
    session: date | None,
    where: str,
    row: str,
    seen_at: datetime,
    kind: str = BARS,
) -> Fault:
    """Return a fault under a rule that exists; its ingest is written in when it is kept."""
    content = (row or where) if kind == BARS else f"{kind}|{row or where}"
    return Fault(
        id=fault_id(RULES[rule].name, source, instrument, session, content),
        rule=rule,
        reason=reason,
        instrument=instrument,
        session=session,
        where=where,
        row=row,
        source=source,
        ingest_id="",
        seen_at=seen_at,
        kind=kind,
    )


def fault_rows(faults: Iterable[Fault], *, ingest_id: str, known_at: datetime) -> pl.DataFrame:
    """Return faults as rows of `quarantine`, known at a moment."""
    rows = [
        {
            "id": f.id,
            "ts": f.seen_at,
            "known_at": known_at,
            "rule": f.rule,
            "reason": f.reason,
            "instrument": f.instrument,
            "session": f.session,
            "where": f.where,
            "row": f.row,
            "source": f.source,
            "kind": f.kind,
            "ingest_id": ingest_id,
            "seen_at": f.seen_at,
            "resolved": f.resolved,
        }
        for f in faults
    ]
    return pl.DataFrame(rows, schema=TABLES[QUARANTINE].schema)


def faults_of(rows: pl.DataFrame) -> tuple[Fault, ...]:
    """Return rows of `quarantine` as faults."""
    columns = (
        "id",
        "rule",
        "reason",
        "instrument",
        "session",
        "where",
        "row",
        "source",
        "ingest_id",
        "seen_at",
        "resolved",
        "kind",
    )
    return tuple(Fault(**row) for row in rows.select(columns).iter_rows(named=True))


def check_replayable(faults: Sequence[Fault]) -> None:
    """Refuse faults that no decision can mend; raises NotFound when there are none."""
    if not faults:
        raise NotFound("no open fault matches", remedy="`fondaco market faults` lists them.")
    for fault in faults:
        if fault.resolved is not None:
            raise Refused("the fault was resolved before", value=f"{fault.id}: {fault.resolved}")
        if not RULES[fault.rule].replayable:
            raise Refused(
                f"a person cannot overrule this: {RULES[fault.rule].says}",
                value=f"{fault.id} ({fault.rule})",
                bound=", ".join(r.name for r in RULES.values() if r.replayable),
                remedy="Correct the source and ingest it again.",
            )


def day_of(fault: Fault) -> date:
    """Return the session of a fault that has one; raises Refused when it has none."""
    if fault.session is None:
        raise Refused("the fault names no session", value=fault.id)
    return fault.session


def _cell(value: Any) -> Any:
    if isinstance(value, datetime | date):
        return value.isoformat()
    return _plain(value) if isinstance(value, float) else value


def _typed(value: Any, dtype: pl.DataType) -> Any:
    if value is None:
        return None
    if isinstance(dtype, pl.Datetime):
        return datetime.fromisoformat(value)
    if isinstance(dtype, pl.Date):
        return date.fromisoformat(value)
    return float(value) if isinstance(dtype, pl.Float64) else value


def _plain(value: float | None) -> float | str | None:
    if value is None or value - value == 0:
        return value
    return str(value)  # NaN and infinity have no JSON number
