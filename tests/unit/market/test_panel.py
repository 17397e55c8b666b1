"""A panel refuses what cannot be one, and its past is a panel too."""

from dataclasses import replace

import numpy as np
import pytest

from fondaco.core.errors import InvalidInput
from fondaco.market.fakes import simulated_panel

PANEL = simulated_panel(1, 5, 2)


def test_the_first_rows_are_what_was_known_then() -> None:
    past = PANEL.until(3)
    assert past.close.shape == (3, 2)
    assert np.array_equal(past.fields["open"], PANEL.fields["open"][:3])
    assert past.sessions[-1] == PANEL.sessions[2]
    assert (past.instruments, past.origin, past.version) == (
        PANEL.instruments,
        PANEL.origin,
        PANEL.version,
    )


def test_a_panel_without_closes_with_a_wrong_shape_or_order_is_refused() -> None:
    with pytest.raises(InvalidInput, match="needs closes"):
        replace(PANEL, fields={"open": PANEL.close})
    with pytest.raises(InvalidInput, match="wrong shape"):
        replace(PANEL, fields={"close": PANEL.close[:, :1]})
    with pytest.raises(InvalidInput, match="must rise"):
        replace(PANEL, sessions=PANEL.sessions[::-1])
    with pytest.raises(InvalidInput, match="must rise"):
        replace(PANEL, sessions=np.repeat(PANEL.sessions[:1], 5))


def test_it_says_whether_it_has_opens() -> None:
    assert PANEL.has_opens
    assert not simulated_panel(1, 5, 2, with_opens=False).has_opens
