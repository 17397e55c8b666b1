"""Label spans: which rows a label reads, in rows, in stacked sessions and in time."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fondaco.core.errors import InvalidInput
from fondaco.research.validation.spans import LabelSpans, embargo_sessions
from unit.research.validation.cases import spans, touching


def test_a_horizon_reads_so_many_rows_ahead_and_stops_with_the_data() -> None:
    labels = LabelSpans.of_horizon(6, 3)
    assert labels.starts.tolist() == [0, 1, 2, 3, 4, 5]
    assert labels.ends.tolist() == [3, 4, 5, 5, 5, 5]  # by hand: min(i + 3, 5)


def test_stacked_rows_read_whole_sessions() -> None:
    # By hand: sessions of 2, 1, 3 and 2 rows lie in rows 0-1, 2, 3-5 and 6-7; one session ahead.
    days = np.array(
        ["2024-01-05"] * 2 + ["2024-01-08"] + ["2024-01-09"] * 3 + ["2024-01-12"] * 2,
        dtype="datetime64[D]",
    )
    labels = LabelSpans.of_sessions(days, 1)
    assert labels.starts.tolist() == [0, 0, 2, 3, 3, 3, 6, 6]
    assert labels.ends.tolist() == [2, 2, 5, 7, 7, 7, 7, 7]
    assert labels.timeline().count == 4


def test_barriers_touched_in_time_are_counted_in_rows() -> None:
    # By hand: rows at 9:00, 9:10, 9:20 and 9:30. The label of 9:00 is known at 9:15, between rows
    # 1 and 2, so it has read row 1; that of 9:10 is known exactly at row 3.
    start = np.datetime64("2024-01-05T09:00")
    times = start + np.array([0, 10, 20, 30])
    known = start + np.array([15, 30, 20, 90])
    labels = LabelSpans.of_times(times, known, times)
    assert labels.starts.tolist() == [0, 1, 2, 3]
    assert labels.ends.tolist() == [1, 3, 2, 3]


def test_labels_that_overlap_between_two_rows_are_seen_to_overlap() -> None:
    # Row 0's label ends at 15; row 1 is decided at 10 and its label begins at 12, before 15.
    labels = LabelSpans.of_times([0, 12, 20], [15, 18, 29], [0, 10, 20])
    assert touching(labels, 0, 1)
    assert not touching(labels, 1, 2)


@settings(deadline=None)  # a busy machine is no fault of the code
@given(spans(sessions_max=16), st.data())
def test_what_touched_still_touches_among_a_part_of_the_rows(
    labels: LabelSpans, data: st.DataObject
) -> None:
    keep = data.draw(st.lists(st.booleans(), min_size=len(labels), max_size=len(labels)))
    rows = np.flatnonzero(np.array([True, *keep[1:]]))
    part = labels.take(rows)
    for i in range(len(rows)):
        for j in range(i):
            if touching(labels, int(rows[i]), int(rows[j])):
                assert touching(part, i, j)


def test_taking_whole_sessions_lengthens_no_label() -> None:
    # By hand: sessions 0-5 of two rows, one ahead. Without sessions 2 and 3, labels of session 1
    # have nothing left ahead, and those of 4 still end in 5.
    labels = LabelSpans.of_sessions(np.repeat(np.arange(6), 2), 1).take([0, 1, 2, 3, 8, 9, 10, 11])
    assert labels.timeline().last.tolist() == [1, 1, 1, 1, 3, 3, 3, 3]
    assert labels.timeline().first.tolist() == [0, 0, 1, 1, 2, 2, 3, 3]


def test_a_share_is_rounded_down_as_in_snippet_7_2() -> None:
    # int(times.shape[0] * pctEmbargo) of Lopez de Prado (2018), snippet 7.2, without the slip of
    # binary fractions: 29 % of 100 rows are 29.
    assert [embargo_sessions(share, 100) for share in (0.0, 0.009, 0.01, 0.29)] == [0, 0, 1, 29]


@pytest.mark.parametrize(
    ("starts", "ends", "sessions", "told"),
    [
        ([0, 1], [1], None, "each row needs"),
        ([0, 1], [1, 1], [0], "each row needs"),
        ([], [], None, "no row numbers"),
        ([0.0, 1.0], [1, 1], None, "no row numbers"),
        ([0, 1], [0, 2], None, "row 1 is impossible"),
        ([0, 1], [0, 0], None, "row 1 is impossible"),
        ([-1, 1], [0, 1], None, "row 0 is impossible"),
        ([0, 1], [1, 1], [3, 2], "fall at row 1"),
        ([0, 1], [1, 1], [0.0, np.nan], "unknown time"),
    ],
)
def test_impossible_spans_are_refused(
    starts: list[int], ends: list[int], sessions: list[int] | None, told: str
) -> None:
    with pytest.raises(InvalidInput, match=told):
        LabelSpans(starts, ends, sessions)  # type: ignore[arg-type]


def test_unknown_times_are_refused() -> None:
    day = np.datetime64("2024-01-05")
    with pytest.raises(InvalidInput, match="end times hold an unknown time"):
        LabelSpans.of_times([day], [np.datetime64("NaT")], [day])
    with pytest.raises(InvalidInput, match="times fall at row 1"):
        LabelSpans.of_times([day, day], [day, day], [day + 1, day])
    with pytest.raises(InvalidInput, match="row 0 is impossible"):
        LabelSpans.of_times([day - 1], [day], [day])


def test_rows_to_take_must_rise() -> None:
    labels = LabelSpans.of_horizon(5, 1)
    for rows in ([1, 1], [2, 1], [-1, 2], [3, 5]):
        with pytest.raises(InvalidInput, match="do not rise"):
            labels.take(rows)
