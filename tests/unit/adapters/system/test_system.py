"""The machine's own clock and chance."""

from datetime import UTC, timedelta

from fondaco.adapters.system.clock import SystemClock
from fondaco.adapters.system.entropy import system_entropy
from fondaco.core.ids import Ids


def test_the_clock_gives_utc_and_does_not_stand_still() -> None:
    clock = SystemClock()
    first = clock.now()
    assert first.tzinfo is UTC
    while (second := clock.now()) == first:
        pass
    assert timedelta(0) < second - first < timedelta(minutes=1)


def test_entropy_gives_as_many_bytes_as_asked_for_and_others_each_time() -> None:
    assert [len(system_entropy(count)) for count in (0, 1, 10)] == [0, 1, 10]
    assert len({system_entropy(16) for _ in range(100)}) == 100


def test_bits_of_entropy_are_even() -> None:
    """Of 80,000 fair bits the share of ones lies within 6 standard deviations of a half.

    The standard deviation is sqrt(n)/2 = 141 (binomial), so a fair source fails once in 5e8 runs.
    """
    ones = sum(byte.bit_count() for byte in system_entropy(10_000))
    assert abs(ones - 40_000) < 6 * 141.5
    stuck = sum((byte | 1).bit_count() for byte in system_entropy(10_000))
    assert abs(stuck - 40_000) > 6 * 141.5


def test_identifiers_from_both_are_version_7_and_differ() -> None:
    ids = Ids(SystemClock(), system_entropy)
    made = [ids.new() for _ in range(100)]
    assert len(set(made)) == 100
    assert {i.version for i in made} == {7}
