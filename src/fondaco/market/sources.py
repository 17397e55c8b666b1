"""Which source a reading rests on: sources are never mixed inside one panel or bar series.

The rule: of the sources that have every instrument asked for, the one whose bars reach furthest;
among equals LIVE before FILE before BUNDLED, then by name. SIMULATED comes last, however far it
reaches: made-up prices never stand in for true ones. Where no instrument is named, a source of
less than a year comes after those of more: a few rows of one share are no market to decide on. An
origin that is asked for by name narrows the choice.
"""

from collections.abc import Sequence
from datetime import datetime

import polars as pl

from fondaco.core.errors import Refused
from fondaco.core.instrument import InstrumentId, Origin
from fondaco.market.identity import origin_of

PREFERENCE = (Origin.LIVE, Origin.FILE, Origin.BUNDLED, Origin.SIMULATED)

SESSIONS_MIN = 252
"""Sessions of a year: a source of fewer is no market of its own where another has more."""


def choose_source(
    rows: pl.DataFrame, instruments: Sequence[InstrumentId] | None, origin: Origin | None = None
) -> str | None:
    """Return the source to read, or None when no row is there at all.

    `rows` holds the bars to choose from. With instruments None any source will do. Raises Refused
    when bars are there but no single source has all the instruments.
    """
    found = rows.group_by("source").agg(
        pl.col("instrument").unique(),
        pl.col("session").max(),
        days=pl.col("session").n_unique(),
    )
    if origin is not None:
        found = found.filter(
            pl.col("source").map_elements(
                lambda source: origin_of(source) is origin, return_dtype=pl.Boolean
            )
        )
    held = {row["source"]: (set(row["instrument"]), row["session"]) for row in found.to_dicts()}
    short = {
        source: instruments is None and days < SESSIONS_MIN
        for source, days in found.select("source", "days").rows()
    }
    wanted = set().union(*(names for names, _ in held.values())) if held else set()
    wanted &= set(instruments) if instruments is not None else set()
    able = [source for source, (names, _) in held.items() if wanted <= names]
    if not able and held:
        raise Refused(
            "no single source has bars of all these instruments",
            value=_who_has_what(held, wanted),
            bound="one source for all",
            remedy="Ask for instruments of one source, or name its origin.",
        )
    return min(
        able,
        key=lambda s: (is_made_up(s), short[s], -held[s][1].toordinal(), _rank(s), s),
        default=None,
    )


def is_made_up(source: str) -> bool:
    """Return whether a source's data are simulated."""
    return origin_of(source) is Origin.SIMULATED


def _rank(source: str) -> int:
    return PREFERENCE.index(origin_of(source))


def _who_has_what(held: dict[str, tuple[set[str], datetime]], wanted: set[str]) -> str:
    return "; ".join(
        f"{source} has {len(names & wanted)} of {len(wanted)}"
        for source, (names, _) in sorted(held.items())
    )
