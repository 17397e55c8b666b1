"""Named quantity types, each with its unit and bound: the words every surface shows."""

import re
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any

from pydantic import AwareDatetime, BeforeValidator, Field, TypeAdapter

_ISO_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_ISO_MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}.*", re.DOTALL)


def _iso_day(value: Any) -> Any:
    """Let pydantic read ISO dates only: it would take 20190628 for seconds since 1970."""
    if isinstance(value, datetime) or not isinstance(value, date | str):
        raise ValueError("write an ISO date, e.g. 2019-06-28")
    if isinstance(value, str) and not _ISO_DAY.fullmatch(value):
        raise ValueError("write an ISO date, e.g. 2019-06-28")
    return value


def _iso_moment(value: Any) -> Any:
    if not isinstance(value, datetime | str):
        raise ValueError("write an ISO time with its offset, e.g. 2019-06-28T20:00:00Z")
    if isinstance(value, str) and not _ISO_MOMENT.fullmatch(value):
        raise ValueError("write an ISO time with its offset, e.g. 2019-06-28T20:00:00Z")
    return value


def _iso_either(value: Any) -> Any:
    """Read a day as a day: pydantic would make it midnight, which is not its close."""
    if value is None:
        return None
    if isinstance(value, str) and _ISO_DAY.fullmatch(value):
        try:
            return date.fromisoformat(value)
        except ValueError as error:
            raise ValueError(f"{value}: {error}") from None
    if type(value) is date:
        return value
    if isinstance(value, datetime) or (isinstance(value, str) and _ISO_MOMENT.fullmatch(value)):
        return TypeAdapter(AwareDatetime).validate_python(value)
    raise ValueError("write an ISO date, or an ISO time with its offset")


Symbol = Annotated[
    str,
    Field(
        min_length=1,
        max_length=32,
        pattern=r"^[A-Z0-9][A-Z0-9.\-^=_]*$",
        description="ticker symbol in capitals, e.g. AAPL",
    ),
]
CardId = Annotated[str, Field(pattern=r"^TC-\d{1,12}$", description="trade card id, e.g. TC-17")]
BacktestId = Annotated[str, Field(pattern=r"^BT-\d{1,12}$", description="backtest id, e.g. BT-3")]
JobId = Annotated[str, Field(pattern=r"^J-\d{1,12}$", description="job id, e.g. J-5")]
FactId = Annotated[str, Field(pattern=r"^F-[0-9a-f]{16}$", description="fact id, F- and 16 digits")]
Digest = Annotated[
    str, Field(pattern=r"^[0-9a-f]{64}$", description="SHA-256 digest shown on the card, 64 digits")
]
Day = Annotated[date, BeforeValidator(_iso_day), Field(description="ISO date, e.g. 2019-06-28")]
Moment = Annotated[
    AwareDatetime,
    BeforeValidator(_iso_moment),
    Field(description="ISO time with offset, 2019-06-28T20:00:00Z"),
]
CashAmount = Annotated[
    Decimal,
    Field(
        gt=0,
        le=Decimal(10) ** 12,
        max_digits=18,
        decimal_places=2,
        description="amount of money above zero, at most two decimals",
    ),
]
Currency = Annotated[str, Field(pattern=r"^[A-Z]{3}$", description="ISO 4217 code, e.g. USD")]
RowLimit = Annotated[int, Field(ge=1, le=10_000, description="most rows to return, 1 to 10000")]
BasisPoints = Annotated[
    float, Field(ge=0, le=1_000, description="cost in basis points of the traded value, 0 to 1000")
]
AsOf = Annotated[
    date | AwareDatetime | None,
    BeforeValidator(_iso_either),
    Field(description="read as it was known then: ISO date (its close) or time with offset"),
]
