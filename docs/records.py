"""Measure every built-in strategy on the bundled prices and write its honest record.

`python docs/records.py` runs each with its defaults from 1995 to 2022 at 5 bps a fill, with the
engine of every backtest, and writes `research/strategies/records.py`. A test measures one again.
"""

from datetime import UTC, date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np

from fondaco.backtest.asked import Asked
from fondaco.backtest.measure import metrics_of
from fondaco.backtest.play import Given, play
from fondaco.backtest.request import Request
from fondaco.core.clock import FixedClock
from fondaco.core.ids import Ids
from fondaco.core.instrument import Origin
from fondaco.core.jobs import Silent
from fondaco.market.fakes import MemoryInstruments, simulated_instruments
from fondaco.market.panel import Panel
from fondaco.research.results import HonestRecord
from fondaco.research.strategies.library import STRATEGIES

SINCE, UNTIL = date(1995, 1, 3), date(2022, 12, 28)
BPS = Decimal(5)
FILE = Path(__file__).parents[1] / "src/fondaco/research/strategies/records.py"


def bundled_panel() -> Panel:
    """Return the 20 shares that skfolio ships, closes only, adjusted."""
    from skfolio.datasets import load_sp500_dataset

    frame: Any = load_sp500_dataset()
    days = frame.index.to_numpy().astype("datetime64[D]")
    keep = days <= np.datetime64(UNTIL)
    return Panel(
        days[keep],
        days[keep].astype("datetime64[us]") + np.timedelta64(21, "h"),
        tuple(share.id for share in simulated_instruments(frame.shape[1])),
        {"close": frame.to_numpy()[keep]},
        Origin.BUNDLED,
        datetime.combine(UNTIL, time(21), UTC),
        1,
    )


def record_of(name: str, panel: Panel) -> HonestRecord:
    """Return what a strategy did with its defaults."""
    clock = FixedClock(panel.as_of)
    count = iter(range(1, 10**9))
    ids = Ids(clock, lambda size: next(count).to_bytes(size, "big"))
    fields = {"close": panel.close, "factor": np.ones_like(panel.close)}
    raw = Panel(
        panel.sessions,
        panel.closes_at,
        panel.instruments,
        fields,
        panel.origin,
        panel.as_of,
        panel.version,
    )
    asked = Asked(capital=Decimal(1_000_000), cost_bps=float(BPS), fee_min=Decimal("1.00"))
    request = Request(name, {}, SINCE, UNTIL, asked.terms(), (), "record")
    book = MemoryInstruments(simulated_instruments(len(panel.instruments)))
    found = metrics_of(play(Given(panel, raw), book, request, ids, Silent()).series)
    return HonestRecord(
        SINCE,
        UNTIL,
        float(BPS),
        round(found.cagr, 4),
        round(found.vol_annual or 0.0, 4),
        round(found.sharpe or 0.0, 2),
        round(found.max_drawdown.depth, 4),
        round(found.turnover_annual, 2),
    )


def main() -> None:
    """Measure all and write the file."""
    panel = bundled_panel()
    text = FILE.read_text().partition("RECORDS: Mapping")[0].rstrip()
    head = text.replace(
        "from collections.abc import Mapping\n\nfrom",
        "from collections.abc import Mapping\nfrom datetime import date\n\nfrom",
    )
    lines = ["", "", "RECORDS: Mapping[str, HonestRecord] = {"]
    for name in STRATEGIES:
        r = record_of(name, panel)
        print(name, r)  # noqa: T201 - a long run shows where it is
        numbers = f"{r.cost_bps}, {r.cagr}, {r.vol_annual}, {r.sharpe}, {r.drawdown_max}"
        lines += [
            f'    "{name}": HonestRecord(',
            f"        {SINCE!r}, {UNTIL!r}, {numbers}, {r.turnover_annual}".replace(
                "datetime.", ""
            ),
            "    ),",
        ]
    lines += [
        "}",
        '"""Records by strategy; `docs/records.py` measured them with the defaults."""',
        "",
    ]
    FILE.write_text(head + "\n".join(lines))


if __name__ == "__main__":
    main()
