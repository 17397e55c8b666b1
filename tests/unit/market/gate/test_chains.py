"""Option chains: what contradicts several others is set aside, what does not agree is marked."""

from datetime import UTC, date, datetime
from math import erf, log, sqrt

import pytest

from unit.market.gate.kinds import KindDesk, Row
from unit.market.rows import AAA

AT = datetime(2024, 6, 27, 21, 0, tzinfo=UTC)
EXPIRY = date(2024, 9, 20)
SPOT, VOL, YEARS = 100.0, 0.3, 85 / 365


def _normal(x: float) -> float:
    return 0.5 * (1 + erf(x / sqrt(2)))


def fair(strike: float, right: str) -> float:
    """Return a Black-Scholes price without carry (Hull, section 15.8), which parity must hold."""
    d1 = (log(SPOT / strike) + VOL**2 / 2 * YEARS) / (VOL * sqrt(YEARS))
    call = SPOT * _normal(d1) - strike * _normal(d1 - VOL * sqrt(YEARS))
    return call if right == "call" else call - SPOT + strike


def contract(strike: float, right: str, **cells: object) -> Row:
    """Return a contract quoted 2 % around its fair price."""
    value = fair(strike, right)
    return {
        "instrument": AAA.id,
        "ts": AT,
        "expiry": EXPIRY,
        "strike": strike,
        "right": right,
        "root": "AAA",
        "bid": round(max(value * 0.98, 0.01), 2),
        "ask": round(value * 1.02 + 0.02, 2),
        "underlying": SPOT,
        "iv": VOL,
        "delta": 0.5,
    } | cells


def chain() -> list[Row]:
    """Return calls and puts at strikes from 70 to 130."""
    return [contract(70.0 + 5 * n, right) for n in range(13) for right in ("call", "put")]


def test_a_fair_chain_gives_no_fault() -> None:
    desk = KindDesk()
    report = desk.give("chains", chain())
    assert (report.rows_new, report.faults) == (26, ())


@pytest.mark.parametrize(
    ("at", "times"), [(10, 3.0), (11, 3.0), (13, 4.0), (14, 0.2), (15, 0.2), (12, 100.0), (0, 1.35)]
)
def test_a_quote_that_contradicts_several_others_is_set_aside_alone(at: int, times: float) -> None:
    desk = KindDesk()
    rows = chain()
    rows[at] |= {"bid": rows[at]["bid"] * times, "ask": rows[at]["ask"] * times}
    report = desk.give("chains", rows)
    assert "arbitrage" in desk.rules()
    assert report.rows_quarantined == 1
    assert [f.where for f in desk.ingestor.faults(rule="arbitrage")] == [f"line {at}"]


def test_both_legs_that_break_parity_are_marked() -> None:
    desk = KindDesk()
    rows = chain()
    for row in rows:  # every call two dollars too dear: each side alone is in order
        if row["right"] == "call":
            row |= {"bid": row["bid"] + 8.0, "ask": row["ask"] + 8.0}
    desk.give("chains", rows)
    assert "parity" in desk.rules()
    assert len(desk.kept("chains")) == 26


def test_an_underlying_that_its_options_contradict_is_emptied_and_the_options_are_kept() -> None:
    # As in Lean's universe file of AAPL on 2014-06-06: 92.72 given, 645.57 true.
    desk = KindDesk()
    desk.give("chains", [row | {"underlying": 14.36} for row in chain()])
    assert desk.rules() == ["underlying"]
    assert {row["underlying"] for row in desk.kept("chains")} == {None}
    assert len(desk.kept("chains")) == 26


def test_a_volatility_of_zero_means_none_and_empties_its_greeks() -> None:
    desk = KindDesk()
    rows = chain()
    rows[3] |= {"iv": 0.0, "delta": 0.0}
    desk.give("chains", rows)
    assert desk.rules() == ["no_iv"]
    emptied = [row for row in desk.kept("chains") if row["iv"] is None]
    assert [(row["strike"], row["delta"]) for row in emptied] == [(75.0, None)]


@pytest.mark.parametrize(
    ("rule", "cells", "kept"),
    [
        ("expired", {"expiry": date(2024, 6, 26)}, 25),
        ("crossed", {"bid": 50.0, "ask": 1.0}, 25),
        ("bounds", {"strike": 0.0}, 25),
        ("bounds", {"iv": 51.0}, 25),
        ("word", {"right": "C"}, 25),
        ("odd_iv", {"iv": 7.0}, 26),
        ("one_sided", {"bid": 0.0}, 26),
        ("adjusted", {"root": "AAA1"}, 26),
        ("adjusted", {"deliverable": 134.0}, 26),
    ],
)
def test_what_is_wrong_is_set_aside_and_what_is_special_is_marked(
    rule: str, cells: Row, kept: int
) -> None:
    desk = KindDesk()
    rows = chain()
    rows[25] |= cells
    desk.give("chains", rows)
    assert desk.rules() == [rule]
    assert len(desk.kept("chains")) == kept


def test_an_adjusted_contract_is_not_compared_with_standard_ones() -> None:
    desk = KindDesk()
    odd = contract(100.0, "call", root="AAA1", deliverable=5.0)
    odd |= {"bid": odd["bid"] / 20, "ask": odd["ask"] / 20}
    desk.give("chains", [*chain(), odd])
    assert desk.rules() == ["adjusted"]


def test_a_bid_above_the_line_between_its_neighbours_is_marked() -> None:
    desk = KindDesk()
    rows = chain()
    call = next(row for row in rows if row["strike"] == 100.0 and row["right"] == "call")
    before, after = (
        next(r for r in rows if r["strike"] == k and r["right"] == "call") for k in (95.0, 105.0)
    )
    between = (before["ask"] + after["ask"]) / 2
    call |= {"bid": round(between + 0.2, 2), "ask": round(between + 0.4, 2)}
    desk.give("chains", rows)
    assert desk.rules() == ["convexity"]
