"""Compiling ahead tells how far it is."""

from fondaco.backtest.warm import MODULES, warm_kernels
from unit.backtest.desk import Steps


def test_warming_loads_every_kernel_and_tells_each_step() -> None:
    steps = Steps()
    assert warm_kernels(steps) == warm_kernels() == len(MODULES)
    assert [done for _, done, _ in steps.said] == list(range(len(MODULES) + 1))
