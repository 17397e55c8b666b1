"""The record of ingests: what was asked of whom, and which raw answers came."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import polars as pl

from fondaco.core.errors import NotFound
from fondaco.core.ids import canonical_json
from fondaco.market.identity import source_name
from fondaco.market.ports import Ask, Provider, Raw, Store
from fondaco.market.tables import INGESTS, TABLES


@dataclass(frozen=True, slots=True)
class KeptRaw:
    """A raw answer of an ingest, as the record names it; its bytes are in the archive."""

    digest: str
    name: str
    request: str


@dataclass(frozen=True, slots=True)
class IngestRecord:
    """One ingest as it was asked for."""

    ingest: str
    provider: str
    ask: Ask
    raws: tuple[KeptRaw, ...]
    at: datetime


class Records:
    """Writes an ingest down before its rows, and finds it again."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def keep(
        self,
        provider: Provider,
        ask: Ask,
        raws: Sequence[Raw],
        ingest_id: str,
        at: datetime,
        *,
        again: str = "",
    ) -> str:
        """Write down what was asked and what came; `again` names the ingest that is read anew."""
        row = {
            "ingest": ingest_id,
            "ts": at,
            "known_at": at,
            "provider": provider.name,
            "kind": ask.kind,
            "asked": canonical_json(_asked(ask) | ({"again": again} if again else {})),
            "raws": canonical_json(
                [{"digest": r.digest, "name": r.name, "request": r.request} for r in raws]
            ),
            "source": source_name(provider.origin, provider.name),
            "ingest_id": ingest_id,
        }
        rows = pl.DataFrame([row], schema=TABLES[INGESTS].schema)
        self._store.append(INGESTS, rows, ingest_id=ingest_id)
        return ingest_id

    def find(self, which: str) -> IngestRecord:
        """Return an ingest by its id, or the newest that brought a raw answer, by its digest.

        By a digest it holds that raw answer alone. Raises NotFound.
        """
        rows = self._store.read(INGESTS)
        by_id = rows.filter(pl.col("ingest") == which)
        if by_id.height:
            return _record(by_id.row(0, named=True))
        held = rows.filter(pl.col("raws").str.contains(f'"digest":"{which}"', literal=True))
        if held.is_empty():
            raise NotFound(
                "no ingest has this id and none brought this raw answer",
                value=which,
                remedy="A fault names its ingest; an ingest names its raw answers.",
            )
        record = _record(held.sort("ts", "ingest").row(-1, named=True))
        one = tuple(raw for raw in record.raws if raw.digest == which)
        return IngestRecord(record.ingest, record.provider, record.ask, one, record.at)

    def last_ingests(self) -> dict[str, datetime]:
        """Return the time of each provider's last ingest."""
        rows = self._store.read(INGESTS).group_by("provider").agg(pl.col("ts").max())
        return dict(rows.iter_rows())


def _asked(ask: Ask) -> dict[str, object]:
    return {
        "kind": ask.kind,
        "symbols": list(ask.symbols),
        "since": ask.since and ask.since.isoformat(),
        "until": ask.until and ask.until.isoformat(),
        "options": dict(ask.options or {}),
    }


def _record(row: dict[str, Any]) -> IngestRecord:
    asked = json.loads(row["asked"])
    days = {
        name: date.fromisoformat(asked[name]) if asked[name] else None
        for name in ("since", "until")
    }
    ask = Ask(
        since=days["since"],
        until=days["until"],
        options=asked["options"] or None,
        kind=asked["kind"],
        symbols=tuple(asked["symbols"]),
    )
    raws = tuple(KeptRaw(**raw) for raw in json.loads(row["raws"]))
    return IngestRecord(row["ingest"], row["provider"], ask, raws, row["ts"])
