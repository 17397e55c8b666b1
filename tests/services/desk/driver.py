"""A desk in a process of its own, to be killed at any moment and started again.

`python driver.py HOME ACKS DAY…` runs one cycle per day, approves every card as a person would and
waits until each order is settled. All it does carries a request id, so a second start goes on where
the first was killed. What a caller was told is done stands in ACKS, one line each, on the disk.
`--die-at N` kills the process at the N-th point that it passes; `--since DAY` says from when on it
has prices: from 2018 on they are too few to forecast with, and a cycle is quick.
"""

import argparse
import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from fondaco.adapters.providers.bundled import Bundled
from fondaco.app import App
from fondaco.core.capability import Caller
from fondaco.core.clock import Clock
from fondaco.core.invoke import invoke
from fondaco.core.jobs import JobState
from fondaco.core.orders import Order
from fondaco.core.settings import Settings
from fondaco.desk.follow import UNSETTLED, follow_card, follow_job
from fondaco.market.ports import Ask, Parsed, Raw
from fondaco.research.fakes import promotion_of
from fondaco.research.strategies.learned import lightgbm
from fondaco.research.strategies.momentum import momentum
from fondaco.trading.cards import CardState, TradeCard
from fondaco.trading.ports import Broker, Placed

LAST = date(2019, 9, 30)
FORECASTING, QUICK = date(2016, 6, 1), date(2018, 1, 2)
"""First days of prices that are enough to forecast with, and that are too few."""
PAID_IN_AT = datetime(2016, 1, 4, tzinfo=UTC)
PERSON = "ada"


class Points:
    """Counts the points that the desk passes; at one of them the process dies as by kill -9."""

    def __init__(self, die_at: int | None) -> None:
        self.names: list[str] = []
        self._die_at = die_at

    def __call__(self, name: str) -> None:
        """Pass a point."""
        self.names.append(name)
        if len(self.names) == self._die_at:
            os.kill(os.getpid(), signal.SIGKILL)


class RecentPrices(Bundled):
    """A few years of the bundled prices: quick to load."""

    def __init__(self, clock: Clock, since: date) -> None:
        super().__init__(clock)
        self._since = since

    def parse(self, raw: Raw, ask: Ask) -> Parsed:
        """Read the span alone."""
        return super().parse(raw, Ask(since=self._since, until=LAST, options=ask.options))


class WatchedBroker:
    """A broker that passes a point before it is handed an order, and after it answered."""

    def __init__(self, broker: Broker, points: Points) -> None:
        self._broker = broker
        self._points = points
        self.name = broker.name

    def place(self, order: Order, *, decided_at: datetime) -> Placed:
        """Place the order between two points."""
        self._points("place before")
        placed = self._broker.place(order, decided_at=decided_at)
        self._points("place after")
        return placed

    def __getattr__(self, name: str) -> Any:
        return getattr(self._broker, name)


class SmallDesk(App):
    """A desk on a few years of prices that tells of every transaction and every step."""

    def __init__(self, settings: Settings, points: Points, since: date) -> None:
        super().__init__(settings, alone=True, observe=points)
        self.points = points
        self.since = since

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Open a transaction, with a point before and after its commit."""
        with super().transaction():
            yield
            self.points("commit before")
        self.points("commit after")

    @property
    def broker(self) -> Any:
        """The paper venue, watched."""
        return WatchedBroker(App.broker.func(self), self.points)

    @property
    def providers(self) -> dict[str, Callable[[], Any]]:  # type: ignore[override]
        """The bundled prices of a few years, and nothing else."""
        return {"bundled": lambda: RecentPrices(self.clock, self.since)}


def small_desk(home: Path, *, since: date = QUICK, die_at: int | None = None) -> SmallDesk:
    """Return the desk of a folder."""
    return SmallDesk(Settings(home=home), Points(die_at), since)


class Acks:
    """What the caller was told is done, safe on the disk before it goes on."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def write(self, line: str) -> None:
        """Keep one line."""
        with self._path.open("a") as file:
            file.write(line + "\n")
            file.flush()
            os.fsync(file.fileno())

    def lines(self) -> list[str]:
        """Return what was kept, each once."""
        return sorted(set(self._path.read_text().split("\n")) - {""}) if self._path.exists() else []


def run_days(app: SmallDesk, acks: Acks, days: list[str]) -> None:
    """Take every day from its cycle to its settled orders."""
    if not app.promotions.current():
        for strategy in (momentum(), lightgbm()):
            app.promotions.add(promotion_of(strategy))
    app.books.deposit("paper", Decimal("100000.00"), "USD", PAID_IN_AT, "test:deposit")
    for day in days:
        job = app.catalogue["cycle.run"].output.validate_python(
            ask(app, "cycle.run", {"as_of": day}, f"cycle-{day}")
        )
        acks.write(f"job {job.id}")
        ended = follow_job(app.jobs, app.worker, job.id, lambda _: None)
        if ended.state is not JobState.DONE:
            raise SystemExit(f"{day}: {ended.error}")
        for card in cards_of(app, day):
            if card.state is CardState.PROPOSED:
                ask(
                    app,
                    "cards.approve",
                    {"card": card.id, "digest": card.digest, "acknowledge": list(card.not_judged)},
                    f"approve-{card.id}",
                )
                acks.write(f"approved {card.id}")
        for card in cards_of(app, day):
            if follow_card(app.cards, app.worker, card.id).state in UNSETTLED:
                raise SystemExit(f"{card.id} was not settled")


def ask(app: SmallDesk, name: str, inputs: dict[str, Any], request_id: str) -> Any:
    """Ask through the one door, as a person who repeats a request that got no answer."""
    caller = Caller(actor=PERSON, surface="test", person=True, request_id=request_id)
    return invoke(app, app.catalogue[name], inputs, caller).data


def cards_of(app: SmallDesk, day: str) -> list[TradeCard]:
    """Return the cards that were made as of a day, by id."""
    found = [card for card in app.cards.list(limit=10_000) if card.as_of.date().isoformat() == day]
    return sorted(found, key=lambda card: int(card.id.removeprefix("TC-")))


def main() -> None:
    """Run the days; the last line says how many points were passed."""
    parser = argparse.ArgumentParser()
    parser.add_argument("home", type=Path)
    parser.add_argument("acks", type=Path)
    parser.add_argument("days", nargs="+")
    parser.add_argument("--die-at", type=int)
    parser.add_argument("--since", type=date.fromisoformat, default=QUICK)
    given = parser.parse_args()
    app = small_desk(given.home, since=given.since, die_at=given.die_at)
    try:
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        run_days(app, Acks(given.acks), given.days)
        sys.stdout.write(f"finished {len(app.points.names)}\n")
    finally:
        app.close()


if __name__ == "__main__":
    main()
