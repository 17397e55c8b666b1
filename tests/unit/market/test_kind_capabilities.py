"""Rows of any kind, members of an index and surprises, as the outside asks for them."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import polars as pl
import pytest

from fondaco.core.errors import InvalidInput, NotFound
from fondaco.core.text import plain
from fondaco.core.view import Table
from fondaco.market import kind_capabilities as module
from fondaco.market.kind_results import MemberList, RowList, SurpriseList
from fondaco.market.kinds import KINDS
from unit.market.rows import AAA, BBB
from unit.market.test_reading import NOW, Scene

MAY = datetime(2024, 5, 15, 12, 30, tzinfo=UTC)


@pytest.fixture
def scene() -> Scene:
    """An empty scene."""
    return Scene()


def _month(value: float, month: int, known: datetime, series: str = "CPI") -> dict[str, Any]:
    day = date(2024, month, 1)
    return {
        "series": series, "period": day, "value": value, "unit": "index", "frequency": "M",
        "vintage": True, "ts": datetime(2024, month, 28, tzinfo=UTC), "known_at": known,
    }  # fmt: skip


def _drawn(result: Any, function: Any) -> Table:
    (block,) = function.__capability__.view(result)
    assert isinstance(block, Table)
    return block


def test_rows_of_a_series_are_those_known_then_newest_first(scene: Scene) -> None:
    scene.put("macro", _month(310.0, 3, MAY), _month(312.5, 4, MAY), _month(7.0, 4, MAY, "GDP"))
    scene.put("macro", _month(313.0, 4, MAY + timedelta(days=30)))
    now: RowList = scene.ask(module.show_rows, kind="macro", of=["CPI"])
    names = [c.name for c in now.columns]
    assert [row[names.index("value")] for row in now.rows] == [313.0, 310.0]
    assert (now.total, now.version, [o.value for o in now.origins]) == (2, 1, ["simulated"])
    then = scene.ask(module.show_rows, kind="macro", of=["CPI"], as_of="2024-05-15", limit=1)
    assert (then.total, then.rows[0][names.index("value")]) == (2, 312.5)
    table = _drawn(then, module.show_rows)
    assert table.rows[0][names.index("period")] == date(2024, 4, 1)
    assert table.rows[0][names.index("ts")] == datetime(2024, 4, 28, tzinfo=UTC)
    assert table.columns[names.index("value")].digits == 1
    assert scene.ask(module.show_rows, kind="macro", of=["CPI"], as_of="2024-05-14").total == 0


def test_rows_of_instruments_are_asked_and_shown_by_ticker(scene: Scene) -> None:
    deal = {
        "ts": MAY, "id": "1", "deal": "insider", "trade": "buy", "who": "Ada", "shares": 10.0,
    }  # fmt: skip
    scene.put("deals", {"instrument": AAA.id} | deal, {"instrument": BBB.id} | deal)
    found: RowList = scene.ask(module.show_rows, kind="deals", of=["aaa"])
    assert found.columns[0].name == "ticker"
    assert [c.name for c in found.columns[-3:]] == ["instrument", "known_at", "source"]
    assert [row[0] for row in found.rows] == ["AAA"]
    both = scene.ask(module.show_rows, kind="deals", since="2024-05-15", until="2024-05-15")
    assert sorted(row[0] for row in both.rows) == ["AAA", "BBB"]
    assert scene.ask(module.show_rows, kind="deals", until="2024-05-14").total == 0
    with pytest.raises(NotFound, match="no instrument"):
        scene.ask(module.show_rows, kind="deals", of=["ZZZ"])


def test_one_source_may_be_named_and_the_best_is_taken_without(scene: Scene) -> None:
    scene.put("macro", _month(310.0, 3, MAY), source="file:mine")
    scene.put("macro", _month(311.0, 3, MAY), source="live:fred")
    scene.put("macro", _month(7.0, 5, MAY), source="simulated")
    best = scene.ask(module.show_rows, kind="macro")
    at = [c.name for c in best.columns].index("value")
    mine = scene.ask(module.show_rows, kind="macro", source="file:mine")
    assert (best.total, best.rows[0][at], mine.rows[0][at]) == (1, 311.0, 310.0)


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_a_kind_without_rows_says_how_to_get_some(scene: Scene, kind: str) -> None:
    found = scene.ask(module.show_rows, kind=kind)
    assert found.total == 0
    assert f"--kind {kind}" in _drawn(found, module.show_rows).empty


def test_what_is_no_kind_and_no_span_is_refused(scene: Scene) -> None:
    with pytest.raises(NotFound, match="no such kind"):
        scene.ask(module.show_rows, kind="prophecies")
    with pytest.raises(InvalidInput, match="market history"):
        scene.ask(module.show_rows, kind="bars_1d")
    with pytest.raises(InvalidInput, match="ends before"):
        scene.ask(module.show_rows, kind="macro", since="2024-05-02", until="2024-05-01")
    with pytest.raises(InvalidInput, match="not come"):
        scene.ask(module.show_rows, kind="macro", as_of="2024-06-30")


def _span(member: Any, start: date, end: date | None = None) -> dict[str, Any]:
    said = datetime(2024, 1, 2, tzinfo=UTC) if end is None else MAY
    return {
        "index": "S&P 500", "member": member.id, "start": start, "end": end, "ts": said,
        "known_at": said, "weight": 0.25 if end is None else None,
    }  # fmt: skip


def test_members_of_a_day_count_those_who_left_later(scene: Scene) -> None:
    begun = date(2024, 1, 2)
    scene.put("memberships", _span(AAA, begun), _span(BBB, begun))
    scene.put("memberships", _span(BBB, begun, date(2024, 5, 14)))
    april: MemberList = scene.ask(module.list_members, index="S&P 500", on="2024-04-30")
    assert [(m.symbol, m.weight) for m in april.members] == [("AAA", 0.25), ("BBB", None)]
    now = scene.ask(module.list_members, index="S&P 500")
    assert [m.symbol for m in now.members] == ["AAA"]
    before = scene.ask(module.list_members, index="S&P 500", on="2024-05-15", as_of="2024-05-14")
    assert [(m.symbol, m.end) for m in before.members] == [("AAA", None), ("BBB", None)]
    ever = scene.ask(module.list_members, index="S&P 500", since="2024-01-02")
    assert [m.symbol for m in ever.members] == ["AAA", "BBB"]
    assert "S&P 500, 2024-01-02 to 2024-06-28: 2 members" in plain(
        module.list_members.__capability__.view(ever)  # type: ignore[attr-defined]
    )


def test_an_index_that_is_not_known_names_those_that_look_like_it(scene: Scene) -> None:
    scene.put("memberships", _span(AAA, date(2024, 1, 2)))
    with pytest.raises(NotFound, match="Near: S&P 500"):
        scene.ask(module.list_members, index="S&P500")
    with pytest.raises(InvalidInput, match="ends before"):
        scene.ask(module.list_members, index="S&P 500", since="2024-06-02", on="2024-06-01")


def _quarter(number: int, mean: float, actual: float | None) -> dict[str, Any]:
    end = date(2022 + number // 4, 3 * (number % 4) + 1, 1)
    at = datetime(end.year, end.month, 20, tzinfo=UTC) + timedelta(days=0 if actual is None else 5)
    return {
        "instrument": AAA.id, "ts": at, "item": "eps", "end": end, "mean": mean, "actual": actual,
    }  # fmt: skip


def test_surprises_say_how_unusual_each_was(scene: Scene) -> None:
    errors = [0.1, -0.1, 0.1, -0.1, 0.3]
    for n, error in enumerate(errors):
        scene.put("estimates", _quarter(n, 1.0, None), _quarter(n, 1.0, 1.0 + error))
    found: SurpriseList = scene.ask(module.list_surprises, symbol="AAA", limit=2)
    assert (found.of, found.kind, found.total, len(found.lines)) == ("AAA", "estimates", 5, 2)
    newest = found.lines[0]
    assert newest.share == pytest.approx(0.3)
    # 0.3 over the deviation of +-0.1 four times: 0.1 * sqrt(4 / 3).
    assert newest.standardised == pytest.approx(0.3 / (0.1 * (4 / 3) ** 0.5))
    assert found.lines[1].standardised is None
    assert "+30.0 %" in plain(module.list_surprises.__capability__.view(found))  # type: ignore[attr-defined]


def _event(of: dict[str, Any], title: str, forecast: float, actual: float) -> dict[str, Any]:
    event = "earnings" if "instrument" in of else "economic"
    return of | {
        "event": event, "id": title, "ts": MAY, "title": title, "forecast": forecast,
        "actual": actual,
    }  # fmt: skip


def test_surprises_of_an_economy_come_of_its_events_and_of_a_company_without_estimates_too(
    scene: Scene,
) -> None:
    scene.put(
        "events",
        _event({"country": "US"}, "CPI", 3.0, 3.3),
        _event({"country": "IN"}, "CPI of India", 5.0, 5.0),
        _event({"instrument": BBB.id, "country": "US"}, "BBB earnings", 2.0, 1.0),
    )
    economy = scene.ask(module.list_surprises, country="US")
    assert [(s.about, round(s.surprise, 9)) for s in economy.lines] == [("CPI", 0.3)]
    company = scene.ask(module.list_surprises, symbol="BBB")
    assert (company.kind, [s.share for s in company.lines]) == ("events", [-0.5])
    none = scene.ask(module.list_surprises, symbol="AAA")
    assert none.total == 0
    assert "No actual with an estimate" in _drawn(none, module.list_surprises).empty


@pytest.mark.parametrize("raw", [{}, {"symbol": "AAA", "country": "US"}])
def test_surprises_are_of_a_symbol_or_of_a_country(scene: Scene, raw: dict[str, str]) -> None:
    with pytest.raises(InvalidInput, match="one of the two"):
        scene.ask(module.list_surprises, **raw)


def test_a_row_of_an_instrument_that_the_book_lacks_keeps_its_id() -> None:
    rows = pl.DataFrame({"instrument": ["I-1"], "ts": [NOW]})
    assert module._tickers(rows, type("Book", (), {"all": lambda _: ()})()) == ["I-1"]  # type: ignore[arg-type]
