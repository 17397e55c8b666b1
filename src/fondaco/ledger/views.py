"""How the books are drawn."""

from decimal import Decimal

from fondaco.core.entry import Entry
from fondaco.core.view import Block, Card, Cell, Chip, Column, Table, Text, Tone
from fondaco.ledger.results import BalanceSheet, Holdings, LotSheet, StatementSheet

_QUANTITY = Column("Quantity", "number", digits=4)


def view_entry(result: Entry) -> list[Block]:
    """Return an entry as its postings."""
    rows = tuple((p.account, p.commodity, p.amount) for p in result.postings)
    columns = (Column("Account"), Column("Commodity"), Column("Amount", "number", signed=True))
    fields = (("Entry", result.id), ("Happened", result.ts.isoformat()), ("Memo", result.memo))
    return [Card("Booked", fields, (Chip("BALANCED", Tone.GOOD),)),
            Table("Postings", columns, rows)]


def view_balance(result: BalanceSheet) -> list[Block]:
    """Return the trial balance with its totals, and whether both sides agree."""
    columns = (Column("Account"), Column("Commodity"), Column("Debit", "number", digits=6),
               Column("Credit", "number", digits=6))
    lines: list[tuple[Cell, ...]] = [
        (line.account, line.symbol, line.debit or None, line.credit or None)
        for line in result.lines]
    lines += [("Total", total.symbol, total.debit, total.credit) for total in result.totals]
    word = "Debits equal credits in every commodity." if result.balanced else (
        "The books do not balance: stop trading and run `fondaco journal verify`.")
    return [Table(f"Trial balance of {result.entries:,} entries", columns, tuple(lines),
                  empty="No entries yet. `fondaco ledger deposit` books the first."),
            Text(word, Tone.GOOD if result.balanced else Tone.BAD)]


def view_holdings(result: Holdings) -> list[Block]:
    """Return what an account holds, shares at their average cost."""
    columns = (Column("Holding"), _QUANTITY, Column("Average cost", "money", digits=4),
               Column("Cost", "money"), Column("Currency"))
    rows = tuple(
        (h.symbol, h.quantity, h.cost / h.quantity if h.cost is not None else None, h.cost,
         h.currency) for h in result.holdings)
    return [Table(f"Holdings of {result.account}", columns, rows,
                  empty="Nothing held. `fondaco cards list` shows what is proposed.")]


def view_lots(result: LotSheet) -> list[Block]:
    """Return open lots, then realised gains."""
    lots = Table(
        f"Open lots of {result.account}, {result.method}",
        (Column("Symbol"), Column("Opened", "time"), _QUANTITY, Column("Cost", "money"),
         Column("Currency")),
        tuple((lot.symbol, lot.opened_at, lot.quantity, lot.cost, lot.currency)
              for lot in result.lots), empty="No open lots.")
    gains = Table(
        "Realised gains, before fees",
        (Column("Symbol"), Column("Opened", "time"), Column("Closed", "time"), _QUANTITY,
         Column("Cost", "money"), Column("Proceeds", "money"),
         Column("Gain", "money", signed=True), Column("Currency")),
        tuple((g.symbol, g.opened_at, g.closed_at, g.quantity, g.cost, g.proceeds, g.gain,
               g.currency) for g in result.gains), empty="Nothing was sold yet.")
    return [lots, gains]


def view_statement(result: StatementSheet) -> list[Block]:
    """Return the movements of an account and its closing balances."""
    columns = (Column("Happened", "time"), Column("What"), Column("Commodity"),
               Column("Amount", "number", digits=6, signed=True),
               Column("Balance", "number", digits=6), Column("Booked", "time"))
    rows = tuple((m.ts, m.memo, m.symbol, m.amount, m.balance, m.known_at) for m in result.lines)
    closing = ", ".join(f"{amount.normalize():,f} {name}" for name, amount in result.closing)
    return [Table(f"Statement of {result.account}", columns, rows, empty="No movement."),
            Text(f"Closing balances: {closing or Decimal(0)}.", Tone.MUTED)]
