"""Rows and faults of one raw answer, collected while it is parsed."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import polars as pl

from fondaco.adapters.providers.fits import check_row
from fondaco.adapters.providers.read_json import Useless
from fondaco.core.ids import canonical_json
from fondaco.core.instrument import Instrument
from fondaco.market.faults import make_fault
from fondaco.market.kinds import kind_named
from fondaco.market.ports import Fault, Parsed, Raw
from fondaco.market.tables import BARS, PARSED

RAW_ROW_CHARS_MAX = 4_000


class Collected:
    """What one raw answer says of one kind: rows that could be read, faults for the others."""

    def __init__(self, kind: str, raw: Raw, source: str) -> None:
        self._kind = kind
        self._raw = raw
        self._source = source
        self._rows: list[dict[str, Any]] = []
        self._faults: list[Fault] = []

    def take(
        self, where: str, of: str, cells: Any, read: Callable[[], Mapping[str, Any] | None]
    ) -> None:
        """Keep what `read` returns as a row; when it raises Useless the row becomes a fault.

        So does a row that cannot be true by its kind (`fits.check_row`). `of` is the instrument
        (or series), `cells` the row as it came. None means: no row here.
        """
        try:
            row = read()
            if row is None:
                return
            full = {"source": self._source, "where": where, **row}
            check_row(self._kind, full, self._raw.asked_at)
        except Useless as error:
            self.fault("unreadable", str(error), where, of, cells)
        else:
            self._rows.append(full)

    def fault(self, rule: str, reason: str, where: str, of: str, cells: Any) -> None:
        """Set something aside with its reason."""
        self._faults.append(
            make_fault(
                rule,
                reason,
                source=self._source,
                instrument=of,
                session=None,
                where=where,
                row=canonical_json(str(cells)[:RAW_ROW_CHARS_MAX]),
                seen_at=self._raw.asked_at,
                kind=self._kind,
            )
        )

    def parsed(self, instruments: Iterable[Instrument] = ()) -> Parsed:
        """Return all of it; an answer with neither row nor fault is useless: nothing is known."""
        if not self._rows and not self._faults:
            return useless(self._kind, self._raw, self._source, "the answer holds no row")
        faults, known = tuple(self._faults), tuple(instruments)
        if self._kind == BARS:
            names = list(PARSED)
            rows = [[row.get(name) for name in names] for row in self._rows]
            bars = pl.DataFrame(rows, schema=PARSED, orient="row")
            return Parsed(bars, known, faults)
        frame = kind_named(self._kind).frame(self._rows)
        return Parsed(pl.DataFrame(schema=PARSED), known, faults, rows={self._kind: frame})


def useless(kind: str, raw: Raw, source: str, reason: str) -> Parsed:
    """Return the fault that makes a whole answer useless."""
    fault = make_fault(
        "answer",
        reason[:300],
        source=source,
        instrument=raw.name,
        session=None,
        where=f"{raw.name}: {raw.digest[:12]}",
        row="",
        seen_at=raw.asked_at,
        kind=kind,
    )
    return Parsed(pl.DataFrame(schema=PARSED), (), (fault,))
