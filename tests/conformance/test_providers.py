"""What every provider must do, on an answer that it can really give."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import polars as pl
import pytest

from fondaco.adapters.providers.bundled import Bundled
from fondaco.adapters.providers.file import FileProvider
from fondaco.adapters.providers.parts import Parts
from fondaco.adapters.providers.simulated import Simulated
from fondaco.adapters.providers.yahoo import Yahoo
from fondaco.core.clock import FixedClock
from fondaco.core.errors import InvalidInput
from fondaco.market.fakes import PagesProvider
from fondaco.market.identity import origin_of
from fondaco.market.ports import Ask, Parsed, Provider, Raw
from fondaco.market.tables import PARSED
from unit.adapters.providers.test_yahoo import Wire, answer
from unit.market.rows import AAA, page

CLOCK = FixedClock(datetime(2026, 1, 2, 12, tzinfo=UTC))
Case = tuple[Provider, Ask]


def _pages(_: Path) -> Case:
    return PagesProvider([page(AAA, [10.0, 11.0])], [AAA], CLOCK.now()), Ask()


def _bundled(_: Path) -> Case:
    return Bundled(CLOCK), Ask()


def _file(folder: Path) -> Case:
    path = folder / "prices.csv"
    path.write_text("date,symbol,close\n2014-06-05,AAA,10\n2014-06-06,AAA,11\n")
    return FileProvider(CLOCK), Ask(options={"path": str(path)})


def _yahoo(_: Path) -> Case:
    body = json.dumps(answer()).encode()
    return Yahoo(Parts(CLOCK, Wire(body, CLOCK), lambda _: None)), Ask(symbols=("AAPL",))


def _simulated(_: Path) -> Case:
    return Simulated(CLOCK), Ask(symbols=("SIM00",), since=date(2024, 1, 2))


@pytest.fixture(
    params=[_pages, _bundled, _file, _yahoo, _simulated],
    ids=lambda make: make.__name__.strip("_"),
)
def case(request: pytest.FixtureRequest, tmp_path: Path) -> Case:
    """A provider and something to ask of it."""
    make: Callable[[Path], Case] = request.param
    return make(tmp_path)


@pytest.fixture
def raws(case: Case) -> tuple[Raw, ...]:
    """What the provider answered."""
    provider, ask = case
    return provider.ask(ask)


def _parse_all(case: Case, raws: tuple[Raw, ...]) -> list[Parsed]:
    return [case[0].parse(raw, case[1]) for raw in raws]


def test_a_raw_answer_names_its_provider_time_and_hash(case: Case, raws: tuple[Raw, ...]) -> None:
    assert raws
    for raw in raws:
        assert raw.provider == case[0].name
        assert raw.asked_at == CLOCK.now()
        assert raw.digest == hashlib.sha256(raw.body).hexdigest()
        assert raw.name


def test_parsing_the_same_answer_gives_the_same_each_time(
    case: Case, raws: tuple[Raw, ...]
) -> None:
    for first, second in zip(_parse_all(case, raws), _parse_all(case, raws), strict=True):
        assert first.bars.equals(second.bars)
        assert (first.instruments, first.faults, first.moves) == (
            second.instruments,
            second.faults,
            second.moves,
        )


def test_bars_have_the_columns_of_parsed_rows_and_say_where_they_stand(
    case: Case, raws: tuple[Raw, ...]
) -> None:
    for parsed in _parse_all(case, raws):
        assert dict(parsed.bars.schema) == PARSED
        assert parsed.bars.height > 0
        for column in ("instrument", "session", "source", "where", "factor"):
            assert parsed.bars[column].null_count() == 0
        assert not (parsed.bars["where"] == "").any()


def test_every_row_is_of_an_instrument_that_comes_with_it(
    case: Case, raws: tuple[Raw, ...]
) -> None:
    for parsed in _parse_all(case, raws):
        assert set(parsed.bars["instrument"]) == {i.id for i in parsed.instruments}


def test_the_source_of_a_row_tells_the_providers_origin(case: Case, raws: tuple[Raw, ...]) -> None:
    for parsed in _parse_all(case, raws):
        assert {origin_of(source) for source in set(parsed.bars["source"])} == {case[0].origin}


def test_a_span_leaves_out_the_days_around_it(case: Case, raws: tuple[Raw, ...]) -> None:
    provider, ask = case
    every = pl.concat([parsed.bars for parsed in _parse_all(case, raws)])
    day = every["session"].max()
    assert isinstance(day, date)
    cut = replace(ask, since=day, until=day)
    rows = pl.concat([provider.parse(raw, cut).bars for raw in provider.ask(cut)])
    assert set(rows["session"]) == {day}


def test_an_option_that_is_none_is_refused(case: Case) -> None:
    provider, ask = case
    if provider.name == "pages":
        pytest.skip("the fake takes no options at all")
    with pytest.raises(InvalidInput):
        provider.ask(replace(ask, options={**(ask.options or {}), "colour": "red"}))
