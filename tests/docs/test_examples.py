"""Every example in the docs is run, as it stands, on a desk with the bundled prices."""

import re
from pathlib import Path

import pytest

from fondaco.app import CAPABILITIES
from fondaco.core.capability import Catalogue

from .conftest import Shell

ROOT = Path(__file__).parents[2]
FENCE = re.compile(r"```console\n(.*?)```", re.DOTALL)
PAGES = sorted(p for p in [*ROOT.glob("docs/**/*.md"), ROOT / "README.md"]
               if FENCE.search(p.read_text()))


def _commands(page: Path) -> list[str]:
    blocks = FENCE.findall(page.read_text())
    return [line[2:] for block in blocks for line in block.splitlines() if line.startswith("$ ")]


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.stem)
def test_the_commands_of_a_page_run_in_order(page: Path, shell: Shell) -> None:
    script = "\n".join(_commands(page))
    done = shell(script)
    assert done.returncode == 0, f"{script}\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}"
    assert done.stdout


NEEDS_A_CARD = {"cards.show", "cards.why", "cards.reject", "cards.approve", "explain"}


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_the_example_of_every_capability_runs(shell: Shell) -> None:
    failed = {}
    for cap in Catalogue(CAPABILITIES):
        example = cap.doc.partition("Example:")[2].strip()
        done = shell(example)
        if done.returncode not in (0, 1) or "Traceback" in done.stderr:
            failed[cap.name] = (example, done.returncode, done.stderr[-500:])
        elif done.returncode == 1 and "`fondaco " not in done.stderr + done.stdout:
            failed[cap.name] = (example, 1, done.stderr[-500:])
    assert failed == {}
