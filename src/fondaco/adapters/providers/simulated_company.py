"""What the simulated companies say and what is said of them: statements, estimates, filings, deals,
events, corporate actions, sectors and the members of the index.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import NamedTuple

from fondaco.adapters.providers.simulated_daily import dividends, path
from fondaco.adapters.providers.simulated_days import (
    FIRST,
    FIRST_YEAR,
    at,
    closes_at,
    later,
    session_from,
)
from fondaco.adapters.providers.simulated_plan import (
    CLUSTER_BUYERS,
    RESTATED,
    RESTATED_SHARE,
    actions_of,
    events_of,
    report_day,
    surprise,
)
from fondaco.adapters.providers.simulated_world import (
    CHILD,
    CHILD_SHARE,
    DELISTED,
    NOTICE,
    SECTORS,
    SHARES,
    SPLIT_FACTOR,
    View,
    chance,
    milestones,
    traded_on,
)

Row = dict[str, object]
SHARES_OUT = 50_000_000.0
EPS_GROWTH = 0.015
ESTIMATE_DAYS = (60, 30, 7)
ESTIMATE_DRIFT = 0.03
"""Deviation of the mean estimate from the last one, at each revision before."""
ANNOUNCED = timedelta(days=20)
FILED_AFTER = 2
FORMS = {1: "10-K", 2: "10-Q", 3: "10-Q", 4: "10-Q"}
QUIET_SALES = 4
DAY = timedelta(days=1)


class Quarter(NamedTuple):
    """One report of a company: its calendar quarter of reporting, its period, its numbers."""

    year: int
    number: int
    start: date
    end: date
    told: datetime
    filed: datetime
    expected: float
    actual: float

    @property
    def fiscal(self) -> tuple[int, int]:
        """The year and quarter that it is of."""
        return self.end.year, self.end.month // 3


@lru_cache(maxsize=512)
def quarters(seed: int, symbol: str, year: int) -> tuple[Quarter, ...]:
    """Return what a share reports in a year; earnings per share are not adjusted for splits."""
    share, found = SHARES.index(symbol), []
    for number in (1, 2, 3, 4):
        day = report_day(seed, share, year, number)
        if not (traded_on(seed, symbol, day) and traded_on(seed, symbol, later(day, 1))):
            continue
        end = date(year, (1, 4, 7, 10)[number - 1], 1) - DAY
        start = date(end.year, end.month - 2, 1)
        n = (year - FIRST_YEAR) * 4 + number
        base = 0.6 + 1.2 * float(chance(seed, "eps", symbol).random())
        season = float(chance(seed, "season", symbol, year, number).normal(0, 0.05))
        expected = round(base * (1 + EPS_GROWTH) ** n * (1 + season), 4)
        actual = expected * (1 + surprise(seed, share, year, number))
        filed = at(session_from(day + FILED_AFTER * DAY), time(17, 5))
        told = at(day, time(16, 15))
        found.append(Quarter(year, number, start, end, told, filed, expected, round(actual, 6)))
    return tuple(found)


def _every(view: View, symbol: str) -> Iterator[Quarter]:
    for year in view.years:
        if year >= FIRST_YEAR:
            yield from quarters(view.seed, symbol, year)


def estimate_rows(view: View, symbol: str) -> Iterator[Row]:
    """Give the mean estimate as it changed before each report, then the actual number."""
    for quarter in _every(view, symbol):
        draws = chance(view.seed, "estimates", symbol, quarter.year, quarter.number)
        steps = draws.normal(0, ESTIMATE_DRIFT, len(ESTIMATE_DAYS) - 1).tolist()
        means = [quarter.expected]
        for step in steps:
            means.append(round(means[-1] * (1 + step), 4))
        base: Row = {"instrument": symbol, "item": "EPS", "end": quarter.end}
        for days, mean in zip(ESTIMATE_DAYS, reversed(means), strict=True):
            ts = quarter.told - timedelta(days=days)
            yield {**base, **_spread_of(mean), "ts": ts, "known_at": ts}
        told = quarter.told
        yield {
            **base,
            **_spread_of(quarter.expected),
            "ts": told,
            "known_at": told,
            "actual": quarter.actual,
        }


def _spread_of(mean: float) -> Row:
    return {"mean": mean, "high": round(mean * 1.1, 4), "low": round(mean * 0.9, 4), "analysts": 9}


def fundamental_rows(view: View, symbol: str) -> Iterator[Row]:
    """Give the numbers of each statement as filed, and of the one that was filed again."""
    for quarter in _every(view, symbol):
        yield from _statement(quarter, symbol, FORMS[quarter.number], quarter.filed, 1.0)
    for event in events_of(view.seed, view.years, "restatement", symbol):
        old = restated_quarter(view.seed)
        form = FORMS[old.number] + "/A"
        yield from _statement(old, symbol, form, event.known_at, 1.0 + RESTATED)


def restated_quarter(seed: int) -> Quarter:
    """Return the quarter whose statement is filed again: the last filed before."""
    told = milestones(seed).restatement
    found = [
        quarter
        for year in (told.year - 1, told.year)
        for quarter in quarters(seed, RESTATED_SHARE, year)
        if quarter.filed.date() < told
    ]
    return found[-1]


def _statement(
    quarter: Quarter, symbol: str, form: str, known: datetime, scale: float
) -> Iterator[Row]:
    income = quarter.actual * SHARES_OUT * scale
    numbers = (
        ("us-gaap:Revenues", "USD", quarter.start, income * 9),
        ("us-gaap:NetIncomeLoss", "USD", quarter.start, income),
        ("us-gaap:EarningsPerShareDiluted", "USD/shares", quarter.start, quarter.actual * scale),
        ("us-gaap:Assets", "USD", quarter.end, quarter.expected * SHARES_OUT * 60),
    )
    year, number = quarter.fiscal
    for item, unit, start, value in numbers:
        yield {
            "instrument": symbol,
            "ts": datetime.combine(quarter.end, time(), UTC),
            "known_at": known,
            "item": item,
            "unit": unit,
            "start": start,
            "end": quarter.end,
            "filing": filing_id(symbol, quarter, form),
            "form": form,
            "fiscal_year": year,
            "fiscal_period": "FY" if number == 4 else f"Q{number}",
            "value": round(value, 4),
        }


def filing_id(symbol: str, quarter: Quarter, form: str) -> str:
    """Return the made-up id of a filing."""
    return f"sim-{symbol}-{quarter.end.isoformat()}-{form}"


def filing_rows(view: View, symbol: str) -> Iterator[Row]:
    """Give the reports as they were filed: the news of earnings, the statement, the correction."""
    for quarter in _every(view, symbol):
        form = FORMS[quarter.number]
        yield _filing(symbol, quarter, "8-K", quarter.told, "Results of operations")
        yield _filing(symbol, quarter, form, quarter.filed, "Report of a period")
    for event in events_of(view.seed, view.years, "restatement", symbol):
        old = restated_quarter(view.seed)
        form = FORMS[old.number] + "/A"
        yield _filing(symbol, old, form, event.known_at, "Restated report")


def _filing(symbol: str, quarter: Quarter, form: str, ts: datetime, title: str) -> Row:
    return {
        "instrument": symbol,
        "ts": ts,
        "known_at": ts,
        "filing": filing_id(symbol, quarter, form),
        "form": form,
        "period": quarter.end,
        "title": f"Simulated: {title}",
    }


def deal_rows(view: View, symbol: str) -> Iterator[Row]:
    """Give insiders' quiet sales, the clusters of their purchases, and a bulk deal a year."""
    for year in view.years:
        if year < FIRST_YEAR:
            continue
        draws = chance(view.seed, "deals", symbol, year)
        for n, days in enumerate(sorted(draws.integers(0, 350, QUIET_SALES + 1).tolist())):
            day = session_from(date(year, 1, 2) + days * DAY)
            bulk = n == QUIET_SALES
            deal, who = ("bulk", "Simulated Fund") if bulk else ("insider", f"Insider {n}")
            yield from _deal(view.seed, symbol, day, deal, "sell", who, 10_000.0 * (1 + 9 * bulk))
    for event in events_of(view.seed, view.years, "insider_cluster", symbol):
        first = date.fromisoformat(event.part.partition(":")[0])
        for n in range(CLUSTER_BUYERS):
            day = later(first, n)
            who = f"Director {n} of {event.part[-1]}"
            yield from _deal(view.seed, symbol, day, "insider", "buy", who, 20_000.0)


def _deal(
    seed: int, symbol: str, day: date, deal: str, trade: str, who: str, shares: float
) -> Iterator[Row]:
    known = path(seed, symbol, day.year)
    place = known.place(day)
    if place is None:
        return
    paid, told = float(known.closes[place]), at(later(day, 1), time(17))
    yield {
        "instrument": symbol,
        "ts": closes_at(day),
        "known_at": told if deal == "insider" else closes_at(day) + timedelta(hours=3),
        "id": f"{day.isoformat()}-{who.replace(' ', '-')}",
        "deal": deal,
        "trade": trade,
        "who": who,
        "role": "director" if deal == "insider" else None,
        "shares": shares,
        "price": paid,
        "value": round(paid * shares, 2),
    }


def action_rows(view: View, symbol: str) -> Iterator[Row]:
    """Give corporate actions; `known_at` is their announcement, weeks before."""
    last = view.until.year + 1
    for paid in dividends(view.seed, symbol, last):
        yield {
            **_on(paid.ex_date, symbol, "dividend", closes_at(paid.told) + timedelta(minutes=30)),
            "amount": paid.amount,
            "currency": "USD",
            "pay_date": session_from(paid.ex_date + 14 * DAY),
        }
    for event in actions_of(view.seed):
        if event.symbol != symbol or event.what == "index_change":
            continue
        extra: Row = {}
        if event.what == "split":
            extra = {"factor": SPLIT_FACTOR}
        elif event.what == "spin_off":
            extra = {"factor": 1.0 - CHILD_SHARE, "symbol": event.part}
        elif event.what == "rename":
            extra = {"symbol": event.part}
        yield {**_on(event.start.date(), symbol, event.what, event.known_at), **extra}
    if symbol == CHILD:
        day = milestones(view.seed).spin_off
        yield _on(day, symbol, "listing", _announced(day))


def _on(day: date, symbol: str, action: str, known: datetime) -> Row:
    ts = at(day, time())
    return {
        "instrument": symbol,
        "ts": ts,
        "known_at": known,
        "ex_date": day,
        "action": action,
    }


def _announced(day: date) -> datetime:
    return at(day, time(9, 30)) - NOTICE


def event_rows(view: View, symbol: str) -> Iterator[Row]:
    """Give the earnings, dividends and splits that are due; earnings again with what came."""
    for quarter in _every(view, symbol):
        base: Row = {
            "event": "earnings",
            "id": f"{symbol}-{quarter.end.isoformat()}",
            "instrument": symbol,
            "ts": quarter.told,
            "title": f"Simulated earnings of {symbol}",
            "importance": 2,
            "forecast": quarter.expected,
            "unit": "USD/shares",
        }
        yield {**base, "known_at": quarter.told - ANNOUNCED}
        beat = round(quarter.actual / quarter.expected - 1, 4)
        yield {**base, "known_at": quarter.told, "actual": quarter.actual, "surprise": beat}
    for action in action_rows(view, symbol):
        if action["action"] in {"dividend", "split"}:
            yield {
                "event": action["action"],
                "id": f"{symbol}-{action['ex_date']}",
                "instrument": symbol,
                "ts": action["ts"],
                "known_at": action["known_at"],
                "title": f"Simulated {action['action']} of {symbol}",
                "importance": 1,
            }


def classification_rows(view: View, symbol: str) -> Iterator[Row]:
    """Give the sector of a share, from its first day."""
    del view
    start = at(FIRST, time())
    sector = SECTORS[SHARES.index(symbol) % len(SECTORS)]
    yield {
        "instrument": symbol,
        "ts": start,
        "known_at": start,
        "scheme": "own",
        "sector": sector,
        "industry": f"{sector}, simulated",
    }


def membership_rows(view: View, index: str) -> Iterator[Row]:
    """Give the members of the index; the end of a span is told when it is decided."""
    days = milestones(view.seed)
    for symbol in SHARES:
        start = days.spin_off if symbol == CHILD else FIRST
        told = at(start, time()) if start == FIRST else _announced(start)
        base: Row = {"index": index, "member": symbol, "ts": at(start, time()), "start": start}
        yield {**base, "known_at": told}
        if symbol == DELISTED:
            yield {**base, "known_at": _announced(days.delisting), "end": days.delisting}
