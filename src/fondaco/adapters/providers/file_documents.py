"""Documents filed with the SEC, one to a file, read as the `edgar` provider reads its answers.

`edgar-facts` is a company's facts (JSON), `edgar-owners` a Form 4 or 5 (XML), `edgar-report` a
report with a cover page in inline XBRL. A document does not say when it was filed: its rows are
known from the end of the day that `vintage` names, else from when the file is read. Company facts
say it of each number.
"""

import hashlib
import re
from dataclasses import replace
from datetime import datetime

from fondaco.adapters.providers.edgar_cover import filing_of, read_cover
from fondaco.adapters.providers.edgar_facts import ACCESSION, facts_of
from fondaco.adapters.providers.edgar_owners import deals_of, issuer_symbol
from fondaco.adapters.providers.edgar_times import day_end
from fondaco.adapters.providers.file_options import FileOptions
from fondaco.adapters.providers.file_table import unpacked
from fondaco.adapters.providers.read_json import Useless
from fondaco.core.errors import InvalidInput
from fondaco.market.ports import Ask, Parsed, Raw

SYMBOL = re.compile(r"[A-Z0-9][A-Z0-9.-]{0,9}")
DOCUMENTS = {"edgar-facts": "fundamentals", "edgar-owners": "deals", "edgar-report": "filings"}
"""Each document with the kind of data that it holds."""


def read_document(
    filename: str, content: bytes, options: FileOptions, ask: Ask, raw: Raw
) -> Parsed:
    """Return the rows of one document; a fact or deal that cannot be true is a fault.

    Raises InvalidInput for a document that is not what it is said to be, and where a ticker or the
    number of the filing is missing or wrong.
    """
    if DOCUMENTS.get(options.document) != options.kind:
        raise InvalidInput(
            "there is no such document of this kind of data",
            value=f"{options.document}: {options.kind}",
            bound=", ".join(f"{name}: {kind}" for name, kind in DOCUMENTS.items()),
        )
    filename, body = unpacked(filename, content)
    one = replace(raw, name=filename, body=body)
    try:
        parsed = _read(one, options, ask)
    except Useless as error:
        raise _refused(filename, options.document, str(error)) from error
    if parsed.faults and parsed.faults[0].rule == "answer":
        raise _refused(filename, options.document, parsed.faults[0].reason)
    return parsed


def _read(one: Raw, options: FileOptions, ask: Ask) -> Parsed:
    if options.document == "edgar-facts":
        return facts_of(one, ask, options.source, _symbol(options.symbol, one.name), None)
    filing, known_at = _filing(options.filing, one.body), _known_at(options, one)
    if options.document == "edgar-owners":
        symbol = _symbol(options.symbol or issuer_symbol(one.body), one.name)
        return deals_of(one, options.source, symbol, None, filing, known_at)
    symbol = _symbol(options.symbol or read_cover(one.body).symbol, one.name)
    return filing_of(one, options.source, symbol, filing, known_at)


def _refused(filename: str, document: str, reason: str) -> InvalidInput:
    return InvalidInput(
        f"the file cannot be read as {document}",
        value=f"{filename}: {reason}",
        bound=", ".join(DOCUMENTS),
        remedy="Check that it is whole, and give it as it was filed.",
    )


def _known_at(options: FileOptions, raw: Raw) -> datetime:
    vintage = options.times.vintage
    return min(day_end(vintage), raw.asked_at) if vintage else raw.asked_at


def _filing(number: str, body: bytes) -> str:
    """Return the number of a filing; without one, the document is named by its content."""
    if not number:
        return f"sha256:{hashlib.sha256(body).hexdigest()[:20]}"
    if not ACCESSION.fullmatch(number):
        raise InvalidInput(
            "that is no number of a filing", value=number[:40], bound="0001640147-25-000001"
        )
    return number


def _symbol(symbol: str, filename: str) -> str:
    if not SYMBOL.fullmatch(symbol):
        raise InvalidInput(
            "the document does not say of which ticker it is",
            value=f"{filename}: {symbol[:20]!r}",
            bound="A-Z, 0-9, . and -, up to 10",
            remedy="Name it: --symbol AAPL.",
        )
    return symbol
