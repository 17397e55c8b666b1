"""Yahoo over the session of yfinance: bodies as they came, refusals with their cause."""

import hashlib
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from types import ModuleType
from typing import Any

import pytest

from fondaco.adapters.providers.yahoo import SHEET
from fondaco.adapters.providers.yahoo_wire import YahooWire
from fondaco.core.clock import FixedClock
from fondaco.core.errors import InvalidInput, Unavailable
from fondaco.market.errors import Cause, Unanswered
from fondaco.market.ports import Raw

CLOCK = FixedClock(datetime(2024, 6, 28, 21, tzinfo=UTC))
OPEN_EDT = "T13:30:00+00:00"
DAY = 1402320600  # the opening of 9 June 2014


def _get(**more: Any) -> Raw:
    return YahooWire(SHEET, CLOCK).get("https://x/AAPL", name="a", **more)


def test_without_yfinance_it_is_unavailable_and_names_the_extra(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "yfinance.data", None)
    with pytest.raises(Unavailable, match=r"fondaco\[providers\]"):
        _get()


class _Answer:
    """What yfinance's session gives back."""

    def __init__(self, status_code: int, content: bytes = b"{}") -> None:
        self.status_code = status_code
        self.content = content


def _with_session(monkeypatch: pytest.MonkeyPatch, get: Callable[..., _Answer]) -> None:
    """Put a session that answers from the test in the place of yfinance's."""

    class Session:
        def get(self, url: str, params: dict[str, str], timeout: float) -> _Answer:
            assert timeout > 0
            return get(url, params)

    class YFException(Exception):
        pass

    class YFRateLimitError(YFException):
        pass

    data, errors = ModuleType("yfinance.data"), ModuleType("yfinance.exceptions")
    data.YfData = Session  # type: ignore[attr-defined]
    errors.YFException = YFException  # type: ignore[attr-defined]
    errors.YFRateLimitError = YFRateLimitError  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "yfinance", ModuleType("yfinance"))
    monkeypatch.setitem(sys.modules, "yfinance.data", data)
    monkeypatch.setitem(sys.modules, "yfinance.exceptions", errors)


def test_the_body_comes_as_it_is_where_its_status_is_accepted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for status in (200, 404):
        _with_session(monkeypatch, lambda *_, s=status: _Answer(s, b"as it came"))
        raw = _get(params={"a": "1"}, accept=(200, 404))
        assert (raw.body, raw.asked_at) == (b"as it came", CLOCK.now())
        assert (raw.request, raw.name) == ("GET https://x/AAPL?a=1", "a")
        assert raw.digest == hashlib.sha256(raw.body).hexdigest()


@pytest.mark.parametrize(
    ("status", "cause"),
    [
        (401, Cause.AUTH),
        (403, Cause.AUTH),
        (429, Cause.LIMIT),
        (500, Cause.DOWN),
        (503, Cause.DOWN),
        (302, Cause.BAD),
        (404, Cause.BAD),
    ],
)
def test_a_refusal_is_unanswered_with_its_cause(
    monkeypatch: pytest.MonkeyPatch, status: int, cause: Cause
) -> None:
    _with_session(monkeypatch, lambda *_: _Answer(status))
    with pytest.raises(Unanswered, match=f"HTTP {status}") as error:
        _get()
    assert error.value.cause is cause


@pytest.mark.parametrize(
    ("name", "cause"),
    [
        ("ConnectionError", Cause.DOWN),
        ("ReadTimeout", Cause.TIMEOUT),
        ("YFException", Cause.DOWN),
        ("YFRateLimitError", Cause.LIMIT),
    ],
)
def test_no_answer_is_unanswered_and_does_not_tell_the_crumb(
    monkeypatch: pytest.MonkeyPatch, name: str, cause: Cause
) -> None:
    def fails(url: str, params: dict[str, str]) -> _Answer:
        kinds = vars(sys.modules["yfinance.exceptions"])
        kind: type[Exception] = kinds.get(name) or type(name, (OSError,), {})
        raise kind(f"GET {url}?crumb=secret")

    _with_session(monkeypatch, fails)
    with pytest.raises(Unanswered) as error:
        _get()
    assert error.value.cause is cause
    assert "secret" not in str(error.value)
    assert error.value.__cause__ is None


def test_the_session_of_yfinance_takes_no_headers() -> None:
    with pytest.raises(InvalidInput, match="no headers"):
        _get(headers={"Authorization": "x"})
