"""Compiling ahead: so that nobody waits for a kernel without a line that says so."""

from typing import Any

from fondaco.core.jobs import Progress, Silent

_STEP = "compile research kernels"
_MODULE = "fondaco.research.kernels"
KERNELS = ("change", "log_change", "mean", "deviation", "wilder_rsi", "cross_rank")


def warm_kernels(progress: Progress | None = None) -> int:
    """Compile every research kernel, or load it from numba's cache; return how many are ready.

    The first time takes seconds, later ones about a second. The cache lies beside the source, or
    in the user's cache folder where the package cannot be written to.
    """
    say = progress or Silent()
    say.report(_STEP, 0, len(KERNELS))
    from numba.core import event

    with event.install_listener("numba:compile", _watch(say)):
        _run_each()
    say.report(_STEP, len(KERNELS), len(KERNELS))
    return len(KERNELS)


def _watch(say: Progress) -> Any:
    """Return a listener that reports each research kernel as numba finishes it."""
    from numba.core import event

    class Watch(event.Listener):
        def on_start(self, event: Any) -> None:
            """Do nothing: what counts is what is finished."""

        def on_end(self, event: Any) -> None:
            function = event.data["dispatcher"].py_func
            if function.__module__ == _MODULE:
                say.report(_STEP, KERNELS.index(function.__name__) + 1, len(KERNELS))

    return Watch()


def _run_each() -> None:
    """Import the kernels, which compiles them, and call each once on a tiny array."""
    import numpy as np

    from fondaco.research import kernels

    close = np.array([[1.0, 2.0], [2.0, 1.0], [3.0, 3.0]])
    inputs: dict[str, tuple[int, ...]] = {
        "change": (1, 0),
        "mean": (2,),
        "deviation": (2, 1),
        "wilder_rsi": (2,),
    }
    for name in KERNELS:
        getattr(kernels, name)(close, *inputs.get(name, ()))
