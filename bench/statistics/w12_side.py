"""One side of W12 in a process of its own: fits and scores all splits twice, and says how long.

Started as `python -m bench.statistics.w12_side SIDE --data FOLDER --out FILE`.
"""

import argparse
import resource
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import lightgbm  # loaded before any clock runs, on both sides
import numpy as np
from joblib import Parallel, delayed
from joblib.externals.loky import get_reusable_executor
from scipy.stats import spearmanr

from fondaco.adapters.workers.choose import workers_of
from fondaco.research.validation.combinatorial import CombinatorialPurged
from fondaco.research.validation.scored import score_splits
from fondaco.research.validation.trees import FIXED, Trees

TREES = 50
WORKERS = 2
CUT = CombinatorialPurged(6, 2, horizon=5, embargo=0.01)
CALLS = 2
Scores = np.ndarray
Splits = list[tuple[np.ndarray, np.ndarray]]


def ours(x: np.ndarray, y: np.ndarray, splits: Splits) -> Callable[[], Scores]:
    """Two threads, bins from columns that are sorted once."""
    workers = workers_of(f"threads:{WORKERS}")
    return lambda: score_splits(Trees(TREES), x, y, splits, workers=workers).scores


def rows(x: np.ndarray, y: np.ndarray, splits: Splits) -> Callable[[], Scores]:
    """Two threads that fit the plain way: what sorted columns save, and what threads do."""
    from concurrent.futures import ThreadPoolExecutor

    def run() -> Scores:
        with ThreadPoolExecutor(WORKERS) as pool:
            return np.array(list(pool.map(lambda split: plain(x, y, *split), splits)))

    return run


def joblib(x: np.ndarray, y: np.ndarray, splits: Splits) -> Callable[[], Scores]:
    """Two processes of joblib that fit the plain way; joblib shares the arrays as files."""
    task = delayed(plain)
    return lambda: np.array(Parallel(n_jobs=WORKERS)(task(x, y, *split) for split in splits))


def plain(x: np.ndarray, y: np.ndarray, train: np.ndarray, test: np.ndarray) -> float:
    """Fit and score one split as scikit-learn's users do, with the settings of the other side."""
    settings = {name: value for name, value in FIXED.items() if name != "num_threads"}
    model = lightgbm.LGBMRegressor(n_estimators=TREES, n_jobs=1, **settings)
    told = model.fit(x[train], y[train]).predict(x[test])
    return float(spearmanr(y[test], told)[0])


SIDES: dict[str, Any] = {"fondaco": ours, "threads, plain": rows, "joblib": joblib}


def main() -> None:
    """Run one side and write its scores and times."""
    parser = argparse.ArgumentParser()
    parser.add_argument("side", choices=SIDES)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    words = parser.parse_args()
    with closing(np.load(words.data / "w12.npz")) as kept:
        x, y = kept["x"], kept["y"]
    run = SIDES[words.side](x, y, list(CUT.split(x)))
    began, wall, scores = _cpu(), [], np.zeros(0)
    for _ in range(CALLS):
        ticked = time.perf_counter()
        scores = run()
        wall.append(time.perf_counter() - ticked)
    get_reusable_executor().shutdown(wait=True)  # children count once they have ended
    np.savez(words.out, scores=scores, wall_s=wall, cpu_s=(_cpu() - began) / CALLS)


def _cpu() -> float:
    """Return the CPU seconds of this process and of those that it has ended."""
    used = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(one.ru_utime + one.ru_stime for one in used)


if __name__ == "__main__":
    main()
