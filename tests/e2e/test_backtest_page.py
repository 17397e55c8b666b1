"""The page of a backtest with everything behind it, in a real browser, on a run of its own."""

from collections.abc import Callable, Iterator

import numpy as np
import pytest
from fastapi import FastAPI
from playwright.sync_api import Page, expect

from fondaco.adapters.stores.reports.folder import FolderReports
from fondaco.backtest.fakes import MemoryBacktests
from fondaco.backtest.report import report_of
from fondaco.core.capability import Catalogue
from fondaco.market.fakes import simulated_panel
from fondaco.surfaces.web.access import Access
from fondaco.surfaces.web.mount import mount
from unit.backtest.played import index_on, played_on, result_on
from unit.surfaces.web.toy import NAMES, ToyDesk

from .conftest import NARROW, WIDE, Served, entered
from .serving import served

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(120)]
KEY = "a-desk-key-of-more-than-32-characters"
REAL = {
    "backtest.list": "capabilities:list_backtests",
    "backtest.show": "capabilities:show",
    "backtest.report": "report_capabilities:report",
    "backtest.compare": "report_capabilities:compare_backtests",
    "backtest.export": "report_capabilities:export",
}


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    desk = ToyDesk()
    toys = {name: f"unit.surfaces.web.toy_capabilities:{made}" for name, made in NAMES.items()}
    desk.catalogue = Catalogue(toys | {name: f"fondaco.backtest.{at}" for name, at in REAL.items()})
    reports, backtests = FolderReports(tmp_path_factory.mktemp("reports")), MemoryBacktests()
    for seed in (1, 2):
        panel = simulated_panel(7, 320, 4)
        weights = np.full(panel.close.shape, np.nan)
        weights[::11] = np.random.default_rng(seed).dirichlet(np.ones(4), len(weights[::11]))
        result, tables = result_on(played_on(panel, weights), index_on(panel), key=f"run {seed}")
        name = backtests.add(result)
        reports.save(name, report_of(result))
        reports.save_tables(name, tables)
    desk.reports = reports  # type: ignore[assignment]
    desk.backtests = backtests  # type: ignore[attr-defined]
    desk.report = reports.path  # type: ignore[method-assign]
    access = Access(lambda: KEY, desk.clock, desk.ids)
    api = FastAPI()
    mount(api, desk, desk.views(), access)
    with served(api) as address:
        yield Served(desk, access, address)


@pytest.fixture
def enter(shown: Served, open_browser: Callable[..., Page]) -> Callable[..., Page]:
    return entered(shown, open_browser)


@pytest.mark.parametrize("size", [WIDE, NARROW])
def test_the_page_shows_curves_costs_journal_and_attribution(enter, size) -> None:
    page = enter("/backtest/BT-1", size)
    for title in (
        "Over the last 63 sessions",
        "What was held",
        "Every measure",
        "Worst falls",
        "Costs and income",
        "Where the return came from: by instrument",
        "Journal of round trips",
    ):
        expect(page.locator(f"section[aria-label^='{title}']")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= size[0]


def test_the_file_opens_and_an_export_says_where_it_lies(shown: Served, enter) -> None:
    page = enter("/backtest/BT-1")
    with page.expect_popup() as popup:
        page.get_by_role("link", name="Open the HTML report").click()
    expect(popup.value.get_by_text("Journal of round trips")).to_be_visible()
    page.get_by_role("button", name="Export", exact=True).click()
    page.get_by_role("button", name="Export as parquet").click()
    expect(page.locator(".sheet")).to_contain_text("fills.parquet")
    files = shown.desk.reports.path("BT-1").with_suffix("") / "parquet"  # type: ignore[attr-defined]
    assert sorted(file.name for file in files.iterdir())[0] == "equity.parquet"


def test_a_running_backtest_is_found_again_and_can_be_stopped(shown: Served, enter) -> None:
    job = shown.desk.jobs.start("backtest.run", {})
    shown.desk.jobs.held = True
    page = enter("/backtest")
    expect(page.locator("section[aria-label=Running]")).to_contain_text(job.id)
    page.get_by_role("button", name=f"Stop {job.id}").click()
    expect(page.locator("#main")).to_contain_text("cancelled")
    shown.desk.jobs.made.clear()
