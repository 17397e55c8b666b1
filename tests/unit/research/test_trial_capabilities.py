"""What the outside sees of the trial ledger: the search, the cloud, luck, and notes by hand."""

import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from math import sqrt
from typing import Any

import numpy as np
import pytest
from scipy.stats import norm

from fondaco.core.capability import Caller, Capability
from fondaco.core.clock import FixedClock
from fondaco.core.errors import InvalidInput, NotFound
from fondaco.core.text import plain
from fondaco.core.view import Chart
from fondaco.research.fakes import MemoryTrials
from fondaco.research.noted import read_returns
from fondaco.research.trial_capabilities import (
    note_trial,
    promote_strategy,
    show_promotions,
    show_trials,
)
from fondaco.research.trial_ledger import Kind
from fondaco.research.trial_search import luck_of
from fondaco.research.trial_views import view_noted, view_trials
from unit.research.trial_scene import AT, noise, trial_of

CLOCK = FixedClock(AT)
AGENT = Caller(actor="agent", surface="mcp", person=False)


def ledger() -> MemoryTrials:
    """Return a ledger with three trials of momentum by ada, two of reversal by bob, one noted."""
    store = MemoryTrials()
    for number, column in enumerate(noise(1, 504, 3).T):
        store.add(trial_of(column, f"m{number}"))
    for number, column in enumerate(noise(2, 1_008, 2).T):
        made = {"strategy": "reversal", "author": "bob", "kind": Kind.SWEEP, "data_version": 4}
        store.add(trial_of(column, f"r{number}", **made))
    store.add(trial_of((), "n", strategy="elsewhere", kind=Kind.NOTED))
    return store


def note(store: MemoryTrials, **changes: Any) -> Any:
    given = {
        "strategy": "my_idea",
        "from_": date(2005, 1, 3),
        "to": date(2018, 12, 31),
        "note": "Tried in a notebook",
    }
    return note_trial(store, CLOCK, AGENT, **(given | changes))


def test_the_ledger_is_shown_newest_first_with_raw_and_effective_counts() -> None:
    sheet = show_trials(ledger())
    assert [row.strategy for row in sheet.rows] == [
        "elsewhere", "reversal", "reversal", "momentum", "momentum", "momentum"
    ]  # fmt: skip
    assert (sheet.desk.raw, sheet.desk.effective, sheet.found) == (6, 6.0, sheet.desk)
    assert len(sheet.cloud) == 5
    assert plain(view_trials(sheet)).startswith("6 trials (6.0 effective) by the whole desk.")


@pytest.mark.parametrize(
    ("asked", "count"),
    [
        ({"strategy": "momentum"}, 3),
        ({"family": "reversal"}, 2),
        ({"author": "bob"}, 2),
        ({"kind": Kind.NOTED}, 1),
        ({"data_version": 4}, 2),
        ({"strategy": "momentum", "author": "bob"}, 0),
    ],
)
def test_a_search_counts_what_fits_beside_everyones(asked: dict[str, Any], count: int) -> None:
    sheet = show_trials(ledger(), **asked)
    assert (len(sheet.rows), sheet.found.raw, sheet.desk.raw) == (count, count, 6)
    for name, value in asked.items():
        assert str(getattr(value, "value", value)) in sheet.asked
        assert name.replace("_", " ") in sheet.asked


def test_a_limit_cuts_the_rows_and_no_count() -> None:
    sheet = show_trials(ledger(), limit=2)
    assert (len(sheet.rows), sheet.found.raw, len(sheet.cloud)) == (2, 6, 5)


def test_points_lie_at_their_length_and_ratio() -> None:
    returns = noise(3, 504)[:, 0]
    store = MemoryTrials()
    store.add(trial_of(returns))
    (point,) = show_trials(store).cloud
    assert point.years == 2.0
    assert point.sharpe == pytest.approx(returns.mean() / returns.std(ddof=1) * sqrt(252))


def test_luck_is_told_over_the_median_length_and_over_the_chosen_trials_own() -> None:
    sheet = show_trials(ledger())
    assert sheet.luck is not None
    assert (sheet.luck.sessions, sheet.luck.trials) == (504, 6.0)
    chosen = trial_of((), "r0").content
    marked = show_trials(ledger(), chosen=chosen[:8]).luck
    assert marked is not None
    assert marked.sessions == 1_008
    assert marked.expected < sheet.luck.expected


def test_the_densities_of_luck_are_those_of_simulated_maxima() -> None:
    found = luck_of(20, 505)
    grid, step = np.array(found.sharpe), found.sharpe[1] - found.sharpe[0]
    error = sqrt(252 / 504)
    assert np.array(found.one) == pytest.approx(norm.pdf(grid, 0.0, error), rel=1e-9)
    # Each holds all of the probability, and the best's mean is that of 20 normals: 1.867 errors
    # (Harter 1961, Biometrika 48, table of expected values of normal order statistics).
    assert sum(found.one) * step == pytest.approx(1.0, abs=0.001)
    assert sum(found.best) * step == pytest.approx(1.0, abs=0.001)
    mean = float(grid @ np.array(found.best)) * step
    assert mean == pytest.approx(1.867 * error, abs=0.002)
    assert found.expected == pytest.approx(mean, rel=0.03)
    one = luck_of(1.0, 505)
    assert one.best == one.one


def test_a_chosen_trial_is_marked_with_its_standing_and_what_led_to_it() -> None:
    store = ledger()
    chosen = trial_of((), "m1").content
    sheet = show_trials(store, strategy="momentum", chosen=chosen[:12])
    assert sheet.chosen is not None
    assert sheet.standing is not None
    assert (sheet.chosen.content, sheet.standing.family.raw) == (chosen, 3)
    blocks = view_trials(sheet)
    drawn = plain(blocks)
    for words in (
        f"Trial {chosen[:12]} of momentum (bundled)",
        "lookback 252",
        "version 3, 20 instruments",
        "code-1",
        "5 bp of each traded value, as of 2019-01-02",
        "ada on cli",
        "by backtest",
        sheet.standing.said,
    ):
        assert words in drawn
    cloud, luck = (block for block in blocks if isinstance(block, Chart))
    assert [series.name for series in cloud.series] == ["trials", "this trial"]
    assert [len(series.values) for series in cloud.series] == [2, 1]
    assert cloud.x == ()
    assert luck.series[-1].values == ((pytest.approx(sheet.standing.sharpe), 0.0),)


def test_a_chosen_trial_outside_of_the_search_is_marked_all_the_same() -> None:
    sheet = show_trials(ledger(), strategy="momentum", chosen=trial_of((), "r0").content)
    cloud = next(block for block in view_trials(sheet) if isinstance(block, Chart))
    assert cloud.series[1].values == ((4.0, pytest.approx(sheet.standing.sharpe)),)  # type: ignore[union-attr]


def test_a_trial_that_is_not_there_is_not_found() -> None:
    with pytest.raises(NotFound):
        show_trials(ledger(), chosen="f" * 12)


def test_an_empty_ledger_says_what_fills_it() -> None:
    sheet = show_trials(MemoryTrials())
    assert (sheet.desk.raw, sheet.cloud, sheet.luck) == (0, (), None)
    assert "`fondaco backtest run momentum` makes one" in plain(view_trials(sheet))


def test_a_note_counts_once_and_for_ever() -> None:
    store = ledger()
    first = note(store, sharpe=0.4, sessions=3_000)
    again = note(store, sharpe=0.4, sessions=3_000)
    other = note(store, sharpe=0.5, sessions=3_000)
    assert (first.new, again.new, other.new) == (True, False, True)
    assert other.standing.family.raw == 2
    assert other.standing.desk.effective == 8.0
    assert (first.trial.kind, first.trial.author, first.trial.surface) == (
        Kind.NOTED, "agent", "mcp"
    )  # fmt: skip
    assert (first.trial.family, first.trial.lineage) == ("my_idea", "Tried in a notebook")
    assert first.trial.metrics == {"sharpe": 0.4, "sessions": 3_000.0}
    # The desk's own data starts at version 0; a note is of none of it.
    assert show_trials(store, data_version=0).found.raw == 0
    assert "not the desk's" in plain(view_noted(first))
    assert "Counted, for good." in plain(view_noted(first))
    assert "noted before" in plain(view_noted(again))


def test_a_note_with_returns_is_measured_and_known_as_a_look_alike() -> None:
    store = ledger()
    twin = trial_of((), "m0").content
    returns = store.get(twin).returns[:200]
    days = [date(2004, 1, 2) + timedelta(n) for n in range(200)]
    text = " ".join(f"{day}={value:.6f}" for day, value in zip(days, returns, strict=True))
    found = note(store, from_=days[0], to=days[-1], returns=text, sharpe=9.0)
    assert found.standing.sessions == 200
    # What can be measured is measured: the ratio that was told is not taken.
    assert found.trial.metrics["sharpe"] == pytest.approx(
        np.mean(returns) / np.std(returns, ddof=1) * sqrt(252), rel=1e-3
    )
    assert found.standing.alike == 3


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("2005-01-03:0.1", "no daily return; value: 2005-01-03:0.1"),
        ("2005-01-03=nan", "no daily return"),
        ("2005-01-03=-1.01", "at least -1"),
        ("2005-13-03=0.1", "no daily return"),
        ("2005-01-04=0.1 2005-01-04=0.1", "must rise"),
        ("2004-01-04=0.1", "outside of the trial's span"),
    ],
)
def test_returns_that_cannot_be_are_refused(text: str, words: str) -> None:
    store = ledger()
    with pytest.raises(InvalidInput, match=words):
        note(store, returns=text)
    assert store.count() == 6


def test_returns_are_read_with_commas_spaces_and_lines_between() -> None:
    found = read_returns("2005-01-03=0.1,2005-01-04=-0.2\n 2005-01-05=1e-3; ")
    assert list(found.values()) == [0.1, -0.2, 0.001]


def test_a_span_that_ends_before_it_starts_or_has_not_come_is_refused() -> None:
    with pytest.raises(InvalidInput, match="ends before it starts"):
        note(ledger(), to=date(2004, 1, 1))
    with pytest.raises(InvalidInput, match="has not come"):
        note(ledger(), to=date(2019, 6, 29))


def test_every_input_has_words_and_a_model_may_ask_the_gate() -> None:
    caps: list[Capability] = [
        f.__capability__  # type: ignore[attr-defined]
        for f in (show_trials, note_trial, promote_strategy, show_promotions)
    ]
    for cap in caps:
        assert "Example:" in cap.doc
        assert all(field.description for field in cap.public_fields().values())
    assert list(caps[2].public_fields()) == ["evidence", "to", "override"]
    assert [cap.to_model for cap in caps] == [True] * 4
    with pytest.raises(ValueError, match="override"):
        caps[2].inputs.model_validate({"evidence": "EV-1", "to": "paper", "override": "x" * 501})


def test_what_a_listing_needs_is_light() -> None:
    code = (
        "import sys, fondaco.research.trial_capabilities\n"
        "print([m for m in ('numpy', 'scipy', 'numba', 'polars') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_dates_of_a_note_stand_in_utc() -> None:
    found = note(ledger())
    assert found.trial.since == datetime(2005, 1, 3, tzinfo=UTC)
    assert found.trial.until == datetime(2018, 12, 31, tzinfo=UTC)
