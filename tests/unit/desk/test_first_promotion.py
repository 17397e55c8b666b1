"""A new desk's first strategy: validated and judged as any other, never waved through."""

from types import SimpleNamespace
from typing import Any

import pytest

from fondaco.catalogue import CAPABILITIES
from fondaco.core.capability import Caller, Capability, Catalogue
from fondaco.core.errors import Refused, Unavailable
from fondaco.core.jobs import Job, JobState
from fondaco.desk import first_promotion
from fondaco.desk.first_promotion import promote_first
from fondaco.research.fakes import MemoryPromotions, promotion_of
from fondaco.research.strategies.momentum import momentum
from unit.desk.house import House, Told


class Asked:
    """A desk whose door remembers what it was asked, and whose jobs end as they are told to."""

    def __init__(self, ends: JobState = JobState.DONE, gate: Exception | None = None) -> None:
        self.house = House()
        self.promotions = MemoryPromotions()
        self.catalogue = Catalogue(CAPABILITIES)
        self.worker = SimpleNamespace(start=lambda: True)
        self.ends, self.gate = ends, gate
        self.asked: list[tuple[str, dict[str, Any], Caller]] = []
        self.ended: list[Job] = []
        self.jobs = SimpleNamespace(list=self.latest, status=self.status)

    def latest(self, *, limit: int) -> tuple[Job, ...]:
        """Return the jobs, newest first."""
        return tuple(reversed(self.ended))[:limit]

    def status(self, job_id: str) -> Job:
        """Return a job that has ended."""
        return next(job for job in self.ended if job.id == job_id)

    def invoke(self, _: Any, cap: Capability, raw: dict[str, Any], caller: Caller) -> Any:
        """Remember the call, and answer it."""
        self.asked.append((cap.name, raw, caller))
        if cap.name == "research.promote":
            if self.gate is not None:
                raise self.gate
            self.promotions.add(promotion_of(momentum()))
            return SimpleNamespace(data={})
        name, now = f"J-{len(self.ended) + 1}", self.house.clock.now()
        done = {"evidence": "EV-1"} if self.ends is JobState.DONE else None
        self.ended.append(
            Job(name, cap.name, self.ends, now, result=done, error="no prices reach back so far")
        )
        return SimpleNamespace(data=cap.output.dump_python(self.ended[-1], mode="json"))


def prepared(desk: Asked, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    told = Told()
    monkeypatch.setattr(first_promotion, "invoke", desk.invoke)
    promote_first(desk, told)  # type: ignore[arg-type]
    return [step for step, _, _ in told.said]


def test_it_is_validated_then_asked_for_paper_by_no_person_and_without_an_override(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    desk = Asked()
    prepared(desk, monkeypatch)
    assert [name for name, _, _ in desk.asked] == ["backtest.validate", "research.promote"]
    assert desk.asked[1][1] == {"evidence": "EV-1", "to": "paper"}
    assert not any(caller.person for _, _, caller in desk.asked)
    prepared(desk, monkeypatch)
    assert len(desk.asked) == 2  # what stands once is not asked for again


def test_a_refusal_is_told_and_leaves_it_a_candidate(monkeypatch: pytest.MonkeyPatch) -> None:
    desk = Asked(gate=Refused("momentum may not be on paper on EV-1"))
    steps = prepared(desk, monkeypatch)
    assert steps[-1] == "momentum stays a candidate: momentum may not be on paper on EV-1"
    assert desk.promotions.list() == ()


def test_a_validation_that_failed_is_told_and_tried_again_next_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    desk = Asked(ends=JobState.FAILED)
    assert "no prices reach back so far" in prepared(desk, monkeypatch)[-1]
    prepared(desk, monkeypatch)
    keys = [caller.request_id for _, _, caller in desk.asked]
    assert len(set(keys)) == len(keys) == 2


def test_a_database_that_is_down_is_no_verdict_on_a_strategy(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    desk = Asked(gate=Unavailable("the database is down"))
    with pytest.raises(Unavailable):
        prepared(desk, monkeypatch)
