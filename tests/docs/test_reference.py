"""The reference is what the code says, and every capability is in it."""

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

from fondaco.catalogue import CAPABILITIES
from fondaco.core.capability import Capability, Catalogue

DOCS = Path(__file__).parents[2] / "docs"


def _generator() -> ModuleType:
    spec = importlib.util.spec_from_file_location("generate", DOCS / "generate.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("page", ["capabilities.md", "cli.md", "kinds.md", "settings.md"])
def test_the_generated_reference_is_up_to_date(page: str) -> None:
    assert (DOCS / "reference" / page).read_text() == _generator().pages()[page], "run `make docs`"


@pytest.mark.parametrize("name", CAPABILITIES)
def test_every_capability_has_a_docs_entry_and_an_example(name: str) -> None:
    cap: Capability = Catalogue(CAPABILITIES)[name]
    assert f"\n## {name}\n" in (DOCS / "reference" / "capabilities.md").read_text()
    example = cap.doc.partition("Example:")[2].strip()
    assert example.startswith("fondaco " + name.replace(".", " "))
    assert cap.summary.endswith(".")


@pytest.mark.parametrize("name", CAPABILITIES)
def test_every_input_of_a_capability_says_what_it_means(name: str) -> None:
    fields = Catalogue(CAPABILITIES)[name].public_fields()
    assert [n for n, f in fields.items() if not f.description] == []
