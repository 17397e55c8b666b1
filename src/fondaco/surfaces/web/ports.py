"""What the terminal needs of the app beside the catalogue: read-only views and a few services.

The views stand outside the catalogue because they are page furniture (a chart window, the state
of the top bar), asked for many times a minute and not worth a journal line each.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Protocol

from fondaco.core.ids import Ids
from fondaco.core.view import Chart, Tone
from fondaco.surfaces.desk import Desk as SharedDesk


class Desk(SharedDesk, Protocol):
    """The desk as the terminal needs it: also identifiers for its forms."""

    @property
    def ids(self) -> Ids: ...


@dataclass(frozen=True, slots=True)
class Status:
    """What the top bar says. `market_time` is None until there is a price.

    `replay` says that market time stands still in the past; `stale` why prices are old, empty
    when they are fresh; `change` any text that differs once something on the desk has changed.
    """

    account: str
    mode: str
    label: str
    market_time: datetime | None
    replay: bool = False
    stale: str = ""
    health: Tone = Tone.GOOD
    health_detail: str = "All checks pass."
    change: str = ""


@dataclass(frozen=True, slots=True)
class Listing:
    """An instrument as the symbol search shows it."""

    symbol: str
    name: str = ""
    detail: str = ""


def no_report(backtest: str) -> Path | None:  # noqa: ARG001 - the signature of `Views.report`
    """Return no file: for a desk that writes no reports."""
    return None


@dataclass(frozen=True, slots=True)
class Views:
    """Read-only callables of the app; each may be called from any thread.

    `chart(symbol, indicators)` gives the whole history of a symbol as one chart: a `candle` series
    in pane 0 where bars have opens, else a `line` of closes; volume and indicators in their panes;
    raises NotFound. `indicators` are the names it knows. `report(backtest id)` is the HTML file of
    a finished backtest, or None.
    """

    status: Callable[[], Status]
    listings: Callable[[], tuple[Listing, ...]]
    chart: Callable[[str, tuple[str, ...]], Chart]
    indicators: tuple[str, ...] = ()
    report: Callable[[str], Path | None] = field(default=no_report)
