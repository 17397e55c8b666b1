"""The terminal's colours: two themes, one colour-blind variant, and how contrast is measured."""

from dataclasses import dataclass, replace

from fondaco.core.view import Tone

CONTRAST_MIN = 4.5
TINT = 0.12
"""How much of a tone lies in the ground of its chip."""


@dataclass(frozen=True, slots=True)
class Palette:
    """One theme, each colour `#rrggbb`. `accent` is for the brand and the primary action only."""

    dark: bool
    ground: str
    panel: str
    raised: str
    line: str
    text: str
    muted: str
    accent: str
    on_accent: str
    gain: str
    loss: str
    warning: str
    info: str
    lines: tuple[str, ...]

    def tone(self, tone: Tone) -> str:
        """Return the colour of a tone."""
        return {
            Tone.PLAIN: self.text,
            Tone.MUTED: self.muted,
            Tone.GOOD: self.gain,
            Tone.BAD: self.loss,
            Tone.WARNING: self.warning,
            Tone.INFO: self.info,
        }[tone]

    def css(self) -> str:
        """Return the colours as the declarations of a style sheet's `:root`."""
        names = (
            "ground",
            "panel",
            "raised",
            "line",
            "text",
            "muted",
            "accent",
            "on_accent",
            "gain",
            "loss",
            "warning",
            "info",
        )
        declared = [f"--{name.replace('_', '-')}:{getattr(self, name)}" for name in names]
        declared += [
            f"--tint-{name}:{mix(getattr(self, name), self.panel, TINT)}"
            for name in ("gain", "loss", "warning", "info", "muted", "text")
        ]
        return ":root{" + ";".join(declared) + "}"


DARK = Palette(
    dark=True,
    ground="#0b0e11",
    panel="#12161c",
    raised="#1b212a",
    line="#2a323d",
    text="#e6e9ee",
    muted="#98a2b3",
    accent="#c8443c",
    on_accent="#ffffff",
    gain="#2ea67a",
    loss="#e0605e",
    warning="#d9a441",
    info="#4c8dd6",
    lines=("#4c8dd6", "#d9a441", "#8f7fd8", "#3fb0ac", "#c87fb0", "#98a2b3"),
)

LIGHT = Palette(
    dark=False,
    ground="#f3f4f6",
    panel="#ffffff",
    raised="#eceef2",
    line="#d3d8e0",
    text="#14181f",
    muted="#545f70",
    accent="#b9372f",
    on_accent="#ffffff",
    gain="#0b6e49",
    loss="#b02f2d",
    warning="#7d5700",
    info="#1c5fa8",
    lines=("#1c5fa8", "#7d5700", "#5d4bb3", "#0f6f6c", "#93407a", "#545f70"),
)


def palette(*, dark: bool, colour_blind: bool) -> Palette:
    """Return the theme that a person chose; the colour-blind one shows gain blue, loss orange."""
    if not colour_blind:
        return DARK if dark else LIGHT
    if dark:
        return replace(DARK, gain="#5aa5f2", loss="#ee8a3c", warning="#d8c452", info="#a9a3ea")
    return replace(LIGHT, gain="#0b5cad", loss="#9c4a00", warning="#6a5d00", info="#5548a8")


def mix(over: str, under: str, share: float) -> str:
    """Return `over` laid upon `under` with an opacity of `share`.

    >>> mix("#ffffff", "#000000", 0.5)
    '#808080'
    """
    pairs = zip(_channels(over), _channels(under), strict=True)
    return "#" + "".join(f"{round(a * share + b * (1 - share)):02x}" for a, b in pairs)


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio of two colours, 1 to 21 (WCAG 2.2, relative luminance).

    >>> contrast("#000000", "#ffffff")
    21.0
    """
    high, low = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def _channels(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def _luminance(colour: str) -> float:
    linear = [_linear(channel / 255) for channel in _channels(colour)]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _linear(channel: float) -> float:
    return channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4


def text_pairs(theme: Palette) -> list[tuple[str, str, str]]:
    """Return every pair of text and ground that the style sheet uses: name, text, ground."""
    grounds = {"ground": theme.ground, "panel": theme.panel, "raised": theme.raised}
    tones = {
        "text": theme.text,
        "muted": theme.muted,
        "gain": theme.gain,
        "loss": theme.loss,
        "warning": theme.warning,
        "info": theme.info,
    }
    pairs = [
        (f"{name} on {where}", colour, ground)
        for name, colour in tones.items()
        for where, ground in grounds.items()
    ]
    pairs += [
        (f"{name} on its chip", colour, mix(colour, theme.panel, TINT))
        for name, colour in tones.items()
    ]
    pairs += [
        (
            f"ground on a chip filled with {name}",
            theme.ground if theme.dark else theme.panel,
            tones[name],
        )
        for name in ("info", "warning")
    ]
    return [*pairs, ("words on the primary button", theme.on_accent, theme.accent)]
