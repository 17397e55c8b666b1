"""Data and Symbol on the toy desk, in a real browser: decisions, lineage, old days, short bars."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from unit.surfaces.web.toy_market import fault_id
from unit.surfaces.web.toy_state import PRICE

from .conftest import NARROW, WIDE, Served

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(120)]
LIST = "section[aria-label^='Faults (']"
QUARANTINE = "/data?view=quarantine"
CHART = "section[aria-label^='{}']"


@pytest.fixture
def enter(enter_at: Callable[..., Page]) -> Callable[..., Page]:
    def window(path: str = "/data", size: tuple[int, int] = WIDE) -> Page:
        return enter_at(path, size)

    return window


def _rows(page: Page, section: str = LIST) -> Locator:
    return page.locator(f"{section} .ag-center-cols-container .ag-row")


def _reason(page: Page, words: str) -> None:
    page.get_by_label("Reason", exact=True).fill(words)


def test_health_shows_providers_coverage_and_faults_and_a_provider_opens(enter) -> None:
    page = enter("/")
    page.keyboard.press("g")
    page.keyboard.press("d")
    page.wait_for_selector("#main h1:text('Data')")
    providers = "section[aria-label^='Providers']"
    expect(_rows(page, providers)).to_have_count(6)
    yahoo = _rows(page, providers).filter(has_text="yahoo")
    for words in ("open", "not needed", "HTTP 503 four times in 5 minutes"):
        expect(yahoo).to_contain_text(words)
    expect(yahoo.locator(".chip.bad")).to_have_text(re.compile("open"))
    expect(_rows(page, providers).filter(has_text="tiingo")).to_contain_text(
        "5 of 5 per minute; 412 of 500 per day"
    )
    expect(page.locator("section[aria-label='What the store holds']")).to_contain_text("185,883")
    assert page.evaluate("document.documentElement.scrollHeight") <= WIDE[1]
    yahoo.locator(".ag-cell").first.click()
    sheet = page.locator(".sheet")
    expect(sheet).to_contain_text("What it gives")
    expect(sheet).to_contain_text("FONDACO_TIINGO_TOKEN")


def test_what_the_store_holds_opens_with_its_newest_rows(enter) -> None:
    page = enter()
    held = _rows(page, "section[aria-label='What the store holds']")
    held.filter(has_text="fundamentals").locator(".ag-cell").last.click()
    sheet = page.locator(".sheet")
    expect(sheet).to_contain_text("fundamentals of file:filings")
    expect(sheet.locator("section[aria-label='Fundamentals, 20 of 40,211']")).to_contain_text(
        "us-gaap:Revenues since 2022-11-28"
    )
    page.keyboard.press("Escape")
    held.filter(has_text="bars_1d").locator(".ag-cell").last.click()
    expect(sheet).to_contain_text("bars_1d of bundled:toy")
    expect(sheet.locator(".ag-root")).to_have_count(0)


def test_a_count_of_faults_leads_to_those_it_counts(enter) -> None:
    page = enter()
    _rows(page, "section[aria-label^='Faults by']").filter(has_text="jump").locator(
        ".ag-cell"
    ).last.click()
    page.wait_for_url(re.compile(r"view=quarantine&kind=bars_1d&rule=jump"))
    expect(_rows(page)).to_have_count(6)
    page.get_by_label("Symbol", exact=True).fill("XOM")
    page.keyboard.press("Enter")
    expect(page.locator(LIST)).to_contain_text("No fault")
    page.get_by_role("button", name="Clear").click()
    expect(page.locator("section[aria-label='Faults (24)']")).to_be_visible()


def test_one_fault_is_seen_whole_and_let_in_with_a_reason_and_a_factor(toy: Served, enter) -> None:
    page = enter(QUARANTINE)
    _rows(page).first.wait_for()
    for key in ("j", "Enter"):
        page.keyboard.press(key)
    held = page.get_by_label(fault_id(0))
    for words in (
        "no supplied factor explains it",
        "prices/aapl.csv.gz row 4787",
        "bundled:toy",
        "4.06",
    ):
        expect(held).to_contain_text(words)
    _reason(page, "a 4-for-1 split that day")
    page.get_by_label(re.compile("Split factor")).fill("0.25")
    page.locator("[data-action=release]").click()
    expect(page.locator(".done")).to_contain_text("AAPL · 2022-12-28 · jump: released.")
    expect(page.locator("section[aria-label='Decision']")).to_contain_text("a 4-for-1 split")
    expect(page.locator("section[aria-label='Faults (23)']")).to_be_visible()
    assert toy.desk.market.factor == 0.25
    resolved = toy.desk.market.faults[fault_id(0)].resolved
    assert resolved is not None
    assert resolved.startswith("let in by person:")


def test_several_rows_are_ticked_by_keys_and_discarded_together(toy: Served, enter) -> None:
    page = enter(QUARANTINE)
    _rows(page).first.wait_for()
    for key in ("j", "Space", "j", "j", "j", "Space"):
        page.keyboard.press(key)
    expect(page.locator("section[aria-label='Review: 2 faults chosen']")).to_be_visible()
    expect(page.locator(".ticket")).to_contain_text("1 of 2 cannot be let in (XOM")
    expect(page.locator("[data-action=release]")).to_have_count(0)
    _reason(page, "not what the exchange printed")
    page.locator("[data-action=discard]").click()
    expect(page.locator(".done")).to_contain_text("2 faults: discarded.")
    expect(page.locator("section[aria-label='Faults (22)']")).to_be_visible()
    settled = [one.id for one in toy.desk.market.faults.values() if one.resolved]
    assert settled == [fault_id(0), fault_id(3)]
    page.goto(page.url + "&state=resolved")
    expect(_rows(page)).to_have_count(2)
    _rows(page).first.locator(".ag-cell").last.click()
    expect(page.get_by_label(fault_id(0))).to_contain_text("kept out by person:")
    expect(page.locator("[data-action=discard]")).to_have_count(0)


def test_too_short_a_reason_is_refused_in_words_and_nothing_is_decided(toy: Served, enter) -> None:
    page = enter(QUARANTINE)
    _rows(page).first.locator(".ag-cell").last.click()
    _reason(page, "ok")
    page.locator("[data-action=release]").click()
    expect(page.get_by_role("alert")).to_contain_text("reason")
    expect(page.get_by_role("alert")).to_contain_text("at least 8 characters")
    assert not any(one.resolved for one in toy.desk.market.faults.values())
    expect(page.get_by_label("Reason", exact=True)).to_have_value("ok")
    _reason(page, "checked against the exchange")
    page.locator("[data-action=release]").click()
    expect(page.locator(".done")).to_contain_text("released")


def test_a_mark_on_a_kept_row_can_only_be_settled(enter) -> None:
    page = enter(f"{QUARANTINE}&rule=frozen")
    _rows(page).first.locator(".ag-cell").last.click()
    expect(page.locator(".held")).to_contain_text("The row was kept as it came")
    expect(page.locator("[data-action=release]")).to_have_count(0)
    expect(page.locator(".ticket")).to_contain_text("Discard settles it; the row stays.")


def test_a_fact_leads_from_a_card_to_the_bytes_it_came_in(enter) -> None:
    page = enter("/cards/TC-1")
    page.get_by_role("button", name="Explain TC-1").click()
    page.locator(".fact", has_text="129.93 USD").click()
    page.locator(".sheet a", has_text="Where from?").click()
    page.wait_for_url(f"**/data?fact={PRICE.id}")
    expect(page.locator(".sheet")).to_be_hidden()
    numbers = page.locator("section[aria-label='Lineage of close']")
    expect(numbers).to_contain_text("2 rows of bars_1d")
    ways = page.get_by_label("Way of bars_1d from bundled:toy")
    expect(ways).to_have_count(3)
    steps = ways.first.locator("li")
    expect(steps.locator("h3")).to_have_text(["Row of the store", "Ingest", "Raw answer"])
    expect(steps.nth(2)).to_contain_text("prices/aapl.csv.gz row 28, column close")
    for word in ("VERIFIED", "DIFFERS", "RAW LOST"):
        expect(page.locator(".chip", has_text=word)).to_be_visible()
    page.go_back()
    page.get_by_role("link", name="Where the numbers of TC-1 come from").click()
    page.wait_for_url("**/data?view=lineage&card=TC-1")
    numbers = _rows(page, "section[aria-label='Lineage of TC-1']")
    numbers.first.locator(".ag-cell").first.click()
    page.wait_for_url(f"**/data?view=lineage&fact={PRICE.id}")


def test_a_row_is_followed_by_symbol_and_day(enter) -> None:
    page = enter("/data?view=lineage")
    page.get_by_label("Symbol", exact=True).fill("AAPL")
    page.get_by_label("On", exact=True).fill("2019-06-28")
    page.keyboard.press("Enter")
    page.wait_for_url("**/data?view=lineage&symbol=AAPL&on=2019-06-28")
    expect(page.locator(".way").first).to_contain_text("2019-06-28")
    page.goto(page.url + "&card=TC-1")
    expect(page.get_by_role("alert")).to_contain_text("name one thing to follow")


def test_a_symbol_shows_what_is_known_of_it(enter) -> None:
    page = enter("/symbol/AAPL")
    head = page.locator(".page-head")
    for words in ("Apple", "equity · XNAS · USD", "AAPL 1990-01-02 to now"):
        expect(head).to_contain_text(words)
    shown = page.locator("section[aria-label='Quote']")
    for words in ("129.93", "-3.07 %", "STALE", "the book is crossed", "bundled:toy"):
        expect(shown).to_contain_text(words)
    expect(shown.locator(".chip.label")).to_have_text("bundled")
    expect(page.locator("section[aria-label^='Events from']")).to_contain_text("2023-02-02")
    expect(page.locator("section[aria-label^='AAPL Apple as filed']")).to_contain_text("Revenues")
    expect(page.locator("section[aria-label='Source of the last bar']")).to_contain_text("VERIFIED")
    chain = page.locator("section[aria-label^='Contracts']")
    expect(chain).to_be_visible()
    page.get_by_role("button", name="2023-02-17").click()
    expect(page.get_by_role("button", name="2023-02-17")).to_have_attribute("aria-pressed", "true")
    page.get_by_role("link", name="Source of the last bar: follow its rows").click()
    page.wait_for_url("**/data?view=lineage&symbol=AAPL&kind=bars_1d")
    expect(page.locator(".way")).to_be_visible()


def test_events_stand_on_the_time_axis_with_their_words_as_plain_letters(enter) -> None:
    page = enter("/symbol/AAPL")
    section = page.locator("section[aria-label='AAPL daily']")
    chart = section.locator(".nicegui-echart[data-drawn]")
    expect(chart).to_have_attribute("aria-label", re.compile(r"4 events"))
    crosshair = {"type": "showTip", "seriesIndex": 4, "dataIndex": 2}
    page.evaluate(
        "([id, tip]) => getElement(id).run_chart_method('dispatchAction', tip)",
        [int((chart.get_attribute("id") or "")[1:]), crosshair],
    )
    expect(chart).to_contain_text('dividend: <img src=x onerror="window.hacked = 1"> dividend')
    assert page.evaluate("window.hacked") is None
    section.get_by_role("button", name="Table: AAPL daily").click()
    expect(section.locator(".ag-header")).to_contain_text("Events")


def test_everything_stands_as_it_was_known_on_an_old_day(toy: Served, enter) -> None:
    page = enter("/symbol/AAPL")
    expect(page.locator("section[aria-label='Quote']")).to_contain_text("STALE")
    asked = toy.desk.market.quotes
    day = page.get_by_label("As of, an ISO day")
    day.fill("2019-06-2")
    day.fill("2019-06-28")
    page.wait_for_url("**/symbol/AAPL?as_of=2019-06-28")
    expect(page.locator(".page-head")).to_contain_text("AS KNOWN 2019-06-28")
    title = "AAPL 1d, adjusted, as known 2019-06-28"
    chart = page.locator(f"section[aria-label='{title}'] .nicegui-echart")
    expect(chart).to_have_attribute("aria-label", re.compile("to 2019-06-28"))
    quoted = page.locator("section[aria-label='Quote']")
    expect(quoted).to_contain_text("as known at 2019-06-28 21:00 UTC")
    expect(page.locator("section[aria-label^='AAPL Apple as filed']")).to_contain_text(
        "365,817,000,000"
    )
    expect(page.locator("section[aria-label^='Events from 2017-06-28']")).to_contain_text(
        "No event is known"
    )
    expect(page.locator("section[aria-label^='Option chain']")).to_have_count(0)
    assert toy.desk.market.quotes == asked + 1  # nothing was asked for half a day
    page.get_by_role("button", name="5m", exact=True).click()
    page.wait_for_url("**/symbol/AAPL?interval=5m&as_of=2019-06-28")
    absent = page.locator("section[aria-label='Chart, 5m, adjusted, as known 2019-06-28']")
    expect(absent).to_contain_text("No bars of this symbol were known then.")
    page.get_by_role("button", name="Now", exact=True).click()
    page.wait_for_url("**/symbol/AAPL?interval=5m")
    expect(page.locator("section[aria-label='AAPL 5m, adjusted'] canvas").first).to_be_visible()
    expect(page.locator(".page-head")).not_to_contain_text("AS KNOWN")


def test_minutes_are_shown_and_prices_as_they_were_printed(toy: Served, enter) -> None:
    page = enter("/symbol/AAPL")
    expect(page.locator("section[aria-label='AAPL daily'] canvas").first).to_be_visible()
    asked = toy.desk.market.quotes
    page.get_by_role("button", name="1m", exact=True).click()
    drawn = page.locator("section[aria-label='AAPL 1m, adjusted'] .nicegui-echart")
    expect(drawn).to_have_attribute("aria-label", re.compile("to 2022-12-28 21:00"))
    expect(page.get_by_role("group", name="Indicators")).to_have_count(0)
    page.get_by_role("button", name="Adjusted", exact=True).click()
    page.wait_for_url("**/symbol/AAPL?interval=1m&adjusted=no")
    expect(page.locator("section[aria-label='AAPL 1m, as printed'] canvas").first).to_be_visible()
    page.reload()
    expect(page.locator("section[aria-label='AAPL 1m, as printed'] canvas").first).to_be_visible()
    assert toy.desk.market.quotes == asked + 1  # one for the page that was loaded again


def test_what_is_not_there_is_said_and_breaks_nothing(enter) -> None:
    page = enter("/symbol/XOM?interval=1m")
    for section, words in (
        ("Chart, 1m, adjusted", "No bars of this symbol were known then."),
        ("Statements", "No statement of this symbol was known then."),
        ("Source of the last bar", "No such row was known then."),
    ):
        expect(page.locator(f"section[aria-label='{section}']")).to_contain_text(words)
    expect(page.locator("section[aria-label='Quote']")).to_be_visible()
    expect(page.locator("#main [role=alert]")).to_have_count(0)
    page.goto(page.url.replace("XOM?interval=1m", "ZZZ"))
    expect(page.get_by_role("alert")).to_contain_text("no instrument of this desk has this symbol")
    expect(page.locator("#main")).to_contain_text("Unknown, not absent: ZZZ.")


@pytest.mark.parametrize(
    ("day", "words"), [("2019-02-30", "is no day"), ("2031-01-01", "lies ahead")]
)
def test_a_day_that_cannot_be_looked_from_is_said(enter, day: str, words: str) -> None:
    page = enter(f"/symbol/AAPL?as_of={day}")
    expect(page.locator(".paragraph.warning")).to_contain_text(words)
    expect(page.locator("#main .panel:not(.controls)")).to_have_count(0)


def test_the_symbols_are_searched_and_a_row_leads_to_its_page(enter) -> None:
    page = enter("/")
    page.keyboard.press("g")
    page.keyboard.press("s")
    page.wait_for_selector("#main h1:text('Symbols')")
    page.get_by_label("Match", exact=True).fill("micro")
    page.keyboard.press("Enter")
    page.wait_for_url("**/symbol?match=micro")
    found = _rows(page, "section[aria-label='Instruments (1)']")
    expect(found).to_have_count(1)
    found.locator(".ag-cell").nth(1).click()
    page.wait_for_url("**/symbol/MSFT")
    expect(page.locator("#main h1")).to_have_text("MSFT")


@pytest.mark.parametrize(
    "path",
    ["/data", QUARANTINE, f"/data?fact={PRICE.id}", "/symbol", "/symbol/AAPL?as_of=2019-06-28"],
)
def test_a_narrow_screen_stacks_and_never_scrolls_sideways(enter, path: str) -> None:
    page = enter(path, NARROW)
    page.wait_for_selector("#main .panel:not(.slim)")
    page.wait_for_function("document.querySelectorAll('.waiting').length === 0")
    assert page.evaluate("document.documentElement.scrollWidth") <= NARROW[0]
    if path == QUARANTINE:
        _rows(page).nth(1).locator(".ag-cell").last.click()
        expect(page.get_by_label(fault_id(1))).to_be_in_viewport()
        expect(page.locator("[data-action=discard]")).to_be_visible()
