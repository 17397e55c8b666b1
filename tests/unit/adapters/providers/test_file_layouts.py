"""Each layout reads a small file as its own description says; the numbers are worked by hand."""

import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, NamedTuple

import polars as pl
import pytest

from conformance.recorded.edgar import FACTS, FORM4
from fondaco.adapters.providers.file import SHEET, FileProvider
from fondaco.adapters.providers.file_layouts import LAYOUTS
from fondaco.adapters.providers.file_options import KNOWN
from fondaco.core.clock import FixedClock
from fondaco.core.errors import InvalidInput
from fondaco.market.kinds import KINDS
from fondaco.market.ports import Ask, Parsed
from fondaco.market.tables import BARS

CLOCK = FixedClock(datetime(2026, 9, 1, 12, tzinfo=UTC))


def at(text: str) -> datetime:
    """Return a UTC moment from ISO text."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


COVER = """<?xml version='1.0'?><html xmlns:ix="http://www.xbrl.org/2013/inlineXBRL"><body>
<ix:nonNumeric contextRef="c-1" name="dei:AmendmentFlag">false</ix:nonNumeric>
<p>FORM <ix:nonNumeric contextRef="c-1" name="dei:DocumentType">10-K</ix:nonNumeric>, ended
<ix:nonNumeric name="dei:DocumentPeriodEndDate" format="ixt:date-monthname-day-year-en">September
<ix:nonNumeric name="dei:CurrentFiscalYearEndDate">28</ix:nonNumeric>, 2024</ix:nonNumeric>
<ix:nonNumeric name="dei:EntityRegistrantName"><span>Apple</span> Inc.</ix:nonNumeric>
<ix:nonNumeric name="dei:TradingSymbol"> </ix:nonNumeric>
<ix:nonNumeric name="dei:TradingSymbol">AAPL</ix:nonNumeric></p></body></html>
"""


class Case(NamedTuple):
    """A small file of a layout, and what its first and only checked row must hold."""

    text: str
    row: dict[str, Any]
    symbol: str | None = None
    options: dict[str, str] = {}  # noqa: RUF012 - never changed
    rows: int = 1


_LEAN_BAR = "symbol,ts,open,high,low,close,volume,contract\n"
_LEAN_CHAIN = (
    "date,expiry,strike,right,bid,bid_size,ask,ask_size,open_interest,last,volume,"
    "universe_underlying,underlying_close\n"
    "20140606,20150117,1000,C,1.21,30,1.33,6,9325.0,1.35,257.0,92.72,645.57\n"
)
_UNIVERSE = (
    "expiry,strike,right,open,high,low,close,volume,open_interest,iv,delta,gamma,vega,theta,rho,"
    "date\n20170616.0,300,C,1645.4,1680.2,1645.4,1679.5,0,,0.564571,0.9991909,0.000002,0.0688,"
    "-0.0116,4.354,20151222\n"
)
_OPTBT = (
    "underlying,underlying_last,optionroot,type,expiration,quotedate,strike,last,bid,ask,volume,"
    "openinterest,impliedvol,delta,gamma,theta,vega,optionalias,dte\n"
    "SPX,1989.63,SPX160617C00650000,call,2016-06-17,2014-12-15,650.0,0.0,1.5,2.5,0,7,0.2352,"
    "0.97,0.0,25.1,0.37,SPX160617C00650000,550\n"
)
_PYSTOCK = "symbol,date,close,close_next_file,adj_close_next_file,known_next_day_factor"

CASES = {
    "lean-minute-trades": Case(
        _LEAN_BAR + "AAPL,2014-06-05 09:30:00,644.8,645,644,644.5,90,x\n",
        {"ts": at("2014-06-05T13:31"), "known_at": at("2014-06-05T13:31"), "seconds": 60,
         "close": 644.5, "volume": 90.0, "final": True},
        "AAPL",
    ),
    "lean-hour-trades": Case(
        _LEAN_BAR + "IBM,1998-01-02 09:00:00,104.5,104.94,104.38,104.5,422700,x\n",
        {"ts": at("1998-01-02T15:00"), "seconds": 3600},
        "IBM",
    ),
    "lean-minute-quotes": Case(
        "symbol,ts,bid_o,bid,bid_size,ask,ask_size\nSPY,2014-01-02 09:30:00,1,180.1,5,180.2,7\n",
        {"ts": at("2014-01-02T14:31"), "bid": 180.1, "ask": 180.2, "ask_size": 7.0},
        "SPY",
    ),
    "lean-india-minute": Case(
        "symbol,ts,open,high,low,close,volume\n"
        "NIFTY50,2019-01-01 09:15:00,10881,10882,10880,10881,0\n",
        {"ts": at("2019-01-01T03:46"), "close": 10881.0},
        "NIFTY50",
        {"classes": "NIFTY50=index"},
    ),
    "lean-crypto-minute": Case(
        _LEAN_BAR + "BTCEUR,2018-04-04 00:00:00,6060,6060,6048.83,6049.68,6.7,x\n",
        {"ts": at("2018-04-04T00:01"), "volume": 6.7},
        "BTC-EUR",
    ),
    "lean-future-minute": Case(
        _LEAN_BAR
        + "ES,2013-10-06 22:00:00,1676.75,1677.25,1673.5,1675.25,1884,"
        "20131006_es_minute_trade_201312\n",
        {"ts": at("2013-10-06T22:01"), "close": 1675.25},
        "ES-201312",
        {"multiplier": "50", "tick": "0.25"},
    ),
    "lean-tick-trades": Case(
        "symbol,ts,price,size,exchange,sale_condition,suspicious\n"
        "IBM,2013-10-07 04:00:30.270,181.52,283,P,20002020,0\n",
        {"ts": at("2013-10-07T08:00:30.270"), "price": 181.52, "trade": "1", "exchange": "P",
         "conditions": "20002020"},
        "IBM",
    ),
    "lean-tick-quotes": Case(
        "symbol,ts,bid,bid_size,ask,ask_size,exchange\n"
        "IBM,2013-10-07 04:00:00.054,0,0,183.63,100,Q\n",
        {"ts": at("2013-10-07T08:00:00.054"), "bid": 0.0, "ask": 183.63},
        "IBM",
    ),
    "lean-chain": Case(
        _LEAN_CHAIN,
        {"ts": at("2014-06-06T20:00"), "known_at": at("2014-06-06T20:00"), "right": "call",
         "expiry": date(2015, 1, 17), "strike": 1000.0, "underlying": 645.57, "root": "AAPL",
         "style": "american", "open_interest": 9325, "last": 1.35},
        "AAPL",
        {"symbol": "AAPL"},
    ),
    "lean-universe": Case(
        _UNIVERSE,
        # Vega and rho are told per point and theta per day: 7.0 = 2063 x 0.0028 x 1.2166 by
        # Black and Scholes, with S 2063, K 300, 1.48 years.
        {"ts": at("2015-12-22T05:00"), "expiry": date(2017, 6, 16), "last": 1679.5,
         "vega": pytest.approx(6.88), "theta": pytest.approx(-4.234), "rho": pytest.approx(435.4)},
        "SPX",
        {"symbol": "SPX", "asset_class": "index"},
    ),
    "lean-option-minute": Case(
        "bid,bid_size,ask,ask_size,contract,ts\n22.12,20,23.18,66,"
        "20230803_spy_minute_quote_american_put_4300000_20230901.csv,2023-08-03 09:30:00\n",
        {"ts": at("2023-08-03T13:31"), "right": "put", "strike": 430.0, "style": "american",
         "expiry": date(2023, 9, 1), "root": "SPY", "bid": 22.12},
        "SPY",
    ),
    "option-quotes": Case(
        _OPTBT,
        {"ts": at("2014-12-15T21:00"), "root": "SPX", "right": "call", "iv": 0.2352,
         "strike": 650.0, "underlying": 1989.63, "open_interest": 7, "expiry": date(2016, 6, 17)},
        "SPX",
    ),
    "ohlc-us": Case(
        "Date,Open,High,Low,Close,Volume\n1/4/1999,1,3,1,2,9\n",
        {"session": date(1999, 1, 4), "close": 2.0, "volume": 9.0},
        "X",
        {"symbol": "X"},
    ),
    "index-us": Case(
        "date,open,high,low,close,volume\n1/2/1990,353.4,359.69,351.98,359.69,0\n",
        {"session": date(1990, 1, 2), "open": 353.4, "volume": None},
        "SPX",
        {"symbol": "SPX"},
    ),
    "closes-wide": Case(
        "Date,LOW,HIGH\n1990-01-02,0.264,\n1990-01-03,0.266,4.0\n",
        {"session": date(1990, 1, 2), "close": 0.264, "low": None, "source": "file:adjusted",
         "where": "x.csv row 2 column LOW"},
        "LOW",
        rows=3,
    ),
    "ohlc-adjusted": Case(
        "date,open,high,low,close,adj_close,volume,symbol\n2012-09-04,95,96,94,96.4,87.1,7,AAPL\n",
        {"close": 96.4, "source": "file:adjusted"},
        "AAPL",
    ),
    "tiingo-days": Case(
        "symbol,date,close,divCash,splitFactor\nT,2017-01-31,120,0.0,1.0\nT,2017-02-01,59,0.3,2.0\n",
        {"session": date(2017, 1, 31), "factor": 1.0},
        "T",
        rows=2,
    ),
    "pystock-daily": Case(
        "symbol,date,close,known_next_day_factor\nA,2015-03-20,10,0.5\nA,2015-03-23,5,1\n",
        {"session": date(2015, 3, 20), "factor": 1.0},
        "A",
        rows=2,
    ),
    "pystock-actions": Case(
        f"{_PYSTOCK},last_file_date\nAAIT,2015-06-24,35.73,35.73,35.68,0.9986,20150625\n"
        "B,2015-06-24,2,2,1,0.5,20150625\n",
        {"ex_date": date(2015, 6, 25), "action": "dividend", "factor": 0.9986,
         "ts": at("2015-06-25T04:00"), "known_at": at("2015-06-26T04:00")},
        "AAIT",
        rows=2,
    ),
    "pystock-reports": Case(
        "symbol,end_date,amend,period_focus,fiscal_year,doc_type,revenues,op_income,net_income,"
        "eps_basic,eps_diluted,dividend,assets,cur_assets,cur_liab,cash,equity,cash_flow_op,"
        "cash_flow_inv,cash_flow_fin,collected\n"
        "HRT,2014-09-30,False,Q3,2014.0,10-Q,24.0,,,,,,,,,,,7.5,,,20150323\n",
        {"item": "revenues", "value": 24.0, "unit": "USD", "start": date(2014, 7, 1),
         "end": date(2014, 9, 30), "fiscal_year": 2014, "form": "10-Q", "fiscal_period": "Q3",
         "ts": at("2014-10-01T04:00"), "known_at": at("2015-03-24T04:00"),
         "filing": "10-Q 2014-09-30 20150323 False"},
        "HRT",
        rows=2,
    ),
    "symbol-list": Case(
        "symbol,name,first_seen,last_seen\nA,Agile,20150323,20150821\nB,Bold,20150401,20170331\n",
        {"action": "listing", "ex_date": date(2015, 4, 1), "known_at": at("2015-04-02T04:00")},
        "B",
        rows=2,
    ),
    "sp500-spans": Case(
        "ticker,start_date,end_date\nAABA,1999-12-08,2017-06-19\n",
        {"index": "S&P 500", "start": date(1999, 12, 8), "end": None,
         "known_at": at("1999-12-08T05:00")},
        "AABA",
        rows=2,
    ),
    "sp500-changes": Case(
        'date,add,remove\n2019-12-05,"WRB,VIAC",CBS\n2021-12-20,,VIAC\n',
        {"index": "S&P 500", "start": date(2019, 12, 5), "end": None},
        "WRB",
        rows=4,
    ),
    "gics": Case(
        "Symbol,Security,GICS Sector,GICS Sub-Industry\n"
        "MMM,3M,Industrials,Industrial Conglomerates\n",
        {"scheme": "GICS", "sector": "Industrials", "industry": "Industrial Conglomerates",
         "ts": at("2026-08-08T04:00"), "known_at": at("2026-08-09T04:00")},
        "MMM",
        {"vintage": "2026-08-08"},
    ),
    "sectors": Case(
        "Sector,Symbol,Company\nEnergy,$RDS-B,Royal Dutch Shell\n",
        {"scheme": "own", "sector": "Energy"},
        "RDS-B",
        {"vintage": "2017-09-01"},
    ),
    "fred-long": Case(
        "date,value,series\n1980-01-01,6.57,AHETPI\n1980-01-02,,DGS2\n",
        {"series": "AHETPI", "period": date(1980, 1, 1), "value": 6.57, "vintage": False,
         "ts": at("1980-01-02T05:00"), "known_at": None},
    ),
    "edgar-facts": Case(
        json.dumps(FACTS),
        {"item": "dei:EntityCommonStockSharesOutstanding", "value": 288700000.0,
         "end": date(2021, 3, 1), "known_at": at("2021-04-01T04:00")},
        "SNOW",
        {"symbol": "SNOW"},
        5,
    ),
    "edgar-owners": Case(
        FORM4,
        {"deal": "insider", "trade": "exercise", "shares": 200000.0, "price": 8.88,
         "known_at": at("2022-12-16T05:00"), "filing": "0001640147-22-000119",
         "id": "0001640147-22-000119:1"},
        "SNOW",
        {"vintage": "2022-12-15", "filing": "0001640147-22-000119"},
        2,
    ),
    "edgar-report": Case(
        COVER,
        {"form": "10-K", "period": date(2024, 9, 28), "title": "Apple Inc.",
         "ts": CLOCK.now(), "known_at": CLOCK.now()},
        "AAPL",
    ),
    "macro-wide": Case(
        "Date,AAA,BAA\n1/1/1919,5.35,7.12\n",
        {"series": "AAA", "period": date(1919, 1, 1), "value": 5.35, "frequency": "M",
         "ts": at("1919-02-01T05:00")},
        options={"mapping": "frequency='M'"},
        rows=2,
    ),
    "french-factors": Case(
        "Date,Mkt-RF,SMB\n192607,2.96,-2.3\n",
        {"series": "Mkt-RF", "period": date(1926, 7, 1), "ts": at("1926-08-01T04:00")},
        rows=2,
    ),
    "treasury-par": Case(
        "Date,1 Mo,10 Yr\n12/23/2022,3.8,3.75\n01-02-1990,,7.94\n",
        {"curve": "UST", "tenor": pytest.approx(1 / 12), "percent": 3.8, "day": date(2022, 12, 23),
         "ts": at("2022-12-24T05:00"), "known_at": at("2022-12-24T05:00")},
        rows=3,
    ),
}  # fmt: skip


def read(
    folder: Path, text: str | bytes, layout: str = "", kind: str = BARS, **options: str
) -> Parsed:
    """Return what the provider reads of a text."""
    path = folder / "x.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    named = {"layout": layout} if layout else {}
    ask = Ask(kind=kind, options={"path": str(path)} | named | options)
    provider = FileProvider(CLOCK)
    (raw,) = provider.ask(ask)
    return provider.parse(raw, ask)


def rows_of(parsed: Parsed) -> pl.DataFrame:
    """Return the rows of whatever kind there is."""
    return next(iter(parsed.rows.values()), parsed.bars)


def test_every_layout_has_a_case_and_a_kind_that_is_offered() -> None:
    assert set(CASES) == set(LAYOUTS)
    offered = {offer.kind for offer in SHEET.offers}
    assert offered == {BARS, *KINDS}
    assert {layout.kind for layout in LAYOUTS.values()} <= offered
    assert all(name == layout.name and layout.says for name, layout in LAYOUTS.items())


def test_every_layout_and_option_is_on_the_page_about_files() -> None:
    page = (Path(__file__).parents[4] / "docs" / "how-to" / "own-prices.md").read_text()
    for layout in LAYOUTS.values():
        line = f"| `{layout.name}` | {layout.kind} | {layout.says[0].upper() + layout.says[1:]} |"
        assert line in page
    told = {"path", "layout", "mapping"}
    assert [name for name in KNOWN if name not in told and f"`{name}`" not in page] == []


@pytest.mark.parametrize("layout", sorted(CASES))
def test_a_layout_reads_its_file(tmp_path: Path, layout: str) -> None:
    case = CASES[layout]
    parsed = read(tmp_path, case.text, layout, **case.options)
    rows = rows_of(parsed)
    assert parsed.faults == ()
    assert rows.height == case.rows
    kind = LAYOUTS[layout].kind
    if kind != BARS:
        assert dict(rows.schema) == KINDS[kind].parsed
    symbols = {i.id: i.symbol for i in parsed.instruments}
    if case.symbol is not None:
        of = "member" if "member" in rows.columns else "instrument"
        rows = rows.filter(pl.col(of).replace_strict(symbols) == case.symbol)
    row = rows.row(0, named=True)
    assert {name: row[name] for name in case.row} == case.row


def test_instruments_are_what_a_layout_says(tmp_path: Path) -> None:
    found = {}
    for layout in ("lean-crypto-minute", "lean-future-minute", "lean-india-minute", "gics"):
        (found[layout],) = read(
            tmp_path, CASES[layout].text, layout, **CASES[layout].options
        ).instruments
    crypto, future, index, share = found.values()
    assert (crypto.symbol, crypto.venue, crypto.currency) == ("BTC-EUR", "XCRY", "EUR")
    assert (future.venue, future.multiplier, str(future.tick)) == ("XCME", 50, "0.25")
    assert (index.venue, index.currency, index.asset_class.value) == ("XNSE", "INR", "index")
    assert (share.venue, share.name, share.sector) == ("USEQ", "3M", "Industrials")


def test_a_dividend_and_a_split_make_the_factor_of_their_day(tmp_path: Path) -> None:
    rows = rows_of(read(tmp_path, CASES["tiingo-days"].text, "tiingo-days")).sort("session")
    # Two for one, then 0.30 on a close of 60 of the new shares: (1 - 0.3 / 60) / 2.
    assert rows["factor"].to_list() == [1.0, pytest.approx(0.4975)]


def test_a_factor_from_four_for_five_on_is_of_a_split(tmp_path: Path) -> None:
    rows = rows_of(read(tmp_path, CASES["pystock-actions"].text, "pystock-actions"))
    assert rows["action"].to_list() == ["dividend", "split"]


def test_the_end_of_a_span_is_known_when_it_came_and_never_before(tmp_path: Path) -> None:
    rows = rows_of(read(tmp_path, CASES["sp500-spans"].text, "sp500-spans"))
    assert rows.select("start", "end", "known_at").rows() == [
        (date(1999, 12, 8), None, at("1999-12-08T05:00")),
        (date(1999, 12, 8), date(2017, 6, 18), at("2017-06-19T04:00")),
    ]


def test_a_list_of_changes_gives_spans_and_leaves_out_no_one(tmp_path: Path) -> None:
    parsed = read(tmp_path, CASES["sp500-changes"].text, "sp500-changes")
    names = {i.id: i.symbol for i in parsed.instruments}
    rows = rows_of(parsed).with_columns(pl.col("member").replace_strict(names))
    assert sorted(rows.select("member", "start", "end").rows(), key=str) == [
        ("CBS", None, date(2019, 12, 4)),
        ("VIAC", date(2019, 12, 5), None),
        ("VIAC", date(2019, 12, 5), date(2021, 12, 19)),
        ("WRB", date(2019, 12, 5), None),
    ]


def test_a_ticker_that_is_gone_is_known_to_be_on_the_next_day_that_the_list_shows(
    tmp_path: Path,
) -> None:
    parsed = read(tmp_path, CASES["symbol-list"].text, "symbol-list")
    gone = rows_of(parsed).filter(pl.col("action") == "delisting").row(0, named=True)
    assert (gone["ex_date"], gone["known_at"]) == (date(2015, 8, 21), at("2017-04-01T04:00"))
    spans = {i.symbol: (i.symbols[0].start, i.symbols[0].end) for i in parsed.instruments}
    assert spans == {"A": (date(1900, 1, 1), date(2015, 8, 21)), "B": (date(2015, 4, 1), None)}


def test_cash_flows_run_from_the_start_of_the_year_and_balances_are_of_a_day(
    tmp_path: Path,
) -> None:
    text = CASES["pystock-reports"].text.replace(",,,,,,,,,,,7.5", ",,,,,,9.9,,,,,7.5")
    rows = rows_of(read(tmp_path, text, "pystock-reports"))
    starts = dict(rows.select("item", "start").rows())
    assert starts == {
        "revenues": date(2014, 7, 1),
        "assets": date(2014, 9, 30),
        "cash_flow_op": date(2014, 1, 1),
    }


def test_what_is_typed_goes_before_the_layout(tmp_path: Path) -> None:
    case = CASES["lean-minute-trades"]
    rows = rows_of(read(tmp_path, case.text, "lean-minute-trades", stamp="close", zone="UTC"))
    assert rows["ts"].to_list() == [at("2014-06-05T09:30")]
    mapped = rows_of(
        read(tmp_path, case.text, "lean-minute-trades", mapping="close=open,open=open")
    )
    assert mapped["close"].to_list() == [644.8]


def test_a_layout_of_another_kind_or_of_no_name_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="another kind"):
        read(tmp_path, "a\n1\n", "lean-chain", kind="trades")
    with pytest.raises(InvalidInput, match="no such layout") as caught:
        read(tmp_path, "a\n1\n", "lean-chains")
    assert "lean-chain" in caught.value.message
