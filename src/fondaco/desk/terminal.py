"""What the terminal looks at beside the catalogue: top bar, symbol list, chart of a symbol."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from fondaco.core.clock import Clock
from fondaco.core.errors import NotFound
from fondaco.core.events import Outbox
from fondaco.core.ids import content_hash
from fondaco.core.instrument import Instrument
from fondaco.core.jobs import Jobs
from fondaco.core.limits import CHART_POINTS_MAX
from fondaco.core.view import Chart, Series, Tone
from fondaco.desk.market_time import sessions_since
from fondaco.market.ports import Instruments, Newest
from fondaco.trading.ports import CardStore, OrderStore

if TYPE_CHECKING:
    from fondaco.market.prices import Prices

WATCHED_MAX = 100
CANDLE = ("open", "close", "low", "high")
_AVERAGES = {"SMA 20": 20, "SMA 50": 50, "SMA 200": 200}
_MOMENTUM = {"RSI 14": 14}
_DEVIATIONS = {"volatility 20": 20, "volatility 60": 60}
INDICATORS = (*_AVERAGES, *_MOMENTUM, *_DEVIATIONS)
_SESSIONS_PER_YEAR = 252


@dataclass(frozen=True, slots=True)
class BarStatus:
    """What stands in the top bar. `stale` says why prices are old, empty when they are fresh."""

    account: str
    label: str
    market_time: datetime | None
    replay: bool
    stale: str
    health: Tone
    health_detail: str
    change: str


@dataclass(frozen=True, slots=True)
class Listed:
    """An instrument as the symbol search shows it."""

    symbol: str
    name: str
    detail: str


@dataclass(frozen=True, kw_only=True)
class Terminal:
    """Read-only looks at the desk; each may be called from any thread."""

    prices: Callable[[], "Prices"]
    instruments: Callable[[], Instruments]
    cards: CardStore
    orders: OrderStore
    jobs: Jobs
    outbox: Outbox
    clock: Clock
    account: str
    age_sessions_max: int
    _read: dict[str, Any] = field(default_factory=dict, init=False, repr=False)

    def status(self) -> BarStatus:
        """Return what the top bar says now."""
        now = self.clock.now()
        newest = self._prices_now(now)
        cards = self.cards.list(limit=WATCHED_MAX)
        parked = len(self.outbox.parked())
        return BarStatus(
            account=self.account,
            label="" if newest is None else newest.origin.value,
            market_time=None if newest is None else newest.at,
            replay=bool(cards) and cards[0].replay,
            stale=self._stale(newest, now),
            health=Tone.WARNING if parked else Tone.GOOD,
            health_detail=f"{parked} events are parked: `fondaco events parked` shows them."
            if parked
            else "Nothing is parked. `fondaco doctor` checks everything.",
            change=self._change(cards),
        )

    def listings(self) -> tuple[Listed, ...]:
        """Return every instrument, by symbol."""
        return tuple(
            Listed(i.symbol, i.name, f"{i.asset_class.value}, {i.venue}")
            for i in sorted(self.instruments().all(), key=lambda i: (i.symbol, i.id))
        )

    def chart(self, symbol: str, indicators: tuple[str, ...]) -> Chart:
        """Return the whole history of a symbol: candles where there are opens, else closes.

        The latest points when there are more than a chart may hold. Raises NotFound.
        """
        now = self.clock.now()
        found = self.instruments().by_symbol(symbol, now.date())
        panel = self.prices().panel((found.id,), as_of=now)
        days = tuple(str(day) for day in panel.sessions)
        columns = {name: values[:, 0] for name, values in panel.fields.items()}
        lines = [_candles(columns) if panel.has_opens else _line(symbol, columns["close"])]
        panes = 0
        if "volume" in columns:
            panes += 1
            lines.append(Series("Volume", _values(columns["volume"]), "bar", panes))
        for name in indicators:
            pane = 0 if name in _AVERAGES else (panes := panes + 1)
            lines.append(_line(name, _indicator(name, panel.close), pane))
        return Chart(
            _title(found),
            days[-CHART_POINTS_MAX:],
            tuple(_cut(series) for series in lines),
            y_title=found.currency,
            label=panel.origin.value,
        )

    def _prices_now(self, now: datetime) -> Newest | None:
        """Return the last close and the label of its prices, read once a minute and version."""
        version = self.prices().version()
        key = version, now.replace(second=0, microsecond=0)
        if self._read.get("key") != key:
            newest = self.prices().newest(as_of=now) if version >= 0 else None
            self._read.update(key=key, found=newest)
        found: Newest | None = self._read["found"]
        return found

    def _stale(self, newest: Newest | None, now: datetime) -> str:
        if newest is None:
            return "no prices yet"
        age = sessions_since(self.prices(), newest, now)
        return f"the last close is {age:,} sessions old" if age > self.age_sessions_max else ""

    def _change(self, cards: tuple[Any, ...]) -> str:
        """Return a text that differs once a card, an order, a job or the prices have changed."""
        return content_hash(
            [
                self.prices().version(),
                [[card.id, card.state.value] for card in cards],
                [[o.order.client_id, o.state.value] for o in self.orders.list(limit=WATCHED_MAX)],
                [[job.id, job.state.value] for job in self.jobs.list(limit=10)],
            ]
        )[:16]


def _title(instrument: Instrument) -> str:
    return f"{instrument.symbol} · {instrument.name}" if instrument.name else instrument.symbol


def _line(name: str, column: Any, pane: int = 0) -> Series:
    return Series(name, _values(column), "line", pane)


def _values(column: Any) -> tuple[float | None, ...]:
    return tuple(None if value != value else float(value) for value in column.tolist())


def _candles(columns: Mapping[str, Any]) -> Series:
    rows = zip(*(columns[name].tolist() for name in CANDLE), strict=True)
    return Series(
        "Price", tuple(None if any(v != v for v in row) else row for row in rows), "candle"
    )


def _indicator(name: str, close: Any) -> Any:
    import numpy as np

    from fondaco.research import kernels

    prices = np.ascontiguousarray(close, dtype=np.float64)
    if name in _AVERAGES:
        return kernels.mean(prices, _AVERAGES[name])[:, 0]
    if name in _MOMENTUM:
        return kernels.wilder_rsi(prices, _MOMENTUM[name])[:, 0]
    if name in _DEVIATIONS:
        daily = kernels.deviation(kernels.log_change(prices), _DEVIATIONS[name], 1)[:, 0]
        return daily * _SESSIONS_PER_YEAR**0.5
    raise NotFound("no such indicator", value=name, bound=", ".join(INDICATORS))


def _cut(series: Series) -> Series:
    return Series(series.name, series.values[-CHART_POINTS_MAX:], series.kind, series.pane)
