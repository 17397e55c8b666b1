"""Bad rows for the gate to find: planted on demand, one of each sort a year, told by the truth.

A fault changes what a feed says of a true row, never the market itself.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache

from fondaco.adapters.providers.simulated_days import closes_at, later, opens_at, through
from fondaco.adapters.providers.simulated_world import CHILD, DELISTED, SHARES, chance
from fondaco.market.tables import PRICES

Row = dict[str, object]
CRASH, UNIT, FAT_FINGER = 0.8, 100.0, 3.0
SPAN_SESSIONS, STUCK_SESSIONS, PAGE_SESSIONS = 5, 8, 5
STUCK_MINUTES = 40
MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class PlantedFault:
    """Rows of one kind and symbol from `first` to `last` that are wrong; `rule` finds them."""

    what: str
    kind: str
    symbol: str
    first: datetime
    last: datetime
    size: float
    rule: str


@cache
def planted_faults(seed: int, year: int) -> tuple[PlantedFault, ...]:
    """Return the faults of a year: each on a share of its own."""
    draws = chance(seed, "faults", year)
    shares = [s for s in SHARES if s not in {DELISTED, CHILD}]
    names = [shares[n] for n in draws.permutation(len(shares)).tolist()]
    sessions = [day for day in through(year) if day.year == year]
    days = [sessions[n] for n in draws.integers(40, len(sessions) - 30, 9).tolist()]
    a, b, c, d, e, f, g, h, i = days
    return (
        _daily("fat_finger", names[0], a, 1, FAT_FINGER, "jump"),
        _daily("unit_x100", names[1], b, SPAN_SESSIONS, UNIT, "unit"),
        _daily("stuck_feed", names[2], c, STUCK_SESSIONS, 1.0, "frozen"),
        _daily("duplicated_page", names[3], d, PAGE_SESSIONS, 1.0, "repeated"),
        _daily("out_of_order", names[4], e, PAGE_SESSIONS, 1.0, ""),
        _inside("flash_crash_tick", "bars_intraday", names[5], f, 120, CRASH, "spike"),
        _inside("stuck_feed", "bars_intraday", names[6], g, 60, 1.0, "frozen", STUCK_MINUTES),
        _inside("crossed_quote", "quotes", names[7], h, 90, 1.0, "crossed"),
        _inside("fat_finger", "trades", names[8], i, 90, FAT_FINGER, "jump"),
    )


def _daily(what: str, symbol: str, day: date, count: int, size: float, rule: str) -> PlantedFault:
    last = later(day, count - 1)
    return PlantedFault(what, "bars_1d", symbol, opens_at(day), closes_at(last), size, rule)


def _inside(
    what: str,
    kind: str,
    symbol: str,
    day: date,
    minute: int,
    size: float,
    rule: str,
    count: int = 1,
) -> PlantedFault:
    start = opens_at(day) + minute * MINUTE
    return PlantedFault(what, kind, symbol, start, start + (count - 1) * MINUTE, size, rule)


def with_faults(seed: int, kind: str, symbol: str, years: range, rows: list[Row]) -> list[Row]:
    """Return rows, in time order, with what was planted in them."""
    for year in years:
        for fault in planted_faults(seed, year):
            if (fault.kind, fault.symbol) == (kind, symbol):
                rows = _planted(fault, rows)
    return rows


def _planted(fault: PlantedFault, rows: list[Row]) -> list[Row]:
    places = [n for n, row in enumerate(rows) if _is_hit(fault, row)]
    if not places:
        return rows
    hit = [rows[n] for n in places]
    changed = _CHANGES[fault.what](hit, fault)
    return [*rows[: places[0]], *changed, *rows[places[-1] + 1 :]]


def _is_hit(fault: PlantedFault, row: Row) -> bool:
    session, ts = row.get("session"), row.get("ts")
    if isinstance(session, date):
        return fault.first.date() <= session <= fault.last.date()
    assert isinstance(ts, datetime)
    if fault.kind == "trades":
        return fault.first - 30 * MINUTE / 60 < ts <= fault.first
    return fault.first <= ts <= fault.last


def _scaled(rows: list[Row], fault: PlantedFault) -> list[Row]:
    names = ("price",) if fault.kind == "trades" else PRICES
    return [{**row, **{n: _times(row[n], fault.size) for n in names}} for row in rows]


def _crashed(rows: list[Row], fault: PlantedFault) -> list[Row]:
    found = []
    for row in rows:
        low = _times(row["low"], fault.size)
        found.append({**row, "low": low, "close": low})
    return found


def _stuck(rows: list[Row], fault: PlantedFault) -> list[Row]:
    del fault
    first = rows[0]["open"]
    return [{**row, **dict.fromkeys(PRICES, first)} for row in rows]


def _crossed(rows: list[Row], fault: PlantedFault) -> list[Row]:
    del fault
    return [{**row, "bid": row["ask"], "ask": row["bid"]} for row in rows]


def _times(price: object, size: float) -> float:
    assert isinstance(price, float)
    return round(price * size, 2)


_CHANGES: dict[str, Callable[[list[Row], PlantedFault], list[Row]]] = {
    "fat_finger": _scaled,
    "unit_x100": _scaled,
    "stuck_feed": _stuck,
    "duplicated_page": lambda rows, _: [*rows, *rows],
    "out_of_order": lambda rows, _: rows[::-1],
    "flash_crash_tick": _crashed,
    "crossed_quote": _crossed,
}
