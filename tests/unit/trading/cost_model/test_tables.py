"""Rate tables against what brokers and exchanges published, or against arithmetic shown here."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from fondaco.core.errors import InvalidInput, NotFound
from fondaco.core.orders import Side
from fondaco.trading.cost_model.kernel import charge_total
from fondaco.trading.cost_model.lines import Schedule
from fondaco.trading.cost_model.tables import TABLES, table
from fondaco.trading.costs import from_micros, to_micros


def lines(
    name: str, day: date, side: Side, shares: int, price: str
) -> tuple[Schedule, dict[str, Decimal]]:
    schedule = table(name).on(day)
    worth = shares * Decimal(price)
    return schedule, dict(schedule.charges(side, Decimal(shares), worth))


@pytest.mark.parametrize(
    ("shares", "price", "commission"),
    [(100, "25", "1.00"), (1_000, "25", "5.00"), (1_000, "0.25", "2.50"), (10, "0.20", "0.02")],
)
def test_the_fixed_plan_gives_the_examples_of_interactive_brokers(
    shares: int, price: str, commission: str
) -> None:
    # interactivebrokers.co.uk, Commissions, Stocks: the three "Fixed Examples"; the fourth from
    # its note that the maximum is assessed where it is below the minimum (1 % of 2.00).
    _, amounts = lines("US_IBKR_FIXED", date(2025, 3, 3), Side.BUY, shares, price)
    assert amounts == {"commission": Decimal(commission)}


def test_the_sec_fee_is_the_example_of_a_broker_before_its_rounding() -> None:
    # Motif's page of fees: 10,000 of sales at 23.10 per million are 0.231, and a cent more for
    # a broker that rounds up to the penny: 0.24.
    day = date(2018, 3, 1)
    zero, amounts = lines("US_ZERO_COMMISSION", day, Side.SELL, 100, "100")
    assert amounts["SEC fee"] == Decimal("0.24")
    assert zero.lines[0].rate * 10_000 == Decimal("0.231")


def test_the_trading_activity_fee_is_rounded_up_and_capped_as_published() -> None:
    # brokerage-review.com, 2024: 1,000 shares cost 0.17; FINRA's cap of that year is 8.30.
    _, small = lines("US_ZERO_COMMISSION", date(2024, 6, 3), Side.SELL, 1_000, "10")
    _, large = lines("US_ZERO_COMMISSION", date(2024, 6, 3), Side.SELL, 60_000, "10")
    assert (small["FINRA TAF"], large["FINRA TAF"]) == (Decimal("0.17"), Decimal("8.30"))


@pytest.mark.parametrize(
    ("day", "ten_thousand", "cap"),
    # FINRA's fee increase schedule of SR-FINRA-2020-032, in dollars per million shares: 119, 130,
    # 145 and 166, here on 10,000 shares.
    [
        (date(2021, 12, 31), "1.19", "5.95"),
        (date(2022, 1, 3), "1.30", "6.49"),
        (date(2023, 1, 3), "1.45", "7.27"),
        (date(2024, 1, 2), "1.66", "8.30"),
    ],
)
def test_the_trading_activity_fee_follows_its_schedule(
    day: date, ten_thousand: str, cap: str
) -> None:
    _, some = lines("US_ZERO_COMMISSION", day, Side.SELL, 10_000, "10")
    _, many = lines("US_ZERO_COMMISSION", day, Side.SELL, 10_000_000, "10")
    assert (some["FINRA TAF"], many["FINRA TAF"]) == (Decimal(ten_thousand), Decimal(cap))


@pytest.mark.parametrize(
    ("name", "charge"),
    # Zerodha's list of 2021: 0.00345, 0.002 and 0.053 %, on a lakh.
    [("IN_INTRADAY", "3.45"), ("IN_FUTURES", "2.00"), ("IN_OPTIONS", "53.00")],
)
def test_the_nse_charged_more_from_2021_to_2023(name: str, charge: str) -> None:
    _, amounts = lines(name, date(2022, 3, 1), Side.SELL, 1_000, "100")
    assert amounts["exchange charge"] == Decimal(charge)


def test_the_tax_on_services_takes_the_fee_of_sebi_from_july_2022() -> None:
    # BSE notice 20220830-5. By hand on a crore of premium bought, 20 + 5,300 + SEBI's 10: 18 %
    # of 5,320 is 957.60, and of 5,330 it is 959.40.
    taxes = [
        lines("IN_OPTIONS", day, Side.BUY, 10_000, "1000")[1]["tax on services"]
        for day in (date(2022, 7, 15), date(2022, 7, 18))
    ]
    assert taxes == [Decimal("957.60"), Decimal("959.40")]


def test_a_buy_pays_no_regulators_fee_and_a_free_broker_nothing() -> None:
    _, amounts = lines("US_ZERO_COMMISSION", date(2024, 6, 3), Side.BUY, 1_000, "10")
    assert amounts == {}


@pytest.mark.parametrize(
    ("day", "fee"),
    [
        # SEC release 34-96724: 22.90 up to 2023-02-26, 8.00 from the 27th; on 1,000,000 sold.
        (date(2023, 2, 26), "22.90"),
        (date(2023, 2, 27), "8.00"),
        # FINRA notice 5/7/18: 23.10, then 13.00 from 2018-05-22.
        (date(2018, 5, 21), "23.10"),
        (date(2018, 5, 22), "13.00"),
        # SEC release 34-102779: nothing from 2025-05-14.
        (date(2025, 5, 13), "27.80"),
        (date(2025, 5, 14), "0"),
    ],
)
def test_the_sec_fee_changes_on_the_day_of_the_notice(day: date, fee: str) -> None:
    _, amounts = lines("US_ZERO_COMMISSION", day, Side.SELL, 10_000, "100")
    assert amounts["SEC fee"] == Decimal(fee)


def test_the_tiered_plan_adds_the_fees_of_exchange_clearing_and_pass_through() -> None:
    # By hand, 1,000 shares bought at 25.00: commission 1,000 x 0.0035 = 3.50; exchange
    # 1,000 x 0.003 = 3.00; clearing 1,000 x 0.0002 = 0.20; pass-through 3.50 x 0.000175 =
    # 0.0006125, to the micro 0.000613, and 3.50 x 0.00056 = 0.00196.
    schedule, amounts = lines("US_IBKR_TIERED", date(2022, 3, 1), Side.BUY, 1_000, "25")
    assert amounts == {
        "commission": Decimal("3.50"),
        "exchange fee": Decimal("3.00"),
        "clearing fee": Decimal("0.20"),
        "NYSE pass-through": Decimal("0.000613"),
        "FINRA pass-through": Decimal("0.00196"),
    }
    counted = charge_total(schedule.rows(), 1, 1_000, to_micros(Decimal(25_000)))
    assert from_micros(counted) == Decimal("6.702573")


def test_an_intraday_round_trip_is_that_of_a_published_calculator() -> None:
    # The calculator that Indian discount brokers publish, in its form of 2018 (thincredblu.com):
    # 400 shares bought at 1,000 and sold at 1,100: brokerage 40, STT 110, exchange 27.3, GST
    # 12.11, SEBI 1.26, in all 190.67; stamp duty, then the state's, stands outside it.
    day = date(2018, 6, 1)
    _, buy = lines("IN_INTRADAY", day, Side.BUY, 400, "1000")
    _, sell = lines("IN_INTRADAY", day, Side.SELL, 400, "1100")
    both = {name: buy.get(name, Decimal(0)) + amount for name, amount in sell.items()}
    stamp = both.pop("stamp duty")
    assert both["brokerage"] == 40
    assert both["STT"] == 110
    assert both["exchange charge"] == Decimal("27.3")
    assert both["tax on services"].quantize(Decimal("0.1")) == Decimal("12.1")
    assert both["SEBI fee"] == Decimal("1.26")
    # The calculator rounds GST once for both orders (12.114), this model each (5.94 + 6.17).
    assert sum(both.values()) == Decimal("190.67")
    # Maharashtra's 0.002 % of 840,000, by hand.
    assert stamp == Decimal("16.80")


def test_a_delivery_of_october_2024_is_the_sum_of_its_levies() -> None:
    # By hand for 100 shares at 1,000 (100,000 rupees): STT 0.1 % = 100; NSE 0.00297 % = 2.97;
    # IPFT 0.0001 % = 0.10; SEBI 0.0001 % = 0.10; stamp 0.015 % on the buy = 15; depository 13 on
    # the sale; GST 18 % of 3.17 = 0.57, of 16.17 = 2.91.
    day = date(2024, 10, 1)
    _, buy = lines("IN_DELIVERY", day, Side.BUY, 100, "1000")
    _, sell = lines("IN_DELIVERY", day, Side.SELL, 100, "1000")
    assert sum(buy.values()) == Decimal("118.74")
    assert sum(sell.values()) == Decimal("119.08")
    assert buy["stamp duty"] == 15
    assert "stamp duty" not in sell


def test_the_depository_charge_with_its_tax_is_what_the_broker_publishes() -> None:
    # Zerodha: 13.50 and 18 % GST are 15.93 (until 2024), by the smallest order, whose own
    # exchange charge rounds to nothing in the tax.
    _, sell = lines("IN_DELIVERY", date(2019, 6, 3), Side.SELL, 1, "1")
    assert sell["depository charge"] + sell["tax on services"] == Decimal("15.93")


@pytest.mark.parametrize(
    ("name", "day", "rupees"),
    [
        # Upstox on the Finance Bill 2023: options 6,250 and futures 1,250 on one crore sold;
        # Business Standard: 5,000 and 1,000 before.
        ("IN_OPTIONS", date(2023, 3, 31), 5_000),
        ("IN_OPTIONS", date(2023, 4, 1), 6_250),
        ("IN_FUTURES", date(2023, 3, 31), 1_000),
        ("IN_FUTURES", date(2023, 4, 1), 1_250),
        # Zerodha's table of STT, 2024-10-01: 0.1 % and 0.02 %.
        ("IN_OPTIONS", date(2024, 10, 1), 10_000),
        ("IN_FUTURES", date(2024, 10, 1), 2_000),
        # Cleartax on the Budget of 2026: 0.15 % and 0.05 %.
        ("IN_OPTIONS", date(2026, 4, 1), 15_000),
        ("IN_FUTURES", date(2026, 4, 1), 5_000),
    ],
)
def test_the_tax_on_a_crore_of_derivatives_sold(name: str, day: date, rupees: int) -> None:
    _, amounts = lines(name, day, Side.SELL, 10_000, "1000")
    assert amounts["STT"] == rupees


@pytest.mark.parametrize(
    ("name", "fee"),
    # NSE's circular of 2024-09-27: 2.97, 1.73 and 35.03 rupees per lakh each side; BSE's of the
    # same day: 3,250 per crore of premium; BSE cash 375 per crore.
    [
        ("IN_INTRADAY", "2.97"),
        ("IN_FUTURES", "1.73"),
        ("IN_OPTIONS", "35.03"),
        ("IN_OPTIONS_BSE", "32.50"),
        ("IN_DELIVERY_BSE", "3.75"),
    ],
)
def test_the_exchange_charges_what_its_circular_says_per_lakh(name: str, fee: str) -> None:
    _, amounts = lines(name, date(2025, 1, 2), Side.BUY, 1_000, "100")
    assert amounts["exchange charge"] == Decimal(fee)


def test_stt_is_rounded_to_the_rupee() -> None:
    # 0.1 % of 1,499 and of 1,500, by hand: 1.499 and 1.5.
    _, below = lines("IN_DELIVERY", date(2025, 1, 2), Side.BUY, 1, "1499")
    _, half = lines("IN_DELIVERY", date(2025, 1, 2), Side.BUY, 1, "1500")
    assert (below["STT"], half["STT"]) == (1, 2)


@pytest.mark.parametrize("name", sorted(TABLES))
def test_a_day_before_a_table_is_refused_and_its_first_day_is_not(name: str) -> None:
    known = table(name)
    first = known.schedules[0].valid_from
    assert known.on(first) is known.schedules[0]
    with pytest.raises(InvalidInput, match=f"{name} does not reach back so far.*{first}"):
        known.on(first - timedelta(days=1))


@pytest.mark.parametrize("name", sorted(TABLES))
@pytest.mark.parametrize("side", Side)
def test_every_schedule_is_the_same_in_the_kernel_and_names_its_sources(
    name: str, side: Side
) -> None:
    for schedule in table(name).schedules:
        exact = schedule.total(side, Decimal(137), Decimal("43217.89"))
        counted = charge_total(schedule.rows(), side.sign, 137, to_micros(Decimal("43217.89")))
        assert from_micros(counted) == exact
        assert all(len(line.source) > 10 for line in schedule.lines)


@pytest.mark.parametrize("name", sorted(TABLES))
def test_the_schedules_of_a_run_stacked_charge_what_each_day_does(name: str) -> None:
    known = table(name)
    first = known.schedules[0].valid_from
    days = [first + timedelta(days=97 * i) for i in range(40)]
    stacked, places = known.stacked(), known.places(days)
    assert len(stacked) == len(known.schedules)
    for day, place in zip(days, places, strict=True):
        counted = charge_total(stacked[place], -1, 250, to_micros(Decimal(12_500)))
        exact = known.on(day).total(Side.SELL, Decimal(250), Decimal(12_500))
        assert from_micros(counted) == exact
    with pytest.raises(InvalidInput, match="does not reach back so far"):
        known.places([first, first - timedelta(days=1)])


def test_an_unknown_table_is_named_with_those_that_are_known() -> None:
    with pytest.raises(NotFound, match="US_IBKR_FIXED"):
        table("US_NOBODY")
