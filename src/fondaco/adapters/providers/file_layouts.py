"""Layouts: options under a name, for files that many people have.

A layout holds nothing that a person could not type as options; what is typed beside it goes
before it. `says` is what the file is and what was decided in reading it.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from fondaco.core.errors import InvalidInput
from fondaco.market.identity import CRYPTO, US_ANY
from fondaco.market.tables import BARS


@dataclass(frozen=True, slots=True)
class Layout:
    """A kind of file: what it holds, and the options by which it is read."""

    name: str
    kind: str
    says: str
    options: Mapping[str, str]


_NEW_YORK = {"zone": "America/New_York"}
_MINUTE = {"stamp": "open", "seconds": "60"}
_LEAN_CONTRACT = (
    r"contract:^\d+_(?<ticker>[a-z]+)_minute_quote_(?<style>[a-z]+)_(?<right>call|put)"
    r"_(?<units>\d+)_(?<expiry>\d{8})"
)
_LEAN_GREEKS = "last=close,vega=vega*100,theta=theta*365,rho=rho*100"
_QUARTER = "revenues,op_income,net_income"
_YEAR_TO_DATE = "cash_flow_op,cash_flow_inv,cash_flow_fin"
_BALANCE = "assets,cur_assets,cur_liab,cash,equity"
_PER_SHARE = "eps_basic,eps_diluted,dividend"


def _items() -> str:
    each = (
        (_QUARTER, "USD:quarter"),
        (_PER_SHARE, "USD/shares:quarter"),
        (_BALANCE, "USD:day"),
        (_YEAR_TO_DATE, "USD:year_to_date"),
    )
    return ",".join(f"{name}={says}" for names, says in each for name in names.split(","))


_ALL = (
    Layout(
        "lean-minute-trades",
        "bars_intraday",
        "Lean: bars of a minute in New York time, stamped by their open",
        _NEW_YORK | _MINUTE,
    ),
    Layout(
        "lean-hour-trades",
        "bars_intraday",
        "Lean: bars of an hour in New York time, stamped by their open",
        _NEW_YORK | {"stamp": "open", "seconds": "3600"},
    ),
    Layout(
        "lean-minute-quotes",
        "quotes",
        "Lean: the best bid and ask at the end of each minute; a minute is stamped by its open",
        _NEW_YORK | _MINUTE,
    ),
    Layout(
        "lean-india-minute",
        "bars_intraday",
        "Lean: bars of a minute of India's exchanges, stamped by their open, in rupees; name the "
        "indices, as classes=NIFTY50=index",
        {"venue": "XNSE", "currency": "INR", "zone": "Asia/Kolkata"} | _MINUTE,
    ),
    Layout(
        "lean-crypto-minute",
        "bars_intraday",
        "Lean: bars of a minute of crypto pairs (BTCUSD becomes BTC-USD), UTC, stamped by open",
        {
            "extract": "symbol:^(?<base>[A-Z]{3,5})(?<quote>[A-Z]{3})$",
            "mapping": "symbol={base}-{quote},currency=quote",
            "venue": CRYPTO,
            "asset_class": "crypto",
            "zone": "UTC",
        }
        | _MINUTE,
    ),
    Layout(
        "lean-future-minute",
        "bars_intraday",
        "Lean: bars of a minute of futures, UTC, stamped by open; each month is an instrument "
        "(ES-201312), whose multiplier and tick are options",
        {
            "extract": r"contract:^\d+_[a-z0-9]+_minute_trade_(?<month>\d{6})",
            "mapping": "symbol={symbol}-{month}",
            "venue": "XCME",
            "asset_class": "future",
            "zone": "UTC",
        }
        | _MINUTE,
    ),
    Layout(
        "lean-tick-trades",
        "trades",
        "Lean: each trade, with exchange and conditions, in New York time",
        _NEW_YORK | {"mapping": "conditions=sale_condition"},
    ),
    Layout(
        "lean-tick-quotes",
        "quotes",
        "Lean: each quote of each exchange, in New York time; a side of 0 is not there, and of "
        "several in one millisecond the last stands",
        _NEW_YORK,
    ),
    Layout(
        "lean-chain",
        "chains",
        "Lean: option chains at the close, in New York time; of the two prices of the "
        "underlying the close is read, the one of the universe file is wrong",
        _NEW_YORK
        | {
            "mapping": "underlying=underlying_close,style='american'",
            "words": "C=call,P=put",
            "at": "16:00",
        },
    ),
    Layout(
        "lean-universe",
        "chains",
        "Lean: prices, volatilities and greeks of contracts, as known when the file's day began: "
        "it holds the close before. A volatility of 0 is none; a row without a contract is of "
        "the underlying and is set aside",
        _NEW_YORK | {"mapping": _LEAN_GREEKS, "words": "C=call,P=put", "at": "start"},
    ),
    Layout(
        "lean-option-minute",
        "chains",
        "Lean: quotes of contracts at the end of each minute; the contract's name is taken apart",
        _NEW_YORK
        | _MINUTE
        | {
            "extract": _LEAN_CONTRACT,
            "mapping": "symbol=ticker,strike=units/10000",
        },
    ),
    Layout(
        "option-quotes",
        "chains",
        "chains at the close with volatilities and greeks: underlying, optionroot, type, "
        "expiration, quotedate, strike, impliedvol",
        _NEW_YORK
        | {
            "extract": "optionroot:^(?<root>[A-Z]+)",
            "mapping": "symbol=underlying,underlying=underlying_last,right=type,"
            "expiry=expiration,date=quotedate,open_interest=openinterest,iv=impliedvol",
            "at": "16:00",
        },
    ),
    Layout(
        "ohlc-us",
        BARS,
        "bars of a day with dates as month/day/year",
        {"date_format": "%m/%d/%Y"},
    ),
    Layout(
        "index-us",
        BARS,
        "bars of an index with dates as month/day/year; its volume is left out, for where it is "
        "0 nobody counted it",
        {"date_format": "%m/%d/%Y", "asset_class": "index", "mapping": "volume=''"},
    ),
    Layout(
        "closes-wide",
        BARS,
        "closes adjusted for splits and dividends, one column per ticker; labelled "
        "file:adjusted, for they are no prices that were paid",
        {"wide": "symbol:close", "mapping": "date=Date", "label": "adjusted"},
    ),
    Layout(
        "ohlc-adjusted",
        BARS,
        "bars whose prices are adjusted for splits; labelled file:adjusted",
        {"label": "adjusted"},
    ),
    Layout(
        "tiingo-days",
        BARS,
        "bars with divCash and splitFactor of their ex-date, from which the factors follow",
        {"mapping": "dividend=divCash,split=splitFactor"},
    ),
    Layout(
        "pystock-daily",
        BARS,
        "pystock: unadjusted bars; the factor known next morning is that of the next row",
        {"mapping": "next_factor=known_next_day_factor"},
    ),
    Layout(
        "pystock-actions",
        "actions",
        "pystock: factors as they became known on the ex-date; a split from four for five on, "
        "else a dividend",
        {
            "venue": US_ANY,
            "mapping": "factor=known_next_day_factor,ex_date=last_file_date,"
            "known_at=last_file_date,date=last_file_date",
        },
    ),
    Layout(
        "pystock-reports",
        "fundamentals",
        "pystock: headline items of reports, known on the day they were collected. Income is of "
        "the quarter (of a year in a yearly report), cash flows run from the start of the year",
        {
            "venue": US_ANY,
            "wide": "item:value",
            "items": _items(),
            "mapping": "end=end_date,form=doc_type,known_at=collected,fiscal_year=fiscal_year,"
            "fiscal_period=period_focus,symbol=symbol,"
            "filing={doc_type} {end_date} {collected} {amend}",
        },
    ),
    Layout(
        "edgar-facts",
        "fundamentals",
        "SEC: a company's facts as EDGAR gives them (JSON), each known from the end of the day on "
        "which it was filed; name the company: --symbol SNOW",
        {"venue": US_ANY, "document": "edgar-facts"},
    ),
    Layout(
        "edgar-owners",
        "deals",
        "SEC: a Form 4 or 5 (XML): what an insider did with shares; known from the end of the day "
        "of filing, vintage=DAY, else when the file is read. filing=NUMBER names the filing",
        {"venue": US_ANY, "document": "edgar-owners"},
    ),
    Layout(
        "edgar-report",
        "filings",
        "SEC: a report with a cover page in inline XBRL (10-K, 10-Q, 8-K) as a filing; known as "
        "in edgar-owners",
        {"venue": US_ANY, "document": "edgar-report"},
    ),
    Layout(
        "symbol-list",
        "actions",
        "tickers with names and the days on which they were first and last listed: instruments, "
        "with a listing and a delisting where these days are not the file's own ends",
        {
            "venue": US_ANY,
            "spans": "listings",
        },
    ),
    Layout(
        "sp500-spans",
        "memberships",
        "members of the S&P 500: ticker, first day, first day after. Each end is a row of its "
        "own, known on its day",
        {
            "venue": US_ANY,
            "spans": "revisions",
            "ends": "after",
            "mapping": "index='S&P 500',symbol=ticker,start=start_date,end=end_date",
        },
    ),
    Layout(
        "sp500-changes",
        "memberships",
        "who came to the S&P 500 and who left, by day; who left without having come in the same "
        "list is set aside",
        {
            "venue": US_ANY,
            "changes": "add:remove",
            "spans": "revisions",
            "ends": "after",
            "mapping": "index='S&P 500'",
        },
    ),
    Layout(
        "gics",
        "classifications",
        "sectors and industries of GICS on one day, which must be told: vintage=2026-08-08",
        {
            "venue": US_ANY,
            "mapping": "symbol=Symbol,name=Security,scheme='GICS',sector=GICS Sector,"
            "industry=GICS Sub-Industry",
        },
    ),
    Layout(
        "sectors",
        "classifications",
        "a table of Sector, Symbol ($XOM) and Company, on one day, which must be told: "
        "vintage=2017-09-01",
        {
            "venue": US_ANY,
            "extract": r"Symbol:^\$?(?<ticker>.+)$",
            "mapping": "symbol=ticker,name=Company,scheme='own',sector=Sector",
        },
    ),
    Layout(
        "fred-long",
        "macro",
        "FRED: date, value, series; only the newest vintage, so known when the file is read, or "
        "from the day that vintage=DAY names. Empty values are no rows",
        {"mapping": "period=date", "empty": "value"},
    ),
    Layout(
        "macro-wide",
        "macro",
        "one column per series, by date as month/day/year; known as in fred-long",
        {"wide": "series:value", "mapping": "period=Date", "date_format": "%m/%d/%Y"},
    ),
    Layout(
        "french-factors",
        "macro",
        "monthly factors of Kenneth French, in per cent, dated 192607; known as in fred-long",
        {
            "wide": "series:value",
            "mapping": "period=Date,frequency='M',unit='percent'",
            "date_format": "%Y%m",
        },
    ),
    Layout(
        "treasury-par",
        "yields",
        "par yields of the US Treasury, one column per tenor, dates with / or -, in any order; "
        "known at the end of their day",
        {
            "wide": "tenor:percent",
            "mapping": "day=Date,curve='UST',rate='par',currency='USD'",
            "date_format": "%m/%d/%Y|%m-%d-%Y",
            "zone": "America/New_York",
        },
    ),
)
LAYOUTS = {layout.name: layout for layout in _ALL}


def layout_named(name: str) -> Layout:
    """Return a layout; raises InvalidInput naming those that exist."""
    if name not in LAYOUTS:
        raise InvalidInput("there is no such layout", value=name, bound=", ".join(LAYOUTS))
    return LAYOUTS[name]
