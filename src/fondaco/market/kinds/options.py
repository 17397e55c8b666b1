"""Option chains: one row per contract and moment, under the underlying's instrument."""

from dataclasses import dataclass
from typing import Annotated

from fondaco.market.kinds.kind import In, kind
from fondaco.market.kinds.words import (
    At,
    Code,
    Count,
    Key,
    Known,
    On,
    Positive,
    Price,
    Ratio,
    Size,
    Source,
    Vol,
)

Right = Annotated[str, In("call or put", one_of=("call", "put"))]
Style = Annotated[str, In("when it may be exercised", one_of=("american", "european"))]
Strike = Annotated[float, In("currency per unit of the underlying", 0, 1e9)]
Deliverable = Annotated[float, In("units of the underlying that one contract delivers", 0, 1e6)]


@kind("chains", key=("instrument", "ts", "expiry", "strike", "right", "root"), of="instrument")
@dataclass(frozen=True, slots=True, kw_only=True)
class ChainRow:
    """One option contract at a moment. `instrument` is the underlying's.

    `root` tells adjusted contracts from standard ones (`ABC1`); `deliverable` is never assumed.
    `iv` and the greeks are the source's own, per unit of the underlying, vega per 1.00 of
    volatility and theta per year.
    """

    instrument: Key
    ts: At
    known_at: Known
    expiry: On
    strike: Strike
    right: Right
    root: Code
    style: Style | None = None
    deliverable: Deliverable | None = None
    bid: Positive | None = None
    ask: Positive | None = None
    bid_size: Size | None = None
    ask_size: Size | None = None
    last: Positive | None = None
    volume: Count | None = None
    open_interest: Count | None = None
    underlying: Price | None = None
    iv: Vol | None = None
    delta: Ratio | None = None
    gamma: Ratio | None = None
    vega: Ratio | None = None
    theta: Ratio | None = None
    rho: Ratio | None = None
    source: Source
