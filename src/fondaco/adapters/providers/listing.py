"""Instruments as providers know them: a ticker, and at times an exchange."""

from datetime import date

from fondaco.core.instrument import AssetClass, DatedSymbol, Instrument
from fondaco.market.identity import CRYPTO, UNDATED, US_ANY, instrument_id

US_EXCHANGES = {
    "NYSE": "XNYS",
    "NEW YORK STOCK EXCHANGE, INC.": "XNYS",
    "NASDAQ": "XNAS",
    "NASDAQ NMS - GLOBAL MARKET": "XNAS",
    "NYSE ARCA": "ARCX",
    "ARCA": "ARCX",
    "NYSEARCA": "ARCX",
    "NYSE MKT": "XASE",
    "NYSE MKT LLC": "XASE",
    "AMEX": "XASE",
    "BATS": "BATS",
    "CBOE": "XCBO",
}


def us_listing(
    symbol: str,
    exchange: str | None = None,
    *,
    asset_class: AssetClass = AssetClass.EQUITY,
    name: str = "",
    start: date = UNDATED,
    end: date | None = None,
) -> Instrument:
    """Return a United States listing. Without an exchange that is known its venue is `US_ANY`,
    until a source names it: the symbol book then fills it in.
    """
    venue = US_EXCHANGES.get((exchange or "").upper(), US_ANY)
    return Instrument(
        id=instrument_id(asset_class, venue, symbol, start),
        symbols=(DatedSymbol(symbol, start, end),),
        asset_class=asset_class,
        venue=venue,
        currency="USD",
        name=name,
    )


def crypto_pair(base: str, quote: str) -> Instrument:
    """Return a pair of crypto assets, `BTC-USD`: one instrument, whichever exchange quotes it."""
    symbol = f"{base.upper()}-{quote.upper()}"
    return Instrument(
        id=instrument_id(AssetClass.CRYPTO, CRYPTO, symbol, UNDATED),
        symbols=(DatedSymbol(symbol, UNDATED),),
        asset_class=AssetClass.CRYPTO,
        venue=CRYPTO,
        currency=quote.upper(),
    )
