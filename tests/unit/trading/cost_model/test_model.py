"""The cost model as a value: each part of an estimate, refits, and plain data."""

import json
import subprocess
import sys
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fondaco.core.errors import InvalidInput
from fondaco.core.orders import Side
from fondaco.trading.cost_model.model import BOUNDS, MINUTES, US_PHASES, CostModel, Phase
from fondaco.trading.cost_model.tables import TABLES, table

DAY = date(2024, 6, 3)
SPREAD = Decimal(4)


def model(**changes: object) -> CostModel:
    given_values: dict[str, object] = {
        "name": "test",
        "table": table("US_IBKR_FIXED"),
        "half_spread_bps": SPREAD,
        "impact_sqrt": Decimal(1),
        "impact_linear": Decimal("0.5"),
    }
    return CostModel(**{**given_values, **changes})  # type: ignore[arg-type]


def test_each_part_of_an_estimate_is_worked_out_by_hand() -> None:
    # 10,000 shares at 50.00, 2 % a day, 1,000,000 shares a day: half spread 4 bps of 500,000 =
    # 200; root 1 x 2 % x sqrt(1 %) = 20 bps = 1,000; linear 0.5 x 2 % x 1 % = 1 bp = 50; the
    # price 50.00 x 1.0025 = 50.125; commission 10,000 x 0.005 = 50.
    found = model().estimate(
        Side.BUY,
        Decimal(10_000),
        Decimal(50),
        day=DAY,
        sigma=Decimal("0.02"),
        adv=Decimal(1_000_000),
    )
    assert (found.spread, found.impact_sqrt, found.impact_linear) == (200, 1_000, 50)
    assert found.price == Decimal("50.125")
    assert found.charges == (("commission", Decimal(50)),)
    assert found.total == 1_300
    assert not found.capped


def test_a_sale_gives_up_price_downwards_and_pays_the_regulators() -> None:
    # As above: 50.00 x 0.9975 = 49.875; SEC 27.80 per million of 498,750 = 13.86525; TAF 1.66.
    found = model().estimate(
        Side.SELL,
        Decimal(10_000),
        Decimal(50),
        day=DAY,
        sigma=Decimal("0.02"),
        adv=Decimal(1_000_000),
    )
    assert found.price == Decimal("49.875")
    assert dict(found.charges) == {
        "commission": Decimal(50),
        "SEC fee": Decimal("13.86525"),
        "FINRA TAF": Decimal("1.66"),
    }


@pytest.mark.parametrize(
    "change",
    [
        {"sigma": Decimal("0.03")},
        {"adv": Decimal(900_000)},
        {"adv": None},
        {"sigma": None},
        {"shares": Decimal(11_000)},
        {"price": Decimal(51)},
        {"minute": 571},
    ],
)
def test_every_input_moves_the_estimate_and_the_unknown_is_dearer(
    change: dict[str, Decimal | int | None],
) -> None:
    known: dict[str, object] = {
        "shares": Decimal(10_000),
        "price": Decimal(50),
        "sigma": Decimal("0.02"),
        "adv": Decimal(1_000_000),
        "minute": 700,
    }
    whole = model(time_of_day=US_PHASES, spread_vol_exponent=Decimal(1))
    before = whole.estimate(Side.BUY, day=DAY, **known)  # type: ignore[arg-type]
    after = whole.estimate(Side.BUY, day=DAY, **{**known, **change})  # type: ignore[arg-type]
    assert after.total > before.total


def test_the_day_picks_the_rates() -> None:
    # SEC release 34-96724: 22.90 per million before 2023-02-27 and 8.00 from then.
    fees = [
        dict(model().estimate(Side.SELL, Decimal(100), Decimal(50), day=day).charges)["SEC fee"]
        for day in (date(2023, 2, 26), date(2023, 2, 27))
    ]
    assert fees[0] / fees[1] == pytest.approx(Decimal("22.90") / 8, abs=Decimal("0.001"))


def test_a_fantastic_order_is_cut_at_half_the_price_and_says_so() -> None:
    found = model(impact_sqrt=Decimal(10)).estimate(
        Side.SELL, Decimal(10**9), Decimal(50), day=DAY, sigma=Decimal(1), adv=Decimal(1)
    )
    assert (found.price, found.capped) == (25, True)


@given(
    st.integers(1, 10**6),
    st.integers(1, 10**10),
    st.integers(0, 10_000),
    st.integers(0, 1_000),
    st.sampled_from(Side),
)
def test_the_flat_model_is_the_commission_that_the_venue_charged(
    shares: int, price: int, rate: int, cents: int, side: Side
) -> None:
    bps, least = Decimal(rate).scaleb(-2), Decimal(cents).scaleb(-2)
    at = Decimal(price).scaleb(-6)
    found = CostModel.flat(bps, least).estimate(side, Decimal(shares), at, day=DAY)
    assert found.price == at
    by_rule = (shares * at * bps / 10_000).quantize(Decimal("0.01"), ROUND_HALF_UP)
    assert found.total == max(by_rule, least)


def test_the_half_spread_of_a_minute_is_that_of_its_phase_and_outside_the_widest() -> None:
    # 4 bps are 400,000 ppb, by hand; twice that at the open and outside the session.
    minutes = model(time_of_day=US_PHASES).half_spreads()
    assert minutes.shape == (MINUTES,)
    picked = [int(minutes[at]) for at in (0, 569, 570, 584, 585, 660, 929, 930, 959, 960)]
    assert picked == [
        800_000,
        800_000,
        800_000,
        800_000,
        500_000,
        400_000,
        400_000,
        440_000,
        440_000,
        800_000,
    ]


def test_a_refit_is_a_new_model_that_says_when_and_from_what() -> None:
    before = model()
    after = before.refit(
        fitted_at=date(2024, 7, 1), source="fills of June", impact_sqrt=Decimal("0.8")
    )
    assert (before.impact_sqrt, before.fitted_at) == (1, None)
    assert (after.impact_sqrt, after.fitted_at) == (Decimal("0.8"), date(2024, 7, 1))
    assert after.table is before.table
    assert after.content != before.content
    shaped = after.refit(fitted_at=DAY, source="again", time_of_day=US_PHASES)
    assert (shaped.time_of_day, shaped.impact_sqrt) == (US_PHASES, Decimal("0.8"))


def test_a_refit_takes_the_coefficients_alone() -> None:
    with pytest.raises(InvalidInput, match=r"does not have.*name"):
        model().refit(fitted_at=DAY, source="fills", name=Decimal(1))


@pytest.mark.parametrize("name", sorted(BOUNDS))
def test_a_coefficient_out_of_its_range_is_refused(name: str) -> None:
    least, most = BOUNDS[name]
    for value in (least, most):
        assert getattr(model(**{name: value}), name) == value
    for value in (least - Decimal("0.001"), most + Decimal("0.001"), Decimal("NaN")):
        with pytest.raises(InvalidInput):
            model(**{name: value})


def test_phases_have_minutes_and_do_not_overlap() -> None:
    with pytest.raises(InvalidInput, match="overlap"):
        model(time_of_day=(Phase("a", 0, 10, SPREAD), Phase("b", 9, 20, SPREAD)))
    with pytest.raises(InvalidInput, match="no minutes"):
        Phase("a", 10, 10, SPREAD)
    with pytest.raises(InvalidInput, match="out of range"):
        Phase("a", 0, 10, Decimal(101))
    with pytest.raises(InvalidInput, match="too many phases"):
        model(time_of_day=tuple(Phase(str(i), i, i + 1, SPREAD) for i in range(25)))


@pytest.mark.parametrize(
    "change",
    [
        {"shares": Decimal("1.5")},
        {"shares": Decimal(0)},
        {"price": Decimal(0)},
        {"price": Decimal(10) ** 9},
        {"sigma": Decimal(-1)},
        {"adv": Decimal(-1)},
        {"minute": 1440},
        {"day": date(2000, 1, 1)},
    ],
)
def test_what_cannot_be_charged_is_refused(change: dict[str, object]) -> None:
    known: dict[str, object] = {"shares": Decimal(1), "price": Decimal(50), "day": DAY}
    with pytest.raises(InvalidInput):
        model().estimate(Side.BUY, **{**known, **change})  # type: ignore[arg-type]


@pytest.mark.parametrize("name", sorted(TABLES))
def test_plain_data_is_json_and_gives_the_same_model_again(name: str) -> None:
    before = model(
        table=table(name), time_of_day=US_PHASES, fitted_at=DAY, half_spread_bps=Decimal("4.50")
    )
    after = CostModel.of_plain(json.loads(json.dumps(before.plain())))
    assert after == before
    assert after.content == before.content


def test_the_content_is_of_values_and_not_of_how_they_were_written() -> None:
    assert model(impact_sqrt=Decimal("1.0")).content == model(impact_sqrt=Decimal("1")).content
    assert model(impact_sqrt=Decimal("1.1")).content != model().content
    assert model(table=table("US_ZERO_COMMISSION")).content != model().content


def test_without_a_time_the_widest_phase_holds() -> None:
    # 4 bps of 100 shares at 50.00 are 2.00; twice that at the open, by hand.
    shaped = model(time_of_day=US_PHASES, impact_sqrt=Decimal(0), impact_linear=Decimal(0))
    spreads = [
        shaped.estimate(Side.BUY, Decimal(100), Decimal(50), day=DAY, minute=minute).spread
        for minute in (700, 570, None)
    ]
    assert spreads == [2, 4, 4]


def test_a_model_is_made_without_the_heavy_libraries() -> None:
    program = (
        "import sys\n"
        "from decimal import Decimal\n"
        "from fondaco.trading.cost_model.model import CostModel\n"
        "from fondaco.trading.cost_model.tables import table\n"
        "CostModel.flat(Decimal(5), Decimal(1))\n"
        "CostModel(name='a', table=table('US_IBKR_FIXED')).content\n"
        "print(sorted({'numpy', 'numba'} & set(sys.modules)))\n"
    )
    ran = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert ran.stdout.strip() == "[]"
