"""What must hold of a desk after any number of kills: nothing lost, nothing doubled."""

from collections import Counter
from decimal import Decimal
from typing import Any

from sqlalchemy import text

from fondaco.core.jobs import JobState
from fondaco.desk.durable import SCHEMA
from fondaco.desk.follow import UNSETTLED
from fondaco.trading.cards import CardState, TradeCard
from fondaco.trading.ports import VenueOrder
from services.desk.driver import LAST, SmallDesk, cards_of

ALL = 10_000
SENT = (CardState.WORKING, CardState.FILLED, CardState.CLOSED, CardState.CANCELLED)


def audit(app: SmallDesk, acks: list[str], days: list[str], *, settled: bool = True) -> None:
    """Assert every promise; `settled` says that the days were run to their end."""
    assert app.journal.verify().intact
    _books_balance(app)
    _every_fill_is_booked_once(app)
    _the_venue_and_the_desk_agree(app)
    _nothing_is_doubled(app)
    _acknowledged_approvals(app, acks, settled=settled)
    _no_row_is_lost(app)
    if settled:
        _everything_came_to_its_end(app, days)


def _books_balance(app: SmallDesk) -> None:
    trial = app.books.trial_balance()
    assert trial.totals
    for total in trial.totals:
        assert total.debit == total.credit, total
    deposits = [e for e in app.stores.entries.entries() if e.key == "test:deposit"]
    assert len(deposits) == 1


def _every_fill_is_booked_once(app: SmallDesk) -> None:
    fills = app.orders.fills(limit=ALL)
    booked = Counter(e.key for e in app.stores.entries.entries() if e.key.startswith("fill:"))
    assert booked == Counter(f"fill:{fill.execution_id}" for fill in fills)
    assert set(booked.values()) <= {1}


def _the_venue_and_the_desk_agree(app: SmallDesk) -> None:
    venue = [
        kept.order.client_id
        for kept in app.stores.venue_book.since("paper", 0)
        if isinstance(kept, VenueOrder)
    ]
    assert len(venue) == len(set(venue))
    desk = {record.order.client_id: record for record in app.orders.list(limit=ALL)}
    assert set(venue) <= set(desk)
    held = app.books.positions("paper")
    counted: Counter[str] = Counter()
    for fill in app.orders.fills(limit=ALL):
        counted[fill.instrument] += fill.quantity * fill.side.sign  # type: ignore[assignment]
    assert {k: Decimal(v) for k, v in counted.items() if v} == held


def _nothing_is_doubled(app: SmallDesk) -> None:
    cards = app.cards.list(limit=ALL)
    assert len({card.origin_key for card in cards}) == len(cards)
    orders = Counter(record.card for record in app.orders.list(limit=ALL))
    assert set(orders.values()) <= {1}
    for card in cards:
        entered = Counter(move.after for move in app.cards.moves(card.id))
        assert entered[CardState.APPROVED] <= 1
        assert entered[CardState.SENT] <= 1
        assert entered[CardState.FILLED] <= 1
    numbers = sorted(int(card.id.removeprefix("TC-")) for card in cards)
    assert numbers == list(range(1, len(cards) + 1))


def _acknowledged_approvals(app: SmallDesk, acks: list[str], *, settled: bool) -> None:
    orders = {record.card for record in app.orders.list(limit=ALL)}
    for line in acks:
        what, name = line.split()
        if what == "job":
            app.jobs.status(name)
        else:
            card = app.cards.get(name)
            assert [m for m in app.cards.moves(name) if m.after is CardState.APPROVED]
            if settled:
                assert (name in orders) == (card.state in SENT), card
                assert card.state in {*SENT, CardState.REFUSED}, card


def _no_row_is_lost(app: SmallDesk) -> None:
    if app.prices.version() < 0:
        return
    bars = app.store.read("bars_1d")
    keys = bars.select("instrument", "session", "source")
    assert keys.unique().height == keys.height
    shares = [i.id for i in app.instruments.all() if i.sector]
    sessions = app.calendars("XNYS").sessions(app.since, LAST)
    assert bars.filter(bars["instrument"].is_in(shares)).height == 20 * len(sessions)


def _everything_came_to_its_end(app: SmallDesk, days: list[str]) -> None:
    jobs = app.jobs.list(limit=ALL)
    assert Counter(job.state for job in jobs) == {JobState.DONE: len(days)}, jobs
    for job, day in zip(reversed(jobs), days, strict=True):
        made = {card["id"] for card in job.result["cards"]}
        kept = {card.id for card in cards_of(app, day)}
        assert made == kept
    for card in app.cards.list(limit=ALL):
        assert card.state not in UNSETTLED, card
        if card.state is CardState.CLOSED:
            _outcome_is_known(app, card)
    assert app.outbox.parked() == ()
    assert _workflows_gone_wrong(app) == []


def _outcome_is_known(app: SmallDesk, card: TradeCard) -> None:
    assert app.card_desk.outcome(card.id).complete


def _workflows_gone_wrong(app: SmallDesk) -> list[Any]:
    query = text(
        f"SELECT workflow_uuid, status, error FROM {SCHEMA}.workflow_status "
        "WHERE status NOT IN ('SUCCESS', 'DELAYED', 'ENQUEUED', 'PENDING')"
    )
    with app.stores.database.connection() as connection:
        return list(connection.execute(query))
