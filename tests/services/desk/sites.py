"""Two sources of daily bars on this machine, each behind a socket of its own, to be killed.

They speak the documented protocols of Tiingo and Alpaca and tell the same made-up prices: whole
cents of a seeded walk over the sessions of the New York Stock Exchange.
"""

import json
import random
import threading
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit
from zoneinfo import ZoneInfo

import httpx2

SYMBOLS = tuple(letter * 3 for letter in "ABCDEFGHIJKL")
NEW_YORK = ZoneInfo("America/New_York")
TIINGO, ALPACA = "api.tiingo.com", "data.alpaca.markets"

PRINTED = ("open", "high", "low", "close", "volume")
ADJUSTED = ("adjOpen", "adjHigh", "adjLow", "adjClose", "adjVolume")

Bar = tuple[date, float, float, float, float, int]


def walk(symbol: str, days: list[date]) -> list[Bar]:
    """Return the bars of a symbol: day, open, high, low, close, volume."""
    chance = random.Random(symbol)
    drift = chance.uniform(-0.0005, 0.0015)
    close, bars = round(chance.uniform(40, 200), 2), []
    for day in days:
        opened = round(close * (1 + chance.gauss(0, 0.004)), 2)
        close = round(opened * (1 + chance.gauss(drift, 0.012)), 2)
        high, low = max(opened, close) + 0.25, min(opened, close) - 0.25
        volume = chance.randrange(2_000_000, 9_000_000)
        bars.append((day, opened, round(high, 2), round(low, 2), close, volume))
    return bars


class Site:
    """A source that answers `lives` requests and is dead from then on: nobody listens any more."""

    def __init__(self, answer: Callable[[str, Mapping[str, str]], Any], lives: int) -> None:
        self._answer = answer
        self._left = lives
        self._lock = threading.Lock()
        self.asked: list[str] = []
        site = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                site._reply(self)

            def log_message(self, format: str, *args: Any) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = self._server.server_address[1]
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))
        self._thread.start()
        if lives == 0:
            self.close()

    def close(self) -> None:
        """Listen no more."""
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def _reply(self, handler: BaseHTTPRequestHandler) -> None:
        with self._lock:
            self._left -= 1
            if self._left < 0:
                handler.connection.close()  # in the middle of a request
                return
        address = urlsplit(handler.path)
        self.asked.append(address.path)
        query = {name: values[0] for name, values in parse_qs(address.query).items()}
        body = json.dumps(self._answer(address.path, query)).encode()
        handler.send_response(200)
        handler.send_header("Content-Type", "application/json")
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)


def tiingo(days: list[date]) -> Callable[[str, Mapping[str, str]], Any]:
    """Answer as Tiingo's daily prices do."""

    def answer(path: str, query: Mapping[str, str]) -> Any:
        symbol = path.split("/")[3].upper()
        return [
            {"date": f"{day}T00:00:00.000Z", "divCash": 0.0, "splitFactor": 1.0}
            | dict(zip(PRINTED, told, strict=True))
            | dict(zip(ADJUSTED, told, strict=True))
            for day, *told in walk(symbol, days)
            if query["startDate"] <= str(day) <= query["endDate"]
        ]

    return answer


def alpaca(days: list[date]) -> Callable[[str, Mapping[str, str]], Any]:
    """Answer as Alpaca's market data do."""

    def answer(path: str, query: Mapping[str, str]) -> Any:
        if path == "/v1/corporate-actions":
            return {"corporate_actions": {}, "next_page_token": None}
        symbol = path.split("/")[3]
        bars = [
            {"t": _midnight(day), "o": o, "h": h, "l": low, "c": c, "v": v, "n": 9, "vw": c}
            for day, o, h, low, c, v in walk(symbol, days)
            if query["start"] <= str(day) <= query["end"]
        ]
        return {"bars": bars, "symbol": symbol, "next_page_token": None}

    return answer


def _midnight(day: date) -> str:
    """Return when a day begins in New York, in UTC, as Alpaca stamps its daily bars."""
    return f"{datetime.combine(day, time(), NEW_YORK).astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


class Local(httpx2.BaseTransport):
    """Takes requests to known hosts to their sites here; there is no way to any other."""

    def __init__(self, sites: Mapping[str, Site]) -> None:
        self._sites = sites
        self._inner = httpx2.HTTPTransport()

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        """Send a request to the site of its host."""
        site = self._sites.get(request.url.host)
        if site is None:
            raise httpx2.ConnectError(f"no way to {request.url.host}", request=request)
        request.url = request.url.copy_with(scheme="http", host="127.0.0.1", port=site.port)
        return self._inner.handle_request(request)

    def close(self) -> None:
        """Give the connections back."""
        self._inner.close()
