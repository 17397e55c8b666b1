"""The bundled prices: read from the installed packages without importing them.

Expected numbers are typed from the first and last lines of the packages' own files.
"""

import gzip
import hashlib
import subprocess
import sys
from datetime import UTC, date, datetime
from pathlib import Path

import polars as pl
import pytest

from fondaco.adapters.providers import bundled as module
from fondaco.adapters.providers.bundled import FILES, Bundled
from fondaco.adapters.providers.bundled_facts import INSTRUMENTS, MOVES
from fondaco.core.clock import FixedClock
from fondaco.core.errors import InvalidInput, Unavailable
from fondaco.core.instrument import AssetClass, Origin
from fondaco.market.ports import Ask, Parsed, Raw

CLOCK = FixedClock(datetime(2026, 1, 2, 12, tzinfo=UTC))
SHARES = 20
SKFOLIO_SESSIONS = 8_313


@pytest.fixture(scope="module")
def parsed() -> dict[str, Parsed]:
    """Every file, read once."""
    provider = Bundled(CLOCK)
    return {raw.name: provider.parse(raw, Ask()) for raw in provider.ask(Ask())}


def _close(parts: dict[str, Parsed], name: str, symbol: str, day: date) -> float:
    part = next(p for n, p in parts.items() if name in n)
    who = next(i for i in part.instruments if i.symbol == symbol)
    rows = part.bars.filter((pl.col("instrument") == who.id) & (pl.col("session") == day))
    return float(rows["close"].item())


def test_twenty_shares_from_1990_to_2022_are_there(parsed: dict[str, Parsed]) -> None:
    shares = parsed["skfolio/datasets/data/sp500_dataset.csv.gz"]
    assert len(shares.instruments) == SHARES
    assert shares.bars.height == SHARES * SKFOLIO_SESSIONS
    assert (shares.bars["session"].min(), shares.bars["session"].max()) == (
        date(1990, 1, 2),
        date(2022, 12, 28),
    )
    assert set(shares.bars["source"]) == {"bundled:skfolio"}


@pytest.mark.parametrize(
    ("name", "symbol", "day", "close"),
    [
        ("sp500_dataset", "AAPL", date(1990, 1, 2), 0.264),
        ("sp500_dataset", "XOM", date(2022, 12, 28), 106.627),
        ("sp500_index", "SPX", date(2022, 12, 28), 3783.22),
        ("factors", "VLUE", date(2014, 1, 2), 47.054),
        ("arch/data/sp500", "SPX", date(2018, 12, 31), 2506.850098),
        ("arch/data/nasdaq", "IXIC", date(1999, 1, 4), 2208.050049),
        ("arch/data/vix", "VIX", date(2019, 1, 3), 25.45),
    ],
)
def test_a_close_is_that_of_the_file(
    parsed: dict[str, Parsed], name: str, symbol: str, day: date, close: float
) -> None:
    assert _close(parsed, name, symbol, day) == close


def test_the_index_of_arch_has_whole_bars(parsed: dict[str, Parsed]) -> None:
    first = parsed["arch/data/sp500/sp500.csv.gz"].bars.row(0, named=True)
    assert (first["session"], first["open"], first["high"], first["low"], first["volume"]) == (
        date(1999, 1, 4),
        1229.22998,
        1248.810059,
        1219.099976,
        877_000_000.0,
    )


def test_a_holiday_without_a_value_gives_no_row(parsed: dict[str, Parsed]) -> None:
    vix = parsed["arch/data/vix/vix.csv.gz"].bars
    assert date(2014, 1, 20) not in set(vix["session"])  # Martin Luther King day
    assert vix["close"].null_count() == 0


def test_one_index_in_two_files_is_one_instrument(parsed: dict[str, Parsed]) -> None:
    ids = {
        part.instruments[0].id
        for name, part in parsed.items()
        if "sp500" in name and part.instruments[0].symbol == "SPX"
    }
    assert len(ids) == 1


def test_every_share_has_a_name_a_venue_and_a_sector() -> None:
    shares = [f for f in INSTRUMENTS.values() if f.asset_class is AssetClass.EQUITY]
    assert len(shares) == SHARES
    for facts in shares:
        assert facts.sector
        assert facts.name
        assert facts.venue in {"XNYS", "XNAS"}
    assert all(f.sector is None for f in INSTRUMENTS.values() if f not in shares)
    assert {move.symbol for move in MOVES} <= set(INSTRUMENTS)


def test_a_checked_move_is_in_the_data_and_beyond_the_jump_rule(
    parsed: dict[str, Parsed],
) -> None:
    for part in parsed.values():
        for move in part.moves:
            rows = part.bars.filter(pl.col("instrument") == move.instrument).sort("session")
            if rows.filter(pl.col("session") == move.session).is_empty():
                continue
            at = rows["session"].search_sorted(move.session)
            ratio = rows["close"][at] / rows["close"][at - 1]
            assert abs(ratio - 1) > 0.4, move


def test_a_span_can_be_asked_for() -> None:
    provider = Bundled(CLOCK)
    ask = Ask(since=date(2019, 6, 27), until=date(2019, 6, 28))
    rows = pl.concat([provider.parse(raw, ask).bars for raw in provider.ask(ask)])
    assert set(rows["session"]) == {date(2019, 6, 27), date(2019, 6, 28)}


def test_no_option_is_taken() -> None:
    with pytest.raises(InvalidInput, match="takes no options"):
        Bundled(CLOCK).ask(Ask(options={"path": "x"}))
    assert (Bundled.name, Bundled.origin) == ("bundled", Origin.BUNDLED)


def _gone(path: Path) -> bytes:
    raise FileNotFoundError(2, f"no {path}")


def test_a_missing_package_or_file_is_unavailable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "find_spec", lambda _: None)
    with pytest.raises(Unavailable, match="package that holds") as caught:
        Bundled(CLOCK).ask(Ask())
    assert "pip install skfolio" in caught.value.message
    monkeypatch.undo()
    monkeypatch.setattr(Path, "read_bytes", _gone)
    with pytest.raises(Unavailable, match="data file is missing"):
        Bundled(CLOCK).ask(Ask())


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"not gzip",
        gzip.compress(b"Day,Value\n1,2\n", mtime=0),
        gzip.compress(b"Date,SP500\n01/02/1990,1\n", mtime=0),
    ],
)
def test_a_changed_data_file_is_refused(body: bytes) -> None:
    name = f"{FILES[1].package}/{FILES[1].path}"
    raw = Raw("bundled", name, body, CLOCK.now(), hashlib.sha256(body).hexdigest())
    with pytest.raises(InvalidInput, match="not what it should be"):
        Bundled(CLOCK).parse(raw, Ask())


def test_neither_package_is_imported() -> None:
    code = (
        "import sys\nfrom datetime import UTC, datetime\n"
        "from fondaco.adapters.providers.bundled import Bundled\n"
        "from fondaco.core.clock import FixedClock\nfrom fondaco.market.ports import Ask\n"
        "p = Bundled(FixedClock(datetime(2026, 1, 2, tzinfo=UTC)))\n"
        "[p.parse(raw, Ask()) for raw in p.ask(Ask())]\n"
        "print({'skfolio', 'arch', 'pandas', 'sklearn'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
