"""Health, choices and the query log in PostgreSQL, and the cache in Redis."""

import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from fondaco.adapters.caches.redis import RedisCache
from fondaco.adapters.pace.logs import BATCH_MAX, WAITING_MAX, PostgresChoices, PostgresQueryLog
from fondaco.adapters.pace.postgres import PostgresHealthStore
from fondaco.adapters.stores.postgres.database import Database
from fondaco.core.errors import Unavailable
from fondaco.market.errors import Cause
from fondaco.market.feed import breaker
from fondaco.market.feed.breaker import Gate, Health, Pass
from fondaco.market.feed.ports import Asked
from fondaco.market.feed.values import Choice, Reading, Tier
from fondaco.market.sheets import Market

pytestmark = pytest.mark.services

NOW = datetime(2024, 7, 1, 15, tzinfo=UTC)


def test_health_is_shared_and_only_one_process_gets_to_probe(paced: Database) -> None:
    ours, theirs = PostgresHealthStore(paced.apart), PostgresHealthStore(paced.apart)
    assert ours.get("p") == Health()
    for _ in range(5):
        ours.change("p", lambda h: breaker.failed(h, Pass(), NOW, Cause.DOWN, "down"))
    assert breaker.gate(theirs.get("p"), NOW) is Gate.OPEN
    later, leaves = NOW + breaker.REST, list[Pass | None]()

    def probe() -> None:
        def step(health: Health) -> Health:
            after, leave = breaker.admit(health, later)
            leaves.append(leave)
            return after

        theirs.change("p", step)

    threads = [threading.Thread(target=probe) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len([leave for leave in leaves if leave is not None]) == 1


def test_failures_of_many_threads_are_all_counted(paced: Database) -> None:
    store = PostgresHealthStore(paced.apart)

    def fail() -> None:
        for _ in range(10):
            store.change("p", lambda h: breaker.failed(h, Pass(), NOW, Cause.EMPTY, "none"))

    threads = [threading.Thread(target=fail) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert store.get("p").failed == 80


def choice(value: float, symbol: str = "AAA") -> Choice:
    readings = (Reading("live:a", value), Reading("live:b", 2 * value))
    return Choice("quotes", Market.US, symbol, NOW, "live:a", value, True, 0.5, "tie", readings)


def test_the_newest_choice_of_a_symbol_is_found_and_all_are_kept(paced: Database) -> None:
    choices = PostgresChoices(paced.apart)
    for value in (1.0, 2.0):
        choices.keep(choice(value))
    choices.keep(choice(9.0, "BBB"))
    assert choices.latest("quotes", Market.US, "AAA") == choice(2.0)
    assert choices.latest("quotes", Market.INDIA, "AAA") is None
    with paced.apart() as connection:
        from sqlalchemy import text

        assert connection.scalar(text("SELECT count(*) FROM feed_choices")) == 3


def line(n: int, seconds: float = 0.0) -> Asked:
    tier = Tier.MEMORY if n % 2 else None
    return Asked(NOW + timedelta(seconds=seconds), "quotes", Market.US, f"S{n}", tier, 0.25, "r")


def test_the_query_log_gives_back_the_newest_lines_oldest_first(paced: Database) -> None:
    log = PostgresQueryLog(paced.apart)
    lines = [line(n, n) for n in range(700)]
    for one in lines:
        log.add([one])
    assert log.read(NOW, 10_000) == tuple(lines)
    assert log.read(NOW, 3) == tuple(lines[-3:])
    assert log.read(NOW + timedelta(seconds=690), 100) == tuple(lines[690:])
    assert log.prune(NOW + timedelta(days=90, seconds=100)) == 100


def test_lines_wait_for_company_and_are_written_at_the_close(paced: Database) -> None:
    log, other = PostgresQueryLog(paced.apart), PostgresQueryLog(paced.apart)
    log.add([line(n) for n in range(BATCH_MAX - 1)])
    assert other.read(NOW, 1_000) == ()
    log.close()
    assert len(other.read(NOW, 1_000)) == BATCH_MAX - 1


def test_a_log_whose_database_is_down_fails_no_ask_and_drops_the_oldest(tmp_path: Path) -> None:
    database = Database(f"postgresql://fondaco@/none?host={tmp_path}")
    log = PostgresQueryLog(database.apart)
    log.add([line(n) for n in range(WAITING_MAX + 5)])
    assert log.dropped == 5
    with pytest.raises(Unavailable):
        log.flush()
    database.close()


def test_lines_that_could_not_be_written_are_written_when_the_database_is_back(
    paced: Database, tmp_path: Path
) -> None:
    down = Database(f"postgresql://fondaco@/none?host={tmp_path}")
    where = [down.apart]
    log = PostgresQueryLog(lambda: where[0]())
    lines = tuple(line(n, n / 1000) for n in range(BATCH_MAX + 40))
    log.add(lines)
    with pytest.raises(Unavailable):
        log.flush()
    where[0] = paced.apart
    assert log.read(NOW, 1_000) == lines
    down.close()


def test_bytes_are_found_by_another_process_until_their_time_is_over(redis_url: str) -> None:
    ours, theirs = RedisCache(redis_url), RedisCache(redis_url)
    ours.put("k", b"\x00rows", 60)
    assert theirs.get("k") == b"\x00rows"
    assert theirs.get("other") is None
    ours.put("k", b"new", 60)
    ours.put("short", b"x", 0.0)
    ours.put("large", bytes(17 * 1024 * 1024), 60)
    assert [theirs.get(key) for key in ("k", "short", "large")] == [b"new", None, None]
    import redis

    with redis.Redis.from_url(redis_url) as client:
        assert 59_000 < client.pttl("fondaco:cache:k") <= 60_000
    ours.close()
    theirs.close()


def test_a_cache_that_is_down_is_left_alone_for_some_seconds(tmp_path: Path) -> None:
    now = [0.0]
    cache = RedisCache(f"unix://user:geheim@{tmp_path}/none.sock", lambda: now[0])
    with pytest.raises(Unavailable, match="does not answer") as told:
        cache.get("k")
    assert "geheim" not in told.value.message
    with pytest.raises(Unavailable, match="left alone"):
        cache.put("k", b"", 1)
    now[0] = 6.0
    with pytest.raises(Unavailable, match="does not answer"):
        cache.get("k")


def test_a_feed_on_shared_stores_takes_one_fetch_for_two_processes(
    paced: Database, redis_url: str
) -> None:
    from unit.market.feed.toy import Toy, quote, want

    toy = Toy({"first": {"AAA": quote(1.0)}})
    toy.shared = RedisCache(redis_url)
    toy.health = PostgresHealthStore(paced.apart)  # type: ignore[assignment]
    toy.choices = PostgresChoices(paced.apart)  # type: ignore[assignment]
    toy.queries = PostgresQueryLog(paced.apart)  # type: ignore[assignment]
    tiers: list[Any] = [toy.over(toy.intake).ask(want("AAA")).freshness.tiers[0] for _ in range(2)]
    assert tiers == [Tier.PROVIDER, Tier.SHARED]
    assert len(toy.asked) == 1
    assert toy.health.get("first").answered == 1
