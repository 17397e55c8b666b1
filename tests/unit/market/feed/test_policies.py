"""Cache policies: each against a plain model, none ever beyond its bytes."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fondaco.core.errors import InvalidInput
from fondaco.market.feed.hybrid import POLICIES, Hybrid, Sketch, policy_named
from fondaco.market.feed.policy import Lfu, Lru, Policy

KEYS = [f"k{n}" for n in range(12)]
steps = st.lists(
    st.tuples(st.sampled_from(["get", "put", "drop"]), st.sampled_from(KEYS), st.integers(1, 60)),
    max_size=120,
)


class PlainLru:
    """LRU as a list, oldest first."""

    def __init__(self, room: int) -> None:
        self.room, self.line, self.size = room, list[str](), dict[str, int]()

    def get(self, key: str) -> bool:
        if key not in self.size:
            return False
        self.line.remove(key)
        self.line.append(key)
        return True

    def put(self, key: str, size: int) -> None:
        self.drop(key)
        if size <= self.room:
            self.line.append(key)
            self.size[key] = size
            while sum(self.size.values()) > self.room:
                del self.size[self.line.pop(0)]

    def drop(self, key: str) -> None:
        if self.size.pop(key, None) is not None:
            self.line.remove(key)


class PlainLfu:
    """LFU as a list of [uses, when counted, key], searched through."""

    def __init__(self, room: int) -> None:
        self.room, self.size, self.uses, self.tick = room, dict[str, int](), dict[str, Any](), 0

    def _count(self, key: str, uses: int) -> None:
        self.tick += 1
        self.uses[key] = (uses, self.tick)

    def get(self, key: str) -> bool:
        if key not in self.size:
            return False
        self._count(key, self.uses[key][0] + 1)
        return True

    def put(self, key: str, size: int) -> None:
        uses = self.uses[key][0] if key in self.size else 0
        self.drop(key)
        if size > self.room:
            return
        while sum(self.size.values()) + size > self.room:
            self.drop(min(self.size, key=lambda k: self.uses[k]))
        self.size[key] = size
        self._count(key, uses + 1)

    def drop(self, key: str) -> None:
        self.size.pop(key, None)
        self.uses.pop(key, None)


@settings(max_examples=200)
@given(steps, st.sampled_from([(Lru, PlainLru), (Lfu, PlainLfu)]))
def test_lru_and_lfu_hold_what_a_plain_model_holds(steps: Any, pair: Any) -> None:
    policy, model = pair[0](100), pair[1](100)
    for what, key, size in steps:
        if what == "get":
            assert (policy.get(key) is not None) == model.get(key)
        elif what == "put":
            policy.put(key, size, size)
            model.put(key, size)
        else:
            policy.drop(key)
            model.drop(key)
        assert sorted(policy.keys()) == sorted(model.size)
        assert policy.bytes_held == sum(model.size.values())


@settings(max_examples=200)
@given(steps, st.sampled_from(["lru", "lfu", "hybrid", "none"]), st.integers(1, 200))
def test_no_policy_ever_holds_more_than_its_bytes_or_loses_one(
    steps: Any, name: str, room: int
) -> None:
    policy: Policy[int] = policy_named(name, room)
    there: dict[str, int] = {}
    for what, key, size in steps:
        if what == "get":
            assert policy.get(key) == there.get(key)
        elif what == "drop":
            dropped = policy.drop(key)
            assert (dropped.value if dropped else None) == there.pop(key, None)
        else:
            there[key] = size
            for gone, slot in policy.put(key, size, size):
                assert there.pop(gone) == slot.value
        assert policy.bytes_held == sum(there.values()) <= max(room, policy.bytes_max)
        assert sorted(policy.keys()) == sorted(there)
        assert {k: policy.peek(k) for k in there} == there


def test_a_scan_of_keys_asked_once_pushes_out_lru_but_not_the_hybrid() -> None:
    kept = {}
    for name in ("lru", "hybrid"):
        policy: Policy[int] = policy_named(name, 100)
        for _ in range(5):
            for n in range(50):
                if policy.get(f"hot{n}") is None:
                    policy.put(f"hot{n}", n, 1)
        for n in range(1_000):
            if policy.get(f"scan{n}") is None:
                policy.put(f"scan{n}", n, 1)
        kept[name] = sum(policy.peek(f"hot{n}") is not None for n in range(50))
    assert kept == {"lru": 0, "hybrid": 50}


def test_what_was_asked_again_is_protected() -> None:
    hybrid: Hybrid[int] = Hybrid(1_000)
    for n in range(200):
        hybrid.put(f"k{n}", n, 1)
    hybrid.get("k3")
    assert hybrid.protected() == ("k3",)


def test_old_fame_fades_so_that_new_favourites_get_in() -> None:
    hybrid: Hybrid[int] = Hybrid(20, Sketch(width=64))
    for load in ("old", "new"):
        for _ in range(200):
            for n in range(15):
                if hybrid.get(f"{load}{n}") is None:
                    hybrid.put(f"{load}{n}", n, 1)
    assert sum(hybrid.peek(f"new{n}") is not None for n in range(15)) >= 14


@given(st.lists(st.sampled_from(KEYS), max_size=300))
def test_a_sketch_never_counts_too_few(asked: list[str]) -> None:
    sketch = Sketch(width=512)
    for key in asked:
        sketch.add(key)
    assert all(sketch.estimate(key) >= min(asked.count(key), 255) for key in KEYS)


def test_on_a_zipf_load_the_hybrid_finds_more_than_lru() -> None:
    rng = np.random.default_rng(7)
    asked = [f"k{n}" for n in rng.zipf(1.1, 30_000) % 5_000]
    found = {}
    for name in ("lru", "hybrid"):
        policy: Policy[int] = policy_named(name, 100)
        hits = 0
        for key in asked:
            if policy.get(key) is None:
                policy.put(key, 1, 1)
            else:
                hits += 1
        found[name] = hits / len(asked)
    assert found["hybrid"] > found["lru"] + 0.02


def test_a_policy_that_does_not_exist_is_refused_with_those_that_do() -> None:
    with pytest.raises(InvalidInput, match=", ".join(POLICIES)):
        policy_named("mru", 10)
    with pytest.raises(InvalidInput):
        Lru(0)
