"""Frames: a panel goes through the pipe to the last bit; what is no frame is refused."""

from dataclasses import replace
from io import BytesIO

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from fondaco.adapters.strategies.frames import BrokenFrame, pack, pack_panels, panels_from, unpack
from fondaco.market.fakes import simulated_panel
from fondaco.market.panel import Matrix, Panel

PANEL = simulated_panel(4, 6, 2)
NUMBERS = st.floats(allow_nan=True, allow_infinity=True, width=64)


def through(*panels: Panel) -> list[Panel]:
    return list(panels_from(*unpack(BytesIO(pack_panels(panels)).read)))


@given(arrays(np.float64, (6, 2), elements=NUMBERS))
def test_a_panel_keeps_every_bit(close: Matrix) -> None:
    sent = replace(PANEL, fields={"close": close, "mood": -close})
    first, second = through(sent, PANEL)
    for mine, theirs in ((sent, first), (PANEL, second)):
        assert list(mine.fields) == list(theirs.fields)
        for name in mine.fields:
            assert mine.fields[name].tobytes() == theirs.fields[name].tobytes()
        assert np.array_equal(mine.sessions, theirs.sessions)
        assert np.array_equal(mine.closes_at, theirs.closes_at)
        assert (mine.instruments, mine.origin, mine.as_of, mine.version) == (
            theirs.instruments,
            theirs.origin,
            theirs.as_of,
            theirs.version,
        )


def test_what_arrives_cannot_be_written_to() -> None:
    with pytest.raises(ValueError, match="read-only"):
        through(PANEL)[0].close[0] = 1.0


@given(st.binary(max_size=64))
def test_noise_is_a_broken_frame(noise: bytes) -> None:
    with pytest.raises(BrokenFrame):
        unpack(BytesIO(noise).read)


@pytest.mark.parametrize("cut", [0, 3, 8, 12, -1])
def test_a_frame_that_was_cut_off_is_broken(cut: int) -> None:
    with pytest.raises(BrokenFrame):
        unpack(BytesIO(pack({"a": 1}, b"body")[:cut]).read)


def test_a_header_that_is_no_object_is_broken() -> None:
    text = b"[1]"
    with pytest.raises(BrokenFrame, match="no object"):
        unpack(BytesIO(b"\0\0\0\3\0\0\0\0" + text).read)


def test_a_frame_of_absurd_length_is_not_waited_for() -> None:
    with pytest.raises(BrokenFrame, match="too long"):
        unpack(BytesIO(b"\xff" * 8).read)
