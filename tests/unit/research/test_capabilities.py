"""What the outside sees of research: features with facts, forecasts with a record."""

import subprocess
import sys
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest

from fondaco.core.capability import Capability
from fondaco.core.clock import FixedClock
from fondaco.core.errors import NotFound
from fondaco.core.facts import MemoryFacts
from fondaco.core.instrument import AssetClass
from fondaco.core.text import plain
from fondaco.market.fakes import (
    FixedCalendar,
    MemoryInstruments,
    MemoryStore,
    panel_rows,
    simulated_instruments,
    simulated_panel,
    simulated_prices,
)
from fondaco.market.prices import Prices
from fondaco.research.capabilities import (
    list_strategies,
    show_features,
    show_forecasts,
)
from fondaco.research.fakes import MemoryForecasts
from fondaco.research.features import FEATURES
from fondaco.research.forecasts import close_time, keep_forecasts, run_forecaster
from fondaco.research.results import HonestRecord
from fondaco.research.strategies import records
from fondaco.research.strategies.library import STRATEGIES
from fondaco.research.strategies.records import RECORDS
from unit.research.scene import SMALL

PANEL = simulated_panel(12, 300, 6, with_opens=False)
NOW = close_time(PANEL, 299) + timedelta(hours=1)


def desk() -> SimpleNamespace:
    return SimpleNamespace(
        prices=simulated_prices(PANEL),
        clock=FixedClock(NOW),
        facts=MemoryFacts(),
        instruments=MemoryInstruments(simulated_instruments(6)),
        forecasts=MemoryForecasts(),
    )


def ask(function: Any, app: SimpleNamespace, **given: Any) -> Any:
    """Call a capability as the door does: needs by name, the result through JSON and drawn."""
    cap: Capability = function.__capability__
    inputs = cap.inputs.model_validate(given)
    named = {name: getattr(inputs, name) for name in cap.inputs.model_fields}
    result = function(*(getattr(app, need) for need in cap.needs), **named)
    again = cap.output.validate_python(cap.output.dump_python(result, mode="json"))
    assert again == result
    return result, plain(cap.view(again))


def test_features_of_a_symbol_are_the_panel_s_with_facts_that_open() -> None:
    app = desk()
    sheet, drawn = ask(show_features, app, symbol="SIM03")
    assert (sheet.symbol, sheet.session, sheet.as_of) == (
        "SIM03",
        PANEL.sessions[-1].item(),
        close_time(PANEL, 299),
    )
    assert [row.name for row in sheet.rows] == list(FEATURES)
    row = sheet.rows[0]
    assert row.value == Decimal(str(round(PANEL.close[-1, 3] / PANEL.close[-2, 3] - 1.0, 6)))
    fact = app.facts.get(row.fact)
    assert (fact.value, fact.source.keys) == (row.value, (PANEL.instruments[3],))
    assert "Features of SIM03" in drawn
    assert "simulated" in drawn


def test_features_as_of_a_day_know_nothing_later() -> None:
    app = desk()
    day = PANEL.sessions[150].item()
    sheet, drawn = ask(show_features, app, symbol="SIM03", as_of=day.isoformat())
    assert sheet.session == day
    values = {row.name: row.value for row in sheet.rows}
    assert values["momentum_12_1"] is None
    assert values["return_1"] == Decimal(
        str(round(PANEL.close[150, 3] / PANEL.close[149, 3] - 1.0, 6))
    )
    assert "Not known at this session: momentum 12-1" in drawn


def test_an_index_stands_alone_outside_the_ranks_of_shares() -> None:
    *shares, last = simulated_instruments(6)
    book = MemoryInstruments((*shares, replace(last, asset_class=AssetClass.INDEX)))
    store = MemoryStore()
    store.append("bars_1d", panel_rows(PANEL), ingest_id="simulated")
    app = desk()
    app.prices, app.instruments = Prices(store, book, FixedCalendar), book
    sheet, _ = ask(show_features, app, symbol="SIM05")
    values = {row.name: row.value for row in sheet.rows}
    year = PANEL.close[299 - 21, 5] / PANEL.close[299 - 252, 5] - 1.0
    assert values["momentum_12_1"] == Decimal(str(round(year, 6)))
    assert values["rank_momentum_12_1"] is None


def test_an_unknown_symbol_is_refused() -> None:
    with pytest.raises(NotFound, match="XXXX"):
        ask(show_features, desk(), symbol="XXXX")


def test_before_the_first_cycle_there_is_no_forecast_and_the_way_to_one() -> None:
    sheet, drawn = ask(show_forecasts, desk())
    assert (sheet.rows, sheet.record, sheet.model) == ((), None, None)
    assert "`fondaco cycle run`" in drawn


def test_forecasts_come_best_first_with_the_record_behind_them() -> None:
    app = desk()
    keep_forecasts(app.forecasts, run_forecaster(PANEL, SMALL), PANEL)
    sheet, drawn = ask(show_forecasts, app)
    scores = [row.score for row in sheet.rows]
    assert scores == sorted(scores, reverse=True)
    assert {row.symbol for row in sheet.rows} == {f"SIM0{n}" for n in range(6)}
    assert sheet.as_of == close_time(PANEL, 299)
    assert sheet.record.dates > 5
    assert "Out-of-sample record" in drawn
    assert "simulated, walk-forward" in drawn
    assert len(ask(show_forecasts, app, limit=2)[0].rows) == 2


def test_the_record_as_of_a_day_holds_only_outcomes_that_had_come() -> None:
    app = desk()
    keep_forecasts(app.forecasts, run_forecaster(PANEL, SMALL), PANEL)
    made = sorted({o.forecast.as_of for o in app.forecasts.list(limit=10_000)})
    later = ask(show_forecasts, app)[0].record
    early = ask(show_forecasts, app, as_of=(made[2] + timedelta(days=3)).date().isoformat())[0]
    assert early.as_of == made[2]
    assert early.record.until < made[2]
    assert early.record.forecasts < later.forecasts
    first = ask(show_forecasts, app, as_of=made[0].date().isoformat())[0]
    assert first.record is None


def test_strategies_are_listed_with_idea_source_parameters_and_bounds() -> None:
    sheet, drawn = ask(list_strategies, desk())
    assert [row.name for row in sheet.rows] == list(STRATEGIES)
    row = next(row for row in sheet.rows if row.name == "momentum")
    assert row.idea == "Hold the fifth with the best year, its last month left out."
    assert "Jegadeesh and Titman (1993)" in row.source
    assert (row.warm_up_sessions, row.scores_names) == (252, True)
    assert row.record == RECORDS["momentum"]
    lookback, share = row.parameters[0], row.parameters[2]
    assert (lookback.name, lookback.default, lookback.low, lookback.high, lookback.whole) == (
        "lookback",
        252,
        2,
        1_260,
        True,
    )
    assert (share.default, share.whole) == (0.2, False)
    assert "lookback 252 (2 to 1260)" in drawn
    assert "Survivors flatter" in drawn


def test_a_strategy_named_alone_is_explained_in_full() -> None:
    sheet, drawn = ask(list_strategies, desk(), strategy="pairs")
    assert [row.name for row in sheet.rows] == ["pairs"]
    assert not sheet.rows[0].scores_names
    for words in ("Idea: ", "Rule: ", "Source: ", "Ignores: ", "Parameters of pairs"):
        assert words in drawn
    assert "decides first after 251 sessions" in drawn
    assert "has no parameters" in ask(list_strategies, desk(), strategy="buy_and_hold")[1]


def test_an_unknown_strategy_is_refused_with_the_names_there_are() -> None:
    with pytest.raises(NotFound, match="pairs"):
        ask(list_strategies, desk(), strategy="astrology")


def test_a_record_is_shown_once_it_was_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    record = HonestRecord(date(1990, 1, 2), date(2022, 12, 28), 5.0, 0.1234, 0.2, 0.7, -0.4, 3.5)
    monkeypatch.setattr(records, "RECORDS", {"momentum": record})
    sheet, drawn = ask(list_strategies, desk())
    assert [row.record for row in sheet.rows if row.record] == [record]
    assert "Record, after costs (bundled, survivors)" in drawn
    assert "12.34 %" in drawn


def test_the_capabilities_bring_nothing_heavy_with_them() -> None:
    code = (
        "import sys, fondaco.research.capabilities\n"
        "print([m for m in ('numpy', 'numba', 'polars', 'lightgbm') if m in sys.modules])"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert said.stdout.strip() == "[]"
