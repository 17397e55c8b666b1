"""What the simulated market can be asked for: by kind, the names there are and what gives rows."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from fondaco.adapters.providers import simulated_company as company
from fondaco.adapters.providers import simulated_crypto as crypto
from fondaco.adapters.providers import simulated_economy as economy
from fondaco.adapters.providers import simulated_minutes as minutes
from fondaco.adapters.providers import simulated_options as options
from fondaco.adapters.providers import simulated_texts as texts
from fondaco.adapters.providers.simulated_world import (
    BANK,
    CHAIN,
    CURVE,
    FUTURE,
    INDEX,
    LISTED,
    NETWORK,
    PAIR,
    PERPETUAL,
    SHARES,
    VENUE,
    View,
)

Row = dict[str, object]
Source = Callable[[View, str], Iterator[Row]]
ECONOMY = "US"


@dataclass(frozen=True, slots=True)
class Stock:
    """What is there of one kind. Of what is `recent` the last session is given when no start is
    asked for. `days_max` is the longest span that may be asked for.
    """

    names: tuple[str, ...]
    rows: Source
    recent: bool = False
    days_max: int = 36_600


def _events(view: View, name: str) -> Iterator[Row]:
    return options.bank_days(view) if name == ECONOMY else company.event_rows(view, name)


_QUOTED = (*LISTED, PAIR)
_TRADED = (*SHARES, FUTURE, PAIR)
STOCK: dict[str, Stock] = {
    "bars_1d": Stock(_QUOTED, minutes.daily_rows),
    "bars_intraday": Stock(_QUOTED, minutes.bar_rows, True, 92),
    "quotes": Stock(_QUOTED, minutes.quote_rows, True, 31),
    "trades": Stock(_TRADED, minutes.trade_rows, True, 31),
    "depth": Stock(_TRADED, minutes.depth_rows, True, 10),
    "actions": Stock(SHARES, company.action_rows),
    "classifications": Stock(SHARES, company.classification_rows),
    "memberships": Stock((INDEX,), company.membership_rows),
    "chains": Stock(SHARES, options.chain_rows, True, 92),
    "fundamentals": Stock(SHARES, company.fundamental_rows),
    "estimates": Stock(SHARES, company.estimate_rows),
    "filings": Stock(SHARES, company.filing_rows),
    "deals": Stock(SHARES, company.deal_rows),
    "flows": Stock((VENUE,), economy.flow_rows),
    "events": Stock((*SHARES, ECONOMY), _events),
    "macro": Stock(tuple(economy.SERIES), economy.macro_rows),
    "yields": Stock((CURVE,), options.yield_rows),
    "news": Stock(SHARES, texts.news_rows),
    "posts": Stock(SHARES, texts.post_rows),
    "policy": Stock((BANK,), options.policy_rows),
    "social_trades": Stock((NETWORK,), texts.said_trade_rows),
    "funding": Stock((PERPETUAL,), crypto.funding_rows),
    "open_interest": Stock((PERPETUAL,), crypto.interest_rows),
    "transfers": Stock((CHAIN,), crypto.transfer_rows),
    "odds": Stock(("all",), crypto.odds_rows),
}
"""Every kind of data there is."""
