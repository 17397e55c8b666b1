"""A whole search on prices without any edge: tuned, validated, asked for paper by a program."""

from datetime import date

import pytest
from scipy.stats import binom

from fondaco.backtest.tuning.asked import tune_inputs
from fondaco.backtest.tuning.ports import MemoryTunings
from fondaco.backtest.tuning.result import TuneResult
from fondaco.backtest.tuning.run import run_tune
from fondaco.backtest.tuning.search import TuneDesk
from fondaco.core.capability import Caller
from fondaco.core.clock import FixedClock
from fondaco.core.errors import Refused
from fondaco.core.instrument import Origin
from fondaco.core.workers import SerialWorkers
from fondaco.research.fakes import MemoryPromotions, MemoryStrategies
from fondaco.research.promotion import Ledgers, promote
from fondaco.research.trial_ledger import PaperRecord, Stage
from unit.backtest.desk import Steps
from unit.backtest.tuning import VARY, asked_for, noise_panel
from unit.backtest.validate_scene import NOW, ValidationDesk, desk_on

PROGRAM = Caller(actor="searcher", surface="mcp", person=False)
FREE = {"cost_bps": 0.0, "fee_min": "0.00", "costs_fitted_at": date(2029, 6, 1)}
SESSIONS, KEPT = 900, 255
LEVEL = 0.05


class NoPaper:
    """Nothing was ever done on paper."""

    def of(self, strategy: str, since: object) -> PaperRecord:
        """Return an empty record."""
        return PaperRecord(0, 0, None, (), None)


def desk_of_noise(seed: int) -> ValidationDesk:
    """Return prices whose every simple return is nothing on average, called bundled."""
    return desk_on(noise_panel(seed, SESSIONS, drift=-(0.015**2) / 2), Origin.BUNDLED)


def searched(desk: ValidationDesk, seed: int, sets: int) -> TuneResult:
    """Tune on the desk's own ledger; the last 255 sessions are kept back."""
    bench = desk.bench
    tuner = TuneDesk(
        prices=desk.prices,
        instruments=desk.book,
        trials=desk.trials,
        tunings=MemoryTunings(),
        strategies=bench.strategies,
        workers=SerialWorkers(),
        clock=FixedClock(NOW),
        transaction=_together,
    )
    how = {"walk": ("expanding", 252, 126), "holdout": KEPT / SESSIONS, "prune": False}
    plain = tune_inputs(asked_for(**FREE), VARY, trials=sets, seed=seed, **how)
    return run_tune(tuner, plain, Steps())


def promoted(seed: int, sets: int) -> bool:
    """Return whether the best of a search in sample is let onto paper."""
    desk = desk_of_noise(seed)
    found = searched(desk, seed, sets)
    assert desk.trials.count() == found.complete
    best = {"names_min": 2, **found.leaderboard[0].varied}
    result = desk.validate(parameters=best, holdout=KEPT / SESSIONS, **FREE)
    assert result.standing.family.raw >= found.complete
    ledgers = Ledgers(
        trials=desk.trials,
        evidence=desk.evidence,
        promotions=MemoryPromotions(),
        papers=NoPaper(),
        strategies=MemoryStrategies({}),
        clock=FixedClock(NOW),
    )
    unmet = [one.name for one in result.conditions if not one.met]
    if not unmet:
        assert promote(ledgers, PROGRAM, result.evidence, Stage.PAPER).override == ""
        return True
    with pytest.raises(Refused) as refusal:
        promote(ledgers, PROGRAM, result.evidence, Stage.PAPER)
    assert all(name in str(refusal.value) for name in unmet)
    return False


def check(seeds: range, sets: int) -> None:
    hits = sum(promoted(seed, sets) for seed in seeds)
    assert hits <= int(binom.ppf(0.999, len(seeds), LEVEL))


def test_the_best_of_a_search_on_noise_is_not_let_onto_paper() -> None:
    check(range(3), 24)


@pytest.mark.slow
@pytest.mark.timeout(3_600)
def test_the_best_of_a_thousand_on_noise_is_let_onto_paper_no_more_often_than_it_may() -> None:
    check(range(20, 32), 1_000)


class _Together:
    def __enter__(self) -> None: ...

    def __exit__(self, *_: object) -> None: ...


def _together() -> _Together:
    return _Together()
