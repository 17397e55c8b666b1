"""The intake of every kind: recorded before it is read, checked at the edge, told once."""

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import permutations

import polars as pl
import pytest

from fondaco.core.errors import NotFound, Refused
from fondaco.market.errors import Cause, Unanswered
from fondaco.market.faults import make_fault
from fondaco.market.kinds import KINDS
from fondaco.market.ports import Ask
from fondaco.market.tables import INGESTS, QUARANTINE
from unit.market.gate.kinds import NOON, SOURCE, KindDesk, Row
from unit.market.rows import AAA, BBB

AT = datetime(2024, 6, 28, 15, 0, tzinfo=UTC)


def quote(minute: int = 0, bid: float = 9.99, ask: float = 10.01, **cells: object) -> Row:
    """Return a quote of AAA at a minute."""
    when = AT + timedelta(minutes=minute)
    return {"instrument": AAA.id, "ts": when, "bid": bid, "ask": ask, "last": 10.0} | cells


def cpi(period: date, value: float, known_at: datetime | None = None, **cells: object) -> Row:
    """Return one observation of a series, in one vintage."""
    ts = datetime(period.year, period.month, 28, tzinfo=UTC)
    return {
        "series": "CPI",
        "ts": ts,
        "known_at": known_at,
        "period": period,
        "value": value,
        "vintage": known_at is not None,
    } | cells


def test_an_ingest_is_written_down_before_anything_is_read() -> None:
    desk = KindDesk()

    def broken(_: str, row: Row) -> Row:
        raise RuntimeError("the parser died")

    desk.lines.read = broken
    with pytest.raises(RuntimeError):
        desk.give("quotes", [quote()])
    record = desk.store.read(INGESTS).row(0, named=True)
    assert (record["provider"], record["kind"], record["source"]) == ("lines", "quotes", SOURCE)
    assert json.loads(record["asked"])["symbols"] == ["AAA"]
    (raw,) = json.loads(record["raws"])
    assert desk.archive.get(raw["digest"]).body.startswith(b'{"quotes"')
    assert (raw["name"], raw["request"]) == ("answer 0", "/quotes")


def test_one_answer_may_hold_several_kinds_and_each_is_counted() -> None:
    desk = KindDesk()
    funding = {"instrument": AAA.id, "ts": AT, "rate": 0.0001}
    report = desk.give("quotes", [quote(0), quote(1)], funding=[funding])
    assert {(k.kind, k.rows_given, k.rows_new) for k in report.kinds} == {
        ("quotes", 2, 2),
        ("funding", 1, 1),
    }
    assert (report.rows_given, report.rows_new, report.rows_quarantined) == (3, 3, 0)
    assert report.version == 0


def test_an_empty_known_time_becomes_the_time_of_asking() -> None:
    desk = KindDesk()
    desk.give("quotes", [quote(0), quote(1, known_at=AT + timedelta(minutes=2))])
    assert [row["known_at"] for row in desk.kept("quotes")] == [NOON, AT + timedelta(minutes=2)]


def test_the_same_told_again_later_is_no_news() -> None:
    desk = KindDesk()
    desk.give("quotes", [quote(0), quote(1)])
    again = desk.give("quotes", [quote(0), quote(1)], at=NOON + timedelta(hours=1))
    assert again.rows_new == 0
    assert [row["known_at"] for row in desk.kept("quotes")] == [NOON, NOON]
    assert desk.store.version("quotes") == 0


def test_another_value_told_later_is_a_revision_known_then() -> None:
    desk = KindDesk()
    day = date(2024, 5, 1)
    desk.give("macro", [cpi(day, 3.1)])
    later = NOON + timedelta(days=30)
    desk.give("macro", [cpi(day, 3.3)], at=later)
    desk.give("macro", [cpi(day, 3.1)], at=later + timedelta(days=30))
    read = desk.store.read
    assert read("macro", as_of=NOON)["value"].to_list() == [3.1]
    assert read("macro", as_of=later)["value"].to_list() == [3.3]
    assert read("macro")["value"].to_list() == [3.1]


def test_vintages_of_one_answer_are_revisions_whatever_their_order() -> None:
    day = date(2024, 3, 1)
    told = [cpi(day, v, AT - timedelta(days=d)) for v, d in ((5.0, 50), (6.0, 20), (5.0, 10))]
    hashes = set()
    for order in permutations(told):
        desk = KindDesk()
        assert desk.give("macro", list(order)).rows_new == 3
        assert desk.ingestor.faults() == ()
        hashes.add(desk.store.content_hash("macro"))
    assert len(hashes) == 1


def test_rows_of_one_moment_that_differ_are_all_set_aside() -> None:
    desk = KindDesk()
    trade = {"instrument": AAA.id, "ts": AT, "trade": "1", "price": 10.0, "size": 5.0}
    report = desk.give("trades", [trade, trade | {"price": 10.2}, trade | {"trade": "2"}])
    assert (report.rows_new, report.rows_quarantined) == (1, 2)
    assert {f.rule for f in desk.ingestor.faults()} == {"duplicate"}


def test_of_quotes_of_one_moment_the_last_stands() -> None:
    desk = KindDesk()
    report = desk.give("quotes", [quote(0), quote(0, ask=10.02)])
    assert report.faults == ()
    assert [row["ask"] for row in desk.kept("quotes")] == [10.02]


@pytest.mark.parametrize(
    ("rule", "cells"),
    [
        ("missing", {"instrument": None}),
        ("missing", {"instrument": "  "}),
        ("missing", {"ts": None}),
        ("missing", {"rate": None}),
        ("unreadable", {"mark": float("inf")}),
        ("unreadable", {"rate": float("nan")}),
        ("bounds", {"rate": 1.5}),
        ("bounds", {"mark": -0.01}),
        ("clock", {"ts": NOON + timedelta(seconds=6)}),
        ("clock", {"known_at": NOON + timedelta(days=1)}),
        ("known", {"known_at": AT - timedelta(seconds=1)}),
    ],
)
def test_a_row_that_no_source_can_mean_is_set_aside(rule: str, cells: Row) -> None:
    desk = KindDesk()
    good = {"instrument": AAA.id, "ts": AT, "rate": 0.0001, "mark": 10.0}
    other = good | {"ts": AT - timedelta(hours=8)}
    report = desk.give("funding", [good | cells, other])
    assert desk.rules() == [rule]
    assert (report.rows_given, report.rows_new, report.rows_quarantined) == (2, 1, 1)
    fault = desk.ingestor.faults()[0]
    assert (fault.kind, fault.where, fault.source) == ("funding", "line 0", SOURCE)


def test_a_word_that_the_column_does_not_know_is_set_aside() -> None:
    desk = KindDesk()
    level = {"instrument": AAA.id, "ts": AT, "level": 1, "price": 9.0, "size": 1.0}
    desk.give("depth", [level | {"side": "bid"}, level | {"side": "Bid"}])
    assert desk.rules() == ["word"]
    assert "none of bid, ask" in desk.ingestor.faults()[0].reason


def test_a_clock_that_runs_a_little_ahead_is_marked_and_never_known_before_it_happened() -> None:
    desk = KindDesk()
    desk.give("quotes", [quote(0) | {"ts": NOON + timedelta(seconds=2)}])
    (row,) = desk.kept("quotes")
    assert row["known_at"] == row["ts"] == NOON + timedelta(seconds=2)
    assert desk.rules() == ["ahead"]


def test_an_event_may_be_known_before_it_is_due() -> None:
    desk = KindDesk()
    due = NOON + timedelta(days=30)
    event = {"event": "earnings", "id": "1", "instrument": AAA.id, "ts": due, "title": "Q2"}
    desk.give("events", [event])
    (row,) = desk.kept("events")
    assert (row["ts"], row["known_at"]) == (due, NOON)


def test_faults_are_kept_before_rows_and_a_second_time_once() -> None:
    desk = KindDesk()
    rows = [quote(0), quote(1) | {"ts": None}]
    desk.give("quotes", rows)
    version = desk.store.version(QUARANTINE)
    desk.give("quotes", rows, at=NOON + timedelta(hours=2))
    assert desk.store.version(QUARANTINE) == version
    assert len(desk.ingestor.faults()) == 1


@pytest.mark.parametrize(("body", "cause"), [({}, Cause.EMPTY), ({"x": 1}, Cause.BAD)])
def test_an_answer_that_says_nothing_leaves_what_was_asked_unknown(body: Row, cause: Cause) -> None:
    desk = KindDesk()
    fault = make_fault(
        "answer", "no data", source=SOURCE, instrument="AAA", session=None, where="AAA", row="",
        seen_at=NOON, kind="quotes",
    )  # fmt: skip
    desk.lines.faults = (fault,)
    desk.lines.answers = [({"quotes": []} if body else {}, NOON)]
    with pytest.raises(Unanswered, match="no data") as caught:
        desk.ingestor.ingest("lines", Ask(kind="quotes"))
    assert caught.value.cause is cause
    assert desk.store.version("quotes") == -1
    assert desk.store.read(INGESTS).height == 1


def test_an_unknown_kind_is_refused_before_anyone_is_asked() -> None:
    desk = KindDesk()
    with pytest.raises(NotFound, match="no such table"):
        desk.ingestor.ingest("lines", Ask(kind="tarot"))
    assert desk.store.read(INGESTS).is_empty()


def test_a_row_of_another_kind_holds_no_daily_bar_back() -> None:
    desk = KindDesk()
    desk.give("quotes", [quote(0, bid=float("nan"))])
    assert desk.ingestor._quarantine.held((AAA.id,)).is_empty()


def test_a_released_row_of_any_kind_enters_once_with_its_known_time() -> None:
    desk = KindDesk()
    trade = {"instrument": AAA.id, "ts": AT, "trade": "1", "price": 10.0, "size": 5.0}
    both = [trade, trade | {"price": 10.2}]
    desk.give("trades", both)
    (right,) = [f for f in desk.ingestor.faults() if '"price":10.2' in f.row]
    report = desk.ingestor.replay([right], by="ann", reason="as the exchange prints it")
    assert report.rows_new == 1
    assert [(r["price"], r["known_at"]) for r in desk.kept("trades")] == [(10.2, NOON)]
    assert desk.give("trades", both).rows_new == 0
    assert len(desk.ingestor.faults(resolved=False)) == 1


def test_what_could_not_be_read_cannot_be_released() -> None:
    desk = KindDesk()
    desk.give("quotes", [quote(0) | {"ts": None}])
    with pytest.raises(Refused, match="cannot overrule"):
        desk.ingestor.replay(desk.ingestor.faults(), by="ann", reason="all of it")


def test_a_discarded_row_stays_in_the_record_and_is_never_asked_about_again() -> None:
    desk = KindDesk()
    trade = {"instrument": AAA.id, "ts": AT, "trade": "1", "price": 10.0, "size": 5.0}
    both = [trade, trade | {"price": 10.2}]
    desk.give("trades", both)
    done = desk.ingestor.discard(desk.ingestor.faults(), by="ann", reason="a test feed")
    assert len(done.faults) == 2
    # The first row alone would be good now: the decision stands all the same.
    report = desk.give("trades", [trade], at=NOON + timedelta(hours=1))
    assert report.rows_new == 0
    assert desk.kept("trades") == []
    assert desk.ingestor.faults(resolved=False) == ()
    assert {f.resolved for f in desk.ingestor.faults()} == {"discarded: ann: a test feed"}
    with pytest.raises(Refused, match="resolved before"):
        desk.ingestor.discard(desk.ingestor.faults(), by="ann", reason="again")
    with pytest.raises(NotFound):
        desk.ingestor.discard((), by="ann", reason="none")


def test_raw_answers_are_read_again_with_todays_parser() -> None:
    desk = KindDesk()

    def blind(_: str, row: Row) -> Row:
        return row | {"bid": None}

    desk.lines.read = blind
    first = desk.give("quotes", [quote(0)], [quote(1)])
    desk.lines.read = lambda _, row: row
    desk.lines.answers = []
    desk.clock.advance(timedelta(days=3))
    one = desk.ingestor.reparse(first.raw_digests[1])
    assert (one.rows_given, one.rows_new) == (1, 1)
    every = desk.ingestor.reparse(first.ingest_id)
    assert (every.rows_given, every.rows_new) == (2, 1)
    assert [row["bid"] for row in desk.kept("quotes")] == [9.99, 9.99]
    # What the parser learnt today was not known three days ago.
    before = desk.store.read("quotes", as_of=NOON + timedelta(days=2))
    assert before["bid"].to_list() == [None, None]
    assert desk.ingestor.reparse(first.ingest_id).rows_new == 0
    with pytest.raises(NotFound, match="no ingest"):
        desk.ingestor.reparse("f" * 64)


def test_the_summary_counts_faults_and_tells_how_fresh_each_kind_is() -> None:
    desk = KindDesk()
    desk.give("quotes", [quote(0), quote(1), quote(2) | {"instrument": BBB.id, "ts": None}])
    summary = desk.ingestor.summary()
    (line,) = summary.faults
    assert (line.source, line.kind, line.rule, line.severity) == (
        SOURCE,
        "quotes",
        "missing",
        "bad",
    )
    assert (line.open, line.resolved, line.last_seen) == (1, 0, NOON)
    (held,) = [c for c in summary.coverage if c.kind == "quotes"]
    assert (held.things, held.rows, held.last_known_at) == (1, 2, NOON)
    assert held.last_ts == AT + timedelta(minutes=1)
    assert held.age_hours == pytest.approx(59 / 60, abs=0.01)


def test_every_kind_has_a_table_that_takes_its_parsed_rows() -> None:
    for kind in KINDS.values():
        assert kind.table.empty().height == 0
        assert set(kind.key) <= set(kind.parsed)
        assert replace(kind, name="x").parsed == kind.parsed
    assert isinstance(pl.DataFrame(schema=KINDS["quotes"].parsed), pl.DataFrame)
