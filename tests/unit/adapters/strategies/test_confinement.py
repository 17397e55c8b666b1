"""What a user's strategy may not do: each attempt ends in a clear error, and nothing has happened.

The attempts are made from inside a strategy's file, against a desk that has something to lose.
"""

import socket
from collections.abc import Callable
from pathlib import Path
from time import monotonic

import pytest

from fondaco.adapters.strategies.confine import missing_layers
from fondaco.adapters.strategies.folder import FolderStrategies
from fondaco.adapters.strategies.process import Limit
from fondaco.core.errors import FondacoError, InvalidInput, Refused
from fondaco.market.fakes import simulated_panel

PANEL = simulated_panel(3, 30, 3)
SMALL = Limit(seconds=1.0, memory=128 << 20)

pytestmark = pytest.mark.skipif(
    bool(missing_layers()), reason=f"this system lacks {', '.join(missing_layers())}"
)

Attempt = Callable[[str], FondacoError]


@pytest.fixture
def attempt(tmp_path: Path) -> Attempt:
    """Runs lines inside `weights`, and returns the error that they end in."""

    def run(lines: str) -> FondacoError:
        body = "\n".join(f"    {line}" for line in lines.splitlines())
        text = f"import os, sys\ndef weights(panel):\n{body}\n    return panel.close\n"
        (tmp_path / "evil.py").write_text(text)
        strategies = FolderStrategies(tmp_path, SMALL)
        with pytest.raises(FondacoError) as caught, strategies.open("evil.py") as opened:
            opened.weights(PANEL)
        return caught.value

    return run


def test_no_connection_is_opened(attempt: Attempt) -> None:
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        server.settimeout(0.0)
        port = server.getsockname()[1]
        error = attempt(f"import socket\nsocket.create_connection(('127.0.0.1', {port}), 1)")
        with pytest.raises(BlockingIOError):
            server.accept()
    assert isinstance(error, InvalidInput)
    assert "evil.py, line 4: PermissionError" in error.message
    assert "no network, files or other processes" in error.message


@pytest.mark.parametrize("family", ["AF_INET", "AF_INET6", "AF_UNIX", "AF_NETLINK"])
def test_no_socket_of_any_kind_is_made(attempt: Attempt, family: str) -> None:
    error = attempt(f"import socket\nsocket.socket(socket.{family}, socket.SOCK_DGRAM)")
    assert "PermissionError" in error.message


def test_no_secret_of_the_environment_is_there(
    attempt: Attempt, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FONDACO_API_KEY", "canary-0123456789")
    monkeypatch.setenv("HOME", "/somewhere")
    error = attempt("raise ValueError(sorted(os.environ.items()))")
    assert "canary" not in error.message
    assert "HOME" not in error.message
    assert "OPENBLAS_NUM_THREADS" in error.message  # the probe does see what is there


def test_the_environment_of_the_desk_is_not_read_through_proc(
    attempt: Attempt, monkeypatch: pytest.MonkeyPatch
) -> None:
    error = attempt("open(f'/proc/{os.getppid()}/environ').read()")
    assert "PermissionError" in error.message
    assert "PermissionError" in attempt("open('/proc/1/environ').read()").message


def test_no_file_of_the_user_is_read(attempt: Attempt, tmp_path: Path) -> None:
    secret = tmp_path / "desk.key"
    secret.write_text("canary")
    error = attempt(f"raise ValueError(open({str(secret)!r}).read())")
    assert "PermissionError" in error.message
    assert "PermissionError" in attempt(f"os.listdir({str(tmp_path)!r})").message
    assert "PermissionError" in attempt("os.listdir('/etc')").message


@pytest.mark.parametrize(
    "deed",
    [
        "open(PLACE + '/new', 'w')",
        "open(PLACE + '/kept', 'a')",
        "open(PLACE + '/kept', 'r+')",
        "os.remove(PLACE + '/kept')",
        "os.rename(PLACE + '/kept', PLACE + '/other')",
        "os.truncate(PLACE + '/kept', 0)",
        "os.mkdir(PLACE + '/folder')",
        "os.symlink('/etc/passwd', PLACE + '/link')",
        "os.chmod(PLACE + '/kept', 0o777)",
        "os.utime(PLACE + '/kept', (0, 0))",
        "open('here', 'w')",
        "import tempfile; tempfile.TemporaryFile()",
    ],
)
def test_nothing_is_written_anywhere(attempt: Attempt, tmp_path: Path, deed: str) -> None:
    place = tmp_path / "place"
    place.mkdir()
    (place / "kept").write_text("kept")
    before = (place / "kept").stat()
    error = attempt(deed.replace("PLACE", repr(str(place))))
    assert any(words in error.message for words in ("PermissionError", "FileNotFoundError"))
    assert [entry.name for entry in place.iterdir()] == ["kept"]
    after = (place / "kept").stat()
    assert (after.st_mtime, after.st_mode) == (before.st_mtime, before.st_mode)
    assert (place / "kept").read_text() == "kept"


@pytest.mark.parametrize(
    "deed",
    [
        "while True: os.fork()",
        "import subprocess; subprocess.run(['/bin/true'])",
        "os.execv('/bin/true', ['true'])",
        "os.posix_spawn('/bin/true', ['true'], {})",
        "import multiprocessing; multiprocessing.Process(target=print).start()",
        "os.kill(os.getppid(), 9)",
        "os.kill(1, 0)",
        "os.setsid()",
        "import resource; resource.setrlimit(resource.RLIMIT_NOFILE, (4096, 4096))",
        "import ctypes; assert ctypes.CDLL(None).ptrace(16, os.getppid(), 0, 0) == 0",
        "import ctypes; assert ctypes.CDLL(None).unshare(0x10000000) == 0",
        "import ctypes; assert ctypes.CDLL(None).syscall(425, 8, None) >= 0",
    ],
)
def test_no_other_process_is_made_or_touched(attempt: Attempt, deed: str) -> None:
    error = attempt(deed)
    assert isinstance(error, InvalidInput)
    told = ("PermissionError", "AssertionError", "not allowed to raise maximum limit")
    assert any(words in error.message for words in told)


def test_an_endless_loop_ends_at_its_time(attempt: Attempt) -> None:
    started = monotonic()
    error = attempt("while True: pass")
    assert monotonic() - started < 10.0
    assert "evil.py: took too long; allowed: 1 seconds a call" in error.message


def test_a_sleep_ends_at_its_time_too(attempt: Attempt) -> None:
    assert "took too long" in attempt("import time\ntime.sleep(3600)").message


def test_a_deaf_loop_ends_at_its_time_too(attempt: Attempt) -> None:
    deaf = "import signal\nfor n in (signal.SIGTERM, signal.SIGXCPU): signal.signal(n, print)"
    assert "took too long" in attempt(f"{deaf}\nwhile True: pass").message


def test_a_memory_bomb_ends_at_its_bound(attempt: Attempt) -> None:
    error = attempt("import numpy as np\nkept = np.ones((1 << 27,))")
    assert "asked for too much memory; allowed: 128 MiB beside its packages" in error.message
    assert "memory" in attempt("kept = []\nwhile True: kept.append(bytearray(1 << 20))").message


def test_a_crash_of_the_interpreter_is_told(attempt: Attempt) -> None:
    error = attempt("import ctypes\nctypes.string_at(0)")
    assert "was ended by the system; value: SIGSEGV" in error.message


def test_leaving_early_is_told(attempt: Attempt) -> None:
    assert "exit code 7" in attempt("os._exit(7)").message
    assert "SystemExit" in attempt("sys.exit(7)").message


def test_answers_on_every_handle_reach_nobody(attempt: Attempt) -> None:
    noise = "for n in range(64):\n    try: os.write(n, b'x' * 100)\n    except OSError: pass"
    assert "ended without an answer" in attempt(noise).message


def test_where_the_system_cannot_shut_it_in_it_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from fondaco.adapters.strategies import child

    (tmp_path / "fine.py").write_text("def weights(panel): return panel.close\n")
    bare = Path(str(child.__file__)).read_text()
    bare = bare.replace("held = outer_layers()", "held = ()")
    root = Path(str(child.__file__)).parents[3]
    bare = bare.replace("str(Path(__file__).parents[3])", repr(str(root)))
    (tmp_path / "bare_child.py").write_text(bare)
    monkeypatch.setattr(child, "__file__", str(tmp_path / "bare_child.py"))
    with pytest.raises(Refused, match="missing: landlock, seccomp") as caught:
        FolderStrategies(tmp_path).open("fine.py").__enter__()
    assert "FONDACO_STRATEGIES_UNCONFINED=true" in caught.value.message
    with FolderStrategies(tmp_path, unconfined=True).open("fine.py") as opened:
        assert opened.weights(PANEL).shape == (30, 3)
