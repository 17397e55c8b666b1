"""Verdicts in words: what was judged, what was found, what was needed."""

from fondaco.core.view import Chip, Column, Table, Tone
from fondaco.surfaces.web.judged import reasons

GATE = Table(
    "Conditions",
    (Column("Condition"), Column("Verdict", "chip"), Column("Found"), Column("Needed")),
    (("data", "PASS", "bundled", ""), ("overfitting", "FAIL", "60.4 %", "at most 50.0 %")),
)


def test_a_verdict_says_what_was_judged_found_and_needed() -> None:
    assert reasons(GATE, 1) == (
        Chip("FAIL", Tone.BAD),
        "overfitting",
        ["Found: 60.4 %", "Needed: at most 50.0 %"],
    )


def test_what_is_empty_is_left_out() -> None:
    assert reasons(GATE, 0) == (Chip("PASS", Tone.GOOD), "data", ["Found: bundled"])
