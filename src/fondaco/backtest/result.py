"""What a backtest gives: one frozen value with all that a report, a page or a sentence needs."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal

from fondaco.backtest.detail import Detail
from fondaco.core.instrument import Origin
from fondaco.portfolio.measures.drawdowns import Drawdown
from fondaco.research.trial_results import Standing


@dataclass(frozen=True, slots=True)
class Metrics:
    """How an account fared. Returns are shares (0.1 is 10 %); None where a ratio has no meaning.

    `portfolio.measures.table` gives the formula and source of each; years have 252 sessions.
    `cost` is money, `cost_annual` its share of mean equity a year, `turnover_annual` half of what
    was bought and sold over equity a year, `exposure` the mean of positions over equity,
    `hit_rate` the share of gaining sessions among those that moved.
    """

    total_return: float
    cagr: float
    vol_annual: float | None
    sharpe: float | None
    sortino: float | None
    max_drawdown: Drawdown
    hit_rate: float | None
    turnover_annual: float
    exposure: float
    cost: Decimal
    cost_annual: float


@dataclass(frozen=True, slots=True)
class BenchmarkMetrics:
    """How the benchmark fared over the same sessions; it pays no costs."""

    symbol: str
    total_return: float
    cagr: float
    vol_annual: float | None
    sharpe: float | None
    max_drawdown: Drawdown


@dataclass(frozen=True, slots=True)
class Curve:
    """The account at each session's close, as columns of one length.

    `equity` in the account's currency, `drawdown` and `exposure` as shares; `benchmark` is scaled
    to start at the capital, None on a day without a price, and empty when there is no benchmark.
    """

    days: tuple[date, ...]
    equity: tuple[float, ...]
    drawdown: tuple[float, ...]
    exposure: tuple[float, ...]
    benchmark: tuple[float | None, ...] = ()


@dataclass(frozen=True, slots=True)
class Month:
    """The return of one calendar month; the first and last may be cut short by the span."""

    year: int
    month: int
    value: float


@dataclass(frozen=True, slots=True)
class Trade:
    """One fill, with the session that decided it."""

    decided: date
    filled: date
    symbol: str
    side: str
    quantity: Decimal
    price: Decimal
    fee: Decimal


@dataclass(frozen=True, slots=True)
class BacktestResult:
    """One backtest. `id` is empty until it is kept; `key` is the same for the same run again.

    `label` is the data's origin, `fill_rule` says in words when orders were filled, `trial` is the
    content of its trial and `standing` how it stood among all that were made up to and with it.
    `trades` holds the latest ones when there were more than fit: `fills` counts them all.
    `detail` and `standing` are None for a result that was kept before there were any.
    """

    id: str
    key: str
    strategy: str
    parameters: dict[str, Any]
    symbols: tuple[str, ...]
    since: date
    until: date
    sessions: int
    label: Origin
    data_version: int
    fill_point: Literal["open", "close"]
    fill_rule: str
    currency: str
    capital: Decimal
    end_equity: Decimal
    costs: str
    metrics: Metrics
    benchmark: BenchmarkMetrics | None
    curve: Curve
    months: tuple[Month, ...]
    trades: tuple[Trade, ...]
    fills: int
    orders_open: int
    warnings: tuple[str, ...]
    created_at: datetime
    detail: Detail | None = None
    trial: str = ""
    standing: Standing | None = None


@dataclass(frozen=True, slots=True)
class BacktestReport:
    """A backtest with all that lies behind it; `file` is where its HTML file is, None for none.

    `link` opens that file on the desk's own web server.
    """

    result: BacktestResult
    file: str | None
    link: str


@dataclass(frozen=True, slots=True)
class BacktestSummary:
    """One line of the list of backtests; `trials` of its family, `deflated` as in `Standing`."""

    id: str
    strategy: str
    since: date
    until: date
    label: Origin
    cagr: float
    sharpe: float | None
    max_drawdown: float
    created_at: datetime
    trials: int | None = None
    deflated: float | None = None


def summary_of(result: BacktestResult) -> BacktestSummary:
    """Return the line of a backtest."""
    return BacktestSummary(
        result.id,
        result.strategy,
        result.since,
        result.until,
        result.label,
        result.metrics.cagr,
        result.metrics.sharpe,
        result.metrics.max_drawdown.depth,
        result.created_at,
        None if result.standing is None else result.standing.family.raw,
        None if result.standing is None else result.standing.deflated,
    )
