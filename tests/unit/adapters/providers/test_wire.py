"""The wire against real sockets: slow, short, endless and lying servers, and what each comes to."""

import gzip
import socket
import threading
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest
import stamina

from fondaco.adapters.providers.wire import RETRY_AFTER_SECONDS_MAX, HttpWire, retry_after
from fondaco.core.clock import FixedClock
from fondaco.core.instrument import Origin
from fondaco.market.errors import Cause, Unanswered
from fondaco.market.sheets import Limit, Sheet

CLOCK = FixedClock(datetime(2026, 11, 27, 21, tzinfo=UTC))
SECRET = "s3cr3t-made-up"
LIMITS = (Limit(5, 60),)
SHEET = Sheet("toy", "Toy", Origin.LIVE, (), LIMITS)
SECONDS_MAX = 0.3
BYTES_MAX = 4_096
HEAD_BYTES_MAX = 65_536

Says = Callable[[socket.socket, threading.Event], None]


@dataclass
class Served:
    """What a local server was asked, and where it listens."""

    url: str
    heads: list[str] = field(default_factory=list)


@contextmanager
def serving(*says: Says) -> Iterator[Served]:
    """A server on this machine that handles its n-th connection by the n-th of `says`."""
    stop = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        served = Served(f"http://127.0.0.1:{listener.getsockname()[1]}/quotes")

        def run() -> None:
            for say in says:
                connection, _ = listener.accept()
                with connection:
                    if stop.is_set():
                        return
                    head = b""
                    while b"\r\n\r\n" not in head and len(head) < HEAD_BYTES_MAX:
                        head += connection.recv(4_096)
                    served.heads.append(head.decode())
                    try:
                        say(connection, stop)
                    except OSError:
                        continue  # the wire hung up first, as it may

        thread = threading.Thread(target=run)
        thread.start()
        try:
            yield served
        finally:
            stop.set()
            while thread.is_alive():
                with socket.socket() as nudge:
                    nudge.connect_ex(listener.getsockname())
                thread.join(0.05)


def sends(*parts: bytes) -> Says:
    """Send these bytes and hang up."""

    def say(connection: socket.socket, _: threading.Event) -> None:
        for part in parts:
            connection.sendall(part)

    return say


def ok(body: bytes, **headers: str) -> Says:
    """Answer 200 with a body and its true length."""
    lines = "".join(f"{name.replace('_', '-')}: {text}\r\n" for name, text in headers.items())
    return sends(f"HTTP/1.1 200 OK\r\n{lines}content-length: {len(body)}\r\n\r\n".encode(), body)


def status(code: int, *headers: str) -> Says:
    """Answer a status without a body."""
    lines = "".join(f"{line}\r\n" for line in headers)
    return sends(f"HTTP/1.1 {code} Said\r\n{lines}content-length: 0\r\n\r\n".encode())


def drips(first: bytes, seconds: float = 0.03) -> Says:
    """Send the beginning, then a byte at a time for as long as anyone listens."""

    def say(connection: socket.socket, stop: threading.Event) -> None:
        connection.sendall(first)
        while not stop.wait(seconds):
            connection.sendall(b" ")

    return say


@dataclass
class CountingPace:
    """A pace that counts what it is asked, and allows so many retries."""

    retries: int = 0
    taken: list[tuple[str, tuple[Limit, ...]]] = field(default_factory=list)
    asked: int = 0
    refuses: Unanswered | None = None

    def take(self, provider: str, limits: tuple[Limit, ...]) -> None:
        """Count one call."""
        self.taken.append((provider, limits))
        if self.refuses is not None:
            raise self.refuses

    def may_retry(self, provider: str) -> bool:
        """Allow as many retries as were given."""
        assert provider == "toy"
        self.asked += 1
        return self.asked <= self.retries


@contextmanager
def wire(pace: CountingPace | None = None) -> Iterator[HttpWire]:
    """The wire with small bounds."""
    opened = HttpWire(SHEET, CLOCK, pace, seconds_max=SECONDS_MAX, bytes_max=BYTES_MAX)
    try:
        yield opened
    finally:
        opened.close()


def failure(*says: Says, pace: CountingPace | None = None) -> Unanswered:
    """Return how an ask of such a server fails."""
    with serving(*says) as served, wire(pace) as opened, pytest.raises(Unanswered) as caught:
        opened.get(served.url, name="AAPL", params={"symbol": "AAPL"}, secret={"token": SECRET})
    assert SECRET not in f"{caught.value} {caught.value!r} {caught.value.value}"
    assert caught.value.provider == "toy"
    return caught.value


def test_an_answer_comes_whole_and_says_what_was_asked_without_the_secret() -> None:
    with serving(ok(b'{"bid": 1}')) as served, wire() as opened:
        raw = opened.get(
            served.url,
            name="AAPL",
            params={"symbol": "AAPL"},
            secret={"token": SECRET},
            headers={"X-Plan": "free"},
        )
    assert (raw.body, raw.name, raw.asked_at) == (b'{"bid": 1}', "AAPL", CLOCK.now())
    assert raw.request == f"GET {served.url}?symbol=AAPL"
    assert served.heads[0].startswith(f"GET /quotes?symbol=AAPL&token={SECRET} HTTP/1.1\r\n")
    assert "x-plan: free" in served.heads[0].lower()


def test_a_gzip_answer_is_unpacked() -> None:
    packed = ok(gzip.compress(b'{"bid": 1}'), content_encoding="gzip")
    with serving(packed) as served, wire() as opened:
        assert opened.get(served.url, name="AAPL").body == b'{"bid": 1}'


def test_a_body_that_drips_longer_than_the_call_may_last_is_a_time_out() -> None:
    error = failure(drips(b"HTTP/1.1 200 OK\r\ncontent-length: 4000\r\n\r\n[1"))
    assert error.cause is Cause.TIMEOUT


def test_a_head_that_drips_longer_than_the_call_may_last_is_a_time_out() -> None:
    assert failure(drips(b"HTTP/1.1 200 OK\r\nx-a: ")).cause is Cause.TIMEOUT


def test_a_server_that_says_nothing_is_a_time_out() -> None:
    silent = drips(b"", seconds=30.0)
    assert failure(silent).cause is Cause.TIMEOUT


def test_a_head_that_stops_half_way_is_a_time_out() -> None:
    assert failure(drips(b"HTTP/1.1 200 OK\r\nx-a: 1", seconds=30.0)).cause is Cause.TIMEOUT


def test_a_head_that_never_ends_is_given_up() -> None:
    endless = sends(b"HTTP/1.1 200 OK\r\n", *[b"x-more: and more\r\n" * 1_000] * 40)
    assert failure(endless).cause is Cause.DOWN


def test_a_connection_that_is_closed_at_once_is_a_source_that_is_down() -> None:
    assert failure(sends()).cause is Cause.DOWN


def test_a_body_shorter_than_it_said_is_no_answer() -> None:
    short = sends(b'HTTP/1.1 200 OK\r\ncontent-length: 400\r\n\r\n{"bid": 1}')
    assert failure(short).cause is Cause.DOWN


def test_a_chunked_body_without_its_end_is_no_answer() -> None:
    cut = sends(b'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\na\r\n{"bid": 1}\r\n')
    assert failure(cut).cause is Cause.DOWN


def test_what_is_no_http_is_a_source_that_is_down() -> None:
    assert failure(sends(b"220 ready for mail\r\n")).cause is Cause.DOWN


def test_nobody_listening_is_a_source_that_is_down() -> None:
    with serving() as served:
        url = served.url
    with wire() as opened, pytest.raises(Unanswered) as caught:
        opened.get(url, name="AAPL", secret={"token": SECRET})
    assert caught.value.cause is Cause.DOWN
    assert SECRET not in str(caught.value)


def test_more_bytes_than_allowed_are_refused() -> None:
    error = failure(ok(b" " * (BYTES_MAX + 1)))
    assert (error.cause, error.reason) == (Cause.BAD, "Toy gave more than 4,096 bytes")


def test_as_many_bytes_as_allowed_are_taken() -> None:
    with serving(ok(b" " * BYTES_MAX)) as served, wire() as opened:
        assert len(opened.get(served.url, name="AAPL").body) == BYTES_MAX


def test_a_gzip_bomb_is_refused_by_its_unpacked_size() -> None:
    bomb = gzip.compress(b"\0" * (50 * 1024 * 1024))
    error = failure(ok(bomb, content_encoding="gzip"))
    assert (error.cause, error.reason) == (Cause.BAD, "Toy gave more than 4,096 bytes")


def test_a_gzip_bomb_takes_little_memory() -> None:
    bomb = gzip.compress(b"\0" * (50 * 1024 * 1024))
    tracemalloc.start()
    try:
        failure(ok(bomb, content_encoding="gzip"))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 16 * 1024 * 1024


def test_a_gzip_answer_without_its_end_is_no_answer() -> None:
    error = failure(ok(gzip.compress(b'{"bid": 1}')[:-4], content_encoding="gzip"))
    assert (error.cause, error.reason) == (Cause.BAD, "Toy cut its answer short")


def test_a_redirect_is_not_followed() -> None:
    moved = status(302, "location: http://127.0.0.1:9/login")
    error = failure(moved)
    assert error.cause is Cause.BAD
    assert error.value is not None
    assert error.value.endswith("HTTP 302")


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("retry-after: 7", 7.0),
        ("retry-after: Fri, 27 Nov 2026 21:01:30 GMT", 90.0),
        ("retry-after: Fri, 27 Nov 2026 20:00:00 GMT", 0.0),
        ("retry-after: 999999999", RETRY_AFTER_SECONDS_MAX),
        ("retry-after: -5", 0.0),
        ("retry-after: nan", None),
        ("retry-after: soon", None),
        ("x-none: 1", None),
    ],
)
def test_a_limit_says_when_to_ask_again(header: str, seconds: float | None) -> None:
    error = failure(status(429, header))
    assert (error.cause, error.retry_after) == (Cause.LIMIT, seconds)


def test_a_time_to_ask_again_without_a_zone_is_in_utc() -> None:
    assert retry_after("Fri, 27 Nov 2026 21:00:10", CLOCK.now()) == 10.0


def test_a_failure_that_may_pass_is_asked_again_when_the_pace_says_so() -> None:
    pace = CountingPace(retries=2)
    answers = (status(503), sends(), ok(b"[1]"))
    with stamina.set_testing(True, attempts=3), serving(*answers) as served, wire(pace) as opened:
        assert opened.get(served.url, name="AAPL").body == b"[1]"
    assert (len(served.heads), pace.taken) == (3, [("toy", LIMITS)] * 3)


def test_a_failure_that_may_pass_is_not_asked_again_without_the_paces_leave() -> None:
    pace = CountingPace(retries=0)
    with stamina.set_testing(True, attempts=3):
        assert failure(status(503), ok(b"[1]"), pace=pace).cause is Cause.DOWN
    assert (len(pace.taken), pace.asked) == (1, 1)


def test_it_gives_up_after_three_attempts() -> None:
    pace = CountingPace(retries=10)
    with stamina.set_testing(True, attempts=3):
        assert failure(*[status(500)] * 4, pace=pace).cause is Cause.DOWN
    assert len(pace.taken) == 3


@pytest.mark.parametrize(
    ("code", "cause"),
    [
        (401, Cause.AUTH),
        (402, Cause.AUTH),
        (403, Cause.AUTH),
        (404, Cause.BAD),
        (418, Cause.LIMIT),
        (429, Cause.LIMIT),
    ],
)
def test_a_refusal_is_asked_once_whatever_the_pace_allows(code: int, cause: Cause) -> None:
    pace = CountingPace(retries=5)
    with stamina.set_testing(True, attempts=3):
        assert failure(status(code), ok(b"[1]"), pace=pace).cause is cause
    assert (len(pace.taken), pace.asked) == (1, 0)


def test_a_pace_that_refuses_is_obeyed_before_anything_is_sent() -> None:
    full = Unanswered("the budget is spent", provider="toy", cause=Cause.LIMIT, retry_after=30.0)
    pace = CountingPace(retries=5, refuses=full)
    with stamina.set_testing(True, attempts=3), serving(ok(b"[1]")) as served, wire(pace) as opened:
        with pytest.raises(Unanswered) as caught:
            opened.get(served.url, name="AAPL")
        assert served.heads == []
    assert (caught.value, len(pace.taken)) == (full, 1)


def test_a_status_that_is_an_answer_is_taken_as_one() -> None:
    missing = sends(b"HTTP/1.1 404 Not Found\r\ncontent-length: 2\r\n\r\n{}")
    with serving(missing) as served, wire() as opened:
        assert opened.get(served.url, name="AAPL", accept=(200, 404)).body == b"{}"
