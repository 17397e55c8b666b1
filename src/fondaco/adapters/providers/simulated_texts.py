"""Texts of the simulated market: news of which some move a price, posts of a crowd, said trades."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta

from fondaco.adapters.providers.simulated_days import (
    FIRST_YEAR,
    at,
    between,
    later,
    opens_at,
    through,
)
from fondaco.adapters.providers.simulated_plan import CROWD_UP_SESSIONS, events_of
from fondaco.adapters.providers.simulated_world import (
    SHARES,
    View,
    chance,
    traded_on,
)

Row = dict[str, object]
IDLE_NEWS = 20
"""News a share and year that move nothing."""
IDLE_POSTS, CROWD_POSTS = 30, 25
SAID_TRADES = 12
GOOD, BAD = "wins a large order", "loses a large order"
IDLE = ("opens an office", "names a treasurer", "prints its yearly booklet", "moves its archive")
PUBLISHER = "Simulated Wire"
DAY = timedelta(days=1)


def news_rows(view: View, symbol: str) -> Iterator[Row]:
    """Give news: the cause of each planted jump some minutes before it, and what moves nothing."""
    for event in events_of(view.seed, view.years, "jump_on_news", symbol):
        words, tone = (GOOD, 0.8) if event.size > 0 else (BAD, -0.8)
        yield _news(symbol, event.part, event.known_at, words, tone)
    for n, (ts, draw) in enumerate(_moments(view, symbol, "idle news", IDLE_NEWS)):
        name = f"idle-{symbol}-{ts:%Y%m%d}-{n}"
        yield _news(symbol, name, ts, IDLE[int(draw * len(IDLE))], round(0.2 * (draw - 0.5), 3))


def _news(symbol: str, name: str, ts: datetime, words: str, tone: float) -> Row:
    return {
        "id": name,
        "ts": ts,
        "known_at": ts,
        "title": f"Simulated company {symbol} {words}",
        "body": f"Made up for tests. {symbol} {words}.",
        "publisher": PUBLISHER,
        "symbols": symbol,
        "language": "en",
        "tone": tone,
    }


def post_rows(view: View, symbol: str) -> Iterator[Row]:
    """Give posts: a few all year, and many while a crowd drives a price up."""
    for n, (ts, draw) in enumerate(_moments(view, symbol, "posts", IDLE_POSTS)):
        yield _post(symbol, f"post-{symbol}-{ts:%Y%m%d}-{n}", ts, "reads the booklet", draw)
    for event in events_of(view.seed, view.years, "crowd", symbol):
        first = event.start.date()
        draws = chance(view.seed, "crowd posts", event.part)
        for day in between(first, later(first, CROWD_UP_SESSIONS - 1)):
            for n, minute in enumerate(sorted(draws.integers(0, 200, CROWD_POSTS).tolist())):
                ts = opens_at(day) + timedelta(minutes=minute)
                name = f"{event.part}-{day:%m%d}-{n}"
                yield _post(symbol, name, ts, "to the moon", float(draws.random()))


def _post(symbol: str, name: str, ts: datetime, words: str, draw: float) -> Row:
    return {
        "id": name,
        "ts": ts,
        "known_at": ts,
        "network": "SIMPOST",
        "place": "markets",
        "author": f"simulated user {int(draw * 1_000)}",
        "body": f"{symbol} {words} (made up)",
        "symbols": symbol,
        "score": float(round(draw * 100)),
        "replies": int(draw * 10),
    }


def said_trade_rows(view: View, network: str) -> Iterator[Row]:
    """Give trades that made-up people say they made; they know nothing."""
    for symbol in SHARES:
        for n, (ts, draw) in enumerate(_moments(view, symbol, "said trades", SAID_TRADES)):
            if not traded_on(view.seed, symbol, ts.date()):
                continue
            yield {
                "network": network,
                "id": f"trade-{symbol}-{ts:%Y%m%d}-{n}",
                "ts": ts,
                "known_at": ts,
                "author": f"simulated user {int(draw * 50)}",
                "symbol": symbol,
                "instrument": symbol,
                "trade": "buy" if draw < 0.5 else "sell",
                "size": float(1 + int(draw * 100)),
            }


def _moments(view: View, symbol: str, stream: str, count: int) -> Iterator[tuple[datetime, float]]:
    """Give moments inside sessions, with a draw from 0 to 1 each."""
    for year in range(max(view.since.year, FIRST_YEAR), view.until.year + 1):
        draws = chance(view.seed, stream, symbol, year)
        days = [day for day in through(year) if day.year == year]
        places = sorted(draws.integers(0, len(days), count).tolist())
        hours, odds = draws.integers(0, 390, count).tolist(), draws.random(count).tolist()
        for place, minute, draw in zip(places, hours, odds, strict=True):
            day: date = days[place]
            if traded_on(view.seed, symbol, day):
                yield at(day, time(9, 30)) + timedelta(minutes=minute), draw
