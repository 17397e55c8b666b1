"""Facts of the bundled instruments, which their files do not hold.

Names, listing venues and GICS sectors of the shares are those of their issuers' annual reports
and of the S&P 500's list of members at the end of the data (December 2022); the funds are those
of iShares, listed on Cboe BZX. Every symbol is dated from its first row in the data.
"""

from dataclasses import dataclass
from datetime import date

from fondaco.core.instrument import AssetClass, DatedSymbol, Instrument
from fondaco.market.identity import instrument_id


@dataclass(frozen=True, slots=True)
class Facts:
    """What is typed in of one instrument."""

    symbol: str
    name: str
    venue: str
    asset_class: AssetClass = AssetClass.EQUITY
    sector: str | None = None
    start: date = date(1990, 1, 2)


def _fund(symbol: str, name: str) -> Facts:
    return Facts(symbol, name, "BATS", AssetClass.ETF, None, date(2014, 1, 2))


_ALL = (
    Facts("AAPL", "Apple Inc.", "XNAS", sector="Information Technology"),
    Facts("AMD", "Advanced Micro Devices, Inc.", "XNAS", sector="Information Technology"),
    Facts("BAC", "Bank of America Corporation", "XNYS", sector="Financials"),
    Facts("BBY", "Best Buy Co., Inc.", "XNYS", sector="Consumer Discretionary"),
    Facts("CVX", "Chevron Corporation", "XNYS", sector="Energy"),
    Facts("GE", "General Electric Company", "XNYS", sector="Industrials"),
    Facts("HD", "The Home Depot, Inc.", "XNYS", sector="Consumer Discretionary"),
    Facts("JNJ", "Johnson & Johnson", "XNYS", sector="Health Care"),
    Facts("JPM", "JPMorgan Chase & Co.", "XNYS", sector="Financials"),
    Facts("KO", "The Coca-Cola Company", "XNYS", sector="Consumer Staples"),
    Facts("LLY", "Eli Lilly and Company", "XNYS", sector="Health Care"),
    Facts("MRK", "Merck & Co., Inc.", "XNYS", sector="Health Care"),
    Facts("MSFT", "Microsoft Corporation", "XNAS", sector="Information Technology"),
    Facts("PEP", "PepsiCo, Inc.", "XNAS", sector="Consumer Staples"),
    Facts("PFE", "Pfizer Inc.", "XNYS", sector="Health Care"),
    Facts("PG", "The Procter & Gamble Company", "XNYS", sector="Consumer Staples"),
    Facts("RRC", "Range Resources Corporation", "XNYS", sector="Energy"),
    Facts("UNH", "UnitedHealth Group Incorporated", "XNYS", sector="Health Care"),
    Facts("WMT", "Walmart Inc.", "XNYS", sector="Consumer Staples"),
    Facts("XOM", "Exxon Mobil Corporation", "XNYS", sector="Energy"),
    Facts("SPX", "S&P 500 index", "XNYS", AssetClass.INDEX),
    Facts("IXIC", "NASDAQ Composite index", "XNAS", AssetClass.INDEX, start=date(1999, 1, 4)),
    Facts("VIX", "Cboe Volatility Index", "XCBO", AssetClass.INDEX, start=date(2014, 1, 3)),
    _fund("MTUM", "iShares MSCI USA Momentum Factor ETF"),
    _fund("QUAL", "iShares MSCI USA Quality Factor ETF"),
    _fund("SIZE", "iShares MSCI USA Size Factor ETF"),
    _fund("USMV", "iShares MSCI USA Min Vol Factor ETF"),
    _fund("VLUE", "iShares MSCI USA Value Factor ETF"),
)
INSTRUMENTS = {facts.symbol: facts for facts in _ALL}


@dataclass(frozen=True, slots=True)
class Move:
    """A day on which the close truly moved by more than the jump rule lets pass."""

    symbol: str
    day: date
    evidence: str


# RRC from 1990-04-10 to 1990-04-24 is left out on purpose: nothing was found to check it against.
MOVES = (
    Move("AAPL", date(2000, 9, 29), "Lean sample data: 53.38 to 25.81 on 134 million shares"),
    Move("AMD", date(2016, 4, 22), "pystock data: 2.62 to 3.99"),
    Move("RRC", date(1998, 10, 19), "PyPortfolioOpt test data: 2.25 to 3.45"),
    *(
        Move("VIX", day, "Cboe's published closes")
        for day in (
            date(2015, 8, 21),
            date(2015, 8, 24),
            date(2016, 6, 24),
            date(2017, 5, 17),
            date(2017, 8, 10),
            date(2018, 2, 5),
            date(2018, 10, 10),
        )
    ),
)


def instrument_of(facts: Facts) -> Instrument:
    """Return the instrument that the facts describe."""
    return Instrument(
        id=instrument_id(facts.asset_class, facts.venue, facts.symbol, facts.start),
        symbols=(DatedSymbol(facts.symbol, facts.start),),
        asset_class=facts.asset_class,
        venue=facts.venue,
        currency="USD",
        name=facts.name,
        sector=facts.sector,
    )
