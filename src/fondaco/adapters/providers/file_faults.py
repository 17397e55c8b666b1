"""Faults of rows that cannot be read: each with its place and the row as it came."""

from datetime import datetime

import polars as pl

from fondaco.adapters.providers.file_options import FileOptions
from fondaco.adapters.providers.file_table import PLACE
from fondaco.core.ids import canonical_json
from fondaco.market.faults import make_fault
from fondaco.market.ports import Fault


def unreadable_faults(
    table: pl.DataFrame,
    wrong: pl.Series,
    symbols: pl.Series,
    options: FileOptions,
    at: datetime,
    kind: str,
    sessions: pl.Series | None = None,
) -> tuple[Fault, ...]:
    """Return a fault for each row of the table that has a reason in `wrong`."""
    bad = wrong.is_not_null()
    lost = table.filter(bad)
    days = sessions.filter(bad).to_list() if sessions is not None else [None] * lost.height
    told = zip(
        lost.iter_rows(named=True), wrong.filter(bad), symbols.filter(bad), days, strict=True
    )
    return tuple(
        make_fault(
            "unreadable",
            reason,
            source=options.source,
            instrument=symbol or "",
            session=day,
            where=row[PLACE],
            seen_at=at,
            row=canonical_json(
                {
                    name: None if cell is None else str(cell)
                    for name, cell in row.items()
                    if "\x00" not in name
                }
            ),
            kind=kind,
        )
        for row, reason, symbol, day in told
    )
