"""Files of any kind: how columns, words, days, times and tables of other shapes are read."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fondaco.adapters.providers.file import FileProvider
from fondaco.adapters.providers.file_options import Times
from fondaco.adapters.providers.file_spans import as_revisions
from fondaco.adapters.providers.file_times import at_hour
from fondaco.core.errors import InvalidInput
from fondaco.market.ports import Ask
from fondaco.market.tables import UTC_TIME

from .test_file_layouts import CLOCK, at, read, rows_of

TRADES = "symbol,ts,price,size\nA,2024-07-01T14:30:00Z,10,5\n"


def _prices(folder: Path, text: str, **options: str) -> list[object]:
    return rows_of(read(folder, text, kind="trades", **options))["price"].to_list()


@pytest.mark.parametrize(
    ("mapping", "price"),
    [
        ("price='7.5'", 7.5),
        ("price=price/1000", 0.01),
        ("price=price*0.5", 5.0),
        ("price={price}5", 105.0),
        ("price=price / 4", 2.5),
    ],
)
def test_a_mapping_may_be_a_constant_a_template_or_a_scaled_column(
    tmp_path: Path, mapping: str, price: float
) -> None:
    assert _prices(tmp_path, TRADES, mapping=mapping) == [price]


def test_a_column_whose_name_looks_like_a_scaling_is_itself(tmp_path: Path) -> None:
    text = "symbol,ts,price,size,price/4\nA,2024-07-01T14:30:00Z,10,5,3\n"
    assert _prices(tmp_path, text, mapping="price=price/4") == [3.0]


def test_a_constant_may_hold_a_comma_and_an_empty_one_leaves_the_cell_empty(
    tmp_path: Path,
) -> None:
    parsed = read(
        tmp_path, TRADES, kind="trades", mapping="exchange='N, Y',conditions='',size='0.5'"
    )
    row = rows_of(parsed).row(0, named=True)
    assert (row["exchange"], row["conditions"], row["size"]) == ("N, Y", None, 0.5)


@pytest.mark.parametrize(
    ("column", "cell", "meant"),
    [("price", "ten", "number"), ("ts", "soon", "moment"), ("size", "1_0", "number")],
)
def test_a_cell_that_cannot_be_read_is_a_fault_at_its_row(
    tmp_path: Path, column: str, cell: str, meant: str
) -> None:
    names = ["symbol", "ts", "price", "size"]
    wrong = ["B", "2024-07-01T14:31:00Z", "10", "5"]
    wrong[names.index(column)] = cell
    parsed = read(tmp_path, TRADES + ",".join(wrong) + "\n", kind="trades")
    (fault,) = parsed.faults
    assert (fault.rule, fault.where, fault.kind) == ("unreadable", "x.csv row 3", "trades")
    assert fault.reason == f"{cell} in column {column} is no {meant}"
    assert cell in fault.row
    assert rows_of(parsed).height == 1
    assert [i.symbol for i in parsed.instruments] == ["A"]


def test_a_scaled_cell_that_is_no_number_is_shown_as_it_came(tmp_path: Path) -> None:
    text = TRADES + "A,2024-07-01T14:31:00Z,x9,5\n"
    (fault,) = read(tmp_path, text, kind="trades", mapping="price=price/10").faults
    assert fault.reason == "x9 in column price/10 is no number"


def test_whole_numbers_flags_and_words_are_read_by_their_column(tmp_path: Path) -> None:
    text = (
        "symbol,ts,open,high,low,close,trades,done\nA,2024-07-01T14:30:00Z,1,1,1,1,7.0,no\n"
        "A,2024-07-01T14:31:00Z,1,1,1,1,7.5,yes\nA,2024-07-01T14:32:00Z,1,1,1,1,8,maybe\n"
    )
    parsed = read(tmp_path, text, kind="bars_intraday", seconds="60", mapping="final=done")
    row = rows_of(parsed).row(0, named=True)
    assert (row["trades"], row["final"], row["seconds"]) == (7, False, 60)
    assert [f.reason for f in parsed.faults] == [
        "7.5 in column trades is no whole number",
        "maybe in column done is no yes or no",
    ]


def test_a_time_without_an_offset_needs_a_named_zone(tmp_path: Path) -> None:
    text = "symbol,ts,price,size\nA,2024-07-01 09:30:00,10,5\n"
    with pytest.raises(InvalidInput, match="without an offset") as caught:
        read(tmp_path, text, kind="trades")
    assert "x.csv row 2" in caught.value.message
    assert "zone=" in str(caught.value.remedy)
    rows = rows_of(read(tmp_path, text, kind="trades", zone="Asia/Kolkata"))
    assert rows["ts"].to_list() == [at("2024-07-01T04:00")]


def test_an_hour_that_the_clock_shows_twice_or_never_is_a_fault(tmp_path: Path) -> None:
    text = (
        "symbol,ts,price,size\nA,2024-11-03 01:30:00,1,5\nA,2024-03-10 02:30:00,2,5\n"
        "A,2024-03-10 03:30:00,3,5\n"
    )
    parsed = read(tmp_path, text, kind="trades", zone="America/New_York")
    assert rows_of(parsed)["price"].to_list() == [3.0]
    assert [f.where for f in parsed.faults] == ["x.csv row 2", "x.csv row 3"]


@pytest.mark.parametrize(
    ("cell", "written"),
    [
        ("2024-07-01T14:30:00Z", ""),
        ("2024-07-01 10:30:00-04:00", ""),
        ("2024-07-01T14:30Z", ""),
        ("1719844200", "epoch"),
        ("1719844200000", "epoch_ms"),
        ("07/01/2024 14:30", "%d.%m.%Y %H:%M|%m/%d/%Y %H:%M"),
        ("01.07.2024 14:30", "%d.%m.%Y %H:%M|%m/%d/%Y %H:%M"),
        ("2024-07-01 10:30:00 -0400", "%Y-%m-%d %H:%M:%S %z"),
    ],
)
def test_a_moment_may_be_written_in_many_ways(tmp_path: Path, cell: str, written: str) -> None:
    text = f"symbol,ts,price,size\nA,{cell},10,5\n"
    options = {"date_format": written} if written else {}
    rows = rows_of(read(tmp_path, text, kind="trades", zone="UTC", **options))
    assert rows["ts"].to_list() == [at("2024-07-01T14:30")]


def test_a_bar_stamped_by_its_open_ends_its_length_later(tmp_path: Path) -> None:
    text = "symbol,ts,open,high,low,close\nA,2024-07-01T14:30:00Z,1,1,1,1\n"
    rows = rows_of(read(tmp_path, text, kind="bars_intraday", stamp="open", seconds="300"))
    assert rows.select("ts", "known_at", "seconds").rows() == [
        (at("2024-07-01T14:35"), at("2024-07-01T14:35"), 300)
    ]
    with pytest.raises(InvalidInput, match="its length must be told"):
        read(tmp_path, text, kind="bars_intraday", stamp="open")


def test_trades_of_one_moment_are_told_apart_by_their_place(tmp_path: Path) -> None:
    text = TRADES + "A,2024-07-01T14:30:00Z,11,5\nA,2024-07-01T14:30:01Z,12,5\n"
    assert rows_of(read(tmp_path, text, kind="trades"))["trade"].to_list() == ["1", "2", "1"]


MACRO = "date,value,series\n2020-01-01,5,UNRATE\n2020-02-01,6,UNRATE\n"


def test_the_newest_vintage_is_known_when_it_is_read_and_a_named_one_from_its_day(
    tmp_path: Path,
) -> None:
    newest = rows_of(read(tmp_path, MACRO, kind="macro"))
    assert newest["known_at"].to_list() == [None, None]
    assert newest["vintage"].to_list() == [False, False]
    named = rows_of(read(tmp_path, MACRO, kind="macro", vintage="2020-03-31"))
    assert named["known_at"].to_list() == [at("2020-04-01T04:00")] * 2
    assert named["vintage"].to_list() == [True, True]


def test_facts_are_joined_from_a_table_about_the_rows(tmp_path: Path) -> None:
    (tmp_path / "about.csv").write_text("id,freq,unit\nUNRATE,M,Percent\n")
    rows = rows_of(
        read(
            tmp_path,
            MACRO,
            kind="macro",
            about=str(tmp_path / "about.csv"),
            about_mapping="series=id,frequency=freq,unit=unit",
        )
    )
    assert rows.select("ts", "frequency", "unit").rows() == [
        (at("2020-02-01T05:00"), "M", "Percent"),
        (at("2020-03-01T05:00"), "M", "Percent"),
    ]
    with pytest.raises(InvalidInput, match="what it is joined by"):
        read(tmp_path, MACRO, kind="macro", about=str(tmp_path / "about.csv"))


def test_a_known_day_means_its_end_in_the_zone_of_the_file(tmp_path: Path) -> None:
    text = MACRO.replace("series\n", "series,seen\n").replace("UNRATE\n", "UNRATE,2020-04-02\n")
    rows = rows_of(read(tmp_path, text, kind="macro", mapping="known_at=seen"))
    assert rows["known_at"].to_list() == [at("2020-04-03T04:00")] * 2


def test_a_wide_table_gives_a_row_per_cell_and_none_for_an_empty_one(tmp_path: Path) -> None:
    text = "day,3M,10 Yr,30 Years,1.5 Mo\n2024-01-02,5.4,,4.1,5.5\n"
    rows = rows_of(
        read(
            tmp_path,
            text,
            kind="yields",
            wide="tenor:percent",
            mapping="day=day,curve='X',rate='zero',currency='USD'",
        )
    )
    assert rows.select("tenor", "percent", "where").rows() == [
        (0.25, 5.4, "x.csv row 2 column 3M"),
        (30.0, 4.1, "x.csv row 2 column 30 Years"),
        (0.125, 5.5, "x.csv row 2 column 1.5 Mo"),
    ]


def test_a_heading_that_is_no_tenor_is_a_fault(tmp_path: Path) -> None:
    text = "day,3M,note\n2024-01-02,5.4,7\n"
    parsed = read(
        tmp_path,
        text,
        kind="yields",
        wide="tenor:percent",
        mapping="day=day,curve='X',rate='zero',currency='USD'",
    )
    assert [f.reason for f in parsed.faults] == ["note in column tenor is no number"]
    assert rows_of(parsed).height == 1


def test_words_are_translated_only_where_the_kind_has_a_list(tmp_path: Path) -> None:
    text = "symbol,date,expiry,strike,right,root\nC,2024-01-02,2024-02-16,100,C,C\n"
    rows = rows_of(read(tmp_path, text, kind="chains", words="C=call,P=put", at="16:00"))
    assert rows.select("right", "root").rows() == [("call", "C")]


def test_columns_that_a_kind_needs_are_asked_for_by_name(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="no column for expiry and strike and right") as caught:
        read(tmp_path, "symbol,date\nA,2024-01-02\n", kind="chains")
    assert "expiry=COLUMN" in str(caught.value.remedy)
    with pytest.raises(InvalidInput, match="no column for symbol and ts"):
        read(tmp_path, "price,size\n1,2\n", kind="trades")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"kind": "weather"}, "cannot hold this kind"),
        ({"wide": "symbol"}, "needs two names"),
        ({"extract": "symbol:(["}, "cannot be read"),
        ({"extract": "symbol:[A-Z]+"}, "names nothing"),
        ({"extract": "nothing:(?<a>x)"}, "no such column"),
        ({"items": "revenues=USD"}, "counted over"),
        ({"spans": "weird"}, "no such spans"),
        ({"vintage": "lately"}, "is no day"),
        ({"known": "never"}, "known at their own time"),
        ({"seconds": "0"}, "no such length"),
        ({"tick": "-1"}, "must be positive"),
        ({"multiplier": "many"}, "is no number"),
        ({"at": "25:00", "mapping": "date=ts,ts=''"}, "no such hour|is no moment|no date"),
        ({"empty": "volume"}, "is not mapped"),
        ({"words": "C"}, "cannot be read"),
    ],
)
def test_options_that_make_no_sense_are_refused(
    tmp_path: Path, options: dict[str, str], message: str
) -> None:
    kind = options.pop("kind", "trades") if "kind" in options else "trades"
    if "at" in options:
        text, options = "symbol,date,price,size\nA,2024-01-02,1,1\n", {"at": "25:00"}
    else:
        text = TRADES
    with pytest.raises(InvalidInput, match=message):
        read(tmp_path, text, kind=kind, **options)


def test_tabs_and_gzip_are_read_and_a_broken_pack_is_refused(tmp_path: Path) -> None:
    import gzip

    packed = gzip.compress(TRADES.replace(",", "\t").encode())
    provider = FileProvider(CLOCK)
    path = tmp_path / "t.tsv.gz"
    path.write_bytes(packed)
    ask = Ask(kind="trades", options={"path": str(path)})
    parsed = provider.parse(provider.ask(ask)[0], ask)
    assert rows_of(parsed)["where"].to_list() == ["t.tsv row 2"]
    path.write_bytes(packed[:-9])
    with pytest.raises(InvalidInput, match="not whole"):
        provider.parse(provider.ask(ask)[0], ask)


def test_a_span_of_days_can_be_asked_for_of_any_kind(tmp_path: Path) -> None:
    path = tmp_path / "m.csv"
    path.write_text(MACRO)
    ask = Ask(kind="macro", since=date(2020, 2, 1), options={"path": str(path)})
    provider = FileProvider(CLOCK)
    rows = rows_of(provider.parse(provider.ask(ask)[0], ask))
    assert rows["period"].to_list() == [date(2020, 2, 1)]


def test_rows_of_some_symbols_or_series_can_be_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    provider = FileProvider(CLOCK)
    for kind, text, of, want in (
        ("trades", TRADES + "B,2024-07-01T14:30:00Z,11,5\n", "price", [11.0]),
        ("macro", MACRO + "2020-03-01,7,GDP\n", "value", [7.0]),
        ("bars_1d", "date,symbol,close\n2024-01-02,A,1\n2024-01-02,B,2\n", "close", [2.0]),
    ):
        path.write_text(text)
        symbols = ("GDP",) if kind == "macro" else ("b",)
        ask = Ask(kind=kind, symbols=symbols, options={"path": str(path)})
        parsed = provider.parse(provider.ask(ask)[0], ask)
        assert rows_of(parsed)[of].to_list() == want
        assert [i.symbol for i in parsed.instruments] == ([] if kind == "macro" else ["B"])


def test_one_symbol_that_is_asked_for_names_a_file_without_a_column_of_them(
    tmp_path: Path,
) -> None:
    path = tmp_path / "x.csv"
    path.write_text("ts,price,size\n2024-07-01T14:30:00Z,10,5\n")
    ask = Ask(kind="trades", symbols=("aaa",), options={"path": str(path)})
    provider = FileProvider(CLOCK)
    (who,) = provider.parse(provider.ask(ask)[0], ask).instruments
    assert who.symbol == "AAA"


DAYS = st.dates(date(1990, 1, 1), date(2035, 12, 31))


@given(day=DAYS, zone=st.sampled_from(["America/New_York", "Asia/Kolkata", "Europe/London"]))
def test_a_day_ends_where_the_next_one_starts_and_never_overlaps(day: date, zone: str) -> None:
    days = pl.Series([day, day + timedelta(days=1)])
    ends, starts = (at_hour(days, word, ZoneInfo(zone)).to_list() for word in ("end", "start"))
    assert ends[0] == starts[1]
    assert starts[0] < ends[0]
    assert starts[0].astimezone(ZoneInfo(zone)).date() == day


@given(start=DAYS, length=st.integers(1, 5_000), after=st.booleans(), seen=DAYS)
def test_no_span_tells_its_end_before_it_came(
    start: date, length: int, after: bool, seen: date
) -> None:
    end = start + timedelta(days=length)
    rows = pl.DataFrame(
        {"start": [start], "end": [end], "known_at": [None]},
        schema={"start": pl.Date, "end": pl.Date, "known_at": UTC_TIME},
    )
    new_york = ZoneInfo("America/New_York")
    options = _Spans(Times((), new_york, True, 0, None, "", "", None), _Ends(after))
    told = as_revisions(rows, options)  # type: ignore[arg-type]
    moment = datetime(seen.year, seen.month, seen.day, 12, tzinfo=UTC)
    known = told.filter(pl.col("known_at") <= moment)
    assert (known.height > 0) == (seen >= start)
    assert bool(known["end"].drop_nulls().len()) == (seen >= end + timedelta(days=not after))


class _Ends:
    def __init__(self, after: bool) -> None:
        self.ends = "after" if after else "last"


class _Spans:
    def __init__(self, times: Times, shape: _Ends) -> None:
        self.times = times
        self.shape = shape
