"""The `file` provider: rows of any kind from a CSV or Parquet file, with a mapping of its columns.

It also reads documents of the SEC, one to a file (`document`).

Options: `path`; `layout`, a set of options for a file that many have; `mapping`
("date=Date,close=Close,symbol=Symbol"); side files `factors`, `names` (dated tickers), `sectors`
and `about` with their mappings; how days and times are told, how the file is cut, and what its
instruments are. `docs/how-to/own-prices.md` explains each.
"""

import hashlib
from pathlib import Path

import polars as pl

from fondaco.adapters.providers.file_bars import read_bars
from fondaco.adapters.providers.file_documents import read_document
from fondaco.adapters.providers.file_factors import with_factors
from fondaco.adapters.providers.file_options import SIDE_FILES, read_options
from fondaco.adapters.providers.file_pack import pack, unpack
from fondaco.adapters.providers.file_rows import read_rows
from fondaco.adapters.providers.file_symbols import with_instruments
from fondaco.adapters.providers.file_table import read_table
from fondaco.adapters.providers.parts import Parts
from fondaco.core.clock import Clock
from fondaco.core.errors import InvalidInput, NotFound, Unavailable
from fondaco.core.instrument import Origin
from fondaco.core.limits import UPLOAD_BYTES_MAX
from fondaco.market.kinds import KINDS
from fondaco.market.ports import Ask, Parsed, Raw
from fondaco.market.sheets import Market, Offer, Sheet
from fondaco.market.tables import BARS, PARSED

NAME = "file"
SHEET = Sheet(
    NAME,
    "Your own files",
    Origin.FILE,
    tuple(Offer(kind, (Market.WORLD,), "what the file holds") for kind in (BARS, *KINDS)),
    tried="read from the user's disk; every test does",
)


class FileProvider:
    """Data that a person has in a file."""

    sheet = SHEET
    name = NAME
    origin = Origin.FILE

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    @classmethod
    def build(cls, parts: Parts) -> "FileProvider":
        """Return the provider of a desk."""
        return cls(parts.clock)

    def ask(self, ask: Ask) -> tuple[Raw, ...]:
        """Read the file and its side files as they are, into one raw answer.

        Raises InvalidInput for wrong options, a file that is empty or too large, NotFound when
        one is not there, Unavailable when it cannot be read.
        """
        options = read_options(ask)
        paths = {"rows": options.path, **{name: getattr(options, name) for name in SIDE_FILES}}
        files = {role: (Path(path).name, _read(Path(path))) for role, path in paths.items() if path}
        body = pack(files)
        name = " + ".join(filename for filename, _ in files.values())
        return (Raw(NAME, name, body, self._clock.now(), hashlib.sha256(body).hexdigest()),)

    def parse(self, raw: Raw, ask: Ask) -> Parsed:
        """Read the rows; what is wrong in one is a fault, what is wrong in all is refused."""
        options = read_options(ask)
        files = unpack(raw)
        if options.document:
            return read_document(*files["rows"], options, ask, raw)
        tables = {role: read_table(*files[role]) for role in files}
        if options.kind != BARS:
            return read_rows(tables["rows"], tables.get("about"), options, ask, raw.asked_at)
        bars, faults = read_bars(tables["rows"], options, raw.asked_at)
        bars, instruments, unnamed = with_instruments(
            bars, tables.get("names"), tables.get("sectors"), options, raw.asked_at
        )
        bars = with_factors(bars, tables.get("factors"), options)
        bars = _within(bars, ask).with_columns(source=pl.lit(options.source))
        held = set(bars["instrument"])
        return Parsed(
            bars.select(list(PARSED)).cast(PARSED),  # type: ignore[arg-type]
            tuple(i for i in instruments if i.id in held),
            (*faults, *unnamed),
        )


def _read(path: Path) -> bytes:
    try:
        size = path.stat().st_size
        if not path.is_file():
            raise InvalidInput("this is not a file", value=path, bound="a file, not a folder")
        if size == 0:
            raise InvalidInput(
                "the file is empty",
                value=f"{path}: 0 bytes",
                bound="> 0 bytes",
                remedy="Check that it was copied or downloaded whole.",
            )
        if size > UPLOAD_BYTES_MAX:
            raise InvalidInput(
                "the file is too large",
                value=f"{path}: {size:,} bytes",
                bound=f"{UPLOAD_BYTES_MAX:,} bytes",
                remedy="Split it by year.",
            )
        return path.read_bytes()
    except FileNotFoundError as error:
        raise NotFound(
            "there is no such file",
            value=path,
            remedy="Give the whole path, as seen from where the desk runs.",
        ) from error
    except OSError as error:
        raise Unavailable(
            "the file cannot be read",
            value=f"{path}: {error.strerror}",
            remedy="Check that the desk may read it.",
        ) from error


def _within(bars: pl.DataFrame, ask: Ask) -> pl.DataFrame:
    if ask.symbols:
        bars = bars.filter(pl.col("symbol").is_in([symbol.upper() for symbol in ask.symbols]))
    if ask.since is not None:
        bars = bars.filter(pl.col("session") >= ask.since)
    if ask.until is not None:
        bars = bars.filter(pl.col("session") <= ask.until)
    return bars
