"""Compiling ahead: so that nobody waits for a kernel without a line that says so."""

from typing import Any

from fondaco.core.jobs import Progress, Silent

_STEP = "compile research kernels"
KERNELS = {
    "fondaco.research.kernels": (
        "change",
        "log_change",
        "mean",
        "deviation",
        "wilder_rsi",
        "cross_rank",
        "highest_before",
        "channel_sides",
        "spread_positions",
        "risk_descent",
    ),
    "fondaco.research.crossing": ("sma_side", "sma_step", "sma_sides_column", "sma_sides"),
    "fondaco.research.statistics.kernels": ("laid", "curves"),
    "fondaco.research.validation.rising": ("learnt",),
}
"""Every compiled loop by its module, in the order that they compile in."""
NAMES = tuple(name for names in KERNELS.values() for name in names)


def warm_kernels(progress: Progress | None = None) -> int:
    """Compile every research kernel, or load it from numba's cache; return how many are ready.

    The first time takes seconds, later ones about a second. The cache lies beside the source, or
    in the user's cache folder where the package cannot be written to.
    """
    say = progress or Silent()
    say.report(_STEP, 0, len(NAMES))
    from numba.core import event

    with event.install_listener("numba:compile", _watch(say)):
        _run_each()
    say.report(_STEP, len(NAMES), len(NAMES))
    return len(NAMES)


def _watch(say: Progress) -> Any:
    """Return a listener that reports each research kernel as numba finishes it."""
    from numba.core import event

    class Watch(event.Listener):
        def on_start(self, event: Any) -> None:
            """Do nothing: what counts is what is finished."""

        def on_end(self, event: Any) -> None:
            function = event.data["dispatcher"].py_func
            if function.__module__ in KERNELS:
                say.report(_STEP, NAMES.index(function.__name__) + 1, len(NAMES))

    return Watch()


def _run_each() -> None:
    """Import the kernels, which compiles them, and call each once on a tiny array."""
    from importlib import import_module

    for module, names in KERNELS.items():
        loops = import_module(module)
        for name in names:
            getattr(loops, name)(*_tiny(name))


def _tiny(name: str) -> tuple[Any, ...]:
    """Return the smallest inputs that a kernel runs on."""
    import numpy as np

    close = np.array([[1.0, 2.0], [2.0, 1.0], [3.0, 3.0]])
    counts = close.astype(np.int64)
    places = np.zeros((2, 3), dtype=np.int32)
    inputs: dict[str, tuple[Any, ...]] = {
        "change": (close, 1, 0),
        "mean": (close, 2),
        "deviation": (close, 2, 1),
        "wilder_rsi": (close, 2),
        "highest_before": (close, 2),
        "channel_sides": (close, close, close, close, close, False),
        "spread_positions": (close, 2.0, 0.5, 4.0),
        "risk_descent": (np.eye(2), 1e-8, 10),
        "sma_side": (1, 2, 1, 2),
        "sma_step": (np.zeros(2, dtype=np.int64), np.zeros(4, dtype=np.int64), 1, 1),
        "sma_sides_column": (counts[:, 0].copy(), 1, 2),
        "sma_sides": (counts, 1, 2),
        "laid": (np.zeros(1, dtype=np.int64), np.zeros(1, dtype=np.int64), 1, 1),
        "learnt": (places, close.T.copy(), places[0], places.copy(), close.T.copy()),
    }
    return inputs.get(name, (close,))
