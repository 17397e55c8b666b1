"""What an `as_of` means."""

from datetime import UTC, date, datetime, timedelta

import pytest

from fondaco.core.clock import FixedClock
from fondaco.core.errors import InvalidInput
from fondaco.market.moments import known_moment


def test_as_of_means_now_the_end_of_a_day_or_a_moment() -> None:
    clock = FixedClock(datetime(2020, 5, 6, 12, tzinfo=UTC))
    assert known_moment(None, clock) == clock.now()
    assert known_moment(date(2020, 5, 5), clock) == datetime(
        2020, 5, 5, 23, 59, 59, 999999, tzinfo=UTC
    )
    assert known_moment(date(2020, 5, 6), clock) == clock.now()
    moment = datetime(2020, 5, 5, 1, tzinfo=UTC)
    assert known_moment(moment, clock) == moment
    for future in (date(2020, 5, 7), clock.now() + timedelta(seconds=1)):
        with pytest.raises(InvalidInput, match="has not come"):
            known_moment(future, clock)
