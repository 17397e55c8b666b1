"""The fred provider against answers of its documented shape; nothing here reaches the network.

GDP of 2014 Q1 was published as 17149.6 on 2014-04-30, 17101.3 on 2014-05-29 and 17016.0 on
2014-06-25 (the releases of the Bureau of Economic Analysis, as ALFRED keeps them).
"""

import json
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from typing import Any
from urllib.parse import urlencode

import httpx2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.recorded import fred as cases
from fondaco.adapters.providers.conformance.case import Recorded, reply
from fondaco.adapters.providers.fred import VINTAGES_MAX, Fred
from fondaco.adapters.providers.fred_read import parse_answer, period_end
from fondaco.adapters.providers.parts import Parts
from fondaco.adapters.providers.wire import HttpWire
from fondaco.core.clock import FixedClock
from fondaco.core.errors import InvalidInput
from fondaco.market.errors import Cause, Unanswered
from fondaco.market.ports import Ask, Raw

CLOCK = FixedClock(datetime(2026, 11, 27, 21, tzinfo=UTC))
CASES = {case.id: case for case in cases.RECORDED}
KEY = cases.SECRETS["FONDACO_FRED_KEY"]
Row = dict[str, Any]


def rows(case: Recorded, clock: FixedClock = CLOCK) -> list[Row]:
    """Return the rows of a recorded case."""
    provider = case.build(clock, case.answer)
    parsed = [provider.parse(raw, case.ask) for raw in provider.ask(case.ask)]
    assert not [fault for p in parsed for fault in p.faults]
    return [row for p in parsed for frame in p.rows.values() for row in frame.to_dicts()]


def fred(answer: Callable[[httpx2.Request], httpx2.Response], clock: FixedClock = CLOCK) -> Fred:
    """Return the provider with a transport that answers by a function."""
    wire = HttpWire(Fred.sheet, clock, transport=httpx2.MockTransport(answer))
    return Fred(Parts(clock, wire, cases.SECRETS.get))


def page(path: str, cells: list[Any], count: int, offset: int) -> httpx2.Response:
    """Return one page of a list."""
    body = {"count": count, "offset": offset, path: cells}
    return reply(200, json.dumps(body).encode())


def test_each_vintage_is_a_row_known_at_the_end_of_its_day_in_new_york() -> None:
    found = [(r["period"], r["value"], r["known_at"]) for r in rows(CASES["vintages"])]
    first = date(2014, 1, 1)
    assert found == [
        (first, 17149.6, datetime(2014, 5, 1, 4, tzinfo=UTC)),
        (first, 17101.3, datetime(2014, 5, 30, 4, tzinfo=UTC)),
        (first, 17016.0, datetime(2014, 6, 26, 4, tzinfo=UTC)),
        (date(2014, 4, 1), 17294.7, datetime(2014, 7, 31, 4, tzinfo=UTC)),
    ]


def test_a_vintage_names_its_unit_its_frequency_and_the_end_of_its_period() -> None:
    row = rows(CASES["vintages"])[0]
    assert (row["unit"], row["frequency"], row["vintage"]) == ("Billions of Dollars", "Q", True)
    assert row["ts"] == datetime(2014, 4, 1, 4, tzinfo=UTC)
    assert (row["series"], row["source"]) == ("GDP", "live:fred")


def test_without_vintages_no_value_says_that_it_was_known_before_it_was_asked_for() -> None:
    found = rows(CASES["latest"])
    assert [(r["period"], r["value"]) for r in found] == [
        (date(2022, 12, 22), 3.67),
        (date(2022, 12, 23), 3.75),
    ]
    assert {(r["known_at"], r["vintage"]) for r in found} == {(None, False)}


def test_a_value_published_today_is_known_when_it_was_asked_for() -> None:
    clock = FixedClock(datetime(2014, 7, 30, 15, tzinfo=UTC))
    assert rows(CASES["vintages"], clock)[-1]["known_at"] == clock.now()


def test_a_projection_is_of_when_it_was_told_not_of_a_time_that_has_not_come() -> None:
    body = cases.GDP_REVISED.replace(b'"date": "2014-04-01"', b'"date": "2024-04-01"')
    case = CASES["vintages"]
    answers = {**case.answers, "/fred/series/observations": body}
    row = rows(Recorded("", Fred, case.ask, answers, 4, cases.SECRETS))[-1]
    assert row["period"] == date(2024, 4, 1)
    assert row["ts"] == row["known_at"] == datetime(2014, 7, 31, 4, tzinfo=UTC)


@pytest.mark.parametrize(
    ("period", "frequency", "ends"),
    [
        (date(2024, 2, 1), "M", date(2024, 2, 29)),
        (date(2023, 12, 1), "M", date(2023, 12, 31)),
        (date(2024, 10, 1), "Q", date(2024, 12, 31)),
        (date(2024, 1, 1), "A", date(2024, 12, 31)),
        (date(2024, 9, 30), "A", date(2024, 9, 30)),
        (date(2024, 6, 28), "D", date(2024, 6, 28)),
        (date(2024, 6, 1), "W", date(2024, 6, 1)),
    ],
)
def test_a_period_ends_as_its_frequency_says(period: date, frequency: str, ends: date) -> None:
    assert period_end(period, frequency) == ends


def test_many_vintages_are_asked_for_in_windows_and_none_comes_twice() -> None:
    days = [date(2000, 1, 1) + timedelta(days=n) for n in range(VINTAGES_MAX + 400)]
    asked: list[tuple[str, str]] = []

    def answer(request: httpx2.Request) -> httpx2.Response:
        params = request.url.params
        path = request.url.path.removeprefix("/fred/")
        if path == "series":
            return reply(200, cases.GDP)
        if path == "series/vintagedates":
            cells = [day.isoformat() for day in days]
            return page("vintage_dates", cells, len(cells), 0)
        start, end = params["realtime_start"], params["realtime_end"]
        asked.append((start, end))
        # As the service does: what stood when the window begins is dated with its first day.
        spans = zip(days, [*days[1:], date(2099, 1, 1)], strict=True)
        held = [d for d, until in spans if d.isoformat() <= end and until.isoformat() > start]
        cells = [
            {
                "realtime_start": max(day.isoformat(), start),
                "realtime_end": end,
                "date": "2000-01-01",
                "value": str(days.index(day)),
            }
            for day in held
        ]
        return page("observations", cells, len(cells), 0)

    provider = fred(answer)
    ask = Ask(options={"vintage": "true"}, kind="macro", symbols=("GDP",))
    raws = provider.ask(ask)
    parsed = [provider.parse(raw, ask) for raw in raws]
    assert not [f for p in parsed for f in p.faults]
    values = [r["value"] for p in parsed for f in p.rows.values() for r in f.to_dicts()]
    assert values == [float(n) for n in range(len(days))]
    assert asked == [
        ("2000-01-01", days[VINTAGES_MAX - 1].isoformat()),
        (days[VINTAGES_MAX - 1].isoformat(), days[-1].isoformat()),
    ]


def paged(request: httpx2.Request, missing: int = -1, count: int = 3) -> httpx2.Response:
    """Answer with three observations on two pages; `missing` is the offset that is down."""
    path = request.url.path.removeprefix("/fred/")
    if path == "series":
        return reply(200, cases.DGS10)
    offset = int(request.url.params["offset"])
    if offset == missing:
        return reply(503, b"")
    cells = [
        {"realtime_start": "2022-12-27", "realtime_end": "2022-12-27", "date": d, "value": v}
        for d, v in (("2022-12-21", "3.68"), ("2022-12-22", "3.67"), ("2022-12-23", "3.75"))
    ]
    return page("observations", cells[offset : offset + 2], count, offset)


def test_pages_are_followed_to_the_last(monkeypatch: pytest.MonkeyPatch) -> None:
    two: Mapping[str, int] = {"series/observations": 2}
    monkeypatch.setattr("fondaco.adapters.providers.fred.LIMITS", two)
    monkeypatch.setattr("fondaco.adapters.providers.fred_read.LIMITS", two)
    provider, ask = fred(paged), Ask(kind="macro", symbols=("DGS10",))
    parsed = [provider.parse(raw, ask) for raw in provider.ask(ask)]
    values = [r["value"] for p in parsed for f in p.rows.values() for r in f.to_dicts()]
    assert values == [3.68, 3.67, 3.75]
    with pytest.raises(Unanswered) as down:
        fred(lambda request: paged(request, missing=2)).ask(ask)
    assert down.value.cause is Cause.DOWN


def test_a_page_that_holds_fewer_rows_than_it_counts_is_unanswered() -> None:
    with pytest.raises(Unanswered, match="holds 2 rows, not 9") as bad:
        fred(lambda r: paged(r, count=9)).ask(Ask(kind="macro", symbols=("DGS10",)))
    assert bad.value.cause is Cause.BAD


def test_a_series_that_does_not_exist_is_a_fault_and_the_others_come() -> None:
    told = b'{"error_code": 400, "error_message": "Bad Request.  The series does not exist."}'

    def answer(request: httpx2.Request) -> httpx2.Response:
        if request.url.params["series_id"] == "NOPE":
            return reply(400, told)
        case = CASES["latest"]
        return case.answer(request)

    provider, ask = fred(answer), Ask(kind="macro", symbols=("NOPE", "DGS10"))
    parsed = [provider.parse(raw, ask) for raw in provider.ask(ask)]
    faults = [f for p in parsed for f in p.faults]
    assert [f.rule for f in faults] == ["answer"]
    assert "The series does not exist" in faults[0].reason
    assert sum(f.height for p in parsed for f in p.rows.values()) == 2


def test_a_key_that_is_refused_is_a_matter_for_a_person_and_is_not_shown() -> None:
    told = {
        "error_code": 400,
        "error_message": f"Bad Request.  The value for variable api_key is not registered: {KEY}",
    }
    provider = fred(lambda _: reply(400, json.dumps(told).encode()))
    with pytest.raises(Unanswered, match="the key is refused") as refused:
        provider.ask(Ask(kind="macro", symbols=("GDP",)))
    assert refused.value.cause is Cause.AUTH
    assert KEY not in str(refused.value)


def test_the_key_is_sent_as_documented_and_shown_nowhere() -> None:
    case, sent = CASES["latest"], []

    def answer(request: httpx2.Request) -> httpx2.Response:
        sent.append(request.url.params["api_key"])
        return case.answer(request)

    raws = fred(answer).ask(case.ask)
    assert sent == [KEY, KEY]
    assert not [raw for raw in raws if KEY in raw.request or KEY in raw.name]


def test_without_a_key_it_is_not_asked_at_all() -> None:
    wire = HttpWire(Fred.sheet, CLOCK, transport=httpx2.MockTransport(paged))
    with pytest.raises(Unanswered) as unset:
        Fred(Parts(CLOCK, wire, lambda _: None)).ask(Ask(kind="macro", symbols=("GDP",)))
    assert unset.value.cause is Cause.KEY


def test_the_day_of_a_release_begins_in_new_york() -> None:
    found = rows(CASES["releases"])
    assert next((r["id"], r["title"], r["ts"]) for r in found) == (
        "53:2026-11-25",
        "Gross Domestic Product",
        datetime(2026, 11, 25, 5, tzinfo=UTC),
    )
    assert {r["event"] for r in found} == {"economic"}


@pytest.mark.parametrize(
    "ask",
    [
        Ask(kind="macro"),
        Ask(kind="macro", symbols=("GDP&x=1",)),
        Ask(kind="macro", symbols=("GDP",), options={"vintage": "yes"}),
        Ask(date(2024, 2, 1), date(2024, 1, 1), None, "macro", ("GDP",)),
        Ask(date(2024, 2, 1), date(2024, 1, 1), None, "events"),
        Ask(kind="events", symbols=("GDP",)),
    ],
)
def test_what_cannot_be_asked_for_is_refused(ask: Ask) -> None:
    with pytest.raises(InvalidInput):
        fred(paged).ask(ask)


@given(
    period=st.dates(date(1990, 1, 1), date(2030, 12, 31)),
    first=st.integers(0, 400),
    later=st.integers(1, 400),
    hours=st.integers(0, 60),
    frequency=st.sampled_from(["D", "W", "M", "Q", "A"]),
)
def test_no_vintage_is_known_before_its_day_nor_after_it_was_asked_for(
    period: date, first: int, later: int, hours: int, frequency: str
) -> None:
    told = [date(2024, 1, 1) + timedelta(days=n) for n in (first, first + later)]
    asked_at = datetime(2024, 1, 1, tzinfo=UTC) + timedelta(days=first + later, hours=hours + 6)
    cells = [
        {"realtime_start": day.isoformat(), "date": period.isoformat(), "value": str(n)}
        for n, day in enumerate(told)
    ]
    body = json.dumps({"count": 2, "offset": 0, "observations": cells}).encode()
    labels = {
        "series": "X",
        "frequency": frequency,
        "unit": "Percent",
        "window": "1/1",
        "realtime_start": told[0].isoformat(),
        "realtime_end": told[1].isoformat(),
        "offset": "0",
    }
    name = f"series/observations?{urlencode(labels)}"
    raw = Raw("fred", name, body, asked_at, sha256(body).hexdigest())
    parsed = parse_answer(raw, Ask(kind="macro", symbols=("X",)))
    found = parsed.rows["macro"].to_dicts()
    assert not parsed.faults
    for row, day in zip(found, told, strict=True):
        begins = datetime(day.year, day.month, day.day, 4, tzinfo=UTC)  # never after midnight there
        assert begins < row["known_at"] <= asked_at
        assert row["ts"] <= row["known_at"]
    assert found[0]["known_at"] < found[1]["known_at"]
