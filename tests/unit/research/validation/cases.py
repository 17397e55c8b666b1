"""Uneven labels over stacked sessions, and what overlap means, row by row and without haste."""

import numpy as np
from hypothesis import strategies as st

from fondaco.research.validation.spans import LabelSpans, Rows


@st.composite
def spans(draw: st.DrawFn, sessions_min: int = 12, sessions_max: int = 40) -> LabelSpans:
    """Draw labels of 0 to 6 sessions over sessions of 1 to 3 rows each."""
    widths = draw(st.lists(st.integers(1, 3), min_size=sessions_min, max_size=sessions_max))
    sessions = np.repeat(np.arange(len(widths)), widths)
    n = len(sessions)
    ahead = draw(st.lists(st.integers(0, 6), min_size=n, max_size=n))
    starts = np.arange(n)
    return LabelSpans(starts, np.minimum(starts + np.array(ahead), n - 1), sessions)


def touching(labels: LabelSpans, row: int, other: int) -> bool:
    """Say whether two labels share a session, from the definition, by the sets of rows."""
    sessions = np.arange(len(labels)) if labels.sessions is None else labels.sessions

    def read(one: int) -> set[int]:
        rows = [one, *range(labels.starts[one], labels.ends[one] + 1)]
        return set(range(min(sessions[rows]), max(sessions[rows]) + 1))

    return bool(read(row) & read(other))


def leaks(labels: LabelSpans, train: Rows, test: Rows) -> list[tuple[int, int]]:
    """Return the pairs of a learnt and a tested row whose labels share a session."""
    return [(row, other) for row in train for other in test if touching(labels, row, other)]
