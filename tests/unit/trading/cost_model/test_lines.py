"""Charge lines, schedules and tables refuse what cannot be charged."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from fondaco.core.errors import InvalidInput
from fondaco.core.orders import Side
from fondaco.trading.cost_model.lines import (
    LINES_MAX,
    Basis,
    Charge,
    Rounding,
    Schedule,
    Step,
    Table,
    flat,
    merge,
)

DAY = date(2020, 1, 1)
FEE = Charge(name="fee", basis=Basis.NOTIONAL, rate=Decimal("0.001"), source="an example")


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"rate": Decimal("-0.001")}, "out of range"),
        ({"rate": Decimal("1.1")}, "out of range"),
        ({"rate": Decimal("NaN")}, "finite"),
        ({"rate": Decimal("1e-13")}, "too many decimals"),
        ({"minimum": Decimal("-1")}, "out of range"),
        ({"minimum": Decimal("0.0000001")}, "too many decimals"),
        ({"maximum": Decimal(5) * 10**12}, "out of range"),
        ({"maximum_rate": Decimal(2)}, "out of range"),
        ({"taxes": ("other",)}, "exactly when"),
        ({"basis": Basis.CHARGES}, "exactly when"),
        ({"basis": Basis.SHARE, "rate": Decimal(1001)}, "out of range"),
        ({"basis": Basis.ORDER, "rate": Decimal("0.0000001")}, "too many decimals"),
        ({"rounding": Rounding(7)}, "rounding"),
    ],
)
def test_a_line_that_cannot_be_charged_is_refused(change: dict[str, object], says: str) -> None:
    with pytest.raises(InvalidInput, match=says):
        replace(FEE, **change)  # type: ignore[arg-type]


def test_a_schedule_has_few_lines_each_named_once() -> None:
    many = tuple(replace(FEE, name=f"fee {i}") for i in range(LINES_MAX))
    assert len(Schedule(DAY, many).lines) == LINES_MAX
    with pytest.raises(InvalidInput, match="too many lines"):
        Schedule(DAY, (*many, FEE))
    with pytest.raises(InvalidInput, match="twice"):
        Schedule(DAY, (FEE, FEE))


def test_a_tax_is_taken_of_lines_that_are_there_and_are_no_taxes() -> None:
    tax = replace(FEE, name="tax", basis=Basis.CHARGES, taxes=("fee",))
    with pytest.raises(InvalidInput, match="cannot be taken of"):
        Schedule(DAY, (tax,))
    with pytest.raises(InvalidInput, match="cannot be taken of"):
        Schedule(DAY, (FEE, tax, replace(tax, name="again", taxes=("tax",))))


@pytest.mark.parametrize(("shares", "worth"), [("0", "1"), ("1.5", "1"), ("-1", "1"), ("1", "-1")])
def test_only_whole_shares_of_some_value_are_charged(shares: str, worth: str) -> None:
    with pytest.raises(InvalidInput):
        flat(Decimal(5), Decimal(1)).charges(Side.BUY, Decimal(shares), Decimal(worth))


@pytest.mark.parametrize(
    ("bps", "fee"), [("5.001", "1"), ("5", "1.001"), ("1001", "1"), ("5", "-1")]
)
def test_a_flat_commission_takes_what_the_setting_takes(bps: str, fee: str) -> None:
    with pytest.raises(InvalidInput):
        flat(Decimal(bps), Decimal(fee))


def test_a_table_needs_schedules_whose_days_ascend() -> None:
    later = Schedule(date(2021, 1, 1), (FEE,))
    with pytest.raises(InvalidInput, match="too few"):
        Table("T", "USD", "an example", ())
    with pytest.raises(InvalidInput, match="ascend"):
        Table("T", "USD", "an example", (later, Schedule(DAY, (FEE,))))
    with pytest.raises(InvalidInput, match="ascend"):
        Table("T", "USD", "an example", (later, later))


def test_levies_with_their_own_dates_make_one_schedule_per_change() -> None:
    tax = replace(FEE, name="tax", basis=Basis.CHARGES, taxes=("fee", "levy"))
    levy = replace(FEE, name="levy")
    table = merge(
        "T",
        "USD",
        "an example",
        (
            (Step(date(2019, 1, 1), FEE), Step(date(2022, 1, 1), replace(FEE, rate=Decimal(0)))),
            (Step(DAY, None), Step(date(2021, 1, 1), levy)),
            (Step(DAY, tax),),
        ),
    )
    days = [schedule.valid_from for schedule in table.schedules]
    assert days == [DAY, date(2021, 1, 1), date(2022, 1, 1)]
    assert [line.name for line in table.on(date(2020, 6, 1)).lines] == ["fee", "tax"]
    assert table.on(date(2020, 6, 1)).lines[-1].taxes == ("fee",)
    assert table.on(date(2021, 6, 1)).lines[-1].taxes == ("fee", "levy")
    assert table.on(date(2030, 1, 1)).lines[0].rate == 0


def test_a_tax_of_nothing_falls_out() -> None:
    tax = replace(FEE, name="tax", basis=Basis.CHARGES, taxes=("fee",))
    table = merge(
        "T",
        "USD",
        "an example",
        ((Step(DAY, FEE), Step(date(2021, 1, 1), None)), (Step(DAY, tax),)),
    )
    assert [len(schedule.lines) for schedule in table.schedules] == [2, 0]
    assert table.stacked().shape == (2, 2, 9)
