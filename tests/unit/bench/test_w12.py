"""The benchmark of validations: scores before times, and no ratio for scores that differ."""

import numpy as np
import pytest
from bench.statistics import w12


def found(wall: float, apart: float = 0.0) -> list[w12.Found]:
    scores = np.array([0.1, 0.2]) + apart
    return [{"scores": scores, "wall_s": np.array([wall, wall / 2]), "cpu_s": np.array(wall)}]


def test_scores_are_told_before_times_and_ratios_are_to_ours(
    capsys: pytest.CaptureFixture[str],
) -> None:
    sides = {"fondaco": found(2.0), "threads, plain": found(3.0), "joblib": found(5.0)}
    assert w12.report(sides)
    out = capsys.readouterr().out
    assert out.index("agree") < out.index("first call")
    assert "joblib takes 2.50 times as long as ours in its first call, 2.50 times again" in out


def test_scores_that_differ_are_told_and_have_no_ratio(capsys: pytest.CaptureFixture[str]) -> None:
    sides = {"fondaco": found(2.0), "threads, plain": found(3.0), "joblib": found(5.0, 1e-9)}
    assert not w12.report(sides)
    out = capsys.readouterr().out
    assert "DISAGREE, within 1.0e-09" in out
    assert "joblib takes" not in out
