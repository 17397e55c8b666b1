"""A CSV or Parquet file as a frame, each row with the place where it stands."""

import zlib
from io import BytesIO

import polars as pl

from fondaco.core.errors import InvalidInput

PLACE = "\x00place"
UNPACKED_BYTES_MAX = 2 * 1024**3
_GZIP = b"\x1f\x8b"
_PARQUET = b"PAR1"


def read_table(filename: str, content: bytes) -> pl.DataFrame:
    """Return the file's rows with a `PLACE` column ("prices.csv row 17").

    CSV cells stay text, so that a bad one can be named; the header is row 1. Columns of a `.tsv`
    are separated by tabs; what is packed with gzip is unpacked. Raises InvalidInput when the file
    is empty, has no rows or is neither CSV nor Parquet.
    """
    filename, content = unpacked(filename, content)
    if not content.strip():
        raise InvalidInput("the file is empty", value=filename, bound="a header and rows")
    parquet = content.startswith(_PARQUET) or filename.lower().endswith((".parquet", ".pq"))
    try:
        table = pl.read_parquet(BytesIO(content)) if parquet else _csv(filename, content)
    except (pl.exceptions.PolarsError, OSError, UnicodeDecodeError) as error:
        kind = "Parquet" if parquet else "CSV"
        raise InvalidInput(
            f"the file cannot be read as {kind}",
            value=f"{filename}: {(str(error).splitlines() or ['?'])[0][:200]}",
            remedy="Check that it is whole.",
        ) from error
    if table.is_empty():
        raise InvalidInput(
            "the file has no rows", value=f"{filename}: only a header", bound="at least one row"
        )
    first = 1 if parquet else 2
    place = pl.format("{} row {}", pl.lit(filename), pl.int_range(first, pl.len() + first))
    return table.with_columns(place.alias(PLACE))


def _csv(filename: str, content: bytes) -> pl.DataFrame:
    if b"\x00" in content[:4096]:
        raise InvalidInput("the file holds binary data", value=filename, bound="CSV or Parquet")
    tabs = filename.lower().endswith((".tsv", ".tab"))
    return pl.read_csv(BytesIO(content), infer_schema=False, separator="\t" if tabs else ",")


def unpacked(filename: str, content: bytes) -> tuple[str, bytes]:
    """Return a file out of gzip, and its name without `.gz`; any other file as it is.

    Raises InvalidInput when it is cut off, broken or too large.
    """
    if not content.startswith(_GZIP):
        return filename, content
    try:
        reader = zlib.decompressobj(wbits=31)
        plain = reader.decompress(content, UNPACKED_BYTES_MAX + 1)
    except zlib.error as error:
        raise InvalidInput(
            "the file cannot be unpacked",
            value=f"{filename}: {error}",
            remedy="Check that it is whole.",
        ) from error
    if len(plain) > UNPACKED_BYTES_MAX or not reader.eof:
        raise InvalidInput(
            "the file is too large when it is unpacked, or not whole",
            value=f"{filename}: {len(plain):,} bytes so far",
            bound=f"{UNPACKED_BYTES_MAX:,} bytes",
            remedy="Check that it is whole, or split it.",
        )
    return filename.removesuffix(".gz"), plain
