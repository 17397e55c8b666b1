"""Every trial ledger: each content counted once, newest first, streams to the last bit."""

from dataclasses import replace
from datetime import UTC, date, datetime
from hashlib import sha256
from typing import Any

import numpy as np
import pytest

from fondaco.core.errors import NotFound
from fondaco.core.instrument import Origin
from fondaco.research.fakes import MemoryTrials
from fondaco.research.trial_ledger import Kind, Trial, TrialStore, Which
from fondaco.research.trials import line_of

TRIAL = Trial(
    content=sha256(b"1").hexdigest(),
    strategy="momentum",
    family="momentum",
    parameters={"lookback": 252, "skip": 21, "weights": [0.1, 1e22]},
    author="ada",
    surface="cli",
    kind=Kind.SWEEP,
    at=datetime(2019, 6, 28, tzinfo=UTC),
    code=sha256(b"code").hexdigest(),
    data_version=3,
    instruments=20,
    label=Origin.BUNDLED,
    since=datetime(2000, 1, 3, tzinfo=UTC),
    until=datetime(2018, 12, 31, tzinfo=UTC),
    costs="5 bp of each traded value",
    costs_dated=date(2019, 1, 2),
    metrics={"sharpe": 0.1 + 0.2, "cagr": -1e-9},
    days=(-1, 10_959, 2**31 - 1),
    returns=(0.1, -5e-324, 1 / 3),
    lineage="J-17",
)


@pytest.fixture(params=["memory", pytest.param("postgres", marks=pytest.mark.services)])
def store(request: pytest.FixtureRequest) -> Any:
    if request.param == "memory":
        return MemoryTrials()
    from fondaco.adapters.stores.postgres.trials import PostgresTrials

    return PostgresTrials(request.getfixturevalue("database"))


def other(name: str, **changes: Any) -> Trial:
    return replace(TRIAL, content=sha256(name.encode()).hexdigest(), **changes)


def test_a_trial_comes_back_to_the_last_bit(store: TrialStore) -> None:
    assert store.add(TRIAL)
    assert store.list() == (TRIAL,)
    assert store.get(TRIAL.content) == TRIAL


def test_a_trial_that_knows_little_comes_back_as_it_was(store: TrialStore) -> None:
    bare = other(
        "bare", label=None, costs_dated=None, days=(), returns=(), metrics={}, kind=Kind.NOTED
    )
    store.add(bare)
    assert store.list() == (bare,)


def test_the_same_content_is_counted_once(store: TrialStore) -> None:
    assert store.add(TRIAL)
    assert not store.add(replace(TRIAL, author="bob"))
    assert store.count() == 1
    assert store.list() == (TRIAL,)


def test_trials_are_counted_and_listed_newest_first(store: TrialStore) -> None:
    made = [other(f"{n}", strategy=name) for n, name in enumerate("aba")]
    for trial in made:
        store.add(trial)
    wanted = [Which(), Which(strategy="a"), Which(strategy="c")]
    assert [store.count(which) for which in wanted] == [3, 2, 0]
    assert store.list(Which(strategy="a")) == (made[2], made[0])
    assert store.list(limit=1) == (made[2],)


@pytest.mark.parametrize(
    ("which", "found"),
    [
        (Which(strategy="b"), [1]),
        (Which(family="g"), [2]),
        (Which(author="bob"), [3]),
        (Which(kind=Kind.TUNE), [4]),
        (Which(data_version=9), [5]),
        (Which(strategy="momentum", author="bob"), [3]),
        (Which(strategy="b", author="bob"), []),
    ],
)
def test_trials_are_found_by_every_field_of_which(
    store: TrialStore, which: Which, found: list[int]
) -> None:
    changes: list[dict[str, Any]] = [
        {}, {"strategy": "b"}, {"family": "g"}, {"author": "bob"}, {"kind": Kind.TUNE},
        {"data_version": 9},
    ]  # fmt: skip
    made = [other(f"{n}", **change) for n, change in enumerate(changes)]
    for trial in made:
        store.add(trial)
    assert store.list(which) == tuple(made[n] for n in found)
    assert store.count(which) == len(found)
    assert [line.content for line in store.lines(which, limit=9)] == [
        made[n].content for n in found
    ]


def test_lines_have_the_streams_of_their_trials_newest_first(store: TrialStore) -> None:
    bare = other("bare", days=(), returns=())
    for trial in (TRIAL, bare):
        store.add(trial)
    newest, first = store.lines(limit=9)
    assert newest == line_of(bare)
    assert newest.stream is None
    assert first.stream is not None
    assert first.stream.days.dtype == np.int32
    assert first.stream.days.tolist() == list(TRIAL.days)
    assert first.stream.returns.tobytes() == np.array(TRIAL.returns).tobytes()
    assert replace(first, stream=None) == replace(line_of(TRIAL), stream=None)
    assert len(store.lines(limit=1)) == 1


def test_a_trial_is_found_by_the_beginning_of_its_content(store: TrialStore) -> None:
    twin = replace(TRIAL, content=TRIAL.content[:12] + "0" * 52)
    for trial in (TRIAL, twin):
        store.add(trial)
    assert store.get(TRIAL.content[:13]) == TRIAL
    for unclear in (TRIAL.content[:12], "f" * 64, "", "%" * 8):
        with pytest.raises(NotFound):
            store.get(unclear)
