"""A small desk with the shapes of the real one, in memory: what the terminal is tried on."""

import math
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field

from fondaco.core.capability import Catalogue, Effect, capability
from fondaco.core.clock import FixedClock
from fondaco.core.errors import Conflict, NotFound, Refused
from fondaco.core.facts import Fact, MemoryFacts, Source
from fondaco.core.ids import Ids
from fondaco.core.invoke import Settled
from fondaco.core.jobs import Job, JobState
from fondaco.core.journal import Journal, Line, MemoryJournal, Verification
from fondaco.core.quantities import BacktestId, CardId, CashAmount, Day, Digest, FactId, JobId
from fondaco.core.view import (
    Block,
    Card,
    Cell,
    Chart,
    Chip,
    Column,
    Series,
    Table,
    Text,
    Tone,
)
from fondaco.surfaces.web.ports import Listing, Status, Views

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
    cost_estimate: Decimal
    worst_case: Decimal
    weight: float
    catalyst: str
    verdicts: tuple[ToyVerdict, ...]
    origin: str
    replay: bool
    as_of: datetime
    expires_at: datetime


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
        Decimal("2.01"),
        Decimal("4027.83"),
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
        if job.state.final:
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


def _chip_state(state: str) -> Chip:
    return Chip(state, {"PROPOSED": Tone.INFO, "BLOCKED": Tone.BAD}.get(state, Tone.GOOD))


def view_overview(result: dict[str, str]) -> list[Block]:
    days = _days(750)
    equity = [100_000 * (1 + 0.0004 * at + 0.02 * math.sin(at / 40)) for at in range(750)]
    high, falls = 0.0, []
    for value in equity:
        high = max(high, value)
        falls.append(value / high - 1)
    positions: tuple[tuple[Cell, ...], ...] = tuple(
        (
            symbol,
            Decimal(30 + at),
            Decimal("129.93"),
            Decimal("3897.90"),
            Decimal("-42.10") if at % 2 else Decimal("112.32"),
            -0.0107 if at % 2 else 0.0297,
        )
        for at, (symbol, _) in enumerate(SYMBOLS)
    )
    return [
        Card("Account paper", tuple(result.items()), label="bundled"),
        Chart(
            "Equity",
            days,
            (Series("Equity", tuple(equity), "area"), Series("Drawdown", tuple(falls), "area", 1)),
            "USD",
            "bundled",
        ),
        Table(
            "Positions",
            (
                Column("Symbol"),
                Column("Quantity", "number", digits=0),
                Column("Last", "number"),
                Column("Value", "money", unit="USD"),
                Column("Gain", "money", unit="USD", signed=True),
                Column("Gain", "percent", signed=True),
            ),
            positions,
            "bundled",
        ),
    ]


@capability("portfolio.overview", view=view_overview)
def overview() -> dict[str, str]:
    """Show what the account holds.

    Example:
        fondaco portfolio overview
    """
    return {
        "Equity": "131,420.17 USD",
        "Cash": "84,911.02 USD",
        "Invested": "35.39 %",
        "Gain": "+31,420.17 USD",
        "Drawdown": "-1.24 %",
        "Cards waiting": "4",
    }


def view_cards(result: list[ToyCard]) -> list[Block]:
    rows: tuple[tuple[Cell, ...], ...] = tuple(
        (
            c.id,
            c.symbol,
            c.order.side,
            c.order.quantity,
            c.reference_price,
            c.weight,
            c.state,
            c.expires_at,
        )
        for c in result
    )
    return [
        Table(
            "Trade cards",
            (
                Column("Card", "id"),
                Column("Symbol"),
                Column("Side"),
                Column("Quantity", "number", digits=0),
                Column("Reference", "money", unit="USD"),
                Column("Weight", "percent", signed=True),
                Column("State", "chip"),
                Column("Expires", "time"),
            ),
            rows,
            "bundled",
            "No card yet. `fondaco cycle run` proposes some.",
        )
    ]


@capability("cards.list", view=view_cards)
def list_cards(cards: Cards, /) -> list[ToyCard]:
    """List trade cards, newest first.

    Example:
        fondaco cards list
    """
    return cards.all()


def view_card(result: ToyCard) -> list[Block]:
    return [
        Card(
            f"{result.id} {result.symbol}",
            (("State", result.state), ("Digest", result.digest)),
            tuple(
                Chip(v.judgement, Tone.WARNING, f"{v.rule}: {v.would_pass}")
                for v in result.verdicts
            ),
            result.origin,
        )
    ]


@capability("cards.show", view=view_card)
def show_card(cards: Cards, /, *, card: CardId) -> ToyCard:
    """Show a trade card.

    Example:
        fondaco cards show TC-1
    """
    return cards.get(card)


@capability("cards.approve", Effect.MONEY, view=view_card)
def approve_card(
    cards: Cards, /, *, card: CardId, digest: Digest, acknowledge: tuple[str, ...] = ()
) -> ToyCard:
    """Approve exactly this trade card, so that its order may be sent.

    Example:
        fondaco cards approve TC-1 --digest 1
    """
    found = cards.get(card)
    if found.digest != digest:
        raise Conflict("the card has changed", value=digest, bound=found.digest)
    missing = [
        v.rule for v in found.verdicts if v.judgement == "NOT JUDGED" and v.rule not in acknowledge
    ]
    if missing:
        raise Refused("a rule was not judged", value=", ".join(missing), remedy="Acknowledge each.")
    cards.approved.append(card)
    cards.put(replace(found, state="FILLED"))
    return cards.get(card)


@capability("cards.reject", Effect.WRITE, view=view_card)
def reject_card(
    cards: Cards, /, *, card: CardId, reason: Annotated[str, Field(min_length=3)]
) -> ToyCard:
    """Reject a trade card, with a reason.

    Example:
        fondaco cards reject TC-1 --reason "too late"
    """
    cards.put(replace(cards.get(card), state="REJECTED"))
    return cards.get(card)


@dataclass(frozen=True, slots=True)
class ToyExplanation:
    id: str
    passages: list[dict[str, Any]]


def view_explanation(result: ToyExplanation) -> list[Block]:
    return [Text("It was sized at a price of 129.93.", fact_ids=(PRICE.id,))]


@capability("explain", view=view_explanation)
def explain(*, id_: str) -> ToyExplanation:
    """Explain a trade card or a backtest.

    Example:
        fondaco explain TC-1
    """
    text = f"{id_} was sized at a price of 129.93 USD; the target is 5.12 % of equity."
    spans = [
        {
            "start": text.index(words),
            "end": text.index(words) + len(words),
            "kind": "fact",
            "ref": fact.id,
        }
        for words, fact in (("129.93 USD", PRICE), ("5.12 %", SHARE))
    ]
    return ToyExplanation(
        id_, [{"heading": "The order", "sentences": [{"text": text, "spans": spans}]}]
    )


def view_fact(result: dict[str, str]) -> list[Block]:
    rows: tuple[tuple[Cell, ...], ...] = tuple(
        (f"2022-12-{day}", "129.93") for day in range(20, 29)
    )
    return [
        Card(result["name"], tuple(result.items())),
        Table("Source rows: bars_1d", (Column("session"), Column("close")), rows),
    ]


@capability("facts.show", view=view_fact)
def show_fact(facts: MemoryFacts, /, *, fact: FactId) -> dict[str, str]:
    """Show a number's value with the rows it was derived from.

    Example:
        fondaco facts show F-0123456789abcdef
    """
    found = facts.get(fact)
    return {"name": found.name, "Value": f"{found.value} {found.unit}", "Fact": found.id}


def view_run(result: dict[str, Any]) -> list[Block]:
    days = _days(900)
    curve = tuple(100_000 * math.exp(0.0003 * at) for at in range(900))
    months = ("Jan", "Feb", "Mar")
    return [
        Card(
            f"{result['id']} momentum",
            (
                ("CAGR", "+8.71 %"),
                ("Volatility", "14.20 %"),
                ("Sharpe", "0.66"),
                ("Sortino", "0.93"),
                ("Max drawdown", "-22.10 %"),
                ("Turnover", "3.10"),
                ("Cost", "1,204.55 USD"),
                ("Trials of this strategy", "1"),
            ),
            label="bundled",
        ),
        Chart("Equity", days, (Series("Equity", curve),), "USD", "bundled"),
        Table(
            "Monthly returns",
            (Column("Year"), *(Column(month, "percent", signed=True) for month in months)),
            (("2020", 0.012, -0.034, 0.021), ("2021", None, 0.008, -0.011)),
            "bundled",
        ),
    ]


@capability("backtest.run", Effect.WRITE, view=view_run, job=dict)
def run_backtest(
    jobs: ToyJobs,
    /,
    *,
    strategy: Annotated[Literal["momentum", "rank"], Field(description="what to run")],
    from_: Day = date(2000, 1, 1),
    until: Day | None = None,
    cost_bps: Annotated[float, Field(ge=0, le=1000)] = 5.0,
    symbols: tuple[str, ...] = (),
    rebalance: bool = True,
) -> Job:
    """Run a strategy on past prices.

    Example:
        fondaco backtest run momentum
    """
    return jobs.start("backtest.run", {"strategy": strategy})


def view_runs(result: list[str]) -> list[Block]:
    rows: tuple[tuple[Cell, ...], ...] = tuple((one, "momentum", 0.0871) for one in result)
    return [
        Table(
            "Runs",
            (Column("Run", "id"), Column("Strategy"), Column("CAGR", "percent", signed=True)),
            rows,
            "bundled",
            "No run yet. `fondaco backtest run momentum` makes one.",
        )
    ]


@capability("backtest.list", view=view_runs)
def list_backtests(jobs: ToyJobs, /) -> list[str]:
    """List backtests.

    Example:
        fondaco backtest list
    """
    return ["BT-1"] if any(job.state is JobState.DONE for job in jobs.made.values()) else []


@capability("backtest.show", view=view_run)
def show_backtest(*, backtest: BacktestId) -> dict[str, Any]:
    """Show a backtest.

    Example:
        fondaco backtest show BT-1
    """
    if backtest != "BT-1":
        raise NotFound("no such backtest", value=backtest)
    return {"id": backtest}


def view_lines(result: list[Line]) -> list[Block]:
    rows: tuple[tuple[Cell, ...], ...] = tuple(
        (
            line.seq,
            line.note.at,
            line.note.actor,
            line.note.surface,
            line.note.capability,
            line.note.outcome,
            line.hash[:12],
        )
        for line in result
    )
    return [
        Table(
            "Journal",
            (
                Column("Line", "number"),
                Column("At", "time"),
                Column("Who"),
                Column("Surface"),
                Column("What"),
                Column("Outcome", "chip"),
                Column("Hash"),
            ),
            rows,
        )
    ]


@capability("journal.list", view=view_lines)
def list_journal(journal: Journal, /, *, limit: int = 100) -> list[Line]:
    """List the latest journal lines.

    Example:
        fondaco journal list
    """
    return list(journal.lines(limit=limit))


def view_check(result: Verification) -> list[Block]:
    chip = Chip("INTACT", Tone.GOOD) if result.intact else Chip("BROKEN", Tone.BAD)
    return [Card("Journal chain", (("Lines", f"{result.lines:,}"), ("Head", result.head)), (chip,))]


@capability("journal.verify", view=view_check)
def verify_journal(journal: Journal, /) -> Verification:
    """Check every line of the journal.

    Example:
        fondaco journal verify
    """
    return journal.verify()


def view_jobs(result: list[Job]) -> list[Block]:
    rows: tuple[tuple[Cell, ...], ...] = tuple(
        (job.id, job.capability, job.state.value, job.step) for job in result
    )
    return [
        Table(
            "Jobs",
            (Column("Job", "id"), Column("Work"), Column("State", "chip"), Column("Step")),
            rows,
            empty="No job yet.",
        )
    ]


@capability("jobs.list", view=view_jobs)
def list_jobs(jobs: ToyJobs, /) -> list[Job]:
    """List jobs.

    Example:
        fondaco jobs list
    """
    return list(jobs.list(limit=50))


@capability("jobs.cancel", Effect.WRITE, view=lambda job: [Text(f"{job.id} is to stop.")])
def cancel_job(jobs: ToyJobs, /, *, job: JobId) -> Job:
    """Ask a job to stop.

    Example:
        fondaco jobs cancel J-1
    """
    return jobs.cancel(job)


@capability("ledger.deposit", Effect.MONEY, view=lambda words: [Text(words, Tone.GOOD)])
def deposit(*, amount: CashAmount, memo: str = "") -> str:
    """Book a deposit of cash.

    Example:
        fondaco ledger deposit 1000
    """
    return f"{amount} USD booked."


@capability("doctor", view=lambda words: [Text(words)])
def doctor() -> str:
    """Check the desk.

    Example:
        fondaco doctor
    """
    raise ZeroDivisionError("an error that nobody foresaw")


NAMES = {
    "portfolio.overview": "overview",
    "cards.list": "list_cards",
    "cards.show": "show_card",
    "cards.approve": "approve_card",
    "cards.reject": "reject_card",
    "explain": "explain",
    "facts.show": "show_fact",
    "backtest.run": "run_backtest",
    "backtest.list": "list_backtests",
    "backtest.show": "show_backtest",
    "journal.list": "list_journal",
    "journal.verify": "verify_journal",
    "jobs.list": "list_jobs",
    "jobs.cancel": "cancel_job",
    "ledger.deposit": "deposit",
    "doctor": "doctor",
}


def _days(count: int) -> tuple[str, ...]:
    first = date(2022, 12, 28) - timedelta(days=count - 1)
    return tuple((first + timedelta(days=at)).isoformat() for at in range(count))


class ToyDesk:
    """The toy's house."""

    def __init__(self) -> None:
        self.clock = FixedClock(NOW)
        self._count = 0
        self._lock = threading.RLock()
        self.ids = Ids(self.clock, self._bytes)
        self.journal = MemoryJournal()
        self.requests = ToyRequests()
        self.facts = MemoryFacts()
        self.facts.add((PRICE, SHARE))
        self.jobs = ToyJobs()
        self.cards = Cards()
        self.catalogue = Catalogue(
            {name: f"{__name__}:{function}" for name, function in NAMES.items()}
        )
        self.reports = Path("nowhere")
        self.down = False

    def reset(self) -> None:
        """Begin again, with the same services."""
        self.jobs.made.clear()
        self.cards.begin()
        self.reports, self.down = Path("nowhere"), False

    def approve_elsewhere(self, card: str) -> None:
        """Do as if another tab had approved a card."""
        self.cards.put(replace(self.cards.get(card), state="FILLED"))
        self.cards.approved.append(card)

    def _bytes(self, count: int) -> bytes:
        self._count += 1
        return self._count.to_bytes(count, "big")

    @contextmanager
    def transaction(self) -> Iterator[None]:
        with self._lock:  # a second call with the same request id waits for the first
            yield

    def views(self) -> Views:
        return Views(
            self.status, self.listings, chart, ("SMA 50", "SMA 200", "RSI 14"), self.report
        )

    def status(self) -> Status:
        if self.down:
            raise Refused("the database does not answer", remedy="`fondaco doctor` says more.")
        return Status(
            "paper", "PAPER", "bundled", AS_OF, replay=True, change=str(len(self.cards.approved))
        )

    def listings(self) -> tuple[Listing, ...]:
        return tuple(Listing(symbol, name) for symbol, name in SYMBOLS)

    def report(self, backtest: str) -> Path | None:
        path = self.reports / f"{backtest}.html"
        return path if path.is_file() else None


def chart(symbol: str, indicators: tuple[str, ...]) -> Chart:
    """A wave of candles with what was asked for below it."""
    if symbol not in dict(SYMBOLS):
        raise NotFound("no such symbol", value=symbol, remedy="Try AAPL.")
    close = [100 + 30 * math.sin(at / 400) + 3 * math.sin(at / 9) for at in range(BARS)]
    candles = tuple(
        (
            close[at - 1] if at else close[0],
            value,
            min(value, close[at - 1]) - 1,
            max(value, close[at - 1]) + 1,
        )
        for at, value in enumerate(close)
    )
    series = [Series(symbol, candles, "candle")]
    series += [
        Series(name, tuple(value * 0.99 for value in close), "line")
        for name in indicators
        if name.startswith("SMA")
    ]
    series.append(Series("Volume", tuple(1e6 + 1e5 * (at % 7) for at in range(BARS)), "bar", 1))
    if "RSI 14" in indicators:
        series.append(
            Series("RSI 14", tuple(50 + 20 * math.sin(at / 9) for at in range(BARS)), "line", 2)
        )
    return Chart(f"{symbol} daily", _days(BARS), tuple(series), "USD", "bundled")
