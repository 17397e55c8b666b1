"""Rate tables as plain data, safe as JSON, and back: numbers are kept as their decimal text."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from fondaco.trading.cost_model.lines import Basis, Charge, Rounding, Schedule, Sides, Table


def plain_table(table: Table) -> dict[str, Any]:
    """Return a table as plain data; `table_of_plain` gives the same table again."""
    return {
        "name": table.name,
        "currency": table.currency,
        "about": table.about,
        "schedules": [
            {
                "valid_from": schedule.valid_from.isoformat(),
                "lines": [_plain_line(line) for line in schedule.lines],
            }
            for schedule in table.schedules
        ],
    }


def table_of_plain(data: Mapping[str, Any]) -> Table:
    """Return the table of plain data; raises InvalidInput as `Table` does."""
    schedules = tuple(
        Schedule(
            date.fromisoformat(schedule["valid_from"]),
            tuple(_line_of_plain(line) for line in schedule["lines"]),
        )
        for schedule in data["schedules"]
    )
    return Table(data["name"], data["currency"], data["about"], schedules)


def text_or_none(value: Decimal | None) -> str | None:
    """Return a number's decimal text, None for none."""
    return None if value is None else number_text(value)


def number_text(value: Decimal) -> str:
    """Return one text for equal numbers.

    >>> number_text(Decimal("1.50")), number_text(Decimal("1E+2"))
    ('1.5', '100')
    """
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _plain_line(line: Charge) -> dict[str, Any]:
    return {
        "name": line.name,
        "basis": line.basis.name,
        "rate": number_text(line.rate),
        "source": line.source,
        "sides": line.sides.name,
        "minimum": number_text(line.minimum),
        "maximum": text_or_none(line.maximum),
        "maximum_rate": text_or_none(line.maximum_rate),
        "rounding": {"unit": line.rounding.unit, "up": line.rounding.up},
        "taxes": list(line.taxes),
    }


def _line_of_plain(data: Mapping[str, Any]) -> Charge:
    return Charge(
        name=data["name"],
        basis=Basis[data["basis"]],
        rate=Decimal(data["rate"]),
        source=data["source"],
        sides=Sides[data["sides"]],
        minimum=Decimal(data["minimum"]),
        maximum=_number_or_none(data["maximum"]),
        maximum_rate=_number_or_none(data["maximum_rate"]),
        rounding=Rounding(data["rounding"]["unit"], data["rounding"]["up"]),
        taxes=tuple(data["taxes"]),
    )


def _number_or_none(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)
