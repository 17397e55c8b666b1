"""The truth is in the data: each planted event can be measured from the rows that tell it.

Expected sizes are those that `truth` and `model` state; measured ones come from parsed rows alone.
"""

from datetime import date, datetime, timedelta
from math import exp, log, sqrt

import numpy as np
import polars as pl
import pytest

from fondaco.adapters.providers.simulated_options import zero_percent
from fondaco.adapters.providers.simulated_truth import PlantedEvent, model, truth
from fondaco.adapters.providers.simulated_world import SHARES, Numbers
from unit.adapters.providers.simulated_cases import NOW, history, rows

UNTIL = date(2024, 5, 1)
SESSIONS = 20
EVENTS = truth(7, UNTIL)


def _of(what: str) -> list[PlantedEvent]:
    return [event for event in EVENTS if event.what == what]


def _returns() -> pl.DataFrame:
    """Return log returns with dividends by session and symbol, wide."""
    before = pl.col("close").shift(1).over("symbol") * pl.col("factor")
    bars = history().with_columns(move=(pl.col("close") / before).log())
    wide = bars.pivot("symbol", index="session", values="move").sort("session")
    return wide.filter(pl.col("SIM00").is_not_null())


def _own_moves() -> tuple[list[date], dict[str, Numbers]]:
    """Return each share's return less its true beta times the mean of all shares."""
    wide, true = _returns(), model(7)
    sessions: list[date] = wide["session"].to_list()
    numbers = {s: wide[s].to_numpy() for s in SHARES}
    market = np.nanmean(np.array(list(numbers.values())), axis=0) / float(np.mean(true.betas))
    return sessions, {s: numbers[s] - true.betas[n] * market for n, s in enumerate(SHARES)}


def test_after_a_surprise_the_price_drifts_as_far_as_the_truth_says() -> None:
    sessions, moves = _own_moves()
    sizes, drifts, gaps = [], [], []
    for event in _of("earnings_drift"):
        at = next(n for n, day in enumerate(sessions) if day > event.start.date())
        part = moves[event.symbol][at : at + SESSIONS]
        if len(part) == SESSIONS and not np.isnan(part).any():
            sizes.append(event.size / model(7).drift_per_surprise)
            drifts.append(part[1:].sum())
            gaps.append(part[0])
    surprise, drift = np.array(sizes), np.array(drifts)
    slope = (surprise @ drift) / (surprise @ surprise)
    error = (drift - slope * surprise).std() / sqrt(surprise @ surprise)
    true = model(7).drift_per_surprise * (SESSIONS - 1) / SESSIONS
    assert len(sizes) > 250
    assert abs(slope - true) < 2.5 * error
    assert slope > 3 * error  # and it is there to be found
    gap = (surprise @ np.array(gaps)) / (surprise @ surprise)
    assert gap == pytest.approx(model(7).gap_per_surprise, abs=0.05)


def test_estimates_and_events_tell_the_surprise_of_the_truth() -> None:
    event = next(e for e in _of("earnings_drift") if e.symbol == "SIM04" and e.start.year == 2023)
    estimates = rows("estimates", "SIM04").filter(pl.col("ts") == event.known_at)
    (told,) = estimates.to_dicts()
    surprise = event.size / model(7).drift_per_surprise
    assert told["actual"] / told["mean"] - 1 == pytest.approx(surprise, abs=1e-4)
    due = rows("events", "SIM04").filter(
        (pl.col("event") == "earnings") & (pl.col("ts") == event.known_at)
    )
    first, second = due.sort("known_at").to_dicts()
    assert first["known_at"] < event.known_at
    assert first["actual"] is None
    assert second["surprise"] == pytest.approx(surprise, abs=1e-4)


@pytest.mark.parametrize("event", _of("jump_on_news")[-5:], ids=lambda e: e.id[-12:])
def test_news_comes_before_the_jump_that_it_causes(event: PlantedEvent) -> None:
    day = event.start.date()
    news = rows("news", event.symbol, since=day, until=day)
    assert event.known_at in news["ts"].to_list()
    assert event.known_at < event.start
    bars = rows("bars_intraday", event.symbol, since=day, until=day)
    before = bars.filter(pl.col("ts") == event.start)["close"].item()
    after = bars.filter(pl.col("ts") == event.end)["close"].item()
    assert log(after / before) == pytest.approx(event.size, abs=0.012)
    quiet = bars.filter(pl.col("ts") == event.known_at)["close"].item()
    assert abs(log(before / quiet)) < 0.012
    volume = bars.filter((pl.col("ts") > event.start) & (pl.col("ts") <= event.end))["volume"]
    assert volume.mean() > 3 * bars["volume"].median()


def test_the_market_is_as_volatile_in_each_regime_as_the_truth_says() -> None:
    wide = _returns()
    spans = [(e.start.date(), e.end.date()) for e in _of("volatility_regime")]
    stress = np.array([any(a <= d <= b for a, b in spans) for d in wide["session"]])
    moves = wide["SIMX"].to_numpy()
    ratio = np.nanstd(moves[stress]) / np.nanstd(moves[~stress])
    assert len(spans) == 7 - (spans[-1][0].year < 2024)
    assert 2.0 < ratio < 3.2  # 3 for the market; sectors and shares have one volatility
    share = wide["SIM00"].to_numpy()[~stress]
    assert np.nanstd(share) == pytest.approx(model(7).share_vol(0, stress=False), rel=0.12)


def test_the_split_halves_the_price_and_its_factor_says_so() -> None:
    (event,) = _of("split")
    bars = history().filter(pl.col("symbol") == event.symbol)
    at = bars["session"].to_list().index(event.start.date())
    assert bars["factor"][at] == event.size == 0.5
    assert bars["close"][at] / bars["close"][at - 1] == pytest.approx(0.5, rel=0.08)
    told = rows("actions", event.symbol).filter(pl.col("action") == "split").to_dicts()
    assert [(row["ex_date"], row["factor"]) for row in told] == [(event.start.date(), 0.5)]
    assert told[0]["known_at"] == event.known_at < event.start


def test_factors_of_dividends_are_those_of_the_cash_that_actions_tell() -> None:
    bars = history().filter(pl.col("symbol") == "SIM01").sort("session")
    days, closes = bars["session"].to_list(), bars["close"].to_list()
    paid = rows("actions", "SIM01", until=UNTIL).filter(pl.col("action") == "dividend").to_dicts()
    assert len(paid) == 6 * 4 + 1
    for row in paid:
        at = days.index(row["ex_date"])
        assert bars["factor"][at] == pytest.approx(1 - row["amount"] / closes[at - 1], abs=1e-11)
        assert row["known_at"].date() < row["ex_date"]
        told = closes[days.index(row["known_at"].date())]
        assert row["amount"] == pytest.approx(model(7).dividend_yield / 4 * told, abs=0.0051)
    ones = bars.filter(~pl.col("session").is_in([row["ex_date"] for row in paid]))
    assert (ones.filter(pl.col("session") < UNTIL)["factor"] == 1.0).all()


def test_the_spin_off_shares_the_price_between_parent_and_child() -> None:
    (event,) = _of("spin_off")
    day = event.start.date()
    parent = history().filter(pl.col("symbol") == "SIM10").sort("session")
    child = history().filter(pl.col("symbol") == "SIM11").sort("session")
    at = parent["session"].to_list().index(day)
    before = parent["close"][at - 1]
    assert parent["factor"][at] == 1 - event.size
    assert child["session"].min() == day
    assert child["open"][0] == pytest.approx(event.size * before, rel=0.05)
    assert parent["open"][at] == pytest.approx((1 - event.size) * before, rel=0.05)


def test_a_delisted_share_ends_and_the_index_changes_its_members() -> None:
    (event,) = _of("delisting")
    bars = history().filter(pl.col("symbol") == event.symbol)
    assert bars["session"].max() == event.start.date()
    members = rows("memberships").sort("known_at")
    ended = members.filter(pl.col("end").is_not_null())
    assert ended["end"].to_list() == [event.start.date()]
    late = members.filter(pl.col("start") > date(2018, 1, 2))
    (spun,) = _of("spin_off")
    assert late["start"].to_list() == [spun.start.date()]


def test_a_restatement_is_another_filing_with_other_numbers_and_the_price_falls() -> None:
    (event,) = _of("restatement")
    filed = rows("fundamentals", event.symbol).filter(pl.col("item") == "us-gaap:Revenues")
    (again,) = filed.filter(pl.col("form").str.ends_with("/A")).to_dicts()
    (first,) = filed.filter(
        (pl.col("end") == again["end"]) & ~pl.col("form").str.ends_with("/A")
    ).to_dicts()
    assert first["known_at"] < again["known_at"] == event.known_at
    assert first["filing"] != again["filing"]
    assert again["value"] / first["value"] - 1 == pytest.approx(event.size)
    filings = rows("filings", event.symbol)["filing"].to_list()
    assert {first["filing"], again["filing"]} <= set(filings)
    bars = history().filter(pl.col("symbol") == event.symbol).sort("session")
    at = next(n for n, d in enumerate(bars["session"]) if d > event.start.date())
    assert bars["open"][at] / bars["close"][at - 1] - 1 == pytest.approx(-0.09, abs=0.04)


def test_a_whale_moves_coins_before_the_pair_falls() -> None:
    event = _of("whale")[-1]
    day = event.known_at.date()
    moved = rows("transfers", since=day, until=day)
    whale = moved.filter(pl.col("amount") == moved["amount"].max()).to_dicts()[0]
    assert whale["ts"] == event.known_at < event.start
    minute = rows("bars_intraday", "SIM-USD", since=day, until=day + timedelta(days=1))
    before, after = (
        minute.filter(pl.col("ts") == moment)["close"].item() for moment in (event.start, event.end)
    )
    assert log(after / before) == pytest.approx(event.size, abs=0.025)


def test_insiders_buy_together_before_their_drift() -> None:
    sessions, moves = _own_moves()
    bought, found = rows("deals").filter(pl.col("trade") == "buy"), []
    names = dict(history().select("symbol", "instrument").unique().rows())
    for event in _of("insider_cluster"):
        recent = bought.filter(
            (pl.col("instrument") == names[event.symbol])
            & (pl.col("known_at") <= event.known_at)
            & (pl.col("ts") > event.start - timedelta(days=14))
        )
        assert recent["who"].n_unique() >= 4
        at = next((n for n, day in enumerate(sessions) if day >= event.start.date()), None)
        assert at is not None
        part = moves[event.symbol][at : at + SESSIONS]
        if len(part) == SESSIONS and not np.isnan(part).any():
            found.append(part.sum())
    error = np.std(found) / sqrt(len(found))
    assert abs(np.mean(found) - 0.06) < 2.5 * error
    assert np.mean(found) > 2 * error


def test_first_prints_are_revised_a_month_later() -> None:
    told = rows("macro", "SIMCPI").filter(pl.col("period") == date(2024, 3, 1)).sort("known_at")
    first, second = told.to_dicts()
    assert first["known_at"].date() == date(2024, 4, 12)
    assert second["known_at"].date() == date(2024, 5, 13)  # the 12th was a Sunday
    assert first["value"] != second["value"]
    assert first["vintage"]


def test_rate_decisions_move_the_short_end_of_the_curve() -> None:
    event = next(e for e in _of("rate_decision") if e.size > 0)
    curve = rows("yields").filter(pl.col("tenor") == 0.25).sort("day")
    days = curve["day"].to_list()
    at = days.index(event.start.date())
    assert curve["percent"][at] - curve["percent"][at - 1] == pytest.approx(event.size, abs=0.05)
    said = rows("policy").filter(pl.col("ts") == event.start)["title"].item()
    assert f"{event.size:+.2f}" in said


def test_calls_and_puts_agree_with_curve_and_dividends_within_their_spreads() -> None:
    chain = rows("chains", "SIM03", since=date(2024, 6, 26), until=date(2024, 6, 26))
    sides = {
        right: chain.filter(pl.col("right") == right).select("expiry", "strike", "bid", "ask")
        for right in ("call", "put")
    }
    pairs = sides["call"].join(sides["put"], on=["expiry", "strike"], suffix="_put")
    spot, day = chain["underlying"][0], date(2024, 6, 26)
    assert spot == rows("bars_1d", "SIM03", since=day, until=day)["close"].item()
    assert pairs.height > 10
    for row in pairs.to_dicts():
        years = (row["expiry"] - day).days / 365
        rate = zero_percent(7, day, years) / 100
        forward = spot * exp(-model(7).dividend_yield * years) - row["strike"] * exp(-rate * years)
        # Stoll, Journal of Finance 24 (1969): C - P = S e^-qT - K e^-rT.
        assert row["bid"] - row["ask_put"] <= forward <= row["ask"] - row["bid_put"]


def test_option_prices_and_greeks_are_those_of_a_textbook() -> None:
    from fondaco.adapters.providers.simulated_options import price

    # Hull, Options, Futures, and Other Derivatives, examples 15.6 and 19.1 to 19.6 (9th edition).
    call = price(42, 40, 0.5, 0.10, 0.0, 0.20, call=True)
    put = price(42, 40, 0.5, 0.10, 0.0, 0.20, call=False)
    assert (call.price, put.price) == (pytest.approx(4.76, abs=5e-3), pytest.approx(0.81, abs=5e-3))
    one = price(49, 50, 0.3846, 0.05, 0.0, 0.20, call=True)
    assert one.price == pytest.approx(2.4005, abs=1e-3)
    assert one.delta == pytest.approx(0.522, abs=5e-4)
    assert one.gamma == pytest.approx(0.066, abs=5e-4)
    assert one.theta == pytest.approx(-4.31, abs=5e-3)
    assert one.vega == pytest.approx(12.1, abs=5e-2)
    assert one.rho == pytest.approx(8.91, abs=5e-3)


def test_odds_come_true_as_often_as_they_say() -> None:
    every = rows("odds", until=date(2024, 5, 31)).sort("market", "ts")
    last = every.group_by("market").agg(pl.col("last").last().alias("came"), pl.len())
    whole = last.filter(pl.col("len") == 29)
    assert set(whole["came"]) == {0.0, 1.0}
    middle = every.filter(pl.col("ts").dt.day() == 15).join(whole, on="market")
    gap = (middle["came"] - middle["last"]).to_numpy()
    assert middle.height > 120
    assert abs(gap.mean()) < 2.5 * gap.std() / sqrt(len(gap))
    high = middle.filter(pl.col("last") > 0.8)["came"].mean()
    low = middle.filter(pl.col("last") < 0.2)["came"].mean()
    assert high > 0.7
    assert low < 0.3


def test_a_crowd_posts_while_it_drives_the_price_up() -> None:
    event = _of("crowd")[-1]
    day = event.start.date()
    posts = rows("posts", event.symbol, since=day, until=day)
    assert posts.height >= 25
    bars = history().filter(pl.col("symbol") == event.symbol).sort("session")
    at = bars["session"].to_list().index(day)
    usual = bars["volume"][at - 20 : at].median()
    assert bars["volume"][at] > 2 * usual


def test_truth_grows_with_time_and_says_which_kinds_tell_it() -> None:
    early = truth(7, date(2022, 12, 31))
    assert set(early) <= set(EVENTS)
    assert len({event.id for event in EVENTS}) == len(EVENTS)
    assert all(event.told_by and event.start <= event.end for event in EVENTS)
    assert truth(8, UNTIL) != EVENTS
    late = [e for e in EVENTS if e.start > datetime.combine(UNTIL, NOW.timetz()) + timedelta(1)]
    assert late == []
