"""The rules of the quality gate, by name."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule of the quality gate; `replayable` rules may be overruled by a person."""

    name: str
    says: str
    replayable: bool = False


RULES: dict[str, Rule] = {
    rule.name: rule
    for rule in (
        Rule("answer", "the whole answer for a symbol cannot be used"),
        Rule("unreadable", "a cell is not what its column says"),
        Rule("symbol", "nothing says which instrument the row is of"),
        Rule("session", "the market had no session on that day"),
        Rule("future", "the session had not closed when the row was fetched"),
        Rule("known", "the row says that it was known before the close"),
        Rule("missing", "a number is missing that the source has on other days"),
        Rule("price", "a price is not above zero"),
        Rule("factor", "an adjustment factor is not above zero"),
        Rule("volume", "the volume is below zero"),
        Rule("high_low", "the high lies below the low"),
        Rule("outside", "the open or close lies outside high and low"),
        Rule("duplicate", "the same session stands twice and the rows differ", replayable=True),
        Rule("repeated", "the same row stands twice"),
        Rule(
            "zero_volume", "nothing was traded, so the price was not made that day", replayable=True
        ),
        Rule("jump", "the close moved too far and no supplied factor explains it", replayable=True),
        Rule(
            "idle_factor",
            "a supplied factor is not borne out: the close did not move with it",
            replayable=True,
        ),
        Rule("seam", "older rows do not meet the level of the newer ones already kept"),
        Rule("gap", "sessions have no row"),
    )
}
