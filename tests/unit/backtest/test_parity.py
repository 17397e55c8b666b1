"""One semantics: sweep, event backtest and paper replay do the same, to the last digit."""

from datetime import date
from decimal import Decimal
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from fondaco.adapters.brokers.paper import PaperBroker
from fondaco.backtest.replay import run_replay
from fondaco.backtest.sweep import sweep_one
from fondaco.backtest.tape import decisions_of, tape_of
from fondaco.core.clock import SteppedClock
from fondaco.core.instrument import Origin
from fondaco.ledger.books import Books
from fondaco.ledger.fakes import MemoryEntries
from fondaco.market.fakes import (
    MemoryInstruments,
    simulated_instruments,
    simulated_panel,
    simulated_prices,
)
from fondaco.market.panel import Matrix, Panel
from fondaco.research.strategies.library import strategy_named
from fondaco.trading.cost_model.model import CostModel
from fondaco.trading.costs import MICRO
from fondaco.trading.fakes import MemoryVenueBook
from fondaco.trading.simulator.terms import Terms
from unit.backtest.oracle import played_by_hand
from unit.backtest.scene import (
    counting_ids,
    in_three_ways,
    monthly,
    ran_by_event,
    ran_by_replay,
    tape,
    terms,
    told_by_route,
    told_by_sweep,
)


def _with_gaps(panel: Panel, seed: int, share: float) -> Panel:
    chance = np.random.default_rng(seed)
    gone = chance.random(panel.close.shape) < share
    fields = {name: np.where(gone, np.nan, values) for name, values in panel.fields.items()}
    return Panel(
        panel.sessions,
        panel.closes_at,
        panel.instruments,
        fields,
        panel.origin,
        panel.as_of,
        panel.version,
    )


def _agree(panel: Panel, weights: Matrix, given: Terms, first: int = 0) -> None:
    swept, stepped, replayed = in_three_ways(panel, weights, given, first)
    by_hand = played_by_hand(panel, weights, given, first)
    assert swept == by_hand
    assert stepped == by_hand
    assert replayed == by_hand


def _bundled(since: date, until: date) -> Panel:
    """Read the 20 shares that skfolio ships, from its file: importing it takes seconds."""
    spec = find_spec("skfolio")
    assert spec is not None
    folder = Path(str((spec.submodule_search_locations or [""])[0])) / "datasets" / "data"
    table = pl.read_csv(folder / "sp500_dataset.csv.gz", try_parse_dates=True)
    table = table.filter(pl.col("Date").is_between(since, until))
    days = table["Date"].to_numpy().astype("datetime64[D]")
    return Panel(
        days,
        days.astype("datetime64[us]") + np.timedelta64(21, "h"),
        tuple(share.id for share in simulated_instruments(20)),
        {"close": table.drop("Date").to_numpy()},
        Origin.BUNDLED,
        simulated_panel(1, 2, 1).as_of,
        1,
    )


@pytest.mark.parametrize("with_opens", [True, False])
def test_the_three_engines_agree_on_a_simulated_market(with_opens: bool) -> None:
    panel = simulated_panel(11, 300, 6, with_opens=with_opens)
    _agree(panel, monthly(panel, 5), terms(), first=20)


def test_the_three_engines_agree_on_the_bundled_real_prices() -> None:
    panel = _bundled(date(2000, 1, 1), date(2009, 12, 31))
    shares = simulated_instruments(20)
    weights = strategy_named("momentum").weights(panel)
    assert int(np.isfinite(weights).any(axis=1).sum()) > 100
    played = tape_of(panel, shares)
    targets = decisions_of(played, weights)
    swept = told_by_sweep(played, sweep_one(played, targets, terms()))
    assert swept == told_by_route(played, ran_by_event(played, targets, terms())[0])
    assert swept == told_by_route(played, ran_by_replay(played, targets, terms())[0])
    assert len(swept.fills) > 300


def test_the_paper_broker_agrees_when_it_reads_the_store() -> None:
    panel = simulated_panel(4, 30, 3)
    played, clock = tape(panel), SteppedClock(tape(panel).moment(0))
    targets = decisions_of(played, monthly(panel, 2))
    broker = PaperBroker(
        simulated_prices(panel),
        MemoryInstruments(simulated_instruments(3)),
        MemoryVenueBook(),
        clock,
        terms(),
    )
    books = Books(MemoryEntries(), clock, counting_ids(clock))
    run = run_replay(played, targets, terms(), broker, books, clock)
    assert told_by_route(played, run) == told_by_sweep(played, sweep_one(played, targets, terms()))
    assert len(run.fills) > 10


def test_the_books_the_venue_and_the_broker_hold_the_same() -> None:
    panel = _with_gaps(simulated_panel(8, 120, 5), 3, 0.1)
    played = tape(panel)
    targets = decisions_of(played, monthly(panel, 9))
    run, books, broker = ran_by_replay(played, targets, terms())
    last = played.moment(len(panel.close) - 1)
    assert books.positions("replay") == broker.positions("replay", as_of=last) != {}
    assert books.cash("replay", "USD") == run.cash[-1]
    assert books.trial_balance().balanced
    swept = sweep_one(played, targets, terms())
    assert books.cash("replay", "USD") == told_by_sweep(played, swept).cash[-1]


# A price may grow a hundredfold in a session: beyond that a short account soon outgrows the
# venue's counts, which is refused and has its own test.
_PRICE = st.one_of(
    st.floats(1, 100).map(lambda price: round(price, 2)), st.floats(1, 100), st.just(float("nan"))
)
_WEIGHT = st.one_of(st.just(float("nan")), st.just(0.0), st.floats(-0.33, 0.33))


@st.composite
def _markets(draw: st.DrawFn) -> tuple[Panel, Matrix, Terms]:
    rows, names = draw(st.integers(1, 9)), draw(st.integers(1, 3))

    def grid(cell: st.SearchStrategy[float]) -> Matrix:
        return np.array(
            draw(
                st.lists(
                    st.lists(cell, min_size=names, max_size=names), min_size=rows, max_size=rows
                )
            )
        )

    blank = simulated_panel(1, rows, names, with_opens=False)
    close = grid(_PRICE)
    fields = {"close": close}
    if draw(st.booleans()):
        fields["open"] = np.where(np.isnan(close), np.nan, np.nan_to_num(grid(_PRICE), nan=7.77))
    panel = Panel(
        blank.sessions, blank.closes_at, blank.instruments, fields, blank.origin, blank.as_of, 0
    )
    costs = CostModel.flat(
        Decimal(draw(st.integers(0, 9_999))) / 100, Decimal(draw(st.integers(0, 500))) / 100
    )
    capital = draw(st.integers(1, 10**7)) * 10_000  # whole cents, in micros
    return panel, grid(_WEIGHT), Terms(capital, costs, draw(st.sampled_from([0, 50 * MICRO])))


@settings(max_examples=250, deadline=None)
@given(_markets())
def test_the_three_engines_agree_on_any_small_market(market: tuple[Panel, Matrix, Terms]) -> None:
    _agree(*market)


@pytest.mark.slow
@pytest.mark.timeout(900)
@settings(max_examples=10_000, deadline=None)
@given(_markets())
@example((simulated_panel(1, 1, 1), np.array([[1.0]]), terms()))
def test_the_three_engines_agree_on_ten_thousand_markets(
    market: tuple[Panel, Matrix, Terms],
) -> None:
    _agree(*market)
