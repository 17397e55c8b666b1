"""What every provider gives is taken in by the desk's own road: book, calendars, gate, store."""

import hashlib
from collections.abc import Callable
from itertools import count

import pytest

from conformance.test_recorded import CASES, CLOCK
from fondaco.adapters.providers.conformance.case import Recorded
from fondaco.core.ids import Ids
from fondaco.market.book import SymbolBook
from fondaco.market.fakes import MemoryArchive, MemoryStore
from fondaco.market.ingest import Ingestor
from fondaco.market.kind_rows import KindRows
from fondaco.market.ports import Provider
from fondaco.market.results import IngestReport
from unit.market.rows import exchange

EXPIRED = {"polygon-chains", "yahoo-chains"}
"""Chains that were recorded years ago: the gate says of every contract that it has expired."""


class Desk:
    """A market in memory that takes in recorded answers."""

    def __init__(self) -> None:
        numbers = count()
        self.store = MemoryStore()
        self.book = SymbolBook(self.store)
        self._providers: dict[str, Callable[[], Provider]] = {}
        self.ingestor = Ingestor(
            self.store,
            MemoryArchive(),
            self.book,
            exchange(),
            self._providers,
            CLOCK,
            Ids(CLOCK, lambda n: hashlib.shake_256(str(next(numbers)).encode()).digest(n)),
        )

    def take(self, case: Recorded) -> IngestReport:
        """Take in what a case asks for."""
        provider = case.build(CLOCK, case.answer)
        self._providers[provider.name] = lambda: provider
        return self.ingestor.ingest(provider.name, case.ask)


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.sheet.name}-{case.id}")
def test_a_recorded_answer_is_taken_in(case: Recorded) -> None:
    desk = Desk()
    report = desk.take(case)
    faults = [(f.rule, f.reason) for f in desk.ingestor.faults() if f.row]
    if f"{case.sheet.name}-{case.id}" in EXPIRED:
        assert {rule for rule, _ in faults} == {"expired"}
        return
    assert report.rows_new > 0, faults
    assert desk.store.read(case.ask.kind).height > 0, faults


@pytest.mark.parametrize("backwards", [False, True])
def test_all_sources_stand_beside_each_other_on_one_desk(backwards: bool) -> None:
    desk = Desk()
    taken = {case.ask.kind for case in CASES}
    for case in reversed(CASES) if backwards else CASES:
        desk.take(case)
    known = [(i.symbol, i.venue) for i in desk.book.all()]
    assert len(known) == len(set(known))
    assert [venue for symbol, venue in known if symbol == "AAPL"] == ["XNAS"]
    rows = KindRows(desk.store)
    for kind in taken - {"bars_1d"}:
        assert rows.read(kind, None, as_of=CLOCK.now()).height > 0, kind
