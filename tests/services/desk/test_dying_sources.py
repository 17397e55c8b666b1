"""One source after another is killed while a day's cycle runs: the cards do not change.

The desk is the whole one: its worker, its database, its store on disk, its own adapters of Tiingo
and Alpaca, which ask sites on this machine.
"""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from pydantic import TypeAdapter

from fondaco import floor
from fondaco.adapters.calendars.exchange import ExchangeCalendars
from fondaco.adapters.providers import directory
from fondaco.adapters.providers.wire import HttpWire
from fondaco.adapters.stores.postgres.embedded import EmbeddedServer
from fondaco.app import App
from fondaco.core.capability import Caller
from fondaco.core.clock import FixedClock
from fondaco.core.invoke import invoke
from fondaco.core.jobs import Job, JobState
from fondaco.core.settings import Settings
from fondaco.desk.follow import follow_job
from fondaco.desk.results import CycleReport
from fondaco.research.fakes import promotion_of
from fondaco.research.strategies.momentum import momentum
from services.desk.sites import ALPACA, SYMBOLS, TIINGO, Local, Site, alpaca, tiingo

pytestmark = pytest.mark.services

NOW = datetime(2026, 11, 25, 22, tzinfo=UTC)
FIRST = date(2025, 10, 15)
PAID_IN_AT = datetime(2026, 1, 5, tzinfo=UTC)
ALL = 10_000
Cards = list[tuple[Any, ...]]
KEYS = {
    "FONDACO_TIINGO_TOKEN": "made-up-tiingo",
    "FONDACO_ALPACA_KEY": "made-up-alpaca",
    "FONDACO_ALPACA_SECRET": "made-up-alpaca-too",
}


class Scene:
    """A desk whose sources live as long as they may; its database is stopped afterwards."""

    def __init__(self, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self._home = home
        self._patch = monkeypatch
        calendar = ExchangeCalendars()("XNYS")
        self._days = list(calendar.sessions(FIRST, NOW.date()))
        chosen = {name: floor.PROVIDERS[name] for name in ("tiingo", "alpaca")}
        monkeypatch.setattr(floor, "PROVIDERS", chosen)
        for name, value in KEYS.items():
            monkeypatch.setenv(name, value)

    @contextmanager
    def desk(self, tiingo_lives: int, alpaca_lives: int) -> Iterator[tuple[App, dict[str, Site]]]:
        """Open the desk on two sites that answer so many requests each."""
        sites = {
            TIINGO: Site(tiingo(self._days), tiingo_lives),
            ALPACA: Site(alpaca(self._days), alpaca_lives),
        }
        self._patch.setattr(directory, "HttpWire", partial(HttpWire, transport=Local(sites)))
        settings = Settings(
            home=self._home, cycle_symbols=",".join(SYMBOLS), routes="bars_1d.US=tiingo,alpaca"
        )
        app = App(settings, clock=FixedClock(NOW), alone=True)
        try:
            if not app.promotions.current():
                app.promotions.add(promotion_of(momentum()))
                app.books.deposit("paper", Decimal("100000.00"), "USD", PAID_IN_AT, "test:deposit")
            yield app, sites
        finally:
            app.close()
            for site in sites.values():
                site.close()


@contextmanager
def scene_of(monkeypatch: pytest.MonkeyPatch) -> Iterator[Scene]:
    """Give a desk in a folder of its own."""
    with tempfile.TemporaryDirectory(prefix="fondaco-dying-", ignore_cleanup_errors=True) as folder:
        home = Path(folder) / "home"
        try:
            yield Scene(home, monkeypatch)
        finally:
            EmbeddedServer(home / "postgres").stop()


def run(app: App, request: str) -> Job:
    """Run a cycle of today as a person asks for it, through the desk's worker."""
    caller = Caller(actor="ada", surface="test", person=True, request_id=request)
    capability = app.catalogue["cycle.run"]
    job = capability.output.validate_python(invoke(app, capability, {}, caller).data)
    return follow_job(app.jobs, app.worker, job.id, lambda _: None)


def cycle(app: App, request: str) -> CycleReport:
    """Run a cycle to its end and return its report."""
    ended = run(app, request)
    assert ended.state is JobState.DONE, ended.error
    return TypeAdapter(CycleReport).validate_python(ended.result)


def cards_of(report: CycleReport) -> Cards:
    """Return what a person would be asked to approve."""
    return sorted((c.symbol, c.side, c.quantity, c.reference_price) for c in report.cards)


def told(report: CycleReport) -> str:
    """Return what a report says of where its prices came from."""
    return "; ".join(report.notes)


@pytest.fixture(scope="module")
def wanted() -> Cards:
    """The cards of a day on which every source lives."""
    with pytest.MonkeyPatch.context() as patch, scene_of(patch) as scene:
        with scene.desk(ALL, ALL) as (app, sites):
            report = cycle(app, "whole")
            assert "came from live:tiingo" in told(report)
            assert len(sites[TIINGO].asked) == len(SYMBOLS)
            assert sites[ALPACA].asked == []
        cards = cards_of(report)
    assert len(cards) >= 2
    return cards


@pytest.mark.parametrize(
    "lives", [5, *(pytest.param(n, marks=pytest.mark.slow) for n in (0, 1, len(SYMBOLS) - 1))]
)
def test_the_first_source_dies_at_any_moment_and_the_cards_do_not_change(
    wanted: Cards, monkeypatch: pytest.MonkeyPatch, lives: int
) -> None:
    with scene_of(monkeypatch) as scene, scene.desk(lives, ALL) as (app, sites):
        report = cycle(app, "one")
        assert len(sites[TIINGO].asked) == lives
    assert cards_of(report) == wanted
    assert "came from live:alpaca" in told(report)


def test_one_after_another_dies_and_a_day_is_decided_on_what_was_stored(
    wanted: Cards, monkeypatch: pytest.MonkeyPatch
) -> None:
    with scene_of(monkeypatch) as scene:
        with scene.desk(2, ALL) as (app, _):
            first = cycle(app, "one")
            held = {card.id for card in app.cards.list(limit=100)}
        with scene.desk(0, 0) as (app, _):
            last = cycle(app, "two")
            kept = {card.id for card in app.cards.list(limit=100)}
    assert "came from live:alpaca" in told(first)
    assert "no source gave" in told(last)
    assert "stored prices are used" in told(last)
    assert cards_of(first) == cards_of(last) == wanted
    assert held == kept


def test_with_every_source_dead_from_the_start_no_card_is_made_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with scene_of(monkeypatch) as scene, scene.desk(0, 3) as (app, sites):
        ended = run(app, "one")
        assert ended.state is JobState.FAILED
        assert len(sites[ALPACA].asked) == 3
        assert app.cards.list(limit=100) == ()
        assert app.prices.version() == -1
