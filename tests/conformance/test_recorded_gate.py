"""What every provider gives is taken in by the desk's own road: book, calendars, gate, store."""

import hashlib
from itertools import count

import pytest

from conformance.test_recorded import CASES, CLOCK
from fondaco.adapters.providers.conformance.case import Recorded
from fondaco.core.ids import Ids
from fondaco.market.book import SymbolBook
from fondaco.market.fakes import MemoryArchive, MemoryStore
from fondaco.market.ingest import Ingestor
from unit.market.rows import exchange

EXPIRED = {"polygon-chains", "yahoo-chains"}
"""Chains that were recorded years ago: the gate says of every contract that it has expired."""


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.sheet.name}-{case.id}")
def test_a_recorded_answer_is_taken_in(case: Recorded) -> None:
    provider, store, numbers = case.build(CLOCK, case.answer), MemoryStore(), count()
    ingestor = Ingestor(
        store,
        MemoryArchive(),
        SymbolBook(store),
        exchange(),
        {provider.name: lambda: provider},
        CLOCK,
        Ids(CLOCK, lambda n: hashlib.shake_256(str(next(numbers)).encode()).digest(n)),
    )
    report = ingestor.ingest(provider.name, case.ask)
    faults = [(f.rule, f.reason) for f in ingestor.faults() if f.row]
    if f"{case.sheet.name}-{case.id}" in EXPIRED:
        assert {rule for rule, _ in faults} == {"expired"}
        return
    assert report.rows_new > 0, faults
    assert store.read(case.ask.kind).height > 0, faults
