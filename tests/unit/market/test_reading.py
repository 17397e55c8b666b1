"""Chains, statements and events as the outside asks for them, through the door's validation."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import polars as pl
import pytest

from fondaco.core.capability import Capability
from fondaco.core.clock import FixedClock
from fondaco.core.errors import InvalidInput, NotFound
from fondaco.core.invoke import validate
from fondaco.core.text import plain
from fondaco.market import reading as module
from fondaco.market.fakes import MemoryInstruments, MemoryStore
from fondaco.market.kind_rows import KindRows
from fondaco.market.kinds import kind_named
from fondaco.market.reading_results import Chain, EventList, Fundamentals
from unit.market.rows import AAA, BBB

NOW = datetime(2024, 6, 28, 21, 0, tzinfo=UTC)
NOON = datetime(2024, 6, 3, 16, tzinfo=UTC)


class Scene:
    """A store with some rows and what reads them."""

    def __init__(self) -> None:
        self.store = MemoryStore()

    def put(self, kind: str, *rows: dict[str, Any], source: str = "simulated") -> None:
        filled = [{"source": source, "known_at": row["ts"], **row} for row in rows]
        frame = kind_named(kind).frame(filled).drop("where").with_columns(ingest_id=pl.lit("1"))
        self.store.append(kind, frame, ingest_id="1")

    def ask(self, function: Any, **raw: Any) -> Any:
        cap: Capability = function.__capability__
        inputs = validate(cap, raw)
        given = {name: getattr(inputs, name) for name in cap.inputs.model_fields}
        house = {
            "kind_rows": KindRows(self.store),
            "instruments": MemoryInstruments((AAA, BBB)),
            "clock": FixedClock(NOW),
        }
        result = cap.function(*(house[need] for need in cap.needs), **given)
        return cap.output.validate_python(cap.output.dump_python(result, mode="json"))


@pytest.fixture
def scene() -> Scene:
    """An empty scene."""
    return Scene()


def _contract(strike: float, right: str = "call", **cells: Any) -> dict[str, Any]:
    return {
        "instrument": AAA.id,
        "ts": NOON,
        "expiry": date(2024, 7, 19),
        "strike": strike,
        "right": right,
        "root": "AAA",
        "underlying": 100.0,
        "bid": 1.0,
        "ask": 1.2,
        **cells,
    }


def test_a_chain_is_one_moment_of_one_source_around_the_price(scene: Scene) -> None:
    strikes = [80.0, 90.0, 95.0, 100.0, 105.0, 110.0, 120.0]
    both = [_contract(s, r) for s in strikes for r in ("call", "put")]
    scene.put("chains", *both, source="live:y")
    scene.put("chains", _contract(100.0, ts=NOON - timedelta(days=1), bid=9.0), source="live:y")
    scene.put("chains", _contract(100.0, ts=NOON - timedelta(hours=1), bid=7.0), source="file:x")
    found: Chain = scene.ask(module.show_chain, symbol="AAA", strikes=2)
    assert sorted({c.strike for c in found.lines}) == [95.0, 100.0, 105.0, 110.0]
    assert {c.bid for c in found.lines} == {1.0}, "no row of another moment or source"
    assert (found.ts, found.underlying, found.source) == (NOON, 100.0, "live:y")
    assert "Option chain of AAA" in plain(module.show_chain.__capability__.view(found))  # type: ignore[attr-defined]


def test_an_old_chain_is_read_as_it_was_and_an_unknown_expiry_names_those_there(
    scene: Scene,
) -> None:
    scene.put("chains", _contract(100.0), _contract(100.0, expiry=date(2024, 8, 16)))
    later = NOON + timedelta(days=1)
    scene.put("chains", _contract(100.0, ts=later, underlying=50.0))
    old = scene.ask(module.show_chain, symbol="AAA", as_of=NOON.isoformat())
    assert (old.ts, len(old.expiries)) == (NOON, 2)
    assert scene.ask(module.show_chain, symbol="AAA").ts == later
    with pytest.raises(NotFound, match="2024-07-19"):
        scene.ask(module.show_chain, symbol="AAA", expiry="2024-09-20")
    with pytest.raises(NotFound, match="--kind chains --symbol BBB"):
        scene.ask(module.show_chain, symbol="BBB")


def test_an_adjusted_contract_stands_beside_the_standard_one_under_its_own_root(
    scene: Scene,
) -> None:
    scene.put("chains", _contract(100.0), _contract(100.0, root="AAA1", bid=0.2, ask=0.3))
    found = scene.ask(module.show_chain, symbol="AAA")
    assert [(c.root, c.bid) for c in found.lines] == [("AAA", 1.0), ("AAA1", 0.2)]


def _filed(value: float, filing: str, known: datetime, item: str = "us-gaap:Revenues") -> Any:
    return {
        "instrument": AAA.id,
        "ts": datetime(2024, 3, 31, tzinfo=UTC),
        "known_at": known,
        "item": item,
        "unit": "USD",
        "start": date(2024, 1, 1),
        "end": date(2024, 3, 31),
        "filing": filing,
        "form": "10-Q",
        "fiscal_year": 2024,
        "fiscal_period": "Q1",
        "value": value,
    }


def test_a_restatement_counts_from_the_day_it_was_filed(scene: Scene) -> None:
    first, again = datetime(2024, 5, 1, tzinfo=UTC), datetime(2024, 6, 10, tzinfo=UTC)
    scene.put("fundamentals", _filed(100.0, "0001", first), _filed(90.0, "0002", again))
    now: Fundamentals = scene.ask(module.show_fundamentals, symbol="AAA")
    assert [(f.value, f.filing, f.revised) for f in now.lines] == [(90.0, "0002", 1)]
    then = scene.ask(module.show_fundamentals, symbol="AAA", as_of="2024-06-09")
    assert [(f.value, f.filing, f.revised) for f in then.lines] == [(100.0, "0001", 0)]
    with pytest.raises(NotFound, match="no statement"):
        scene.ask(module.show_fundamentals, symbol="AAA", as_of="2024-04-30")
    assert "2024 Q1" in plain(module.show_fundamentals.__capability__.view(now))  # type: ignore[attr-defined]


def test_items_are_found_by_a_part_of_their_name(scene: Scene) -> None:
    at = datetime(2024, 5, 1, tzinfo=UTC)
    scene.put(
        "fundamentals", _filed(1.0, "0001", at), _filed(2.0, "0001", at, item="us-gaap:Assets")
    )
    found = scene.ask(module.show_fundamentals, symbol="AAA", item="assets")
    assert [f.item for f in found.lines] == ["us-gaap:Assets"]
    assert scene.ask(module.show_fundamentals, symbol="AAA", item="a.sets").total == 0


def _event(at: datetime, **cells: Any) -> dict[str, Any]:
    return {
        "event": "earnings",
        "id": cells.pop("id", "1"),
        "instrument": AAA.id,
        "ts": at,
        "known_at": datetime(2024, 6, 1, tzinfo=UTC),
        "title": "AAA reports",
        **cells,
    }


def test_an_event_that_was_moved_stands_where_it_stood_then(scene: Scene) -> None:
    due, moved = datetime(2024, 7, 10, tzinfo=UTC), datetime(2024, 7, 20, tzinfo=UTC)
    scene.put("events", _event(due))
    scene.put("events", _event(moved, known_at=datetime(2024, 6, 20, tzinfo=UTC)))
    now: EventList = scene.ask(module.list_events)
    assert [e.at for e in now.events] == [moved]
    then = scene.ask(module.list_events, as_of="2024-06-15", until="2024-07-31")
    assert [e.at for e in then.events] == [due]
    assert scene.ask(module.list_events, as_of="2024-05-31", until="2024-07-31").total == 0


def test_a_past_event_carries_its_surprise_and_importance_narrows(scene: Scene) -> None:
    at = datetime(2024, 6, 7, 12, 30, tzinfo=UTC)
    scene.put(
        "events",
        _event(at, event="economic", id="NFP", forecast=200.0, actual=150.0, importance=3),
        _event(at, id="2", importance=1),
    )
    found = scene.ask(module.list_events, since="2024-06-01", until="2024-06-30", importance=2)
    assert [(e.title, e.surprise) for e in found.events] == [("AAA reports", -0.25)]
    only = scene.ask(module.list_events, since="2024-06-01", until="2024-06-30", symbol="AAA")
    assert only.total == 2
    kinds = scene.ask(
        module.list_events, since="2024-06-01", until="2024-06-30", event=["earnings"]
    )
    assert [e.event for e in kinds.events] == ["earnings"]


def test_a_span_that_is_none_is_refused(scene: Scene) -> None:
    with pytest.raises(InvalidInput, match="span of events"):
        scene.ask(module.list_events, since="2024-06-02", until="2024-06-01")
