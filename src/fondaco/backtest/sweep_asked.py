"""What a sweep is asked for, checked set by set before any work."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from fondaco.backtest.grid import Number, grid_of
from fondaco.backtest.request import Request, request_of


def sweep_inputs(request: Request, varied: Mapping[str, Sequence[Number]]) -> dict[str, Any]:
    """Return the plain JSON that a sweep's job keeps.

    Raises InvalidInput or NotFound for a request that cannot be run, a grid that is too large, or
    any set whose parameters the strategy refuses.
    """
    for parameters in grid_of(request.parameters, varied):
        request_of(replace(request, parameters=parameters).plain())
    return {**request.plain(), "vary": {name: list(values) for name, values in varied.items()}}
