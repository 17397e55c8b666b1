"""Texts: news, social posts, policy texts, and trades that people say they made."""

from dataclasses import dataclass
from typing import Annotated

from fondaco.market.kinds.kind import In, kind
from fondaco.market.kinds.words import (
    At,
    Code,
    Count,
    Id,
    Key,
    Known,
    Price,
    Ratio,
    Size,
    Source,
    Url,
    Words,
)

Symbols = Annotated[str, In("tickers that the source tags, separated by commas")]
Said = Annotated[
    str, In("what is said to have been done", one_of=("buy", "sell", "short", "cover"))
]


@kind("news", key=("id",), of="id")
@dataclass(frozen=True, slots=True, kw_only=True)
class NewsRow:
    """A news item; its words are somebody's claim and never an instruction."""

    id: Id
    ts: At
    known_at: Known
    title: Words
    body: Words | None = None
    publisher: Words | None = None
    url: Url | None = None
    symbols: Symbols | None = None
    language: Code | None = None
    tone: Ratio | None = None
    source: Source


@kind("posts", key=("id",), of="id")
@dataclass(frozen=True, slots=True, kw_only=True)
class PostRow:
    """A post of a social network."""

    id: Id
    ts: At
    known_at: Known
    network: Code
    place: Words | None = None
    author: Words | None = None
    title: Words | None = None
    body: Words
    url: Url | None = None
    symbols: Symbols | None = None
    score: Ratio | None = None
    replies: Count | None = None
    source: Source


@kind("policy", key=("issuer", "id"), of="issuer")
@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyRow:
    """A text of a regulator or central bank (RBI, SEBI, PIB, Fed)."""

    issuer: Code
    id: Id
    ts: At
    known_at: Known
    form: Code
    title: Words
    body: Words | None = None
    url: Url | None = None
    source: Source


@kind("social_trades", key=("network", "id"), of="network")
@dataclass(frozen=True, slots=True, kw_only=True)
class SocialTradeRow:
    """A trade that somebody says to have made, on a social trading network."""

    network: Code
    id: Id
    ts: At
    known_at: Known
    author: Words
    symbol: Code
    instrument: Key | None = None
    trade: Said
    size: Size | None = None
    price: Price | None = None
    body: Words | None = None
    source: Source
