"""Compiling ahead: so that nobody waits for the venue's kernels without a line that says so."""

from importlib import import_module

from fondaco.core.jobs import Progress, Silent

_STEP = "compile venue kernels"
MODULES = (
    "fondaco.trading.cost_model.kernel",
    "fondaco.trading.cost_model.impact",
    "fondaco.trading.simulator.money",
    "fondaco.trading.simulator.prices",
    "fondaco.trading.simulator.actions",
    "fondaco.trading.simulator.concession",
    "fondaco.trading.simulator.working",
    "fondaco.trading.simulator.targets",
    "fondaco.trading.simulator.step",
    "fondaco.trading.simulator.run",
    "fondaco.backtest.crossing",
)
"""The modules whose kernels compile when they are imported, in the order they build on."""


def warm_kernels(progress: Progress | None = None) -> int:
    """Compile the venue's kernels, or load them; return how many modules.

    The first time takes seconds, later ones come from numba's cache.
    """
    say = progress or Silent()
    for done, module in enumerate(MODULES):
        say.report(_STEP, done, len(MODULES))
        import_module(module)
    say.report(_STEP, len(MODULES), len(MODULES))
    return len(MODULES)
