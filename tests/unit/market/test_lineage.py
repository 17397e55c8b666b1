"""From a stored row to its raw answer and its place in it."""

from dataclasses import replace
from typing import Any

import polars as pl
import pytest

from fondaco.market.lineage import Lineage
from fondaco.market.lineage_values import Proof, RowOrigin
from fondaco.market.ports import Ask, Parsed, Raw
from fondaco.market.tables import BARS
from unit.market.rows import AAA, BBB, Desk, page


class Other:
    """A provider whose parser has changed since: every close is read as one more."""

    def __init__(self, provider: Any) -> None:
        self._provider = provider

    def __getattr__(self, name: str) -> Any:
        return getattr(self._provider, name)

    def parse(self, raw: Raw, ask: Ask) -> Parsed:
        parsed: Parsed = self._provider.parse(raw, ask)
        return replace(parsed, bars=parsed.bars.with_columns(pl.col("close") + 1))


class Nothing(Other):
    """A provider whose parser finds nothing any more."""

    def parse(self, raw: Raw, ask: Ask) -> Parsed:
        parsed: Parsed = self._provider.parse(raw, ask)
        return replace(parsed, bars=parsed.bars.clear())


@pytest.fixture
def desk() -> Desk:
    """A desk with two pages of two shares."""
    desk = Desk()
    desk.take(page(AAA, [10.0, 10.2]), page(BBB, [5.0, 5.1]))
    return desk


def _origins(desk: Desk, provider: Any = None) -> tuple[RowOrigin, ...]:
    made = provider or desk._provider()
    lineage = Lineage(desk.store, desk.archive, {"pages": lambda: made}, desk.book.known_as)
    return lineage.of(BARS, desk.store.read(BARS))


def test_each_row_leads_to_the_bytes_it_came_from(desk: Desk) -> None:
    found = _origins(desk)
    assert [origin.proof for origin in found] == [Proof.SAME] * 4
    for origin in found:
        assert origin.raw is not None
        raw = desk.archive.get(origin.raw.digest)
        assert len(raw.body) == origin.raw.size_bytes
        line = raw.body.decode().splitlines()[1 + int(origin.raw.where.split()[-1])]
        cells = dict(origin.cells)
        assert cells["session"] in line
        assert cells["close"] in line
        assert (origin.provider, origin.asked) == ("pages", "bars_1d")


def test_a_raw_answer_that_was_lost_is_said_to_be(desk: Desk) -> None:
    desk.archive._kept.clear()
    assert {origin.proof for origin in _origins(desk)} == {Proof.LOST}


def test_a_parser_that_reads_another_number_is_not_vouched_for(desk: Desk) -> None:
    found = _origins(desk, Other(desk._provider()))
    assert {origin.proof for origin in found} == {Proof.DIFFERS}
    assert all(origin.raw is not None for origin in found), "its place is shown all the same"
    assert {o.proof for o in _origins(desk, Nothing(desk._provider()))} == {Proof.ABSENT}


def test_a_row_without_an_ingest_on_record_is_not_vouched_for(desk: Desk) -> None:
    rows = desk.store.read(BARS).with_columns(
        ingest_id=pl.lit("elsewhere"), close=pl.col("close") + 0.01, source=pl.lit("file:x")
    )
    desk.store.append(BARS, rows, ingest_id="elsewhere")
    found = {origin.source: origin.proof for origin in _origins(desk)}
    assert found == {"simulated": Proof.SAME, "file:x": Proof.UNRECORDED}


def test_a_row_that_a_person_let_in_says_so_and_leads_to_its_first_ingest() -> None:
    desk = Desk()
    desk.take(page(AAA, [10.0, 50.0]))
    (fault,) = desk.ingestor.faults(rule="jump")
    desk.ingestor.replay((fault,), by="ann", reason="checked with the exchange")
    (first, second) = _origins(desk)
    assert (first.let_in, first.proof) == ("", Proof.SAME)
    assert second.let_in == "ann: checked with the exchange"
    assert second.proof is Proof.SAME
    assert second.ingest == first.ingest


def test_a_revision_says_when_its_key_was_first_stated() -> None:
    desk = Desk()
    desk.take(page(AAA, [10.0, 10.2]))
    desk.take(page(AAA, [10.0, 10.3]))
    (same, revised) = _origins(desk)
    assert same.first_known_at == same.known_at
    assert revised.first_known_at < revised.known_at
    assert dict(revised.cells)["close"] == "10.3"
    assert revised.proof is Proof.SAME
