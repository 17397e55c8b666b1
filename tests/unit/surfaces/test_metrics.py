"""The desk's figures for Prometheus: to whoever has a key, and to nobody else."""

import pytest
from starlette.testclient import TestClient

from fondaco.surfaces.keys import Keys
from fondaco.surfaces.site import build_site
from unit.surfaces import toy

KEYS = Keys.of(person="p" * 40, agent="a" * 40)


@pytest.mark.parametrize("key", ["p" * 40, "a" * 40])
def test_figures_are_told_to_who_has_a_key(key: str) -> None:
    site = build_site(toy.house(), KEYS, metrics=lambda: "fondaco_feed_asks_total 3\n")
    client = TestClient(site, base_url="http://127.0.0.1")
    told = client.get("/metrics", headers={"X-API-Key": key})
    assert (told.status_code, told.text) == (200, "fondaco_feed_asks_total 3\n")
    assert told.headers["content-type"].startswith("text/plain; version=0.0.4")


def test_without_a_key_or_from_a_foreign_host_nothing_is_told() -> None:
    site = build_site(toy.house(), KEYS, metrics=lambda: "x 1\n")
    client = TestClient(site, base_url="http://127.0.0.1")
    assert client.get("/metrics").status_code == 401
    foreign = client.get("/metrics", headers={"X-API-Key": "p" * 40, "Host": "evil.example"})
    assert foreign.status_code in {403, 421}
    bare = TestClient(build_site(toy.house(), KEYS), base_url="http://127.0.0.1")
    assert bare.get("/metrics", headers={"X-API-Key": "p" * 40}).status_code == 404
