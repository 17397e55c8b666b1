"""The `edgar` provider: what companies file with the U.S. Securities and Exchange Commission.

- `fundamentals`: every number of every XBRL report, with the filing that says it.
- `filings`: the list of filings with the time of acceptance.
- `deals`: what insiders did with shares, out of Forms 4 and 5 (from 30 June 2003).

Symbols are tickers of the SEC's list; option `cik` names a company that is not in it (delisted),
then under the one symbol that is asked for. Without `since` deals are those filed in a year.
Documentation: https://www.sec.gov/search-filings/edgar-application-programming-interfaces and
https://www.sec.gov/about/webmaster-frequently-asked-questions (10 requests a second, a User-Agent
with name and mail address). Never run against the live service.
"""

import re
from datetime import date, timedelta
from typing import NoReturn

from fondaco.adapters.providers.edgar_facts import parse_facts
from fondaco.adapters.providers.edgar_filings import (
    ARCHIVES,
    Filing,
    Page,
    columns_of,
    in_span,
    pages_of,
    parse_filings,
    read_filing,
    rows_of,
)
from fondaco.adapters.providers.edgar_owners import FORMS, parse_owners
from fondaco.adapters.providers.edgar_times import ZONE
from fondaco.adapters.providers.parts import Service
from fondaco.adapters.providers.read_json import Useless, part, read_json
from fondaco.core.errors import InvalidInput
from fondaco.core.instrument import Origin
from fondaco.market.errors import Cause, Unanswered
from fondaco.market.identity import source_name
from fondaco.market.ports import Ask, Parsed, Raw
from fondaco.market.sheets import KeyNeed, Limit, Market, Offer, Sheet

DATA = "https://data.sec.gov"
TICKERS = "https://www.sec.gov/files/company_tickers.json"
SYMBOLS_MAX = 50
PAGES_MAX = 60
"""The most pages of older filings of one company."""

FORMS_MAX = 300
"""The most reports of owners that one ask reads for one symbol."""

OWNERS_SINCE = date(2003, 6, 30)
YEAR_DAYS = 365
SYMBOL = re.compile(r"[A-Z0-9][A-Z0-9.-]{0,9}")
CIK = re.compile(r"\d{1,10}")
AGENT = re.compile(r"[ -~]*[!-~] [!-~]+@[!-~]+\.[!-~]+")
US = (Market.US,)
SHEET = Sheet(
    "edgar",
    "SEC EDGAR",
    Origin.LIVE,
    (
        Offer("fundamentals", US, "from 2009, all filers since 2011", 1),
        Offer("filings", US, "from 1993", 1),
        Offer("deals", US, "from 30 June 2003", 1),
    ),
    (Limit(10, 1),),
    terms="https://www.sec.gov/privacy#security: public; at most 10 requests a second, with a "
    "User-Agent that names who asks",
    key=KeyNeed(
        ("FONDACO_SEC_AGENT",),
        "https://www.sec.gov/about/webmaster-frequently-asked-questions#developers",
        "No account is needed: set it to your name and mail address, 'Name mail@example.org'.",
    ),
)


class Edgar(Service):
    """Fundamentals, filings and insiders' deals of companies that file with the SEC."""

    sheet = SHEET

    def ask(self, ask: Ask) -> tuple[Raw, ...]:
        """Fetch the answers of each company; a page or report that does not come fails the ask.

        Raises Unanswered, InvalidInput for wrong symbols, options or spans.
        """
        symbols = _symbols(ask)
        headers = self._headers()
        given = (ask.options or {}).get("cik")
        ciks = {symbols[0]: int(given)} if given else self._ciks(symbols, headers)
        raws: list[Raw] = []
        for symbol, cik in ciks.items():
            if ask.kind == "fundamentals":
                url = f"{DATA}/api/xbrl/companyfacts/CIK{cik:010}.json"
                name = f"fundamentals {symbol} {cik}"
                raws.append(self._wire.get(url, name=name, headers=headers))
            elif ask.kind == "filings":
                raws.extend(self._filings(ask, symbol, cik, headers))
            else:
                raws.extend(self._owners(ask, symbol, cik, headers))
        return tuple(raws)

    def parse(self, raw: Raw, ask: Ask) -> Parsed:
        """Read one answer; one that cannot be used as a whole is a fault."""
        source = source_name(self.origin, self.name)
        if raw.name.startswith("fundamentals "):
            return parse_facts(raw, ask, source)
        if raw.name.startswith("filings "):
            return parse_filings(raw, ask, source)
        return parse_owners(raw, source)

    def _headers(self) -> dict[str, str]:
        agent = self._parts.key(SHEET)
        if not AGENT.fullmatch(agent):
            raise Unanswered(
                "the SEC wants to know who asks",
                provider=self.name,
                cause=Cause.KEY,
                value="FONDACO_SEC_AGENT",
                bound="a name and a mail address: 'Name mail@example.org'",
            )
        return {"User-Agent": agent}

    def _ciks(self, symbols: tuple[str, ...], headers: dict[str, str]) -> dict[str, int]:
        wanted = {symbol: symbol.replace(".", "-") for symbol in symbols}  # BRK.B is BRK-B there
        raw = self._wire.get(TICKERS, name="company_tickers", headers=headers)
        try:
            listed = read_json(raw.body)
            if not isinstance(listed, dict) or not listed:
                raise Useless("the list of tickers is none")
            rows = [row for row in listed.values() if isinstance(row, dict)]
            found = {
                ticker: part(row, "cik_str", int)
                for row in rows
                if isinstance(ticker := row.get("ticker"), str) and ticker in wanted.values()
            }
        except Useless as error:
            self._unanswered(str(error), Cause.BAD, "company_tickers")
        missing = [s for s in symbols if found.get(wanted[s], 0) <= 0]
        if missing:
            self._unanswered("it lists no such ticker", Cause.EMPTY, ", ".join(missing)[:80])
        return {symbol: found[wanted[symbol]] for symbol in symbols}

    def _filings(self, ask: Ask, symbol: str, cik: int, headers: dict[str, str]) -> list[Raw]:
        """Return the newest filings, and the pages of older ones that the span needs."""
        url = f"{DATA}/submissions/CIK{cik:010}.json"
        newest = self._wire.get(url, name=f"filings {symbol} {cik}", headers=headers)
        try:
            pages = [page for page in pages_of(newest, cik) if _needed(page, ask)]
        except Useless as error:
            self._unanswered(str(error), Cause.BAD, f"filings {symbol}")
        if len(pages) > PAGES_MAX:
            raise InvalidInput(
                f"{symbol} has too many pages of filings in this span",
                value=len(pages),
                bound=PAGES_MAX,
                remedy="Ask for a shorter span.",
            )
        older = [
            self._wire.get(
                f"{DATA}/submissions/{page.name}",
                name=f"filings {symbol} {cik} {page.count}",
                headers=headers,
            )
            for page in pages
        ]
        return [newest, *older]

    def _owners(self, ask: Ask, symbol: str, cik: int, headers: dict[str, str]) -> list[Raw]:
        today = self._clock.now().astimezone(ZONE).date()
        since = ask.since or (ask.until or today) - timedelta(days=YEAR_DAYS)
        span = Ask(since=max(since, OWNERS_SINCE), until=ask.until)
        lists = self._filings(span, symbol, cik, headers)
        reports = [f for raw in lists for f in self._reports(raw, cik) if in_span(f.filed, span)]
        if len(reports) > FORMS_MAX:
            raise InvalidInput(
                f"{symbol} has too many reports of owners in this span",
                value=len(reports),
                bound=FORMS_MAX,
                remedy="Ask for a shorter span, or one symbol at a time.",
            )
        return [
            self._wire.get(
                f"{ARCHIVES}/{cik}/{filing.number.replace('-', '')}/{_plain(filing)}",
                name=f"deals {symbol} {cik} {filing.number} {filing.at.isoformat()}",
                headers=headers,
            )
            for filing in reports
        ]

    def _reports(self, raw: Raw, cik: int) -> list[Filing]:
        rest = raw.name.split()[3:]
        try:
            columns = columns_of(raw, cik, int(rest[0]) if rest else None)
            filings = [read_filing(cells, raw.asked_at) for cells in rows_of(columns)]
        except Useless as error:
            self._unanswered(str(error), Cause.BAD, raw.name)
        return [filing for filing in filings if filing.form in FORMS]

    def _unanswered(self, reason: str, cause: Cause, value: str) -> NoReturn:
        raise Unanswered(
            f"{SHEET.title} gave no usable answer: {reason}"[:300],
            provider=self.name,
            cause=cause,
            value=value,
            remedy="A company that is listed no more can be named by the option cik.",
        )


def _symbols(ask: Ask) -> tuple[str, ...]:
    """Return the symbols, each once; raises InvalidInput, and NotFound for the kind."""
    SHEET.offer(ask.kind)
    options = dict(ask.options or {})
    cik = options.pop("cik", None)
    if options:
        raise InvalidInput(
            "the edgar provider has no such option", value=", ".join(options)[:80], bound="cik"
        )
    symbols = tuple(dict.fromkeys(symbol.strip().upper() for symbol in ask.symbols))
    most = 1 if cik is not None else SYMBOLS_MAX
    if not 0 < len(symbols) <= most:
        raise InvalidInput(
            "the edgar provider needs symbols", value=len(symbols), bound=f"1 to {most}"
        )
    wrong = [symbol for symbol in symbols if not SYMBOL.fullmatch(symbol)]
    if wrong or (cik is not None and not CIK.fullmatch(cik)):
        raise InvalidInput(
            "that is no symbol, or no CIK",
            value=", ".join(wrong)[:80] or str(cik)[:40],
            bound="A-Z, 0-9, . and -, up to 10; a CIK has up to 10 digits",
        )
    if ask.since and ask.until and ask.since > ask.until:
        raise InvalidInput("the span ends before it starts", value=f"{ask.since} to {ask.until}")
    return symbols


def _needed(page: Page, ask: Ask) -> bool:
    return not ((ask.since and page.until < ask.since) or (ask.until and page.since > ask.until))


def _plain(filing: Filing) -> str:
    """Return a report's XML file: the list names the page that is drawn of it."""
    folder, _, file = filing.document.rpartition("/")
    return file if folder.startswith("xsl") else filing.document
