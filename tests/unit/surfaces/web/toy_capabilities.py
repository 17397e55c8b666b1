"""The toy desk's capabilities, with results and views shaped like the real ones."""

import math
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import Field

from fondaco.core.capability import Effect, capability
from fondaco.core.errors import Conflict, NotFound, Refused
from fondaco.core.facts import MemoryFacts
from fondaco.core.jobs import Job, JobState
from fondaco.core.journal import Journal, Line, Verification
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

from .toy_state import (
    PRICE,
    SHARE,
    SYMBOLS,
    Cards,
    ToyCard,
    ToyJobs,
    days_until_as_of,
)
from .toy_trials import TRIAL_OF_RUN
from .toy_trials import show_promotions as show_promotions
from .toy_trials import show_trials as show_trials


@dataclass(frozen=True, slots=True)
class ToyOverview:
    figures: dict[str, str]
    cards: list[ToyCard]


def view_overview(result: ToyOverview) -> list[Block]:
    days = days_until_as_of(750)
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
        Card("Account paper", tuple(result.figures.items()), label="bundled"),
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
        *view_cards(result.cards),
    ]


@capability("portfolio.overview", view=view_overview)
def overview(cards: Cards, /) -> ToyOverview:
    """Show what the account holds.

    Example:
        fondaco portfolio overview
    """
    return ToyOverview(
        {
            "Equity": "131,420.17 USD",
            "Cash": "84,911.02 USD",
            "Invested": "35.39 %",
            "Gain": "+31,420.17 USD",
            "Drawdown": "-1.24 %",
            "Cards waiting": "4",
        },
        cards.all(),
    )


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
    days = days_until_as_of(900)
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
                ("Trial", TRIAL_OF_RUN),
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
