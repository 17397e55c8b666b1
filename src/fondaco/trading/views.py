"""How cards and orders are drawn: what will happen, before the button; what did, after it."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from fondaco.core.facts import plain_digits
from fondaco.core.instrument import Origin
from fondaco.core.view import Block, Card, Chip, Column, Table, Text, Tone
from fondaco.risk.verdict import Judgement, Verdict
from fondaco.trading.cards import CardState, Move
from fondaco.trading.order_words import order_words
from fondaco.trading.ports import OrderState
from fondaco.trading.results import CardLine, CardMoved, CardReasons, CardShown, OrderLine

VERDICT_TONES = {
    Judgement.PASS: Tone.GOOD,
    Judgement.FAIL: Tone.BAD,
    Judgement.NOT_JUDGED: Tone.WARNING,
}
STATE_TONES = {
    CardState.PROPOSED: Tone.INFO,
    CardState.BLOCKED: Tone.BAD,
    CardState.REJECTED: Tone.MUTED,
    CardState.EXPIRED: Tone.MUTED,
    CardState.APPROVED: Tone.INFO,
    CardState.REFUSED: Tone.BAD,
    CardState.SENT: Tone.INFO,
    CardState.UNKNOWN: Tone.WARNING,
    CardState.WORKING: Tone.INFO,
    CardState.FILLED: Tone.GOOD,
    CardState.CANCELLED: Tone.MUTED,
    CardState.CLOSED: Tone.GOOD,
}
NEXT = {
    CardState.BLOCKED: "`fondaco cards why {id}` shows what would pass.",
    CardState.APPROVED: "Its order goes out when its checks have run again; "
    "`fondaco cards show {id}` shows how it stands.",
    CardState.REFUSED: "`fondaco cards why {id}` shows the reason; `fondaco cycle run` proposes "
    "afresh.",
    CardState.SENT: "`fondaco orders list` shows what is known of the order.",
    CardState.UNKNOWN: "The venue has not answered: the order counts at its worst, is never sent "
    "under a new id, and `fondaco orders list` shows what is known.",
    CardState.WORKING: "The order waits for its session; `fondaco orders list` shows it.",
    CardState.FILLED: "`fondaco explain {id}` explains it; `fondaco ledger positions` shows what "
    "is held.",
    CardState.CLOSED: "`fondaco explain {id}` tells what came of it.",
}
EMPTY = (
    "No card yet. `fondaco cycle run` reads prices, makes forecasts and proposes cards; the "
    "account needs cash for it: `fondaco ledger deposit 100000`."
)
_LIST = (
    Column("Card", "id"),
    Column("State", "chip"),
    Column("Side"),
    Column("Symbol"),
    Column("Quantity", "number", "shares", digits=0),
    Column("Price", "money"),
    Column("Value", "money"),
    Column("Currency"),
    Column("Source"),
    Column("Guardrails"),
    Column("As of", "time"),
    Column("Expires", "time"),
)
_ORDERS = (
    Column("Order", "id"),
    Column("Card", "id"),
    Column("State", "chip"),
    Column("Side"),
    Column("Symbol"),
    Column("How"),
    Column("Ordered", "number", "shares", digits=0),
    Column("Filled", "number", "shares", digits=0),
    Column("Decided", "time"),
    Column("Written", "time"),
    Column("Note"),
)
_RULES = (
    Column("Rule"),
    Column("Verdict", "chip"),
    Column("Value"),
    Column("Limit"),
    Column("What would pass"),
)
_STEPS = (
    Column("When", "time"),
    Column("From", "chip"),
    Column("To", "chip"),
    Column("By"),
    Column("Reason"),
)
_EVIDENCE = (
    Column("Number"),
    Column("Value"),
    Column("Unit"),
    Column("As of", "time"),
    Column("Fact", "id"),
)
_FILLS = (
    Column("When", "time"),
    Column("Quantity", "number", "shares", digits=0),
    Column("Price", "money"),
    Column("Fee", "money"),
    Column("Execution", "id"),
)


def view_cards(result: tuple[CardLine, ...]) -> list[Block]:
    """Return the cards as a table, and what to do next."""
    rows = tuple(
        (
            c.id,
            _state(c.state, c.replay),
            c.side.value,
            c.symbol,
            c.quantity,
            c.reference_price,
            c.notional,
            c.currency,
            c.source,
            _in_short(c.failed, c.not_judged),
            c.as_of,
            c.expires_at,
        )
        for c in result
    )
    table = Table("Trade cards", _LIST, rows, label=_label({c.origin for c in result}), empty=EMPTY)
    waiting = [c.id for c in result if c.state is CardState.PROPOSED]
    if not waiting:
        return [table]
    return [
        table,
        Text(
            f"{len(waiting)} wait for a person; `fondaco cards show {waiting[0]}` shows one whole.",
            Tone.MUTED,
        ),
    ]


def view_shown(result: CardShown) -> list[Block]:
    """Return a card whole: what it would do, its verdicts, its evidence, its history."""
    order = result.order
    fields = [
        (
            "Order",
            f"{order.side.value} {_shares(order.quantity)} of {result.symbol}: "
            f"{order_words(order)}",
        ),
        ("Account", order.account),
        ("Reference price", f"{result.reference_price:,.2f} {result.currency}"),
        ("Value", f"{result.notional:,.2f} {result.currency}"),
        ("Cost estimate", f"{result.cost_estimate:,.2f} {result.currency}"),
        (
            "Worst case",
            f"{result.worst_case:,.2f} {result.currency}, if the whole position went to zero",
        ),
        ("Target", f"{result.weight:.2%} of equity"),
        ("Source", f"{result.source}: {result.catalyst}"),
        ("Stands on paper", result.standing or "no decision was asked for: it only reduces"),
        (
            "Rests on",
            "nothing with a date" if result.catalyst_at is None else _moment(result.catalyst_at),
        ),
        ("As of", _moment(result.as_of)),
        ("Expires", _moment(result.expires_at)),
        ("Digest", result.digest),
    ]
    if result.acknowledged:
        fields.append(("Acknowledged", ", ".join(result.acknowledged)))
    card = Card(
        f"{result.id} · {order.side.value} {result.symbol}",
        tuple(fields),
        (
            *_state_chips(result.state, result.replay),
            *_override_chips(result),
            *_verdict_chips(result.verdicts),
        ),
        label=result.origin.value,
        footer=_footer(result.id, result.state, result.approve_command),
    )
    blocks: list[Block] = [card, _rules(result.verdicts, result.origin)]
    if result.record is not None:
        blocks.append(_orders_table("Its order", (result.record,)))
    if result.fills:
        rows = tuple((f.ts, f.quantity, f.price, f.fee, f.execution) for f in result.fills)
        blocks.append(Table("Fills", _FILLS, rows, label=result.origin.value))
    evidence = tuple(
        (e.name.replace("_", " "), plain_digits(e.value), e.unit, e.as_of, e.fact)
        for e in result.evidence
    )
    blocks.append(Table("Evidence", _EVIDENCE, evidence, label=result.origin.value))
    return [*blocks, *_history(result.moves)]


def view_reasons(result: CardReasons) -> list[Block]:
    """Return each rule with its value, limit and what would pass, then the steps."""
    card = Card(
        f"{result.id} · {result.symbol}",
        (("State", result.state.value),),
        (*_state_chips(result.state, result.replay), *_verdict_chips(result.verdicts)),
        label=result.origin.value,
        footer=_footer(result.id, result.state, result.approve_command),
    )
    return [card, _rules(result.verdicts, result.origin), *_history(result.moves)]


def view_moved(result: CardMoved) -> list[Block]:
    """Return what was decided, about which order, and what follows."""
    fields = (
        ("Order", f"{result.side.value} {_shares(result.quantity)} of {result.symbol}"),
        ("Account", result.account),
        ("Reference price", f"{result.reference_price:,.2f} {result.currency}"),
        ("Cost estimate", f"{result.cost_estimate:,.2f} {result.currency}"),
        ("Worst case", f"{result.worst_case:,.2f} {result.currency}"),
        ("By", result.by),
        ("Said", result.reason),
        ("Digest", result.digest),
    )
    return [
        Card(
            f"{result.card} · {result.state.value.lower()}",
            fields,
            _state_chips(result.state, result.replay),
            label=result.origin.value,
            footer=_footer(result.card, result.state, ""),
        )
    ]


def view_orders(result: tuple[OrderLine, ...]) -> list[Block]:
    """Return the orders as a table."""
    return [_orders_table("Orders", result)]


def view_cancelled(result: OrderLine) -> list[Block]:
    """Return what became of an order that was to be cancelled."""
    words = {
        OrderState.CANCELLED: "It trades no more. What it filled stays filled.",
        OrderState.FILLED: "It was filled before it could be cancelled.",
    }.get(result.state, "The broker was asked; `fondaco orders list` shows what is known.")
    return [_orders_table("The order", (result,)), Text(words)]


def _orders_table(title: str, orders: Sequence[OrderLine]) -> Table:
    rows = tuple(
        (
            o.client_id,
            o.card,
            o.state.value,
            o.side.value,
            o.symbol,
            o.how,
            o.quantity,
            o.filled,
            o.decided_at,
            o.written_at,
            o.note,
        )
        for o in orders
    )
    return Table(
        title,
        _ORDERS,
        rows,
        label="PAPER",
        empty="No order yet. An approved card makes one: `fondaco cards list`.",
    )


def _rules(verdicts: Sequence[Verdict], origin: Origin) -> Table:
    rows = tuple((v.rule, v.judgement.value, v.value, v.limit, v.would_pass) for v in verdicts)
    return Table("Guardrails", _RULES, rows, label=origin.value)


def _history(moves: Sequence[Move]) -> list[Block]:
    rows = tuple((m.at, m.before.value, m.after.value, m.by, m.reason) for m in moves)
    return [Table("Steps", _STEPS, rows)] if rows else []


def _state_chips(state: CardState, replay: bool) -> tuple[Chip, ...]:
    chips = [Chip(state.value, STATE_TONES[state])]
    if replay:
        chips.append(Chip("REPLAY", Tone.WARNING, "market time stands still at its as-of day"))
    return tuple(chips)


def _override_chips(result: CardShown) -> tuple[Chip, ...]:
    return (Chip("OVERRIDE", Tone.WARNING, result.standing),) if result.overridden else ()


def _verdict_chips(verdicts: Sequence[Verdict]) -> tuple[Chip, ...]:
    return tuple(
        Chip(v.judgement.value, VERDICT_TONES[v.judgement], f"{v.rule}: {v.value}; limit {v.limit}")
        for v in verdicts
    )


def _footer(card: str, state: CardState, command: str) -> str:
    if command:
        return f"`{command}` approves exactly this; `fondaco cards why {card}` explains the rules."
    return NEXT.get(state, "").format(id=card)


def _state(state: CardState, replay: bool) -> str:
    return f"{state.value} · REPLAY" if replay else state.value


def _in_short(failed: Sequence[str], not_judged: Sequence[str]) -> str:
    parts = [f"FAIL {', '.join(failed)}"] if failed else []
    parts += [f"NOT JUDGED {', '.join(not_judged)}"] if not_judged else []
    return "; ".join(parts) or "PASS"


def _label(origins: set[Origin]) -> str:
    return ", ".join(sorted(origin.value for origin in origins))


def _shares(quantity: Decimal) -> str:
    return f"{quantity:,.0f} share{'' if quantity == 1 else 's'}"


def _moment(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%d %H:%M UTC")
