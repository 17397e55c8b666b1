"""Options of the `file` provider: words from the caller, checked and made into a value."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from fondaco.adapters.providers.file_habits import mapped_names
from fondaco.adapters.providers.file_layouts import layout_named
from fondaco.adapters.providers.file_mapping import pairs
from fondaco.adapters.providers.file_shape import Shape, read_shape
from fondaco.core.errors import InvalidInput
from fondaco.core.instrument import AssetClass, Origin
from fondaco.market.identity import source_name
from fondaco.market.kinds import KINDS
from fondaco.market.ports import Ask
from fondaco.market.tables import BARS

SIDE_FILES = ("factors", "names", "sectors", "about")
_SHAPES = ("wide", "items", "extract", "changes", "spans", "ends", "empty", "words")
_TIMES = ("date_format", "zone", "stamp", "seconds", "at", "known", "vintage")
_THINGS = ("symbol", "venue", "currency", "asset_class", "classes", "tick", "multiplier", "label")
_DOCUMENTS = ("document", "filing")
_SIDES = {
    "factors_mapping": ("symbol", "date", "factor", "price_factor", "split_factor"),
    "sectors_mapping": ("symbol", "sector", "name"),
}
_FILES = ("path", "layout", "mapping", "about_mapping", *_SIDES, *SIDE_FILES)
KNOWN = (*_FILES, *_SHAPES, *_TIMES, *_THINGS, *_DOCUMENTS)
ZONES = {"XNSE": "Asia/Kolkata", "XBOM": "Asia/Kolkata", "XCRY": "UTC"}
DEFAULT_ZONE = "America/New_York"
SECONDS_MAX = 86_400
STAMPS = ("open", "close")


@dataclass(frozen=True, slots=True)
class Times:
    """How days and times are written and what they mean.

    `is_zoned` says that the zone was named, so that times without an offset may be read in it.
    `shift` seconds make the stamp of a bar its close. `at` is "start", "end" or an hour of a day;
    `known` is "ts" or "asked", empty for what is usual of the kind; `vintage` the day of which
    the whole file is.
    """

    formats: tuple[str, ...]
    zone: ZoneInfo
    is_zoned: bool
    shift: int
    seconds: int | None
    at: str
    known: str
    vintage: date | None


@dataclass(frozen=True, slots=True)
class FileOptions:
    """What the caller said of a file. A mapping gives the file's column for each of our names."""

    kind: str
    path: str
    mapping: Mapping[str, str]
    factors: str
    factors_mapping: Mapping[str, str]
    names: str
    sectors: str
    sectors_mapping: Mapping[str, str]
    about: str
    about_mapping: Mapping[str, str]
    symbol: str
    venue: str
    currency: str
    asset_class: AssetClass
    classes: Mapping[str, AssetClass]
    tick: Decimal | None
    multiplier: Decimal | None
    source: str
    times: Times
    shape: Shape
    document: str
    filing: str

    @property
    def zone(self) -> ZoneInfo:
        """The zone of the file's days."""
        return self.times.zone

    @property
    def date_format(self) -> str:
        """How days are written; several ways are separated by a bar."""
        return "|".join(self.times.formats)


def read_options(ask: Ask) -> FileOptions:
    """Return what an ask says of a file; raises InvalidInput naming what is wrong.

    A layout is a set of options under a name: what is given beside it goes before it.
    """
    given = dict(ask.options or {})
    unknown = sorted(set(given) - set(KNOWN))
    if unknown:
        raise InvalidInput(
            "the file provider has no such option", value=", ".join(unknown), bound=", ".join(KNOWN)
        )
    if not given.get("path"):
        raise InvalidInput(
            "the file provider needs a path", remedy="Add --path FILE to the command."
        )
    kind, texts, mappings = _with_layout(ask.kind, given)
    venue = texts.get("venue", "XNYS")
    return FileOptions(
        kind=kind,
        path=texts["path"],
        **{name: texts.get(name, "") for name in SIDE_FILES},  # type: ignore[arg-type]
        **mappings,  # type: ignore[arg-type]
        **{n: read_mapping(n, texts.get(n, ""), names) for n, names in _SIDES.items()},  # type: ignore[arg-type]
        symbol=(texts.get("symbol") or _only(ask.symbols)).strip().upper(),
        venue=venue,
        currency=texts.get("currency", "USD"),
        asset_class=_asset_class(texts.get("asset_class", "equity")),
        classes={
            symbol.upper(): _asset_class(text)
            for symbol, text in pairs("classes", texts.get("classes", "")).items()
        },
        tick=_step("tick", texts.get("tick", "")),
        multiplier=_step("multiplier", texts.get("multiplier", "")),
        source=source_name(Origin.FILE, texts.get("label", "")),
        times=_times(texts, ZONES.get(venue, DEFAULT_ZONE)),
        shape=read_shape({name: texts[name] for name in _SHAPES if name in texts}),
        document=texts.get("document", ""),
        filing=texts.get("filing", ""),
    )


def _with_layout(
    kind: str, given: Mapping[str, str]
) -> tuple[str, dict[str, str], dict[str, dict[str, str]]]:
    """Return the kind, the options and the mappings, those of a layout filled in."""
    layout = layout_named(given["layout"]) if given.get("layout") else None
    if layout is not None and kind not in (BARS, layout.kind):
        raise InvalidInput(
            "the layout is of another kind of data",
            value=f"{layout.name}: {layout.kind}",
            bound=kind,
            remedy="Leave out the kind: the layout names it.",
        )
    kind = layout.kind if layout is not None else kind
    if kind != BARS and kind not in KINDS:
        raise InvalidInput(
            "a file cannot hold this kind of data", value=kind, bound=", ".join((BARS, *KINDS))
        )
    usual = dict(layout.options) if layout is not None else {}
    names = mapped_names(kind)
    mappings = {
        name: read_mapping(name, usual.get(name, ""), allowed)
        | read_mapping(name, given.get(name, ""), allowed)
        for name, allowed in (("mapping", names), ("about_mapping", names))
    }
    return kind, usual | dict(given), mappings


def _only(symbols: tuple[str, ...]) -> str:
    """Return the one symbol that is asked for: a file without a column of symbols is of it."""
    return symbols[0] if len(symbols) == 1 else ""


def read_mapping(name: str, text: str, names: tuple[str, ...]) -> dict[str, str]:
    """Return a mapping written as `ours=theirs,ours=theirs`.

    >>> read_mapping("mapping", "date=Date,close=Adj Close", ("date", "close"))
    {'date': 'Date', 'close': 'Adj Close'}
    """
    return pairs(name, text, names, f'Write it like "{names[0]}=Date,{names[-1]}=Other".')


def columns_of(
    columns: list[str],
    name: str,
    names: tuple[str, ...],
    mapping: Mapping[str, str],
    needed: tuple[str, ...],
) -> dict[str, str]:
    """Return our names to the file's columns: as mapped, else those of the same name.

    Raises InvalidInput when a mapped column is not there or a needed one is found nowhere.
    """
    plain = [column for column in columns if "\x00" not in column]
    absent = [theirs for theirs in mapping.values() if theirs not in columns]
    if absent:
        raise InvalidInput(
            f"the {name} names columns that the file does not have",
            value=", ".join(absent),
            bound=", ".join(plain),
        )
    lower = {column.strip().lower(): column for column in plain}
    found = {ours: lower[ours] for ours in names if ours in lower}
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
            value=", ".join(plain),
            bound="one of the file's columns each",
            remedy=f'Say which they are: --{name.replace("_", "-")} "{example}".',
        )
    return found


def _times(texts: Mapping[str, str], usual_zone: str) -> Times:
    seconds = _seconds(texts["seconds"]) if texts.get("seconds") else None
    stamp = texts.get("stamp", "close")
    if stamp not in STAMPS or (stamp == "open" and seconds is None):
        raise InvalidInput(
            "a bar is stamped by its open or its close; by its open, its length must be told",
            value=f"stamp={stamp}, seconds={seconds}",
            bound="open or close",
            remedy="Give --option stamp=open --option seconds=60, for bars of a minute.",
        )
    vintage = texts.get("vintage", "")
    try:
        day = date.fromisoformat(vintage) if vintage else None
    except ValueError:
        raise InvalidInput("the vintage is no day", value=vintage, bound="2022-12-31") from None
    known = texts.get("known", "")
    if known not in {"", "ts", "asked"} or (known and day):
        raise InvalidInput(
            "rows are known at their own time or when the file is read",
            value=known,
            bound="known=ts or known=asked, and no vintage beside it",
            remedy="Map known_at to a column, or give vintage=DAY for a file as of a day.",
        )
    return Times(
        formats=tuple(filter(None, texts.get("date_format", "").split("|"))),
        zone=_zone(texts.get("zone", usual_zone)),
        is_zoned="zone" in texts,
        shift=seconds or 0 if stamp == "open" else 0,
        seconds=seconds,
        at=texts.get("at", ""),
        known=known,
        vintage=day,
    )


def _seconds(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= SECONDS_MAX:
        raise InvalidInput("no such length of a bar", value=text, bound=f"1 to {SECONDS_MAX}")
    return int(text)


def _step(name: str, text: str) -> Decimal | None:
    try:
        step = Decimal(text) if text else None
    except InvalidOperation:
        raise InvalidInput(f"the {name} is no number", value=text, bound="> 0") from None
    if step is not None and not (step.is_finite() and step > 0):
        raise InvalidInput(f"the {name} must be positive", value=text, bound="> 0")
    return step


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
