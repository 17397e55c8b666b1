"""Takes the picture of the terminal for the README: a fresh desk, two cards approved, one open.

Needs Chromium at /usr/bin/chromium or where FONDACO_CHROMIUM points. The picture is written to
docs/images/terminal.png and must stay small.
"""

import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Page, expect, sync_playwright

PICTURE = Path(__file__).parent / "images" / "terminal.png"
BYTES_MAX = 200_000
SIZE = {"width": 1280, "height": 760}
CHROMIUM = os.environ.get("FONDACO_CHROMIUM", "/usr/bin/chromium")
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]
PORT = "8329"
WAIT_MS = 180_000
CARDS_APPROVED = 2
FONDACO = [sys.executable, "-m", "fondaco"]


@contextmanager
def desk() -> Iterator[str]:
    """Run a desk in a folder of its own and give the link that opens it."""
    with tempfile.TemporaryDirectory(prefix="fondaco-picture-") as folder:
        variables = {**os.environ, "FONDACO_HOME": folder, "FONDACO_PORT": PORT}
        with subprocess.Popen(
            [*FONDACO, "up"], env=variables, stderr=subprocess.PIPE, text=True
        ) as program:
            try:
                yield link_of(program)
            finally:
                program.terminate()
                program.wait()
                subprocess.run([*FONDACO, "down"], env=variables, check=True)


def link_of(program: "subprocess.Popen[str]") -> str:
    """Return the link that a starting desk prints."""
    said = []
    for line in program.stderr or ():
        said.append(line)
        if found := re.search(r"http://\S+/login\?ticket=\S+", line):
            return found[0]
    raise SystemExit(f"the desk did not start: {''.join(said)}")


def approve(page: Page) -> None:
    """Approve the first card that waits, as a person would."""
    page.locator("[data-main] .ag-row", has_text="PROPOSED").first.click()
    page.wait_for_selector("[data-action=approve]")
    for box in page.locator("[data-acknowledge]").all():
        box.click()
    page.locator("[data-action=approve]").click()
    expect(page.locator(".sheet")).to_contain_text("approved")
    page.keyboard.press("Escape")
    state = page.locator("section[aria-label^='TC-'] header .chip").first
    expect(state).to_have_text(re.compile("FILLED|CLOSED"))


def main() -> None:
    """Take the picture."""
    expect.set_options(timeout=WAIT_MS)
    with desk() as link, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        page = browser.new_page(viewport=SIZE)
        page.set_default_timeout(WAIT_MS)
        page.goto(link)
        page.goto(page.url.rstrip("/") + "/cards")
        for _ in range(CARDS_APPROVED):
            approve(page)
        page.locator("[data-main] .ag-row", has_text="PROPOSED").first.click()
        page.wait_for_selector("[data-action=approve]")
        page.locator("[data-explain]").click()
        page.wait_for_selector(".paragraph .fact")
        page.mouse.move(0, 0)
        PICTURE.parent.mkdir(exist_ok=True)
        page.screenshot(path=PICTURE)
        browser.close()
    size = PICTURE.stat().st_size
    if size > BYTES_MAX:
        raise SystemExit(f"{PICTURE} has {size:,} bytes; at most {BYTES_MAX:,} are wanted")


if __name__ == "__main__":
    main()
