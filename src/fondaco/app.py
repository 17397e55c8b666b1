"""The composition root: builds the App from settings, lists the capabilities, chooses adapters.

Everything is built when it is first asked for, so that a command pays only for what it uses. The
one place where adapters, services and surfaces meet.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING

from fondaco.catalogue import CAPABILITIES
from fondaco.core.capability import Catalogue
from fondaco.floor import MarketFloor

if TYPE_CHECKING:
    from datetime import datetime

    from fondaco.core.clock import Clock
    from fondaco.core.invoke import Answer
    from fondaco.core.jobs import Jobs, Progress
    from fondaco.core.settings import Settings
    from fondaco.core.view import Block
    from fondaco.core.workers import Workers
    from fondaco.desk.admissions import DeskAdmissions
    from fondaco.desk.card_life import CardLife
    from fondaco.desk.doctor import Doctor
    from fondaco.desk.lineage import DeskLineage
    from fondaco.desk.portfolio import Portfolio
    from fondaco.desk.ports import Durable, Observer
    from fondaco.desk.rows import DeskRows
    from fondaco.desk.subjects import DeskSubjects
    from fondaco.desk.terminal import Terminal
    from fondaco.desk.upkeep import Upkeep
    from fondaco.desk.worker import Worker
    from fondaco.ledger.books import Books
    from fondaco.research.trial_ledger import PaperRecords
    from fondaco.trading.card_desk import CardDesk
    from fondaco.trading.policy import Policy
    from fondaco.trading.ports import Broker


class App(MarketFloor):
    """The desk: every service by the name that capabilities ask for it, each built once.

    It is the `House` of the one door. `observe` is told of each point that durable work passes;
    `alone` says that no server runs in this process, so that it may have to be its own worker.
    """

    def __init__(
        self,
        settings: "Settings",
        *,
        clock: "Clock | None" = None,
        observe: "Observer | None" = None,
        alone: bool = False,
    ) -> None:
        super().__init__(settings, clock)
        self._observe = observe
        self._alone = alone

    @cached_property
    def catalogue(self) -> Catalogue:
        """Every capability."""
        return Catalogue(CAPABILITIES)

    # --- money ---------------------------------------------------------------------------------

    @cached_property
    def books(self) -> "Books":
        """The ledger."""
        from fondaco.ledger.books import Books

        return Books(self.stores.entries, self.clock, self.ids)

    @cached_property
    def policy(self) -> "Policy":
        """How the card desk acts, from the settings."""
        from fondaco.trading.policy import Policy

        return Policy.of(self.settings)

    @cached_property
    def broker(self) -> "Broker":
        """The paper venue."""
        from fondaco.adapters.brokers.paper import PaperBroker

        book, terms = self.stores.venue_book, self.policy.paper_terms
        return PaperBroker(self.prices, self.instruments, book, self.clock, terms)

    @cached_property
    def admissions(self) -> "DeskAdmissions":
        """Which strategies stand on paper."""
        from fondaco.desk.admissions import DeskAdmissions

        return DeskAdmissions(self.promotions, lambda: self.strategies)

    @cached_property
    def paper_records(self) -> "PaperRecords":
        """What strategies did on paper."""
        from fondaco.desk.paper_record import DeskPaperRecords

        return DeskPaperRecords(self.cards, self.orders, lambda: self.prices, self.clock)

    @cached_property
    def card_desk(self) -> "CardDesk":
        """The only door from an idea to an order."""
        from fondaco.risk.check import Limits
        from fondaco.trading.card_desk import CardDesk

        return CardDesk(
            cards=self.cards,
            orders=self.orders,
            broker=self.broker,
            books=self.books,
            prices=self.prices,
            instruments=self.instruments,
            facts=self.facts,
            outbox=self.outbox,
            limits=Limits.of(self.settings),
            admissions=self.admissions,
            policy=self.policy,
            clock=self.clock,
            ids=self.ids,
            transaction=self.transaction,
        )

    # --- words ---------------------------------------------------------------------------------

    @cached_property
    def subjects(self) -> "DeskSubjects":
        """What can be explained."""
        from fondaco.desk.subjects import DeskSubjects

        return DeskSubjects(self.cards, self.facts, lambda: self.backtests, lambda: self.card_desk)

    @cached_property
    def rows(self) -> "DeskRows":
        """The rows behind facts."""
        from fondaco.desk.rows import DeskRows

        return DeskRows(
            self.store,
            self.stores.entries,
            self.cards,
            self.orders,
            self.facts,
            lambda: self.backtests,
            self.settings,
        )

    @cached_property
    def origins(self) -> "DeskLineage":
        """From numbers to raw bytes."""
        from fondaco.desk.lineage import DeskLineage

        return DeskLineage(self.facts, self.cards, self.store, self.instruments, self.lineage)

    @cached_property
    def portfolio(self) -> "Portfolio":
        """The account at a glance."""
        from fondaco.desk.portfolio import Portfolio

        return Portfolio(
            books=self.books,
            entries=self.stores.entries,
            prices=lambda: self.prices,
            instruments=lambda: self.instruments,
            cards=self.cards,
            clock=self.clock,
            account=self.settings.account,
            currency=self.settings.currency,
        )

    # --- long work -----------------------------------------------------------------------------

    @cached_property
    def jobs(self) -> "Jobs":
        """Long work; in a process without a server, whoever waits for a job becomes its worker."""
        from fondaco.desk.follow import FollowedJobs
        from fondaco.desk.jobs import DeskJobs

        jobs = DeskJobs(self.stores.jobs, self.outbox, self.clock, self.ids, self.transaction)
        return FollowedJobs(jobs, lambda: self.worker) if self._alone else jobs

    def new_workers(self) -> "Workers":
        """Return who works on the sets and splits of one job, as the settings say; close them."""
        from fondaco.adapters.workers.choose import workers_of

        return workers_of(self.settings.workers)

    @cached_property
    def worker(self) -> "Worker":
        """The one that runs jobs and cards, in the process that holds the lock."""
        from fondaco.desk.jobs import JobRunner
        from fondaco.desk.worker import Worker, WorkerParts
        from fondaco.desk.works import works

        stores = self.stores
        runner = JobRunner(stores.jobs, works(self), self.journal, self.clock)
        return Worker(
            WorkerParts(
                lock=stores.worker_lock,
                durable=self.durable,
                deliveries=stores.dispatcher,
                table=stores.jobs,
                runner=runner,
                life=self.card_life,
                journal=self.journal,
                clock=self.clock,
                upkeep=self.upkeep,
            )
        )

    @cached_property
    def upkeep(self) -> "Upkeep":
        """What keeps the desk fast, by the hour, where the worker is."""
        from fondaco.desk.upkeep import Chore, Upkeep, tidy_tables
        from fondaco.market.tables import every_table

        calls, log = self.settings.warm_calls, self.query_log
        chores = [
            Chore("tidy tables", lambda ending: tidy_tables(self.store, every_table(), ending)),
            Chore("warm the cache", lambda _: self.sources.warm(calls) if calls else None),
            Chore("forget old questions", lambda _: log.prune(self.clock.now())),
        ]
        return Upkeep(chores, self.journal, self.clock)

    @cached_property
    def durable(self) -> "Durable":
        """Durable steps on the desk's own PostgreSQL."""
        from fondaco.desk.durable import DbosDurable
        from fondaco.desk.ports import unobserved

        return DbosDurable(
            self.stores.database.url,
            self.settings.home / "log" / "worker.log",
            observe=self._observe or unobserved,
        )

    @cached_property
    def card_life(self) -> "CardLife":
        """What happens to a card, and when."""
        from fondaco.desk.card_life import CardLife

        return CardLife(
            desk=self.card_desk,
            cards=self.cards,
            durable=self.durable,
            journal=self.journal,
            clock=self.clock,
            ids=self.ids,
            account=self.settings.account,
        )

    def aftermath(self, answer: "Answer") -> "list[Block]":
        """Wait for what a call set in motion, and return what came of it, to be drawn.

        After an approval that is the card's order: filled, refused, or waiting for its session.
        """
        if answer.capability.name != "cards.approve" or not self._alone:
            return []
        from fondaco.desk.follow import follow_card
        from fondaco.desk.views import card_words

        card = follow_card(self.cards, self.worker, answer.data["card"])
        return card_words(card, self.orders.fills(client_id=card.order.client_id))

    # --- looking after it ----------------------------------------------------------------------

    @cached_property
    def health(self) -> "Doctor":
        """What `doctor` looks at."""
        from fondaco import research
        from fondaco.desk import findings
        from fondaco.desk.doctor import Doctor

        home, embedded = self.settings.home, self.settings.database_url is None
        return Doctor(
            home=home,
            clock=self.clock,
            database=lambda: findings.database_words(
                self.stores.durability, self.stores.database.name, embedded=embedded
            ),
            database_time=self._database_time,
            store=lambda: findings.price_words(self.prices, self.instruments, self.clock.now()),
            worker=lambda: findings.worker_words(self.stores.worker_lock),
            parked=lambda: len(self.outbox.parked()),
            kernels=Path(str(research.__file__)).parent,
            desk_key=home / "desk.key",
        )

    def _database_time(self) -> "datetime":
        from sqlalchemy import text

        with self.stores.database.connection() as connection:
            moment: datetime = connection.scalar(text("SELECT clock_timestamp()"))
        return moment

    @cached_property
    def terminal(self) -> "Terminal":
        """What the web terminal looks at beside the catalogue."""
        from fondaco.desk.terminal import Terminal

        return Terminal(
            prices=lambda: self.prices,
            instruments=lambda: self.instruments,
            cards=self.cards,
            orders=self.orders,
            jobs=self.jobs,
            outbox=self.outbox,
            clock=self.clock,
            account=self.settings.account,
            age_sessions_max=self.settings.price_age_sessions_max,
        )

    def prepare(self, progress: "Progress") -> None:
        """Set the desk up as far as it is not; see `desk.prepare`."""
        from fondaco.desk.first_promotion import promote_first
        from fondaco.desk.prepare import prepare
        from fondaco.research.warm import warm_kernels

        prepare(
            self,
            lambda: self.stores.durability.version,
            warm_kernels,
            partial(promote_first, self),
            progress,
        )

    def close(self) -> None:
        """Stop what runs in this process and give everything back; the database keeps running."""
        built = vars(self)
        if "worker" in built:
            self.worker.stop()
        if "query_log" in built:
            self.query_log.close()
        if "stores" in built:
            self.stores.close()


@contextmanager
def open_app(
    settings: "Settings",
    *,
    clock: "Clock | None" = None,
    alone: bool = False,
    observe: "Observer | None" = None,
) -> "Iterator[App]":
    """Open the desk and close it cleanly, whatever happens inside."""
    app = App(settings, clock=clock, alone=alone, observe=observe)
    try:
        yield app
    finally:
        app.close()
