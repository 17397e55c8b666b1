"""Answers in the form of Tiingo's documentation, typed by hand."""

import json
from datetime import date
from typing import Any

from fondaco.adapters.providers.conformance.case import Recorded
from fondaco.adapters.providers.tiingo import Tiingo
from fondaco.market.ports import Ask

SECRETS = {"FONDACO_TIINGO_TOKEN": "tiingo-made-up"}


def day(when: str, prices: tuple[float, ...], volume: int, paid: float, split: float) -> Any:
    """A row of daily prices: open, high, low, close as they were printed."""
    names = ("open", "high", "low", "close")
    adjusted = ("adjOpen", "adjHigh", "adjLow", "adjClose")
    return {
        "date": f"{when}T00:00:00.000Z",
        **dict(zip(names, prices, strict=True)),
        "volume": volume,
        **dict(zip(adjusted, prices, strict=True)),
        "adjVolume": volume,
        "divCash": paid,
        "splitFactor": split,
    }


# Apple around its dividend of 0.82 and its split 4 for 1 in August 2020. Closes, dividend and
# split are those that were printed then; the other prices are near them.
DAYS = [
    day("2020-08-04", (436.53, 443.16, 433.55, 438.66), 43267900, 0.0, 1.0),
    day("2020-08-05", (437.51, 441.57, 435.59, 440.25), 30498000, 0.0, 1.0),
    day("2020-08-06", (441.62, 457.65, 439.19, 455.61), 50607200, 0.0, 1.0),
    day("2020-08-07", (452.82, 454.70, 441.17, 444.45), 49511400, 0.82, 1.0),
    day("2020-08-31", (127.58, 131.00, 126.00, 129.04), 225702700, 0.0, 4.0),
]
LISTING = {
    "ticker": "AAPL",
    "name": "Apple Inc",
    "exchangeCode": "NASDAQ",
    "startDate": "1980-12-12",
    "endDate": "2026-11-25",
    "description": "Apple designs, makes and sells phones and computers.",
}
MINUTES = [
    {"date": f"2026-11-25T{at}:00.000Z", "open": o, "high": o + 1, "low": o - 1, "close": o + 0.5}
    for at, o in (("14:30", 270.25), ("14:35", 270.75), ("14:40", 271.5))
]
QUOTE = [
    {
        "ticker": "AAPL",
        "timestamp": "2026-11-25T15:59:58.186520297-05:00",
        "quoteTimestamp": "2026-11-25T15:59:58.186520297-05:00",
        "lastSaleTimestamp": "2026-11-25T15:59:57.186520297-05:00",
        "last": 271.42,
        "lastSize": 100,
        "tngoLast": 271.45,
        "prevClose": 269.75,
        "open": 270.25,
        "high": 272.5,
        "low": 269.25,
        "mid": 271.47,
        "volume": 812345,
        "bidSize": 200,
        "bidPrice": 271.44,
        "askSize": 300,
        "askPrice": 271.5,
    }
]
NEWS = [
    {
        "id": 70000000 + n,
        "title": f"Apple item {n}",
        "url": f"https://news.example/apple/{n}",
        "description": "What was said of Apple.",
        "publishedDate": f"2026-11-2{n}T14:00:00Z",
        "crawlDate": f"2026-11-2{n}T14:05:12.345678Z",
        "source": "news.example",
        "tickers": ["aapl", "msft"],
        "tags": ["Technology", "Stock"],
    }
    for n in (3, 4, 5)
]


def _body(data: Any) -> bytes:
    return json.dumps(data).encode()


SPAN = {"since": date(2020, 8, 7), "until": date(2020, 8, 31)}
RECORDED = (
    Recorded(
        "bars_1d",
        Tiingo,
        Ask(kind="bars_1d", symbols=("AAPL",), **SPAN),  # type: ignore[arg-type]
        {"/aapl/prices": _body(DAYS)},
        rows=2,
        secrets=SECRETS,
    ),
    Recorded(
        "bars_1d-listing",
        Tiingo,
        Ask(kind="bars_1d", symbols=("AAPL",), options={"listing": "yes"}),
        {"/aapl/prices": _body(DAYS), "/daily/aapl": _body(LISTING)},
        rows=5,
        secrets=SECRETS,
    ),
    Recorded(
        "bars_intraday",
        Tiingo,
        Ask(
            kind="bars_intraday",
            symbols=("AAPL",),
            since=date(2026, 11, 25),
            until=date(2026, 11, 25),
        ),
        {"/iex/aapl/prices": _body(MINUTES)},
        rows=3,
        secrets=SECRETS,
    ),
    Recorded(
        "quotes",
        Tiingo,
        Ask(kind="quotes", symbols=("AAPL",)),
        {"/iex/aapl": _body(QUOTE)},
        rows=1,
        secrets=SECRETS,
    ),
    Recorded(
        "news",
        Tiingo,
        Ask(kind="news", symbols=("AAPL",)),
        {"/tiingo/news": _body(NEWS)},
        rows=3,
        secrets=SECRETS,
    ),
)
