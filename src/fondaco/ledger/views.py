"""How the books are drawn."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal

from fondaco.core.money import minor_unit
from fondaco.core.view import Block, Card, Chip, Column, Table, Text, Tone, show
from fondaco.ledger.accounts import is_currency
from fondaco.ledger.results import (
    BalanceLine,
    BalanceShown,
    DepositBooked,
    LotsShown,
    PositionsShown,
    StatementShown,
)

PAPER = "PAPER"
"""The label of an account whose money and shares are not real."""


def view_deposit(result: DepositBooked) -> list[Block]:
    """Return what was booked and what the account holds now."""
    fields = (
        ("Amount", _cash(result.amount, result.currency)),
        ("Account", result.account),
        ("Dated", result.ts.strftime("%Y-%m-%d")),
        ("Cash now", _cash(result.cash_after, result.currency)),
        ("Entry", result.entry),
    )
    return [
        Card(
            "Deposit booked",
            fields,
            (Chip("BOOKED", Tone.GOOD),),
            label=PAPER,
            footer="`fondaco ledger balance` shows the books; `fondaco cycle run` proposes cards.",
        )
    ]


def view_balance(result: BalanceShown) -> list[Block]:
    """Return the trial balance: one table of money for each currency, one of shares."""
    chip = Chip("BALANCED", Tone.GOOD) if result.balanced else Chip("OFF BALANCE", Tone.BAD)
    fields = (
        ("Entries", f"{result.entries:,}"),
        ("Up to", _day(result.until, "now")),
        ("As booked by", _day(result.as_of, "now")),
    )
    blocks: list[Block] = [
        Card(
            "Trial balance",
            fields,
            (chip,),
            label=PAPER,
            footer="`fondaco ledger statement` shows what moved.",
        )
    ]
    if not result.lines:
        return [
            *blocks,
            Text(
                "No entry is booked yet. `fondaco ledger deposit 100000` pays cash in.", Tone.MUTED
            ),
        ]
    currencies = sorted({x.commodity for x in result.lines if is_currency(x.commodity)})
    blocks += [_money_table(result, currency) for currency in currencies]
    shares = tuple(
        (x.account, x.name, _or_none(x.debit), _or_none(x.credit))
        for x in result.lines
        if not is_currency(x.commodity)
    )
    if shares:
        blocks.append(
            Table(
                "Shares",
                (
                    Column("Account"),
                    Column("Symbol"),
                    Column("Debit", "number", "shares", digits=0),
                    Column("Credit", "number", "shares", digits=0),
                ),
                shares,
                label=PAPER,
            )
        )
    return blocks


def _money_table(result: BalanceShown, currency: str) -> Table:
    digits = -int(minor_unit(currency).as_tuple().exponent)
    columns = (
        Column("Account"),
        Column("Debit", "money", currency, digits=digits),
        Column("Credit", "money", currency, digits=digits),
    )
    lines = [x for x in result.lines if x.commodity == currency]
    total = next(x for x in result.totals if x.commodity == currency)
    rows = [*(_money_row(x) for x in lines), ("Total", total.debit, total.credit)]
    return Table(f"Money, {currency}", columns, tuple(rows), label=PAPER)


def _money_row(line: BalanceLine) -> tuple[str, Decimal | None, Decimal | None]:
    return line.account, _or_none(line.debit), _or_none(line.credit)


def view_positions(result: PositionsShown) -> list[Block]:
    """Return cash and positions."""
    columns = (
        Column("Symbol"),
        Column("Quantity", "number", "shares", digits=0),
        Column("Average cost", "money", result.currency),
        Column("Cost", "money", result.currency),
        Column("Held since", "day"),
    )
    rows = tuple(
        (p.symbol, p.quantity, p.cost_per_share, p.cost, p.since.date()) for p in result.positions
    )
    card = Card(
        f"Account {result.account}",
        (
            ("Cash", _cash(result.cash, result.currency)),
            ("Positions", f"{len(rows)}"),
            ("Up to", _day(result.until, "now")),
        ),
        label=PAPER,
        footer="`fondaco ledger lots` shows each purchase.",
    )
    return [
        card,
        Table(
            "Positions",
            columns,
            rows,
            label=PAPER,
            empty="Nothing is held. `fondaco cards list` shows what is proposed.",
        ),
    ]


def view_lots(result: LotsShown) -> list[Block]:
    """Return open lots, then realised gains."""
    lots = Table(
        f"Open lots of {result.account}, {result.method.value}",
        (
            Column("Symbol"),
            Column("Opened", "day"),
            Column("Quantity", "number", "shares", digits=0),
            Column("Cost", "money"),
            Column("Currency"),
        ),
        tuple((x.symbol, x.opened_at.date(), x.quantity, x.cost, x.currency) for x in result.lots),
        label=PAPER,
        empty="Nothing is held.",
    )
    gains = Table(
        "Realised gains, before fees",
        (
            Column("Symbol"),
            Column("Opened", "day"),
            Column("Closed", "day"),
            Column("Quantity", "number", "shares", digits=0),
            Column("Cost", "money"),
            Column("Proceeds", "money"),
            Column("Gain", "money", signed=True),
            Column("Currency"),
        ),
        tuple(
            (
                x.symbol,
                x.opened_at.date(),
                x.closed_at.date(),
                x.quantity,
                x.cost,
                x.proceeds,
                x.gain,
                x.currency,
            )
            for x in result.gains
        ),
        label=PAPER,
        empty="Nothing was sold yet.",
    )
    return [
        lots,
        gains,
        *_left_out(result.left_out, "gains"),
        *(
            Text(f"Realised in all: {_cash(amount, currency, signed=True)}.")
            for currency, amount in result.realised.items()
        ),
    ]


def view_statement(result: StatementShown) -> list[Block]:
    """Return the movements between opening and closing balance."""
    columns = (
        Column("Date", "time"),
        Column("What"),
        Column("In"),
        Column("Amount", "money", signed=True),
        Column("Balance", "money"),
        Column("Entry", "id"),
    )
    rows = tuple(
        (
            x.ts,
            f"correction: {x.memo}" if x.corrects else x.memo,
            x.name,
            x.amount,
            x.balance,
            x.entry,
        )
        for x in result.rows
    )
    span = f"{_day(result.since, 'the first entry')} to {_day(result.until, 'now')}"
    card = Card(
        f"Statement of {result.account}",
        (
            ("Span", span),
            ("Opening", _balances(result.opening)),
            ("Closing", _balances(result.closing)),
        ),
        label=PAPER,
    )
    return [
        card,
        *_left_out(result.left_out, "earlier movements"),
        Table(
            "Movements",
            columns,
            rows,
            label=PAPER,
            empty="Nothing moved. `fondaco ledger deposit 100000` pays cash in.",
        ),
    ]


def _left_out(count: int, what: str) -> list[Block]:
    return (
        [Text(f"{count:,} {what} are left out; `--limit` shows more.", Tone.MUTED)] if count else []
    )


def _balances(found: Mapping[str, Decimal]) -> str:
    words = (
        _cash(amount, name) if is_currency(name) else f"{amount.normalize():,f} {name}"
        for name, amount in found.items()
    )
    return "; ".join(words) or "nothing"


def _cash(amount: Decimal, currency: str, *, signed: bool = False) -> str:
    digits = -int(minor_unit(currency).as_tuple().exponent)
    return f"{show(Column('', 'money', digits=digits, signed=signed), amount)} {currency}"


def _day(moment: datetime | None, otherwise: str) -> str:
    return otherwise if moment is None else moment.strftime("%Y-%m-%d")


def _or_none(amount: Decimal) -> Decimal | None:
    return amount or None
