"""What the toy desk knows: symbols, facts, cards, jobs, answered requests."""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from fondaco.core.errors import Conflict, NotFound
from fondaco.core.facts import Fact, Source
from fondaco.core.invoke import Settled
from fondaco.core.jobs import Job, JobState

NOW = datetime(2023, 1, 3, 15, 30, tzinfo=UTC)
AS_OF = datetime(2022, 12, 28, 21, 0, tzinfo=UTC)
SYMBOLS = (("AAPL", "Apple"), ("JPM", "JPMorgan Chase"), ("MSFT", "Microsoft"), ("XOM", "Exxon"))
BARS = 10_000
DIGESTS = {f"TC-{n}": f"{n:x}" * 64 for n in range(1, 6)}
PRICE = Fact(
    "close",
    Decimal("129.93"),
    "price USD",
    AS_OF,
    Source("bars_1d", ("I-000000000001",), ("close",), version=3),
)
SHARE = Fact(
    "weight",
    Decimal("0.0512"),
    "share",
    AS_OF,
    Source("bars_1d", ("I-000000000001",), ("close",), version=3),
)


@dataclass(frozen=True, slots=True)
class ToyOrder:
    client_id: str
    account: str
    instrument: str
    side: str
    quantity: Decimal
    kind: str


@dataclass(frozen=True, slots=True)
class ToyVerdict:
    rule: str
    judgement: str
    value: str
    limit: str
    would_pass: str
    fact_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ToyCard:
    id: str
    state: str
    digest: str
    symbol: str
    source: str
    order: ToyOrder
    currency: str
    reference_price: Decimal
    notional: Decimal
    cost_estimate: Decimal
    worst_case: Decimal
    weight: float
    catalyst: str
    verdicts: tuple[ToyVerdict, ...]
    origin: str
    replay: bool
    as_of: datetime
    expires_at: datetime
    standing: str = "PR-1, by the gate on 2022-12-01 from EV-1"
    overridden: bool = False


VERDICTS = (
    ToyVerdict(
        "liquidity",
        "NOT JUDGED",
        "no volume known",
        "1.00 % of 20-day volume",
        "a source with volumes",
    ),
    ToyVerdict("position", "PASS", "5.12 % of equity", "10.00 %", "at most 10.00 %", (SHARE.id,)),
    ToyVerdict("sector", "PASS", "18.40 % of equity", "30.00 %", "at most 30.00 %"),
    ToyVerdict("event", "NOT JUDGED", "no calendar of events", "3 days", "a known event date"),
    ToyVerdict("regime", "PASS", "21.67 % a year", "35.00 % a year", "under 35.00 %"),
    ToyVerdict("catalyst", "PASS", "0 days", "5 days", "at most 5 days"),
)


class Cards:
    """The cards, by id."""

    def __init__(self) -> None:
        self.begin()

    def begin(self) -> None:
        self._cards = {f"TC-{n}": _card(n) for n in range(1, 6)}
        self.approved: list[str] = []

    def all(self) -> list[ToyCard]:
        return list(self._cards.values())

    def get(self, card: str) -> ToyCard:
        if card not in self._cards:
            raise NotFound("no such card", value=card, remedy="`fondaco cards list` shows them.")
        return self._cards[card]

    def put(self, card: ToyCard) -> None:
        self._cards[card.id] = card


def _card(n: int) -> ToyCard:
    symbol = SYMBOLS[(n - 1) % 4][0]
    verdicts = VERDICTS if n != 3 else (replace(VERDICTS[1], judgement="FAIL"), *VERDICTS[2:3])
    order = ToyOrder(
        f"TC-{n}-0a1b2c3d4e5f", "paper", f"I-00000000000{n}", "buy", Decimal(30 + n), "market"
    )
    return ToyCard(
        f"TC-{n}",
        "BLOCKED" if n == 3 else "PROPOSED",
        DIGESTS[f"TC-{n}"],
        symbol,
        "lightgbm-rank",
        order,
        "USD",
        Decimal("129.93"),
        Decimal("129.93") * order.quantity,
        Decimal("2.01"),
        Decimal("129.93") * order.quantity + Decimal("2.01"),
        0.0512,
        "rank 0.91 of 20-session forecast",
        verdicts,
        "bundled",
        True,
        AS_OF,
        NOW + timedelta(hours=24),
    )


class ToyJobs:
    """Jobs that move on by a step each time they are looked at."""

    def __init__(self) -> None:
        self.made: dict[str, Job] = {}
        self.held = False

    def start(self, capability: str, inputs: dict[str, Any]) -> Job:
        job = Job(
            f"J-{len(self.made) + 1}", capability, JobState.QUEUED, NOW, "", 0, 0, result=None
        )
        self.made[job.id] = job
        return job

    def status(self, job_id: str) -> Job:
        if job_id not in self.made:
            raise NotFound("no such job", value=job_id)
        job = self.made[job_id]
        if job.state.final or self.held:
            return job
        done = job.done + 1
        ended = done >= 3
        job = replace(
            job,
            state=JobState.DONE if ended else JobState.RUNNING,
            step=f"year {2000 + done}",
            done=done,
            total=3,
            result={"id": "BT-1", "cagr": 0.0871} if ended else None,
            finished_at=NOW if ended else None,
        )
        self.made[job_id] = job
        return job

    def cancel(self, job_id: str) -> Job:
        job = self.status(job_id)
        if job.state.final:
            raise Conflict("the job has ended", value=job.state)
        self.made[job_id] = replace(job, state=JobState.CANCELLED)
        return self.made[job_id]

    def list(self, *, limit: int) -> tuple[Job, ...]:
        return tuple(reversed(self.made.values()))[:limit]


class ToyRequests:
    """Answered requests, in memory."""

    def __init__(self) -> None:
        self._settled: dict[str, Settled] = {}
        self._claimed: dict[str, str] = {}

    def claim(self, key: str, body_hash: str) -> Settled | None:
        self._claimed[key] = body_hash
        return self._settled.get(key)

    def settle(self, key: str, data: Any) -> None:
        self._settled[key] = Settled(self._claimed[key], data)


def days_until_as_of(count: int) -> tuple[str, ...]:
    first = date(2022, 12, 28) - timedelta(days=count - 1)
    return tuple((first + timedelta(days=at)).isoformat() for at in range(count))
