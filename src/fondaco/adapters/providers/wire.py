"""The wire: how every provider is asked over HTTP, and what each failure means.

A reply is either the whole body of an answer or `Unanswered` with its cause; nothing in between.
Secrets travel in headers or in parameters that are never shown.
"""

import hashlib
import time
import zlib
from collections.abc import Collection, Iterator, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Protocol
from urllib.request import getproxies

import httpx2
import stamina

from fondaco.adapters.providers.deadline import BoundedTransport, Deadline
from fondaco.core.clock import Clock
from fondaco.core.limits import CALL_SECONDS_MAX
from fondaco.market.errors import Cause, Unanswered
from fondaco.market.ports import Raw
from fondaco.market.sheets import Limit, Sheet

ANSWER_BYTES_MAX = 256 * 1024 * 1024
ATTEMPTS_MAX = 3
RETRY_AFTER_SECONDS_MAX = 86_400.0
PROXIES = ("http", "https", "all")
AGENT = "fondaco/0.1 (+https://pypi.org/project/fondaco)"


class Pace(Protocol):
    """Says when a provider may be asked; shared by all processes of a desk."""

    def take(self, provider: str, limits: tuple[Limit, ...]) -> None:
        """Count one call; raises Unanswered (LIMIT, with retry_after) when it would be too many."""
        ...

    def may_retry(self, provider: str) -> bool:
        """Return whether the retry budget allows to ask again at once, and count the retry."""
        ...


class Unpaced:
    """Lets every call through and retries none: for tests and files."""

    def take(self, provider: str, limits: tuple[Limit, ...]) -> None:
        """Let it through."""

    def may_retry(self, provider: str) -> bool:  # noqa: ARG002 - the signature of the port
        """Return False."""
        return False


class Wire(Protocol):
    """Gets one answer of a provider."""

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
        """Return the answer as it came; raises Unanswered.

        `secret` parameters are sent like `params` and shown nowhere. `accept` names the statuses
        whose body is an answer.
        """
        ...


class HttpWire:
    """The wire over httpx2: bounded in bytes and in time, paced, without redirects."""

    def __init__(
        self,
        sheet: Sheet,
        clock: Clock,
        pace: Pace | None = None,
        *,
        transport: httpx2.BaseTransport | None = None,
        seconds_max: float = CALL_SECONDS_MAX,
        bytes_max: int = ANSWER_BYTES_MAX,
    ) -> None:
        self._sheet = sheet
        self._clock = clock
        self._pace = pace or Unpaced()
        self._seconds_max = seconds_max
        self._bytes_max = bytes_max
        self._deadline = Deadline()
        behind_proxy = any(name in PROXIES for name in getproxies())
        if transport is None and not behind_proxy:
            transport = BoundedTransport(self._deadline)
        self._client = httpx2.Client(
            transport=transport,  # None: the client finds the proxy of the environment itself
            timeout=seconds_max,
            follow_redirects=False,
            headers={"User-Agent": AGENT, "Accept-Encoding": "gzip"},
        )

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
        """Return the answer as it came; raises Unanswered."""
        shown = str(httpx2.URL(url, params=dict(params or {})) if params else url)
        full = {**(params or {}), **(secret or {})}
        request = self._client.build_request("GET", url, params=full or None, headers=headers)
        for attempt in stamina.retry_context(on=self._again, attempts=ATTEMPTS_MAX, timeout=None):
            with attempt:
                self._pace.take(self._sheet.name, self._sheet.limits)
                asked_at = self._clock.now()
                body = self._body(request, shown, accept)
        digest = hashlib.sha256(body).hexdigest()
        return Raw(self._sheet.name, name, body, asked_at, digest, f"GET {shown}")

    def close(self) -> None:
        """Give the connections back."""
        self._client.close()

    def _again(self, error: Exception) -> bool:
        """Ask again at once only after a failure that may pass, and within the retry budget."""
        passing = isinstance(error, Unanswered) and error.cause in {Cause.TIMEOUT, Cause.DOWN}
        return passing and self._pace.may_retry(self._sheet.name)

    def _body(self, request: httpx2.Request, shown: str, accept: Collection[int]) -> bytes:
        ends_at = self._deadline.set(self._seconds_max)
        try:
            reply = self._client.send(request, stream=True)
            try:
                if reply.status_code not in accept:
                    raise self._refused(reply, shown)
                return self._read(reply, shown, ends_at)
            finally:
                reply.close()
        except httpx2.TimeoutException as error:
            raise self._fault("did not answer in time", Cause.TIMEOUT, shown) from error
        except httpx2.HTTPError as error:
            raise self._fault(
                "cannot be reached", Cause.DOWN, f"{shown}: {type(error).__name__}"
            ) from error

    def _read(self, reply: httpx2.Response, shown: str, ends_at: float) -> bytes:
        packed = reply.headers.get("content-encoding", "identity").strip().lower()
        if packed not in {"identity", "", "gzip"}:
            raise self._fault(f"packed its answer as {packed[:20]}", Cause.BAD, shown)
        body = bytearray()
        chunks = _unzipped(reply.iter_raw()) if packed == "gzip" else reply.iter_raw()
        try:
            for chunk in chunks:
                body += chunk
                if len(body) > self._bytes_max:
                    raise self._fault(f"gave more than {self._bytes_max:,} bytes", Cause.BAD, shown)
                if time.monotonic() > ends_at:
                    raise self._fault("did not end its answer in time", Cause.TIMEOUT, shown)
        except (zlib.error, EOFError) as error:
            raise self._fault("cut its answer short", Cause.BAD, shown) from error
        return bytes(body)

    def _refused(self, reply: httpx2.Response, shown: str) -> Unanswered:
        status = reply.status_code
        value = f"{shown}: HTTP {status}"
        if status in {401, 402, 403}:
            return self._fault(
                "refused the key or the session",
                Cause.AUTH,
                value,
                remedy=f"`fondaco providers setup {self._sheet.name}` tests the key.",
            )
        if status in {418, 429}:
            after = retry_after(reply.headers.get("retry-after"), self._clock.now())
            return self._fault("wants to be asked less often", Cause.LIMIT, value, after=after)
        cause = Cause.DOWN if status >= 500 else Cause.BAD
        after = retry_after(reply.headers.get("retry-after"), self._clock.now())
        return self._fault("did not give an answer", cause, value, after=after)

    def _fault(
        self,
        says: str,
        cause: Cause,
        value: str,
        *,
        after: float | None = None,
        remedy: str = "`fondaco providers status` shows its health.",
    ) -> Unanswered:
        return Unanswered(
            f"{self._sheet.title} {says}",
            provider=self._sheet.name,
            cause=cause,
            retry_after=after,
            value=value[:300],
            remedy=remedy,
        )


def retry_after(text: str | None, now: datetime) -> float | None:
    """Return the seconds that a Retry-After header asks for, as number or date; None for none.

    At most `RETRY_AFTER_SECONDS_MAX`; what cannot be read counts as none.
    """
    if text is None:
        return None
    try:
        seconds = float(text)
    except ValueError:
        try:
            when = parsedate_to_datetime(text)
        except ValueError:
            return None
        seconds = (when.replace(tzinfo=when.tzinfo or UTC) - now).total_seconds()
    return min(max(seconds, 0.0), RETRY_AFTER_SECONDS_MAX) if seconds == seconds else None


def _unzipped(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """Unpack gzip; raises EOFError when it ends before its end, zlib.error when it is none."""
    packed = zlib.decompressobj(wbits=31)
    for chunk in chunks:
        while chunk:
            yield packed.decompress(chunk, 1 << 20)
            chunk = packed.unconsumed_tail
    yield packed.flush()
    if not packed.eof:
        raise EOFError
