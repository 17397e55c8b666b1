"""The rules of the quality gate, by name."""

from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """How much a fault matters."""

    INFO = "info"
    """Worth knowing; the row is used as it is."""
    WARN = "warn"
    """Odd: the row is kept and marked, a person should look."""
    BAD = "bad"
    """Wrong or doubtful: the row is set aside."""


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule of the quality gate; `replayable` rules may be overruled by a person.

    A row under a BAD rule is set aside; under INFO or WARN it is kept, and the fault is its mark.
    """

    name: str
    says: str
    replayable: bool = False
    severity: Severity = Severity.BAD


INFO, WARN = Severity.INFO, Severity.WARN

_ROWS = (
    Rule("answer", "the whole answer for a symbol cannot be used"),
    Rule("unreadable", "a cell is not what its column says"),
    Rule("symbol", "nothing says which instrument the row is of"),
    Rule("missing", "a cell is empty that must be filled, or that the source has on other days"),
    Rule("bounds", "a number lies outside what its column can hold"),
    Rule("word", "a word is none of those that its column may hold"),
    Rule("known", "the row says that it was known before it happened"),
    Rule("clock", "the row is stamped later than the desk's clock when it came"),
    Rule("leak", "a latest vintage says that it was known before it was fetched"),
    Rule("duplicate", "the same thing stands twice and the rows differ", replayable=True),
    Rule("repeated", "the same row stands twice"),
)

_PRICES = (
    Rule("session", "the market had no session on that day"),
    Rule("future", "the session had not closed when the row was fetched"),
    Rule("price", "a price is not above zero"),
    Rule("factor", "an adjustment factor is not above zero"),
    Rule("volume", "the volume is below zero"),
    Rule("high_low", "the high lies below the low"),
    Rule("outside", "the open or close lies outside high and low"),
    Rule("zero_volume", "nothing was traded, so the price was not made that day", replayable=True),
    Rule("jump", "the price moved too far and no supplied factor explains it", replayable=True),
    Rule("unit", "the level shifted by 100 or 1,000: pence for pounds, or a unit", replayable=True),
    Rule(
        "idle_factor",
        "a supplied factor is not borne out: the close did not move with it",
        replayable=True,
    ),
    Rule(
        "seam",
        "older rows do not meet the level of the newer ones already kept",
        severity=WARN,
    ),
    Rule("gap", "sessions have no row", severity=WARN),
    Rule("unfinished", "a bar says that it is final, and it had not ended when it was fetched"),
    Rule("hours", "the moment lies outside the hours of the venue", replayable=True),
    Rule("spike", "the price left its level and came back at once", replayable=True),
    Rule("outlier", "all models together hold the row for impossible", replayable=True),
)

_QUOTES = (
    Rule("crossed", "the bid lies above the ask", replayable=True),
    Rule("empty_quote", "neither bid nor ask nor last trade is there"),
    Rule("locked", "bid and ask are equal", severity=INFO),
    Rule("one_sided", "a side of the quote is missing or zero: there is no mid", severity=INFO),
    Rule("stub", "a side is so far from the last trade that it is no offer", severity=WARN),
)

_CHAINS = (
    Rule("expired", "the option had expired"),
    Rule("arbitrage", "the quote lets money be made against several others", replayable=True),
    Rule("convexity", "the quote lies above the line between its neighbours", severity=WARN),
    Rule("parity", "call and put do not agree with the underlying and each other", severity=WARN),
    Rule("underlying", "the underlying's price is not the one options imply", severity=WARN),
    Rule("no_iv", "a volatility of zero means none; it and its greeks are emptied", severity=INFO),
    Rule("odd_iv", "the volatility lies outside 1 % to 500 %", severity=WARN),
    Rule("adjusted", "the contract is adjusted: it may not deliver 100 units", severity=INFO),
)

_MARKS = (
    Rule("ahead", "the feed's clock runs a little before the desk's", severity=INFO),
    Rule("frozen", "the value stood still while others moved", severity=WARN),
    Rule("stale", "the newest row is older than it should be", severity=WARN),
    Rule("high_volume", "the volume is far above what is usual", severity=WARN),
    Rule("noticed", "one model holds the row for unusual", severity=INFO),
    Rule("odd", "two models hold the row for unusual", severity=WARN),
)

RULES: dict[str, Rule] = {
    rule.name: rule for rule in (*_ROWS, *_PRICES, *_QUOTES, *_CHAINS, *_MARKS)
}
