"""Rate tables for United States shares, by day: the regulators' fees and three brokers' plans.

Every step names where its number stands. What is marked "not seen" was entered from the field's
common knowledge of the notice named and was not read there.
"""

from datetime import date
from decimal import Decimal

from fondaco.trading.cost_model.lines import (
    CENT_UP,
    MICRO_HALF_UP,
    Basis,
    Charge,
    Rounding,
    Sides,
    Step,
    Table,
    merge,
)

_SEC = "SEC, Section 31 of the Exchange Act, "
_TAF = "FINRA By-Laws, Schedule A, Section 1, Trading Activity Fee; "

SEC_PER_MILLION: tuple[tuple[date, str, str], ...] = (
    (date(2001, 12, 28), "15.00", "Fee Relief Act of 2002; history at traderstatus.com"),
    (date(2002, 4, 1), "30.10", "mid-year adjustment of 2002-03-01; traderstatus.com"),
    (date(2003, 3, 22), "25.20", "annual adjustment; traderstatus.com"),
    (date(2003, 4, 1), "46.80", "Fee Rate Advisory 12 for 2003; traderstatus.com"),
    (date(2004, 2, 22), "39.00", "annual adjustment; traderstatus.com"),
    (date(2004, 4, 1), "23.40", "Fee Rate Advisory 8 for 2004; traderstatus.com"),
    (date(2005, 1, 7), "32.90", "annual adjustment; traderstatus.com"),
    (date(2005, 4, 1), "41.80", "Fee Rate Advisory 7 for 2005; traderstatus.com"),
    (date(2005, 12, 22), "30.70", "annual adjustment; traderstatus.com"),
    (date(2007, 3, 17), "15.30", "rate from press release 2007-89; its first day not seen"),
    (date(2008, 1, 25), "11.00", "rate from press release 2007-89; its first day not seen"),
    (date(2008, 4, 1), "5.60", "FINRA information notice 3/10/08"),
    (date(2009, 4, 10), "25.70", "rate from press release 2009-100; its first day not seen"),
    (date(2010, 1, 15), "12.70", "press release 2009-270"),
    (date(2010, 4, 1), "16.90", "FINRA information notice 3/10/10"),
    (date(2011, 1, 21), "19.20", "press release 2010-255"),
    (date(2012, 2, 21), "18.00", "Fee Rate Advisory 5 for 2012"),
    (date(2012, 4, 1), "22.40", "rate from press release 2012-232; its first day not seen"),
    (date(2013, 5, 25), "17.40", "rate from FINRA notice 03/03/14; its first day not seen"),
    (date(2014, 3, 18), "22.10", "FINRA information notice 03/03/14"),
    (date(2015, 2, 14), "18.40", "annual adjustment for 2015; not seen"),
    (date(2016, 2, 16), "21.80", "rate from FINRA notice 3/15/16; its first day not seen"),
    (date(2017, 7, 4), "23.10", "Fee Rate Advisory for 2017"),
    (date(2018, 5, 22), "13.00", "FINRA information notice 5/7/18"),
    (date(2019, 4, 16), "20.70", "Fee Rate Advisory 2 for 2019"),
    (date(2020, 2, 18), "22.10", "FINRA information notice of 2020-02-03"),
    (date(2021, 2, 25), "5.10", "FINRA information notice 2/16/21"),
    (date(2022, 5, 14), "22.90", "rate from the order of 2023-01-23; its first day not seen"),
    (date(2023, 2, 27), "8.00", "Release 34-96724 of 2023-01-23"),
    (date(2024, 5, 22), "27.80", "Release 34-99973 of 2024-04-17; its first day not seen"),
    (date(2025, 5, 14), "0.00", "Release 34-102779 of 2025-04-08"),
    (date(2026, 4, 4), "20.60", "Release 34-104909 of 2026-02-27; rate and first day not seen"),
)
"""First day, dollars per million dollars sold, and where it stands."""

TAF_PER_SHARE: tuple[tuple[date, str, str, str], ...] = (
    (date(2005, 6, 1), "0.000075", "3.75", "Notice 11-27: in place for over six years"),
    (date(2011, 7, 1), "0.000090", "4.50", "Regulatory Notice 11-27"),
    (date(2012, 3, 1), "0.000095", "4.75", "Regulatory Notice 12-06"),
    (date(2012, 7, 1), "0.000119", "5.95", "proposed in 77 FR 27527; its first day not seen"),
    (date(2022, 1, 1), "0.000130", "6.49", "SR-FINRA-2020-032, fee increase schedule"),
    (date(2023, 1, 1), "0.000145", "7.27", "SR-FINRA-2020-032, fee increase schedule"),
    (date(2024, 1, 1), "0.000166", "8.30", "SR-FINRA-2020-032, fee increase schedule"),
    (date(2026, 1, 1), "0.000195", "9.79", "SR-FINRA-2024-019; rate and cap not seen"),
)
"""First day, dollars per share sold, most per trade, and where it stands."""

_IBKR = "interactivebrokers.com, Commissions, Stocks, United States"
_IBKR_FROM = date(2019, 4, 16)


def sec_fee(rounding: Rounding) -> tuple[Step, ...]:
    """Return the SEC's fee on sales, as a broker that rounds so passes it on."""
    return tuple(
        Step(
            day,
            Charge(
                name="SEC fee",
                basis=Basis.NOTIONAL,
                rate=Decimal(dollars).scaleb(-6),
                source=_SEC + source,
                sides=Sides.SELL,
                rounding=rounding,
            ),
        )
        for day, dollars, source in SEC_PER_MILLION
    )


def trading_activity_fee(rounding: Rounding) -> tuple[Step, ...]:
    """Return FINRA's fee on shares sold; its cap is per trade, taken here per order."""
    return tuple(
        Step(
            day,
            Charge(
                name="FINRA TAF",
                basis=Basis.SHARE,
                rate=Decimal(rate),
                source=_TAF + source,
                sides=Sides.SELL,
                maximum=Decimal(most),
                rounding=rounding,
            ),
        )
        for day, rate, most, source in TAF_PER_SHARE
    )


def us_zero_commission() -> Table:
    """Return the charges of a broker without commission, which passes the regulators' fees on."""
    return merge(
        "US_ZERO_COMMISSION",
        "USD",
        "No commission; SEC and FINRA fees on sales, each rounded up to the cent.",
        (sec_fee(CENT_UP), trading_activity_fee(CENT_UP)),
    )


def us_ibkr_fixed() -> Table:
    """Return Interactive Brokers' fixed plan: exchange and clearing fees are within it."""
    commission = Charge(
        name="commission",
        basis=Basis.SHARE,
        rate=Decimal("0.005"),
        minimum=Decimal("1.00"),
        maximum_rate=Decimal("0.01"),
        source=_IBKR + ", Fixed; seen in copies of 2019 and 2025",
    )
    return merge(
        "US_IBKR_FIXED",
        "USD",
        "0.005 a share, at least 1.00, at most 1 % of the value; SEC and FINRA fees on sales.",
        (
            (Step(_IBKR_FROM, commission),),
            sec_fee(MICRO_HALF_UP),
            trading_activity_fee(MICRO_HALF_UP),
        ),
    )


def us_ibkr_tiered() -> Table:
    """Return Interactive Brokers' tiered plan at its first tier, for orders that take liquidity.

    The exchange's fee is the most that Rule 610(c) of Regulation NMS lets it charge; a rebate for
    adding liquidity is not modelled, nor are the lower tiers of a larger month.
    """
    lines = (
        _tiered_commission(),
        _exchange_fee(),
        _clearing_fee(),
        _pass_through("NYSE pass-through", "0.000175"),
        _pass_through("FINRA pass-through", "0.00056"),
    )
    return merge(
        "US_IBKR_TIERED",
        "USD",
        "0.0035 a share, at least 0.35, at most 1 %; exchange, clearing and regulators' fees.",
        (
            *((Step(_IBKR_FROM, line),) for line in lines),
            sec_fee(MICRO_HALF_UP),
            trading_activity_fee(MICRO_HALF_UP),
        ),
    )


def _tiered_commission() -> Charge:
    return Charge(
        name="commission",
        basis=Basis.SHARE,
        rate=Decimal("0.0035"),
        minimum=Decimal("0.35"),
        maximum_rate=Decimal("0.01"),
        source=_IBKR + ", Tiered, up to 300,000 shares a month; copies of 2019 and 2025",
    )


def _exchange_fee() -> Charge:
    return Charge(
        name="exchange fee",
        basis=Basis.SHARE,
        rate=Decimal("0.003"),
        maximum_rate=Decimal("0.003"),
        source="Regulation NMS, 17 CFR 242.610(c): 0.003 a share, 0.3 % of the price below 1.00",
    )


def _clearing_fee() -> Charge:
    return Charge(
        name="clearing fee",
        basis=Basis.SHARE,
        rate=Decimal("0.00020"),
        maximum_rate=Decimal("0.005"),
        source=_IBKR + ", Clearing Fees, NSCC and DTC; the cap of 0.5 % of the value not seen",
    )


def _pass_through(name: str, rate: str) -> Charge:
    return Charge(
        name=name,
        basis=Basis.CHARGES,
        rate=Decimal(rate),
        taxes=("commission",),
        source=_IBKR + ", Pass-Through Fees; copy of 2019 (FINRA up to 0.000565 in later ones)",
    )
