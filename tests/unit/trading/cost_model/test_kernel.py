"""The charges in whole numbers equal the exact reference, and the venue's fee of one commission."""

from dataclasses import replace
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fondaco.core.orders import Side
from fondaco.trading.cost_model import kernel, lines
from fondaco.trading.cost_model.lines import Basis, Charge, Schedule, Sides, flat
from fondaco.trading.costs import CENT, COUNT_MAX, MICRO, from_micros, to_micros

SHARES_MAX = COUNT_MAX // MICRO
ROUNDINGS = (lines.MICRO_HALF_UP, lines.CENT_HALF_UP, lines.CENT_UP, lines.WHOLE_HALF_UP)
AMOUNTS = st.integers(0, 10**10).map(from_micros)
PARTS = st.one_of(st.integers(0, 10**6), st.integers(0, 10**12))
RATES = PARTS.map(lambda parts: Decimal(parts).scaleb(-12))
BASES = st.sampled_from((Basis.ORDER, Basis.SHARE, Basis.NOTIONAL))
COUNTS = st.one_of(st.integers(0, 10**12), st.integers(0, COUNT_MAX), st.just(COUNT_MAX))
QUANTITIES = st.one_of(st.integers(1, 10_000), st.integers(1, SHARES_MAX))


@st.composite
def charges(draw: st.DrawFn, name: str, basis: Basis, taxes: tuple[str, ...] = ()) -> Charge:
    scale = 1_000 if basis is Basis.SHARE else 1
    return Charge(
        name=name,
        basis=basis,
        rate=draw(AMOUNTS) if basis is Basis.ORDER else draw(RATES) * scale,
        source="drawn",
        sides=draw(st.sampled_from(Sides)),
        minimum=draw(st.one_of(st.just(Decimal(0)), AMOUNTS)),
        maximum=draw(st.one_of(st.none(), AMOUNTS)),
        maximum_rate=draw(st.one_of(st.none(), RATES)),
        rounding=draw(st.sampled_from(ROUNDINGS)),
        taxes=taxes,
    )


@st.composite
def schedules(draw: st.DrawFn) -> Schedule:
    plain = [
        draw(charges(f"line {i}", draw(BASES)))
        for i in range(draw(st.integers(1, lines.LINES_MAX - 2)))
    ]
    names = [line.name for line in plain]
    taxes = [
        draw(
            charges(
                f"tax {i}",
                Basis.CHARGES,
                tuple(draw(st.lists(st.sampled_from(names), min_size=1, unique=True))),
            )
        )
        for i in range(draw(st.integers(0, 2)))
    ]
    return Schedule(date(2020, 1, 1), tuple(draw(st.permutations(plain + taxes))))


def total(schedule: Schedule, side: Side, shares: int, notional: int) -> int:
    return int(kernel.charge_total(schedule.rows(), side.sign, shares, notional))


@given(schedules(), st.sampled_from(Side), QUANTITIES, COUNTS)
def test_the_kernel_equals_the_exact_reference_to_the_micro(
    schedule: Schedule, side: Side, shares: int, notional: int
) -> None:
    exact = schedule.total(side, Decimal(shares), from_micros(notional))
    counted = total(schedule, side, shares, notional)
    if exact * MICRO > COUNT_MAX:
        assert counted == kernel.OVERFLOW
    else:
        assert counted == to_micros(exact)


@given(schedules(), st.sampled_from(Side), st.data())
def test_the_total_never_falls_while_an_order_fills(
    schedule: Schedule, side: Side, data: st.DataObject
) -> None:
    shares = sorted(data.draw(st.lists(QUANTITIES, min_size=2, max_size=6)))
    worth = sorted(data.draw(st.lists(COUNTS, min_size=len(shares), max_size=len(shares))))
    totals = [total(schedule, side, *pair) for pair in zip(shares, worth, strict=True)]
    counted = [count if count >= 0 else COUNT_MAX + 1 for count in totals]
    assert counted == sorted(counted)


@given(st.integers(0, 100_000), st.integers(0, 100_000), COUNTS)
def test_a_flat_schedule_is_exact_for_any_value(rate: int, fee_cents: int, notional: int) -> None:
    bps, fee_min = Decimal(rate).scaleb(-2), Decimal(fee_cents).scaleb(-2)
    cents = Fraction(notional * rate, 10_000 * 100 * CENT)  # by fractions, half up to the cent
    by_rule = max(int(cents + Fraction(1, 2)), fee_cents) * CENT
    assert total(flat(bps, fee_min), Side.BUY, 1, notional) == by_rule


@given(st.integers(1, 1_000), st.integers(1, 10**9), st.integers(0, 10_000))
def test_a_flat_schedule_is_the_costs_of_a_fill(shares: int, price: int, rate: int) -> None:
    bps = Decimal(rate).scaleb(-2)
    worth = shares * from_micros(price)
    fee = max((worth * bps / 10_000).quantize(Decimal("0.01"), ROUND_HALF_UP), Decimal(1))
    assert flat(bps, Decimal("1.00")).total(Side.SELL, Decimal(shares), worth) == fee


def test_the_minimum_and_maximum_hold_for_the_order_and_not_for_each_fill() -> None:
    # Half a cent a share, at least 1.00, at most 1 % of the value: 100 shares at 25.00 cost 1.00
    # and 1,000 cost 5.00 (the broker's own examples), however many fills they take.
    line = Charge(
        name="commission",
        basis=Basis.SHARE,
        rate=Decimal("0.005"),
        minimum=Decimal(1),
        maximum_rate=Decimal("0.01"),
        source="an example",
    )
    schedule = Schedule(date(2020, 1, 1), (line,))
    steps = [total(schedule, Side.BUY, n, n * 25_000_000) for n in (100, 200, 500, 1_000)]
    booked = np.diff([0, *steps])
    assert booked.tolist() == [1_000_000, 0, 1_500_000, 2_500_000]


def test_a_charge_beyond_what_is_counted_is_an_overflow() -> None:
    dear = Charge(name="a", basis=Basis.SHARE, rate=Decimal(1000), source="an example")
    schedule = Schedule(date(2020, 1, 1), (dear,))
    assert total(schedule, Side.BUY, 4 * 10**9, 0) == COUNT_MAX
    assert total(schedule, Side.BUY, 4 * 10**9 + 1, 0) == kernel.OVERFLOW
    capped = Schedule(date(2020, 1, 1), (replace(dear, maximum=Decimal(5)),))
    assert total(capped, Side.BUY, SHARES_MAX, 0) == 5_000_000
    whole = replace(dear, basis=Basis.NOTIONAL, rate=Decimal(1))
    twice = Schedule(date(2020, 1, 1), (whole, replace(whole, name="b")))
    assert total(twice, Side.SELL, 1, COUNT_MAX // 2) == COUNT_MAX
    assert total(twice, Side.SELL, 1, COUNT_MAX // 2 + 1) == kernel.OVERFLOW


@pytest.mark.parametrize(
    ("rounding", "micros"),
    [
        (lines.MICRO_HALF_UP, 1_234_568),  # 1.2345675 by hand
        (lines.CENT_HALF_UP, 1_230_000),
        (lines.CENT_UP, 1_240_000),
        (lines.WHOLE_HALF_UP, 1_000_000),
    ],
)
def test_each_rounding_is_the_one_it_is_called(rounding: lines.Rounding, micros: int) -> None:
    line = Charge(
        name="a",
        basis=Basis.NOTIONAL,
        rate=Decimal("0.1"),
        rounding=rounding,
        source="an example",
    )
    schedule = Schedule(date(2020, 1, 1), (line,))
    assert total(schedule, Side.BUY, 1, 12_345_675) == micros


def test_a_schedule_without_lines_charges_nothing() -> None:
    assert total(Schedule(date(2020, 1, 1), ()), Side.BUY, 1, 10**6) == 0


def test_a_line_taken_of_others_is_taken_of_those_that_it_names_alone() -> None:
    # By hand: 10 % of (1.00 + 4.00) = 0.50, so 1 + 2 + 4 + 0.50 = 7.50; the 2.00 is not taxed.
    fixed = [
        Charge(name=name, basis=Basis.ORDER, rate=Decimal(rate), source="an example")
        for name, rate in (("a", 1), ("b", 2), ("c", 4))
    ]
    tax = Charge(
        name="tax",
        basis=Basis.CHARGES,
        rate=Decimal("0.1"),
        taxes=("c", "a"),
        source="an example",
    )
    schedule = Schedule(date(2020, 1, 1), (fixed[0], tax, fixed[1], fixed[2]))
    assert total(schedule, Side.BUY, 1, 0) == 7_500_000
    assert schedule.total(Side.BUY, Decimal(1), Decimal(0)) == Decimal("7.5")
