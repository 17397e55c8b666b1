"""What a provider is built from, and how the provider of an outside package is found."""

import importlib
from pathlib import Path

import pytest

from fondaco.adapters.providers.parts import GROUP, Parts, plugged_in
from fondaco.adapters.providers.wire import HttpWire
from fondaco.core.clock import FixedClock
from fondaco.core.errors import InvalidInput
from fondaco.core.instrument import Origin
from fondaco.market.errors import Cause, Unanswered
from fondaco.market.sheets import KeyNeed, Sheet

NEED = KeyNeed(("FONDACO_TOY_ID", "FONDACO_TOY_TOKEN"), "https://toy.example", "Ask for one.")
SHEET = Sheet("toy", "Toy", Origin.LIVE, (), key=NEED)
OUTSIDE = """
from fondaco.core.instrument import Origin
from fondaco.market.sheets import Sheet


class Outside:
    sheet = Sheet("{name}", "Outside", Origin.LIVE, ())

    @classmethod
    def build(cls, parts):
        return cls()
"""


def _parts(clock: FixedClock, secrets: dict[str, str]) -> Parts:
    return Parts(clock, HttpWire(SHEET, clock), secrets.get)


def test_keys_come_in_the_order_in_which_the_sheet_names_them(clock: FixedClock) -> None:
    parts = _parts(clock, {"FONDACO_TOY_TOKEN": "b", "FONDACO_TOY_ID": "a"})
    assert parts.keys(SHEET) == ("a", "b")
    assert parts.key(SHEET) == "a"


@pytest.mark.parametrize(
    "secrets", [{"FONDACO_TOY_ID": "a"}, {"FONDACO_TOY_ID": "a", "FONDACO_TOY_TOKEN": ""}]
)
def test_a_key_that_is_not_set_is_named_and_nothing_is_asked(
    clock: FixedClock, secrets: dict[str, str]
) -> None:
    with pytest.raises(Unanswered, match="providers setup toy") as caught:
        _parts(clock, secrets).keys(SHEET)
    assert (caught.value.cause, caught.value.value) == (Cause.KEY, "FONDACO_TOY_TOKEN")


def test_a_key_that_may_be_missing_is_empty(clock: FixedClock) -> None:
    need = KeyNeed(("FONDACO_TOY_TOKEN",), "", "", optional=True)
    sheet = Sheet("toy", "Toy", Origin.LIVE, (), key=need)
    assert _parts(clock, {}).keys(sheet) == ("",)


def test_a_provider_without_need_of_a_key_has_none(clock: FixedClock) -> None:
    assert _parts(clock, {}).keys(Sheet("toy", "Toy", Origin.LIVE, ())) == ()


def _package(folder: Path, package: str, name: str) -> None:
    (folder / f"{package}.py").write_text(OUTSIDE.format(name=name))
    info = folder / f"{package}-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {package}\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(f"[{GROUP}]\n{name} = {package}:Outside\n")


def test_an_outside_package_adds_a_provider(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _package(tmp_path, "outside_of_test_parts", "outside")
    assert "outside" not in plugged_in(frozenset())
    monkeypatch.syspath_prepend(tmp_path)
    found = plugged_in(frozenset({"yahoo"}))
    made = found["outside"]()
    assert made is importlib.import_module("outside_of_test_parts").Outside
    assert made.sheet.name == "outside"


def test_a_package_that_claims_a_name_of_the_desk_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _package(tmp_path, "claims_yahoo_in_test_parts", "yahoo")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(InvalidInput, match="yahoo of claims_yahoo_in_test_parts:Outside"):
        plugged_in(frozenset({"yahoo"}))


def test_two_packages_with_one_name_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _package(tmp_path, "one_of_test_parts", "twin")
    _package(tmp_path, "two_of_test_parts", "twin")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(InvalidInput, match="two providers have the same name"):
        plugged_in(frozenset())
