"""The page of trials in a real browser: cloud, luck, search, list, standing, promotions."""

import csv
import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from unit.surfaces.web.toy_trials import TRIAL_OF_RUN, TRIALS

from .conftest import NARROW, WIDE, Served

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(120)]
CLOUD = "section[aria-label='Trials by length of span']"
LIST = "section[aria-label='Trials']"
CHOSEN = TRIAL_OF_RUN[:12]


@pytest.fixture
def enter(enter_at: Callable[..., Page]) -> Callable[..., Page]:
    def window(path: str = "/trials", size: tuple[int, int] = WIDE) -> Page:
        return enter_at(path, size)

    return window


def _rows(page: Page) -> Locator:
    return page.locator(f"{LIST} .ag-center-cols-container .ag-row")


@pytest.mark.parametrize("size", [WIDE, NARROW])
def test_the_page_shows_the_cloud_luck_the_list_and_what_stands_on_paper(enter, size) -> None:
    page = enter("/trials", size)
    for title in ("Trials by length of span", "Luck alone"):
        expect(page.locator(f"section[aria-label='{title}'] canvas").first).to_be_visible()
    expect(page.locator("#main")).to_contain_text("60 of the desk's 60 trials")
    expect(_rows(page).first).to_be_visible()
    expect(page.locator("section[aria-label='In force']")).to_contain_text("OVERRIDE")
    conditions = page.locator("section[aria-label='Conditions of PR-1']")
    for words in ("PASS", "FAIL", "Found: 31.0 %", "Needed: at least 95.0 %"):
        expect(conditions).to_contain_text(words)
    assert page.evaluate("document.documentElement.scrollWidth") <= size[0]
    if size == NARROW:
        assert page.locator(f"{LIST} .ag-header-cell").count() <= 2


def test_a_search_is_kept_in_the_address_and_undone_by_going_back(enter) -> None:
    page = enter()
    page.get_by_label("Strategy").fill("momentum")
    page.keyboard.press("Enter")
    page.wait_for_url("**/trials?strategy=momentum")
    expect(page.locator("#main")).to_contain_text("20 of the desk's 60 trials")
    expect(_rows(page).first).to_contain_text("momentum")
    page.reload()
    expect(page.locator("#main")).to_contain_text("20 of the desk's 60 trials")
    page.get_by_role("button", name="Clear").click()
    page.wait_for_url("**/trials")
    expect(page.locator("#main")).to_contain_text("60 of the desk's 60 trials")
    page.go_back()
    expect(page.locator("#main")).to_contain_text("20 of the desk's 60 trials")


def test_a_kind_is_chosen_from_those_that_there_are(enter) -> None:
    page = enter("/trials?author=anna")
    page.get_by_role("combobox", name="Kind").click()
    page.get_by_role("option", name="tune").click()
    page.wait_for_url(re.compile(r"author=anna&kind=tune$"))
    expect(page.locator("#main")).to_contain_text("10 of the desk's 60 trials")


def test_keys_alone_lead_to_the_standing_of_a_trial_and_back(enter) -> None:
    page = enter("/")
    page.wait_for_selector("section[aria-label='Trade cards'] .ag-row")
    page.keyboard.press("g")
    page.keyboard.press("t")
    page.wait_for_selector("#main h1:text('Trials')")
    _rows(page).first.wait_for()
    for key in ("j", "j", "Enter"):
        page.keyboard.press(key)
    sheet = page.locator(".sheet")
    expect(sheet).to_contain_text("Deflated Sharpe ratio")
    expect(sheet).to_contain_text("A deflated Sharpe ratio of 0.31 is below 0.95.")
    expect(sheet).to_contain_text("the desk's own, 2022-12-28")
    page.wait_for_url(re.compile(r"/trials\?chosen=[0-9a-f]{12}$"))
    drawn = page.locator(f"{CLOUD} .nicegui-echart")
    expect(drawn).to_have_attribute("aria-label", re.compile("this trial"))
    expect(page.locator(f"{LIST} .ag-row.marked")).to_have_count(1)
    page.keyboard.press("Escape")
    expect(sheet).to_be_hidden()
    page.keyboard.press("Escape")
    page.wait_for_url("**/trials")
    expect(drawn).to_have_attribute("aria-label", re.compile(r"Trials: Trials|span: Trials;"))
    expect(page.locator(f"{LIST} .ag-row.marked")).to_have_count(0)


@pytest.mark.parametrize("size", [WIDE, NARROW])
def test_a_run_leads_to_its_trial_which_is_marked_and_in_sight(enter, size) -> None:
    page = enter("/backtest/BT-1", size)
    page.locator(".fields a", has_text=TRIAL_OF_RUN).click()
    page.wait_for_url(f"**/trials?chosen={TRIAL_OF_RUN}")
    expect(page.locator(f"section[aria-label='Standing of {CHOSEN}']")).to_be_visible()
    marked = page.locator(f"{LIST} .ag-row.marked")
    expect(marked).to_contain_text("pairs")  # the toy's trial 20 is of its third strategy
    expect(marked).to_be_in_viewport() if size == WIDE else marked.scroll_into_view_if_needed()


def test_a_point_tells_its_values_and_the_table_holds_every_pair(enter, tmp_path) -> None:
    page = enter(f"/trials?chosen={CHOSEN}")
    page.wait_for_selector(f"{CLOUD} .nicegui-echart[data-drawn='{TRIALS}']")
    at = page.evaluate(
        """selector => {
            const root = document.querySelector(selector + ' .nicegui-echart');
            const chart = getElement(Number(root.id.slice(1))).chart;
            const [x, y] = chart.getOption().series[1].data[0];
            const box = root.getBoundingClientRect();
            const [left, top] = chart.convertToPixel({seriesIndex: 1}, [x, y]);
            return [box.left + left, box.top + top, x, y];
        }""",
        CLOUD,
    )
    page.mouse.move(at[0], at[1])
    told = page.locator(f"{CLOUD} .nicegui-echart")
    for words in ("this trial", "Span, years", f"{at[2]:g}", "Sharpe ratio a year"):
        expect(told).to_contain_text(words)
    section = page.locator(CLOUD)
    with page.expect_download() as download:
        section.get_by_role("button", name=re.compile("^Download .* as CSV$")).click()
    download.value.save_as(tmp_path / "cloud.csv")
    lines = list(csv.reader((tmp_path / "cloud.csv").read_text().splitlines()))
    assert lines[0] == ["Span, years", "Sharpe ratio a year", "Series", "data"]
    assert len(lines) == 1 + TRIALS
    assert [line[2] for line in lines].count("this trial") == 1
    with page.expect_download() as picture:
        section.get_by_role("button", name=re.compile("as a picture$")).click()
    assert picture.value.suggested_filename == "trials-by-length-of-span-bundled.png"
    section.get_by_role("button", name="Table: Trials by length of span").click()
    expect(section.locator(".ag-header-cell")).to_have_text(
        ["Span, years", "Sharpe ratio a year", "Series"]
    )


def test_an_empty_ledger_says_what_it_is_for(toy: Served, enter) -> None:
    toy.desk.trials.made.clear()
    page = enter()
    expect(page.locator(LIST)).to_contain_text("fondaco backtest run momentum")
    expect(page.locator("#main")).to_contain_text("Nothing stands on paper.")
    assert page.locator("#main canvas").count() == 0


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/trials?data_version=newest", "Not valid"),
        ("/trials?chosen=ffffffffffff", "no such trial"),
        ("/trials?unknown=1", "60 of the desk's 60 trials"),
    ],
)
def test_an_address_that_asks_for_what_is_not_there_says_so(enter, path, words) -> None:
    page = enter(path)
    expect(page.locator("#main")).to_contain_text(words)


def test_a_ledger_that_does_not_answer_says_so_and_shows_nothing_old(toy: Served, enter) -> None:
    page = enter()
    _rows(page).first.wait_for()
    toy.desk.trials.down = True
    page.locator("#main h1").click()
    page.keyboard.press("r")
    expect(page.get_by_role("alert")).to_contain_text("the ledger does not answer")
    assert page.locator("#main canvas").count() == 0
    toy.desk.trials.down = False
    page.keyboard.press("r")
    expect(_rows(page).first).to_be_visible()
    expect(page.get_by_role("alert")).to_have_count(0)


def test_a_slow_ledger_shows_how_long_it_has_taken(toy: Served, enter) -> None:
    toy.desk.trials.ready.clear()
    page = enter()
    expect(page.locator(".waiting").first).to_have_text(re.compile(r"Counting trials · \d+\.\d s"))
    toy.desk.trials.ready.set()
    expect(_rows(page).first).to_be_visible()
    expect(page.locator(".waiting")).to_have_count(0)
