"""A small catalogue with every kind of capability, for the tests of the surfaces."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import Field, SecretStr

from fondaco.core.capability import Caller, Catalogue, Effect, capability
from fondaco.core.errors import Conflict, NotFound, Unavailable
from fondaco.core.fakes import FakeHouse
from fondaco.core.invoke import Answer
from fondaco.core.job_view import job_card
from fondaco.core.jobs import Job, Jobs
from fondaco.core.quantities import AsOf, CardId, CashAmount, Day, Digest, JobId, RowLimit, Symbol
from fondaco.core.view import Block, Card, Chart, Chip, Column, Series, Table, Text, Tone

NAMES = {
    "cards.list": "list_cards",
    "cards.show": "show_card",
    "cards.approve": "approve_card",
    "cards.reject": "reject_card",
    "ledger.deposit": "deposit",
    "cycle.run": "run_cycle",
    "market.bars": "bars",
    "market.login": "login",
    "jobs.status": "job_status",
    "explain": "explain",
    "fault": "fault",
    "outage": "outage",
}
DIGEST = "ab" * 32


def catalogue() -> Catalogue:
    return Catalogue({name: f"unit.surfaces.toy:{function}" for name, function in NAMES.items()})


class Desk(FakeHouse):
    """A fake house that also tells what came of a call."""

    def __init__(self) -> None:
        super().__init__(catalogue(), cards=Cards())
        self.watched: list[str] = []
        self.followed: list[Block] = []
        self.trouble: BaseException | None = None

    def aftermath(self, answer: Answer) -> list[Block]:
        self.watched.append(answer.capability.name)
        if self.trouble is not None:
            raise self.trouble
        return self.followed


def house() -> Desk:
    return Desk()


@dataclass(frozen=True)
class ToyCard:
    id: str
    state: str
    digest: str
    price: Decimal


class Cards:
    """Two cards that can be approved or rejected once."""

    def __init__(self) -> None:
        self.all = {
            f"TC-{n}": ToyCard(f"TC-{n}", "PROPOSED", DIGEST, Decimal(n) / 4) for n in (1, 2)
        }
        self.cash = Decimal(0)

    def get(self, card: str) -> ToyCard:
        if card not in self.all:
            raise NotFound("no such card", value=card, remedy="`fondaco cards list` shows all.")
        return self.all[card]

    def move(self, card: str, state: str) -> ToyCard:
        found = self.get(card)
        if found.state != "PROPOSED":
            raise Conflict(f"card {card} was decided before", value=found.state)
        self.all[card] = ToyCard(found.id, state, found.digest, found.price)
        return self.all[card]


def view_card(card: ToyCard) -> list[Block]:
    fields = (("State", card.state), ("Price", f"{card.price} USD"), ("Digest", card.digest))
    return [Card(card.id, fields, (Chip("PASS", Tone.GOOD, "position 5 % of 10 %"),), "bundled")]


def view_cards(cards: tuple[ToyCard, ...]) -> list[Block]:
    columns = (Column("Id", "id"), Column("State", "chip"), Column("Price", "money", "USD"))
    rows = tuple((c.id, c.state, c.price) for c in cards)
    return [Table("Cards", columns, rows, "bundled", "`fondaco cycle run` makes cards.")]


@capability("cards.list", view=view_cards)
def list_cards(
    cards: Cards,
    /,
    *,
    state: Annotated[
        Literal["PROPOSED", "APPROVED", "REJECTED"] | None,
        Field(description="only cards in this state"),
    ] = None,
    limit: RowLimit = 100,
) -> tuple[ToyCard, ...]:
    """List the cards, newest first.

    Example:
        fondaco cards list --state PROPOSED --limit 5
    """
    return tuple(c for c in cards.all.values() if state in (None, c.state))[:limit]


@capability("cards.show", view=view_card)
def show_card(cards: Cards, /, *, card: CardId) -> ToyCard:
    """Show a card.

    Example:
        fondaco cards show TC-1
    """
    return cards.get(card)


@capability("cards.approve", Effect.MONEY, view=view_card)
def approve_card(
    cards: Cards,
    caller: Caller,
    /,
    *,
    card: CardId,
    digest: Digest,
    acknowledge: Annotated[
        tuple[str, ...], Field(description="rule that was not judged", max_length=6)
    ] = (),
) -> ToyCard:
    """Approve exactly this card, so that its order may be sent.

    A person only. The digest is the one that the card shows.

    Example:
        fondaco cards approve TC-1 --digest ABC --acknowledge liquidity --acknowledge event_window
    """
    if digest != cards.get(card).digest:
        raise Conflict("the card has changed", value=digest[:8], bound=DIGEST[:8])
    return cards.move(card, f"APPROVED by {caller.actor} ({', '.join(acknowledge)})")


@capability("cards.reject", Effect.WRITE, view=view_card)
def reject_card(
    cards: Cards,
    /,
    *,
    card: CardId,
    reason: Annotated[str, Field(max_length=20, description="why, for the record")] = "",
) -> ToyCard:
    """Reject a card for good.

    Example:
        fondaco cards reject TC-2 --reason "too dear"
    """
    return cards.move(card, f"REJECTED {reason}".strip())


@capability("ledger.deposit", Effect.MONEY, view=lambda total: [Text(f"Cash is {total} USD.")])
def deposit(
    cards: Cards, /, *, amount: CashAmount, memo: Annotated[str, Field(description="note")] = ""
) -> Decimal:
    """Put money into the account.

    Example:
        fondaco ledger deposit 1000.00 --yes
    """
    cards.cash += amount
    return cards.cash


@dataclass(frozen=True)
class CycleResult:
    as_of: date | None
    cards: int


@capability(
    "cycle.run",
    Effect.WRITE,
    job=CycleResult,
    view=lambda r: [Text(f"{r.cards} cards as of {r.as_of}.")],
)
def run_cycle(jobs: Jobs, /, *, as_of: AsOf = None) -> Job:
    """Run the daily cycle.

    Example:
        fondaco cycle run --as-of 2019-06-28
    """
    return jobs.start("cycle.run", {"as_of": str(as_of)})


@capability("jobs.status", view=lambda job: [job_card(job)])
def job_status(jobs: Jobs, /, *, job: JobId) -> Job:
    """Say how far a job is.

    Example:
        fondaco jobs status J-1
    """
    return jobs.status(job)


@dataclass(frozen=True)
class Bars:
    symbol: str
    closes: tuple[float, ...]
    adjusted: bool
    fields: tuple[str, ...]


def view_bars(bars: Bars) -> list[Block]:
    days = tuple(f"2019-06-{d:02d}" for d in range(1, len(bars.closes) + 1))
    return [Chart(bars.symbol, days, (Series("close", bars.closes),), "USD", "bundled")]


@capability("market.bars", view=view_bars)
def bars(
    *,
    symbol: Symbol,
    from_: Day,
    to: Day | None = None,
    count: Annotated[int, Field(ge=1, le=100_000, description="how many")] = 5,
    scale: Annotated[float, Field(gt=0, lt=1000, description="factor on the closes")] = 1.0,
    adjusted: Annotated[bool, Field(description="adjusted for splits and dividends")] = True,
    raw: Annotated[bool, Field(description="as the provider gave them")] = False,
    fields: Annotated[tuple[str, ...], Field(description="columns to show")] = (),
) -> Bars:
    """Read daily bars of a symbol.

    Closes are in the instrument's currency.

    Example:
        fondaco market bars AAPL --from 2019-06-01 --no-adjusted --fields close
    """
    return Bars(symbol, tuple(float(n) * scale for n in range(1, count + 1)), adjusted, fields)


@capability("market.login", Effect.WRITE, view=lambda n: [Text(f"{n}")])
def login(*, pin: Annotated[SecretStr, Field(description="provider's pin")]) -> int:
    """Log in at the provider.

    Example:
        fondaco market login 1234
    """
    return len(pin.get_secret_value())


@capability("explain", view=lambda text: [Text(text, fact_ids=("F-0123456789abcdef",))])
def explain(*, subject: Annotated[str, Field(description="card or backtest id")]) -> str:
    """Explain a card or a backtest in words.

    Example:
        fondaco explain TC-1
    """
    return f"{subject} \x1b[31mrests on 1 fact."


@capability("fault", view=lambda _: [], to_model=False)
def fault() -> dict[str, Any]:
    """Fail as a programmer's error does.

    Example:
        fondaco fault
    """
    raise KeyError("hunter2")


@capability("outage", view=lambda _: [])
def outage() -> int:
    """Meet a database that is down.

    Example:
        fondaco outage
    """
    raise Unavailable("the database is out of reach", remedy="Start it.")
