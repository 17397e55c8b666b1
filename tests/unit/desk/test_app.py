"""The composition root: it has what every capability needs, and builds only what is used."""

from pathlib import Path

import pytest

from fondaco.app import App, open_app
from fondaco.catalogue import CAPABILITIES
from fondaco.core.capability import Catalogue, Effect
from fondaco.core.clock import FixedClock
from fondaco.core.settings import Settings
from fondaco.market.sheets import Market
from unit.desk.house import House

NAMES = {
    "market.ingest",
    "market.search",
    "market.history",
    "market.quote",
    "market.chain",
    "market.rows",
    "market.members",
    "market.surprises",
    "market.fundamentals",
    "market.events",
    "market.lineage",
    "market.faults",
    "market.replay",
    "market.discard",
    "market.reparse",
    "market.quality",
    "store.versions",
    "store.compare",
    "store.verify",
    "store.restore",
    "store.retain",
    "store.export",
    "store.backup",
    "store.check",
    "store.recover",
    "providers.status",
    "providers.show",
    "providers.setup",
    "research.forecast",
    "research.features",
    "research.trials",
    "cards.list",
    "cards.show",
    "cards.why",
    "cards.approve",
    "cards.reject",
    "orders.list",
    "ledger.deposit",
    "ledger.balance",
    "orders.cancel",
    "ledger.positions",
    "ledger.lots",
    "ledger.statement",
    "backtest.run",
    "backtest.show",
    "backtest.list",
    "explain",
    "facts.show",
    "cycle.run",
    "portfolio.overview",
    "jobs.list",
    "jobs.status",
    "jobs.cancel",
    "journal.list",
    "journal.verify",
    "events.parked",
    "events.retry",
    "doctor",
    "strategies.list",
    "strategies.check",
    "backtest.report",
    "backtest.sweep",
    "backtest.compare",
    "backtest.export",
    "backtest.tune",
    "backtest.validate",
    "research.note",
    "research.promote",
    "research.promotions",
}


def test_every_goal_of_the_desk_is_listed_once() -> None:
    assert set(CAPABILITIES) == NAMES


@pytest.mark.parametrize("name", sorted(CAPABILITIES))
def test_the_app_has_what_a_capability_needs(name: str) -> None:
    cap = Catalogue(CAPABILITIES)[name]
    missing = [
        need
        for need in cap.needs
        if need != "caller" and not hasattr(App, need) and need != "settings"
    ]
    assert missing == []


def test_only_approval_cancelling_and_deposits_move_money() -> None:
    money = {cap.name for cap in Catalogue(CAPABILITIES) if cap.effect is Effect.MONEY}
    assert money == {"cards.approve", "orders.cancel", "ledger.deposit"}


def test_nothing_but_the_gate_can_promote_a_strategy() -> None:
    able = {cap.name for cap in Catalogue(CAPABILITIES) if "promotions" in cap.needs}
    assert able == {"research.promote", "research.promotions"}
    (promote,) = (cap for cap in Catalogue(CAPABILITIES) if cap.name == "research.promote")
    assert set(promote.public_fields()) == {"evidence", "to", "override"}


def test_long_work_is_known_to_the_worker(tmp_path: Path) -> None:
    from fondaco.desk.works import works

    wanted = {cap.name: cap.job for cap in Catalogue(CAPABILITIES) if cap.job is not None}
    known = works(App(Settings(home=tmp_path)))
    assert {name: work.result() for name, work in known.items()} == wanted


def test_opening_a_desk_that_is_not_used_touches_nothing(tmp_path: Path) -> None:
    with open_app(Settings(home=tmp_path / "desk")) as app:
        assert app.catalogue.names
        assert app.clock.now().tzinfo is not None
    assert not (tmp_path / "desk").exists()


def test_a_clock_that_is_handed_in_is_the_desks_clock(tmp_path: Path) -> None:
    clock = FixedClock(House().clock.now())
    with open_app(Settings(home=tmp_path), clock=clock) as app:
        assert app.clock is clock
        assert app.ids.new().version == 7


def test_every_source_that_a_route_prefers_is_there_and_gives_what_it_is_asked_for(
    tmp_path: Path,
) -> None:
    from fondaco.market.feed.routes import PREFERRED

    app = App(Settings(home=tmp_path))
    for (kind, market), names in PREFERRED.items():
        for name in names:
            offers = [o for o in app.providers.sheet(name).offers if o.kind == kind]
            assert any(market in offer.markets for offer in offers), (name, kind, market)
            assert app.routes.of(kind, market)[: len(names)] == names
    assert "simulated" not in app.routes.of("quotes", Market.US), "made-up data is on no route"
