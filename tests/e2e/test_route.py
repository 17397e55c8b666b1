"""The whole route on the real desk as `fondaco up` serves it: by keyboard alone, then at 390 px."""

import json
import os
import re
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from .conftest import NARROW

pytestmark = [pytest.mark.e2e, pytest.mark.services, pytest.mark.slow, pytest.mark.timeout(600)]
TABS_MAX = 120
SLOW_MS = 120_000
STOP_SECONDS_MAX = 30
FONDACO = [sys.executable, "-m", "fondaco"]


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


@pytest.fixture
def surroundings(tmp_path: Path) -> dict[str, str]:
    """The variables of a desk of this test's own."""
    return {**os.environ, "FONDACO_HOME": str(tmp_path), "FONDACO_PORT": str(_free_port())}


@pytest.fixture
def link(surroundings: dict[str, str]) -> Iterator[str]:
    """Run `fondaco up` on an empty data folder and give the link that it prints."""
    with subprocess.Popen(
        [*FONDACO, "up"], env=surroundings, stderr=subprocess.PIPE, text=True
    ) as program:
        assert program.stderr is not None
        said = []
        try:
            for line in program.stderr:
                said.append(line)
                if found := re.search(r"http://\S+/login\?ticket=\S+", line):
                    break
            else:
                pytest.fail(f"`fondaco up` gave no link: {''.join(said)}")
            yield found[0]
        finally:
            program.terminate()
            program.wait(STOP_SECONDS_MAX)
            subprocess.run([*FONDACO, "down"], env=surroundings, check=True)


def _keys(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def _tab_to(page: Page, selector: str) -> None:
    """Press Tab until the focus stands on what is meant."""
    page.wait_for_selector(selector)
    for _ in range(TABS_MAX):
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"{TABS_MAX} tabs did not reach {selector}")


def test_the_route_of_one_trade(
    link: str, surroundings: dict[str, str], open_browser: Callable[..., Page]
) -> None:
    page = open_browser()
    page.set_default_timeout(SLOW_MS)
    page.goto(link)
    page.wait_for_selector("#main h1")
    expect(page.locator(".chip.mode")).to_have_text("PAPER", timeout=SLOW_MS)
    expect(page.locator(".top .chip.label")).to_have_text("bundled")
    card, symbol = _approve_the_first_card(page)
    shown = _asked(surroundings, "cards", "show", card)
    assert shown["state"] in {"FILLED", "CLOSED"}

    _keys(page, "g", "o")
    expect(page.locator("section[aria-label^=Positions]")).to_contain_text(symbol, timeout=SLOW_MS)
    assert page.evaluate("document.documentElement.scrollHeight") <= 900

    _run_a_backtest(page)

    _keys(page, "g", "j")
    page.wait_for_selector("[data-main] .ag-row")
    _tab_to(page, "[data-action=verify]")
    _keys(page, "Enter")
    expect(page.locator("#main")).to_contain_text("The journal is intact", timeout=SLOW_MS)
    expect(page.locator("[data-main]")).to_contain_text("cards.approve")
    assert _asked(surroundings, "journal", "verify")["intact"]

    page.set_viewport_size({"width": NARROW[0], "height": NARROW[1]})
    _keys(page, "g", "c")
    _reject_the_first_card(page)


def _asked(surroundings: dict[str, str], *words: str) -> dict:
    """Ask the same desk on the command line."""
    done = subprocess.run(
        [*FONDACO, *words, "--json"], env=surroundings, check=True, capture_output=True, text=True
    )
    return json.loads(done.stdout)


def _approve_the_first_card(page: Page) -> tuple[str, str]:
    _keys(page, "g", "c")
    page.wait_for_selector("#main h1:text('Cards')")
    page.wait_for_selector("[data-main] .ag-row")
    _keys(page, "j", "Enter")
    page.wait_for_selector("[data-action=approve]")
    digest = page.locator("[data-digest]").first
    assert re.fullmatch(r"[0-9a-f]{64}", digest.inner_text().replace(" ", ""))
    title = page.locator("section[aria-label^='TC-']").first.get_attribute("aria-label") or ""
    card, symbol = title.split(" ")[0], title.split(" ")[4]

    _tab_to(page, "[data-explain]")
    _keys(page, "Enter")
    page.wait_for_selector(".paragraph .fact")
    _tab_to(page, ".paragraph .fact")
    _keys(page, "Enter")
    page.wait_for_selector(".sheet section[aria-label^='Source rows']")
    _keys(page, "Escape")
    expect(page.locator(".sheet")).to_be_hidden()

    _keys(page, "r")
    for rule in page.locator("[data-acknowledge]").evaluate_all(
        "boxes => boxes.map(box => box.dataset.acknowledge)"
    ):
        page.locator(f"[data-acknowledge={rule}]").focus()
        _keys(page, "Space")
        expect(page.locator(f"[data-acknowledge={rule}]")).to_be_checked()
    _tab_to(page, "[data-action=approve]")
    _keys(page, "Enter")
    expect(page.locator(".sheet")).to_contain_text("approved", timeout=SLOW_MS)
    _keys(page, "Escape")
    state = page.locator(f"section[aria-label^='{card} '] header .chip").first
    expect(state).to_have_text(re.compile("FILLED|CLOSED"), timeout=SLOW_MS)
    expect(page.locator("section[aria-label=Fills]")).to_be_visible()
    return card, symbol


def _run_a_backtest(page: Page) -> None:
    _keys(page, "g", "b")
    page.wait_for_selector("#main h1:text('Backtest')")
    _tab_to(page, "input[data-field=to], [data-field=to] input")
    _keys(page, "Control+a")
    page.keyboard.type("2004-12-31")
    _tab_to(page, "[data-action=run]")
    _keys(page, "Enter")
    page.wait_for_selector(".progress-words, #main section[aria-label^='BT-']")
    expect(page.locator("#main section[aria-label^='BT-']")).to_contain_text(
        "Sharpe ratio", timeout=SLOW_MS
    )
    for title in ("Equity", "Monthly returns"):
        expect(page.locator(f"section[aria-label^='{title}']")).to_be_visible()
    page.wait_for_url("**/backtest/BT-*")


def _reject_the_first_card(page: Page) -> None:
    page.wait_for_selector("[data-main] .ag-row")
    page.locator("[data-main] .ag-row", has_text="PROPOSED").first.click()
    page.get_by_label("Reason to reject").fill("enough for today")
    page.locator("[data-action=reject]").click()
    expect(page.locator(".sheet")).to_contain_text("rejected", timeout=SLOW_MS)
    page.get_by_role("button", name=re.compile("^Close ")).click()
    expect(page.locator("section[aria-label^='TC-'] header .chip").first).to_have_text(
        re.compile("REJECTED")
    )
    assert page.evaluate("document.documentElement.scrollWidth") <= NARROW[0]
