"""The list of a company's filings: the newest thousand, and pages of those before.

Filings stand in columns of equal length. Correspondence and drafts are shown weeks later than they
are accepted: when they could be known is left open.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from fondaco.adapters.providers.collect import Collected, useless
from fondaco.adapters.providers.edgar_facts import ACCESSION
from fondaco.adapters.providers.edgar_times import HIDDEN_FORMS, accepted, at, day_of
from fondaco.adapters.providers.listing import us_listing
from fondaco.adapters.providers.read_json import Useless, part, read_json
from fondaco.market.ports import Ask, Parsed, Raw

ARCHIVES = "https://www.sec.gov/Archives/edgar/data"
COLUMNS = (
    "accessionNumber",
    "filingDate",
    "reportDate",
    "acceptanceDateTime",
    "form",
    "primaryDocument",
    "primaryDocDescription",
)
FILED_AHEAD = timedelta(days=5)
"""How far the day of filing may lie after the answer: a holiday weekend after the acceptance."""

DOCUMENT = re.compile(r"[A-Za-z0-9_.~+ -]+(/[A-Za-z0-9_.~+ -]+)?")


@dataclass(frozen=True, slots=True)
class Filing:
    """A filing; `at` is when it was accepted, in UTC, and `document` its main file, if any."""

    number: str
    form: str
    filed: date
    at: datetime
    period: date | None
    document: str
    title: str | None


@dataclass(frozen=True, slots=True)
class Page:
    """A page of older filings: its file, how many it holds, from which day to which."""

    name: str
    count: int
    since: date
    until: date


def columns_of(raw: Raw, cik: int, count: int | None) -> dict[str, list[Any]]:
    """Return the columns of an answer: the newest filings, or a page that holds `count`.

    Raises Useless when one is not there, or they are not of equal length.
    """
    data = read_json(raw.body)
    if count is None:
        if _number(data) != cik:
            raise Useless(f"the answer is of CIK {_number(data)}, not of {cik}")
        filings = part(data, "filings", dict)
        part(filings, "files", list)
        data = part(filings, "recent", dict)
    columns = {name: part(data, name, list) for name in COLUMNS}
    sizes = {len(cells) for cells in columns.values()}
    if len(sizes) != 1 or sizes == {0}:
        raise Useless(f"the columns of filings have {sorted(sizes)} cells")
    if count is not None and sizes != {count}:
        raise Useless(f"the page holds {sizes.pop()} filings, not {count}")
    return columns


def pages_of(raw: Raw, cik: int) -> tuple[Page, ...]:
    """Return the pages of older filings that an answer names; raises Useless."""
    files = part(part(read_json(raw.body), "filings", dict), "files", list)
    own = re.compile(rf"CIK{cik:010}-submissions-\d{{3}}\.json")
    pages = []
    for file in files:
        name, count = part(file, "name", str), part(file, "filingCount", int)
        if not own.fullmatch(name) or count <= 0:
            raise Useless(f"{name[:60]!r} is no page of filings")
        since = day_of(file.get("filingFrom"), "filingFrom")
        pages.append(Page(name, count, since, day_of(file.get("filingTo"), "filingTo")))
    return tuple(pages)


def rows_of(columns: dict[str, list[Any]]) -> Iterator[dict[str, Any]]:
    """Yield the cells of each filing by column."""
    for cells in zip(*columns.values(), strict=True):
        yield dict(zip(columns, cells, strict=True))


def read_filing(cells: dict[str, Any], asked_at: datetime) -> Filing:
    """Return a filing; raises Useless when a cell of it cannot be read."""
    number, form = cells["accessionNumber"], cells["form"]
    if not isinstance(number, str) or not ACCESSION.fullmatch(number):
        raise Useless(f"accessionNumber {str(number)[:30]!r} is no filing")
    if not isinstance(form, str) or not form.strip():
        raise Useless(f"form {str(form)[:20]!r} is no form")
    filed = day_of(cells["filingDate"], "filingDate")
    if at(filed, time()) > asked_at + FILED_AHEAD:
        raise Useless(f"filingDate {filed} has not come yet")
    period, document = cells["reportDate"], cells["primaryDocument"]
    if document is not None and not isinstance(document, str):
        raise Useless(f"primaryDocument {str(document)[:40]!r} is no file")
    if document and not DOCUMENT.fullmatch(document):
        raise Useless(f"primaryDocument {document[:40]!r} is no file")
    title = cells["primaryDocDescription"]
    if title is not None and not isinstance(title, str):
        raise Useless(f"primaryDocDescription {str(title)[:40]!r} is no text")
    return Filing(
        number,
        form,
        filed,
        accepted(cells["acceptanceDateTime"], filed, form, asked_at),
        day_of(period, "reportDate") if period not in (None, "") else None,
        document or "",
        title or None,
    )


def url_of(cik: int, filing: Filing) -> str:
    """Return the address of a filing's main document."""
    return f"{ARCHIVES}/{cik}/{filing.number.replace('-', '')}/{filing.document}"


def parse_filings(raw: Raw, ask: Ask, source: str) -> Parsed:
    """Return the filings of one answer that were filed in the span that is asked for."""
    _, symbol, cik, *rest = raw.name.split()
    found = Collected("filings", raw, source)
    try:
        columns = columns_of(raw, int(cik), int(rest[0]) if rest else None)
    except Useless as error:
        return useless("filings", raw, source, str(error))
    who = us_listing(symbol)
    for n, cells in enumerate(rows_of(columns), start=1):

        def read(cells: dict[str, Any] = cells) -> dict[str, Any] | None:
            filing = read_filing(cells, raw.asked_at)
            if not in_span(filing.filed, ask):
                return None
            return {
                "instrument": who.id,
                "ts": filing.at,
                "known_at": None if filing.form in HIDDEN_FORMS else filing.at,
                "filing": filing.number,
                "form": filing.form,
                "period": filing.period,
                "title": filing.title,
                "url": url_of(int(cik), filing) if filing.document else None,
            }

        found.take(f"filing {n}", who.id, cells, read)
    return found.parsed((who,))


def in_span(day: date, ask: Ask) -> bool:
    """Return whether a day is in the span that is asked for."""
    return not ((ask.since and day < ask.since) or (ask.until and day > ask.until))


def _number(data: Any) -> int:
    """Return the CIK of an answer, which EDGAR writes as a number or as digits."""
    cik = data.get("cik") if isinstance(data, dict) else None
    if isinstance(cik, str) and cik.isdecimal() and cik.isascii() and len(cik) <= 10:
        return int(cik)
    if isinstance(cik, int) and not isinstance(cik, bool):
        return cik
    raise Useless("the answer has no cik")
