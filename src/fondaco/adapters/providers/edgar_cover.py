"""The cover page of a report in inline XBRL (10-K, 10-Q, 8-K): which report it is, and of whom.

Every cover page is tagged by the taxonomy `dei` since June 2019 (SEC Release 33-10618). A document
without such tags, plain text or another form, is none.
"""

from dataclasses import dataclass
from datetime import date, datetime
from html.parser import HTMLParser

from fondaco.adapters.providers.collect import Collected, useless
from fondaco.adapters.providers.edgar_times import day_of
from fondaco.adapters.providers.listing import us_listing
from fondaco.adapters.providers.read_json import Useless
from fondaco.market.ports import Parsed, Raw

TAG, TAXONOMY = "ix:nonnumeric", "dei:"
WRITTEN = "%B %d, %Y"
"""How a cover page prints a day: September 28, 2024."""


@dataclass(frozen=True, slots=True)
class Cover:
    """What a cover page says; `symbol` is empty where it names no ticker."""

    form: str
    period: date
    company: str
    symbol: str


def read_cover(body: bytes) -> Cover:
    """Return what the cover page of a report says; raises Useless."""
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Useless("the document is no text in UTF-8") from error
    reader = _Reader()
    reader.feed(text)
    told = reader.told
    if "DocumentType" not in told:
        raise Useless("the document has no cover page in inline XBRL")
    form = told["DocumentType"]
    amended = told.get("AmendmentFlag") == "true" and not form.endswith("/A")
    return Cover(
        form=f"{form}/A" if amended else form,
        period=_day(told.get("DocumentPeriodEndDate", "")),
        company=told.get("EntityRegistrantName", ""),
        symbol=told.get("TradingSymbol", "").upper(),
    )


def filing_of(raw: Raw, source: str, symbol: str, filing: str, known_at: datetime) -> Parsed:
    """Return the one filing that a report is, known at `known_at`."""
    try:
        cover = read_cover(raw.body)
    except Useless as error:
        return useless("filings", raw, source, str(error))
    found = Collected("filings", raw, source)
    who = us_listing(symbol, name=cover.company)
    row = {
        "instrument": who.id,
        "ts": known_at,
        "known_at": known_at,
        "filing": filing,
        "form": cover.form,
        "period": cover.period,
        "title": cover.company or None,
        "url": None,
    }
    found.take(raw.name, who.id, row, lambda: row)
    return found.parsed((who,))


class _Reader(HTMLParser):
    """Collects what is tagged by `dei`; of several tags of one name the first that says a word."""

    def __init__(self) -> None:
        super().__init__()
        self.told: dict[str, str] = {}
        self._open: list[tuple[str, list[str]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Open a tagged span; spans may lie in each other."""
        if tag == TAG:
            self._open.append((dict(attrs).get("name") or "", []))

    def handle_endtag(self, tag: str) -> None:
        """Close the innermost span and keep what it says."""
        if tag == TAG and self._open:
            name, parts = self._open.pop()
            words = " ".join("".join(parts).split())
            if name.startswith(TAXONOMY) and words:
                self.told.setdefault(name.removeprefix(TAXONOMY), words)

    def handle_data(self, data: str) -> None:
        """Give text to every span that is open."""
        for _, parts in self._open:
            parts.append(data)


def _day(text: str) -> date:
    try:
        return datetime.strptime(text, WRITTEN).date()  # noqa: DTZ007 - a day has no zone
    except ValueError:
        return day_of(text, "DocumentPeriodEndDate")
