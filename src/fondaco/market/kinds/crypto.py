"""Crypto and prediction markets: funding, open interest, transfers on chains, odds."""

from dataclasses import dataclass
from typing import Annotated

from fondaco.market.kinds.kind import In, kind
from fondaco.market.kinds.words import (
    At,
    Code,
    Currency,
    Id,
    Key,
    Known,
    Positive,
    Share,
    Size,
    Source,
    When,
    Words,
    Worth,
)

FundingRate = Annotated[float, In("share of the notional per interval, 0.0001 is 1 bp", -1, 1)]
Hours = Annotated[float, In("hours between two fundings", 0, 240)]


@kind("funding", key=("instrument", "ts"), of="instrument")
@dataclass(frozen=True, slots=True, kw_only=True)
class FundingRow:
    """What holders of a perpetual future paid each other at a moment; longs pay when above 0."""

    instrument: Key
    ts: At
    known_at: Known
    rate: FundingRate
    hours: Hours | None = None
    mark: Positive | None = None
    source: Source


@kind("open_interest", key=("instrument", "ts"), of="instrument")
@dataclass(frozen=True, slots=True, kw_only=True)
class OpenInterestRow:
    """Contracts that are open at a moment."""

    instrument: Key
    ts: At
    known_at: Known
    contracts: Size
    value: Worth | None = None
    currency: Currency | None = None
    source: Source


@kind("transfers", key=("chain", "id"), of="chain")
@dataclass(frozen=True, slots=True, kw_only=True)
class TransferRow:
    """A transfer on a chain; `id` is its transaction and place in it."""

    chain: Code
    id: Id
    ts: At
    known_at: Known
    token: Code
    amount: Size
    value: Worth | None = None
    sender: Code
    receiver: Code
    sender_name: Words | None = None
    receiver_name: Words | None = None
    source: Source


@kind("odds", key=("market", "outcome", "ts"), of="market")
@dataclass(frozen=True, slots=True, kw_only=True)
class OddsRow:
    """The price of an outcome on a prediction market: about its probability, fees aside."""

    market: Id
    outcome: Words
    ts: At
    known_at: Known
    title: Words
    bid: Share | None = None
    ask: Share | None = None
    last: Share | None = None
    volume: Worth | None = None
    closes_at: When | None = None
    source: Source
