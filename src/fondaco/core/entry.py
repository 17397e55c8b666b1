"""The double-entry posting: immutable, and zero in every commodity or it cannot exist."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from fondaco.core.clock import utc
from fondaco.core.errors import InvalidInput
from fondaco.core.money import exact_sum, require_finite


@dataclass(frozen=True, slots=True)
class Posting:
    """One line: an account receives (plus) or gives (minus) an amount of a commodity."""

    account: str
    commodity: str
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Entry:
    """A balanced set of postings. `key` is the caller's idempotency key.

    `ts` is when it happened, `known_at` when it was booked; `corrects` names the entry that this
    one puts right. Raises InvalidInput unless the postings sum to zero in each commodity.
    """

    id: str
    key: str
    ts: datetime
    known_at: datetime
    memo: str
    postings: tuple[Posting, ...]
    corrects: str | None = None

    def __post_init__(self) -> None:
        utc(self.ts)
        utc(self.known_at)
        if len(self.postings) < 2:
            raise InvalidInput(
                "an entry needs at least two postings", value=len(self.postings), bound=">= 2"
            )
        amounts: defaultdict[str, list[Decimal]] = defaultdict(list)
        for posting in self.postings:
            finite = require_finite("a posting's amount", posting.amount)
            amounts[posting.commodity].append(finite)
        for commodity, parts in amounts.items():
            if (total := exact_sum(parts)) != 0:
                raise InvalidInput(
                    f"entry {self.key!r} does not balance in {commodity}",
                    value=total,
                    bound="0",
                    remedy="Add the posting that is missing.",
                )
