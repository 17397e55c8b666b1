"""The suite of recorded answers itself: careful providers pass, careless ones are caught."""

import csv
import importlib
import io
import json
import re
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, ClassVar
from xml.etree import ElementTree

import polars as pl
import pytest

from conformance.test_recorded import CLOCK
from fondaco.adapters.providers.collect import Collected, useless
from fondaco.adapters.providers.conformance.case import Recorded
from fondaco.adapters.providers.conformance.checks import (
    HARMLESS,
    Report,
    check_bodies,
    check_cells,
    check_failures,
    check_good,
)
from fondaco.adapters.providers.conformance.spoil_text import zipped
from fondaco.adapters.providers.listing import us_listing
from fondaco.adapters.providers.parts import Parts, plugged_in
from fondaco.adapters.providers.read_json import Useless, number, part, read_json
from fondaco.core.errors import InvalidInput
from fondaco.core.instrument import Origin
from fondaco.market.errors import Unanswered
from fondaco.market.identity import source_name
from fondaco.market.kinds import kind_named
from fondaco.market.ports import Ask, Parsed, Raw
from fondaco.market.sheets import KeyNeed, Market, Offer, Sheet
from fondaco.market.tables import PARSED

SECRET = "s3cr3t-made-up"
KEY = KeyNeed(("FONDACO_TOY_TOKEN",), "https://toy.example", "Ask for one.")
SHEET = Sheet(
    "toy",
    "Toy",
    Origin.LIVE,
    (Offer("quotes", (Market.US,), "today"),),
    terms="None: it does not exist.",
    key=KEY,
)
SOURCE = source_name(Origin.LIVE, "toy")
MEMBER_BYTES_MAX = 1 << 20
TIMES = (1795784400, 1795784460, 1795784520)  # 2026-11-27 13:00 UTC and the minutes after it


class Careful:
    """A provider that reads quotes of two pages without trust; subclasses know the format."""

    sheet: ClassVar[Sheet] = SHEET
    name = SHEET.name
    origin = SHEET.origin

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    @classmethod
    def build(cls, parts: Parts) -> "Careful":
        return cls(parts)

    def ask(self, ask: Ask) -> tuple[Raw, ...]:
        self.sheet.offer(ask.kind)
        if ask.options:
            raise InvalidInput("toy takes no options", value=", ".join(ask.options))
        if len(ask.symbols) != 1 or not ask.symbols[0].isalpha():
            raise InvalidInput("toy takes one symbol", value=", ".join(ask.symbols))
        key = self._parts.key(self.sheet)
        return tuple(
            self._parts.wire.get(
                f"https://toy.example/quotes/{page}",
                name=f"{ask.symbols[0]} page {page}",
                params={"symbol": ask.symbols[0]},
                secret={"token": key},
            )
            for page in (1, 2)
        )

    def parse(self, raw: Raw, ask: Ask) -> Parsed:
        symbol = raw.name.partition(" ")[0]
        try:
            rows = list(self.rows(raw.body, symbol))
        except Useless as error:
            return useless(ask.kind, raw, SOURCE, str(error))
        instrument = us_listing(symbol)
        got = Collected(ask.kind, raw, SOURCE)
        for n, row in enumerate(rows):
            got.take(
                f"{raw.name} row {n + 1}",
                instrument.id,
                row,
                lambda row=row: {"instrument": instrument.id, **self.row(row)},
            )
        return got.parsed((instrument,))

    def rows(self, body: bytes, symbol: str) -> Iterator[Any]:
        raise NotImplementedError

    def row(self, row: Any) -> dict[str, Any]:
        return {
            "ts": _time(row.get("time")),
            "bid": _float(row.get("bid")),
            "ask": _float(row.get("ask")),
        }


def _time(text: Any) -> datetime:
    if not isinstance(text, str):
        raise Useless(f"time {text!r} is no time")
    try:
        moment = datetime.strptime(text, "%Y-%m-%d %H:%M:%S")  # noqa: DTZ007 - in UTC
    except ValueError:
        raise Useless(f"time {text!r} is no time") from None
    return moment.replace(tzinfo=UTC)


def _float(text: Any) -> float | None:
    return number(text, "price", text=True)


class CarefulJson(Careful):
    """Reads JSON."""

    def rows(self, body: bytes, symbol: str) -> Iterator[Any]:
        data = read_json(body)
        if part(data, "symbol", str) != symbol:
            raise Useless("another symbol")
        yield from part(data, "quotes", list)

    def row(self, row: Any) -> dict[str, Any]:
        moment = part(row, "t", int)
        if not 1e8 < moment < 4.2e9:
            raise Useless(f"t {moment} is no time in seconds")
        bid, ask = number(row.get("bid"), "bid"), number(row.get("ask"), "ask")
        return {"ts": datetime.fromtimestamp(moment, UTC), "bid": bid, "ask": ask}


class CarefulCsv(Careful):
    """Reads CSV."""

    names = ("symbol", "time", "bid", "ask")

    def rows(self, body: bytes, symbol: str) -> Iterator[Any]:
        try:
            lines = list(csv.reader(io.StringIO(body.decode("utf-8-sig")), strict=True))
        except (UnicodeDecodeError, csv.Error) as error:
            raise Useless(f"no CSV: {error}") from None
        if not lines or tuple(lines[0]) != self.names or len(lines) < 2:
            raise Useless("the answer has other columns")
        for line in lines[1:]:
            yield dict(zip(self.names, line, strict=True)) if len(line) == 4 else {}


class CarefulZip(CarefulCsv):
    """Reads CSV in a ZIP."""

    def rows(self, body: bytes, symbol: str) -> Iterator[Any]:
        try:
            with zipfile.ZipFile(io.BytesIO(body)) as packed:
                files = packed.infolist()
                if len(files) != 1 or files[0].file_size > MEMBER_BYTES_MAX:
                    raise Useless("not one file of a size that can be")
                content = packed.read(files[0])
        except zipfile.BadZipFile as error:
            raise Useless(str(error)) from None
        yield from super().rows(content, symbol)


class CarefulXml(Careful):
    """Reads XML."""

    def rows(self, body: bytes, symbol: str) -> Iterator[Any]:
        if b"<!DOCTYPE" in body or b"<!ENTITY" in body:
            raise Useless("it declares entities")
        try:
            root = ElementTree.fromstring(body)
        except ElementTree.ParseError as error:
            raise Useless(str(error)) from None
        if root.tag != "quotes" or {child.tag for child in root} != {"quote"}:
            raise Useless("no list of quotes")
        for quote in root:
            yield {child.tag: child.text or "" for child in quote}


class Careless(CarefulJson):
    """Takes every status as an answer, and whatever looks like a number as one."""

    def ask(self, ask: Ask) -> tuple[Raw, ...]:
        found = []
        for page in (1, 2):
            try:
                raw = self._parts.wire.get(
                    f"https://toy.example/quotes/{page}?token={SECRET}",
                    name=f"{ask.symbols[0]} page {page}",
                    accept=range(100, 600),
                )
            except Unanswered:
                continue
            found.append(raw)
        return tuple(found)

    def parse(self, raw: Raw, ask: Ask) -> Parsed:
        rows = []
        try:
            quotes = json.loads(raw.body.decode("utf-8", "ignore")).get("quotes") or []
        except (ValueError, AttributeError):
            quotes = []
        instrument = us_listing(ask.symbols[0])
        for n, quote in enumerate(quotes):
            try:
                row = {
                    "instrument": instrument.id,
                    "ts": datetime.fromtimestamp(float(quote.get("t", 0)), UTC),
                    "bid": float(quote.get("bid") or 0),
                    "ask": float(quote.get("ask") or 0),
                    "source": SOURCE,
                    "where": str(n),
                }
            except (TypeError, ValueError, OverflowError, OSError, AttributeError):
                continue
            rows.append(row)
        frame = kind_named("quotes").frame(rows)
        return Parsed(pl.DataFrame(schema=PARSED), (instrument,), (), rows={"quotes": frame})


class CarelessCsv(CarefulCsv):
    """Reads cells by their place, and counts what it cannot read as nothing."""

    def parse(self, raw: Raw, ask: Ask) -> Parsed:
        instrument = us_listing(ask.symbols[0])
        rows = []
        for n, line in enumerate(self.text(raw.body).splitlines()[1:]):
            cells = line.split(",")
            try:
                row = {
                    "instrument": instrument.id,
                    "ts": datetime.fromisoformat(cells[1]).replace(tzinfo=UTC),
                    "bid": float(cells[2] or 0),
                    "ask": float(cells[3]),
                    "source": SOURCE,
                    "where": str(n),
                }
            except (ValueError, IndexError):
                continue
            rows.append(row)
        frame = kind_named("quotes").frame(rows)
        return Parsed(pl.DataFrame(schema=PARSED), (instrument,), (), rows={"quotes": frame})

    def text(self, body: bytes) -> str:
        return body.decode("latin-1")


class CarelessZip(CarelessCsv):
    """Reads whatever the ZIP says that it holds."""

    def text(self, body: bytes) -> str:
        with zipfile.ZipFile(io.BytesIO(body)) as packed:
            return packed.read(packed.namelist()[0]).decode("latin-1")


class CarelessXml(CarefulXml):
    """Resolves entities."""

    def rows(self, body: bytes, symbol: str) -> Iterator[Any]:
        try:
            root = ElementTree.fromstring(body)
        except ElementTree.ParseError:
            return
        for quote in root:
            yield {child.tag: child.text or "" for child in quote}


def _json(n: int) -> bytes:
    quotes = [{"t": t + 600 * n, "bid": 189.5 + i, "ask": 189.75 + i} for i, t in enumerate(TIMES)]
    return json.dumps({"symbol": "AAPL", "count": 3, "quotes": quotes}).encode()


def _lines(n: int) -> list[list[str]]:
    return [["AAPL", f"2026-11-27 1{n}:0{i}:00", f"{189.5 + i}", f"{189.75 + i}"] for i in range(3)]


def _csv(n: int) -> bytes:
    return "".join(",".join(r) + "\r\n" for r in [CarefulCsv.names, *_lines(n)]).encode()


def _zip(n: int) -> bytes:
    return zipped({"quotes.csv": _csv(n)})


def _xml(n: int) -> bytes:
    quotes = "".join(
        f"<quote><time>{r[1]}</time><bid>{r[2]}</bid><ask>{r[3]}</ask></quote>" for r in _lines(n)
    )
    return f'<?xml version="1.0" encoding="utf-8"?><quotes>{quotes}</quotes>'.encode()


def _case(provider: type, body: Callable[[int], bytes]) -> Recorded:
    return Recorded(
        provider.__name__,
        provider,
        Ask(kind="quotes", symbols=("AAPL",)),
        {"/1": body(1), "/2": body(2)},
        rows=6,
        secrets={"FONDACO_TOY_TOKEN": SECRET},
        json=body is _json,
    )


CAREFUL = tuple(
    _case(provider, body)
    for provider, body in (
        (CarefulJson, _json),
        (CarefulCsv, _csv),
        (CarefulZip, _zip),
        (CarefulXml, _xml),
    )
)
CARELESS = _case(Careless, _json)


def _reports(case: Recorded) -> tuple[Report, ...]:
    return tuple(check(case, CLOCK) for check in (check_failures, check_bodies, check_cells))


@pytest.mark.parametrize("case", CAREFUL, ids=lambda case: case.id)
def test_a_careful_provider_passes_whatever_its_format(case: Recorded) -> None:
    assert check_good(case, CLOCK) == ()
    for report in _reports(case):
        assert report.tried
        assert report.problems == ()


def _caught(case: Recorded) -> frozenset[str]:
    return frozenset().union(*(report.caught for report in _reports(case)))


def test_a_careless_provider_is_caught_by_more_than_forty_kinds_of_bad_reply() -> None:
    caught = _caught(CARELESS)
    assert len(caught) >= 40
    assert caught >= {
        "status 500",
        "status 429, date",
        "gzip bomb",
        "cut by one byte",
        "NaN",
        "null",
    }
    assert caught >= {"time x 1000", "time / 1000", "date: 2099", "number as words", "huge number"}


@pytest.mark.parametrize(
    ("careless", "body", "by"),
    [
        (CarelessCsv, _csv, {"shifted row", "missing column", "cut line", "words '1e999'"}),
        (CarelessZip, _zip, {"zip bomb", "zip without files", "zip that is none", "short row"}),
        (CarelessXml, _xml, {"entity of its own"}),
    ],
)
def test_careless_readers_of_other_formats_are_caught_by_their_own_spoils(
    careless: type, body: Callable[[int], bytes], by: set[str]
) -> None:
    assert by <= _caught(_case(careless, body))


def test_careless_asking_is_told_in_words() -> None:
    told = "; ".join(check_good(CARELESS, CLOCK))
    for words in ("secret", "an option that is none", "a kind that is not", "without its key"):
        assert words in told


@pytest.mark.parametrize("case", CAREFUL, ids=lambda case: case.id)
def test_only_another_coding_of_the_same_words_may_change_nothing(case: Recorded) -> None:
    assert frozenset().union(*(report.idle for report in _reports(case))) <= HARMLESS


def test_a_wrong_count_of_rows_is_told() -> None:
    assert check_good(replace(CAREFUL[0], rows=5), CLOCK) == ("6 rows come, not 5",)


class FirstPageAlone(CarefulJson):
    """Goes on when a later page does not come."""

    def ask(self, ask: Ask) -> tuple[Raw, ...]:
        wire = self._parts.wire
        first = wire.get("https://toy.example/quotes/1", name=f"{ask.symbols[0]} page 1")
        try:
            return first, wire.get("https://toy.example/quotes/2", name=f"{ask.symbols[0]} page 2")
        except Unanswered:
            return (first,)


def test_half_an_answer_is_caught() -> None:
    report = check_failures(_case(FirstPageAlone, _json), CLOCK)
    assert any("answer 2, status 503: it goes on with 3 rows" in told for told in report.problems)


PAGE = Path(__file__).parents[2] / "docs" / "how-to" / "add-a-provider.md"
ENTRY = '[project.entry-points."fondaco.providers"]\n'


def test_an_outside_package_made_as_the_page_says_is_found_and_passes_the_suite(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = PAGE.read_text()
    source, tests = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    (tmp_path / "fondaco_shop.py").write_text(source + tests)
    (entry,) = re.findall(re.escape(ENTRY) + r"(.*?)```", page, re.DOTALL)
    info = tmp_path / "fondaco_shop-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: fondaco-shop\nVersion: 1.0\n")
    lines = entry.replace('"', "")
    (info / "entry_points.txt").write_text(f"[fondaco.providers]\n{lines}")
    monkeypatch.syspath_prepend(tmp_path)
    shop = plugged_in(frozenset())["shop"]()
    assert shop.sheet.name == "shop"
    importlib.import_module("fondaco_shop").test_the_shop_passes_the_suite()
