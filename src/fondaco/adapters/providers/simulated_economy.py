"""The simulated economy: series with a first print and a revision, and what groups bought."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta

from fondaco.adapters.providers.simulated_daily import path
from fondaco.adapters.providers.simulated_days import (
    FIRST_YEAR,
    at,
    between,
    closes_at,
    session_from,
)
from fondaco.adapters.providers.simulated_world import INDEX, View, chance

Row = dict[str, object]
SERIES = {"SIMCPI": (100.0, 0.002, 0.001, "index"), "SIMJOBS": (150_000.0, 0.001, 0.0008, "000s")}
"""Start, growth a month, its deviation, and the unit of each monthly series."""
REVISION_VOL = 0.0004
PRINT_DAY = 12
GROUPS = ("SIM-FOREIGN", "SIM-DOMESTIC")
FLOW_SCALE, FLOW_NOISE = 2e10, 5e7
FLOW_HOURS = timedelta(hours=2)


def true_levels(seed: int, series: str, year: int) -> list[float]:
    """Return the true level of each month from January of the first year to December of a year."""
    level, growth, vol, _ = SERIES[series]
    found = []
    for one in range(FIRST_YEAR, year + 1):
        for step in chance(seed, "macro", series, one).normal(growth, vol, 12).tolist():
            level *= 1 + step
            found.append(level)
    return found


def macro_rows(view: View, series: str) -> Iterator[Row]:
    """Give each month twice: the first print with an error, the true level a month later."""
    levels = true_levels(view.seed, series, view.until.year)
    for n, level in enumerate(levels):
        period = _month(n)
        end, after = _month(n + 1), _month(n + 2)
        base: Row = {
            "series": series,
            "ts": datetime.combine(end, time(), UTC),
            "period": period,
            "unit": SERIES[series][3],
            "frequency": "M",
            "vintage": True,
        }
        error = float(chance(view.seed, "print", series, n).normal(0, REVISION_VOL))
        yield {**base, "known_at": _print(end), "value": round(level * (1 + error), 4)}
        yield {**base, "known_at": _print(after), "value": round(level, 4)}


def _month(n: int) -> date:
    return date(FIRST_YEAR + n // 12, n % 12 + 1, 1)


def _print(month: date) -> datetime:
    return at(session_from(month.replace(day=PRINT_DAY)), time(8, 30))


def flow_rows(view: View, market: str) -> Iterator[Row]:
    """Give what two groups bought and sold each session: foreigners buy what rises."""
    for day in between(view.since, view.until):
        index = path(view.seed, INDEX, day.year)
        place = index.place(day)
        if not place:
            continue
        move = float(index.closes[place] / index.closes[place - 1] - 1)
        noise = float(chance(view.seed, "flows", day.isoformat()).normal(0, FLOW_NOISE))
        net = round(FLOW_SCALE * move + noise, 0)
        for group, sign in zip(GROUPS, (1, -1), strict=True):
            bought = 5e9 + max(sign * net, 0.0)
            yield {
                "market": market,
                "group": group,
                "segment": "equity",
                "ts": closes_at(day),
                "known_at": closes_at(day) + FLOW_HOURS,
                "bought": bought,
                "sold": bought - sign * net,
                "net": sign * net,
                "currency": "USD",
            }
