"""Corporate actions of the exchange: bonus issues, splits, dividends and demergers by ex-date."""

from collections.abc import Mapping
from datetime import date, datetime, time
from functools import partial
from typing import Any

from fondaco.adapters.providers.collect import Collected, useless
from fondaco.adapters.providers.nse_cells import (
    SHARE_SERIES,
    day,
    is_fund,
    listing,
    moment,
    series_in,
    symbol_in,
    told_at,
    words,
)
from fondaco.adapters.providers.nse_purpose import Meant, meaning
from fondaco.adapters.providers.read_json import Useless, read_json
from fondaco.core.instrument import Instrument
from fondaco.market.ports import Parsed, Raw

NONE = ("", "-", None)
Key = tuple[str, date, str]


def parse_actions(raw: Raw, source: str) -> Parsed:
    """Return the actions of an answer, those of one share, day and kind as one row.

    A meeting, a buy-back and what is not of a share are no row; a purpose that cannot be read is a
    fault. Where the answer does not say when an action was announced, its known time is empty.
    """
    found = Collected("actions", raw, source)
    asked = raw.name.split()[2:]
    try:
        told = read_json(raw.body)
        if not isinstance(told, list) or not told:
            raise Useless("the answer is no list of actions")
    except Useless as error:
        return useless("actions", raw, source, str(error))
    rows: dict[Key, dict[str, Any]] = {}
    places: dict[Key, str] = {}
    instruments: dict[str, Instrument] = {}
    seen: set[tuple[str, ...]] = set()
    for n, cells in enumerate(told, start=1):
        where = f"action {n}"

        def read(cells: Any = cells, n: int = n, where: str = where) -> None:
            for row in _actions(cells, asked, raw.asked_at, instruments, seen):
                key = (row["instrument"], row["ex_date"], row["action"])
                rows[key] = _together(rows[key], row) if key in rows else row
                places[key] = f"{places[key]}, {n}" if key in places else where

        found.take(where, "", cells, read)
    for key, row in rows.items():
        found.take(places[key], key[0], row, partial(dict, row))
    return found.parsed(instruments.values())


def _actions(
    cells: Any,
    asked: list[str],
    asked_at: datetime,
    instruments: dict[str, Instrument],
    seen: set[tuple[str, ...]],
) -> list[dict[str, Any]]:
    if not isinstance(cells, dict):
        raise Useless("it is no action")
    symbol = symbol_in(cells.get("symbol"))
    if asked and symbol not in asked:
        raise Useless(f"the action is of {symbol}, not of {asked[0]}")
    series = series_in(cells.get("series"))
    subject = words(cells.get("subject"), "subject")
    fund = is_fund(cells.get("isin")) if cells.get("isin") not in NONE else False
    ex_date = day(cells.get("exDate"), "exDate")
    if series not in SHARE_SERIES:
        return []
    same = (symbol, ex_date.isoformat(), subject.upper())
    if same in seen:
        return []
    meant = meaning(subject)
    told = cells.get("caBroadcastDate")
    known_at = None if told in NONE else told_at(told, "caBroadcastDate", asked_at)
    seen.add(same)
    if meant.is_nothing:
        return []
    name = cells.get("comp")
    instrument = instruments.setdefault(
        symbol, listing(symbol, fund=fund, name=name if isinstance(name, str) else "")
    )
    stem = {
        "instrument": instrument.id,
        "ts": moment(ex_date, time()),
        "known_at": known_at,
        "ex_date": ex_date,
    }
    return [stem | part for part in _parts(meant)]


def _parts(meant: Meant) -> list[dict[str, Any]]:
    paid = {"dividend": meant.dividend, "special": meant.special}
    parts: list[dict[str, Any]] = [
        {"action": action, "amount": rupees, "currency": "INR"}
        for action, rupees in paid.items()
        if rupees
    ]
    if meant.factor is not None:
        parts.append({"action": "split", "factor": meant.factor})
    if meant.spin_off:
        parts.append({"action": "spin_off"})
    return parts


def _together(one: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    """Return two actions of one share, day and kind as one, known when the later was."""
    both = dict(one)
    if one.get("amount") is not None:
        both["amount"] = one["amount"] + other["amount"]
    if one.get("factor") is not None:
        both["factor"] = one["factor"] * other["factor"]
    times = (one["known_at"], other["known_at"])
    both["known_at"] = None if None in times else max(times)
    return both
