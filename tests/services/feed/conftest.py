"""What the tests of shared pace need: its tables, a Redis of their own, programs beside them."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest


@pytest.fixture
def paced(database: Any) -> Any:
    """A database that has the tables of pace, health, choices and the query log."""
    from fondaco.adapters.pace.tables import metadata

    with database.apart() as connection:
        metadata.create_all(connection)
    return database


@pytest.fixture
def redis_url(tmp_path: Path) -> Iterator[str]:
    """The address of a Redis that only this test uses, on a socket in its folder.

    Fails where `redis-server` is missing, unless FONDACO_TEST_WITHOUT_REDIS is set.
    """
    import redis
    from redis.backoff import ConstantBackoff
    from redis.retry import Retry

    program = shutil.which("redis-server")
    if program is None:
        if os.environ.get("FONDACO_TEST_WITHOUT_REDIS"):
            pytest.skip("FONDACO_TEST_WITHOUT_REDIS is set and there is no redis-server")
        pytest.fail("redis-server is missing: install it, or set FONDACO_TEST_WITHOUT_REDIS=1")
    socket = tmp_path / "redis.sock"
    log = tmp_path / "redis.log"
    server = subprocess.Popen(
        [program, "--port", "0", "--unixsocket", str(socket), "--save", "", "--appendonly", "no",
         "--dir", str(tmp_path), "--logfile", str(log)]
    )  # fmt: skip
    url = f"unix://{socket}"
    patient = Retry(ConstantBackoff(0.02), 500)
    try:
        with redis.Redis.from_url(url, retry=patient) as client:
            assert client.ping(), log.read_text()
        yield url
    finally:
        server.terminate()
        server.wait(10)
