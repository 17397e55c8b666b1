"""What the outside may ask of the books."""

from datetime import UTC, date, datetime, time
from typing import Annotated, Protocol

from pydantic import Field

from fondaco.core.capability import Caller, Effect, capability
from fondaco.core.clock import Clock, utc
from fondaco.core.entry import Entry
from fondaco.core.errors import NotFound
from fondaco.core.ids import Ids
from fondaco.core.instrument import Instrument, InstrumentId
from fondaco.core.quantities import AsOf, CashAmount, Currency, Day
from fondaco.ledger.accounts import is_currency
from fondaco.ledger.books import Books
from fondaco.ledger.lots import LotMethod
from fondaco.ledger.results import (
    BalanceLine,
    BalanceSheet,
    BalanceTotal,
    GainLine,
    Holding,
    Holdings,
    LotLine,
    LotSheet,
    MovementLine,
    StatementSheet,
)
from fondaco.ledger.views import (
    view_balance,
    view_entry,
    view_holdings,
    view_lots,
    view_statement,
)

Account = Annotated[
    str, Field(pattern=r"^[a-z][a-z0-9_]{0,31}$", description="trading account, e.g. paper")]
Method = Annotated[LotMethod, Field(description="which shares a sale takes: fifo or average")]
OptionalDay = Annotated[date | None, Field(description="ISO date, e.g. 2019-06-28")]


class SymbolBook(Protocol):
    """What is asked of the symbol book: an instrument by its permanent id."""

    def get(self, instrument: InstrumentId) -> Instrument: ...


@capability("ledger.deposit", Effect.MONEY, view=view_entry)
def deposit(books: Books, clock: Clock, ids: Ids, caller: Caller, /, *, amount: CashAmount,
            currency: Currency = "USD", account: Account = "paper",
            date_: OptionalDay = None) -> Entry:
    """Book cash paid into an account.

    Dated at the start of the day given, else now. The same request id books it once.

    Example:
        fondaco ledger deposit 2500.00 --date 2019-06-01 --yes
    """
    at = clock.now() if date_ is None else datetime.combine(date_, time.min, tzinfo=UTC)
    return books.deposit(account, amount, currency, at,
                         f"deposit:{caller.actor}:{caller.request_id or ids.new()}")


@capability("ledger.balance", view=view_balance)
def show_balance(books: Books, instruments: SymbolBook, /, *, as_of: AsOf = None) -> BalanceSheet:
    """Show the trial balance: every account's debit or credit, equal in each commodity.

    Example:
        fondaco ledger balance --as-of 2022-12-28
    """
    until = moment(as_of)
    found = books.trial_balance(until=until)
    return BalanceSheet(
        tuple(BalanceLine(line.account, line.commodity, symbol_of(instruments, line.commodity),
                          line.debit, line.credit) for line in found.lines),
        tuple(BalanceTotal(total.commodity, symbol_of(instruments, total.commodity), total.debit,
                           total.credit) for total in found.totals),
        found.entries, found.balanced, until)


@capability("ledger.positions", view=view_holdings)
def show_positions(books: Books, instruments: SymbolBook, /, *, account: Account = "paper",
                   as_of: AsOf = None) -> Holdings:
    """Show what an account holds: cash, and shares at their average cost.

    Example:
        fondaco ledger positions --as-of 2022-12-28
    """
    until = moment(as_of)
    lots = books.lots(account, method=LotMethod.AVERAGE, until=until).lots
    held = sorted(((symbol_of(instruments, lot.instrument), lot) for lot in lots),
                  key=lambda pair: pair[0])
    cash = [(name, amount) for name, amount in books.statement(account, until=until).closing
            if is_currency(name)]
    return Holdings(account, until, (
        *(Holding(name, name, amount, None, None) for name, amount in cash),
        *(Holding(lot.instrument, symbol, lot.quantity, lot.cost, lot.currency)
          for symbol, lot in held)))


@capability("ledger.lots", view=view_lots)
def show_lots(books: Books, instruments: SymbolBook, /, *, account: Account = "paper",
              method: Method = LotMethod.FIFO, as_of: AsOf = None) -> LotSheet:
    """Show open lots and realised gains of an account, by FIFO or average cost.

    Example:
        fondaco ledger lots --method average
    """
    until = moment(as_of)
    book = books.lots(account, method=method, until=until)
    return LotSheet(
        account, method.value, until,
        tuple(LotLine(lot.instrument, symbol_of(instruments, lot.instrument), lot.opened_at,
                      lot.opened_by, lot.quantity, lot.cost, lot.currency) for lot in book.lots),
        tuple(GainLine(g.instrument, symbol_of(instruments, g.instrument), g.opened_at,
                       g.closed_at, g.quantity, g.cost, g.proceeds, g.amount, g.currency)
              for g in book.gains),
        book.cost, book.realised)


@capability("ledger.statement", view=view_statement)
def show_statement(books: Books, instruments: SymbolBook, /, *, account: Account = "paper",
                   from_: OptionalDay = None, to: OptionalDay = None) -> StatementSheet:
    """Show what moved in an account in a span, each with the balance after it.

    Example:
        fondaco ledger statement --from 2019-01-01 --to 2022-12-31
    """
    since, until = moment(from_, start=True), moment(to)
    found = books.statement(account, since=since, until=until)
    lines = tuple(
        MovementLine(line.ts, line.known_at, line.entry_id, line.memo, line.commodity,
                     symbol_of(instruments, line.commodity), line.amount, line.balance)
        for line in found.lines)
    closing = tuple((symbol_of(instruments, name), amount) for name, amount in found.closing)
    return StatementSheet(account, since, until, lines, closing)


def moment(given: datetime | Day | None, *, start: bool = False) -> datetime | None:
    """Return a day's last (or first) moment in UTC, a time in UTC, or None for now.

    >>> moment(date(2019, 6, 28)).isoformat()
    '2019-06-28T23:59:59.999999+00:00'
    """
    if given is None or isinstance(given, datetime):
        return given and utc(given)
    return datetime.combine(given, time.min if start else time.max, tzinfo=UTC)


def symbol_of(instruments: SymbolBook, commodity: str) -> str:
    """Return a commodity's symbol: a currency's code, an instrument's ticker, else its id."""
    if is_currency(commodity):
        return commodity
    try:
        return instruments.get(InstrumentId(commodity)).symbol
    except NotFound:
        return commodity
