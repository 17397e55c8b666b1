"""Options of the `file` provider: words from the caller, checked and made into a value."""

from collections.abc import Mapping
from dataclasses import dataclass
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from fondaco.core.errors import InvalidInput
from fondaco.core.instrument import AssetClass

SIDE_FILES = ("factors", "names", "sectors")
_PLAIN = ("path", *SIDE_FILES, "symbol", "venue", "currency", "asset_class", "zone", "date_format")
_MAPPINGS = {
    "mapping": (
        "date",
        "symbol",
        "open",
        "high",
        "low",
        "close",
        "volume",
        "factor",
        "next_factor",
        "known_at",
    ),
    "factors_mapping": ("symbol", "date", "factor", "price_factor", "split_factor"),
    "sectors_mapping": ("symbol", "sector", "name"),
}
ZONES = {"XNSE": "Asia/Kolkata"}
DEFAULT_ZONE = "America/New_York"


@dataclass(frozen=True, slots=True)
class FileOptions:
    """What the caller said of a file. A mapping gives the file's column for each of our names."""

    path: str
    mapping: Mapping[str, str]
    factors: str
    factors_mapping: Mapping[str, str]
    names: str
    sectors: str
    sectors_mapping: Mapping[str, str]
    symbol: str
    venue: str
    currency: str
    asset_class: AssetClass
    zone: ZoneInfo
    date_format: str


def read_options(options: Mapping[str, str] | None) -> FileOptions:
    """Return the options as a value; raises InvalidInput naming what is wrong."""
    given = dict(options or {})
    known = (*_PLAIN, *_MAPPINGS)
    unknown = sorted(set(given) - set(known))
    if unknown:
        raise InvalidInput(
            "the file provider has no such option", value=", ".join(unknown), bound=", ".join(known)
        )
    if not given.get("path"):
        raise InvalidInput(
            "the file provider needs a path", remedy="Add --path FILE to the command."
        )
    venue = given.get("venue", "XNYS")
    return FileOptions(
        path=given["path"],
        factors=given.get("factors", ""),
        names=given.get("names", ""),
        sectors=given.get("sectors", ""),
        symbol=given.get("symbol", "").strip().upper(),
        venue=venue,
        currency=given.get("currency", "USD"),
        asset_class=_asset_class(given.get("asset_class", "equity")),
        zone=_zone(given.get("zone", ZONES.get(venue, DEFAULT_ZONE))),
        date_format=given.get("date_format", ""),
        **{name: read_mapping(name, given.get(name, "")) for name in _MAPPINGS},
    )


def read_mapping(name: str, text: str) -> dict[str, str]:
    """Return a mapping written as `ours=theirs,ours=theirs`.

    >>> read_mapping("mapping", "date=Date,close=Adj Close")
    {'date': 'Date', 'close': 'Adj Close'}
    """
    mapping: dict[str, str] = {}
    for part in filter(None, (part.strip() for part in text.split(","))):
        ours, equals, theirs = (piece.strip() for piece in part.partition("="))
        if not equals or not theirs or ours not in _MAPPINGS[name] or ours in mapping:
            raise InvalidInput(
                f"the {name} has a part that cannot be read",
                value=part,
                bound=f"name=column, each name once: {', '.join(_MAPPINGS[name])}",
                remedy=f'Write it like "{_MAPPINGS[name][0]}=Date,close=Close".',
            )
        mapping[ours] = theirs
    return mapping


def columns_of(
    columns: list[str], name: str, mapping: Mapping[str, str], needed: tuple[str, ...]
) -> dict[str, str]:
    """Return our names to the file's columns: as mapped, else those of the same name.

    Raises InvalidInput when a mapped column is not there or a needed one is found nowhere.
    """
    absent = [theirs for theirs in mapping.values() if theirs not in columns]
    if absent:
        raise InvalidInput(
            f"the {name} names columns that the file does not have",
            value=", ".join(absent),
            bound=", ".join(columns),
        )
    lower = {column.strip().lower(): column for column in columns}
    found = {ours: lower[ours] for ours in _MAPPINGS[name] if ours in lower}
    found = {
        ours: theirs
        for ours, theirs in found.items()
        if ours not in mapping and theirs not in mapping.values()
    } | dict(mapping)
    missing = [ours for ours in needed if ours not in found]
    if missing:
        example = ",".join(f"{ours}=COLUMN" for ours in missing)
        raise InvalidInput(
            "the file has no column for " + " and ".join(missing),
            value=", ".join(columns),
            bound="one of the file's columns each",
            remedy=f'Say which they are: --{name.replace("_", "-")} "{example}".',
        )
    return found


def _asset_class(text: str) -> AssetClass:
    try:
        return AssetClass(text)
    except ValueError:
        raise InvalidInput("no such asset class", value=text, bound=", ".join(AssetClass)) from None


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise InvalidInput(
            "no such time zone", value=name, remedy="Write it like America/New_York."
        ) from None
