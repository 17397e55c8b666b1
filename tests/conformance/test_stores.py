"""What every market store must do."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from fondaco.adapters.stores.delta import tables
from fondaco.adapters.stores.delta.store import DeltaStore
from fondaco.core.errors import InvalidInput, NotFound
from fondaco.market.book import instrument_rows
from fondaco.market.fakes import MemoryStore
from fondaco.market.kinds import kind_named
from fondaco.market.ports import Ingest, Store
from fondaco.market.tables import BARS, INSTRUMENTS, QUARANTINE
from unit.market.rows import AAA, BBB, CALENDAR, NOW, SESSIONS, bar_rows, page


class MappedStore(DeltaStore):
    """A Delta store that makes its fast copy anew at every other append."""

    def append(self, table: str, rows: pl.DataFrame, **words: Any) -> Ingest:
        done = super().append(table, rows, **words)
        if done.version % 2 == 0:
            self.refresh(table)
        return done


@pytest.fixture(params=["memory", "frames", "files", "mapped"])
def store(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    """An empty store of each kind, and the Delta store by each of the roads that it reads by."""
    if request.param == "memory":
        return MemoryStore()
    if request.param == "files":
        monkeypatch.setattr(tables, "FRAME_ROWS_MAX", 0)
    return (MappedStore if request.param == "mapped" else DeltaStore)(tmp_path / "market")


def _take(store: Store, rows: pl.DataFrame, ingest_id: str = "1") -> tuple[int, int]:
    done = store.append(BARS, bar_rows(rows, ingest_id=ingest_id), ingest_id=ingest_id)
    return done.rows_new, done.version


def test_an_empty_store_reads_as_nothing(store: Store) -> None:
    for table in (BARS, INSTRUMENTS, QUARANTINE):
        assert store.version(table) == -1
        assert store.read(table).is_empty()
        assert len(store.content_hash(table)) == 64


def test_the_same_rows_twice_make_no_row_and_no_version(store: Store) -> None:
    rows = page(AAA, [10.0, 11.0], volume=[5.0, 6.0])
    assert _take(store, rows) == (2, 0)
    assert _take(store, rows, "2") == (0, 0)
    assert store.version(BARS) == 0
    assert _take(store, pl.concat([rows, rows]).reverse(), "3") == (0, 0)


def test_overlapping_rows_add_only_what_is_new(store: Store) -> None:
    _take(store, page(AAA, [10.0, 11.0]))
    assert _take(store, page(AAA, [11.0, 12.0], first=1), "2") == (1, 1)
    assert store.read(BARS)["close"].to_list() == [10.0, 11.0, 12.0]


def test_no_rows_make_no_version(store: Store) -> None:
    assert _take(store, page(AAA, [])) == (0, -1)
    assert store.version(BARS) == -1


def test_the_first_revision_is_there_beside_the_latest(store: Store) -> None:
    rows = bar_rows(page(AAA, [10.0, 11.0]))
    store.append(BARS, rows, ingest_id="1")
    revised = rows.with_columns(
        close=pl.col("close") + 5, known_at=pl.col("known_at") + pl.duration(hours=2)
    )
    store.append(BARS, revised, ingest_id="2")
    assert store.read(BARS)["close"].to_list() == [15.0, 16.0]
    assert store.read(BARS, first=True)["close"].to_list() == [10.0, 11.0]
    at = CALENDAR.close(SESSIONS[0])
    assert store.read(BARS, first=True, as_of=at)["close"].to_list() == [10.0]


def test_reading_as_of_a_time_never_shows_what_was_known_later(store: Store) -> None:
    _take(store, page(AAA, [10.0, 11.0]))
    late = CALENDAR.close(SESSIONS[9])
    _take(store, page(AAA, [9.9], known_at=late), "2")
    for as_of, closes in (
        (late - timedelta(microseconds=1), [10.0, 11.0]),
        (late, [9.9, 11.0]),
        (CALENDAR.close(SESSIONS[0]), [10.0]),
    ):
        found = store.read(BARS, as_of=as_of)
        assert found["close"].to_list() == closes
        assert (found["known_at"] <= as_of).all()


def test_old_versions_stay_readable(store: Store) -> None:
    _take(store, page(AAA, [10.0]))
    _take(store, page(AAA, [11.0], first=1), "2")
    assert store.read(BARS, version=0)["close"].to_list() == [10.0]
    assert store.read(BARS, version=1)["close"].to_list() == [10.0, 11.0]
    for version in (2, -1):
        with pytest.raises(NotFound, match="no such version"):
            store.read(BARS, version=version)


def test_reading_can_be_narrowed(store: Store) -> None:
    _take(store, pl.concat([page(BBB, [20.0, 21.0, 22.0]), page(AAA, [10.0, 11.0, 12.0])]))
    assert store.read(BARS, instruments=(AAA.id,))["close"].to_list() == [10.0, 11.0, 12.0]
    assert store.read(BARS, instruments=(AAA.id, BBB.id)).height == 6
    assert store.read(BARS, instruments=()).is_empty()
    some = store.read(BARS, instruments=(BBB.id,), since=SESSIONS[1], until=SESSIONS[1])
    assert some["close"].to_list() == [21.0]
    assert some["instrument"].to_list() == [BBB.id]


def test_rows_come_in_key_order(store: Store) -> None:
    rows = pl.concat([page(BBB, [20.0, 21.0]), page(AAA, [10.0, 11.0])])
    _take(store, rows.reverse())
    found = store.read(BARS)
    assert found.equals(found.sort("instrument", "session", "source"))


def test_every_cell_comes_back_as_it_went_in(store: Store) -> None:
    rows = bar_rows(page(AAA, [0.1 + 0.2, 1e-9], volume=[None, 2.0**53]))
    store.append(BARS, rows, ingest_id="1")
    assert store.read(BARS).equals(rows)


def test_what_contradicts_is_a_revision_known_when_it_was_seen(store: Store) -> None:
    _take(store, page(AAA, [10.0]))
    done = store.append(BARS, bar_rows(page(AAA, [10.5])), ingest_id="2", seen_at=NOW)
    assert done.rows_new == 1
    assert store.read(BARS, as_of=NOW - timedelta(seconds=1))["close"].to_list() == [10.0]
    assert store.read(BARS)["close"].to_list() == [10.5]


def test_the_content_hash_forgets_order_and_ingests(store: Store, tmp_path: Path) -> None:
    other = DeltaStore(tmp_path / "other")
    rows = page(AAA, [10.0, 11.0, 12.0])
    for n, part in enumerate((rows[2:], rows[:2], rows[1:])):
        _take(other, part, f"{n}")
    _take(store, rows, "x")
    assert other.content_hash(BARS) == store.content_hash(BARS)
    _take(store, page(AAA, [13.0], first=3), "y")
    assert other.content_hash(BARS) != store.content_hash(BARS)


def test_tables_stand_alone(store: Store) -> None:
    rows = instrument_rows([AAA], source="file", ingest_id="1", known_at=NOW)
    store.append(INSTRUMENTS, rows, ingest_id="1")
    assert (store.version(INSTRUMENTS), store.version(BARS)) == (0, -1)


def test_a_table_or_column_that_is_none_is_refused(store: Store) -> None:
    with pytest.raises(NotFound, match="no such table"):
        store.read("bars_1h")
    rows = bar_rows(page(AAA, [10.0]))
    with pytest.raises(InvalidInput, match="wrong columns"):
        store.append(BARS, rows.drop("volume"), ingest_id="1")
    with pytest.raises(InvalidInput, match="lack a known_at"):
        store.append(
            BARS, rows.with_columns(known_at=pl.lit(None, rows.schema["known_at"])), ingest_id="1"
        )
    assert store.version(BARS) == -1


def test_a_column_that_is_none_is_refused_and_others_come_as_asked(store: Store) -> None:
    _take(store, pl.concat([page(BBB, [20.0]), page(AAA, [10.0, 11.0])]))
    found = store.read(BARS, columns=("close", "instrument"), since=SESSIONS[0])
    assert found.columns == ["close", "instrument"]
    assert set(found.rows()) == {(10.0, AAA.id), (11.0, AAA.id), (20.0, BBB.id)}
    with pytest.raises(InvalidInput, match="no such column"):
        store.read(BARS, columns=("adjusted",))


def minutes(
    closes: list[float],
    *,
    first: int = 0,
    final: bool = True,
    known_after: int = 0,
    ingest_id: str = "1",
) -> pl.DataFrame:
    """Return minute bars of AAA, each known `known_after` seconds after its close."""
    kind = kind_named("bars_intraday")
    ends = [NOW + timedelta(minutes=first + n) for n in range(len(closes))]
    rows = [
        dict.fromkeys(("open", "high", "low", "close"), close)
        | {
            "instrument": AAA.id,
            "seconds": 60,
            "ts": end,
            "known_at": end + timedelta(seconds=known_after),
            "final": final,
            "source": "file:minutes",
        }
        for close, end in zip(closes, ends, strict=True)
    ]
    return kind.frame(rows).drop("where").with_columns(ingest_id=pl.lit(ingest_id))


def test_an_unfinished_bar_stays_so_until_a_final_one_of_its_key_wins(store: Store) -> None:
    table = "bars_intraday"
    early = minutes([10.0], final=False, known_after=-30)
    store.append(table, early, ingest_id="1", seen_at=NOW)
    store.append(table, early, ingest_id="2", seen_at=NOW)
    assert store.read(table)["final"].to_list() == [False]
    store.append(table, minutes([10.4], ingest_id="3"), ingest_id="3", seen_at=NOW)
    kept = store.read(table)
    assert (kept["final"].to_list(), kept["close"].to_list()) == ([True], [10.4])
    before = store.read(table, as_of=NOW - timedelta(seconds=1))
    assert (before["final"].to_list(), before["close"].to_list()) == ([False], [10.0])
    store.append(table, early, ingest_id="4", seen_at=NOW + timedelta(days=1))
    assert store.read(table)["final"].to_list() == [True]


def test_a_span_of_a_table_without_sessions_is_of_utc_days(store: Store) -> None:
    rows = minutes([1.0, 2.0, 3.0, 4.0], first=178)  # 23:58, 23:59, 00:00 and 00:01
    store.append("bars_intraday", rows, ingest_id="1")
    day = NOW.date()
    for since, until, closes in (
        (day, day, [1.0, 2.0]),
        (day + timedelta(days=1), None, [3.0, 4.0]),
        (None, day, [1.0, 2.0]),
        (day + timedelta(days=2), None, []),
    ):
        found = store.read("bars_intraday", instruments=(AAA.id,), since=since, until=until)
        assert found["close"].to_list() == closes


def test_other_tables_are_narrowed_by_what_their_rows_are_about(store: Store) -> None:
    def observation(series: str, value: float) -> dict[str, object]:
        return {
            "series": series,
            "ts": NOW,
            "known_at": NOW,
            "period": NOW.date(),
            "value": value,
            "vintage": True,
            "source": "file:fred",
        }

    rows = kind_named("macro").frame([observation("CPI", 3.1), observation("GDP", 2.2)])
    stored = rows.drop("where").with_columns(ingest_id=pl.lit("1"))
    store.append("macro", stored, ingest_id="1")
    assert store.read("macro", instruments=("GDP",))["value"].to_list() == [2.2]  # type: ignore[arg-type]


def test_an_event_that_was_moved_is_not_where_it_was(store: Store) -> None:
    def event(days: int, known_after: int) -> pl.DataFrame:
        row = {
            "event": "earnings",
            "id": "AAA-Q2",
            "ts": NOW + timedelta(days=days),
            "known_at": NOW + timedelta(hours=known_after),
            "title": "AAA reports",
            "source": "file:events",
        }
        rows = kind_named("events").frame([row])
        return rows.drop("where").with_columns(ingest_id=pl.lit(f"{known_after}"))

    store.append("events", event(1, 0), ingest_id="0")
    store.append("events", event(9, 5), ingest_id="5")
    first, moved = (NOW + timedelta(days=1)).date(), (NOW + timedelta(days=9)).date()
    assert store.read("events", since=first, until=first).is_empty()
    assert store.read("events", since=moved, until=moved).height == 1
    was = store.read("events", since=first, until=first, as_of=NOW + timedelta(hours=4))
    assert was.height == 1
