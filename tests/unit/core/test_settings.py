"""Settings come from the environment, each within its bound."""

from decimal import Decimal
from pathlib import Path

import pytest
from pydantic import ValidationError

from fondaco.core.errors import InvalidInput
from fondaco.core.settings import Settings, load_settings


@pytest.fixture(autouse=True)
def _no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    import os

    for name in list(os.environ):
        if name.startswith("FONDACO_"):
            monkeypatch.delenv(name)


def test_the_defaults_stand_without_any_variable() -> None:
    settings = Settings()
    assert (settings.host, settings.port, settings.currency) == ("127.0.0.1", 8321, "USD")
    assert settings.fee_min == Decimal("1.00")
    assert settings.api_key is None


def test_a_variable_sets_and_an_empty_one_does_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FONDACO_HOME", "~/desk")
    monkeypatch.setenv("FONDACO_PORT", "9000")
    monkeypatch.setenv("FONDACO_HOST", "")
    settings = Settings()
    assert settings.home == Path("~/desk").expanduser()
    assert (settings.port, settings.host) == (9000, "127.0.0.1")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "0"),
        ("PORT", "abc"),
        ("API_KEY", "short"),
        ("POSITION_SHARE_MAX", "nan"),
        ("PRICE_TOLERANCE", "0"),
        ("CARD_LIFE_HOURS", "inf"),
        ("ACCOUNT", "Paper!"),
        ("FEE_MIN", "NaN"),
    ],
)
def test_a_value_out_of_its_bound_is_refused(
    name: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(f"FONDACO_{name}", value)
    with pytest.raises(ValidationError):
        Settings()


def test_secrets_do_not_show() -> None:
    settings = Settings(api_key="k" * 32, database_url="postgresql://ann:hunter2@host/desk")
    assert "k" * 32 not in repr(settings)
    assert "hunter2" not in repr(settings)


def test_a_wrong_variable_is_named_with_its_value_and_a_wrong_secret_without(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("FONDACO_PORT", "abc")
    monkeypatch.setenv("FONDACO_AGENT_API_KEY", "hunter2")
    with pytest.raises(InvalidInput) as caught:
        load_settings()
    assert "FONDACO_PORT: " in str(caught.value)
    assert "'abc'" in str(caught.value)
    assert "FONDACO_AGENT_API_KEY: " in str(caught.value)
    assert "hunter2" not in str(caught.value)


def test_right_variables_are_loaded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FONDACO_CURRENCY", "INR")
    assert load_settings().currency == "INR"
