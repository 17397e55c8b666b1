"""The desk's own catalogue: complete, the same on every surface, and as it was agreed."""

import json
from collections.abc import Callable
from functools import cache
from typing import Any

import pytest

from fondaco.catalogue import CAPABILITIES
from unit.surfaces import parity
from unit.surfaces.contract import FILE, contract

FIRST_CATALOGUE = {
    "market.ingest",
    "market.search",
    "market.history",
    "market.faults",
    "market.replay",
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
    "orders.cancel",
    "strategies.list",
    "strategies.check",
    "backtest.report",
    "backtest.sweep",
    "backtest.compare",
    "backtest.export",
    "ledger.balance",
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
}
"""What the first release promises; a name may be added, none may go."""
MONEY = {"cards.approve", "ledger.deposit", "orders.cancel"}


@cache
def views() -> parity.Views:
    return parity.Views(CAPABILITIES)


def test_everything_that_was_promised_is_there() -> None:
    assert FIRST_CATALOGUE - set(CAPABILITIES) == set()


def test_what_moves_money_is_known_and_nothing_else_does() -> None:
    found = {cap.name for cap in views().catalogue if cap.effect == "money"}
    assert found == MONEY


@pytest.mark.parametrize(
    "check", [parity.check_route, parity.check_tool, parity.check_command, parity.check_example]
)
@pytest.mark.parametrize("name", CAPABILITIES)
def test_a_capability_is_one_definition_on_every_surface(
    name: str, check: Callable[[parity.Views, Any], None]
) -> None:
    check(views(), views().catalogue[name])


def test_no_two_names_meet() -> None:
    parity.check_names(views())


def test_the_contract_is_as_it_was_agreed() -> None:
    agreed = json.loads(FILE.read_text())
    changed = {name for name in {*agreed, *contract()} if agreed.get(name) != contract().get(name)}
    assert changed == set(), (
        "the inputs of these capabilities changed; if that is meant, write the contract anew with "
        "`python tests/unit/surfaces/contract.py` and say so in the changelog"
    )
