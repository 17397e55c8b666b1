"""The simulated market at the quality gate: clean as it is, caught where faults are planted."""

from datetime import date, timedelta

import polars as pl
import pytest

from fondaco.adapters.providers.simulated_kinds import STOCK
from fondaco.adapters.providers.simulated_truth import PlantedEvent, truth
from fondaco.market.ports import Ask, Fault
from fondaco.market.rules import RULES, Severity
from unit.adapters.providers.simulated_cases import NOW, desk

SPANS = {
    "bars_1d": (date(2023, 6, 1), None),
    "bars_intraday": (date(2024, 6, 27), None),
    "quotes": (date(2024, 6, 28), None),
    "trades": (date(2024, 6, 28), None),
    "depth": (date(2024, 6, 28), None),
    "chains": (date(2024, 6, 27), None),
    "funding": (date(2024, 5, 1), None),
    "transfers": (date(2024, 5, 1), None),
    "open_interest": (date(2024, 5, 1), None),
    "yields": (date(2024, 1, 1), None),
}
SYMBOLS = {"trades": ("SIM00", "SIM-USD"), "depth": ("SIM00", "SIM-USD", "SIMF")}
FAULTY = truth(7, NOW.date(), faults=True)
YEAR = 2023


def _bad(faults: tuple[Fault, ...]) -> list[Fault]:
    return [fault for fault in faults if RULES[fault.rule].severity is not Severity.INFO]


@pytest.mark.parametrize("kind", STOCK)
def test_the_gate_lets_every_kind_in_without_a_fault(kind: str) -> None:
    ingestor, store = desk()
    since, until = SPANS.get(kind, (None, None))
    report = ingestor.ingest("simulated", Ask(since, until, {}, kind, SYMBOLS.get(kind, ())))
    assert _bad(ingestor.faults()) == []
    assert report.rows_quarantined == 0
    assert report.rows_new > 0
    kept = store.read(kind)
    assert kept["source"].unique().to_list() == ["simulated"]
    assert kept.filter(pl.col("known_at") > NOW).is_empty()


def test_every_planted_fault_names_the_rule_that_finds_it_save_one_that_does_no_harm() -> None:
    clean = {event.id for event in truth(7, NOW.date())}
    planted = [event for event in FAULTY if event.id not in clean and event.start.year == YEAR]
    assert len(planted) == 9
    assert {event.what for event in planted if not event.rule} == {"out_of_order"}
    assert {event.rule for event in planted if event.rule} <= RULES.keys()


def _planted(kind: str) -> list[PlantedEvent]:
    return [
        event
        for event in FAULTY
        if event.told_by == (kind,) and event.start.year == YEAR and event.id.count(kind)
    ]


@pytest.mark.parametrize("event", _planted("bars_1d"), ids=lambda event: event.what)
def test_the_gate_finds_each_planted_fault_of_daily_bars_and_nothing_else(
    event: PlantedEvent,
) -> None:
    ingestor, store = desk()
    others = tuple(n for n in ("SIM00", "SIM01", "SIM02", "SIM04", "SIM05") if n != event.symbol)
    ask = Ask(
        event.start.date() - timedelta(days=30),
        event.end.date() + timedelta(days=30),
        {"faults": "true"},
        symbols=(event.symbol, *others[:4]),
    )
    report = ingestor.ingest("simulated", ask)
    name = _id_of(store.read("instruments"), event.symbol)
    found = [f for f in ingestor.faults(instruments=(name,)) if f.rule == event.rule]
    days = {f.session for f in found}
    assert bool(days) == bool(event.rule)
    assert all(d and event.start.date() <= d <= event.end.date() for d in days)
    assert set(store.read("bars_1d")["source"]) == {"simulated:faults"}
    if event.what in {"fat_finger", "unit_x100"}:
        assert len(days) == report.rows_quarantined


@pytest.mark.parametrize(
    "event",
    [e for kind in ("bars_intraday", "quotes", "trades") for e in _planted(kind)],
    ids=lambda event: f"{event.told_by[0]}-{event.what}",
)
def test_the_gate_finds_each_planted_fault_inside_a_session(event: PlantedEvent) -> None:
    ingestor, store = desk()
    (kind,), day = event.told_by, event.start.date()
    others = tuple(n for n in ("SIM00", "SIM01", "SIM02", "SIM04", "SIM05") if n != event.symbol)
    symbols = (event.symbol, *(others[:4] if event.rule == "frozen" else ()))
    ingestor.ingest("simulated", Ask(day, day, {"faults": "true"}, kind, symbols))
    name = _id_of(store.read("instruments"), event.symbol)
    found = _bad(ingestor.faults(instruments=(name,)))
    assert {f.rule for f in found} == {event.rule}
    clean, _ = desk()
    clean.ingest("simulated", Ask(day, day, {}, kind, symbols))
    assert _bad(clean.faults()) == []


def _id_of(book: pl.DataFrame, symbol: str) -> str:
    found: str = book.filter(pl.col("symbols").str.contains(f'"{symbol}"'))["instrument"].item()
    return found
