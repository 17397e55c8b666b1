"""Reference data against files of others: adjustment, tickers through time, members of an index.

Adjusted prices are those of Lean's factor files (adjusted = raw x price factor x split factor, up
to and with the row's date), tickers those of its map files, members those of fja05680/sp500. Each
expectation is read from the file by the test itself.
"""

import csv
import hashlib
import os
from bisect import bisect_left
from datetime import UTC, date, datetime, time, timedelta
from itertools import count
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from fondaco.adapters.providers.file import FileProvider
from fondaco.adapters.stores.delta.store import DeltaStore
from fondaco.adapters.stores.raw.archive import FolderArchive
from fondaco.core.clock import FixedClock
from fondaco.core.errors import NotFound
from fondaco.core.ids import Ids
from fondaco.core.instrument import Instrument
from fondaco.market.book import SymbolBook
from fondaco.market.fakes import FixedCalendar, MemoryInstruments, MemoryStore
from fondaco.market.ingest import Ingestor
from fondaco.market.kind_rows import KindRows
from fondaco.market.kinds import kind_named
from fondaco.market.memberships import Memberships
from fondaco.market.ports import Ask
from fondaco.market.prices import Prices
from fondaco.market.tables import BARS, TABLES
from unit.market.rows import exchange, share

HERE = Path(__file__).parents[2].parent / "shared" / "data"
DATA = Path(os.environ.get("FONDACO_SHARED_DATA", HERE)) / "01_us_equities"
BARS_FILE = DATA / "lean_us_daily_unadjusted.parquet"
FACTORS = DATA / "lean_factor_files.csv"
MAPS = DATA / "lean_map_files.csv"
SPANS = DATA / "sp500_ticker_start_end.csv"
NOW = datetime(2026, 8, 1, 12, tzinfo=UTC)
CLOCK = FixedClock(NOW)

pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif(not BARS_FILE.exists(), reason=f"SKIPPED: {BARS_FILE} is not there"),
]

Level = tuple[date, float, float, float]


def _day(text: str) -> date:
    return datetime.strptime(text, "%Y%m%d").replace(tzinfo=UTC).date()


def _levels() -> dict[str, list[Level]]:
    """Return by file symbol the last day of each level, its price and split factor and close."""
    found: dict[str, list[Level]] = {}
    with FACTORS.open() as file:
        for row in csv.DictReader(file):
            price, split, close = (
                float(row[name]) for name in ("price_factor", "split_factor", "reference_price")
            )
            found.setdefault(row["symbol"], []).append((_day(row["date"]), price, split, close))
    return found


def _spans() -> dict[str, list[tuple[str, date, date]]]:
    """Return by file symbol each ticker with its first and last day."""
    rows: dict[str, list[tuple[date, str]]] = {}
    with MAPS.open() as file:
        for row in csv.DictReader(file):
            rows.setdefault(row["file_symbol"], []).append(
                (_day(row["date"]), row["mapped_symbol"].upper())
            )
    found = {}
    for key, days in rows.items():
        starts = [days[0][0], *(last + timedelta(days=1) for last, _ in days)]
        found[key] = [
            (ticker, start, last) for start, (last, ticker) in zip(starts, days, strict=False)
        ]
    return found


def _priced() -> dict[str, pl.DataFrame]:
    """Return raw closes of every symbol that has both a factor file and daily prices."""
    bars = pl.read_parquet(BARS_FILE).with_columns(pl.col("date").cast(pl.Date))
    spans, found = _spans(), {}
    for key in _levels():
        parts = [
            bars.filter(
                (pl.col("symbol") == ticker) & pl.col("date").is_between(start, last)
            ).select(session="date", close="close")
            for ticker, start, last in spans.get(key, [])
        ]
        rows = pl.concat(parts) if parts else pl.DataFrame()
        if rows.height:
            found[key] = rows.unique("session").sort("session")
    return found


PRICED = _priced() if BARS_FILE.exists() else {}
LEVELS = _levels() if FACTORS.exists() else {}
NAMES = sorted(PRICED)


def _whole(key: str, days: list[date]) -> np.ndarray:
    """Return price x split factor on each day: of the first level that ends on it or later."""
    ends = [level[0] for level in LEVELS[key]]
    products = [price * split for _, price, split, _ in LEVELS[key]]
    return np.array([products[bisect_left(ends, day)] for day in days])


def _events(key: str, days: list[date]) -> list[tuple[date, str, float]]:
    """Return splits (factor) and dividends (cash) with their ex-dates, from the levels' steps."""
    found = []
    for one, after in zip(LEVELS[key], LEVELS[key][1:], strict=False):
        at = bisect_left(days, one[0] + timedelta(days=1))
        if at in (0, len(days)):
            continue
        split, price = one[2] / after[2], one[1] / after[1]
        if split != 1.0:
            found.append((days[at], "split", split))
        if price != 1.0:
            found.append((days[at], "dividend", one[3] * (1.0 - price)))
    return found


def _scene(
    key: str, *, factors: np.ndarray | None = None, told: list[dict[str, object]] | None = None
) -> tuple[Prices, Instrument]:
    who = share(key)
    rows = PRICED[key]
    closes = [datetime.combine(day, time(21), tzinfo=UTC) for day in rows["session"]]
    schema = TABLES[BARS].schema
    filled = rows.with_columns(
        pl.Series("ts", closes, dtype=schema["ts"]),
        pl.Series("known_at", closes, dtype=schema["ts"]),
        pl.Series("factor", factors if factors is not None else np.ones(rows.height)),
        instrument=pl.lit(who.id),
        source=pl.lit("file:lean"),
        ingest_id=pl.lit("1"),
    )
    store = MemoryStore()
    blank = [pl.lit(None).alias(name) for name in schema if name not in filled.columns]
    store.append(
        BARS,
        filled.with_columns(blank).select(list(schema)).cast(schema),  # type: ignore[arg-type]
        ingest_id="1",
    )
    if told:
        spec = kind_named("actions").table.schema
        stem = dict.fromkeys(spec) | {"instrument": who.id, "ingest_id": "1"}
        store.append(
            "actions", pl.DataFrame([stem | row for row in told], schema=spec), ingest_id="1"
        )
    return Prices(store, MemoryInstruments([who]), FixedCalendar), who


def _told(
    key: str, days: list[date], known: list[datetime] | None = None
) -> list[dict[str, object]]:
    rows: list[dict[str, object]] = []
    for n, (ex_date, action, size) in enumerate(_events(key, days)):
        ts = datetime.combine(ex_date, time(), tzinfo=UTC)
        rows.append(
            {
                "ts": ts, "known_at": ts if known is None else known[n], "ex_date": ex_date,
                "action": action, "source": "file:lean",
                "factor": size if action == "split" else None,
                "amount": size if action == "dividend" else None,
                "currency": "USD" if action == "dividend" else None,
            }
        )  # fmt: skip
    return rows


def test_there_is_something_to_compare() -> None:
    assert {"AAPL", "EEM", "FB", "AAA.1"} <= set(NAMES)
    assert sum(len(_events(key, PRICED[key]["session"].to_list())) for key in NAMES) > 60


@pytest.mark.parametrize("key", NAMES)
def test_factors_of_bars_adjust_as_the_factor_file_says(key: str) -> None:
    days = PRICED[key]["session"].to_list()
    whole = _whole(key, days)
    factors = np.concatenate([[1.0], whole[:-1] / whole[1:]])
    prices, who = _scene(key, factors=factors)
    panel = prices.panel((who.id,), as_of=NOW)
    expected = PRICED[key]["close"].to_numpy() * whole / whole[-1]
    np.testing.assert_allclose(panel.close[:, 0], expected, rtol=1e-9)


@pytest.mark.parametrize("key", NAMES)
def test_actions_adjust_as_the_factor_file_says_up_to_its_rounding(key: str) -> None:
    # A dividend is cash here, taken off the close before: Lean's reference price may differ from
    # that close by cents, and its factors have seven digits.
    days, close = PRICED[key]["session"].to_list(), PRICED[key]["close"].to_numpy()
    prices, who = _scene(key, told=_told(key, days))
    panel = prices.panel((who.id,), as_of=NOW)
    expected = close * _whole(key, days) / _whole(key, days)[-1]
    off = 1e-9
    for ex_date, action, size in _events(key, days):
        if action == "dividend":
            at = days.index(ex_date) - 1
            stated = next(level[3] for level in LEVELS[key] if days[at] <= level[0] < ex_date)
            off += abs(size / close[at] - size / stated) * 1.1
    assert off < 0.005, off
    np.testing.assert_allclose(panel.close[:, 0], expected, rtol=off)
    assert prices.actions(who.id, as_of=NOW)["why"].unique().to_list() in ([], [""])


@pytest.mark.parametrize("key", [name for name in NAMES if name in {"AAPL", "EEM", "TFCFA"}])
def test_on_fifty_days_history_is_adjusted_by_what_was_known_by_then(key: str) -> None:
    days, close = PRICED[key]["session"].to_list(), PRICED[key]["close"].to_numpy()
    events = _events(key, days)
    chance = np.random.default_rng(20260801)
    # Announced up to 40 days before the ex-date, or told up to 40 days late.
    known = [
        datetime.combine(ex_date, time(21), tzinfo=UTC)
        + timedelta(days=int(chance.integers(-40, 41)))
        for ex_date, _, _ in events
    ]
    prices, who = _scene(key, told=_told(key, days, known))
    changed = 0
    for at in chance.integers(1, len(days), 50):
        as_of = datetime.combine(days[at], time(21), tzinfo=UTC)
        expected = close[: at + 1].copy()
        for (ex_date, action, size), told_at in zip(events, known, strict=True):
            place = days.index(ex_date)
            if place <= at and told_at <= as_of:
                expected[:place] *= size if action == "split" else 1.0 - size / close[place - 1]
            changed += place <= at and told_at > as_of
        panel = prices.panel((who.id,), as_of=as_of)
        np.testing.assert_allclose(panel.close[:, 0], expected, rtol=1e-9)
    assert changed > 0  # some event was not known yet on some of the days


# --- tickers through time ---

MEANT = [
    ("FB", date(1999, 9, 29), "FB.1"),
    ("FB", date(2003, 3, 28), "FB.1"),
    ("FB", date(2003, 3, 29), None),
    ("FB", date(2012, 5, 17), None),
    ("FB", date(2012, 5, 18), "FB"),
    ("FB", date(2021, 1, 4), "FB"),
    ("AAA", date(2002, 5, 22), "AAA.1"),
    ("AAA", date(2007, 5, 18), "AAA.1"),
    ("AAA", date(2010, 1, 4), None),
    ("AAA", date(2020, 9, 9), "AAA"),
    ("BNO", date(2005, 1, 3), None),
    ("BNO", date(2010, 6, 2), "BNO"),
    ("GOOG", date(2004, 8, 19), "GOOGL"),
    ("GOOG", date(2014, 4, 2), "GOOGL"),
    ("GOOG", date(2014, 4, 3), "GOOG"),
    ("GOOGL", date(2014, 4, 2), None),
    ("GOOGL", date(2014, 4, 3), "GOOGL"),
    ("GOOCV", date(2014, 3, 27), "GOOG"),
    ("GOOCV", date(2014, 4, 3), None),
    ("GOOAV", date(2014, 4, 1), "GOOAV"),
    ("UW", date(1998, 7, 16), "WM"),
    ("WMI", date(1998, 7, 17), "WM"),
    ("WMI", date(2009, 8, 4), "WM"),
    ("WM", date(2009, 8, 4), None),
    ("WM", date(2009, 8, 5), "WM"),
    ("SPWR", date(2008, 9, 29), "SPWR"),
    ("SPWRA", date(2008, 9, 30), "SPWR"),
    ("SPWR", date(2010, 1, 4), None),
    ("SPWR", date(2011, 11, 17), "SPWR"),
    ("TWX", date(2001, 1, 11), "TWX.1"),
    ("TWX", date(2002, 1, 2), None),
    ("AOL", date(2002, 1, 2), "TWX"),
    ("TWX", date(2003, 10, 16), "TWX"),
    ("VXX", date(2019, 1, 29), "VXX.1"),
    ("VXXB", date(2019, 3, 1), "VXX"),
    ("VXX", date(2019, 5, 2), "VXX"),
    ("QQQ", date(2004, 11, 30), "QQQ"),
    ("QQQQ", date(2008, 1, 2), "QQQ"),
    ("QQQ", date(2011, 3, 23), "QQQ"),
    ("NB", date(1998, 9, 30), "BAC"),
    ("BAC", date(1998, 10, 1), "BAC"),
    ("NWSA", date(2013, 6, 28), "TFCFA"),
    ("FOXA", date(2013, 7, 1), "TFCFA"),
    ("GDVD", date(2021, 1, 21), None),
]
"""What each ticker meant, by the map file's own names; None where it meant nothing there."""


class Desk:
    """A desk on disk that reads files."""

    def __init__(self, folder: Path) -> None:
        numbers = count()
        self.store = DeltaStore(folder / "market")
        self.book = SymbolBook(self.store)
        self.ingestor = Ingestor(
            self.store,
            FolderArchive(folder / "raw"),
            self.book,
            exchange(),
            {"file": lambda: FileProvider(CLOCK)},
            CLOCK,
            Ids(CLOCK, lambda n: hashlib.shake_256(str(next(numbers)).encode()).digest(n)),
        )


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> SymbolBook:
    """The book of a desk that took the map file in, with a row for each of its instruments."""
    folder = tmp_path_factory.mktemp("tickers")
    first = [dated[0] for dated in _spans().values()]
    rows = [(start, ticker, 10.0) for ticker, start, _ in first]
    few = pl.DataFrame(rows, schema=["date", "symbol", "close"], orient="row")
    few.write_csv(folder / "few.csv")
    desk = Desk(folder)
    desk.ingestor.ingest("file", Ask(options={"path": str(folder / "few.csv"), "names": str(MAPS)}))
    return desk.book


@pytest.mark.parametrize(("symbol", "day", "meant"), MEANT)
def test_a_ticker_is_the_instrument_that_the_map_file_names(
    book: SymbolBook, symbol: str, day: date, meant: str | None
) -> None:
    if meant is None:
        with pytest.raises(NotFound):
            book.by_symbol(symbol, day)
        return
    spans = [(ticker, start) for ticker, start, _ in _spans()[meant]]
    found = book.by_symbol(symbol, day)
    assert (found.symbols[0].symbol, found.symbols[0].start) == spans[0]


def test_every_day_of_every_ticker_of_the_map_file_is_one_instrument(book: SymbolBook) -> None:
    spans = _spans()
    ids: dict[str, set[str]] = {key: set() for key in spans}
    for key, dated in spans.items():
        for ticker, start, last in dated:
            for day in {start, min(last, date(2050, 1, 1))} if last >= start else set():
                ids[key].add(book.by_symbol(ticker, day).id)
    assert all(len(found) == 1 for found in ids.values())
    assert len(set().union(*ids.values())) == len(spans)


# --- members of an index ---


def _listed() -> list[tuple[str, date, date | None]]:
    with SPANS.open() as file:
        return [
            (
                row["ticker"],
                date.fromisoformat(row["start_date"]),
                date.fromisoformat(row["end_date"]) if row["end_date"] else None,
            )
            for row in csv.DictReader(file)
        ]


def _on(day: date) -> set[str]:
    """Return who is a member on a day: the file's end is the first day after."""
    return {
        ticker for ticker, start, end in _listed() if start <= day and (end is None or day < end)
    }


GOLDEN = [date(1996 + n * 30 // 50, 1 + n * 7 % 12, 1 + n * 11 % 28) for n in range(1, 51)]


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> tuple[Memberships, SymbolBook]:
    """Members of the S&P 500, taken in from the file of spans."""
    desk = Desk(tmp_path_factory.mktemp("members"))
    options = {"path": str(SPANS), "layout": "sp500-spans"}
    report = desk.ingestor.ingest("file", Ask(kind="memberships", options=options))
    assert report.rows_quarantined == 0
    return Memberships(KindRows(desk.store)), desk.book


def _tickers(index: tuple[Memberships, SymbolBook], day: date, as_of: datetime) -> set[str]:
    members, book = index
    return {book.get(m.instrument).symbol for m in members.members("S&P 500", day, as_of=as_of)}


@pytest.mark.parametrize("day", GOLDEN)
def test_the_universe_of_a_day_is_whoever_was_a_member_then(
    index: tuple[Memberships, SymbolBook], day: date
) -> None:
    expected = _on(day)
    assert 470 <= len(expected) <= 520
    assert _tickers(index, day, NOW) == expected
    # And as it was known at the end of that very day.
    assert _tickers(index, day, datetime.combine(day, time(23), tzinfo=UTC)) == expected


@pytest.mark.parametrize(
    ("ticker", "inside", "outside"),
    [
        ("LEHMQ", date(2008, 9, 12), date(2008, 10, 1)),
        ("ENRNQ", date(2001, 11, 1), date(2002, 1, 2)),
        ("BSC", date(2008, 3, 14), date(2008, 7, 1)),
        ("WAMUQ", date(2008, 9, 2), date(2008, 11, 3)),
        ("SIVB", date(2023, 3, 9), date(2023, 4, 3)),
        ("FRC", date(2023, 4, 28), date(2023, 6, 1)),
        ("TWTR", date(2022, 10, 3), date(2022, 12, 1)),
    ],
)
def test_whoever_failed_or_was_bought_is_in_the_universe_of_before(
    index: tuple[Memberships, SymbolBook], ticker: str, inside: date, outside: date
) -> None:
    assert ticker in _tickers(index, inside, NOW)
    assert ticker not in _tickers(index, outside, NOW)
    assert ticker not in _on(date(2026, 1, 2))


def test_half_of_an_old_universe_is_gone_by_now(index: tuple[Memberships, SymbolBook]) -> None:
    old, today = _on(date(1996, 6, 3)), _on(date(2026, 1, 2))
    assert len(old - today) > len(old) / 2
    assert _tickers(index, date(1996, 6, 3), NOW) >= old - today
