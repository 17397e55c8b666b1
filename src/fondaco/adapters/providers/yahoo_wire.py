"""The wire to Yahoo: asked through yfinance's session, which keeps the cookie and the crumb."""

import hashlib
import logging
from collections.abc import Collection, Mapping
from typing import Any

import httpx2

from fondaco.adapters.providers.wire import ANSWER_BYTES_MAX, Pace, Unpaced
from fondaco.core.clock import Clock
from fondaco.core.errors import InvalidInput
from fondaco.core.limits import CALL_SECONDS_MAX
from fondaco.market.errors import Cause, Unanswered
from fondaco.market.ports import Raw
from fondaco.market.sheets import Sheet

TIMEOUTS = frozenset(("Timeout", "ConnectTimeout", "ReadTimeout", "TimeoutError"))


class YahooWire:
    """A wire over yfinance's session, paced and bounded like `HttpWire`; yfinance retries itself.

    Raises Unanswered on use when yfinance is not installed.
    """

    def __init__(self, sheet: Sheet, clock: Clock, pace: Pace | None = None) -> None:
        self._sheet = sheet
        self._clock = clock
        self._pace = pace or Unpaced()

    def get(
        self,
        url: str,
        *,
        name: str,
        params: Mapping[str, str] | None = None,
        secret: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        accept: Collection[int] = (200,),
    ) -> Raw:
        """Return the answer as it came; raises Unanswered, and InvalidInput for headers: the
        session sends its own.
        """
        if headers:
            raise InvalidInput("the session of yfinance takes no headers", value=len(headers))
        shown = str(httpx2.URL(url, params=dict(params))) if params else url
        self._pace.take(self._sheet.name, self._sheet.limits)
        asked_at = self._clock.now()
        reply = self._reply(url, {**(params or {}), **(secret or {})}, shown)
        if reply.status_code not in accept:
            raise self._refused(reply.status_code, shown)
        body = bytes(reply.content)
        if len(body) > ANSWER_BYTES_MAX:
            raise self._fault(f"gave more than {ANSWER_BYTES_MAX:,} bytes", Cause.BAD, shown)
        digest = hashlib.sha256(body).hexdigest()
        return Raw(self._sheet.name, name, body, asked_at, digest, f"GET {shown}")

    def close(self) -> None:
        """Do nothing: the session is yfinance's, one for the whole process."""

    def _reply(self, url: str, params: dict[str, str], shown: str) -> Any:
        try:
            from yfinance.data import YfData
            from yfinance.exceptions import YFException, YFRateLimitError
        except ImportError as error:
            raise self._fault(
                "needs yfinance, which is not installed",
                Cause.DOWN,
                "yfinance",
                remedy="Install it: pip install 'fondaco[providers]'.",
            ) from error
        # What it would print of its cookies is told by the error, without them.
        logging.getLogger("yfinance").disabled = True
        try:
            return YfData().get(url, params=params, timeout=CALL_SECONDS_MAX)
        except YFRateLimitError:
            raise self._fault("wants to be asked less often", Cause.LIMIT, shown) from None
        except (YFException, OSError) as error:
            # The text of the error may hold the session's crumb: only its kind is shown.
            kind = type(error).__name__
            cause = Cause.TIMEOUT if kind in TIMEOUTS else Cause.DOWN
            says = "did not answer in time" if cause is Cause.TIMEOUT else "cannot be reached"
            raise self._fault(says, cause, f"{shown}: {kind}") from None

    def _refused(self, status: int, shown: str) -> Unanswered:
        value = f"{shown}: HTTP {status}"
        if status in {401, 402, 403}:
            return self._fault("refused the session", Cause.AUTH, value)
        if status in {418, 429}:
            return self._fault("wants to be asked less often", Cause.LIMIT, value)
        cause = Cause.DOWN if status >= 500 else Cause.BAD
        return self._fault("did not give an answer", cause, value)

    def _fault(
        self,
        says: str,
        cause: Cause,
        value: str,
        *,
        remedy: str = "Ask for fewer symbols, or again in some minutes.",
    ) -> Unanswered:
        return Unanswered(
            f"{self._sheet.title} {says}",
            provider=self._sheet.name,
            cause=cause,
            value=value[:300],
            remedy=remedy,
        )
