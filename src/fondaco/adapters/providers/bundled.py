"""The `bundled` provider: real prices that ship inside the skfolio and arch packages.

The files are read where the packages lie; neither package is imported.
"""

import gzip
import hashlib
from dataclasses import dataclass
from datetime import date
from importlib.metadata import version
from importlib.util import find_spec
from io import BytesIO
from pathlib import Path

import polars as pl

from fondaco.adapters.providers.bundled_facts import INSTRUMENTS, MOVES, instrument_of
from fondaco.adapters.providers.parts import Parts
from fondaco.core.clock import Clock
from fondaco.core.errors import InvalidInput, Unavailable
from fondaco.core.instrument import Origin
from fondaco.market.identity import source_name
from fondaco.market.ports import Ask, CheckedMove, Parsed, Raw
from fondaco.market.sheets import Market, Offer, Sheet
from fondaco.market.tables import PARSED

NAME = "bundled"
SHEET = Sheet(
    NAME,
    "Bundled prices",
    Origin.BUNDLED,
    (Offer("bars_1d", (Market.US,), "20 shares 1990 to 2022, indices 1990 to 2022, VIX, funds"),),
    terms="The licences of skfolio (BSD-3) and arch (NCSA); prices first published by Yahoo",
    tried="read from the installed packages by every test",
)


@dataclass(frozen=True, slots=True)
class DataFile:
    """A data file of a package. `symbols` maps its price columns to symbols, for wide files."""

    package: str
    path: str
    day_format: str
    symbols: tuple[tuple[str, str], ...] = ()
    bars_of: str = ""


def _same(*symbols: str) -> tuple[tuple[str, str], ...]:
    return tuple((symbol, symbol) for symbol in symbols)


FILES = (
    DataFile(
        "skfolio",
        "datasets/data/sp500_dataset.csv.gz",
        "%Y-%m-%d",
        _same(
            "AAPL",
            "AMD",
            "BAC",
            "BBY",
            "CVX",
            "GE",
            "HD",
            "JNJ",
            "JPM",
            "KO",
            "LLY",
            "MRK",
            "MSFT",
            "PEP",
            "PFE",
            "PG",
            "RRC",
            "UNH",
            "WMT",
            "XOM",
        ),
    ),
    DataFile("skfolio", "datasets/data/sp500_index.csv.gz", "%Y-%m-%d", (("SP500", "SPX"),)),
    DataFile(
        "skfolio",
        "datasets/data/factors_dataset.csv.gz",
        "%Y-%m-%d",
        _same("MTUM", "QUAL", "SIZE", "USMV", "VLUE"),
    ),
    DataFile("arch", "data/sp500/sp500.csv.gz", "%m/%d/%Y", bars_of="SPX"),
    DataFile("arch", "data/nasdaq/nasdaq.csv.gz", "%m/%d/%Y", bars_of="IXIC"),
    DataFile("arch", "data/vix/vix.csv.gz", "%m/%d/%Y", (("vix", "VIX"),)),
)
_BY_NAME = {f"{file.package}/{file.path}": file for file in FILES}
_BARS = {"Open": "open", "High": "high", "Low": "low", "Close": "close", "Volume": "volume"}


class Bundled:
    """Twenty US shares (adjusted closes 1990 to 2022), two indices, VIX and five factor funds."""

    sheet = SHEET
    name = NAME
    origin = Origin.BUNDLED

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    @classmethod
    def build(cls, parts: Parts) -> "Bundled":
        """Return the provider of a desk."""
        return cls(parts.clock)

    def ask(self, ask: Ask) -> tuple[Raw, ...]:
        """Read the packages' files as they are.

        Raises InvalidInput for options (there are none), Unavailable when a file is missing.
        """
        if ask.options:
            raise InvalidInput(
                "the bundled provider takes no options", value=", ".join(ask.options), bound="none"
            )
        return tuple(self._read(name, file) for name, file in _BY_NAME.items())

    def parse(self, raw: Raw, ask: Ask) -> Parsed:
        """Read one file; a day without a value (a holiday in the VIX file) gives no row."""
        file = _BY_NAME[raw.name]
        table = _table(raw, file)
        rows = _bars(table, file.bars_of) if file.bars_of else _closes(table, file)
        rows = _within(rows, ask.since, ask.until).with_columns(
            factor=1.0, source=pl.lit(source_name(Origin.BUNDLED, file.package))
        )
        bars = pl.concat([pl.DataFrame(schema=PARSED), rows], how="diagonal")
        held = set(bars["instrument"])
        instruments = [instrument_of(facts) for facts in INSTRUMENTS.values()]
        moves = tuple(
            CheckedMove(instrument_of(INSTRUMENTS[move.symbol]).id, move.day, move.evidence)
            for move in MOVES
        )
        return Parsed(
            bars.select(list(PARSED)),
            tuple(i for i in instruments if i.id in held),
            (),
            tuple(move for move in moves if move.instrument in held),
        )

    def _read(self, name: str, file: DataFile) -> Raw:
        spec = find_spec(file.package)
        if spec is None or spec.origin is None:
            raise Unavailable(
                "a package that holds bundled prices is missing",
                value=file.package,
                remedy=f"Install it: pip install {file.package}.",
            )
        path = Path(spec.origin).parent / file.path
        try:
            body = path.read_bytes()
        except OSError as error:
            raise Unavailable(
                "a bundled data file is missing",
                value=path,
                remedy=f"{file.package} {version(file.package)} may keep it elsewhere; "
                "install the version that requirements/main.txt names.",
            ) from error
        return Raw(NAME, name, body, self._clock.now(), hashlib.sha256(body).hexdigest())


def _table(raw: Raw, file: DataFile) -> pl.DataFrame:
    try:
        table = pl.read_csv(
            BytesIO(gzip.decompress(raw.body)), null_values=[".", "NaN"], infer_schema_length=None
        )
        return table.with_columns(
            session=pl.col("Date").str.to_date(file.day_format),
            where=pl.format("{} row {}", pl.lit(raw.name), pl.int_range(2, pl.len() + 2)),
        )
    except (OSError, EOFError, pl.exceptions.PolarsError) as error:
        raise InvalidInput(
            "a bundled data file is not what it should be",
            value=raw.name,
            remedy=f"Reinstall {file.package}.",
        ) from error


def _closes(table: pl.DataFrame, file: DataFile) -> pl.DataFrame:
    columns = dict(file.symbols)
    long = table.select("session", "where", *columns).unpivot(
        index=["session", "where"], variable_name="column", value_name="close"
    )
    ids = {column: instrument_of(INSTRUMENTS[symbol]).id for column, symbol in columns.items()}
    return long.select(
        "session",
        pl.col("close").cast(pl.Float64),
        where=pl.format("{}, column {}", "where", "column"),
        instrument=pl.col("column").replace_strict(ids),
    ).drop_nulls("close")


def _bars(table: pl.DataFrame, symbol: str) -> pl.DataFrame:
    return table.select(
        "session",
        "where",
        *(pl.col(old).cast(pl.Float64).alias(new) for old, new in _BARS.items()),
        instrument=pl.lit(instrument_of(INSTRUMENTS[symbol]).id),
    )


def _within(rows: pl.DataFrame, since: date | None, until: date | None) -> pl.DataFrame:
    if since is not None:
        rows = rows.filter(pl.col("session") >= since)
    if until is not None:
        rows = rows.filter(pl.col("session") <= until)
    return rows
