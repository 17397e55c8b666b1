"""The look-ahead proof as validations use it: what it tries and refuses; how it is stopped."""

from datetime import datetime

import numpy as np
import pytest

from fondaco.core.errors import InvalidInput, Refused
from fondaco.core.jobs import Cancelled
from fondaco.market.fakes import simulated_panel, simulated_prices
from fondaco.market.panel import Matrix, Panel
from fondaco.research.fakes import PlainStrategy
from fondaco.research.proof import (
    STEP,
    built_in,
    check_weights,
    newest,
    proof_words,
    prove,
    reader_of,
)
from fondaco.research.strategies.library import strategy_named

PANEL = simulated_panel(12, 60, 3, with_opens=False)
READER = reader_of(simulated_prices(PANEL), PANEL)
SYMBOLS = ("A", "B", "C")


class Told:
    """A progress that remembers, and stops after so many reports."""

    def __init__(self, most: int = 10**9) -> None:
        self.said: list[tuple[str, int, int]] = []
        self._most = most

    def report(self, step: str, done: int, total: int) -> None:
        self.said.append((step, done, total))
        if len(self.said) >= self._most:
            raise Cancelled("the job was asked to stop")


def risen(panel: Panel) -> Matrix:
    out = np.zeros(panel.close.shape)
    out[1:] = (panel.close[1:] > panel.close[:-1]) * 0.25
    return out


def rising(panel: Panel) -> Matrix:
    out = np.zeros(panel.close.shape)
    out[:-1] = (panel.close[1:] > panel.close[:-1]) * 0.25
    return out


def test_a_clean_strategy_is_proved_and_told_in_words() -> None:
    proof = prove(PlainStrategy("mine", risen), PANEL, READER, symbols=SYMBOLS, cuts=5)
    assert (proof.truncations, proof.perturbations, proof.values) == (60, 30, 180)
    said = proof_words(proof, PANEL)
    assert said.startswith("no look-ahead found: the future cut off at 60 bars, changed 30 times")
    assert f"180 weights of 3 names, {PANEL.sessions[0]} to {PANEL.sessions[-1]}" in said


def test_a_strategy_that_knows_tomorrow_is_refused_with_name_and_bar() -> None:
    # The first bar after which a name rose is told from the prices themselves.
    moved = PANEL.close[1] > PANEL.close[0]
    first = int(np.argmax(moved))
    assert moved.any()
    with pytest.raises(Refused) as caught:
        prove(PlainStrategy("mine", rising), PANEL, READER, symbols=SYMBOLS, cuts=5)
    told = caught.value.message
    assert f"mine knows the future: the weight of {SYMBOLS[first]} on {PANEL.sessions[0]}" in told
    assert "bar 1 of 60, probe: future cut off" in told


def test_a_built_in_is_proved_with_its_own_parameters() -> None:
    given = {"lookback": 10, "skip": 1, "names_min": 2}
    strategy = strategy_named("momentum", given)
    seen = built_in(strategy)
    assert (seen.name, seen.doc, dict(seen.parameters)) == (
        "momentum",
        strategy.summary,
        dict(strategy.parameters),
    )
    np.testing.assert_array_equal(seen.many([PANEL])[0], strategy.weights(PANEL))
    assert prove(seen, PANEL, READER, symbols=SYMBOLS, cuts=3).truncations == 60


def test_progress_rises_to_its_total_and_can_stop_the_proof() -> None:
    told = Told()
    prove(PlainStrategy("mine", risen), PANEL, READER, symbols=SYMBOLS, cuts=5, progress=told)
    assert {step for step, _, _ in told.said} == {STEP}
    done = [done for _, done, _ in told.said]
    assert done == sorted(done)
    assert done[0] == 0
    assert done[-1] > len(PANEL.sessions)
    assert all(at <= total for _, at, total in told.said)
    with pytest.raises(Cancelled):
        prove(PlainStrategy("m", risen), PANEL, READER, symbols=SYMBOLS, progress=Told(most=7))


def test_weights_that_are_never_known_prove_nothing() -> None:
    nothing = np.full(PANEL.close.shape, np.nan)
    with pytest.raises(InvalidInput, match=r"nothing would be proved.*60 sessions.*Wait\."):
        check_weights("mine", nothing, PANEL, "Wait.")
    check_weights("mine", risen(PANEL), PANEL, "Wait.")


def test_the_newest_rows_are_kept() -> None:
    short = newest(PANEL, 20)
    assert (short.sessions[0], short.sessions[-1]) == (PANEL.sessions[40], PANEL.sessions[-1])
    np.testing.assert_array_equal(short.close, PANEL.close[40:])
    assert len(newest(PANEL, 500).sessions) == 60


def test_the_reader_knows_no_later_bar() -> None:
    moment = PANEL.closes_at[29].astype("datetime64[us]").item()
    early = READER(datetime.fromisoformat(f"{moment.isoformat()}+00:00"))
    assert early.sessions[-1] == PANEL.sessions[29]
    np.testing.assert_array_equal(early.close, PANEL.close[:30])
