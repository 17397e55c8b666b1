"""Reference data: corporate actions, classifications and index membership."""

from dataclasses import dataclass
from typing import Annotated

from fondaco.market.kinds.kind import In, kind
from fondaco.market.kinds.words import At, Code, Currency, Key, Known, On, Positive, Source, Words

Action = Annotated[
    str,
    In(
        "what happened",
        one_of=("split", "dividend", "special", "spin_off", "rename", "delisting", "listing"),
    ),
]
Factor = Annotated[float, In("price before, made comparable with after: 0.5 for 2-for-1", 0, 1e6)]
Scheme = Annotated[str, In("whose classification", one_of=("GICS", "NSE", "SIC", "own"))]


@kind("actions", key=("instrument", "ex_date", "action"), of="instrument")
@dataclass(frozen=True, slots=True, kw_only=True)
class ActionRow:
    """A corporate action; `ts` is the start of its ex-date, `known_at` its announcement.

    `factor` multiplies earlier prices; `amount` is money per share before the action; `symbol`
    is the new ticker of a rename, or the child of a spin-off.
    """

    instrument: Key
    ts: At
    known_at: Known
    ex_date: On
    action: Action
    factor: Factor | None = None
    amount: Positive | None = None
    currency: Currency | None = None
    pay_date: On | None = None
    symbol: Code | None = None
    source: Source


@kind("classifications", key=("instrument", "scheme", "ts"), of="instrument")
@dataclass(frozen=True, slots=True, kw_only=True)
class ClassificationRow:
    """The sector and industry of an instrument from a day on."""

    instrument: Key
    ts: At
    known_at: Known
    scheme: Scheme
    sector: Words
    industry: Words | None = None
    code: Code | None = None
    source: Source


@kind("memberships", key=("index", "member", "start"), of="index")
@dataclass(frozen=True, slots=True, kw_only=True)
class MembershipRow:
    """A span in which an instrument was a member of an index; `end` empty means still."""

    index: Code
    member: Key
    ts: At
    known_at: Known
    start: On
    end: On | None = None
    weight: Annotated[float, In("share of the index", 0, 1)] | None = None
    source: Source
