"""What the feed makes of a provider that cannot serve an ask."""

from typing import Any

import pytest

from fondaco.core.clock import FixedClock
from fondaco.core.errors import FondacoError, InvalidInput, NotFound
from fondaco.market.errors import Cause, Unanswered
from fondaco.market.fakes import MemoryInstruments
from fondaco.market.feeding import IngestorIntake
from fondaco.market.ports import Ask
from unit.market.rows import AAA, NOW


@pytest.mark.parametrize(
    "error",
    [
        InvalidInput("it takes no such symbol", value="A B"),
        NotFound("no calendar is known for this venue", value="XLON"),
    ],
)
def test_an_ask_that_one_provider_cannot_serve_is_passed_on_to_the_next(
    error: FondacoError,
) -> None:
    class Lost:
        def fetch(self, *_: Any) -> Any:
            raise error

    intake = IngestorIntake(Lost(), MemoryInstruments((AAA,)), FixedClock(NOW))  # type: ignore[arg-type]
    with pytest.raises(Unanswered, match=error.reason) as caught:
        intake.take("lost", Ask(symbols=("AAA",)))
    assert (caught.value.cause, caught.value.provider) == (Cause.EMPTY, "lost")
