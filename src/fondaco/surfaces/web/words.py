"""The words of states and verdicts: each has one tone and one shape, the same on every page."""

import re

from fondaco.core.view import Table, Tone

TONES: dict[str, Tone] = {
    **dict.fromkeys(
        ("PASS", "FILLED", "DONE", "OK", "CLOSED", "INTACT", "GOOD", "FRESH"), Tone.GOOD
    ),
    **dict.fromkeys(("FAIL", "FAILED", "REFUSED", "BLOCKED", "BROKEN", "BAD"), Tone.BAD),
    **dict.fromkeys(
        (
            "NOT JUDGED",
            "UNKNOWN",
            "STALE",
            "REPLAY",
            "OVERRIDE",
            "PARKED",
            "WARNING",
            "WARN",
            "HALF-OPEN",
            "MISSING",
            "NOT A QUOTE",
            "CONFLICT",
            "INVALID_INPUT",
            "NOT_FOUND",
            "UNAVAILABLE",
        ),
        Tone.WARNING,
    ),
    **dict.fromkeys(
        (
            "PROPOSED",
            "APPROVED",
            "SENT",
            "WORKING",
            "RUNNING",
            "QUEUED",
            "INTENT",
            "REPEATED",
            "INFO",
        ),
        Tone.INFO,
    ),
    **dict.fromkeys(
        (
            "REJECTED",
            "EXPIRED",
            "CANCELLED",
            "WITHDRAWN",
            "BUNDLED",
            "FILE",
            "SIMULATED",
            "READ",
        ),
        Tone.MUTED,
    ),
}
TONES_UNDER: dict[str, dict[str, Tone]] = {"Breaker": {"OPEN": Tone.BAD}}
"""Words that say something else under a title: an open breaker keeps a provider out."""
SHAPES: dict[Tone, str] = {
    Tone.GOOD: "✓",
    Tone.BAD: "✕",
    Tone.WARNING: "!",
    Tone.INFO: "●",
    Tone.MUTED: "○",
    Tone.PLAIN: "",
}
UNSURE = ("NOT JUDGED", "UNKNOWN")
PLACES = {"TC-": "/cards/", "BT-": "/backtest/", "J-": "/jobs/"}
"""Where an id of each kind is opened."""
TRIAL = "Trial"
"""The name of a field or column that holds the hash of a trial, or how it begins."""
_HASH = re.compile(r"[0-9a-f]{8,64}")


def tone_of(word: str, title: str = "") -> Tone:
    """Return the tone of a state's word, its first where several stand; else it is plain.

    `title` is that of the column or field in which it stands.

    >>> tone_of("PROPOSED · REPLAY").value
    'info'
    """
    first = word.upper().partition(" · ")[0]
    return TONES_UNDER.get(title, {}).get(first) or TONES.get(first, Tone.PLAIN)


def shape_of(word: str, tone: Tone) -> str:
    """Return the sign that goes with a word, so that colour is never the only one."""
    return "?" if word.upper().partition(" · ")[0] in UNSURE else SHAPES[tone]


def place_of(ident: str) -> str | None:
    """Return the page that opens an id, or None when none does.

    >>> place_of("TC-17")
    '/cards/TC-17'
    """
    for prefix, place in PLACES.items():
        if ident.startswith(prefix) and ident[len(prefix) :].isdigit():
            return place + ident
    return None


def named_place(name: str, ident: str) -> str | None:
    """Return the page of an id under its field's or column's name: a trial's hash has no prefix.

    >>> named_place("Trial", "0123456789ab")
    '/trials?chosen=0123456789ab'
    >>> named_place("Digest", "0123456789ab") is None
    True
    """
    if name == TRIAL and _HASH.fullmatch(ident):
        return f"/trials?chosen={ident}"
    return place_of(ident)


def row_place(table: Table, row: int) -> str | None:
    """Return the page of a table's row: that of the first id in it which has one."""
    for column, cell in zip(table.columns, table.rows[row], strict=True):
        if column.kind == "id" and isinstance(cell, str) and (place := place_of(cell)):
            return place
    return None
