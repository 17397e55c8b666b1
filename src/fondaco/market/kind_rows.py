"""Rows of any kind of data, read as they were known: one source per thing that they are of."""

from collections.abc import Sequence
from datetime import date, datetime

import polars as pl

from fondaco.core.clock import utc
from fondaco.core.errors import InvalidInput
from fondaco.core.instrument import InstrumentId, Origin
from fondaco.market.identity import origin_of
from fondaco.market.kinds import kind_named
from fondaco.market.ports import Store
from fondaco.market.sources import PREFERENCE


class KindRows:
    """Reads the store's kinds of data. Nothing known after `as_of` is ever seen."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def read(
        self,
        kind: str,
        of: Sequence[str] | None,
        *,
        as_of: datetime,
        since: date | None = None,
        until: date | None = None,
        source: str | None = None,
    ) -> pl.DataFrame:
        """Return the rows in force at `as_of`, of some instruments (or series, issuers) or of all.

        `since` and `until` bound the UTC day of `ts`, both included. Without a `source`, each
        thing's rows come from one: the one that reaches furthest, then by `sources.PREFERENCE`;
        simulated ones come last.
        Raises NotFound for a kind that does not exist.
        """
        spec = kind_named(kind)
        about = None if of is None else tuple(InstrumentId(one) for one in of)
        rows = self._store.read(kind, as_of=utc(as_of), instruments=about, since=since, until=until)
        if source is not None:
            return rows.filter(pl.col("source") == source)
        return one_source_each(rows, spec.of)

    def version(self, kind: str) -> int:
        """Return the version of a kind's table; -1 when it has no row yet."""
        return self._store.version(kind_named(kind).name)


def one_source_each(rows: pl.DataFrame, of: str) -> pl.DataFrame:
    """Return the rows of each thing's chosen source: furthest reach, then preference, then name.

    Simulated rows are chosen only where there are no others.

    >>> rows = pl.DataFrame({"of": ["A", "A", "B"], "ts": [1, 2, 1],
    ...                      "source": ["file:x", "live:y", "file:x"]})
    >>> one_source_each(rows, "of")["source"].to_list()
    ['live:y', 'file:x']
    """
    if rows.is_empty() or rows["source"].n_unique() == 1 or of == "id":
        return rows
    reach = rows.group_by(of, "source").agg(pl.col("ts").max())
    ranks = {name: PREFERENCE.index(origin_of(name)) for name in reach["source"].unique()}
    best = (
        reach.with_columns(rank=pl.col("source").replace_strict(ranks, return_dtype=pl.Int64))
        .with_columns(made_up=pl.col("rank") == PREFERENCE.index(Origin.SIMULATED))
        .sort(
            [of, "made_up", "ts", "rank", "source"], descending=[False, False, True, False, False]
        )
        .unique(of, keep="first", maintain_order=True)
    )
    return rows.join(
        best.select(of, "source"), on=[of, "source"], how="semi", maintain_order="left"
    )


def bars_of_seconds(rows: pl.DataFrame, seconds: int) -> pl.DataFrame:
    """Return intraday bars of a length, put together from the longest stored ones that fit.

    `rows` are `bars_intraday` of one instrument and source. A bar that is put together closes on
    a whole multiple of `seconds` since midnight UTC, is known when its last part is, and is final
    only when it has ended and every part is. Raises InvalidInput when no stored length fits.
    """
    lengths = sorted((s for s in rows["seconds"].unique() if seconds % s == 0), reverse=True)
    if not lengths:
        raise InvalidInput(
            "bars of this length cannot be made of those that are stored",
            value=f"{seconds} s",
            bound=", ".join(f"{s} s" for s in sorted(rows["seconds"].unique())) or "none",
            remedy="Ask for a whole multiple of a stored length.",
        )
    parts = rows.filter(pl.col("seconds") == lengths[0]).sort("ts")
    if lengths[0] == seconds:
        return parts
    step = seconds * 1_000_000
    micros = pl.col("ts").dt.epoch("us")
    ends = ((micros + step - 1) // step * step).alias("end")
    return (
        parts.with_columns(ends)
        .group_by("end", maintain_order=True)
        .agg(
            pl.col("instrument").first(),
            pl.lit(seconds).alias("seconds"),
            pl.col("ts").last().alias("last"),
            pl.col("known_at").max(),
            pl.col("open").first(),
            pl.col("high").max(),
            pl.col("low").min(),
            pl.col("close").last(),
            pl.col("volume").sum(),
            pl.col("trades").sum(),
            pl.col("final").all(),
            pl.col("source").first(),
        )
        .with_columns(
            ts=pl.from_epoch("end", time_unit="us").dt.replace_time_zone("UTC"),
            final=pl.col("final") & (pl.col("last").dt.epoch("us") == pl.col("end")),
        )
        .drop("end", "last")
    )
