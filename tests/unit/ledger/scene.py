"""What the ledger's tests share: books on a memory store, times and fills."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from fondaco.core.clock import SteppedClock
from fondaco.core.ids import Ids
from fondaco.core.instrument import InstrumentId
from fondaco.core.orders import Fill, Side
from fondaco.ledger.books import Books
from fondaco.ledger.fakes import MemoryEntries

START = datetime(2019, 7, 1, 20, tzinfo=UTC)
APPLE = InstrumentId("I-aaaaaaaaaaaa")
BANK = InstrumentId("I-bbbbbbbbbbbb")


def counting_ids(clock: SteppedClock) -> Ids:
    """Return ids whose chance is a counter, so that a test gives the same ids each time."""
    count = iter(range(1, 10**9))
    return Ids(clock, lambda size: next(count).to_bytes(size, "big"))


def new_books() -> tuple[Books, MemoryEntries, SteppedClock]:
    """Return empty books, their store, and a clock ten years after the first trades."""
    clock = SteppedClock(START + timedelta(days=3650))
    entries = MemoryEntries()
    return Books(entries, clock, counting_ids(clock)), entries, clock


def day(number: int) -> datetime:
    """Return the close of the n-th day."""
    return START + timedelta(days=number)


def fill(
    execution: str,
    side: Side,
    quantity: str,
    price: str,
    *,
    fee: str = "0",
    on: int = 0,
    instrument: InstrumentId = APPLE,
    account: str = "paper",
) -> Fill:
    """Return a fill on the n-th day."""
    return Fill(
        execution,
        f"C-{execution}",
        account,
        instrument,
        side,
        Decimal(quantity),
        Decimal(price),
        Decimal(fee),
        "USD",
        day(on),
        day(on),
    )
