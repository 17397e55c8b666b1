"""Owners' reports (Forms 4 and 5): what insiders did with shares of their company.

Each `nonDerivativeTransaction` is a deal; holdings and options are none. A price that is only told
in a footnote is left empty. Codes are those of the SEC's Form 4 instructions
(https://www.sec.gov/files/form4.pdf). A document type declaration, and so every entity, is refused.
"""

import re
from collections.abc import Iterator
from datetime import datetime
from xml.etree import ElementTree

from fondaco.adapters.providers.collect import Collected, useless
from fondaco.adapters.providers.edgar_times import SESSION_CLOSE, at, day_of
from fondaco.adapters.providers.listing import us_listing
from fondaco.adapters.providers.read_json import Useless
from fondaco.market.kinds import kind_named
from fondaco.market.ports import Parsed, Raw
from fondaco.market.tables import PARSED

Element = ElementTree.Element
FORMS = frozenset(("4", "4/A", "5", "5/A"))
PARTS = frozenset(
    (
        "schemaVersion",
        "documentType",
        "periodOfReport",
        "dateOfOriginalSubmission",
        "noSecuritiesOwned",
        "notSubjectToSection16",
        "form3HoldingsReported",
        "form4TransactionsReported",
        "issuer",
        "reportingOwner",
        "aff10b5One",
        "nonDerivativeTable",
        "derivativeTable",
        "footnotes",
        "remarks",
        "ownerSignature",
    )
)
"""The parts of an ownership document, by the SEC's EDGAR ownership XML specification."""

TRADES = {
    "P": "buy",
    "S": "sell",
    "A": "grant",
    **dict.fromkeys("MXOC", "exercise"),
    **dict.fromkeys("DEFGHIJKLUVWZ", "other"),
}
"""P and S are trades for money in the market or privately; A is an award; M, X, O and C use or
convert a derivative; the rest are gifts, shares withheld for tax, wills, tenders and the like."""

SIDES = {"buy": "A", "sell": "D"}
NUMBER = re.compile(r"\d{1,18}(\.\d{1,10})?")
DATED = re.compile(r"(\d{4}-\d\d-\d\d)(Z|[+-]\d\d:\d\d)?")
YES = {"1": True, "true": True, "0": False, "false": False, "": False}


def parse_owners(raw: Raw, source: str) -> Parsed:
    """Return the deals in shares of one report that the provider asked for."""
    _, symbol, cik, filing, known = raw.name.split()
    return deals_of(raw, source, symbol, int(cik), filing, datetime.fromisoformat(known))


def issuer_symbol(body: bytes) -> str:
    """Return the ticker that a report gives its issuer; raises Useless."""
    return _text(_document(body), "issuer/issuerTradingSymbol").upper()


def deals_of(
    raw: Raw, source: str, symbol: str, cik: int | None, filing: str, known_at: datetime
) -> Parsed:
    """Return the deals in shares of one report; none, without a fault, when it has only options.

    A report of another issuer's shares than `cik` is a fault: companies report those of others
    too.
    """
    found = Collected("deals", raw, source)
    who = us_listing(symbol)
    try:
        root = _document(raw.body)
        owner, role = _owners(root)
        issuer = _text(root, "issuer/issuerCik")
        if not issuer.isdecimal() or int(issuer) != (cik or int(issuer)):
            raise Useless(f"the report is of the issuer {issuer[:20]}, not of {cik}")
        deals = list(_deals(root))
    except Useless as error:
        return useless("deals", raw, source, str(error))
    for n, deal in enumerate(deals, start=1):

        def read(deal: Element = deal, n: int = n) -> dict[str, object]:
            row = _deal(deal, known_at)
            return {
                "instrument": who.id,
                "known_at": known_at,
                "id": f"{filing}:{n}",
                "deal": "insider",
                "who": owner,
                "role": role,
                "filing": filing,
                **row,
            }

        words = ElementTree.tostring(deal, encoding="unicode")
        found.take(f"{filing} transaction {n}", who.id, words, read)
    if not deals:
        import polars as pl

        return Parsed(
            pl.DataFrame(schema=PARSED), (who,), (), rows={"deals": kind_named("deals").empty()}
        )
    return found.parsed((who,))


def _document(body: bytes) -> Element:
    """Return the root of an ownership document of Form 4 or 5; raises Useless."""
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Useless("the answer is no text in UTF-8") from error
    if not text.strip():
        raise Useless("the answer is empty")
    if re.search(r"<!\s*(DOCTYPE|ENTITY)", text, re.IGNORECASE):
        raise Useless("the answer declares a document type or entities, or is a web page")
    try:
        root = ElementTree.fromstring(text)  # noqa: S314 - it holds no declaration
    except (ElementTree.ParseError, ValueError, RecursionError) as error:
        raise Useless(f"the answer is not whole XML: {error}"[:200]) from error
    if root.tag != "ownershipDocument":
        raise Useless(
            f"the answer is a {root.tag.rpartition('}')[2][:40]}, not an ownershipDocument"
        )
    strange = sorted({child.tag for child in root} - PARTS)
    if strange:
        raise Useless(f"the report has parts that are not known: {', '.join(strange)[:80]}")
    form = _text(root, "documentType")
    if form not in FORMS:
        raise Useless(f"Form {form[:10]} tells of no deals")
    return root


def _deals(root: Element) -> Iterator[Element]:
    tables = root.findall("nonDerivativeTable")
    if not tables and not root.findall("derivativeTable"):
        raise Useless("the report has no table")
    for table in tables:
        for child in table:
            if child.tag not in {"nonDerivativeTransaction", "nonDerivativeHolding"}:
                raise Useless(f"the report's table has a {child.tag[:40]}")
            if child.tag == "nonDerivativeTransaction":
                yield child


def _owners(root: Element) -> tuple[str, str | None]:
    """Return the names of those who report, and what the first is to the company."""
    owners = root.findall("reportingOwner")
    if not owners:
        raise Useless("the report does not say whose it is")
    names = [_text(owner, "reportingOwnerId/rptOwnerName") for owner in owners]
    relation = owners[0].find("reportingOwnerRelationship")
    return "; ".join(dict.fromkeys(names)), None if relation is None else _role(relation)


def _role(relation: Element) -> str | None:
    title = (relation.findtext("officerTitle") or "").strip()
    other = (relation.findtext("otherText") or "").strip()
    officer = _yes(relation, "isOfficer")
    if officer != bool(title):
        raise Useless("the report does not say whether the owner is an officer, or of which title")
    words = (
        "director" if _yes(relation, "isDirector") else "",
        title,
        "10 per cent owner" if _yes(relation, "isTenPercentOwner") else "",
        (other or "other") if _yes(relation, "isOther") else "",
    )
    return ", ".join(word for word in words if word) or None


def _deal(deal: Element, known_at: datetime) -> dict[str, object]:
    code = _text(deal, "transactionCoding/transactionCode")
    if code not in TRADES:
        raise Useless(f"the transaction code {code[:10]!r} is not known")
    trade = TRADES[code]
    amounts = "transactionAmounts"
    side = _text(deal, f"{amounts}/transactionAcquiredDisposedCode/value")
    if side not in {"A", "D"} or SIDES.get(trade, side) != side:
        raise Useless(f"code {code} with {side[:10]!r} is no deal")
    written = DATED.fullmatch(_text(deal, "transactionDate/value"))
    if written is None:
        raise Useless("transactionDate is no day")
    day = day_of(written[1], "transactionDate")
    if at(day, SESSION_CLOSE.replace(hour=0)) > known_at:
        raise Useless(f"it is dated {day}, after it was filed")
    shares = _number(deal, f"{amounts}/transactionShares")
    if shares is None:
        raise Useless("it does not say how many shares")
    price = _number(deal, f"{amounts}/transactionPricePerShare")
    return {
        "ts": min(at(day, SESSION_CLOSE), known_at),
        "trade": trade,
        "shares": shares,
        "price": price,
        "value": None if price is None else round(price * shares, 2),
        "holds_after": _number(deal, "postTransactionAmounts/sharesOwnedFollowingTransaction"),
    }


def _number(deal: Element, path: str) -> float | None:
    """Return an amount; None when the report gives none, or only a footnote in its place."""
    element = deal.find(path)
    if element is None:
        return None
    told = element.find("value")
    if told is None:
        if element.find("footnoteId") is None:
            raise Useless(f"{path.rpartition('/')[2]} has no value")
        return None
    text = (told.text or "").strip()
    if not text:
        return None
    if not NUMBER.fullmatch(text):
        raise Useless(f"{path.rpartition('/')[2]} {text[:40]!r} is no number")
    return float(text)


def _yes(relation: Element, name: str) -> bool:
    text = (relation.findtext(name) or "").strip().lower()
    if text not in YES:
        raise Useless(f"{name} {text[:20]!r} is neither yes nor no")
    return YES[text]


def _text(element: Element, path: str) -> str:
    text = (element.findtext(path) or "").strip()
    if not text or not text.isprintable():
        raise Useless(f"the report has no {path.rpartition('/')[2]}")
    return text
