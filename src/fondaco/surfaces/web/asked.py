"""What a symbol's page was asked for, kept in its address. Pure: nothing here draws."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any
from urllib.parse import quote, urlencode

from fondaco.core.limits import CHART_POINTS_MAX

INTERVALS = ("1d", "1h", "15m", "5m", "1m")
DAYS_BEFORE, DAYS_AHEAD = 730, 90
"""The span of events around the day on which the page looks."""
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


@dataclass(frozen=True, slots=True)
class Asked:
    """A symbol, how long its bars are, the day as of which all is shown (empty: now)."""

    symbol: str
    interval: str = "1d"
    as_of: str = ""
    adjusted: bool = True

    @property
    def place(self) -> str:
        """The page's place, so that it can be shared.

        >>> Asked("AAPL", "1h", "2019-06-28").place
        '/symbol/AAPL?interval=1h&as_of=2019-06-28'
        """
        given = {}
        if self.interval != INTERVALS[0]:
            given["interval"] = self.interval
        if self.as_of:
            given["as_of"] = self.as_of
        if not self.adjusted:
            given["adjusted"] = "no"
        return f"/symbol/{quote(self.symbol)}" + (f"?{urlencode(given)}" if given else "")

    @property
    def plain(self) -> bool:
        """Whether the whole daily history as known now is asked for, on which indicators stand."""
        return self.interval == INTERVALS[0] and not self.as_of and self.adjusted

    @property
    def bars(self) -> str:
        """The kind of data that the bars are of."""
        return "bars_1d" if self.interval == INTERVALS[0] else "bars_intraday"

    @property
    def words(self) -> str:
        """What the chart shows, for its title."""
        how = "adjusted" if self.adjusted else "as printed"
        return f"{self.interval}, {how}" + (f", as known {self.as_of}" if self.as_of else "")

    def known(self, **more: Any) -> dict[str, Any]:
        """Return inputs of a capability that shows what was known of the symbol then."""
        return {"symbol": self.symbol} | ({"as_of": self.as_of} if self.as_of else {}) | more

    def history(self) -> dict[str, Any]:
        """Return the inputs of the history."""
        return self.known(interval=self.interval, adjusted=self.adjusted, limit=CHART_POINTS_MAX)

    def events(self, now: date) -> dict[str, Any]:
        """Return the inputs of the events around the day as of which the page looks."""
        day = date.fromisoformat(self.as_of) if self.as_of else now
        since, until = day - timedelta(days=DAYS_BEFORE), day + timedelta(days=DAYS_AHEAD)
        return self.known(since=since.isoformat(), until=until.isoformat())

    def on(self, day: str) -> "Asked":
        """Return the same as of another day."""
        return replace(self, as_of=day)


def asked(symbol: str, query: Mapping[str, str]) -> Asked:
    """Read an address; an interval that there is not becomes days.

    >>> asked("AAPL", {"interval": "2h", "adjusted": "no"})
    Asked(symbol='AAPL', interval='1d', as_of='', adjusted=False)
    """
    interval = query.get("interval", "")
    return Asked(
        symbol,
        interval if interval in INTERVALS else INTERVALS[0],
        query.get("as_of", ""),
        query.get("adjusted", "") != "no",
    )


def no_day(words: str, today: date) -> str:
    """Return why words are no day to look from; empty where they are, or where there are none.

    >>> no_day("2019-02-30", date(2023, 1, 3))
    '2019-02-30 is no day: write it as 2019-06-28.'
    """
    if not words:
        return ""
    try:
        if not _DAY.fullmatch(words):
            raise ValueError(words)
        day = date.fromisoformat(words)
    except ValueError:
        return f"{words} is no day: write it as 2019-06-28."
    return f"{words} lies ahead: nothing was known then." if day > today else ""


def meant(symbol: str, data: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """Return the line of `market.search` that a symbol means, first by the name it has now.

    >>> lines = [{"symbol": "META", "symbols": ["FB 2012-05-18 to 2022-06-08"]}]
    >>> meant("FB", {"instruments": lines})["symbol"], meant("F", {"instruments": lines})
    ('META', None)
    """
    lines = data["instruments"]
    named = (one for one in lines if one["symbol"] == symbol)
    dated = (one for one in lines if any(s.startswith(f"{symbol} ") for s in one["symbols"]))
    return next(named, None) or next(dated, None)
