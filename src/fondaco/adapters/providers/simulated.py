"""The `simulated` provider: a small made-up market whose truth is known, for tests of everything.

Twelve shares, an index, its future, a crypto pair and all that is said of them, of every kind.
Options: `seed` (7 if left out), `faults` ("true" plants bad rows), and of `bars_intraday` `seconds`
(60, 300, 900 or 1800). Without symbols all there are of a kind are given. Answers are JSON, the
same bytes for the same question; a longer span holds the shorter one unchanged. `simulated_truth`
tells what was planted. Its rows are `simulated`; another seed's are `simulated:seed-9`.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

import polars as pl

from fondaco.adapters.providers.collect import Collected, useless
from fondaco.adapters.providers.fits import columns_of
from fondaco.adapters.providers.parts import Parts
from fondaco.adapters.providers.read_json import Useless, number, part, read_json
from fondaco.core.clock import Clock
from fondaco.core.errors import InvalidInput, NotFound
from fondaco.core.instrument import AssetClass, DatedSymbol, Instrument, InstrumentId, Origin
from fondaco.market.identity import UNDATED, instrument_id, source_name
from fondaco.market.intake import INSTRUMENT_COLUMNS
from fondaco.market.kinds import KINDS
from fondaco.market.ports import Ask, Parsed, Raw
from fondaco.market.sheets import Market, Offer, Sheet
from fondaco.market.tables import BARS, PARSED, UTC_TIME

if TYPE_CHECKING:
    from fondaco.adapters.providers.simulated_kinds import Stock

NAME = "simulated"
MADE_UP = "made up: a simulated market, for tests"
SECONDS = (60, 300, 900, 1_800)
INTRADAY = "bars_intraday"
NEWEST = frozenset({"quotes", "depth"})
"""Kinds of which the newest moment alone is given when no span is asked for."""
_FILLED = ("source", "where")
MARKETS = (Market.US, Market.CRYPTO, Market.WORLD)
SHEET = Sheet(
    NAME,
    "Simulated market",
    Origin.SIMULATED,
    tuple(Offer(kind, MARKETS, "made up, from 2018 to now", 0) for kind in (BARS, *KINDS)),
    terms="none: every number and word is made up",
    tried="made up on this machine; there is no live service",
)


@dataclass(frozen=True, slots=True)
class Wanted:
    """The options of an ask, read: whose market, whether with bad rows, and the bars' length."""

    seed: int
    faults: bool
    seconds: int

    @property
    def source(self) -> str:
        """How rows name where they come from."""
        from fondaco.adapters.providers.simulated_world import SEED

        words = [f"seed-{self.seed}"] if self.seed != SEED else []
        return source_name(Origin.SIMULATED, "-".join(words + ["faults"] * self.faults))


class Simulated:
    """A market that never was, the same each time, with planted events and faults."""

    sheet = SHEET
    name = NAME
    origin = SHEET.origin

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    @classmethod
    def build(cls, parts: Parts) -> "Simulated":
        """Return the provider of a desk."""
        return cls(parts.clock)

    def ask(self, ask: Ask) -> tuple[Raw, ...]:
        """Make up one answer for each name, up to what is known by now.

        Raises NotFound for a kind or name that is none, InvalidInput for options or a span.
        """
        from fondaco.adapters.providers.simulated_kinds import STOCK

        SHEET.offer(ask.kind)
        wanted, stock = _wanted(ask), STOCK[ask.kind]
        names = _names(ask, stock)
        now = self._clock.now()
        return tuple(_answer(ask, name, stock, wanted, now) for name in names)

    def parse(self, raw: Raw, ask: Ask) -> Parsed:
        """Read one answer; one that cannot be used as a whole is a fault."""
        try:
            wanted = _wanted(ask)
            return _read(raw, ask, wanted)
        except Useless as error:
            return useless(ask.kind, raw, source_name(Origin.SIMULATED, NAME), str(error))


def _wanted(ask: Ask) -> Wanted:
    from fondaco.adapters.providers.simulated_world import SEED, SEED_MAX

    options = dict(ask.options or {})
    seed, faults = options.pop("seed", str(SEED)), options.pop("faults", "false")
    seconds = options.pop("seconds", "60") if ask.kind == INTRADAY else "60"
    if options:
        raise InvalidInput(
            f"the simulated market has no such option for {ask.kind}",
            value=", ".join(options),
            bound="seed, faults" + ", seconds" * (ask.kind == INTRADAY),
        )
    if not (seed.isascii() and seed.isdecimal() and int(seed[:20]) <= SEED_MAX):
        raise InvalidInput("the seed is no seed", value=seed[:40], bound=f"0 to {SEED_MAX}")
    if faults not in {"true", "false"}:
        raise InvalidInput("faults are planted or not", value=faults[:20], bound="true, false")
    if seconds not in {str(one) for one in SECONDS}:
        raise InvalidInput(
            "there are no bars of this length",
            value=seconds[:20],
            bound=", ".join(str(one) for one in SECONDS),
        )
    return Wanted(int(seed), faults == "true", int(seconds))


def _names(ask: Ask, stock: "Stock") -> tuple[str, ...]:
    from fondaco.adapters.providers.simulated_world import PAIR, PERPETUAL, canonical

    if not ask.symbols:
        return stock.names
    found = []
    for symbol in ask.symbols:
        name = symbol.strip() if ask.kind == "odds" else canonical(symbol.strip().upper())
        if name == PAIR and PERPETUAL in stock.names:
            name = PERPETUAL
        if name not in stock.names and not (ask.kind == "odds" and name.startswith("sim-")):
            raise NotFound(
                f"the simulated market has no {ask.kind} of this name",
                value=symbol[:40],
                remedy=f"It has {', '.join(stock.names)}.",
            )
        found.append(name)
    return tuple(dict.fromkeys(found))


def _answer(ask: Ask, name: str, stock: "Stock", wanted: Wanted, now: datetime) -> Raw:
    from fondaco.adapters.providers.simulated_faults import with_faults

    view = _view(ask, stock, wanted, now)
    known = [
        row
        for row in stock.rows(view, name)
        if row.get("known_at", now) <= now and _is_wanted(row, ask)  # type: ignore[operator]
    ]
    known.sort(key=lambda row: (_when(row), row.get("known_at", now)))
    if ask.kind in NEWEST and (ask.since, ask.until) == (None, None):
        known = [row for row in known if row["ts"] == known[-1]["ts"]]
    if wanted.faults:
        years = range(view.since.year, view.until.year + 1)
        known = with_faults(wanted.seed, ask.kind, name, years, known)
    body = _written(ask.kind, name, known, wanted, now)
    digest = hashlib.sha256(body).hexdigest()
    request = f"simulated: {ask.kind} of {name}, seed {wanted.seed}"
    return Raw(NAME, f"{ask.kind} {name}", body, now, digest, request)


def _view(ask: Ask, stock: "Stock", wanted: Wanted, now: datetime) -> Any:
    from fondaco.adapters.providers.simulated_days import FIRST
    from fondaco.adapters.providers.simulated_world import View

    until = min(ask.until or now.date(), now.date())
    since = max(ask.since or FIRST, FIRST)
    if ask.since is None and stock.recent:
        since = max(_latest(until, now, over=ask.kind == "chains"), FIRST)
    if ask.since and ask.until and ask.since > ask.until:
        raise InvalidInput(
            "the span ends before it starts",
            value=f"{ask.since} to {ask.until}",
            bound="an end not before the start",
        )
    if (until - since).days > stock.days_max:
        raise InvalidInput(
            f"the span is too long for {ask.kind}",
            value=f"{(until - since).days} days",
            bound=f"{stock.days_max} days",
            remedy="Ask for less time.",
        )
    return View(wanted.seed, since, max(until, since), now, wanted.seconds)


def _latest(until: date, now: datetime, *, over: bool) -> date:
    """Return the last session, by the end of a day, that had begun (or was over) by now."""
    from fondaco.adapters.providers.simulated_days import closes_at, is_session, opens_at

    moment = closes_at if over else opens_at
    while not is_session(until) or moment(until) > now:
        until -= timedelta(days=1)
    return until


def _when(row: Mapping[str, Any]) -> datetime:
    if "session" in row:
        return datetime.combine(row["session"], time(), UTC)
    moment: datetime = row["ts"]
    return moment


def _is_wanted(row: Mapping[str, Any], ask: Ask) -> bool:
    day = _when(row).astimezone(UTC).date()
    return (ask.since is None or ask.since <= day) and (ask.until is None or day <= ask.until)


def _written(
    kind: str, name: str, rows: list[dict[str, object]], wanted: Wanted, now: datetime
) -> bytes:
    columns = [c for c in columns_of(kind) if c not in _FILLED]
    held = sorted({str(row[c]) for row in rows for c in INSTRUMENT_COLUMNS if row.get(c)})
    data = {
        "simulated": MADE_UP,
        "kind": kind,
        "of": name,
        "seed": wanted.seed,
        "faults": wanted.faults,
        "instruments": [_thing(wanted.seed, symbol, now.date()) for symbol in held],
        "columns": columns,
        "rows": [[_cell(row.get(column)) for column in columns] for row in rows],
    }
    return json.dumps(data, separators=(",", ":")).encode()


def _cell(value: object) -> object:
    return value.isoformat() if isinstance(value, date) else value


def _thing(seed: int, symbol: str, today: date) -> dict[str, Any]:
    from fondaco.adapters.providers.simulated_world import instrument

    one = instrument(seed, symbol, today)
    return {
        "first": symbol,
        "tickers": [
            [s.symbol, s.start.isoformat(), s.end and s.end.isoformat()] for s in one.symbols
        ],
        "class": one.asset_class.value,
        "venue": one.venue,
        "currency": one.currency,
        "name": one.name,
        "sector": one.sector,
    }


def _read(raw: Raw, ask: Ask, wanted: Wanted) -> Parsed:
    data = read_json(raw.body)
    if part(data, "simulated", str) != MADE_UP:
        raise Useless("the answer is not of the simulated market")
    told = f"{part(data, 'kind', str)} {part(data, 'of', str)}"
    if told != raw.name or data["kind"] != ask.kind:
        raise Useless(f"the answer is of {told[:60]}, not of {raw.name}")
    if (part(data, "seed", int), part(data, "faults", bool)) != (wanted.seed, wanted.faults):
        raise Useless("the answer is of another seed than asked for")
    things = dict(_instrument(thing) for thing in part(data, "instruments", list))
    columns = part(data, "columns", list)
    if columns != [c for c in columns_of(ask.kind) if c not in _FILLED]:
        raise Useless(f"the answer has other columns than {ask.kind} has")
    rows = part(data, "rows", list)
    out = Collected(ask.kind, raw, wanted.source)
    for n, cells in enumerate(rows, 1):
        of = str(cells[0])[:80] if isinstance(cells, list) and cells else raw.name
        where = f"{raw.name} row {n}"
        out.take(where, of, cells, lambda cells=cells: _row(ask, columns, cells, things))  # type: ignore[misc]
    if not rows:
        return Parsed(pl.DataFrame(schema=PARSED), tuple(things.values()), ())
    return out.parsed(things.values())


def _row(
    ask: Ask, columns: list[str], cells: Any, things: Mapping[str, Instrument]
) -> dict[str, Any] | None:
    if not isinstance(cells, list) or len(cells) != len(columns):
        raise Useless(f"the row has not {len(columns)} cells")
    kinds = columns_of(ask.kind)
    row = {
        name: _value(kinds[name].dtype, name, cell)
        for name, cell in zip(columns, cells, strict=True)
    }
    for name in INSTRUMENT_COLUMNS:
        if row.get(name) is not None:
            row[name] = _known(row[name], things)
    return row if _is_wanted(row, ask) else None


def _known(symbol: str, things: Mapping[str, Instrument]) -> InstrumentId:
    if symbol not in things:
        raise Useless(f"{symbol[:40]} is none of the answer's instruments")
    return things[symbol].id


def _value(dtype: pl.DataType, name: str, cell: Any) -> Any:
    if cell is None:
        return None
    if dtype == pl.Float64():
        return number(cell, name)
    if dtype not in {pl.Date(), UTC_TIME}:
        return cell
    try:
        return date.fromisoformat(cell) if dtype == pl.Date() else datetime.fromisoformat(cell)
    except (TypeError, ValueError) as error:
        raise Useless(f"{name} {str(cell)[:40]!r} is no time") from error


def _instrument(thing: Any) -> tuple[str, Instrument]:
    try:
        tickers = tuple(
            DatedSymbol(symbol, date.fromisoformat(start), end and date.fromisoformat(end))
            for symbol, start, end in thing["tickers"]
        )
        asset_class = AssetClass(thing["class"])
        return thing["first"], Instrument(
            id=instrument_id(asset_class, thing["venue"], thing["first"], UNDATED),
            symbols=tickers,
            asset_class=asset_class,
            venue=thing["venue"],
            currency=thing["currency"],
            name=thing["name"],
            sector=thing["sector"],
        )
    except (KeyError, TypeError, ValueError) as error:
        raise Useless("the answer's instruments cannot be read") from error
