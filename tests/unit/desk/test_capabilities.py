"""The desk's capabilities: called by hand, dumped, and drawn."""

from datetime import timedelta
from typing import Any

import pytest

from fondaco.catalogue import CAPABILITIES
from fondaco.core.capability import Catalogue, Effect
from fondaco.core.errors import InvalidInput, NotFound
from fondaco.core.events import Event, MemoryOutbox, Parked
from fondaco.core.jobs import JobState
from fondaco.core.journal import MemoryJournal, Note
from fondaco.core.view import Block, Card, Chart, Table, Text, Tone
from fondaco.desk import capabilities as desk
from fondaco.desk.views import card_words, view_cycle
from fondaco.trading.cards import CardState
from unit.desk.house import House
from unit.desk.test_portfolio import portfolio

CATALOGUE = Catalogue({name: where for name, where in CAPABILITIES.items() if ".desk." in where})


def drawn(name: str, result: Any) -> list[Block]:
    """Return a result's blocks, after it went through plain JSON as on every surface."""
    cap = CATALOGUE[name]
    return cap.view(cap.output.validate_python(cap.output.dump_python(result, mode="json")))


@pytest.fixture
def house() -> House:
    return House()


def test_every_capability_of_the_desk_is_listed_and_names_its_needs() -> None:
    assert {cap.name: cap.effect for cap in CATALOGUE} == {
        "cycle.run": Effect.WRITE,
        "portfolio.overview": Effect.READ,
        "jobs.list": Effect.READ,
        "jobs.status": Effect.READ,
        "jobs.cancel": Effect.WRITE,
        "journal.list": Effect.READ,
        "journal.verify": Effect.READ,
        "events.parked": Effect.READ,
        "events.retry": Effect.WRITE,
        "doctor": Effect.READ,
        "market.lineage": Effect.READ,
    }
    assert all("Example:\n    fondaco " in cap.doc for cap in CATALOGUE)


def test_running_a_cycle_starts_a_job_for_that_day(house: House) -> None:
    job = desk.run_cycle(house.jobs, house.clock, as_of=house.days[-41])
    assert house.table.inputs(job.id) == {"as_of": house.days[-41].isoformat()}
    assert house.table.inputs(desk.run_cycle(house.jobs, house.clock).id) == {"as_of": None}
    with pytest.raises(InvalidInput, match="has not come"):
        desk.run_cycle(house.jobs, house.clock, as_of=house.clock.now().date() + timedelta(days=1))


def test_a_cycle_is_drawn_with_its_label_notes_ideas_and_cards(house: House) -> None:
    card, note, ideas, cards, _ = view_cycle(house.cycle(house.days[-41]))
    assert isinstance(card, Card)
    assert card.label == "simulated"
    assert card.chips[0].word == "REPLAY"
    assert ("Out-of-sample record", "none yet") in card.fields
    assert isinstance(note, Text)
    assert note.tone is Tone.WARNING
    assert isinstance(ideas, Table)
    assert isinstance(cards, Table)
    assert len(ideas.rows) == len(cards.rows) == 4
    assert cards.label == "simulated"


def test_the_overview_is_drawn_with_curve_positions_and_cards(house: House) -> None:
    empty = drawn("portfolio.overview", desk.show_overview(portfolio(house)))
    assert [type(block) for block in empty] == [Card, Table, Table]
    house.cycle(house.days[-41])
    for card in house.cards.list():
        house.approve(card)
    house.hand_on()
    house.durable.run_due()
    account, curve, positions, cards = drawn(
        "portfolio.overview", desk.show_overview(portfolio(house))
    )
    assert isinstance(account, Card)
    assert account.footer == f"marked at the close of {house.days[-1]}"
    assert isinstance(curve, Chart)
    assert isinstance(positions, Table)
    assert isinstance(cards, Table)
    assert {b.label for b in (account, curve, positions, cards)} == {"simulated"}


def test_jobs_are_listed_shown_and_cancelled(house: House) -> None:
    job = house.jobs.start("cycle.run", {})
    (table,) = drawn("jobs.list", desk.list_jobs(house.jobs, limit=5))
    assert isinstance(table, Table)
    assert table.rows[0][:3] == (job.id, "cycle.run", "queued")
    (card,) = drawn("jobs.status", desk.show_job(house.jobs, job=job.id))
    assert isinstance(card, Card)
    assert desk.cancel_job(house.jobs, job=job.id).state is JobState.CANCELLED
    other = house.jobs.start("cycle.run", {})
    house.table.finish(other.id, JobState.DONE, result={"a": 1})
    assert desk.show_job(house.jobs, job=other.id).result == {"a": 1}
    assert desk.list_jobs(house.jobs, limit=5).jobs[0].result is None  # results may be large
    assert len(drawn("jobs.status", desk.show_job(house.jobs, job=other.id))) == 2
    with pytest.raises(NotFound):
        desk.show_job(house.jobs, job="J-99")


def test_the_journal_is_listed_and_verified(house: House) -> None:
    journal = MemoryJournal()
    for number in range(3):
        journal.append(
            Note(house.clock.now(), "ada", "cli", "cards.list", "read", {"n": number}, "ok")
        )
    (table,) = drawn("journal.list", desk.list_journal(journal, limit=2))
    assert isinstance(table, Table)
    assert [row[0] for row in table.rows] == [3, 2]
    assert table.rows[0][7] == '{"n":2}'
    (words,) = drawn("journal.verify", desk.verify_journal(journal))
    assert isinstance(words, Text)
    assert "intact: 3 lines" in words.text


def test_a_broken_journal_says_where(house: House) -> None:
    journal = MemoryJournal()
    for _ in range(3):
        journal.append(Note(house.clock.now(), "ada", "cli", "x", "read", {}, "ok"))
    del journal._lines[1]
    (words,) = drawn("journal.verify", desk.verify_journal(journal))
    assert isinstance(words, Text)
    assert words.tone is Tone.BAD
    assert "broken at line 2" in words.text


class ParkedOutbox(MemoryOutbox):
    """An outbox with one delivery that gave up."""

    def __init__(self, at: Any) -> None:
        super().__init__()
        self.retried: list[tuple[str, str]] = []
        self._at = at

    def parked(self) -> tuple[Parked, ...]:
        """Return it."""
        event = Event("e-1", "card.approved", "TC-1", self._at, {})
        return (Parked(event, "live", 8, "ValueError: no", self._at),)

    def retry(self, event_id: str, handler: str) -> None:
        """Remember it."""
        self.retried.append((event_id, handler))


def test_parked_events_are_listed_and_put_back_in_line(house: House) -> None:
    outbox = ParkedOutbox(house.clock.now())
    (table,) = drawn("events.parked", desk.list_parked(outbox))
    assert isinstance(table, Table)
    assert table.rows[0][:5] == ("e-1", "card.approved", "TC-1", "live", 8)
    (words,) = drawn("events.retry", desk.retry_event(outbox, event="e-1", handler="live"))
    assert outbox.retried == [("e-1", "live")]
    assert isinstance(words, Text)


@pytest.mark.parametrize(("day", "said"), [(-41, "bought"), (-1, "waits for the next session")])
def test_what_came_of_an_approved_card_is_said(house: House, day: int, said: str) -> None:
    house.cycle(house.days[day])
    card = house.approve(house.cards.list()[0])
    house.hand_on()
    house.durable.run_due()
    now = house.cards.get(card.id)
    words = card_words(now, house.orders.fills(client_id=card.order.client_id))[0]
    assert isinstance(words, Text)
    assert said in words.text


def test_a_refused_release_is_said_in_red(house: House) -> None:
    house.cycle(house.days[-41])
    card = house.cards.list()[0]
    object.__setattr__(card, "state", CardState.REFUSED)
    words = card_words(card, ())[0]
    assert isinstance(words, Text)
    assert words.tone is Tone.BAD
