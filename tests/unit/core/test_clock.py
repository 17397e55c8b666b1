"""Time is aware, in UTC, and never runs backwards."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from fondaco.core.clock import FixedClock, SteppedClock, known_after, utc
from fondaco.core.errors import InvalidInput

NOON = datetime(2019, 6, 28, 12, tzinfo=UTC)


def test_a_moment_of_another_zone_becomes_utc() -> None:
    indian = timezone(timedelta(hours=5, minutes=30))
    moment = utc(datetime(2019, 6, 28, 17, 30, tzinfo=indian))
    assert (moment, moment.utcoffset()) == (NOON, timedelta(0))


def test_a_naive_moment_is_refused_with_what_to_write() -> None:
    with pytest.raises(InvalidInput, match=r"2019-06-28T12:00:00\+00:00 if it is UTC"):
        utc(datetime(2019, 6, 28, 12))  # noqa: DTZ001 - naive on purpose


def test_a_fixed_clock_stands_still() -> None:
    clock = FixedClock(NOON)
    assert clock.now() == clock.now() == NOON


def test_a_stepped_clock_moves_when_told_and_never_back() -> None:
    clock = SteppedClock(NOON)
    clock.advance(timedelta(hours=1))
    assert clock.now() == NOON + timedelta(hours=1)
    clock.move_to(clock.now())
    with pytest.raises(InvalidInput, match="backwards"):
        clock.advance(timedelta(seconds=-1))
    with pytest.raises(InvalidInput, match="backwards"):
        clock.move_to(NOON)
    assert clock.now() == NOON + timedelta(hours=1)


def test_nothing_is_known_before_it_happened() -> None:
    known_after("a row", NOON, NOON)
    with pytest.raises(InvalidInput, match="a row cannot be known before it happened"):
        known_after("a row", NOON, NOON - timedelta(microseconds=1))
