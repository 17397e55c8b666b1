"""Orders and fills as values."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from fondaco.core.clock import known_after
from fondaco.core.errors import InvalidInput
from fondaco.core.instrument import InstrumentId
from fondaco.core.money import require_finite


class Side(StrEnum):
    """Which way an order goes."""

    BUY = "buy"
    SELL = "sell"

    @property
    def sign(self) -> int:
        """1 for a buy, -1 for a sell."""
        return 1 if self is Side.BUY else -1


class OrderKind(StrEnum):
    """How an order asks to be filled."""

    MARKET = "market"
    LIMIT = "limit"
    STOP = "stop"
    STOP_LIMIT = "stop_limit"
    TRAILING_STOP = "trailing_stop"


class OrderTime(StrEnum):
    """When in a session an order trades: at any time, in the opening or the closing auction."""

    ANY = "any"
    OPEN = "open"
    CLOSE = "close"


class TimeInForce(StrEnum):
    """How long an order works.

    `day` ends with the session, `gtc` works until it is cancelled, `ioc` trades what it can at once
    and `fok` all or nothing, `gtd` works until a given time.
    """

    DAY = "day"
    GTC = "gtc"
    IOC = "ioc"
    FOK = "fok"
    GTD = "gtd"


_LIMITED = (OrderKind.LIMIT, OrderKind.STOP_LIMIT)
_STOPPED = (OrderKind.STOP, OrderKind.STOP_LIMIT)
OFFSET_MAX = Decimal(10)
ALL_HELD = Decimal(2**50)
"""The quantity of an exit for whatever is held when it trades."""


@dataclass(frozen=True, slots=True)
class Order:
    """An exact order. `client_id` is ours, unique for ever, stored before anything is sent.

    `limit` and `stop` are prices; `trail` is a trailing stop's distance in price, `trail_share` the
    same as a share of the best price. `expires_at` ends a `gtd` order. Orders of one `group` share
    what they may trade: what one fills is taken from the others. An order with a `parent` (a
    client_id) is an exit: it sleeps until its parent trades and then works for what that traded;
    its prices may be shares of the parent's mean price (`limit_offset`, `stop_offset`; 0.02 is
    2 %). `reduce_only` never opens or turns a position. Raises InvalidInput for what contradicts
    itself.

    >>> from fondaco.core.instrument import InstrumentId
    >>> share = InstrumentId("I-example")
    >>> Order("a-1", "paper", share, Side.BUY, Decimal(10), OrderKind.LIMIT, limit=Decimal(50)).tif
    <TimeInForce.GTC: 'gtc'>
    """

    client_id: str
    account: str
    instrument: InstrumentId
    side: Side
    quantity: Decimal
    kind: OrderKind = OrderKind.MARKET
    limit: Decimal | None = None
    stop: Decimal | None = None
    trail: Decimal | None = None
    trail_share: Decimal | None = None
    time: OrderTime = OrderTime.ANY
    tif: TimeInForce = TimeInForce.GTC
    expires_at: datetime | None = None
    group: str | None = None
    parent: str | None = None
    limit_offset: Decimal | None = None
    stop_offset: Decimal | None = None
    reduce_only: bool = False

    def __post_init__(self) -> None:
        if require_finite("a quantity", self.quantity) <= 0:
            raise InvalidInput(
                "an order's quantity must be above zero",
                value=self.quantity,
                bound="> 0",
                remedy="The side says buy or sell, not the sign.",
            )
        self._check_prices()
        self._check_time()

    def _check_prices(self) -> None:
        limited = self.limit is not None or self.limit_offset is not None
        stopped = self.stop is not None or self.stop_offset is not None
        trails = self.trail is not None or self.trail_share is not None
        for name, given, wanted in (
            ("limit", limited, self.kind in _LIMITED),
            ("stop", stopped, self.kind in _STOPPED),
            ("trail", trails, self.kind is OrderKind.TRAILING_STOP),
        ):
            if given != wanted:
                raise InvalidInput(
                    f"a {self.kind.value.replace('_', '-')} order "
                    f"{'needs' if wanted else 'has no'} {name}",
                    value=self.client_id,
                    bound=f"{name} {'given' if wanted else 'left out'}",
                )
        for name, price in (("limit", self.limit), ("stop", self.stop), ("trail", self.trail)):
            if price is not None and require_finite(f"a {name}", price) <= 0:
                raise InvalidInput(f"a {name} must be above zero", value=price, bound="> 0")
        for name, share in (
            ("limit offset", self.limit_offset),
            ("stop offset", self.stop_offset),
            ("trailing share", self.trail_share),
        ):
            if share is not None and not 0 < require_finite(f"a {name}", share) <= OFFSET_MAX:
                raise InvalidInput(
                    f"a {name} is out of range", value=share, bound=f"above 0, at most {OFFSET_MAX}"
                )
        if self.parent is None and (self.limit_offset or self.stop_offset):
            raise InvalidInput(
                "an offset is a share of the parent's price",
                value=self.client_id,
                bound="an order with a parent",
            )

    def _check_time(self) -> None:
        if (self.tif is TimeInForce.GTD) != (self.expires_at is not None):
            raise InvalidInput(
                "a good-till-date order, and no other, has an expiry",
                value=f"{self.tif.value}, expires {self.expires_at}",
            )
        auction = self.time is not OrderTime.ANY
        if auction and self.kind not in (OrderKind.MARKET, OrderKind.LIMIT):
            raise InvalidInput(
                "only market and limit orders trade in an auction",
                value=self.kind.value,
                bound="market, limit",
            )
        if auction and self.tif in (TimeInForce.IOC, TimeInForce.FOK):
            raise InvalidInput(
                "an order for an auction cannot trade at once",
                value=self.tif.value,
                bound="day, gtc, gtd",
            )


@dataclass(frozen=True, slots=True)
class Fill:
    """What the venue did. `execution_id` is the venue's and identifies the fill for ever."""

    execution_id: str
    client_id: str
    account: str
    instrument: InstrumentId
    side: Side
    quantity: Decimal
    price: Decimal
    fee: Decimal
    currency: str
    ts: datetime
    known_at: datetime

    def __post_init__(self) -> None:
        known_after("a fill", self.ts, self.known_at)
        if require_finite("a fill's quantity", self.quantity) <= 0:
            raise InvalidInput(
                "a fill's quantity must be above zero", value=self.quantity, bound="> 0"
            )
        if require_finite("a fill's price", self.price) <= 0:
            raise InvalidInput("a fill's price must be above zero", value=self.price, bound="> 0")
        if require_finite("a fee", self.fee) < 0:
            raise InvalidInput("a fee cannot be negative", value=self.fee, bound=">= 0")
