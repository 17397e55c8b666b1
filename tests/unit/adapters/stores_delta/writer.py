"""A process that ingests pages into a Delta store until it is done or killed.

Usage: writer.py FOLDER NAME FIRST LAST [TABLE] — each page is one session of many instruments, or
minutes of some in two years; a line is printed when a page is kept. The same pages, whole or in
part, may have been kept before.
"""

import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import polars as pl

from fondaco.adapters.stores.delta.store import DeltaStore
from fondaco.market.tables import BARS, TABLES, table_named

ROWS = 200
DAY = date(2024, 1, 1)


def page(number: int, ingest_id: str) -> pl.DataFrame:
    """Return one page: `ROWS` instruments on one day, always the same for its number."""
    day = DAY + timedelta(days=number)
    close = datetime(day.year, day.month, day.day, 21, tzinfo=UTC)
    rows = pl.DataFrame(
        {
            "instrument": [f"I-{n:04}" for n in range(ROWS)],
            "close": [100.0 + number + n / 1000 for n in range(ROWS)],
        }
    )
    rows = rows.with_columns(
        session=pl.lit(day),
        ts=pl.lit(close),
        known_at=pl.lit(close),
        factor=1.0,
        source=pl.lit("file"),
        ingest_id=pl.lit(ingest_id),
    )
    schema = TABLES[BARS].schema
    blank = [pl.lit(None).alias(name) for name in schema if name not in rows.columns]
    return rows.with_columns(blank).select(list(schema)).cast(schema)  # type: ignore[arg-type]


def minute_page(number: int, ingest_id: str) -> pl.DataFrame:
    """Return minute bars of ten instruments: the first minutes of a day in each of two years."""
    rows = [
        {
            "instrument": f"I-{n:04}",
            "seconds": 60,
            "ts": datetime(year, 3, 1 + number, 14, 31 + n, tzinfo=UTC),
            "open": 100.0 + number,
            "high": 101.0 + number,
            "low": 99.0 + number,
            "close": 100.5 + n,
            "final": True,
            "source": "file",
            "ingest_id": ingest_id,
        }
        for year in (2023, 2024)
        for n in range(10)
    ]
    schema = table_named("bars_intraday").schema
    found = [{"known_at": row["ts"], "volume": None, "trades": None} | row for row in rows]
    return pl.DataFrame(found, schema=schema)


PAGES = {BARS: page, "bars_intraday": minute_page}


def main(folder: str, name: str, first: str, last: str, table: str = BARS) -> None:
    """Keep the pages one by one."""
    store = DeltaStore(Path(folder))
    for number in range(int(first), int(last)):
        rows = PAGES[table](number, f"{name}-{number}")
        store.append(table, rows, ingest_id=f"{name}-{number}")
        sys.stdout.write(f"{number}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])
