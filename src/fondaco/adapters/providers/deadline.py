"""A deadline for a whole exchange: no single read may outlast it, headers included.

The client's own time-outs are for each read: a server that sends a byte now and then would hold
a call for as long as it likes.
"""

import ssl
import threading
import time
from collections.abc import Iterable
from typing import Any

import httpcore2
import httpx2

CONNECTIONS_MAX = 20


class Deadline:
    """When the exchange of this thread must have ended; none until it is set."""

    def __init__(self) -> None:
        self._local = threading.local()

    def set(self, seconds: float) -> float:
        """Begin an exchange that may last so long; return its end on the monotonic clock."""
        ends_at = time.monotonic() + seconds
        self._local.ends_at = ends_at
        return ends_at

    def left(self, timeout: float | None) -> float | None:
        """Return how long a read may wait; raises ReadTimeout when the end has come."""
        ends_at: float | None = getattr(self._local, "ends_at", None)
        if ends_at is None:
            return timeout
        left = ends_at - time.monotonic()
        if left <= 0:
            raise httpcore2.ReadTimeout("the exchange outlasted its deadline")
        return left if timeout is None else min(left, timeout)


class BoundedTransport(httpx2.HTTPTransport):
    """A transport whose reads and writes end at a deadline."""

    def __init__(self, deadline: Deadline) -> None:
        super().__init__()
        self._pool.close()
        self._pool = httpcore2.ConnectionPool(
            ssl_context=httpx2.create_ssl_context(),
            max_connections=CONNECTIONS_MAX,
            network_backend=_Backend(deadline),
        )


class _Backend(httpcore2.SyncBackend):
    def __init__(self, deadline: Deadline) -> None:
        self._deadline = deadline

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore2.NetworkStream:
        timeout = self._deadline.left(timeout)
        stream = super().connect_tcp(host, port, timeout, local_address, socket_options)
        return _Stream(stream, self._deadline)


class _Stream(httpcore2.NetworkStream):
    def __init__(self, stream: httpcore2.NetworkStream, deadline: Deadline) -> None:
        self._stream = stream
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, self._deadline.left(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, self._deadline.left(timeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore2.NetworkStream:
        timeout = self._deadline.left(timeout)
        return _Stream(
            self._stream.start_tls(ssl_context, server_hostname, timeout), self._deadline
        )

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)
