"""The file provider: columns as mapped, faults by row, and no guess where two readings exist."""

from datetime import UTC, date, datetime
from pathlib import Path

import polars as pl
import pytest

from fondaco.adapters.providers.file import FileProvider
from fondaco.core.clock import FixedClock
from fondaco.core.errors import FondacoError, InvalidInput, NotFound, Unavailable
from fondaco.core.instrument import AssetClass
from fondaco.market.ports import Ask, Parsed, Raw

CLOCK = FixedClock(datetime(2026, 1, 2, 12, tzinfo=UTC))
GOOD = (
    "date,symbol,open,high,low,close,volume\n2024-01-02,AAA,9,11,8,10,100\n"
    "2024-01-03,AAA,10,12,9,11,200\n"
)


def _read(
    folder: Path,
    text: str | bytes,
    name: str = "prices.csv",
    ask: Ask | None = None,
    **options: str,
) -> Parsed:
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    provider = FileProvider(CLOCK)
    ask = Ask(
        since=ask and ask.since, until=ask and ask.until, options={"path": str(path)} | options
    )
    (raw,) = provider.ask(ask)
    return provider.parse(raw, ask)


def _closes(parsed: Parsed) -> list[tuple[date, float]]:
    return parsed.bars.sort("session").select("session", "close").rows()


def test_columns_of_our_names_need_no_mapping(tmp_path: Path) -> None:
    parsed = _read(tmp_path, GOOD)
    row = parsed.bars.sort("session").row(0, named=True)
    assert (row["open"], row["high"], row["low"], row["close"], row["volume"], row["factor"]) == (
        9.0,
        11.0,
        8.0,
        10.0,
        100.0,
        1.0,
    )
    assert (row["session"], row["known_at"], row["source"]) == (date(2024, 1, 2), None, "file")
    assert row["where"] == "prices.csv row 2"
    (who,) = parsed.instruments
    assert (who.symbol, who.venue, who.currency, who.asset_class) == (
        "AAA",
        "XNYS",
        "USD",
        AssetClass.EQUITY,
    )
    assert parsed.faults == ()


def test_a_mapping_names_the_columns_and_options_the_market(tmp_path: Path) -> None:
    text = "Day;x,Last Price\n20240102,10\n20240103,11\n".replace("Day;x", "Day")
    parsed = _read(
        tmp_path,
        text,
        mapping="date=Day,close=Last Price",
        symbol="infy",
        venue="XNSE",
        currency="INR",
        asset_class="etf",
    )
    (who,) = parsed.instruments
    assert (who.symbol, who.venue, who.currency, who.asset_class.value) == (
        "INFY",
        "XNSE",
        "INR",
        "etf",
    )
    assert _closes(parsed) == [(date(2024, 1, 2), 10.0), (date(2024, 1, 3), 11.0)]
    assert parsed.bars["open"].null_count() == 2


def test_parquet_is_read_by_its_content(tmp_path: Path) -> None:
    frame = pl.read_csv(GOOD.encode(), try_parse_dates=True)
    path = tmp_path / "x.parquet"
    frame.with_columns(pl.col("date").cast(pl.Datetime("ns"))).write_parquet(path)
    parsed = _read(tmp_path, path.read_bytes(), name="prices.bin")
    assert _closes(parsed) == [(date(2024, 1, 2), 10.0), (date(2024, 1, 3), 11.0)]
    assert parsed.bars["where"].sort().to_list() == ["prices.bin row 1", "prices.bin row 2"]


@pytest.mark.parametrize(
    ("cell", "reason"),
    [("abc", "'abc'"), ("1,5", "column"), ("--", "--"), ("$10", "$10"), ("0x10", "0x10")],
)
def test_a_cell_that_is_no_number_is_a_fault_at_its_row(
    tmp_path: Path, cell: str, reason: str
) -> None:
    text = f'date,symbol,close\n2024-01-02,AAA,10\n2024-01-03,AAA,"{cell}"\n'
    parsed = _read(tmp_path, text)
    (fault,) = parsed.faults
    assert (fault.rule, fault.where, fault.session, fault.instrument) == (
        "unreadable",
        "prices.csv row 3",
        date(2024, 1, 3),
        "AAA",
    )
    assert cell in fault.reason
    assert cell in fault.row
    assert len(parsed.bars) == 1
    assert reason.strip("'") in fault.reason


def test_empty_and_not_a_number_cells_are_left_to_the_quality_gate(tmp_path: Path) -> None:
    text = "date,symbol,close\n2024-01-02,AAA,\n2024-01-03,AAA,NaN\n2024-01-04,AAA,1e999\n"
    parsed = _read(tmp_path, text)
    closes = parsed.bars.sort("session")["close"].to_list()
    assert parsed.faults == ()
    assert closes[0] is None
    assert closes[1] != closes[1]
    assert closes[2] == float("inf")


@pytest.mark.parametrize("symbol", ["", "A A", "аррӏ", "=HYPERLINK(1)", "A" * 33, "<B>"])
def test_a_symbol_that_is_none_is_a_fault(tmp_path: Path, symbol: str) -> None:
    parsed = _read(tmp_path, f"date,symbol,close\n2024-01-02,{symbol},10\n2024-01-02,BBB,1\n")
    (fault,) = parsed.faults
    assert "is no symbol" in fault.reason
    assert [i.symbol for i in parsed.instruments] == ["BBB"]


def test_symbols_are_trimmed_and_written_large(tmp_path: Path) -> None:
    parsed = _read(tmp_path, "date,symbol,close\n2024-01-02, aaa ,10\n")
    assert [i.symbol for i in parsed.instruments] == ["AAA"]


@pytest.mark.parametrize(
    "day",
    [
        "2024-01-02",
        "20240102",
        "2024-01-02T00:00:00",
        "2024-01-02 00:00:00",
        "2024-01-02T00:00:00Z",
        "2024-01-02 00:00:00+00:00",
    ],
)
def test_a_date_may_be_written_in_any_plain_way(tmp_path: Path, day: str) -> None:
    parsed = _read(tmp_path, f"date,symbol,close\n{day},AAA,10\n")
    assert _closes(parsed) == [(date(2024, 1, 2), 10.0)]


def test_a_time_with_an_offset_is_the_date_at_the_venue(tmp_path: Path) -> None:
    text = "date,symbol,close\n2024-01-03T01:30:00Z,AAA,10\n2024-01-03T16:00:00-05:00,AAA,11\n"
    assert _closes(_read(tmp_path, text)) == [(date(2024, 1, 2), 10.0), (date(2024, 1, 3), 11.0)]
    india = _closes(_read(tmp_path, text, venue="XNSE"))
    assert [day for day, _ in india] == [date(2024, 1, 3), date(2024, 1, 4)]
    frame = pl.DataFrame(
        {"date": [datetime(2024, 1, 3, 1, 30, tzinfo=UTC)], "symbol": ["AAA"], "close": [10.0]}
    )
    frame.write_parquet(tmp_path / "t.parquet")
    assert _closes(_read(tmp_path, (tmp_path / "t.parquet").read_bytes())) == [
        (date(2024, 1, 2), 10.0)
    ]


@pytest.mark.parametrize(
    "text",
    [
        "date,symbol,close\n2024-01-02,AAA,10\n2024-01-03 16:00:00,AAA,11\n",
        "date,symbol,close\n2024-01-03T16:00,AAA,11\n",
    ],
)
def test_a_time_without_an_offset_is_refused_with_its_place(tmp_path: Path, text: str) -> None:
    with pytest.raises(InvalidInput, match="without an offset") as caught:
        _read(tmp_path, text)
    assert "2024-01-03" in caught.value.message
    assert "prices.csv row" in caught.value.message


def test_a_typed_time_without_an_offset_is_refused(tmp_path: Path) -> None:
    naive = pl.Series("date", [datetime(2024, 1, 2, 16, tzinfo=UTC)]).dt.replace_time_zone(None)
    frame = pl.DataFrame({"date": naive, "symbol": ["A"], "close": [1.0]})
    frame.write_parquet(tmp_path / "t.parquet")
    with pytest.raises(InvalidInput, match="without an offset"):
        _read(tmp_path, (tmp_path / "t.parquet").read_bytes())


def test_an_ambiguous_date_needs_its_format(tmp_path: Path) -> None:
    text = "date,symbol,close\n01/02/2024,AAA,10\n02/01/2024,AAA,11\n"
    with pytest.raises(InvalidInput, match="is a date") as caught:
        _read(tmp_path, text)
    assert "date_format" in caught.value.message
    months_first = _closes(_read(tmp_path, text, date_format="%m/%d/%Y"))
    assert [day for day, _ in months_first] == [date(2024, 1, 2), date(2024, 2, 1)]


def test_a_date_that_is_none_among_good_ones_is_a_fault(tmp_path: Path) -> None:
    parsed = _read(tmp_path, "date,symbol,close\n2024-02-30,AAA,10\n2024-01-03,AAA,11\n,AAA,1\n")
    assert [f.where for f in parsed.faults] == ["prices.csv row 2", "prices.csv row 4"]
    assert len(parsed.bars) == 1


def test_a_known_time_is_taken_as_written_and_a_date_means_its_end(tmp_path: Path) -> None:
    text = (
        "date,symbol,close,seen\n2024-01-02,AAA,10,2024-01-02T23:15:00+01:00\n"
        "2024-01-03,AAA,11,2024-01-05\n2024-01-04,AAA,12,20240108\n"
    )
    parsed = _read(tmp_path, text, mapping="known_at=seen")
    assert parsed.bars.sort("session")["known_at"].to_list() == [
        datetime(2024, 1, 2, 22, 15, tzinfo=UTC),
        datetime(2024, 1, 6, tzinfo=UTC),
        datetime(2024, 1, 9, tzinfo=UTC),
    ]
    with pytest.raises(InvalidInput, match="without an offset"):
        _read(tmp_path, text.replace("+01:00", ""), mapping="known_at=seen")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (b"", "0 bytes"),
        (b"\n \n", "the file is empty"),
        (b"date,symbol,close\n", "no rows"),
        (b"day,ticker,price\n2024-01-02,AAA,1\n", "no column for date and close and symbol"),
        (b"date,symbol,price\n2024-01-02,AAA,1\n", "no column for close"),
        (b"PAR1 but not parquet", "cannot be read as Parquet"),
        (b'date,symbol,close\n2024-01-02,AAA,1,2,3\n2024,"', "cannot be read as CSV"),
        (b"\x00\x01binary", "binary"),
        (b"when,symbol,close\nsoon,AAA,1\n", "no column for date"),
    ],
)
def test_a_file_that_is_wrong_as_a_whole_is_refused(
    tmp_path: Path, text: bytes, message: str
) -> None:
    with pytest.raises(InvalidInput) as caught:
        _read(tmp_path, text)
    assert message in caught.value.message
    assert "prices.csv" in caught.value.message or "column" in caught.value.message


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"mapping": "close"}, "cannot be read"),
        ({"mapping": "price=close"}, "cannot be read"),
        ({"mapping": "close=a,close=b"}, "cannot be read"),
        ({"mapping": "close=Missing"}, "does not have"),
        ({"colour": "red"}, "no such option"),
        ({"asset_class": "house"}, "no such asset class"),
        ({"zone": "Mars/Olympus"}, "no such time zone"),
        ({"path": ""}, "needs a path"),
        ({"mapping": "factor=open,next_factor=high"}, "more than one place"),
    ],
)
def test_wrong_options_are_refused(tmp_path: Path, options: dict[str, str], message: str) -> None:
    with pytest.raises(InvalidInput, match=message):
        _read(tmp_path, GOOD, **options)


def _denied(path: Path) -> bytes:
    raise PermissionError(13, f"denied: {path}")


def test_a_path_that_is_no_readable_file_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    provider = FileProvider(CLOCK)
    with pytest.raises(NotFound, match="no such file"):
        provider.ask(Ask(options={"path": str(tmp_path / "missing.csv")}))
    with pytest.raises(InvalidInput, match="not a file"):
        provider.ask(Ask(options={"path": str(tmp_path)}))
    (tmp_path / "x.csv").write_text(GOOD)
    monkeypatch.setattr("fondaco.adapters.providers.file.UPLOAD_BYTES_MAX", 10)
    with pytest.raises(InvalidInput, match="too large"):
        provider.ask(Ask(options={"path": str(tmp_path / "x.csv")}))
    monkeypatch.undo()
    monkeypatch.setattr(Path, "read_bytes", _denied)
    with pytest.raises(Unavailable, match="cannot be read"):
        provider.ask(Ask(options={"path": str(tmp_path / "x.csv")}))


def test_a_raw_answer_of_another_provider_is_refused() -> None:
    raw = Raw("yahoo", "AAA", b"{}", CLOCK.now(), "0" * 64)
    with pytest.raises(InvalidInput, match="not one of the file provider"):
        FileProvider(CLOCK).parse(raw, Ask(options={"path": "x"}))


def test_typed_times_are_read_as_they_are(tmp_path: Path) -> None:
    moments = [datetime(2024, 1, 2, 22, 15, tzinfo=UTC), datetime(2024, 1, 3, 23, 0, tzinfo=UTC)]
    frame = pl.DataFrame(
        {"date": moments, "symbol": ["A", "A"], "close": [1.0, 2.0], "known_at": moments}
    )
    frame.write_parquet(tmp_path / "t.parquet")
    parsed = _read(tmp_path, (tmp_path / "t.parquet").read_bytes())
    assert parsed.bars.sort("session")["known_at"].to_list() == moments
    mixed = pl.Series("date", [datetime(2024, 1, 2, tzinfo=UTC), moments[1]])
    frame.with_columns(mixed.dt.replace_time_zone(None)).write_parquet(tmp_path / "n.parquet")
    with pytest.raises(InvalidInput, match="without an offset"):
        _read(tmp_path, (tmp_path / "n.parquet").read_bytes())


def test_a_row_whose_known_time_cannot_be_read_is_a_fault(tmp_path: Path) -> None:
    text = (
        "date,symbol,close,known_at\n2024-01-02,A,1,soon\n2024-01-03,A,1,\n"
        "2024-01-04,A,1,20240105\n"
    )
    parsed = _read(tmp_path, text)
    assert [f.where for f in parsed.faults] == ["prices.csv row 2", "prices.csv row 3"]
    assert len(parsed.bars) == 1


def test_a_mix_of_midnights_and_times_with_offsets_is_read_as_times(tmp_path: Path) -> None:
    text = "date,symbol,close\n2024-01-03T00:00:00Z,A,1\n2024-01-03T15:00:00Z,A,2\n"
    days = [day for day, _ in _closes(_read(tmp_path, text))]
    assert days == [date(2024, 1, 2), date(2024, 1, 3)]


def _factors(parsed: Parsed) -> list[float]:
    return parsed.bars.sort("session")["factor"].to_list()


def test_a_factor_column_is_that_of_its_row_or_of_the_next(tmp_path: Path) -> None:
    text = "date,symbol,close,f\n2024-01-02,A,10,\n2024-01-03,A,5,0.5\n2024-01-04,A,5,1\n"
    assert _factors(_read(tmp_path, text, mapping="factor=f")) == [1.0, 0.5, 1.0]
    assert _factors(_read(tmp_path, text, mapping="next_factor=f")) == [1.0, 1.0, 0.5]


def test_a_factors_file_may_be_cumulative_up_to_a_date(tmp_path: Path) -> None:
    # Lean's form: prices up to and with the row's date are multiplied by both factors.
    (tmp_path / "f.csv").write_text(
        "symbol,date,price_factor,split_factor\nA,20240102,0.9,0.25\nA,20240103,0.9,0.5\n"
        "A,20501231,1,1\n"
    )
    text = "date,symbol,close\n" + "".join(
        f"2024-01-0{d},A,{c}\n" for d, c in ((2, 40), (3, 20), (4, 9), (5, 9))
    )
    parsed = _read(tmp_path, text, factors=str(tmp_path / "f.csv"))
    assert _factors(parsed) == pytest.approx([1.0, 0.5, 0.45, 1.0])


def test_a_factors_file_may_name_single_events(tmp_path: Path) -> None:
    (tmp_path / "f.csv").write_text("ticker,when,ratio\na,2024-01-03,0.5\n")
    text = "date,symbol,close\n2024-01-02,A,10\n2024-01-03,A,5\n2024-01-03,B,5\n"
    parsed = _read(
        tmp_path,
        text,
        factors=str(tmp_path / "f.csv"),
        factors_mapping="symbol=ticker,date=when,factor=ratio",
    )
    found = parsed.bars.join(
        pl.DataFrame(
            {
                "instrument": [i.id for i in parsed.instruments],
                "symbol": [i.symbol for i in parsed.instruments],
            }
        ),
        on="instrument",
    )
    assert found.sort("symbol", "session").select("symbol", "factor").rows() == [
        ("A", 1.0),
        ("A", 0.5),
        ("B", 1.0),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "symbol,date,factor\nA,2024-01-03,0\n",
        "symbol,date,factor\nA,2024-01-03,x\n",
        "symbol,date,factor\nA,2024-01-03,1\nA,never,1\n",
        "symbol,date,other\nA,2024-01-03,1\n",
        "symbol,date,factor,price_factor\nA,2024-01-03,1,1\n",
    ],
)
def test_a_factors_file_with_a_wrong_row_is_refused_whole(tmp_path: Path, text: str) -> None:
    (tmp_path / "f.csv").write_text(text)
    with pytest.raises(InvalidInput, match="factors file"):
        _read(tmp_path, GOOD, factors=str(tmp_path / "f.csv"))


NAMES = (
    "file_symbol,date,mapped_symbol\nFB.1,20240102,fb\nFB.1,20240103,fb\n"
    "FB,20240105,fb\nFB,20501231,fb\nNEW,20240102,old\nNEW,20240103,old\nNEW,20501231,new\n"
)


def test_a_names_file_tells_a_reused_ticker_and_a_renamed_one_apart(tmp_path: Path) -> None:
    (tmp_path / "n.csv").write_text(NAMES)
    text = "date,symbol,close\n" + "".join(
        f"2024-01-0{d},{s},{c}\n"
        for d, s, c in (
            (2, "FB", 10),
            (3, "FB", 11),
            (4, "FB", 12),
            (5, "FB", 40),
            (3, "OLD", 1),
            (4, "NEW", 2),
        )
    )
    parsed = _read(tmp_path, text, names=str(tmp_path / "n.csv"))
    by_id = {i.id: i for i in parsed.instruments}
    closes = {
        (min(s.start for s in by_id[i].symbols), by_id[i].symbol): rows["close"].to_list()
        for (i,), rows in parsed.bars.sort("session").group_by("instrument")
    }
    assert closes == {
        (date(2024, 1, 2), "FB"): [10.0, 11.0],
        (date(2024, 1, 5), "FB"): [40.0],
        (date(2024, 1, 2), "NEW"): [1.0, 2.0],
    }
    (fault,) = parsed.faults
    assert (fault.rule, fault.session, fault.instrument) == ("symbol", date(2024, 1, 4), "FB")
    renamed = next(i for i in parsed.instruments if i.symbol == "NEW")
    assert [(s.symbol, s.start, s.end) for s in renamed.symbols] == [
        ("OLD", date(2024, 1, 2), date(2024, 1, 3)),
        ("NEW", date(2024, 1, 4), None),
    ]


@pytest.mark.parametrize(
    "text", ["a,b\n1,2\n", "file_symbol,date,mapped_symbol\nA,20240101,a\nA,,a\n"]
)
def test_a_names_file_that_is_wrong_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "n.csv").write_text(text)
    with pytest.raises(InvalidInput, match="names file"):
        _read(tmp_path, GOOD, names=str(tmp_path / "n.csv"))


def test_a_sectors_file_gives_sector_and_name(tmp_path: Path) -> None:
    (tmp_path / "s.csv").write_text("Symbol,Security,GICS Sector\naaa,Triple A,Energy\n")
    parsed = _read(
        tmp_path,
        GOOD,
        sectors=str(tmp_path / "s.csv"),
        sectors_mapping="sector=GICS Sector,name=Security",
    )
    assert [(i.sector, i.name) for i in parsed.instruments] == [("Energy", "Triple A")]


def test_a_span_can_be_asked_for_and_keeps_the_factor_of_its_first_day(tmp_path: Path) -> None:
    text = "date,symbol,close,f\n2024-01-02,A,10,0.5\n2024-01-03,A,5,1\n2024-01-04,A,5,1\n"
    parsed = _read(
        tmp_path,
        text,
        mapping="next_factor=f",
        ask=Ask(since=date(2024, 1, 3), until=date(2024, 1, 3)),
    )
    assert parsed.bars.select("session", "factor").rows() == [(date(2024, 1, 3), 0.5)]


def test_the_same_files_always_give_the_same_raw_answer(tmp_path: Path) -> None:
    (tmp_path / "p.csv").write_text(GOOD)
    (tmp_path / "f.csv").write_text("symbol,date,factor\nA,2024-01-03,1\n")
    ask = Ask(options={"path": str(tmp_path / "p.csv"), "factors": str(tmp_path / "f.csv")})
    first, second = FileProvider(CLOCK).ask(ask)[0], FileProvider(CLOCK).ask(ask)[0]
    assert first == second
    assert first.name == "p.csv + f.csv"
    assert GOOD.encode() in first.body


def test_every_error_names_a_remedy_or_a_bound(tmp_path: Path) -> None:
    for text in (b"", b"date,symbol\n2024-01-02,A\n"):
        with pytest.raises(FondacoError) as caught:
            _read(tmp_path, text)
        assert caught.value.remedy
        assert caught.value.bound
