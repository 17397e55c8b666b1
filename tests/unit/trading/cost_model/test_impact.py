"""The price that an order gives up: the papers' figures, and what must hold for every order."""

from fractions import Fraction
from math import ceil

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fondaco.trading.cost_model.impact import conceded_price, concession_ppb, spread_ppb
from fondaco.trading.cost_model.units import CONCESSION_MAX, PPB_PER_BPS

DAYS = st.integers(0, 10**12)
COEFFICIENTS = st.floats(0, 10)
POWERS = st.sampled_from((0.5, 0.6, 1.0))
SIGMAS = st.integers(0, 10**9)


@pytest.mark.parametrize(
    ("sigma_bps", "day_share", "bps"),
    # Almgren, Thum, Hauptmann and Li (2005): K = 0.142 sigma (X / V T) ** 0.6, worked by hand for
    # a tenth of a day's volume traded within a tenth, a fifth and half of a day, at the daily
    # volatilities of their examples IBM (157 bps) and DRI (226): 0.142 x 157 x 0.5 ** 0.6 = 14.7.
    [(157, 0.1, 22), (157, 0.2, 15), (157, 0.5, 8), (226, 0.1, 32), (226, 0.2, 21), (226, 0.5, 12)],
)
def test_the_temporary_impact_is_that_of_almgren_and_others(
    sigma_bps: int, day_share: float, bps: int
) -> None:
    volume = 10_000_000
    traded_meanwhile = int(volume * day_share)
    given_up = concession_ppb(
        0, 0.142, 0.6, 0.0, sigma_bps * PPB_PER_BPS, volume // 10, traded_meanwhile
    )
    assert round(given_up / PPB_PER_BPS) == bps


def test_a_day_of_volume_costs_a_day_of_volatility() -> None:
    # Grinold and Kahn, Active Portfolio Management, chapter 16, the rule of thumb of the square
    # root model; a quarter of the volume then costs half of it.
    sigma = 200 * PPB_PER_BPS
    assert concession_ppb(0, 1.0, 0.5, 0.0, sigma, 1_000_000, 1_000_000) == sigma
    assert concession_ppb(0, 1.0, 0.5, 0.0, sigma, 250_000, 1_000_000) == sigma // 2


def test_the_linear_term_and_the_spread_add_to_it() -> None:
    # By hand: 3 bps of half spread, and 0.5 of 200 bps times a tenth: 10 bps.
    assert concession_ppb(300_000, 0.0, 0.5, 0.5, 20_000_000, 10, 100) == 1_300_000


@given(POWERS, SIGMAS, DAYS, DAYS)
def test_without_coefficients_nothing_is_given_up(
    power: float, sigma: int, quantity: int, adv: int
) -> None:
    assert concession_ppb(0, 0.0, power, 0.0, sigma, quantity, adv) == 0


@given(st.integers(0, 10**8), COEFFICIENTS, POWERS, COEFFICIENTS, SIGMAS, DAYS, DAYS, st.data())
def test_a_larger_order_never_gives_up_less(
    half: int,
    coefficient: float,
    power: float,
    linear: float,
    sigma: int,
    quantity: int,
    adv: int,
    data: st.DataObject,
) -> None:
    smaller = data.draw(st.one_of(st.integers(0, quantity), st.just(max(quantity - 1, 0))))
    less = concession_ppb(half, coefficient, power, linear, sigma, smaller, adv)
    more = concession_ppb(half, coefficient, power, linear, sigma, quantity, adv)
    assert 0 <= less <= more <= CONCESSION_MAX
    assert less >= min(half, CONCESSION_MAX)


@given(COEFFICIENTS, POWERS, COEFFICIENTS, SIGMAS, st.integers(1, 10**9), st.data())
def test_an_unknown_volume_is_as_dear_as_a_whole_day(
    coefficient: float, power: float, linear: float, sigma: int, adv: int, data: st.DataObject
) -> None:
    quantity = data.draw(st.integers(0, adv))
    unknown = concession_ppb(0, coefficient, power, linear, sigma, quantity, 0)
    assert unknown == concession_ppb(0, coefficient, power, linear, sigma, adv, adv)
    assert unknown >= concession_ppb(0, coefficient, power, linear, sigma, quantity, adv)


@pytest.mark.parametrize(
    ("sigma", "exponent", "expected"),
    # By hand: four times the reference volatility doubles the spread by its square root, and
    # makes it four times by its first power; an exponent of nothing leaves it.
    [(40, 0.5, 600_000), (40, 1.0, 1_200_000), (40, 0.0, 300_000), (10, 1.0, 300_000)],
)
def test_the_spread_grows_with_volatility(sigma: int, exponent: float, expected: int) -> None:
    assert spread_ppb(300_000, sigma * 10**6, 10 * 10**6, exponent) == expected


def test_the_spread_is_at_most_what_an_order_may_give_up() -> None:
    assert spread_ppb(10**8, 10**9, 1, 1.0) == CONCESSION_MAX
    assert spread_ppb(10**9, 1, 1, 0.0) == CONCESSION_MAX


@given(st.integers(1, 10**14), st.sampled_from((1, -1)), st.integers(0, CONCESSION_MAX))
def test_the_price_moves_by_the_concession_rounded_against_the_trader(
    price: int, side: int, concession: int
) -> None:
    given_up = ceil(Fraction(price * concession, 10**9))
    assert conceded_price(price, side, concession) == max(price + side * given_up, 1)
