"""Tables that a person may open in a spreadsheet without a text becoming a formula."""

from typing import Final

import polars as pl

FORMULA_STARTS: Final = r"^[=+\-@\t\r\n]"
"""What a spreadsheet starts a formula with. Source: OWASP, CSV Injection."""


def inert(table: pl.DataFrame) -> pl.DataFrame:
    """Return a table whose texts no spreadsheet takes for formulas: an apostrophe is put first.

    >>> inert(pl.DataFrame({"symbol": ["=1+1", "AAPL"], "profit": [-1.5, 2.0]})).rows()
    [("'=1+1", -1.5), ('AAPL', 2.0)]
    """
    texts = [name for name, kind in table.schema.items() if kind == pl.String]
    guarded = [
        pl.when(pl.col(name).str.contains(FORMULA_STARTS))
        .then(pl.lit("'") + pl.col(name))
        .otherwise(pl.col(name))
        .alias(name)
        for name in texts
    ]
    names = {name: f"'{name}" for name in table.columns if name[:1] in "=+-@\t\r\n"}
    return table.with_columns(guarded).rename(names)
