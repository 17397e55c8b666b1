"""What is learnt later changes nothing that was known before: proved through the store."""

from datetime import timedelta

import numpy as np
import polars as pl
import pytest

from fondaco.core.facts import MemoryFacts
from fondaco.market.fakes import (
    FixedCalendar,
    MemoryInstruments,
    MemoryStore,
    panel_rows,
    simulated_instruments,
    simulated_panel,
)
from fondaco.market.panel import Panel
from fondaco.market.prices import Prices
from fondaco.research.features import FEATURES
from fondaco.research.forecasts import close_time, run_forecaster
from fondaco.research.ideas import strategy_ideas
from fondaco.research.strategies.momentum import momentum
from unit.research.scene import SMALL

PANEL = simulated_panel(21, 300, 6, with_opens=False)
THEN = close_time(PANEL, 279)


def read_then(*revisions: pl.DataFrame) -> Panel:
    """Return what a reader of THEN sees after these rows were added later."""
    store = MemoryStore()
    store.append("bars_1d", panel_rows(PANEL), ingest_id="first")
    for number, rows in enumerate(revisions):
        store.append("bars_1d", rows, ingest_id=f"later-{number}")
    book = MemoryInstruments(simulated_instruments(6))
    return Prices(store, book, FixedCalendar).panel(None, as_of=THEN)


def restated() -> pl.DataFrame:
    """Return every bar with a tripled price, known a day after THEN."""
    rows = panel_rows(PANEL)
    later = pl.max_horizontal("known_at", pl.lit(THEN + timedelta(days=1)))
    return rows.with_columns(close=pl.col("close") * 3.0, known_at=later)


def split_later() -> pl.DataFrame:
    """Return the sessions after THEN anew, with a two for one split in one name."""
    split = simulated_instruments(6)[2].id
    rows = panel_rows(PANEL).filter(pl.col("ts") > THEN)
    first = rows["session"].min()
    factor = pl.when((pl.col("instrument") == split) & (pl.col("session") == first)).then(0.5)
    return rows.with_columns(
        factor=factor.otherwise(1.0), known_at=pl.col("known_at") + timedelta(hours=1)
    )


@pytest.mark.parametrize("later", [restated(), split_later()], ids=["restated", "split"])
def test_what_is_known_later_changes_no_feature_forecast_or_idea(later: pl.DataFrame) -> None:
    before, after = read_then(), read_then(later)
    assert len(after.sessions) == 280
    for feature in FEATURES.values():
        assert np.array_equal(feature(before), feature(after), equal_nan=True)
    assert run_forecaster(before, SMALL) == run_forecaster(after, SMALL)
    ideas = [strategy_ideas(panel, momentum()) for panel in (before, after)]
    assert [(i.instrument, i.weight) for i in ideas[0]] == [
        (i.instrument, i.weight) for i in ideas[1]
    ]


def test_the_probe_can_fail_a_revision_known_in_time_does_change_them() -> None:
    in_time = restated().filter(pl.col("ts") == THEN).with_columns(known_at=pl.lit(THEN))
    first = FEATURES["return_1"](read_then())[-1]
    assert not np.array_equal(first, FEATURES["return_1"](read_then(in_time))[-1])


def test_facts_of_ideas_can_be_kept_and_found_again() -> None:
    facts = MemoryFacts()
    ideas = strategy_ideas(read_then(), momentum())
    for idea in ideas:
        facts.add(idea.facts)
        assert [facts.get(fact.id) for fact in idea.facts] == list(idea.facts)
