"""Daily bars of the exchange's bhavcopy, in its old format and in UDiFF.

Prices are those of the day, never adjusted; the factor is 1.0, corporate actions come as
`actions`. Files of days before 8 July 2024 are in the old format, of that day and later in UDiFF:
the old file was last made for 5 July 2024.
"""

from collections.abc import Mapping
from datetime import date

from fondaco.adapters.providers.collect import Collected, useless
from fondaco.adapters.providers.nse_cells import (
    MONTHS,
    SHARE_SERIES,
    amount,
    day,
    is_fund,
    listing,
    named_rows,
    series_in,
    symbol_in,
    unzipped,
)
from fondaco.adapters.providers.read_json import Useless
from fondaco.core.instrument import Instrument
from fondaco.market.ports import Ask, Parsed, Raw
from fondaco.market.tables import BARS

UDIFF_SINCE = date(2024, 7, 8)
ARCHIVE = "https://nsearchives.nseindia.com/content"

OLD = {
    "symbol": "SYMBOL",
    "series": "SERIES",
    "open": "OPEN",
    "high": "HIGH",
    "low": "LOW",
    "close": "CLOSE",
    "volume": "TOTTRDQTY",
    "day": "TIMESTAMP",
    "isin": "ISIN",
}
UDIFF = {
    "symbol": "TckrSymb",
    "series": "SctySrs",
    "open": "OpnPric",
    "high": "HghPric",
    "low": "LwPric",
    "close": "ClsPric",
    "volume": "TtlTradgVol",
    "day": "TradDt",
    "isin": "ISIN",
    "segment": "Sgmt",
    "exchange": "Src",
}


def bhavcopy_url(on: date) -> str:
    """Return where the file of a day lies.

    >>> bhavcopy_url(date(2024, 7, 5)).rpartition("/")[2]
    'cm05JUL2024bhav.csv.zip'
    >>> bhavcopy_url(date(2024, 7, 8)).rpartition("/")[2]
    'BhavCopy_NSE_CM_0_0_0_20240708_F_0000.csv.zip'
    """
    if on >= UDIFF_SINCE:
        return f"{ARCHIVE}/cm/BhavCopy_NSE_CM_0_0_0_{on:%Y%m%d}_F_0000.csv.zip"
    month = MONTHS[on.month - 1]
    folder = f"{ARCHIVE}/historical/EQUITIES/{on.year}/{month}"
    return f"{folder}/cm{on.day:02}{month}{on.year}bhav.csv.zip"


def parse_bars(raw: Raw, ask: Ask, source: str) -> Parsed:
    """Return the bars of one day's file; of the asked symbols, or of all when none is named.

    A symbol that was asked for and is not in the file is a fault: it may have been renamed.
    """
    session = date.fromisoformat(raw.name.rpartition(" ")[2])
    names = UDIFF if session >= UDIFF_SINCE else OLD
    try:
        table = list(named_rows(unzipped(raw.body), tuple(names.values())))
    except Useless as error:
        says = f"no file of {session} (a holiday, or not out yet): {error}"
        return useless(BARS, raw, source, says)
    found = Collected(BARS, raw, source)
    instruments: dict[str, Instrument] = {}
    wanted = set(ask.symbols)
    for place, cells in table:
        row = {name: cells[column] for name, column in names.items()} if cells else None
        symbol = row["symbol"] if row else ""
        where = f"{session} {place}"

        def read(row: dict[str, str] | None = row) -> Mapping[str, object] | None:
            return _bar(row, session, ask.symbols, instruments)

        found.take(where, symbol or where, cells, read)
        wanted.discard(symbol)
    for symbol in sorted(wanted):
        found.fault("unreadable", "the day's file has no such symbol", str(session), symbol, "")
    return found.parsed(instruments.values())


def _bar(
    row: Mapping[str, str] | None,
    session: date,
    asked: tuple[str, ...],
    instruments: dict[str, Instrument],
) -> Mapping[str, object] | None:
    if row is None:
        raise Useless("the line has more or fewer cells than the header")
    symbol, series = symbol_in(row["symbol"]), series_in(row["series"])
    if (asked and symbol not in asked) or series not in SHARE_SERIES:
        return None
    if (row.get("segment", "CM"), row.get("exchange", "NSE")) != ("CM", "NSE"):
        raise Useless("the row is not of the cash market of NSE")
    if day(row["day"], "day") != session:
        raise Useless(f"the row is of {row['day'][:20]}, the file of {session}")
    if symbol in instruments:
        raise Useless(f"{symbol} stands twice in the file")
    instrument = listing(symbol, fund=is_fund(row["isin"]))
    prices = {n: amount(row[n], n) for n in ("open", "high", "low", "close", "volume")}
    instruments[symbol] = instrument
    return {"instrument": instrument.id, "session": session, "factor": 1.0, **prices}
