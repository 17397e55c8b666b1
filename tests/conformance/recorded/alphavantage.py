"""Answers in the form of Alpha Vantage's documentation, typed by hand."""

import json
from datetime import date
from typing import Any

from fondaco.adapters.providers.alphavantage import AlphaVantage
from fondaco.adapters.providers.conformance.case import Recorded
from fondaco.market.ports import Ask

SECRETS = {"FONDACO_ALPHAVANTAGE_KEY": "alphavantage-made-up"}


def prices(o: str, h: str, low: str, c: str) -> dict[str, str]:
    """The prices of a bar as they are written."""
    return {"1. open": o, "2. high": h, "3. low": low, "4. close": c}


def meta(*rest: str) -> dict[str, str]:
    """The head of an answer."""
    names = ["Information", "Symbol", "Last Refreshed", *rest, "Time Zone"]
    told = {
        "Information": "Prices (open, high, low, close) and Volumes",
        "Symbol": "AAPL",
        "Last Refreshed": "2026-11-25",
        "Interval": "5min",
        "Output Size": "Full size",
        "Time Zone": "US/Eastern",
    }
    return {f"{n}. {name}": told[name] for n, name in enumerate(names, 1)}


def _adjusted(bar: dict[str, str], volume: str, paid: str, split: str) -> dict[str, str]:
    return {
        **bar,
        "5. adjusted close": bar["4. close"],
        "6. volume": volume,
        "7. dividend amount": paid,
        "8. split coefficient": split,
    }


# Apple around its dividend of 0.82 and its split 4 for 1 in August 2020. Closes, dividend and
# split are those that were printed then; the other prices are near them.
BARS: dict[str, dict[str, str]] = {
    "2020-08-31": prices("127.5800", "131.0000", "126.0000", "129.0400"),
    "2020-08-07": prices("452.8200", "454.7000", "441.1700", "444.4500"),
    "2020-08-06": prices("441.6200", "457.6500", "439.1900", "455.6100"),
    "2020-08-05": prices("437.5100", "441.5700", "435.5900", "440.2500"),
}
VOLUMES = {
    "2020-08-31": "225702700",
    "2020-08-07": "49511400",
    "2020-08-06": "50607200",
    "2020-08-05": "30498000",
}
EVENTS = {"2020-08-07": ("0.8200", "1.0"), "2020-08-31": ("0.0000", "4.0")}
DAILY = {
    "Meta Data": meta("Output Size"),
    "Time Series (Daily)": {d: {**b, "5. volume": VOLUMES[d]} for d, b in BARS.items()},
}
ADJUSTED = {
    "Meta Data": meta("Output Size"),
    "Time Series (Daily)": {
        d: _adjusted(b, VOLUMES[d], *EVENTS.get(d, ("0.0000", "1.0"))) for d, b in BARS.items()
    },
}
MINUTES = {
    "Meta Data": meta("Interval", "Output Size"),
    "Time Series (5min)": {
        f"2026-11-25 {at}:00": {
            **prices("270.2500", "270.7500", "270.0000", close),
            "5. volume": "412345",
        }
        for at, close in (("15:55", "270.5000"), ("15:50", "270.2500"), ("09:30", "270.1250"))
    },
}
QUOTE = {
    "Global Quote": {
        "01. symbol": "AAPL",
        "02. open": "270.2500",
        "03. high": "272.5000",
        "04. low": "269.2500",
        "05. price": "271.4500",
        "06. volume": "41234567",
        "07. latest trading day": "2026-11-25",
        "08. previous close": "269.7500",
        "09. change": "1.7000",
        "10. change percent": "0.6302%",
    }
}
EARNINGS = {
    "symbol": "AAPL",
    "annualEarnings": [{"fiscalDateEnding": "2024-09-30", "reportedEPS": "6.75"}],
    "quarterlyEarnings": [
        {
            "fiscalDateEnding": end,
            "reportedDate": told,
            "reportedEPS": actual,
            "estimatedEPS": mean,
            "surprise": "0.04",
            "surprisePercentage": "2.5",
            "reportTime": "post-market",
        }
        for end, told, actual, mean in (
            ("2024-09-30", "2024-10-31", "1.64", "1.6"),
            ("2024-06-30", "2024-08-01", "1.4", "1.35"),
            ("2024-03-31", "2024-05-02", "1.53", "1.5"),
        )
    ],
}
NEWS = {
    "items": "3",
    "sentiment_score_definition": "x <= -0.35: Bearish; x >= 0.35: Bullish",
    "relevance_score_definition": "0 < x <= 1",
    "feed": [
        {
            "title": f"Apple item {n}",
            "url": f"https://news.example/apple/{n}",
            "time_published": f"2026112{n}T143000",
            "authors": ["A. Writer"],
            "summary": "What was said of Apple.",
            "banner_image": None,
            "source": "News Example",
            "category_within_source": "n/a",
            "source_domain": "news.example",
            "topics": [{"topic": "Technology", "relevance_score": "1.0"}],
            "overall_sentiment_score": 0.125 * n,
            "overall_sentiment_label": "Neutral",
            "ticker_sentiment": [
                {
                    "ticker": "AAPL",
                    "relevance_score": "0.9",
                    "ticker_sentiment_score": "0.1",
                    "ticker_sentiment_label": "Neutral",
                }
            ],
        }
        for n in (5, 4, 3)
    ],
}
HEAD = "symbol,name,exchange,assetType,ipoDate,delistingDate,status"
ACTIVE = [
    HEAD,
    "A,Agilent Technologies Inc,NYSE,Stock,1999-11-18,null,Active",
    "AA,Alcoa Corp,NYSE,Stock,2016-10-18,null,Active",
    "AAAU,Goldman Sachs Physical Gold ETF,BATS,ETF,2018-08-15,null,Active",
]
GONE = [
    HEAD,
    "ATVI,Activision Blizzard Inc,NASDAQ,Stock,1993-10-25,2023-10-13,Delisted",
    "TWTR,Twitter Inc,NYSE,Stock,2013-11-07,2022-10-27,Delisted",
    "VMW,Vmware Inc,NYSE,Stock,2007-08-14,2023-11-21,Delisted",
]


def _case(name: str, ask: Ask, function: str, answer: Any, rows: int) -> Recorded:
    text = "\r\n".join([*answer, ""]) if isinstance(answer, list) else json.dumps(answer)
    return Recorded(
        name,
        AlphaVantage,
        ask,
        {f"?function={function}": text.encode()},
        rows=rows,
        secrets=SECRETS,
        json=not isinstance(answer, list),
    )


ONE = ("AAPL",)
AUGUST = {"since": date(2020, 8, 6), "until": date(2020, 8, 31)}
RECORDED = (
    _case("bars_1d", Ask(kind="bars_1d", symbols=ONE), "TIME_SERIES_DAILY&", DAILY, 4),
    _case(
        "bars_1d-adjusted",
        Ask(kind="bars_1d", symbols=ONE, options={"adjusted": "yes"}, **AUGUST),  # type: ignore[arg-type]
        "TIME_SERIES_DAILY_ADJUSTED",
        ADJUSTED,
        3,
    ),
    _case(
        "bars_intraday",
        Ask(
            kind="bars_intraday",
            symbols=ONE,
            since=date(2026, 11, 24),
            until=date(2026, 11, 27),
        ),
        "TIME_SERIES_INTRADAY",
        MINUTES,
        3,
    ),
    _case("quotes", Ask(kind="quotes", symbols=ONE), "GLOBAL_QUOTE", QUOTE, 1),
    _case("estimates", Ask(kind="estimates", symbols=ONE), "EARNINGS", EARNINGS, 3),
    _case("news", Ask(kind="news", symbols=ONE), "NEWS_SENTIMENT", NEWS, 3),
    _case(
        "actions",
        Ask(kind="actions", symbols=("A", "AA", "AAAU")),
        "LISTING_STATUS",
        ACTIVE,
        3,
    ),
    _case(
        "actions-delisted",
        Ask(kind="actions", symbols=("ATVI", "TWTR", "VMW"), options={"state": "delisted"}),
        "LISTING_STATUS",
        GONE,
        3,
    ),
)
