"""Surprises: estimates against actuals, as they were known."""

from datetime import UTC, date, datetime, timedelta
from statistics import stdev

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fondaco.core.errors import InvalidInput
from fondaco.market.kinds import kind_named
from fondaco.market.surprises import BEFORE_MAX, standardised, surprises

LATER = datetime(2030, 1, 1, tzinfo=UTC)


def _frame(kind: str, *rows: dict[str, object]) -> pl.DataFrame:
    schema = kind_named(kind).table.schema
    full = [dict.fromkeys(schema) | {"source": "live:x", "ingest_id": "1"} | row for row in rows]
    return pl.DataFrame(full, schema=schema)


def told(
    end: date, days: int, mean: float | None = None, actual: float | None = None, who: str = "A"
) -> dict[str, object]:
    """Return a row of `estimates` known some days after the period's end."""
    at = datetime.combine(end, datetime.min.time(), tzinfo=UTC) + timedelta(days=days)
    return {
        "instrument": who, "item": "eps", "end": end, "ts": at, "known_at": at,
        "mean": mean, "actual": actual,
    }  # fmt: skip


QUARTERS = [date(2020 + n // 4, 3 * (n % 4) + 3, 28) for n in range(8)]
Q1 = QUARTERS[0]


def test_the_last_estimate_before_the_actual_is_what_was_expected() -> None:
    rows = _frame(
        "estimates",
        told(Q1, -30, mean=1.0),
        told(Q1, 10, mean=1.2),
        told(Q1, 20, actual=1.5),
        told(Q1, 25, mean=1.5),
        told(Q1, 90, actual=9.0),
    )
    (one,) = surprises(rows, as_of=LATER)
    assert (one.of, one.about, one.period, one.estimate, one.actual) == ("A", "eps", Q1, 1.2, 1.5)
    assert one.surprise == pytest.approx(0.3)
    assert one.share == pytest.approx(0.25)
    assert one.standardised is None
    assert one.known_at == datetime(2020, 4, 17, tzinfo=UTC)
    assert surprises(rows, as_of=one.known_at - timedelta(seconds=1)) == ()
    assert surprises(rows, as_of=one.known_at) == (one,)


def test_a_row_with_both_counts_by_itself_and_half_a_period_is_left_out() -> None:
    rows = _frame(
        "estimates",
        told(Q1, 20, mean=-2.0, actual=-1.0),
        told(QUARTERS[1], 20, actual=1.0),
        told(QUARTERS[2], 20, mean=1.0),
        told(QUARTERS[3], 20, mean=0.0, actual=1.0),
        told(QUARTERS[4], 20, mean=float("nan"), actual=1.0),
    )
    first, second = surprises(rows, as_of=LATER)
    assert (first.surprise, first.share) == (1.0, 0.5)
    assert (second.period, second.surprise, second.share) == (QUARTERS[3], 1.0, None)


def test_a_surprise_is_standardised_by_those_before_it_alone() -> None:
    errors = [0.1, -0.2, 0.3, -0.1, 0.5, 0.2]
    rows = _frame(
        "estimates",
        *(told(QUARTERS[n], 20, mean=1.0, actual=1.0 + e) for n, e in enumerate(errors)),
        *(told(QUARTERS[n], 20, mean=1.0, actual=5.0, who="B") for n in range(6)),
    )
    found = surprises(rows, as_of=LATER)
    mine = [one.standardised for one in found if one.of == "A"]
    # The deviation by the standard library, of the errors before.
    assert mine[:4] == [None] * 4
    assert mine[4] == pytest.approx(errors[4] / stdev(errors[:4]))
    assert mine[5] == pytest.approx(errors[5] / stdev(errors[:5]))
    assert [one.standardised for one in found if one.of == "B"] == [None] * 6


def test_only_the_last_years_standardise() -> None:
    old, last = [100.0, -100.0], [1.0, -1.0] * (BEFORE_MAX // 2)
    assert standardised(3.0, old + last) == pytest.approx(3.0 / stdev(last))
    assert standardised(3.0, [1.0, 2.0, 3.0]) is None
    assert standardised(3.0, [0.1] * 9) is None


def test_events_of_an_economy_and_of_a_company_have_surprises_too() -> None:
    stem = {"known_at": datetime(2024, 6, 7, 12, 30, tzinfo=UTC), "importance": 3}
    rows = _frame(
        "events",
        stem
        | {
            "event": "economic", "id": "nfp", "country": "US", "title": "Non-farm payrolls",
            "ts": datetime(2024, 6, 7, 12, 30, tzinfo=UTC), "forecast": 185.0, "actual": 272.0,
            "unit": "thousand",
        },
        stem
        | {
            "event": "earnings", "id": "e1", "instrument": "A", "title": "A reports",
            "ts": datetime(2024, 6, 6, 20, 0, tzinfo=UTC), "forecast": 2.0, "actual": 1.5,
        },
    )  # fmt: skip
    company, economy = surprises(rows, as_of=LATER)
    # US payrolls of May 2024, released 7 June: 272,000 against 185,000 expected.
    assert (economy.of, economy.about, economy.surprise) == ("US", "Non-farm payrolls", 87.0)
    assert (company.of, company.about, company.share) == ("A", "earnings", -0.25)


def test_rows_of_another_kind_are_refused() -> None:
    with pytest.raises(InvalidInput, match="estimates or of events"):
        surprises(pl.DataFrame({"close": [1.0]}), as_of=LATER)
    assert surprises(_frame("estimates"), as_of=LATER) == ()


_Row = st.tuples(
    st.integers(0, 5), st.integers(-40, 60), st.none() | st.integers(1, 9),
    st.none() | st.integers(1, 9),
)  # fmt: skip


@given(st.lists(_Row, max_size=25), st.integers(0, 700))
@settings(max_examples=100, deadline=None)
def test_what_is_told_later_changes_no_surprise_of_before(
    given_rows: list[tuple[int, int, int | None, int | None]], cut: int
) -> None:
    rows = _frame("estimates", *(told(QUARTERS[q], d, m, a) for q, d, m, a in given_rows))
    as_of = datetime(2020, 3, 1, tzinfo=UTC) + timedelta(days=cut)
    then = surprises(rows.filter(pl.col("known_at") <= as_of), as_of=LATER)
    assert surprises(rows, as_of=as_of) == then
