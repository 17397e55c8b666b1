"""Cells of the National Stock Exchange of India's files and answers, read without trust.

Money is in rupees, numbers may have commas in the Indian way (1,23,456.70), days are written
05-JUL-2024, times are those of Asia/Kolkata.
"""

import csv
import re
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from io import BytesIO, StringIO
from zoneinfo import ZoneInfo

from fondaco.adapters.providers.read_json import Useless
from fondaco.core.instrument import AssetClass, DatedSymbol, Instrument
from fondaco.market.identity import UNDATED, instrument_id

VENUE = "XNSE"
ZONE = ZoneInfo("Asia/Kolkata")
CLOSE = time(15, 30)
SHARE_SERIES = frozenset(("EQ", "BE", "BZ", "SM", "ST", "SZ"))
"""Series under which shares and funds trade; the same ticker in each is the same instrument.

EQ is the rolling market; BE and BZ trade for delivery only; SM, ST and SZ are the same for small
companies. All else (bonds, rights, warrants, the block window) is another thing under that ticker.
"""

INDICES = frozenset(("NIFTY", "BANKNIFTY", "FINNIFTY", "MIDCPNIFTY", "NIFTYNXT50"))
SYMBOL = re.compile(r"[A-Z0-9][A-Z0-9&-]{0,19}")
SERIES = re.compile(r"[A-Z][A-Z0-9]?")
ISIN = re.compile(r"IN[A-Z0-9]{9}[0-9]")
NUMBER = re.compile(r"-?(\d+|\d{1,3}(,\d{2,3})+)?(\.\d+)?")
FILE_BYTES_MAX = 64 * 1024 * 1024
MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
DAYS = re.compile(r"(\d{1,2})-([A-Za-z]{3}|\d{2})-(\d{4})")
YEAR_FIRST, YEAR_LAST = 1900, 2199


def words(cell: object, name: str) -> str:
    """Return a cell that must hold text; raises Useless."""
    if not isinstance(cell, str) or not cell.strip() or not cell.isprintable():
        raise Useless(f"{name} {str(cell)[:40]!r} is no text")
    return cell.strip()


def symbol_in(cell: object) -> str:
    """Return a ticker; raises Useless for what cannot be one."""
    symbol = words(cell, "symbol")
    if not SYMBOL.fullmatch(symbol):
        raise Useless(f"{symbol[:40]!r} is no symbol")
    return symbol


def series_in(cell: object) -> str:
    """Return a series (EQ, BE, N1); raises Useless for what cannot be one."""
    series = words(cell, "series")
    if not SERIES.fullmatch(series):
        raise Useless(f"{series[:20]!r} is no series")
    return series


def amount(cell: object, name: str) -> float:
    """Return a number written as text, with or without commas; raises Useless.

    >>> amount("1,23,456.70", "volume")
    123456.7
    """
    text = words(cell, name)
    if not NUMBER.fullmatch(text) or not any(c.isdigit() for c in text) or len(text) > 24:
        raise Useless(f"{name} {text[:40]!r} is no number")
    return float(text.replace(",", ""))


def day(cell: object, name: str) -> date:
    """Return a day written 05-JUL-2024, 05-07-2024 or 2024-07-05; raises Useless.

    >>> day("05-Jul-2024", "date").isoformat()
    '2024-07-05'
    """
    text = words(cell, name)
    found = DAYS.fullmatch(text)
    try:
        if found is None:
            if len(text) != 10:
                raise ValueError
            result = date.fromisoformat(text)
        else:
            month = found[2].upper()
            number = int(month) if month.isdigit() else MONTHS.index(month) + 1
            result = date(int(found[3]), number, int(found[1]))
    except ValueError:
        raise Useless(f"{name} {text[:40]!r} is no day") from None
    if not YEAR_FIRST <= result.year <= YEAR_LAST:
        raise Useless(f"{name} {text[:40]!r} is no plausible day")
    return result


def moment(on: date, at: time = CLOSE) -> datetime:
    """Return a time of day in Mumbai in UTC; the close of the session when none is given."""
    return datetime.combine(on, at, ZONE).astimezone(UTC)


def day_end(on: date) -> datetime:
    """Return the midnight in Mumbai that ends a day, in UTC."""
    return moment(on + timedelta(days=1), time())


def stamp(cell: object, name: str) -> datetime:
    """Return a time written `05-Jul-2024 15:30:00` or `05-Jul-2024 15:30`, in UTC."""
    on, _, at = words(cell, name).partition(" ")
    try:
        clock = time.fromisoformat(at.strip())
    except ValueError:
        raise Useless(f"{name} {str(cell)[:40]!r} is no time") from None
    if clock.tzinfo is not None or not at.strip():
        raise Useless(f"{name} {str(cell)[:40]!r} is no time")
    return moment(day(on, name), clock)


def told_at(cell: object, name: str, asked_at: datetime) -> datetime:
    """Return when something was told: at its time of day, or at the end of a day that is all.

    A day that has not ended when the answer came counts up to then. Raises Useless for a time
    after the answer.
    """
    text = words(cell, name)
    if ":" in text:
        when = stamp(text, name)
        if when > asked_at:
            raise Useless(f"{name} {text[:40]!r} has not come yet")
        return when
    on = day(text, name)
    if moment(on, time()) > asked_at:
        raise Useless(f"{name} {text[:40]!r} has not come yet")
    return min(day_end(on), asked_at)


def is_fund(isin: object) -> bool:
    """Return whether an Indian ISIN is a fund's (INF), by which an ETF is told from a share.

    Raises Useless when the ISIN is none by its shape or its check digit (ISO 6166).
    """
    text = words(isin, "ISIN")
    if not ISIN.fullmatch(text):
        raise Useless(f"{text[:20]!r} is no Indian ISIN")
    digits = "".join(str(int(c, 36)) for c in text)
    doubled = (int(d) * (1 + n % 2) for n, d in enumerate(reversed(digits)))
    if sum(d // 10 + d % 10 for d in doubled) % 10:
        raise Useless(f"the check digit of ISIN {text} is wrong")
    return text.startswith("INF")


def listing(
    symbol: str,
    *,
    fund: bool = False,
    name: str = "",
    symbols: Sequence[DatedSymbol] = (),
    sector: str | None = None,
) -> Instrument:
    """Return an instrument of the exchange; its ticker is undated unless `symbols` dates it."""
    kind = AssetClass.ETF if fund else AssetClass.EQUITY
    if symbol in INDICES:
        kind = AssetClass.INDEX
    dated = tuple(symbols) or (DatedSymbol(symbol, UNDATED),)
    return Instrument(
        id=instrument_id(kind, VENUE, dated[0].symbol, dated[0].start),
        symbols=dated,
        asset_class=kind,
        venue=VENUE,
        currency="INR",
        name=name,
        sector=sector,
    )


def unzipped(body: bytes) -> bytes:
    """Return the one file of a ZIP, its checksum checked; raises Useless."""
    try:
        with zipfile.ZipFile(BytesIO(body)) as packed:
            files = packed.infolist()
            if len(files) != 1:
                raise Useless(f"the answer holds {len(files)} files, not one")
            if files[0].file_size > FILE_BYTES_MAX:
                raise Useless(f"its file has {files[0].file_size:,} bytes")
            return packed.read(files[0])
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError) as error:
        raise Useless(f"the answer is no whole ZIP: {error}"[:200]) from error
    except (NotImplementedError, RuntimeError) as error:
        raise Useless("the answer is a ZIP of another kind") from error


def decoded(body: bytes) -> str:
    """Return the text of a CSV file; raises Useless for a page, nothing, or other bytes."""
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Useless("the answer is no text in UTF-8") from error
    if not text.strip():
        raise Useless("the answer is empty")
    if text.lstrip().startswith("<"):
        raise Useless("the answer is a web page, not data")
    return text


def lines(body: bytes) -> list[list[str]]:
    """Return the lines of a CSV file with their cells, empty lines left out; raises Useless."""
    try:
        table = list(csv.reader(StringIO(decoded(body), newline=""), strict=True))
    except csv.Error as error:
        raise Useless(f"the answer is no whole CSV: {error}"[:200]) from error
    return [[cell.strip() for cell in line] for line in table if any(c.strip() for c in line)]


def named_rows(body: bytes, needed: Sequence[str]) -> Iterator[tuple[str, dict[str, str] | None]]:
    """Yield each line of a CSV file with a header as (place, cells by name).

    The cells are None for a line that has more or fewer of them than the header; raises Useless
    when a column that is needed is not there, or stands twice, or no line follows.
    """
    table = lines(body)
    header = table[0]
    wrong = [name for name in needed if header.count(name) != 1]
    if wrong:
        raise Useless(f"the file has no column {', '.join(wrong)}"[:200])
    if len(table) == 1:
        raise Useless("the file has a header alone")
    for n, cells in enumerate(table[1:], start=2):
        whole = len(cells) == len(header)
        yield f"line {n}", dict(zip(header, cells, strict=True)) if whole else None
