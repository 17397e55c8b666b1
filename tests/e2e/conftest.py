"""Chromium, and a watch on everything that a page must not do."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from urllib.parse import quote, urlsplit

import pytest
from fastapi import FastAPI
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect, sync_playwright

from fondaco.surfaces.web.access import Access
from fondaco.surfaces.web.login import link
from fondaco.surfaces.web.mount import mount
from unit.surfaces.web.toy import ToyDesk

from .serving import ARGUMENTS, chromium_or_skip, served

expect.set_options(timeout=15_000)
WIDE = (1400, 900)
NARROW = (390, 844)
KEY = "a-desk-key-of-more-than-32-characters"


@dataclass
class Watch:
    """What went wrong in the browser: errors, failed requests, requests to anywhere else."""

    errors: list[str] = field(default_factory=list)
    outside: list[str] = field(default_factory=list)

    def over(self, page: Page) -> None:
        """Watch a page."""
        page.on(
            "console",
            lambda m: self.errors.append(f"console: {m.text}") if m.type == "error" else None,
        )
        page.on("pageerror", lambda error: self.errors.append(f"script: {error}"))
        page.on(
            "requestfailed",
            lambda r: (
                self.errors.append(f"request: {r.url} {r.failure}")
                if r.failure != "net::ERR_ABORTED"
                else None
            ),
        )  # a page that was left
        page.on(
            "response",
            lambda r: (
                self.errors.append(f"response: {r.status} {r.url}") if r.status >= 400 else None
            ),
        )

    def gate(self, route: Route) -> None:
        """Let requests to this machine through, and no other."""
        if urlsplit(route.request.url).hostname == "127.0.0.1":
            route.continue_()
        else:
            self.outside.append(route.request.url)
            route.abort()


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """One Chromium for a module; it ends with it, since its event loop would trouble others."""
    path = chromium_or_skip()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def contexts(chromium: Browser) -> Iterator[dict[tuple[int, int], BrowserContext]]:
    """One browser profile for each size of window: the files of a page are fetched once."""
    made = {
        size: chromium.new_context(
            viewport={"width": size[0], "height": size[1]}, accept_downloads=True
        )
        for size in (WIDE, NARROW)
    }
    for context in made.values():
        context.set_default_timeout(15_000)
    yield made
    for context in made.values():
        context.close()


@pytest.fixture
def watch() -> Iterator[Watch]:
    """A watch that must have seen nothing when the test ends."""
    seen = Watch()
    yield seen
    assert seen.outside == [], "the page asked for something outside this machine"
    assert seen.errors == []


@pytest.fixture
def open_browser(
    contexts: dict[tuple[int, int], BrowserContext], watch: Watch
) -> Iterator[Callable[..., Page]]:
    """Open a window of a size, with no cookie left from before."""
    pages: list[Page] = []

    def window(size: tuple[int, int] = WIDE) -> Page:
        context = contexts[size]
        context.clear_cookies()
        page = context.new_page()
        page.route("**/*", watch.gate)
        watch.over(page)
        pages.append(page)
        return page

    yield window
    for page in pages:
        page.close()


@dataclass
class Served:
    """A toy desk as it is served."""

    desk: ToyDesk
    access: Access
    address: str


@pytest.fixture(scope="module")
def served_toy_desk() -> Iterator[Served]:
    """A toy desk that a module's tests share."""
    desk = ToyDesk()
    access = Access(lambda: KEY, desk.clock, desk.ids)
    api = FastAPI()
    mount(api, desk, desk.views(), access)
    with served(api) as address:
        yield Served(desk, access, address)


@pytest.fixture
def toy(served_toy_desk: Served) -> Served:
    """The toy desk, begun again."""
    served_toy_desk.desk.reset()
    return served_toy_desk


@pytest.fixture
def enter_at(toy: Served, open_browser: Callable[..., Page]) -> Callable[..., Page]:
    """Open the toy desk's terminal in a window, at a page."""
    return entered(toy, open_browser)


def entered(shown: Served, open_browser: Callable[..., Page]) -> Callable[..., Page]:
    """Return what opens a desk's terminal in a window, at a page."""

    def window(path: str, size: tuple[int, int] = WIDE) -> Page:
        page = open_browser(size)
        page.goto(link(shown.address, shown.access).replace("?", f"?next={quote(path)}&"))
        page.wait_for_selector("#main h1")
        return page

    return window
