"""How restless the market is: the annual volatility of an index over its last 20 sessions."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from fondaco.core.errors import NotFound
from fondaco.core.facts import Fact, Source
from fondaco.core.instrument import InstrumentId
from fondaco.trading.policy import Policy
from fondaco.trading.ports import PriceReader, SymbolBook

SESSIONS = 20
SESSIONS_PER_YEAR = 252
_DAYS_READ = 60  # holds 20 sessions of any market, holidays included


def index_volatility(
    prices: PriceReader, book: SymbolBook, policy: Policy, at: datetime
) -> Fact | None:
    """Return the index's volatility as a part of one, or None when it cannot be known.

    The index is the first of `policy.index_symbols` that the desk knows with closes in the last 21
    sessions. Volatility is the sample deviation of daily log returns times the root of 252; an
    index whose last close is stale gives none.
    """
    for symbol in policy.index_symbols:
        try:
            instrument = book.by_symbol(symbol, at.date())
        except NotFound:
            continue
        found = _volatility(prices, instrument.id, at)
        if found is not None and _fresh(prices, instrument.venue, policy, found[1], at):
            return Fact(
                "index_volatility",
                found[0],
                "share",
                at,
                Source(
                    "bars_1d",
                    (instrument.id,),
                    ("close",),
                    found[2],
                    found[1],
                    prices.version(),
                    f"deviation of {SESSIONS} daily log returns times the root of "
                    f"{SESSIONS_PER_YEAR}",
                ),
            )
    return None


def _volatility(
    prices: PriceReader, instrument: InstrumentId, at: datetime
) -> tuple[Decimal, datetime, datetime] | None:
    """Return the volatility and the closes of the last and the first session it rests on."""
    import numpy as np  # here, so that listing cards does not pay for it

    try:
        panel = prices.panel((instrument,), as_of=at, since=at.date() - timedelta(days=_DAYS_READ))
    except NotFound:
        return None
    closes, times = panel.close[-SESSIONS - 1 :, 0], panel.closes_at[-SESSIONS - 1 :]
    if len(closes) <= SESSIONS or not np.isfinite(closes).all():
        return None
    daily = float(np.diff(np.log(closes)).std(ddof=1))
    annual = Decimal(str(round(daily * SESSIONS_PER_YEAR**0.5, 6)))
    return annual, _moment(times[-1]), _moment(times[0])


def _moment(time: object) -> datetime:
    return datetime.fromisoformat(str(time)).replace(tzinfo=UTC)


def _fresh(prices: PriceReader, venue: str, policy: Policy, last: datetime, at: datetime) -> bool:
    calendar = prices.calendar(venue)
    since = calendar.sessions(last.date(), at.date())
    closed = sum(1 for day in since if last < calendar.close(day) <= at)
    return closed <= policy.price_age_sessions_max
