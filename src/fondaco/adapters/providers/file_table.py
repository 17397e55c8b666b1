"""A CSV or Parquet file as a frame, each row with the place where it stands."""

from io import BytesIO

import polars as pl

from fondaco.core.errors import InvalidInput

PLACE = "\x00place"
_PARQUET = b"PAR1"


def read_table(filename: str, content: bytes) -> pl.DataFrame:
    """Return the file's rows with a `PLACE` column ("prices.csv row 17").

    CSV cells stay text, so that a bad one can be named; the header is row 1. Raises InvalidInput
    when the file is empty, has no rows or is neither CSV nor Parquet.
    """
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
    return pl.read_csv(BytesIO(content), infer_schema=False)
