"""What the outside may ask of the books: pay cash in, and read what was booked."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Annotated

from pydantic import Field

from fondaco.core.capability import Caller, Effect, capability
from fondaco.core.clock import Clock
from fondaco.core.errors import NotFound
from fondaco.core.ids import Ids
from fondaco.core.instrument import InstrumentId
from fondaco.core.money import exact_sum
from fondaco.core.quantities import AsOf, CashAmount, Currency, Day, RowLimit
from fondaco.core.settings import Settings
from fondaco.ledger.accounts import is_currency, share_of
from fondaco.ledger.books import Books
from fondaco.ledger.lots import Gain, Lot, LotBook, LotMethod
from fondaco.ledger.ports import Names
from fondaco.ledger.results import (
    BalanceLine,
    BalanceShown,
    BalanceTotal,
    DepositBooked,
    GainLine,
    LotLine,
    LotsShown,
    Position,
    PositionsShown,
    StatementRow,
    StatementShown,
)
from fondaco.ledger.views import (
    view_balance,
    view_deposit,
    view_lots,
    view_positions,
    view_statement,
)

EntryKey = Annotated[
    str | None,
    Field(
        min_length=1,
        max_length=100,
        pattern=r"^[!-~]+$",
        description="your own name for this entry: it is booked once",
    ),
]
AccountCurrency = Annotated[
    Currency | None, Field(description="ISO 4217 code; the account's own unless given")
]
Dated = Annotated[Day | None, Field(description="day of the deposit; today unless given")]
Since = Annotated[Day | None, Field(description="first day shown; from the beginning unless given")]
Until = Annotated[Day | None, Field(description="last day that counts; up to now unless given")]
Method = Annotated[LotMethod, Field(description="which shares a sale takes first")]
Account = Annotated[
    str | None,
    Field(
        pattern=r"^[a-z][a-z0-9_:]{0,99}$",
        description="account, e.g. paper or expenses:fees; the paper account unless given",
    ),
]
Naming = Callable[[str], str]


@capability("ledger.deposit", Effect.MONEY, view=view_deposit)
def deposit(
    books: Books,
    settings: Settings,
    clock: Clock,
    ids: Ids,
    caller: Caller,
    /,
    *,
    amount: CashAmount,
    currency: AccountCurrency = None,
    date_: Dated = None,
    key: EntryKey = None,
) -> DepositBooked:
    """Pay cash into the paper account.

    Dated today unless a past day is given: cycles replayed as of a day see only what was there by
    then. With a key, the same deposit is booked once however often it is sent.

    Example:
        fondaco ledger deposit 2500.00 --date 2019-06-01 --yes
    """
    name = f"deposit:{key or caller.request_id or ids.new()}"
    kept = books.find(name)
    moment = _start(date_ or clock.now().date())
    if kept is not None and date_ is None:
        moment = kept.ts
    entry = books.deposit(settings.account, amount, currency or settings.currency, moment, name)
    paid = entry.postings[0]
    return DepositBooked(
        entry.id,
        key or "",
        settings.account,
        paid.amount,
        paid.commodity,
        entry.ts,
        books.cash(settings.account, paid.commodity),
    )


@capability("ledger.balance", Effect.READ, view=view_balance)
def show_balance(
    books: Books, instruments: Names, /, *, until: Until = None, as_of: AsOf = None
) -> BalanceShown:
    """Show the trial balance: each account's debit or credit, and totals that must be equal.

    `until` counts what happened up to the end of a day; `as_of` what had been booked by then.

    Example:
        fondaco ledger balance
    """
    found = books.trial_balance(until=_end(until), as_of=_booked_by(as_of))
    name = _naming(instruments)
    lines = tuple(
        BalanceLine(x.account, x.commodity, name(x.commodity), x.debit, x.credit)
        for x in found.lines
    )
    totals = tuple(
        BalanceTotal(x.commodity, name(x.commodity), x.debit, x.credit, x.balanced)
        for x in found.totals
    )
    return BalanceShown(lines, totals, found.balanced, found.entries, found.as_of, found.until)


@capability("ledger.positions", Effect.READ, view=view_positions)
def show_positions(
    books: Books, settings: Settings, instruments: Names, /, *, until: Until = None
) -> PositionsShown:
    """Show what the paper account holds, what it cost on average, and the cash beside it.

    Example:
        fondaco ledger positions
    """
    end, name = _end(until), _naming(instruments)
    held = books.lots(settings.account, method=LotMethod.AVERAGE, until=end)
    positions = tuple(
        Position(
            lot.instrument,
            name(lot.instrument),
            lot.quantity,
            lot.cost,
            share_of(lot.cost, Decimal(1), lot.quantity),
            lot.currency,
            lot.opened_at,
        )
        for lot in held.lots
    )
    cash = books.cash(settings.account, settings.currency, until=end)
    return PositionsShown(settings.account, settings.currency, cash, positions, end)


@capability("ledger.lots", Effect.READ, view=view_lots, to_model=False)
def show_lots(
    books: Books,
    settings: Settings,
    instruments: Names,
    /,
    *,
    method: Method = LotMethod.FIFO,
    until: Until = None,
    limit: RowLimit = 1_000,
) -> LotsShown:
    """Show open lots and realised gains, by first in first out or at average cost.

    Gains are proceeds less cost; fees stand in their own account.

    Example:
        fondaco ledger lots --method average
    """
    book = books.lots(settings.account, method=method, until=_end(until))
    name = _naming(instruments)
    gains = tuple(_gain(gain, name) for gain in book.gains[-limit:])
    return LotsShown(
        settings.account,
        method,
        tuple(_lot(lot, name) for lot in book.lots),
        gains,
        _realised(book),
        len(book.gains) - len(gains),
    )


@capability("ledger.statement", Effect.READ, view=view_statement)
def show_statement(
    books: Books,
    settings: Settings,
    instruments: Names,
    /,
    *,
    account: Account = None,
    from_: Since = None,
    to: Until = None,
    limit: RowLimit = 1_000,
) -> StatementShown:
    """Show what moved in an account, with the balance after each movement.

    Both days are included. The account is the paper account unless another is named, such as
    expenses:fees.

    Example:
        fondaco ledger statement --from 2019-01-01 --to 2022-12-31
    """
    name = _naming(instruments)
    found = books.statement(
        account or settings.account, until=_end(to), since=None if from_ is None else _start(from_)
    )
    rows = tuple(
        StatementRow(
            x.ts,
            x.entry_id,
            _readable(x.memo, x.commodity, name),
            name(x.commodity),
            x.amount,
            x.balance,
            x.corrects,
        )
        for x in found.lines[-limit:]
    )
    return StatementShown(
        found.account,
        found.since,
        found.until,
        {name(c): amount for c, amount in found.opening},
        rows,
        {name(c): amount for c, amount in found.closing},
        len(found.lines) - len(rows),
    )


def _naming(instruments: Names) -> Naming:
    """Return how a commodity is called: a currency by its code, shares by their symbol."""
    known: dict[str, str] = {}

    def name(commodity: str) -> str:
        if commodity not in known:
            known[commodity] = commodity if is_currency(commodity) else _symbol(commodity)
        return known[commodity]

    def _symbol(commodity: str) -> str:
        try:
            return instruments.get(InstrumentId(commodity)).symbol
        except NotFound:
            return commodity

    return name


def _readable(memo: str, commodity: str, name: Naming) -> str:
    words = (name(word) if word.startswith("I-") else word for word in memo.split(" "))
    return " ".join(words) if "I-" in memo else memo or commodity


def _lot(lot: Lot, name: Naming) -> LotLine:
    return LotLine(name(lot.instrument), lot.opened_at, lot.quantity, lot.cost, lot.currency)


def _gain(gain: Gain, name: Naming) -> GainLine:
    return GainLine(
        name(gain.instrument),
        gain.opened_at,
        gain.closed_at,
        gain.quantity,
        gain.cost,
        gain.proceeds,
        gain.amount,
        gain.currency,
    )


def _realised(book: LotBook) -> dict[str, Decimal]:
    currencies = sorted({gain.currency for gain in book.gains})
    return {
        currency: exact_sum(gain.amount for gain in book.gains if gain.currency == currency)
        for currency in currencies
    }


def _start(day: date) -> datetime:
    return datetime.combine(day, time.min, UTC)


def _end(day: date | None) -> datetime | None:
    return None if day is None else datetime.combine(day, time.max, UTC)


def _booked_by(moment: date | datetime | None) -> datetime | None:
    return moment if moment is None or isinstance(moment, datetime) else _end(moment)
