"""How tables lie on disk: parted, compacted, chosen by what they hold, open to other programs."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from deltalake import DeltaTable, write_deltalake
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from fondaco.adapters.stores.delta import fast, files, tables
from fondaco.adapters.stores.delta.files import Part, Reader, chosen
from fondaco.adapters.stores.delta.layout import Unmappable
from fondaco.adapters.stores.delta.state import state_at
from fondaco.adapters.stores.delta.store import DeltaStore
from fondaco.market.fakes import MemoryStore
from fondaco.market.tables import BARS, table_named
from unit.adapters.stores_delta.writer import DAY, ROWS, page

MINUTES = "bars_intraday"


def minutes(instrument: str, start: datetime, count: int, ingest_id: str = "1") -> pl.DataFrame:
    """Return minute bars of an instrument."""
    ts = pl.datetime_range(
        start, start + timedelta(minutes=count - 1), "1m", time_zone="UTC", eager=True
    )
    price = pl.Series(np.arange(count) + 100.0)
    rows = pl.DataFrame({"ts": ts, "known_at": ts, "open": price, "high": price, "low": price})
    schema = table_named(MINUTES).schema
    return rows.with_columns(
        instrument=pl.lit(instrument),
        seconds=60,
        close="open",
        final=True,
        volume=pl.lit(None, pl.Float64),
        trades=pl.lit(None, pl.Int64),
        source=pl.lit("file:x"),
        ingest_id=pl.lit(ingest_id),
    ).select(pl.col(name).cast(dtype) for name, dtype in schema.items())


def test_minute_bars_are_parted_by_year_and_other_delta_readers_see_the_same(
    tmp_path: Path,
) -> None:
    store = DeltaStore(tmp_path)
    rows = minutes("I-1", datetime(2023, 12, 31, 23, 50, tzinfo=UTC), 30)
    store.append(MINUTES, rows, ingest_id="1")
    store.append(MINUTES, minutes("I-2", datetime(2024, 5, 1, tzinfo=UTC), 5), ingest_id="2")
    found = DeltaTable(tmp_path / MINUTES)
    assert (found.version(), found.metadata().partition_columns) == (1, ["year"])
    assert {path.split("/")[-2] for path in found.file_uris()} == {"year=2023", "year=2024"}
    others = pl.DataFrame(found.scan().read_all()) if hasattr(found, "scan") else None
    assert others is not None
    assert_frame_equal(
        others.drop("year").select(rows.columns).sort("instrument", "ts"),
        store.read(MINUTES),
        check_dtypes=False,
    )
    june = datetime(2024, 6, 1, tzinfo=UTC)
    both = pl.concat([minutes("I-1", june, 5), minutes("I-2", june, 5)])
    store.append(MINUTES, both, ingest_id="3")
    store.compact(MINUTES)
    store.restore(MINUTES, 0, by="ada", reason="to see it read elsewhere")
    again = DeltaTable(tmp_path / MINUTES)
    assert again.version() == store.version(MINUTES)
    assert pl.read_delta(again).height == 30
    assert [one["operation"] for one in again.history()] == [
        "RESTORE",
        "OPTIMIZE",
        "WRITE",
        "WRITE",
        "WRITE",
    ]


def test_what_another_delta_writer_wrote_is_read_and_added_to(tmp_path: Path) -> None:
    write_deltalake(tmp_path / BARS, page(0, "1"))
    write_deltalake(tmp_path / BARS, page(1, "2"), mode="append")
    store = DeltaStore(tmp_path)
    assert store.version(BARS) == 1
    assert store.append(BARS, page(1, "3"), ingest_id="3").rows_new == 0
    assert store.append(BARS, page(2, "3"), ingest_id="3").rows_new == ROWS
    write_deltalake(tmp_path / BARS, page(3, "4"), mode="append")
    assert store.read(BARS).height == 4 * ROWS
    assert DeltaTable(tmp_path / BARS).count() == 4 * ROWS
    found = store.verify(BARS)
    assert (found.sound, found.unhashed) == (True, 6)  # three commits, three files
    DeltaTable(tmp_path / BARS).optimize.compact()
    assert [line.operation for line in store.versions(BARS)][-1] == "foreign"
    assert store.read(BARS).height == 4 * ROWS
    assert store.append(BARS, page(4, "5"), ingest_id="5").rows_new == ROWS


def test_an_append_reads_only_files_that_may_hold_the_same_rows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, opened = DeltaStore(tmp_path), []
    for number in range(20):
        store.append(BARS, page(number, "1"), ingest_id="1")
    start = datetime(2024, 3, 1, tzinfo=UTC)
    for number in range(10):
        store.append(MINUTES, minutes(f"I-{number}", start, 50), ingest_id="1")
    checked = Reader.checked

    def counted(reader: Reader, folder: Path, file: files.File) -> Path:
        opened.append(file.path)
        return checked(reader, folder, file)

    monkeypatch.setattr(Reader, "checked", counted)
    store.append(BARS, page(20, "2"), ingest_id="2")
    assert opened == []
    store.append(BARS, page(7, "2"), ingest_id="2")
    assert len(opened) == 1
    store.append(MINUTES, minutes("I-4", start + timedelta(minutes=25), 50), ingest_id="2")
    assert len(opened) == 2


@given(
    st.lists(st.integers(0, 40), min_size=1, max_size=6),
    st.one_of(st.none(), st.lists(st.integers(0, 45), max_size=5)),
    st.one_of(st.none(), st.integers(0, 45)),
    st.one_of(st.none(), st.integers(0, 45)),
)
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_no_file_that_holds_a_wanted_row_is_passed_over(
    tmp_path: Path,
    numbers: list[int],
    subjects: list[int] | None,
    since: int | None,
    until: int | None,
) -> None:
    spec = table_named(BARS)
    names = None if subjects is None else tuple(f"I-{n:04}" for n in subjects)
    part = Part(
        names,
        None if since is None else DAY + timedelta(days=since),
        None if until is None else DAY + timedelta(days=until),
    )
    folder = tmp_path / BARS
    for number in numbers:
        rows = pl.concat([page(number + n, "1")[number : number + 9] for n in range(4)])
        (file,) = files.write_files(folder, spec, rows, ())
        held = Reader().read(folder, spec, [file], part)
        wanted = rows.filter(
            (pl.col("instrument").is_in(list(names)) if names is not None else pl.lit(True))
            & (pl.col("session") >= part.since if part.since else pl.lit(True))
            & (pl.col("session") <= part.until if part.until else pl.lit(True))
        )
        assert held.height == wanted.height
        assert bool(chosen([file], spec, part)) >= bool(wanted.height)


def test_compaction_makes_few_sorted_files_and_keeps_years_apart(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = DeltaStore(tmp_path)
    for number in range(12):
        start = datetime(2023 + number % 2, 3, 1 + number, tzinfo=UTC)
        for name in ("I-1", "I-2"):
            store.append(MINUTES, minutes(name, start, 30), ingest_id="1")
    content, rows = store.content_hash(MINUTES), store.read(MINUTES)
    assert len(state_at(tmp_path / MINUTES).files) == 24
    store.compact(MINUTES)
    held = state_at(tmp_path / MINUTES).files.values()
    assert sorted(file.partition["year"] or "" for file in held) == ["2023", "2024"]
    assert store.content_hash(MINUTES) == content == DeltaStore(tmp_path).content_hash(MINUTES)
    assert DeltaStore(tmp_path).read(MINUTES).equals(rows)
    assert store.read(MINUTES, version=5).height == 6 * 30


def test_the_content_hash_is_the_same_by_parts_and_as_a_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from fondaco.adapters.stores.delta import store as store_module

    store, plain = DeltaStore(tmp_path), MemoryStore()
    for number in range(3):
        for one in (store, plain):
            one.append(BARS, page(number, "1"), ingest_id="1")  # type: ignore[attr-defined]
    monkeypatch.setattr(store_module, "PART_ROWS", 50)
    assert store.content_hash(BARS) == plain.content_hash(BARS)


def test_a_table_too_full_of_words_is_read_without_a_fast_copy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from fondaco.adapters.stores.delta import layout

    monkeypatch.setattr(layout, "WORDS_MAX", ROWS - 1)
    monkeypatch.setattr(tables, "FRAME_ROWS_MAX", 0)
    store = DeltaStore(tmp_path)
    store.append(BARS, page(0, "1"), ingest_id="1")
    assert not store.refresh(BARS)
    assert not any((tmp_path / "mapped" / BARS).iterdir())
    assert store.read(BARS).height == ROWS
    with pytest.raises(Unmappable, match="a number that is none"):
        layout.numbers_of(pl.Series("x", [float("nan")]), layout.Words())
    with pytest.raises(Unmappable, match="stands for an empty cell"):
        layout.numbers_of(pl.Series("x", [layout.NO_INT64], dtype=pl.Int64), layout.Words())


def test_a_fast_copy_waits_when_too_much_was_added_and_goes_on_when_made_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fast, "TAIL_ROWS_MAX", ROWS)
    monkeypatch.setattr(tables, "FRAME_ROWS_MAX", 0)
    writer, reader = DeltaStore(tmp_path), DeltaStore(tmp_path)
    for number in range(5):
        writer.append(BARS, page(number, "1"), ingest_id="1")
        assert reader.read(BARS).height == (number + 1) * ROWS
        if number == 1:
            writer.refresh(BARS)
            assert reader.read(BARS).height == 2 * ROWS
        assert (BARS in reader._fast) == (number in {1, 2}), number
    writer.refresh(BARS)
    assert reader.read(BARS).height == 5 * ROWS
    assert BARS in reader._fast
    writer.restore(BARS, 1, by="ada", reason="a fast copy is not of a table put back")
    assert reader.read(BARS).height == 2 * ROWS
    assert BARS not in reader._fast


def test_files_that_are_let_go_are_gone_and_the_newest_rows_are_not(tmp_path: Path) -> None:
    store = DeltaStore(tmp_path)
    for number in range(4):
        store.append(BARS, page(number, "1"), ingest_id="1")
    store.compact(BARS)
    content = store.content_hash(BARS)
    assert len(list((tmp_path / BARS).glob("*.parquet"))) == 5
    done = store.retain(BARS, by="ada", reason="room", keep_versions=1)
    assert (done.files_removed, len(list((tmp_path / BARS).glob("*.parquet")))) == (4, 1)
    assert done.bytes_freed > 0
    assert DeltaStore(tmp_path).content_hash(BARS) == content
    assert store.verify(BARS).sound


@given(
    st.lists(
        st.tuples(
            st.lists(st.integers(0, 11), min_size=1, max_size=8),
            st.sampled_from(("", "", "compact", "refresh")),
        ),
        min_size=1,
        max_size=5,
    )
)
@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_pages_in_any_order_overlap_and_layout_end_as_the_same_content(
    tmp_path_factory: pytest.TempPathFactory, pages: list[tuple[list[int], str]]
) -> None:
    whole = pl.concat([page(number, "x")[:4] for number in range(3)])
    plain, store = MemoryStore(), DeltaStore(tmp_path_factory.mktemp("store"))
    plain.append(BARS, whole, ingest_id="x")
    missing = sorted(set(range(12)) - {n for numbers, _ in pages for n in numbers})
    for number, (rows, then) in enumerate([*pages, (missing, "")]):
        store.append(BARS, whole[rows], ingest_id=f"{number}")
        if then:
            getattr(store, then)(BARS)
    assert store.content_hash(BARS) == plain.content_hash(BARS)
    assert store.read(BARS).equals(plain.read(BARS))
