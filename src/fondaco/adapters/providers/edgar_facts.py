"""Company facts of EDGAR: every number of every XBRL report of a company, as it was filed.

A number that a later filing says again, changed or not, is another row: its filing tells it from
the first. A fact is known from the end of the day on which it was filed. In XBRL a concept is
either of a day or of a period: a fact without a start is a fault where another of the same concept
and filing has one.
"""

import re
from collections.abc import Iterator
from datetime import date
from typing import Any

from fondaco.adapters.providers.collect import Collected, useless
from fondaco.adapters.providers.edgar_times import day_end, day_of, filed_by
from fondaco.adapters.providers.listing import us_listing
from fondaco.adapters.providers.read_json import Useless, number, part, read_json
from fondaco.core.instrument import Instrument
from fondaco.market.ports import Ask, Parsed, Raw

ACCESSION = re.compile(r"\d{10}-\d{2}-\d{6}")
TAXONOMY = re.compile(r"[a-z]+(-[a-z]+)*")
CONCEPT = re.compile(r"[A-Za-z][A-Za-z0-9]*")
UNIT = re.compile(r"(?![A-Z]{3}_|shares_|pure_)[A-Za-z0-9][\w/.-]*")
"""A currency, shares, pure, one per another (USD/shares), or a word of the filer's own."""

NEEDED = ({"dei"}, {"us-gaap", "ifrs-full"})
"""Taxonomies: every report has a cover page, and statements by either rules."""

FISCAL_YEARS = (1990, 2199)


def parse_facts(raw: Raw, ask: Ask, source: str) -> Parsed:
    """Return the facts of the company that the provider asked for."""
    _, symbol, cik = raw.name.split()
    return facts_of(raw, ask, source, symbol, int(cik))


def facts_of(raw: Raw, ask: Ask, source: str, symbol: str, cik: int | None) -> Parsed:
    """Return the facts of a company that were filed in the span that is asked for.

    Dates of `since` and `until` are days of filing: what was known by a day is asked for by it.
    An answer of another company than `cik` is a fault.
    """
    found = Collected("fundamentals", raw, source)
    try:
        data = read_json(raw.body)
        facts = part(data, "facts", dict)
        if part(data, "cik", int) != (cik or data["cik"]):
            raise Useless(f"the answer is of CIK {data['cik']}, not of {cik}")
        if not facts:
            raise Useless("the company has no facts")
    except Useless as error:
        return useless("fundamentals", raw, source, str(error))
    name = data.get("entityName")
    who = us_listing(symbol, name=name if isinstance(name, str) else "")
    for needed in NEEDED:
        if not needed & facts.keys():
            says = f"no facts of {' or '.join(sorted(needed))}, which all reports have"
            found.fault("unreadable", says, "facts", who.id, "")
    for taxonomy, concepts in facts.items():
        for concept, unit, cells in _listed(found, taxonomy, concepts, who):
            _take(found, f"{taxonomy}:{concept}", unit, cells, who, ask, raw)
    return found.parsed((who,))


def _listed(
    found: Collected, taxonomy: str, concepts: Any, who: Instrument
) -> Iterator[tuple[str, str, list[Any]]]:
    """Yield concept, unit and facts; what is no such thing becomes a fault."""
    if not TAXONOMY.fullmatch(taxonomy) or not isinstance(concepts, dict) or not concepts:
        found.fault("unreadable", "it is no taxonomy with facts", taxonomy, who.id, concepts)
        return
    for concept, told in concepts.items():
        where = f"{taxonomy}:{concept}"
        units = told.get("units") if isinstance(told, dict) else None
        if not CONCEPT.fullmatch(concept) or not isinstance(units, dict) or not units:
            found.fault("unreadable", "it is no concept with units", where, who.id, told)
            continue
        for unit, cells in units.items():
            if not UNIT.fullmatch(unit) or not isinstance(cells, list) or not cells:
                found.fault(
                    "unreadable", "it is no unit with facts", f"{where} {unit}", who.id, cells
                )
            else:
                yield concept, unit, cells


def _take(
    found: Collected,
    item: str,
    unit: str,
    cells: list[Any],
    who: Instrument,
    ask: Ask,
    raw: Raw,
) -> None:
    of_period = {
        str(cell.get("accn"))
        for cell in cells
        if isinstance(cell, dict) and cell.get("start") is not None
    }
    for n, cell in enumerate(cells, start=1):

        def read(cell: Any = cell) -> dict[str, Any] | None:
            filed, row = _fact(cell, raw, of_period)
            if not _asked(filed, ask):
                return None
            return {"instrument": who.id, "item": item, "unit": unit, **row}

        found.take(f"{item} {unit} {n}", who.id, cell, read)


def _fact(cell: Any, raw: Raw, of_period: set[str]) -> tuple[date, dict[str, Any]]:
    if not isinstance(cell, dict):
        raise Useless("it is no fact")
    value = number(cell.get("val"), "val")
    end = day_of(cell.get("end"), "end")
    filing = cell.get("accn")
    if not isinstance(filing, str) or not ACCESSION.fullmatch(filing):
        raise Useless(f"accn {str(filing)[:30]!r} is no filing")
    start = day_of(cell.get("start"), "start") if filing in of_period else end
    filed = day_of(cell.get("filed"), "filed")
    known_at = filed_by(cell.get("filed"), raw.asked_at)
    if start > end:
        raise Useless(f"its period starts on {start} and ends on {end}")
    if filed < end:
        raise Useless(f"it was filed on {filed}, before its period ended on {end}")
    year = cell.get("fy")
    if year is not None and (not isinstance(year, int) or isinstance(year, bool)):
        raise Useless(f"fy {str(year)[:20]!r} is no year")
    if year is not None and not FISCAL_YEARS[0] <= year <= FISCAL_YEARS[1]:
        raise Useless(f"fy {year} is no plausible year")
    return filed, {
        "ts": min(day_end(end), known_at),
        "known_at": known_at,
        "start": start,
        "end": end,
        "filing": filing,
        "form": _code(cell.get("form"), "form"),
        "fiscal_year": year,
        "fiscal_period": _code(cell.get("fp"), "fp"),
        "value": value,
    }


def _code(cell: Any, name: str) -> str | None:
    if cell is None or (isinstance(cell, str) and cell):
        return cell
    raise Useless(f"{name} {str(cell)[:20]!r} is no text")


def _asked(day: date, ask: Ask) -> bool:
    return not ((ask.since and day < ask.since) or (ask.until and day > ask.until))
