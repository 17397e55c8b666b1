"""Recorded cases of the `nse` provider, typed by hand in the shape of the exchange's own answers.

Prices of RELIANCE, TCS and NIFTYBEES are near those of the days, not taken from the files.
"""

import io
import json
import zipfile
from datetime import date
from typing import Any

from fondaco.adapters.providers.conformance.case import Recorded
from fondaco.adapters.providers.nse import Nse
from fondaco.market.ports import Ask

HOME = (
    b'<html lang="en"><head><title>NSE - National Stock Exchange of India Ltd</title></head>'
    b"<body><p>Market data</p></body></html>"
)
ARCHIVE_OLD = "cm05JUL2024bhav.csv"
ARCHIVE_UDIFF = "BhavCopy_NSE_CM_0_0_0_20240708_F_0000.csv"

OLD = """\
SYMBOL,SERIES,OPEN,HIGH,LOW,CLOSE,LAST,PREVCLOSE,TOTTRDQTY,TOTTRDVAL,TIMESTAMP,TOTALTRADES,ISIN,
NIFTYBEES,EQ,272.1,273.4,271.5,273.15,273.1,272.45,3541220,965112345.1,05-JUL-2024,61234,INF204KB14I2,
RELIANCE,EQ,3104.45,3197,3097.65,3177.25,3175,3108.05,8021473,25329371654.35,05-JUL-2024,321044,INE002A01018,
TCS,BE,4009,4041.4,3991,4011.8,4011,4020.95,1732231,6951274512.5,05-JUL-2024,98221,INE467B01029,
773GS2034,GS,105.5,105.5,105.5,105.5,105.5,105.2,100,10550,05-JUL-2024,2,IN0020190024,
"""
UDIFF_HEADER = (
    "TradDt,BizDt,Sgmt,Src,FinInstrmTp,FinInstrmId,ISIN,TckrSymb,SctySrs,XpryDt,"
    "FininstrmActlXpryDt,StrkPric,OptnTp,FinInstrmNm,OpnPric,HghPric,LwPric,ClsPric,LastPric,"
    "PrvsClsgPric,UndrlygPric,SttlmPric,OpnIntrst,ChngInOpnIntrst,TtlTradgVol,TtlTrfVal,"
    "TtlNbOfTxsExctd,SsnId,NewBrdLotQty,Rmks,Rsvd1,Rsvd2,Rsvd3,Rsvd4"
)


def udiff(isin: str, *cells: str) -> str:
    """Return a line: open, high, low, close, close before, volume, turnover and trades of a day."""
    number, symbol, name = QUOTES[isin]
    opened, high, low, close, before, volume, turnover, trades = cells
    day = "2024-07-08,2024-07-08,CM,NSE,STK"
    prices = f"{opened},{high},{low},{close},{close},{before},,{close},,,{volume},{turnover}"
    return f"{day},{number},{isin},{symbol},EQ,,,,,{name},{prices},{trades},F1,1,,,,,\n"


QUOTES = {
    "INF204KB14I2": (10576, "NIFTYBEES", "NIP IND ETF NIFTY BEES"),
    "INE002A01018": (2885, "RELIANCE", "RELIANCE INDUSTRIES LTD"),
    "INE467B01029": (11536, "TCS", "TATA CONSULTANCY SERV LT"),
}
NUMBERS = """\
INF204KB14I2 273.40 273.60 272.10 273.05 273.15 3011876 821650012.40 55120
INE002A01018 3180.05 3217.60 3168.00 3201.80 3177.25 6620161 21142371011.60 287665
INE467B01029 4011.80 4023.90 3971.30 3992.60 4011.80 1509231 6028001211.35 90112
"""
UDIFF = "".join([f"{UDIFF_HEADER}\n", *(udiff(*line.split()) for line in NUMBERS.splitlines())])


def zipped(name: str, text: str) -> bytes:
    """Return a file as the archive gives it."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr(zipfile.ZipInfo(name), text)
    return out.getvalue()


def leg(side: str, strike: int, last: float, iv: float, interest: int) -> dict[str, Any]:
    """Return one contract as `option-chain-v3` spells it."""
    return {
        "strikePrice": strike,
        "expiryDate": "31-10-2024",
        "underlying": "NIFTY",
        "identifier": f"OPTIDXNIFTY31-10-2024{side}{strike}.00",
        "openInterest": interest,
        "changeinOpenInterest": -1017,
        "pchangeinOpenInterest": -2.38,
        "totalTradedVolume": 1254092,
        "impliedVolatility": iv,
        "lastPrice": last,
        "change": 48.75,
        "pChange": 17.47,
        "totalBuyQuantity": 546000,
        "totalSellQuantity": 161325,
        "buyPrice1": round(last - 0.55, 2),
        "buyQuantity1": 675,
        "sellPrice1": round(last + 0.45, 2),
        "sellQuantity1": 425,
        "optionType": None,
        "underlyingValue": 25250.1,
    }


CHAIN = {
    "records": {
        "expiryDates": ["31-Oct-2024"],
        "data": [
            {
                "strikePrice": strike,
                "expiryDates": "31-Oct-2024",
                "CE": leg("CE", strike, call, 14.21, 41673),
                "PE": leg("PE", strike, put, 15.02, 40962),
            }
            for strike, call, put in ((25000, 512.6, 181.3), (25200, 392.2, 257.05))
        ],
        "timestamp": "03-Oct-2024 15:30:00",
        "underlyingValue": 25250.1,
        "strikePrices": [25000, 25200],
    },
    "filtered": {"data": [], "CE": {"totOI": 1, "totVol": 1}, "PE": {"totOI": 1, "totVol": 1}},
}


def action(symbol: str, subject: str, ex_date: str, isin: str) -> dict[str, Any]:
    """Return a record of `corporates-corporateActions`."""
    return {
        "symbol": symbol,
        "series": "EQ",
        "ind": "-",
        "faceVal": "10",
        "subject": subject,
        "exDate": ex_date,
        "recDate": ex_date,
        "bcStartDate": "-",
        "bcEndDate": "-",
        "ndStartDate": "-",
        "ndEndDate": "-",
        "comp": f"{symbol.title()} Limited",
        "isin": isin,
        "caBroadcastDate": None,
    }


ACTIONS = [
    action("RELIANCE", "Dividend - Rs 10 Per Share", "19-Aug-2024", "INE002A01018"),
    action("RELIANCE", "Annual General Meeting", "19-Aug-2024", "INE002A01018"),
    action("RELIANCE", "Bonus 1:1", "28-Oct-2024", "INE002A01018"),
]
FLOWS = [
    {
        "category": "DII **",
        "date": "03-Oct-2024",
        "buyValue": "24,384.80",
        "sellValue": "11,470.68",
        "netValue": "12,914.12",
    },
    {
        "category": "FII/FPI *",
        "date": "03-Oct-2024",
        "buyValue": "16,614.87",
        "sellValue": "31,858.14",
        "netValue": "-15,243.27",
    },
]
INSIDERS = {
    "acqNameList": ["Vama Sundari Investments (Delhi) Private Limited"],
    "data": [
        {
            "symbol": "HCLTECH",
            "company": "HCL Technologies Ltd.",
            "anex": "7(2)",
            "acqName": "Vama Sundari Investments (Delhi) Private Limited",
            "date": "29-Apr-2026 18:05",
            "pid": "1",
            "secType": "Equity Shares",
            "secAcq": secured,
            "tdpTransactionType": side,
            "secVal": worth,
            "personCategory": "Promoter",
            "befAcqSharesNo": "1205479171",
            "befAcqSharesPer": "44.42",
            "afterAcqSharesNo": "1205662844",
            "afterAcqSharesPer": "44.43",
            "acqfromDt": "28-Apr-2026",
            "acqtoDt": "28-Apr-2026",
            "intimDt": "29-Apr-2026",
            "acqMode": mode,
            "exchange": "NSE",
        }
        for side, mode, secured, worth in (
            ("Buy", "Market Purchase", "183673", "220277165"),
            ("Sell", "Market Sale", "1000", "1200500"),
        )
    ],
}
BULK = """\
Date,Symbol,Security Name,Client Name,Buy/Sell,Quantity Traded,\
Trade Price / Wght. Avg. Price,Remarks
26-NOV-2026,RELIANCE,Reliance Industries Ltd,GOVERNMENT OF SINGAPORE,BUY,"70,00,000","1,400.50",-
26-NOV-2026,TCS,Tata Consultancy Serv Lt,GRAVITON RESEARCH CAPITAL LLP,SELL,181007,3109.00,-
26-NOV-2026,TCS,Tata Consultancy Serv Lt,GRAVITON RESEARCH CAPITAL LLP,BUY,181007,3109.40,-
"""
SHARES = """\
SYMBOL,NAME OF COMPANY, SERIES, DATE OF LISTING, PAID UP VALUE, MARKET LOT, ISIN NUMBER, FACE VALUE
ETERNAL,Eternal Limited,EQ,23-JUL-2021,1,1,INE758T01015,1
RELIANCE,Reliance Industries Limited,EQ,29-NOV-1995,10,1,INE002A01018,10
TCS,Tata Consultancy Services Limited,EQ,25-AUG-2004,1,1,INE467B01029,1
"""
CHANGES = """\
3M India Limited,BIRLA3M,3MINDIA,15-JUN-2004
ETERNAL LIMITED,ZOMATO,ETERNAL,09-APR-2025
"""
MEMBERS = """\
Company Name,Industry,Symbol,Series,ISIN Code
HDFC Bank Ltd.,Financial Services,HDFCBANK,EQ,INE040A01034
Reliance Industries Ltd.,Oil Gas & Consumable Fuels,RELIANCE,EQ,INE002A01018
Tata Consultancy Services Ltd.,Information Technology,TCS,EQ,INE467B01029
"""


def site(path: str, answer: Any) -> dict[str, bytes]:
    """Return the answers of the site: its home page and one of its interface."""
    return {"/": HOME, path: json.dumps(answer).encode()}


RECORDED = (
    Recorded(
        "bhavcopy-old",
        Nse,
        Ask(since=date(2024, 7, 5), until=date(2024, 7, 5)),
        {f"{ARCHIVE_OLD}.zip": zipped(ARCHIVE_OLD, OLD)},
        rows=3,
        json=False,
    ),
    Recorded(
        "bhavcopy-change-over",
        Nse,
        Ask(since=date(2024, 7, 5), until=date(2024, 7, 8), symbols=("RELIANCE", "TCS")),
        {
            f"{ARCHIVE_OLD}.zip": zipped(ARCHIVE_OLD, OLD),
            f"{ARCHIVE_UDIFF}.zip": zipped(ARCHIVE_UDIFF, UDIFF),
        },
        rows=4,
        json=False,
    ),
    Recorded(
        "chain",
        Nse,
        Ask(kind="chains", symbols=("NIFTY",), options={"expiry": "2024-10-31"}),
        site("option-chain-v3", CHAIN),
        rows=4,
    ),
    Recorded(
        "actions",
        Nse,
        Ask(
            kind="actions",
            symbols=("RELIANCE",),
            since=date(2024, 8, 1),
            until=date(2024, 10, 31),
        ),
        site("corporates-corporateActions", ACTIONS),
        rows=2,
    ),
    Recorded("flows", Nse, Ask(kind="flows"), site("fiidiiTradeReact", FLOWS), rows=2),
    Recorded(
        "insiders",
        Nse,
        Ask(
            kind="deals",
            symbols=("HCLTECH",),
            since=date(2026, 4, 1),
            until=date(2026, 4, 30),
        ),
        site("corporates-pit", INSIDERS),
        rows=2,
    ),
    Recorded(
        "bulk",
        Nse,
        Ask(kind="deals", options={"deal": "bulk"}),
        {"equities/bulk.csv": BULK.encode()},
        rows=3,
        json=False,
    ),
    Recorded(
        "listings",
        Nse,
        Ask(kind="actions", options={"of": "listings"}),
        {"EQUITY_L.csv": SHARES.encode(), "symbolchange.csv": CHANGES.encode()},
        rows=5,
        json=False,
    ),
    Recorded(
        "members",
        Nse,
        Ask(kind="memberships", symbols=("NIFTY 50",)),
        {"ind_nifty50list.csv": MEMBERS.encode()},
        rows=3,
        json=False,
    ),
    Recorded(
        "industries",
        Nse,
        Ask(kind="classifications", symbols=("RELIANCE", "TCS"), options={"index": "NIFTY 50"}),
        {"ind_nifty50list.csv": MEMBERS.encode()},
        rows=2,
        json=False,
    ),
)
