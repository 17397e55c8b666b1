"""`strategies.check` as the door calls it: leaks refused with their bar, clean ones told."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from fondaco.adapters.strategies.confine import missing_layers
from fondaco.adapters.strategies.folder import FolderStrategies
from fondaco.core.capability import Caller, Capability
from fondaco.core.clock import FixedClock
from fondaco.core.errors import InvalidInput, NotFound, Refused
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
from fondaco.market.panel import Matrix, Panel
from fondaco.market.prices import Prices
from fondaco.research.fakes import MemoryStrategies
from fondaco.research.probes import moment_of
from fondaco.research.strategy_check import check_strategy

PANEL = simulated_panel(12, 120, 4, with_opens=False)
NOW = moment_of(PANEL, 119) + timedelta(hours=1)
PERSON = Caller(actor="ada", surface="cli", person=True)
AGENT = Caller(actor="agent", surface="mcp", person=False)
PLANTED = 70

MINE = """
import numpy as np

def weights(panel):
    rise = np.zeros(panel.close.shape)
    rise[1:] = panel.close[1:] / panel.close[:-1] - 1.0
    return np.where(rise > 0.0, 0.25, 0.0)
"""
ONE_BAR = MINE.replace(
    "    return np",
    "    day = np.datetime64('DAY')\n"
    "    row = int(np.searchsorted(panel.sessions, day))\n"
    "    if row + 1 < len(panel.sessions) and panel.sessions[row] == day:\n"
    "        rise[row] = panel.close[row + 1] / panel.close[row] - 1.0\n"
    "    return np",
).replace("DAY", str(PANEL.sessions[PLANTED]))


def desk(strategies: Any = None, caller: Caller = PERSON, **changed: Any) -> SimpleNamespace:
    parts = {
        "prices": simulated_prices(PANEL),
        "instruments": MemoryInstruments(simulated_instruments(4)),
        "strategies": strategies or MemoryStrategies({}),
        "clock": FixedClock(NOW),
        "caller": caller,
    }
    return SimpleNamespace(**(parts | changed))


def ask(app: SimpleNamespace, **given: Any) -> Any:
    """Call the capability as the door does: the result through JSON, and drawn."""
    cap: Capability = check_strategy.__capability__  # type: ignore[attr-defined]
    inputs = cap.inputs.model_validate(given)
    named = {name: getattr(inputs, name) for name in cap.inputs.model_fields}
    result = cap.function(*(getattr(app, need) for need in cap.needs), **named)
    assert cap.output.validate_python(cap.output.dump_python(result, mode="json")) == result
    return result, plain(cap.view(result))


def of(function: Callable[[Panel], Matrix]) -> SimpleNamespace:
    return desk(MemoryStrategies({"mine.py": function}))


def test_a_planted_one_bar_leak_in_a_file_is_refused_and_the_bar_is_named(tmp_path: Path) -> None:
    (tmp_path / "leaky.py").write_text(ONE_BAR)
    with pytest.raises(Refused) as caught:
        ask(
            desk(FolderStrategies(tmp_path, unconfined=bool(missing_layers()))),
            strategy=str(tmp_path / "leaky.py"),
        )
    told = caught.value.message
    # The rise of the day after, looked up in the prices themselves, decides which name moves.
    today = PANEL.close[PLANTED] > PANEL.close[PLANTED - 1]
    tomorrow = PANEL.close[PLANTED + 1] > PANEL.close[PLANTED]
    first = int(np.argmax(today != tomorrow))
    day = PANEL.sessions[PLANTED]
    before, after = (0.25, 0) if tomorrow[first] else (0, 0.25)
    assert f"leaky.py knows the future: the weight of SIM0{first} on {day} changes " in told
    assert f"from {before:g} to {after:g} when only later bars differ" in told
    assert f"bar {PLANTED + 1} of 120, probe: future cut off" in told
    assert caught.value.exit_code == 1


def test_a_clean_file_is_told_what_was_tried(tmp_path: Path) -> None:
    (tmp_path / "fine.py").write_text('"""Hold what rose."""\n' + MINE)
    result, drawn = ask(
        desk(FolderStrategies(tmp_path, unconfined=bool(missing_layers()))),
        strategy="fine.py",
        cuts=5,
    )
    assert (result.strategy, result.about, result.sessions) == ("fine.py", "Hold what rose.", 120)
    assert (result.truncations, result.perturbations, result.revisions) == (120, 5 * 6, 3 * 6)
    assert (result.weights, result.decisions) == (480, 120)
    assert "NO LOOK-AHEAD FOUND" in drawn
    assert "at 120 bars" in drawn
    assert "simulated" in drawn
    assert "SIM00, SIM01, SIM02, SIM03" in drawn


def test_a_built_in_is_checked_by_its_name_with_changed_parameters() -> None:
    given = ("lookback=15", "skip=2", "names_min=3", "share=0.4")
    result, _ = ask(desk(), strategy="momentum", parameter=given, cuts=5)
    assert result.parameters["lookback"] == 15
    assert result.decisions >= 4  # it rebalances monthly, and five months hold this panel
    with pytest.raises(InvalidInput, match="momentum has no such parameter"):
        ask(desk(), strategy="momentum", parameter=("loopback=15",))


def test_a_strategy_that_gave_no_weight_is_not_called_clean() -> None:
    with pytest.raises(InvalidInput, match="nothing would be proved") as caught:
        ask(desk(), strategy="momentum")  # a year of look-back, 120 sessions
    assert "--bars" in caught.value.message


def test_a_price_threshold_is_refused_because_a_later_split_would_move_it() -> None:
    with pytest.raises(Refused, match=r"splits after row \d+ restate the scale"):
        ask(of(lambda panel: (panel.close > 100.0) * 0.1), strategy="mine.py")


def test_a_restatement_in_the_store_is_refused_by_the_reading_of_then() -> None:
    rows = panel_rows(PANEL)
    store = MemoryStore()
    store.append("bars_1d", rows, ingest_id="first")
    mended = rows.filter(rows["session"] == PANEL.sessions[60].item())
    later = moment_of(PANEL, 100)
    mended = mended.with_columns(close=mended["close"] * 1.05, known_at=later).cast(
        {"known_at": rows.schema["known_at"]}
    )
    store.append("bars_1d", mended, ingest_id="second")
    prices = Prices(store, MemoryInstruments(simulated_instruments(4)), FixedCalendar)

    def risen(panel: Panel) -> Matrix:
        out = np.zeros(panel.close.shape)
        out[1:] = (panel.close[1:] > panel.close[:-1] * 1.001) * 0.25
        return out

    app = desk(MemoryStrategies({"mine.py": risen}), prices=prices)
    with pytest.raises(Refused, match="only what became known after the close") as caught:
        ask(app, strategy="mine.py")
    assert any(str(PANEL.sessions[row]) in caught.value.message for row in (60, 61))


def listed_later() -> Prices:
    """Return prices in which the last name is listed at row 50."""
    rows = panel_rows(PANEL)
    last, since = PANEL.instruments[-1], PANEL.sessions[50].item()
    store = MemoryStore()
    held = rows.filter((rows["instrument"] != last) | (rows["session"] >= since))
    store.append("bars_1d", held, ingest_id="first")
    return Prices(store, MemoryInstruments(simulated_instruments(4)), FixedCalendar)


def test_a_name_that_was_listed_later_is_no_alarm_for_who_asks_what_was_listed() -> None:
    def parts(panel: Panel) -> Matrix:
        listed = ~np.isnan(panel.close)
        return listed / np.maximum(listed.sum(axis=1, keepdims=True), 1)

    app = desk(MemoryStrategies({"mine.py": parts}), prices=listed_later())
    assert ask(app, strategy="mine.py")[0].weights == 480


def test_members_of_today_in_the_past_are_refused() -> None:
    members = MemoryStrategies(
        {"mine.py": lambda panel: np.full(panel.close.shape, 1.0 / len(panel.instruments))}
    )
    with pytest.raises(Refused, match=r"from 0\.25 to 0\.333333 when only what became known"):
        ask(desk(members, prices=listed_later()), strategy="mine.py")


@pytest.mark.parametrize(
    ("caller", "anywhere"), [(PERSON, True), (AGENT, False)], ids=["terminal", "agent"]
)
def test_only_the_command_line_may_name_any_file(caller: Caller, anywhere: bool) -> None:
    memory = MemoryStrategies({"mine.py": lambda panel: np.ones_like(panel.close)})
    ask(desk(memory, caller), strategy="mine.py", cuts=1)
    assert memory.asked == [("mine.py", anywhere)]


@pytest.mark.parametrize("surface", ["rest", "mcp", "web"])
def test_from_elsewhere_a_path_is_refused(tmp_path: Path, surface: str) -> None:
    (tmp_path / "mine.py").write_text(MINE)
    caller = Caller(actor="x", surface=surface, person=True)
    app = desk(FolderStrategies(tmp_path / "strategies"), caller)
    for path in (str(tmp_path / "mine.py"), "../mine.py", "os:system"):
        with pytest.raises(Refused, match="only a file of the strategies folder"):
            ask(app, strategy=path)


def test_an_unknown_name_lists_what_there_is() -> None:
    with pytest.raises(NotFound, match="momentum"):
        ask(desk(), strategy="momentun")


def test_symbols_and_span_choose_the_panel() -> None:
    mine = of(lambda panel: np.ones_like(panel.close))
    result, _ = ask(
        mine,
        strategy="mine.py",
        symbol=("SIM03", "SIM01"),
        to=str(PANEL.sessions[89]),
        bars=50,
        cuts=2,
        **{"from": str(PANEL.sessions[10])},
    )
    assert result.symbols == ("SIM03", "SIM01")
    assert result.since == PANEL.sessions[40].item()
    assert (result.until, result.sessions) == (PANEL.sessions[89].item(), 50)


def test_many_names_are_cut_to_twenty() -> None:
    wide = simulated_panel(1, 40, 30, with_opens=False)
    app = desk(
        MemoryStrategies({"mine.py": lambda panel: np.ones_like(panel.close)}),
        prices=simulated_prices(wide),
        instruments=MemoryInstruments(simulated_instruments(30)),
    )
    assert len(ask(app, strategy="mine.py", cuts=1)[0].symbols) == 20
