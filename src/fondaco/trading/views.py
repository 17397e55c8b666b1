"""How cards and orders are drawn."""

from fondaco.core.view import Block, Card, Chip, Column, Table, Text, Tone, show
from fondaco.risk.verdict import Judgement, Verdict
from fondaco.trading.cards import CardState, Move, TradeCard
from fondaco.trading.results import CardLine, CardReasons, CardSheet, OrderLine

STATE_TONES = {
    CardState.PROPOSED: Tone.INFO, CardState.BLOCKED: Tone.BAD, CardState.REJECTED: Tone.MUTED,
    CardState.EXPIRED: Tone.MUTED, CardState.APPROVED: Tone.INFO, CardState.REFUSED: Tone.BAD,
    CardState.SENT: Tone.INFO, CardState.UNKNOWN: Tone.WARNING, CardState.WORKING: Tone.INFO,
    CardState.FILLED: Tone.GOOD, CardState.CANCELLED: Tone.MUTED, CardState.CLOSED: Tone.GOOD,
}
_JUDGEMENT_TONES = {
    Judgement.PASS: Tone.GOOD, Judgement.FAIL: Tone.BAD, Judgement.NOT_JUDGED: Tone.WARNING,
}
_PRICE = Column("Price", "money", digits=4)
_QUANTITY = Column("Quantity", "number", digits=0)


def view_cards(result: tuple[CardLine, ...]) -> list[Block]:
    """Return cards as a table, then what to run next."""
    columns = (
        Column("Card", "id"), Column("State", "chip"), Column("Symbol"), Column("Side"),
        _QUANTITY, _PRICE, Column("Failed"), Column("As of", "day"))
    rows = tuple(
        (c.id, c.state, c.symbol, c.side, c.quantity, c.reference_price,
         ", ".join(c.failed) or None, c.as_of.date()) for c in result)
    label = ", ".join(sorted({c.origin for c in result}))
    blocks: list[Block] = [Table("Trade cards", columns, rows, label=label,
                                 empty="No cards. `fondaco cycle run` proposes some.")]
    waiting = next((c.id for c in result if c.state == CardState.PROPOSED), None)
    if waiting:
        blocks.append(Text(f"`fondaco cards show {waiting}` shows the first that waits for you.",
                           Tone.MUTED))
    return blocks


def view_card(result: CardSheet) -> list[Block]:
    """Return a card whole: order, cost, worst case, verdicts, evidence, digest, next command."""
    card = result.card
    blocks: list[Block] = [
        _card_block(card, result.digest), verdict_table(card.verdicts, card.origin.value),
        Table("Evidence", (Column("Fact", "id"), Column("What"), Column("Value"), Column("Unit"),
                           Column("As of", "time")),
              tuple((fact.id, fact.name, f"{fact.value:f}", fact.unit, fact.as_of)
                    for fact in card.evidence), label=card.origin.value)]
    if result.fills:
        blocks.append(Table(
            "Fills", (Column("Filled", "time"), _QUANTITY, _PRICE, Column("Fee", "money"),
                      Column("Currency")),
            tuple((f.ts, f.quantity, f.price, f.fee, f.currency) for f in result.fills),
            label=f"paper, {card.origin.value} prices"))
    if result.moves:
        blocks.append(move_table(result.moves))
    return blocks


def _card_block(card: TradeCard, digest: str) -> Card:
    order, currency = card.order, card.currency
    money = Column("", "money")
    fields = (
        ("Order", f"{order.side.value} {order.quantity:,f} {card.symbol}, {order.kind.value} "
                  f"order, account {order.account}"),
        ("Reference price", f"{show(_PRICE, card.reference_price)} {currency}"),
        ("Value", f"{show(money, order.quantity * card.reference_price)} {currency}"),
        ("Cost estimate", f"{show(money, card.cost_estimate)} {currency}"),
        ("Worst case", f"{show(money, card.worst_case)} {currency} lost"),
        ("Target weight", show(Column("", "percent"), card.weight)),
        ("Source", card.source), ("Catalyst", card.catalyst),
        ("Decided as of", show(Column("", "time"), card.as_of)),
        ("Expires", show(Column("", "time"), card.expires_at)),
        ("Instrument", order.instrument), ("Client order id", order.client_id),
        ("Digest", digest),
    )
    chips = [Chip(card.state.value, STATE_TONES[card.state]), Chip("PAPER", Tone.INFO)]
    if card.replay:
        chips.append(Chip("REPLAY", Tone.WARNING, f"market time stands at {card.as_of.date()}"))
    return Card(f"{card.id} {order.side.value} {card.symbol}", fields, tuple(chips),
                label=card.origin.value, footer=_next(card, digest))


def _next(card: TradeCard, digest: str) -> str:
    """Return the command that takes this card on, in full."""
    if card.state is CardState.PROPOSED:
        gaps = "".join(f" --acknowledge {rule}" for rule in card.not_judged)
        return (f"To approve exactly this: fondaco cards approve {card.id} --digest {digest}"
                f"{gaps}")
    if card.state in {CardState.BLOCKED, CardState.REFUSED, CardState.UNKNOWN}:
        return f"`fondaco cards why {card.id}` gives each reason."
    return f"`fondaco explain {card.id}` puts it into words."


def verdict_table(verdicts: tuple[Verdict, ...], label: str) -> Table:
    """Return verdicts as a table: rule, word, value, limit, what would pass."""
    columns = (Column("Rule"), Column("Verdict", "chip"), Column("Value"), Column("Limit"),
               Column("Would pass"))
    rows = tuple((v.rule, v.judgement.value, v.value, v.limit, v.would_pass) for v in verdicts)
    return Table("Guardrails", columns, rows, label=label)


def move_table(moves: tuple[Move, ...]) -> Table:
    """Return the steps of a card's life as a table."""
    columns = (Column("When", "time"), Column("From", "chip"), Column("To", "chip"),
               Column("By"), Column("Reason"))
    rows = tuple((m.at, m.before.value, m.after.value, m.by, m.reason or None) for m in moves)
    return Table("Life of the card", columns, rows, empty="Nothing happened to it yet.")


def view_reasons(result: CardReasons) -> list[Block]:
    """Return each rule's verdict and each step, with what is missing for an approval."""
    chips = tuple(Chip(f"{v.rule}: {v.judgement.value}", _JUDGEMENT_TONES[v.judgement])
                  for v in result.verdicts)
    fields = (("State", result.state), ("Acknowledged", ", ".join(result.acknowledged) or "–"))
    return [Card(f"{result.id} {result.symbol}", fields, chips, label=result.origin),
            verdict_table(result.verdicts, result.origin), move_table(result.moves)]


def view_orders(result: tuple[OrderLine, ...]) -> list[Block]:
    """Return orders as a table."""
    columns = (Column("Order", "id"), Column("Card", "id"), Column("State", "chip"),
               Column("Symbol"), Column("Side"), _QUANTITY, Column("Filled", "number", digits=0),
               Column("Decided", "time"), Column("Note"))
    rows = tuple((o.client_id, o.card, o.state, o.symbol, o.side, o.quantity, o.filled,
                  o.decided_at, o.note or None) for o in result)
    return [Table("Orders", columns, rows, label="paper",
                  empty="No orders. An approved card makes the first.")]
