"""The `nse` provider: the National Stock Exchange of India's files and the interface of its site.

Kinds and options:
- `bars_1d`: bhavcopy of each weekday of a span. Option `weekends` "yes" asks Saturdays and Sundays
  too (special sessions). A day without a file is a fault: a holiday, or not out yet.
- `chains`: option chain of each symbol now; option `expiry` (2024-10-31) asks the newer interface.
- `actions`: corporate actions by ex-date; option `of` "listings": listings and changes of ticker.
- `flows`: FII and DII activity of the last session.
- `deals`: option `deal` "insider" (default), "bulk" or "block" (these of the last session).
- `memberships`: members of the indices named as symbols (NIFTY 50).
- `classifications`: industries; option `index` names the list (default NIFTY 500).

Files lie at nsearchives.nseindia.com, the interface at www.nseindia.com/api. It has no official
documentation: the shapes are those that NSE's own pages and public clients read (nselib,
jugaad-data, nsepython). Never run against the live service.
"""

import hashlib
from datetime import date, datetime, timedelta

from fondaco.adapters.providers.file_pack import pack
from fondaco.adapters.providers.nse_actions import parse_actions
from fondaco.adapters.providers.nse_bars import ARCHIVE, bhavcopy_url, parse_bars
from fondaco.adapters.providers.nse_cells import INDICES, MONTHS, SYMBOL, ZONE
from fondaco.adapters.providers.nse_chain import parse_chain
from fondaco.adapters.providers.nse_deals import parse_flows, parse_insiders, parse_large_deals
from fondaco.adapters.providers.nse_lists import INDEX_FILES, parse_listings, parse_members
from fondaco.adapters.providers.nse_session import HEADERS, Session
from fondaco.adapters.providers.parts import Parts, Service
from fondaco.core.errors import InvalidInput
from fondaco.core.instrument import Origin
from fondaco.market.identity import source_name
from fondaco.market.ports import Ask, Parsed, Raw
from fondaco.market.sheets import Limit, Market, Offer, Sheet
from fondaco.market.tables import BARS

SYMBOLS_MAX = 200
DAYS_MAX = 800
SPAN_DAYS_MAX = 366
SPAN_DAYS = 30
IN = (Market.INDIA,)
SHEET = Sheet(
    "nse",
    "National Stock Exchange of India",
    Origin.LIVE,
    (
        Offer(BARS, IN, "from 1994; a file a day, out in the evening"),
        Offer("chains", IN, "now", 3),
        Offer("actions", IN, "from 1995; listings and changes of ticker of all time"),
        Offer("flows", IN, "the last session, provisional"),
        Offer("deals", IN, "insiders: about a year; bulk and block: the last session"),
        Offer("memberships", IN, "today's members"),
        Offer("classifications", IN, "today's industries"),
    ),
    (Limit(3, 1), Limit(5_000, 86_400)),
    terms="https://www.nseindia.com/nse-terms-of-use: personal, no redistribution, no robots "
    "without consent; no official interface, and it may refuse programs or places",
)
OPTIONS = {
    BARS: ("weekends",),
    "chains": ("expiry",),
    "actions": ("of",),
    "deals": ("deal",),
    "classifications": ("index",),
}
CHOICES = {
    "weekends": ("no", "yes"),
    "of": ("actions", "listings"),
    "deal": ("insider", "bulk", "block"),
    "index": ("NIFTY 500", *(name for name in INDEX_FILES if name != "NIFTY 500")),
}
"""What an option may say; the first is meant when it is left out."""


class Nse(Service):
    """Daily bars, option chains, actions, flows, deals, tickers and indices of NSE."""

    sheet = SHEET

    def __init__(self, parts: Parts) -> None:
        super().__init__(parts)
        self._session = Session(SHEET, parts.wire)

    def ask(self, ask: Ask) -> tuple[Raw, ...]:
        """Fetch what is asked for; without symbols, all that a file or answer holds.

        Raises Unanswered when an answer does not come or the session is dead, InvalidInput for
        wrong symbols, options or spans.
        """
        chosen = _chosen(ask)
        now = self._clock.now()
        if ask.kind == BARS:
            days = _days(ask, now, weekends=chosen["weekends"] == "yes")
            return tuple(
                self._wire.get(
                    bhavcopy_url(on), name=f"{BARS} {on}", headers=HEADERS, accept=(200, 404)
                )
                for on in days
            )
        if ask.kind == "memberships":
            return tuple(self._index(ask.kind, name) for name in ask.symbols)
        if ask.kind == "classifications":
            return (self._index(ask.kind, chosen["index"]),)
        if ask.kind == "actions" and chosen["of"] == "listings":
            return (self._listings(),)
        if ask.kind == "deals" and chosen["deal"] != "insider":
            url = f"{ARCHIVE}/equities/{chosen['deal']}.csv"
            return (self._wire.get(url, name=f"deals {chosen['deal']}", headers=HEADERS),)
        span = _span(ask, now) if ask.kind in {"deals", "actions"} else {}
        self._session.open()
        if ask.kind == "flows":
            return (self._session.get("fiidiiTradeReact", "flows"),)
        if ask.kind == "chains":
            return tuple(self._chain(symbol, chosen["expiry"]) for symbol in ask.symbols)
        return self._events(ask, span)

    def parse(self, raw: Raw, ask: Ask) -> Parsed:
        """Read one answer; one that cannot be used as a whole is a fault."""
        source = source_name(self.origin, self.name)
        kind, _, rest = raw.name.partition(" ")
        if kind == BARS:
            return parse_bars(raw, ask, source)
        if kind == "chains":
            return parse_chain(raw, source)
        if kind == "flows":
            return parse_flows(raw, source)
        if kind == "deals":
            insiders = rest.startswith("insider")
            return parse_insiders(raw, source) if insiders else parse_large_deals(raw, ask, source)
        if kind == "actions":
            lists = rest == "listings"
            return parse_listings(raw, ask, source) if lists else parse_actions(raw, source)
        return parse_members(raw, ask, source)

    def _events(self, ask: Ask, span: dict[str, str]) -> tuple[Raw, ...]:
        insiders = ask.kind == "deals"
        path = "corporates-pit" if insiders else "corporates-corporateActions"
        name = "deals insider" if insiders else "actions actions"
        params = {"index": "equities", **span}
        if not ask.symbols:
            return (self._session.get(path, name, params),)
        return tuple(
            self._session.get(path, f"{name} {symbol}", params | {"symbol": symbol})
            for symbol in ask.symbols
        )

    def _index(self, kind: str, index: str) -> Raw:
        url = f"{ARCHIVE}/indices/{INDEX_FILES[index]}.csv"
        return self._wire.get(url, name=f"{kind} {index}", headers=HEADERS)

    def _chain(self, symbol: str, expiry: str) -> Raw:
        index = symbol in INDICES
        if not expiry:
            path = f"option-chain-{'indices' if index else 'equities'}"
            return self._session.get(path, f"chains {symbol}", {"symbol": symbol})
        on = date.fromisoformat(expiry)
        written = f"{on.day:02}-{MONTHS[on.month - 1].title()}-{on.year}"
        params = {"type": "Indices" if index else "Equity", "symbol": symbol, "expiry": written}
        return self._session.get("option-chain-v3", f"chains {symbol}", params)

    def _listings(self) -> Raw:
        files = {"shares": "EQUITY_L.csv", "changes": "symbolchange.csv"}
        raws = {
            role: self._wire.get(f"{ARCHIVE}/equities/{file}", name=file, headers=HEADERS)
            for role, file in files.items()
        }
        body = pack({role: (files[role], raw.body) for role, raw in raws.items()})
        request = "; ".join(raw.request for raw in raws.values())
        digest = hashlib.sha256(body).hexdigest()
        asked_at = max(raw.asked_at for raw in raws.values())
        return Raw(self.name, "actions listings", body, asked_at, digest, request)


def _chosen(ask: Ask) -> dict[str, str]:
    """Return the options, each with its default; raises InvalidInput, NotFound for the kind."""
    SHEET.offer(ask.kind)
    known = OPTIONS.get(ask.kind, ())
    given = dict(ask.options or {})
    unknown = sorted(set(given) - set(known))
    if unknown:
        raise InvalidInput(
            f"the nse provider has no such option for {ask.kind}",
            value=", ".join(unknown)[:80],
            bound=", ".join(known) or "no option",
        )
    chosen = {name: given.get(name, CHOICES.get(name, ("",))[0]) for name in known}
    for name, value in chosen.items():
        if name in CHOICES and value not in CHOICES[name]:
            raise InvalidInput(
                f"the option {name} cannot be that",
                value=value[:40],
                bound=", ".join(CHOICES[name]),
            )
    if chosen.get("expiry"):
        _iso(chosen["expiry"])
    _check_symbols(ask)
    return chosen


def _check_symbols(ask: Ask) -> None:
    least = 1 if ask.kind in {"chains", "memberships"} else 0
    if not least <= len(ask.symbols) <= SYMBOLS_MAX:
        raise InvalidInput(
            f"the nse provider needs symbols for {ask.kind}",
            value=len(ask.symbols),
            bound=f"{least} to {SYMBOLS_MAX}",
        )
    if ask.kind == "memberships":
        wrong = [name for name in ask.symbols if name not in INDEX_FILES]
        bound = ", ".join(INDEX_FILES)
    elif ask.kind == "flows":
        wrong, bound = [s for s in ask.symbols if s != "IN"], "IN"
    else:
        wrong = [s for s in ask.symbols if not SYMBOL.fullmatch(s)]
        bound = "A-Z, 0-9, & and -, up to 20"
    if wrong:
        raise InvalidInput(
            "the nse provider knows no such symbol", value=", ".join(wrong)[:80], bound=bound
        )


def _iso(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise InvalidInput(
            "the option expiry is no day", value=text[:40], bound="such as 2024-10-31"
        ) from None


def _days(ask: Ask, now: datetime, *, weekends: bool) -> tuple[date, ...]:
    """Return the days of a span, oldest first: the last weekday when none is named."""
    today = now.astimezone(ZONE).date()
    until = min(ask.until or today, today)
    since = ask.since or until
    if not date(1994, 11, 3) <= since <= until:
        raise InvalidInput(
            "there is no bhavcopy of this span",
            value=f"{since} to {until}",
            bound=f"1994-11-03 to {today}",
        )
    days = [since + timedelta(days=n) for n in range((until - since).days + 1)]
    days = [on for on in days if weekends or on.weekday() < 5]
    if not 0 < len(days) <= DAYS_MAX:
        raise InvalidInput(
            "the span has no weekday, or too many",
            value=len(days),
            bound=f"1 to {DAYS_MAX} days",
            remedy="Ask for a span of weekdays, or set the option weekends to yes.",
        )
    return tuple(days)


def _span(ask: Ask, now: datetime) -> dict[str, str]:
    until = ask.until or now.astimezone(ZONE).date()
    since = ask.since or until - timedelta(days=SPAN_DAYS)
    if not 0 <= (until - since).days <= SPAN_DAYS_MAX:
        raise InvalidInput(
            "the span is too long, or ends before it starts",
            value=f"{since} to {until}",
            bound=f"{SPAN_DAYS_MAX} days",
        )
    return {"from_date": f"{since:%d-%m-%Y}", "to_date": f"{until:%d-%m-%Y}"}
