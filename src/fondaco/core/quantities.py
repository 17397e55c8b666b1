"""Named quantity types, each with its unit and bound: the words every surface shows."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated

from pydantic import AwareDatetime, Field

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
Day = Annotated[date, Field(description="ISO date, e.g. 2019-06-28")]
Moment = Annotated[AwareDatetime, Field(description="ISO time with offset, 2019-06-28T20:00:00Z")]
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
    datetime | date | None,
    Field(description="read as it was known then: ISO date (its close) or time with offset"),
]
