"""Named quantities accept what their words say, and nothing that looks like it."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from fondaco.core import quantities as q

DAY = date(2019, 6, 28)
MIDNIGHT = datetime(2019, 6, 28, tzinfo=UTC)
NAIVE = datetime(2019, 6, 28)  # noqa: DTZ001 - naive on purpose


@pytest.mark.parametrize(
    ("kind", "value", "read"),
    [
        (q.Symbol, "BRK.B", "BRK.B"),
        (q.Symbol, "^GSPC", None),
        (q.Symbol, "aapl", None),
        (q.Symbol, "", None),
        (q.Symbol, "A" * 33, None),
        (q.CardId, "TC-17", "TC-17"),
        (q.CardId, "17", None),
        (q.CardId, "TC-1\n", None),
        (q.Digest, "a" * 64, "a" * 64),
        (q.Digest, "A" * 64, None),
        (q.Digest, "a" * 63, None),
        (q.FactId, "F-0123456789abcdef", "F-0123456789abcdef"),
        (q.FactId, "F-1", None),
        (q.Day, "2019-06-28", DAY),
        (q.Day, DAY, DAY),
        (q.Day, "20190628", None),
        (q.Day, 20190628, None),
        (q.Day, "2019-02-30", None),
        (q.Day, MIDNIGHT, None),
        (q.Day, "2019-06-28T00:00:00", None),
        (q.Day, None, None),
        (q.Moment, "2019-06-28T00:00:00Z", MIDNIGHT),
        (q.Moment, "2019-06-28T00:00:00", None),
        (q.Moment, "2019-06-28", None),
        (q.Moment, 1561680000, None),
        (q.Moment, MIDNIGHT, MIDNIGHT),
        (q.AsOf, "2019-06-28", DAY),
        (q.AsOf, DAY, DAY),
        (q.AsOf, MIDNIGHT, MIDNIGHT),
        (q.AsOf, "2019-06-28T00:00:00Z", MIDNIGHT),
        (q.AsOf, "2019-06-28T00:00:00", None),
        (q.AsOf, NAIVE, None),
        (q.AsOf, "20190628", None),
        (q.AsOf, 0, None),
        (q.AsOf, "2019-02-30", None),
        (q.AsOf, "soon", None),
        (q.CashAmount, "0", None),
        (q.CashAmount, "1.001", None),
        (q.CashAmount, "NaN", None),
        (q.CashAmount, "1E+13", None),
        (q.RowLimit, "10", 10),
        (q.RowLimit, 0, None),
        (q.RowLimit, 10_001, None),
        (q.BasisPoints, float("nan"), None),
        (q.BasisPoints, -0.1, None),
        (q.BasisPoints, 5, 5.0),
        (q.Currency, "USD", "USD"),
        (q.Currency, "usd", None),
    ],
)
def test_a_quantity_reads_or_refuses(kind: Any, value: object, read: object) -> None:
    adapter: TypeAdapter[Any] = TypeAdapter(kind)
    if read is None:
        with pytest.raises(ValidationError):
            adapter.validate_python(value)
    else:
        found = adapter.validate_python(value)
        assert found == read
        assert isinstance(found, datetime) == isinstance(read, datetime)


def test_no_as_of_is_now() -> None:
    assert TypeAdapter(q.AsOf).validate_python(None) is None
