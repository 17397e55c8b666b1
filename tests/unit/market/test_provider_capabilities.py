"""Providers as the outside asks for them: status, sheet and set-up."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from fondaco.core.capability import Caller, Capability
from fondaco.core.clock import FixedClock
from fondaco.core.errors import InvalidInput, NotFound, Refused, Unavailable
from fondaco.core.instrument import Origin
from fondaco.core.invoke import validate
from fondaco.core.text import plain
from fondaco.market import provider_capabilities as module
from fondaco.market.errors import Cause, Unanswered
from fondaco.market.fakes import PagesProvider
from fondaco.market.feed.breaker import Health
from fondaco.market.feed.budget import PaceStore
from fondaco.market.feed.ports import HealthStore
from fondaco.market.ports import Ask, Parsed, Raw
from fondaco.market.provider_results import KeyTrial, ProviderList, ProviderSheet
from fondaco.market.sheets import KeyNeed, Limit, Market, Offer, Sheet
from unit.market.rows import AAA, page

NOW = datetime(2026, 11, 27, 15, tzinfo=UTC)
PERSON = Caller(actor="ann", surface="cli", person=True)
OPEN = Sheet("open", "Open Data", Origin.LIVE, (Offer("bars_1d", (Market.US,), "all"),))
KEYED = Sheet(
    "keyed",
    "Keyed Data",
    Origin.LIVE,
    (Offer("quotes", (Market.US,), "now", 15), Offer("news", (Market.US,), "a year")),
    limits=(Limit(50, 3_600), Limit(1_000, 86_400)),
    terms="https://example.org/terms: personal use",
    key=KeyNeed(("FONDACO_KEYED",), "https://example.org/keys", "Sign up and copy it."),
)


class FakeProvider(PagesProvider):
    """Answers when its key is right, and refuses otherwise."""

    def __init__(self, sheet: Sheet, key: str | None) -> None:
        super().__init__([page(AAA, [1.0, 2.0])], [AAA], NOW, name=sheet.name)
        self.sheet = sheet
        self._key = key

    def ask(self, ask: Ask) -> tuple[Raw, ...]:
        if self.sheet.key is not None and self._key != "right":
            raise Unanswered(
                "Keyed Data refused the key or the session", provider="keyed", cause=Cause.AUTH
            )
        return super().ask(Ask())

    def parse(self, raw: Raw, ask: Ask) -> Parsed:
        return super().parse(raw, replace(ask, since=None))


class FakeDirectory:
    """Two providers, one of which needs a key."""

    def __init__(self, key: str | None = None) -> None:
        self.key = key

    def sheet(self, name: str) -> Sheet:
        for sheet in self.sheets():
            if sheet.name == name:
                return sheet
        raise NotFound("no such provider", value=name)

    def sheets(self) -> tuple[Sheet, ...]:
        return (OPEN, KEYED)

    def has_key(self, name: str) -> bool | None:
        return None if self.sheet(name).key is None else self.key is not None

    def with_key(self, name: str, keys: Mapping[str, str]) -> FakeProvider:
        return FakeProvider(self.sheet(name), keys.get("FONDACO_KEYED", self.key))


class FakeHealth(HealthStore):
    """One provider whose breaker is open."""

    after: Health | None = None

    def get(self, provider: str) -> Health:
        if provider == "keyed":
            return Health(open_until=NOW + timedelta(minutes=1), failed=5, reason="HTTP 503")
        return Health(answered=7, answered_at=NOW)

    def change(self, provider: str, step: Callable[[Health], Health]) -> Health:
        self.after = step(self.get(provider))
        return self.after


class FakePace(PaceStore):
    """Some calls were made."""

    def used(self, provider: str, limit: Limit) -> int:
        return 12 if limit.seconds == 3_600 else 2_000


class FakeLog:
    """One provider's data came in."""

    def last_ingests(self) -> dict[str, datetime]:
        return {"open": NOW - timedelta(days=1)}


class FakeKeys:
    """A keyring in memory, or none."""

    def __init__(self, *, there: bool = True) -> None:
        self.kept: dict[str, str] = {}
        self.there = there

    def keep(self, name: str, value: str) -> None:
        if not self.there:
            raise Unavailable("this system has no keyring to keep the key in")
        self.kept[name] = value


class Scene:
    """What the capabilities are handed."""

    def __init__(self, key: str | None = None) -> None:
        self.keys = FakeKeys()
        self.house: dict[str, Any] = {
            "providers": FakeDirectory(key),
            "provider_health": FakeHealth(),
            "provider_pace": FakePace(),
            "ingest_log": FakeLog(),
            "provider_keys": self.keys,
            "clock": FixedClock(NOW),
            "caller": PERSON,
        }

    def ask(self, function: Any, **raw: Any) -> Any:
        cap: Capability = function.__capability__
        inputs = validate(cap, raw)
        given = {name: getattr(inputs, name) for name in cap.inputs.model_fields}
        result = cap.function(*(self.house[need] for need in cap.needs), **given)
        return cap.output.validate_python(cap.output.dump_python(result, mode="json"))


def _drawn(function: Any, result: Any) -> str:
    return plain(function.__capability__.view(result))


def test_the_status_tells_key_health_limits_and_freshness_of_each() -> None:
    found: ProviderList = Scene().ask(module.show_status)
    by_name = {p.name: p for p in found.providers}
    keyed, without = by_name["keyed"], by_name["open"]
    assert (keyed.key, keyed.breaker, keyed.failed, keyed.reason) == (
        "missing",
        "open",
        5,
        "HTTP 503",
    )
    assert [(one.calls, one.left) for one in keyed.limits] == [(50, 38), (1_000, 0)]
    assert (without.key, without.breaker, without.answered) == ("not needed", "closed", 7)
    assert without.last_ingest_at == NOW - timedelta(days=1)
    assert keyed.last_ingest_at is None
    assert Scene("right").ask(module.show_status).providers[0].key == "set"
    words = _drawn(module.show_status, found)
    assert "38 of 50 per hour" in words
    assert "0 of 1,000 per day" in words


def test_a_sheet_tells_kinds_terms_and_where_the_key_is_got() -> None:
    found: ProviderSheet = Scene().ask(module.show_provider, provider="keyed")
    assert [offer.kind for offer in found.offers] == ["quotes", "news"]
    words = _drawn(module.show_provider, found)
    for part in ("https://example.org/keys", "FONDACO_KEYED", "personal use", "OPEN", "never run"):
        assert part in words
    with pytest.raises(NotFound, match="no such provider"):
        Scene().ask(module.show_provider, provider="nobody")


def test_without_a_key_a_set_up_says_where_to_get_one_and_tries_nothing() -> None:
    found: KeyTrial = Scene().ask(module.set_up, provider="keyed")
    assert (found.worked, found.key, found.kept) == (None, "missing", "")
    words = _drawn(module.set_up, found)
    assert "https://example.org/keys" in words
    assert "--key -" in words


def test_a_key_that_works_is_kept_and_one_that_is_refused_is_not() -> None:
    scene = Scene()
    found: KeyTrial = scene.ask(module.set_up, provider="keyed", key="right")
    assert (found.worked, found.kept) == (True, "the system keyring")
    assert scene.keys.kept == {"FONDACO_KEYED": "right"}
    after = scene.house["provider_health"].after
    assert after is not None
    assert after.open_until is None, "its breaker is closed: it may be asked again at once"
    scene = Scene()
    refused = scene.ask(module.set_up, provider="keyed", key="wrong")
    assert (refused.worked, refused.kept, scene.keys.kept) == (False, "", {})
    assert "refused the key" in refused.words
    scene.ask(module.set_up, provider="keyed", key="right", keep=False)
    assert scene.keys.kept == {}


def test_the_key_that_is_set_is_tried_again_and_one_without_need_too() -> None:
    assert Scene("right").ask(module.set_up, provider="keyed").worked is True
    found = Scene().ask(module.set_up, provider="open")
    assert (found.worked, found.key) == (True, "none needed")
    assert "2 rows of bars_1d for AAPL" in found.words


def test_a_key_is_nowhere_in_what_comes_back() -> None:
    scene = Scene()
    for key in ("right", "wr0ng-key"):
        found = scene.ask(module.set_up, provider="keyed", key=key)
        text = module.set_up.__capability__.output.dump_json(found).decode()  # type: ignore[attr-defined]
        assert key not in text + _drawn(module.set_up, found)
    assert {"key", "second_key"} == set(module.set_up.__capability__.secrets)  # type: ignore[attr-defined]


def test_too_many_keys_and_a_program_are_refused_and_no_keyring_is_said() -> None:
    with pytest.raises(InvalidInput, match="does not take that many keys"):
        Scene().ask(module.set_up, provider="open", key="x")
    with pytest.raises(InvalidInput, match="FONDACO_KEYED"):
        Scene().ask(module.set_up, provider="keyed", key="x", second_key="y")
    scene = Scene()
    scene.keys.there = False
    with pytest.raises(Unavailable, match="no keyring"):
        scene.ask(module.set_up, provider="keyed", key="right")
    scene.house["caller"] = Caller(actor="agent", surface="mcp", person=False)
    with pytest.raises(Refused, match="only a person"):
        scene.ask(module.set_up, provider="keyed", key="right")
