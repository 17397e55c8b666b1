"""What the outside may ask of market data, through the one door's own validation."""

from datetime import date
from typing import Any

import polars as pl
import pytest

from fondaco.core.capability import Caller, Capability
from fondaco.core.errors import InvalidInput, NotFound, Refused
from fondaco.core.fakes import MemoryJobs
from fondaco.core.instrument import Origin
from fondaco.core.invoke import validate
from fondaco.core.text import plain
from fondaco.market import capabilities as module
from fondaco.market.results import FaultList, IngestReport, ReplayReport
from fondaco.market.sheets import Market, Offer, Sheet
from unit.market.rows import AAA, BBB, NOW, SESSIONS, Desk, page, share

PERSON = Caller(actor="ann", surface="cli", person=True)
MODEL = Caller(actor="agent", surface="mcp", person=False)
CLOSES = [10.0, 10.2, 50.0, 10.1]


def ask(desk: Desk, function: Any, caller: Caller = PERSON, **raw: Any) -> Any:
    """Validate the inputs as the door does and call the capability."""
    cap: Capability = function.__capability__
    inputs = validate(cap, raw)
    given = {name: getattr(inputs, name) for name in cap.inputs.model_fields}
    house = {
        "jobs": MemoryJobs(),
        "providers": Names(),
        "prices": desk.prices,
        "instruments": desk.book,
        "clock": desk.clock,
        "ingestor": desk.ingestor,
        "caller": caller,
    }
    result = cap.function(*(house[need] for need in cap.needs), **given)
    return cap.output.validate_python(cap.output.dump_python(result, mode="json"))


@pytest.fixture
def desk() -> Desk:
    """A desk with two shares, one of them with a jump in quarantine."""
    desk = Desk()
    desk.take(
        page(AAA, CLOSES),
        page(
            BBB, [5.0, 5.1], open=[5.0, 5.0], high=[5.2, 5.2], low=[4.9, 4.9], volume=[100.0, 200.0]
        ),
    )
    return desk


def _drawn(function: Any, result: Any) -> str:
    return plain(function.__capability__.view(result))


class Names:
    """A directory of providers that has bundled and file data."""

    def sheet(self, name: str) -> Sheet:
        if name not in {"bundled", "file"}:
            raise NotFound("no such provider", value=name)
        return Sheet(name, name, Origin.FILE, (Offer("bars_1d", (Market.US,), "all"),))


def test_ingest_starts_a_job_with_plain_inputs(desk: Desk) -> None:
    jobs = MemoryJobs()
    job = module.ingest(jobs, Names(), provider="bundled", symbol=("AAPL",))  # type: ignore[arg-type]
    assert (job.capability, jobs.inputs[job.id]["provider"]) == ("market.ingest", "bundled")
    assert jobs.inputs[job.id] == {
        "provider": "bundled",
        "kind": "bars_1d",
        "symbols": ["AAPL"],
        "options": {},
        "since": None,
        "until": None,
    }
    job = module.ingest(
        jobs,
        Names(),  # type: ignore[arg-type]
        provider="file",
        path="prices.csv",
        mapping="close=Close",
        factors="f.csv",
        option=("venue=XNSE", "names=n.csv"),
        since=date(2024, 1, 2),
        until=date(2024, 1, 3),
    )
    options = jobs.inputs[job.id]["options"]
    assert (options["mapping"], options["venue"]) == ("close=Close", "XNSE")
    for name, end in (("path", "/prices.csv"), ("factors", "/f.csv"), ("names", "/n.csv")):
        assert options[name].startswith("/")
        assert options[name].endswith(end)
    assert (jobs.inputs[job.id]["since"], jobs.inputs[job.id]["until"]) == (
        "2024-01-02",
        "2024-01-03",
    )


@pytest.mark.parametrize(
    "raw",
    [
        {"provider": "No Body"},
        {"provider": "file", "kind": "Chains"},
        {"provider": "file", "option": ["venue"]},
        {},
        {"provider": "file", "colour": "red"},
    ],
)
def test_what_ingest_does_not_know_is_refused(desk: Desk, raw: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput):
        ask(desk, module.ingest, **raw)


def test_a_span_that_ends_before_it_starts_is_refused() -> None:
    with pytest.raises(InvalidInput, match="ends before"):
        module.ingest(
            MemoryJobs(),
            Names(),  # type: ignore[arg-type]
            provider="bundled",
            since=date(2024, 1, 3),
            until=date(2024, 1, 2),
        )


def test_a_kind_that_the_provider_does_not_give_is_refused_with_those_it_does() -> None:
    with pytest.raises(NotFound, match="It gives bars_1d"):
        module.ingest(MemoryJobs(), Names(), provider="bundled", kind="chains")  # type: ignore[arg-type]


def test_faults_are_listed_by_symbol_rule_and_state(desk: Desk) -> None:
    found: FaultList = ask(desk, module.list_faults, symbol="AAA")
    (fault,) = found.faults
    assert (fault.rule, fault.symbol, fault.session, fault.replayable) == (
        "jump",
        "AAA",
        SESSIONS[2],
        True,
    )
    assert ask(desk, module.list_faults, symbol="BBB").total == 0
    assert ask(desk, module.list_faults, rule="gap").total == 0
    assert ask(desk, module.list_faults, state="resolved").total == 0
    assert ask(desk, module.list_faults, state="all").total == 1
    drawn = _drawn(module.list_faults, found)
    assert fault.id in drawn
    assert "+390.2%" in drawn
    assert "every row that came was let in" in _drawn(
        module.list_faults, ask(desk, module.list_faults, rule="gap")
    )


def test_a_symbol_or_rule_that_is_none_is_refused(desk: Desk) -> None:
    with pytest.raises(NotFound, match="Near symbols"):
        ask(desk, module.list_faults, symbol="AAAA")
    with pytest.raises(InvalidInput, match="no such rule"):
        ask(desk, module.list_faults, rule="taste")


def test_a_person_lets_rows_in_by_symbol_and_rule_or_by_id(desk: Desk) -> None:
    report: ReplayReport = ask(
        desk, module.replay, reason="checked on paper", symbol="AAA", rule="jump"
    )
    assert (report.rows_new, report.by, len(report.faults)) == (1, "ann", 1)
    assert desk.closes() == CLOSES
    resolved = ask(desk, module.list_faults, state="resolved").faults[0]
    assert resolved.resolved == "ann: checked on paper"
    assert "1 fault resolved" in _drawn(module.replay, report)
    other = Desk()
    other.take(page(AAA, CLOSES))
    fault = other.ingestor.faults()[0].id
    ask(other, module.replay, reason="checked on paper", fault=[fault], factor=5)
    assert other.prices.panel((AAA.id,), as_of=NOW).close[0, 0] == 50.0


def test_only_a_person_may_overrule_the_gate(desk: Desk) -> None:
    with pytest.raises(Refused, match="only a person"):
        ask(desk, module.replay, MODEL, reason="looks fine to me", symbol="AAA", rule="jump")
    assert module.replay.__capability__.to_model is False  # type: ignore[attr-defined]
    assert len(desk.closes()) == 3


@pytest.mark.parametrize(
    ("raw", "error"),
    [
        ({"reason": "checked it"}, InvalidInput),
        ({"reason": "checked it", "symbol": "AAA"}, InvalidInput),
        ({"reason": "checked it", "rule": "jump"}, InvalidInput),
        (
            {"reason": "checked it", "fault": ["Q-" + "0" * 16], "symbol": "AAA", "rule": "jump"},
            InvalidInput,
        ),
        ({"reason": "checked it", "fault": ["Q-" + "0" * 16]}, NotFound),
        ({"reason": "checked it", "symbol": "BBB", "rule": "jump"}, NotFound),
        ({"reason": "short", "symbol": "AAA", "rule": "jump"}, InvalidInput),
        ({"reason": "checked it", "symbol": "AAA", "rule": "jump", "factor": -1}, InvalidInput),
    ],
)
def test_a_decision_must_say_what_and_why(
    desk: Desk, raw: dict[str, Any], error: type[Exception]
) -> None:
    with pytest.raises(error):
        ask(desk, module.replay, **raw)
    assert len(desk.closes()) == 3


def test_too_many_faults_for_one_decision_are_refused(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "REPLAY_FAULTS_MAX", 0)
    with pytest.raises(InvalidInput, match="too many faults"):
        ask(desk, module.replay, reason="checked it", symbol="AAA", rule="jump")


def test_an_ingest_report_is_drawn_with_its_label_and_faults() -> None:
    desk = Desk()
    report: IngestReport = desk.take(page(AAA, CLOSES))
    drawn = _drawn(module.ingest, report)
    assert "(simulated)" in drawn
    assert "[FAULTS]" in drawn
    assert "jump" in drawn
    clean = desk.take(page(share("CCC"), [1.0]), instruments=[share("CCC")])
    assert "[CLEAN]" in _drawn(module.ingest, clean)


@pytest.mark.parametrize(
    "name", ["ingest", "list_faults", "replay", "discard", "reparse", "show_quality"]
)
def test_every_capability_shows_an_example(name: str) -> None:
    cap: Capability = getattr(module, name).__capability__
    _, _, example = cap.doc.partition("Example:\n")
    assert example.strip().startswith("fondaco " + cap.name.replace(".", " "))
    assert cap.output
    assert cap.result


def test_a_row_of_an_unknown_ticker_is_listed_under_it() -> None:
    desk = Desk()
    rows = page(AAA, [10.0]).with_columns(pl.lit(0.0).alias("close"))
    desk.take(rows)
    assert ask(desk, module.list_faults, symbol="AAA").faults[0].rule == "price"
