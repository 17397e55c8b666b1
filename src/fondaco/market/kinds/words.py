"""The column types of the kinds, each with its unit and bound: one word for one thing."""

from datetime import date, datetime
from typing import Annotated

from fondaco.market.kinds.kind import In

LARGE = 1e15
Key = Annotated[str, In("permanent instrument id")]
Series = Annotated[str, In("name of a series, as its publisher writes it")]
Id = Annotated[str, In("the source's own id of the thing")]
Words = Annotated[str, In("text")]
Url = Annotated[str, In("web address")]
Code = Annotated[str, In("code as the source writes it")]
Currency = Annotated[str, In("ISO 4217 code, or a token's ticker")]
At = Annotated[datetime, In("UTC, when it happened")]
Known = Annotated[datetime, In("UTC, when it could be known")]
When = Annotated[datetime, In("UTC")]
On = Annotated[date, In("day in the market's own zone")]
Source = Annotated[str, In("origin, or origin:name")]
Price = Annotated[float, In("currency per unit; may be below zero for futures", -1e9, 1e9)]
Positive = Annotated[float, In("currency per unit, not below zero", 0, 1e9)]
Size = Annotated[float, In("units of the instrument", 0, LARGE)]
Count = Annotated[int, In("number of things", 0, 10**15)]
Money = Annotated[float, In("currency units, may be below zero", -LARGE, LARGE)]
Worth = Annotated[float, In("currency units, not below zero", 0, LARGE)]
Ratio = Annotated[float, In("plain ratio", -1e9, 1e9)]
Share = Annotated[float, In("share from 0 to 1", 0, 1)]
Percent = Annotated[float, In("per cent per year", -100, 10_000)]
Vol = Annotated[float, In("annualised volatility, 0.2 is 20 %", 0, 50)]
Value = Annotated[float, In("in the unit that the series names", -1e18, 1e18)]
Flag = Annotated[bool, In("yes or no")]
