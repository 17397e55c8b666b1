"""The `cboe` provider: Cboe's delayed quotes and option chains, and histories of the VIX family.

No key is needed. The files lie on Cboe's content network without a published protocol: what is
read here is what its own quote pages read, https://www.cboe.com/delayed_quotes/, and
https://www.cboe.com/tradable_products/vix/vix_historical_data. Never run against the live service.
A symbol that Cboe does not have is refused like a key that is wrong (403).
"""

import re

from fondaco.adapters.providers.cboe_read import EUROPEAN, INDICES, parse_answer
from fondaco.adapters.providers.parts import Service
from fondaco.adapters.providers.us_asks import options_of, symbols_of
from fondaco.core.errors import InvalidInput
from fondaco.core.instrument import Origin
from fondaco.market.ports import Ask, Parsed, Raw
from fondaco.market.sheets import Limit, Market, Offer, Sheet
from fondaco.market.tables import BARS

URL = "https://cdn.cboe.com/api/global/"
SYMBOL = re.compile(r"\^?[A-Z][A-Z0-9]{0,5}(\.[A-Z])?")
SYMBOLS_MAX = 100
HISTORIES = (
    "VIX",
    "VIX9D",
    "VIX3M",
    "VIX6M",
    "VIX1Y",
    "VVIX",
    "VXN",
    "RVX",
    "OVX",
    "GVZ",
    "SKEW",
)
SHEET = Sheet(
    "cboe",
    "Cboe",
    Origin.LIVE,
    (
        Offer("chains", (Market.US,), "now", 15),
        Offer("quotes", (Market.US,), "now", 15),
        Offer(BARS, (Market.US,), "indices of the VIX family, from 1990 or their start"),
    ),
    (Limit(10, 60),),
    terms="https://www.cboe.com/terms/: for personal use; no interface is promised, and asking "
    "in bulk is not allowed",
)


class Cboe(Service):
    """Chains and quotes delayed by 15 minutes, daily values of volatility indices."""

    sheet = SHEET

    def ask(self, ask: Ask) -> tuple[Raw, ...]:
        """Fetch one answer for each symbol; raises Unanswered, InvalidInput for wrong symbols."""
        such_as = "VIX" if ask.kind == BARS else "AAPL or SPX"
        found = symbols_of(ask, SHEET, SYMBOL, at_most=SYMBOLS_MAX, such_as=such_as)
        options_of(ask, SHEET, ())
        symbols = dict.fromkeys(symbol.lstrip("^") for symbol in found)
        if ask.kind == BARS:
            _check_histories(list(symbols))
        return tuple(self._one(ask.kind, symbol) for symbol in symbols)

    def parse(self, raw: Raw, ask: Ask) -> Parsed:
        """Read one answer; one that cannot be used as a whole is a fault."""
        return parse_answer(raw, ask)

    def _one(self, kind: str, symbol: str) -> Raw:
        if kind == BARS:
            path = f"us_indices/daily_prices/{symbol}_History.csv"
        else:
            file = f"_{symbol}" if symbol in INDICES | EUROPEAN else symbol
            path = f"delayed_quotes/{'options' if kind == 'chains' else 'quotes'}/{file}.json"
        return self._wire.get(URL + path, name=f"{kind}/{symbol}")


def _check_histories(symbols: list[str]) -> None:
    wrong = [symbol for symbol in symbols if symbol not in HISTORIES]
    if wrong:
        raise InvalidInput(
            f"{SHEET.title} has daily histories of volatility indices only",
            value=", ".join(wrong)[:80],
            bound=", ".join(HISTORIES),
        )
