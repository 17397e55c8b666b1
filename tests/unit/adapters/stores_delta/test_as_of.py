"""Readings as of random times equal those of a plain list of rows, by every road."""

import random
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from fondaco.adapters.stores.delta import tables
from fondaco.adapters.stores.delta.store import DeltaStore
from fondaco.market.ports import Store
from fondaco.market.revisions import day_of, subject_of
from fondaco.market.tables import BARS, table_named
from unit.adapters.stores_delta.naive import NaiveTable

MONDAY = date(2023, 12, 25)  # so that minute bars fall into two years
DAYS = 12
HOURS = 24 * (DAYS + 8)
INSTRUMENTS = tuple(f"I-{n:02}" for n in range(30))
START = datetime.combine(MONDAY, time(), UTC)
ROADS = ("frames", "files", "mapped", "compacted", "whole", "followed", "between")
"""How a store lies when it is asked: in memory, in files, with a fast copy under later revisions,
compacted as well, in a fast copy alone, one that later days follow, one that days fall between."""
FIRST_DAYS = {"followed": range(DAYS // 2), "between": range(0, DAYS, 2)}
LATER_DAYS = {"followed": range(DAYS // 2, DAYS), "between": range(1, DAYS, 2)}
ANY_DAY = range(DAYS)
INGESTS, COPIED_AFTER = 9, 5


def bar(chance: random.Random, ingest: str, days: Sequence[int]) -> dict[str, Any]:
    """Return a row of a daily bar: of few keys, values and known times, so that many meet."""
    day = MONDAY + timedelta(days=chance.choice(days))
    ts = datetime.combine(day, time(21), UTC)
    close = float(chance.choice((10, 11, 12)))
    return {
        "instrument": chance.choice(INSTRUMENTS),
        "session": day,
        "ts": ts,
        "known_at": ts + timedelta(hours=chance.choice((0, 0, 0, 3, 30))),
        "open": chance.choice((None, close)),
        "high": None,
        "low": None,
        "close": close,
        "volume": chance.choice((None, 5.0)),
        "factor": 1.0,
        "source": chance.choice(("file:a", "file:a", "live:b")),
        "ingest_id": ingest,
    }


def minute(chance: random.Random, ingest: str, days: Sequence[int]) -> dict[str, Any]:
    """Return a row of a minute bar around the turn of days and of a year."""
    ts = START + timedelta(days=chance.choice(days), minutes=chance.choice((0, 1, 719, 1439)))
    price = float(chance.choice((10, 11)))
    return {
        "instrument": chance.choice(INSTRUMENTS[:6]),
        "seconds": chance.choice((60, 3600)),
        "ts": ts,
        "known_at": ts + timedelta(hours=chance.choice((0, 0, 2, 40))),
        "open": price,
        "high": price,
        "low": price,
        "close": price,
        "volume": chance.choice((None, 3.0)),
        "trades": chance.choice((None, 7)),
        "final": chance.choice((True, False)),
        "source": "file:a",
        "ingest_id": ingest,
    }


def event(chance: random.Random, ingest: str, days: Sequence[int]) -> dict[str, Any]:
    """Return an event whose day is no part of its key: revisions move it."""
    ts = START + timedelta(days=chance.choice(days), hours=9)
    return {
        "event": chance.choice(("earnings", "dividend")),
        "id": f"E{chance.randrange(25)}",
        "instrument": None,
        "country": None,
        "ts": ts,
        "known_at": START + timedelta(hours=chance.randrange(0, HOURS, 7)),
        "title": "an event",
        "importance": chance.choice((None, 1, 3)),
        "forecast": None,
        "previous": None,
        "actual": None,
        "unit": None,
        "surprise": None,
        "source": "file:a",
        "ingest_id": ingest,
    }


MAKERS = {BARS: bar, "bars_intraday": minute, "events": event}


def filled(store: DeltaStore, naive: NaiveTable, table: str, road: str, seed: int) -> None:
    """Take the same random ingests into both, and lay the store out as the road says."""
    chance, spec = random.Random(seed), table_named(table)
    for number in range(INGESTS):
        of_days = FIRST_DAYS if number <= COPIED_AFTER else LATER_DAYS
        ingest = f"ingest-{number}"
        seen_at = START + timedelta(hours=HOURS // INGESTS * number)
        days = of_days.get(road, ANY_DAY)
        drawn = [MAKERS[table](chance, ingest, days) for _ in range(chance.choice((1, 40, 90)))]
        held, rows = set(), []
        for row in drawn:  # one ingest states each key at a known time once
            moment = (*(row[name] for name in spec.key), row["known_at"])
            if moment not in held:
                held.add(moment)
                rows.append(row)
        naive.take(rows, seen_at)
        frame = pl.DataFrame(rows, schema=spec.schema)
        store.append(table, frame, ingest_id=ingest, seen_at=seen_at)
        copied = {"compacted": 3, "whole": INGESTS - 1, "frames": -1, "files": -1}
        if number == copied.get(road, COPIED_AFTER):
            assert store.refresh(table)
        if (road, number) == ("compacted", 6):
            store.compact(table)


def questions(chance: random.Random, table: str) -> Iterator[dict[str, Any]]:
    """Give random questions without end."""
    names = ("earnings", "dividend", "none") if table == "events" else (*INSTRUMENTS, "none")
    while True:
        days = sorted(MONDAY + timedelta(days=chance.randrange(-1, DAYS + 1)) for _ in range(2))
        since, until = chance.choice(
            ((None, None), (days[0], None), (None, days[1]), tuple(days), (days[0], days[0]))
        )
        count = min(chance.choice((1, 1, 2, 25)), len(names))
        yield {
            "as_of": chance.choice((None, START + timedelta(hours=chance.randrange(-1, HOURS)))),
            "instruments": chance.choice((None, tuple(chance.sample(names, count)))),
            "since": since,
            "until": until,
            "first": chance.random() < 0.2,
        }


def answered_alike(folder: Path, table: str, road: str, seed: int, pairs: int) -> None:
    """Ask both the same random questions; every answer must be equal, cell by cell."""
    spec = table_named(table)
    store = DeltaStore(folder / f"{table}-{road}-{seed}")
    naive = NaiveTable(spec.key, subject_of(spec), day_of(spec))
    filled(store, naive, table, road, seed)
    later: Store = DeltaStore(folder / f"{table}-{road}-{seed}")  # as another process sees it
    chance = random.Random(seed + 1)
    for number, words in zip(range(pairs), questions(chance, table), strict=False):
        reader = store if number % 2 else later
        wanted = naive.read(
            words["as_of"],
            words["instruments"],
            words["since"],
            words["until"],
            first=words["first"],
        )
        found = reader.read(table, **words)
        assert found.rows(named=True) == wanted, words
        if words["as_of"] is not None and found.height:
            assert found["known_at"].max() <= words["as_of"]  # type: ignore[operator]


@pytest.mark.parametrize("road", ROADS)
@pytest.mark.parametrize("table", MAKERS)
def test_five_hundred_readings_equal_the_plain_list_of_rows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, table: str, road: str
) -> None:
    if road != "frames":
        monkeypatch.setattr(tables, "FRAME_ROWS_MAX", 0)
    answered_alike(tmp_path, table, road, seed=11, pairs=500 // len(ROADS))


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("road", ROADS)
@pytest.mark.parametrize("table", MAKERS)
def test_ten_thousand_readings_equal_the_plain_list_of_rows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, table: str, road: str
) -> None:
    if road != "frames":
        monkeypatch.setattr(tables, "FRAME_ROWS_MAX", 0)
    for seed in range(10):
        answered_alike(tmp_path, table, road, seed=100 + seed, pairs=250)
