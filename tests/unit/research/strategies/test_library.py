"""The library: what every built-in strategy must be, whatever its rule."""

import ast
from importlib import import_module
from inspect import getsource

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fondaco.core.errors import InvalidInput
from fondaco.market.fakes import simulated_panel
from fondaco.market.panel import Panel
from fondaco.research.strategies.library import STRATEGIES, strategy_named
from fondaco.research.strategies.schedule import held
from unit.research.strategies.short import panel_for, short_strategy, with_close

EACH = pytest.mark.parametrize("name", STRATEGIES)
EACH_BOUND = pytest.mark.parametrize(
    ("name", "key"), [(name, key) for name, design in STRATEGIES.items() for key in design.bounds]
)
SHORTING = {"pairs", "long_short_rank"}
"""Those that are short by their nature; trends are when their parameter says so."""


def test_the_library_holds_what_was_promised() -> None:
    assert set(STRATEGIES) == {
        "buy_and_hold",
        "sma_trend",
        "donchian_trend",
        "momentum",
        "dual_momentum",
        "short_term_reversal",
        "low_volatility",
        "volatility_target",
        "risk_parity",
        "pairs",
        "long_short_rank",
        "turn_of_month",
        "lightgbm",
    }


@EACH
def test_each_says_idea_rule_source_and_what_it_ignores(name: str) -> None:
    design = STRATEGIES[name]
    assert design.summary.endswith(".")
    assert len(design.summary) <= 100
    heads = [line.partition(":")[0] for line in design.doc.splitlines()]
    assert [head for head in heads if head in ("Idea", "Rule", "Source", "Ignores")] == [
        "Idea",
        "Rule",
        "Source",
        "Ignores",
    ]
    made = strategy_named(name)
    assert (made.name, made.summary, made.source) == (name, design.summary, design.source)


@EACH_BOUND
def test_a_parameter_past_either_bound_or_not_a_number_is_refused(name: str, key: str) -> None:
    bound = STRATEGIES[name].bounds[key]
    assert bound.low <= bound.default <= bound.high
    step = 1 if isinstance(bound.default, int) else 1e-6
    for value in (bound.low - step, bound.high + step, float("nan"), float("inf")):
        with pytest.raises(InvalidInput, match=f"{name}'s {key} .* is out of range"):
            strategy_named(name, {key: value})


@EACH
def test_an_unknown_parameter_is_refused(name: str) -> None:
    with pytest.raises(InvalidInput, match="no such parameter"):
        strategy_named(name, {"moon": 1})


def _gappy(seed: int, share: float) -> Panel:
    panel = simulated_panel(seed, 130, 4, with_opens=False)
    gone = np.random.default_rng(seed).random(panel.close.shape) < share
    return with_close(panel, np.where(gone, np.nan, panel.close))


@pytest.mark.parametrize("name", [name for name in STRATEGIES if name != "lightgbm"])
@settings(deadline=None, max_examples=25)
@given(st.integers(0, 10_000), st.sampled_from([0.0, 0.01, 0.3]), st.sampled_from([0, 1]))
def test_what_is_held_never_passes_the_account_whatever_the_prices(
    name: str, seed: int, gaps: float, short: int
) -> None:
    shorts = "short" in STRATEGIES[name].bounds
    strategy = short_strategy(name, **({"short": short} if shorts else {}))
    panel = panel_for(name, _gappy(seed, gaps))
    weights = strategy.weights(panel)
    assert weights.shape == panel.close.shape
    assert not np.isinf(weights).any()
    standing = np.nan_to_num(held(weights))
    assert np.abs(standing).sum(axis=1).max() <= 1.0 + 1e-9
    if name not in SHORTING and not (shorts and short):
        assert standing.min() >= 0.0


@EACH
def test_nothing_is_decided_before_the_warm_up_is_over(name: str) -> None:
    strategy = short_strategy(name)
    panel = panel_for(name, simulated_panel(5, 130, 4, with_opens=False))
    decided = np.flatnonzero(~np.isnan(strategy.weights(panel)).all(axis=1))
    assert len(decided) > 0
    assert decided[0] >= strategy.warm_up


@EACH
def test_an_account_that_starts_later_holds_what_one_from_the_start_would(name: str) -> None:
    strategy = short_strategy(name)
    panel = panel_for(name, simulated_panel(5, 130, 4, with_opens=False))
    weights, start = strategy.weights(panel), 100
    later = strategy.weights_from(panel, start)
    if strategy.standing:
        assert np.isnan(later[:start]).all()
        assert np.array_equal(held(later)[start:], held(weights)[start:], equal_nan=True)
    else:  # it waits for its next rebalance, which decides every name
        assert np.array_equal(later, weights, equal_nan=True)
        given = ~np.isnan(weights)
        assert (given.all(axis=1) | ~given.any(axis=1)).all()
        assert given[start:].any()


@EACH
def test_a_panel_that_is_too_short_decides_nothing(name: str) -> None:
    panel = simulated_panel(5, 130, 4, with_opens=False).until(1)
    weights = strategy_named(name).weights(panel)
    assert weights.shape == (1, 4)
    assert name == "buy_and_hold" or np.isnan(weights).all()


def _imported(module: str, seen: set[str]) -> set[str]:
    """Return the research modules that a module rests on, itself too."""
    if module in seen:
        return seen
    seen.add(module)
    for node in ast.walk(ast.parse(getsource(import_module(module)))):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("fondaco.research"):
            within = {f"{node.module}.{alias.name}" for alias in node.names}
            inner = {name for name in within if _is_module(name)}
            for name in inner or {str(node.module)}:
                _imported(name, seen)
    return seen


def _is_module(name: str) -> bool:
    parent, _, last = name.rpartition(".")
    folder = getattr(import_module(parent), "__path__", None)
    if folder is None:
        return False
    from pkgutil import iter_modules

    return parent == "fondaco.research" and last in {m.name for m in iter_modules(folder)}


@EACH
def test_the_hash_covers_every_research_module_that_the_strategy_rests_on(name: str) -> None:
    design = STRATEGIES[name]
    rests_on = _imported(design.build.__module__, set())
    assert rests_on - set(design.modules) == set()
    assert len(design.modules) == len(set(design.modules))
