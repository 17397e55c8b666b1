import itertools

import pytest

from fondaco.core.view import Tone
from fondaco.surfaces.web.palette import (
    CONTRAST_MIN,
    DARK,
    contrast,
    mix,
    palette,
    text_pairs,
)

THEMES = [
    palette(dark=dark, colour_blind=blind)
    for dark, blind in itertools.product((True, False), repeat=2)
]


def test_contrast_is_that_of_the_accessibility_guidelines() -> None:
    # WCAG 2.2, and the often quoted #767676, the lightest grey that passes 4.5:1 on white.
    assert contrast("#000000", "#ffffff") == pytest.approx(21.0)
    assert contrast("#767676", "#ffffff") == pytest.approx(4.54, abs=0.005)
    assert contrast("#777777", "#ffffff") < 4.5


@pytest.mark.parametrize("theme", THEMES, ids=["dark", "dark-blind", "light", "light-blind"])
def test_every_text_has_enough_contrast_on_every_ground_it_stands_on(theme) -> None:
    weak = {
        name: round(contrast(text, ground), 2)
        for name, text, ground in text_pairs(theme)
        if contrast(text, ground) < CONTRAST_MIN
    }
    assert weak == {}


def test_a_grey_that_is_too_dim_would_be_found() -> None:
    assert contrast(mix(DARK.muted, DARK.panel, 0.4), DARK.panel) < CONTRAST_MIN


def test_the_dark_theme_has_the_colours_of_the_house() -> None:
    assert (DARK.ground, DARK.panel, DARK.raised, DARK.line) == (
        "#0b0e11",
        "#12161c",
        "#1b212a",
        "#2a323d",
    )
    assert (DARK.text, DARK.muted, DARK.accent) == ("#e6e9ee", "#98a2b3", "#c8443c")
    assert (DARK.gain, DARK.loss, DARK.warning, DARK.info) == (
        "#2ea67a",
        "#e0605e",
        "#d9a441",
        "#4c8dd6",
    )


@pytest.mark.parametrize("dark", [True, False])
def test_the_colour_blind_palette_shows_gain_blue_and_loss_orange(dark: bool) -> None:
    theme = palette(dark=dark, colour_blind=True)
    gain, loss = (tuple(int(c[i : i + 2], 16) for i in (1, 3, 5)) for c in (theme.gain, theme.loss))
    assert gain[2] > gain[0]
    assert loss[0] > loss[2]
    assert loss[0] > loss[1] > loss[2]


def test_each_tone_has_its_own_colour() -> None:
    for theme in THEMES:
        assert len({theme.tone(tone) for tone in Tone}) == len(Tone)


def test_the_style_sheet_gets_every_colour() -> None:
    css = DARK.css()
    assert "--ground:#0b0e11" in css
    assert "--on-accent:#ffffff" in css
    assert "--tint-gain:" in css
