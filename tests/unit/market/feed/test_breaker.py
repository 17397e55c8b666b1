"""The breaker: when it opens, what passes, and what closes it, in every order of events."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from fondaco.market.errors import Cause
from fondaco.market.feed.breaker import (
    PROBE,
    REST,
    REST_AUTH,
    REST_MAX,
    Gate,
    Health,
    Pass,
    admit,
    failed,
    gate,
    released,
    reset,
    succeeded,
    why,
)

NOW = datetime(2024, 7, 1, 15, tzinfo=UTC)


def fail(health: Health, at: datetime, cause: Cause = Cause.DOWN) -> Health:
    return failed(health, Pass(), at, cause, "it fails")


def opened(cause: Cause = Cause.DOWN) -> Health:
    health = Health()
    for second in range(5):
        health = fail(health, NOW + timedelta(seconds=second), cause)
    return health


def test_five_failures_in_ten_seconds_open_it_and_four_do_not() -> None:
    health = Health()
    for second in range(4):
        health = fail(health, NOW + timedelta(seconds=second))
    assert gate(health, NOW + timedelta(seconds=4)) is Gate.CLOSED
    health = fail(health, NOW + timedelta(seconds=4))
    assert gate(health, NOW + timedelta(seconds=4)) is Gate.OPEN


def test_five_failures_over_more_than_ten_seconds_leave_it_closed() -> None:
    health = Health()
    for number in range(50):
        health = fail(health, NOW + timedelta(seconds=2.6 * number))
        assert gate(health, NOW + timedelta(seconds=2.6 * number)) is Gate.CLOSED


def test_an_answer_between_failures_starts_the_count_anew() -> None:
    health = Health()
    for second in range(4):
        health = fail(health, NOW + timedelta(seconds=second))
    health = succeeded(health, Pass(), NOW + timedelta(seconds=4))
    health = fail(health, NOW + timedelta(seconds=5))
    assert gate(health, NOW + timedelta(seconds=5)) is Gate.CLOSED


@pytest.mark.parametrize("cause", [Cause.AUTH, Cause.KEY])
def test_a_refused_key_opens_it_at_once(cause: Cause) -> None:
    assert gate(fail(Health(), NOW, cause), NOW) is Gate.OPEN


def test_a_refused_session_rests_a_quarter_of_an_hour() -> None:
    health = fail(Health(), NOW, Cause.AUTH)
    assert gate(health, NOW + REST_AUTH - timedelta(seconds=1)) is Gate.OPEN
    assert gate(health, NOW + REST_AUTH) is Gate.HALF_OPEN
    assert "auth" in why(health, NOW)


@pytest.mark.parametrize("cause", [Cause.EMPTY, Cause.LIMIT])
def test_an_empty_answer_and_a_limit_never_open_it(cause: Cause) -> None:
    health = Health()
    for _ in range(100):
        health = fail(health, NOW, cause)
    assert gate(health, NOW) is Gate.CLOSED
    assert health.failed == 100


def test_one_probe_passes_and_its_answer_closes_it() -> None:
    health = opened()
    later = NOW + timedelta(seconds=4) + REST
    health, probe = admit(health, later)
    assert probe is not None
    health, second = admit(health, later)
    assert second is None
    health = succeeded(health, probe, later)
    assert gate(health, later) is Gate.CLOSED


def test_rests_double_while_probes_fail_up_to_five_minutes() -> None:
    health, now, rests = opened(), NOW + timedelta(seconds=4), []
    for _ in range(6):
        assert health.open_until is not None
        rests.append(health.open_until - now)
        now = health.open_until
        health, probe = admit(health, now)
        assert probe is not None
        health = failed(health, probe, now, Cause.DOWN, "still down")
    assert rests == [REST * n for n in (1, 2, 4, 8)] + [REST_MAX] * 2


def test_the_answer_of_a_call_from_before_it_opened_leaves_it_open() -> None:
    health = succeeded(opened(), Pass(), NOW + timedelta(seconds=5))
    assert gate(health, NOW + timedelta(seconds=5)) is Gate.OPEN


def test_a_probe_whose_process_died_makes_room_for_another() -> None:
    later = NOW + timedelta(seconds=4) + REST
    health, _ = admit(opened(), later)
    health, none = admit(health, later + PROBE - timedelta(seconds=1))
    assert none is None
    _, again = admit(health, later + PROBE)
    assert again is not None


def test_a_probe_that_proved_nothing_may_be_sent_again() -> None:
    later = NOW + timedelta(seconds=4) + REST
    health, probe = admit(opened(), later)
    assert probe is not None
    _, again = admit(released(health, probe), later)
    assert again is not None


def test_a_person_may_reset_it() -> None:
    assert gate(reset(fail(Health(), NOW, Cause.AUTH)), NOW) is Gate.CLOSED


class BreakerMachine(RuleBasedStateMachine):
    """Calls that start, end, fail and stall in any order, against a plain count of what passed."""

    def __init__(self) -> None:
        super().__init__()
        self.now = NOW
        self.health = Health()
        self.under_way: list[tuple[Pass, int]] = []
        self.probes_since_open = 0

    @rule(seconds=st.floats(0.1, 40))
    def time_passes(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)

    @rule()
    def a_call_is_begun(self) -> None:
        before = gate(self.health, self.now)
        probing = self.health.probe_until is not None and self.now < self.health.probe_until
        self.health, leave = admit(self.health, self.now)
        if before is Gate.OPEN:
            assert leave is None
        if before is Gate.CLOSED:
            assert leave == Pass()
        if before is Gate.HALF_OPEN:
            assert (leave is None) == probing
        if leave is not None:
            self.under_way.append((leave, self.health.opening))

    @rule(data=st.data(), cause=st.sampled_from(list(Cause)))
    def a_call_fails(self, data: st.DataObject, cause: Cause) -> None:
        if not self.under_way:
            return
        leave, _ = self.under_way.pop(data.draw(st.integers(0, len(self.under_way) - 1)))
        before = self.health
        self.health = failed(self.health, leave, self.now, cause, "it fails")
        if before.open_until is not None and leave.probe_of != before.opening:
            assert self.health.open_until == before.open_until
        if cause in (Cause.AUTH, Cause.KEY) and before.open_until is None:
            assert gate(self.health, self.now) is Gate.OPEN

    @rule(data=st.data())
    def a_call_is_answered(self, data: st.DataObject) -> None:
        if not self.under_way:
            return
        leave, _ = self.under_way.pop(data.draw(st.integers(0, len(self.under_way) - 1)))
        before = self.health
        self.health = succeeded(self.health, leave, self.now)
        if before.open_until is not None:
            closed = self.health.open_until is None
            assert closed == (leave.probe_of == before.opening)

    @invariant()
    def it_remembers_few_failures_and_rests_boundedly(self) -> None:
        assert len(self.health.failures) < 5
        if self.health.open_until is not None:
            assert self.health.open_until - self.now <= REST_AUTH


TestBreakerMachine = BreakerMachine.TestCase
