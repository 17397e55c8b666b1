"""Answers in the documented shape of Finnhub, typed by hand; most numbers are made up.

Source of the shapes: https://finnhub.io/docs/api (quote, company-news, company-earnings, filings,
insider-transactions, company-profile2, earnings-calendar, ipo-calendar, economic-calendar).
"""

from collections.abc import Mapping
from datetime import date

from fondaco.adapters.providers.conformance.case import Recorded
from fondaco.adapters.providers.finnhub import Finnhub
from fondaco.market.ports import Ask

QUOTE = b"""{"c": 271.49, "d": 1.12, "dp": 0.4143, "h": 272.8, "l": 269.65, "o": 270.02,
"pc": 270.37, "t": 1795806000}"""
NEWS = b"""[
{"category": "company", "datetime": 1795770000, "headline": "Apple opens a shop in Venice",
 "id": 137461210, "image": "https://example.com/a.jpg", "related": "AAPL", "source": "Reuters",
 "summary": "The shop stands on the Rialto.", "url": "https://example.com/a"},
{"category": "company", "datetime": 1795683600, "headline": "Suppliers see steady orders",
 "id": 137401877, "image": "", "related": "AAPL", "source": "CNBC", "summary": "",
 "url": "https://example.com/b"}
]"""
SURPRISES = b"""[
{"actual": 1.64, "estimate": 1.6072, "period": "2026-06-30", "quarter": 3, "surprise": 0.0328,
 "surprisePercent": 2.0408, "symbol": "AAPL", "year": 2026},
{"actual": 1.65, "estimate": 1.6594, "period": "2026-03-31", "quarter": 2, "surprise": -0.0094,
 "surprisePercent": -0.5665, "symbol": "AAPL", "year": 2026}
]"""
FILINGS = b"""[
{"accessNumber": "0000320193-26-000101", "symbol": "AAPL", "cik": "320193", "form": "10-K",
 "filedDate": "2026-10-30 00:00:00", "acceptedDate": "2026-10-30 18:01:22",
 "reportUrl": "https://www.sec.gov/ix?doc=/Archives/edgar/data/320193/a.htm",
 "filingUrl": "https://www.sec.gov/Archives/edgar/data/320193/a-index.html"},
{"accessNumber": "0000320193-26-000098", "symbol": "AAPL", "cik": "320193", "form": "8-K",
 "filedDate": "2026-10-29 00:00:00", "acceptedDate": "2026-10-29 16:30:37",
 "reportUrl": "https://www.sec.gov/Archives/edgar/data/320193/b.htm",
 "filingUrl": "https://www.sec.gov/Archives/edgar/data/320193/b-index.html"}
]"""
INSIDERS = b"""{"data": [
{"change": -35493, "currency": "USD", "filingDate": "2026-10-03", "id": "0001140361-26-031001",
 "isDerivative": false, "name": "DOE JOHN", "share": 3280180, "source": "sec", "symbol": "AAPL",
 "transactionCode": "S", "transactionDate": "2026-10-01", "transactionPrice": 256.53},
{"change": 65000, "currency": "", "filingDate": "2026-10-03", "id": "0001140361-26-031001",
 "isDerivative": false, "name": "DOE JOHN", "share": 3315673, "source": "sec", "symbol": "AAPL",
 "transactionCode": "M", "transactionDate": "2026-10-01", "transactionPrice": 0}
], "symbol": "AAPL"}"""
PROFILE = b"""{"country": "US", "currency": "USD", "estimateCurrency": "USD",
"exchange": "NASDAQ NMS - GLOBAL MARKET", "finnhubIndustry": "Technology", "ipo": "1980-12-12",
"logo": "https://example.com/l.svg", "marketCapitalization": 4012345.6, "name": "Apple Inc",
"phone": "14089961010", "shareOutstanding": 14776.35, "ticker": "AAPL",
"weburl": "https://www.apple.com/"}"""
EARNINGS = b"""{"earningsCalendar": [
{"date": "2026-12-02", "epsActual": null, "epsEstimate": 1.9204, "hour": "amc", "quarter": 4,
 "revenueActual": null, "revenueEstimate": 14212345678, "symbol": "AVGO", "year": 2026},
{"date": "2026-11-24", "epsActual": 0.55, "epsEstimate": 0.5, "hour": "bmo", "quarter": 3,
 "revenueActual": 3050000000, "revenueEstimate": 3010000000, "symbol": "BURL", "year": 2026},
{"date": "2026-11-25", "epsActual": 2.41, "epsEstimate": 2.29, "hour": "", "quarter": 4,
 "revenueActual": 12544000000, "revenueEstimate": 12400000000, "symbol": "DE", "year": 2026}
]}"""
IPOS = b"""{"ipoCalendar": [
{"date": "2026-12-03", "exchange": "NASDAQ Global", "name": "Lagoon Robotics Inc.",
 "numberOfShares": 7650000, "price": "17.00-19.00", "status": "expected", "symbol": "LGNR",
 "totalSharesValue": 167210000},
{"date": "2026-11-24", "exchange": "NYSE", "name": "Rialto Holdings", "numberOfShares": 4000000,
 "price": "10.00", "status": "priced", "symbol": "RLTO", "totalSharesValue": 40000000}
]}"""
ECONOMIES = b"""{"economicCalendar": [
{"actual": 8.4, "country": "AU", "estimate": 6.9, "event": "Current Account Balance",
 "impact": "low", "prev": 1.0, "time": "2026-11-25 01:30:00", "unit": "AUD"},
{"actual": null, "country": "US", "estimate": 4.3, "event": "Unemployment Rate",
 "impact": "high", "prev": 4.4, "time": "2026-12-04 13:30:00", "unit": "%"}
]}"""

SECRETS = {"FONDACO_FINNHUB_KEY": "c0ffeec0ffeec0ffeec0"}
AAPL = ("AAPL",)
SINCE, UNTIL = date(2026, 11, 23), date(2026, 12, 7)


def _recorded(name: str, ask: Ask, answers: Mapping[str, bytes], rows: int) -> Recorded:
    return Recorded(name, Finnhub, ask, answers, rows, SECRETS)


def _events(calendar: str, body: bytes, rows: int) -> Recorded:
    ask = Ask(SINCE, UNTIL, None, "events", (calendar,))
    return _recorded(calendar, ask, {f"/calendar/{calendar}": body}, rows)


RECORDED = (
    _recorded("quote", Ask(kind="quotes", symbols=AAPL), {"/api/v1/quote": QUOTE}, 1),
    _recorded("news", Ask(kind="news", symbols=AAPL), {"/company-news": NEWS}, 2),
    _recorded("surprises", Ask(kind="estimates", symbols=AAPL), {"/stock/earnings": SURPRISES}, 2),
    _recorded("filings", Ask(kind="filings", symbols=AAPL), {"/stock/filings": FILINGS}, 2),
    _recorded(
        "insiders", Ask(kind="deals", symbols=AAPL), {"/stock/insider-transactions": INSIDERS}, 2
    ),
    _recorded(
        "profile", Ask(kind="classifications", symbols=AAPL), {"/stock/profile2": PROFILE}, 1
    ),
    _events("earnings", EARNINGS, 3),
    _events("ipo", IPOS, 2),
    _events("economic", ECONOMIES, 2),
)
