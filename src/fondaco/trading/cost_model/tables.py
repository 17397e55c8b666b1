"""The rate tables by name."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from fondaco.core.errors import NotFound
from fondaco.trading.cost_model import tables_india as india
from fondaco.trading.cost_model import tables_us as us
from fondaco.trading.cost_model.lines import Table

TABLES: Mapping[str, Callable[[], Table]] = MappingProxyType(
    {
        "US_ZERO_COMMISSION": us.us_zero_commission,
        "US_IBKR_FIXED": us.us_ibkr_fixed,
        "US_IBKR_TIERED": us.us_ibkr_tiered,
        "IN_DELIVERY": india.in_delivery,
        "IN_DELIVERY_BSE": india.in_delivery_bse,
        "IN_INTRADAY": india.in_intraday,
        "IN_INTRADAY_BSE": india.in_intraday_bse,
        "IN_FUTURES": india.in_futures,
        "IN_OPTIONS": india.in_options,
        "IN_OPTIONS_BSE": india.in_options_bse,
    }
)
"""What makes each table; a table is made when it is asked for."""


def table(name: str) -> Table:
    """Return the rate table of a name; raises NotFound for one that is not known.

    >>> table("US_IBKR_FIXED").currency
    'USD'
    """
    if name not in TABLES:
        raise NotFound("there is no such rate table", value=name, bound=", ".join(sorted(TABLES)))
    return TABLES[name]()
