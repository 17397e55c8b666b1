"""What a corporate action's purpose says, as the exchange writes it in words.

Known spellings: `BONUS 1:1`, `FACE VALUE SPLIT (SUB-DIVISION) - FROM RS 10/- PER SHARE TO RE 1/-
PER SHARE`, `FV SPLT FRM RS 10 TO RS 2`, `DIVIDEND - RS 5 PER SHARE`, `INTERIM DIVIDEND - RE 0.40
PER SH`, `SPECIAL DIVIDEND`, `CONSOLIDATION`, `DEMERGER`; several stand with slashes between them.
"""

import re
from dataclasses import dataclass

from fondaco.adapters.providers.read_json import Useless

MONEY = r"R(?:S|E)\.?\s*(\d+(?:\.\d+)?)"
BONUS = re.compile(r"\bBONUS\s*(?:ISSUE)?\s*-?\s*(\d{1,4})\s*:\s*(\d{1,4})\b")
SPLIT = re.compile(
    rf"\b(?:SPL(?:I)?T|SUB-?\s?DIVISION|FV\s?SPL\w*|CONSOLIDATION)\b.*?\b(?:FROM|FRM)\s+{MONEY}"
    rf".*?\bTO\s+{MONEY}"
)
KINDS = r"(?:INTERIM|INT|FINAL|FIN)"
PAID = re.compile(
    rf"\b(SPECIAL|SPL)?\s*-?\s*{KINDS}?\s?(?:DIVIDEND|DIV)\b"
    rf"\s*-?\s*(?:(SPECIAL|SPL)|{KINDS})?\s*-?\s*{MONEY}"
)
DIVIDEND = re.compile(r"DIVIDEND|\b(?:INT|FIN|SPL)?\s?DIV\b")
SPLITTING = re.compile(r"SPLI?T|SUB-?\s?DIVISION|CONSOLIDATION")
DEMERGER = re.compile(r"\bDE-?MERGER\b|\bSPIN-?\s?OFF\b")
NOTHING = re.compile(
    r"^(?:ANNUAL GENERAL MEETING|AGM|EXTRA\s?-?ORDINARY GENERAL MEETING|EGM|COURT MEETING|"
    r"ELECTION OF DIRECTORS|BUY\s?-?BACK.*|INTEREST PAYMENT.*|REDEMPTION.*)$"
)
RATIO_MAX = 10_000.0


@dataclass(frozen=True, slots=True)
class Meant:
    """What a purpose means: the factor of earlier prices (None: none), rupees per share paid."""

    factor: float | None = None
    dividend: float = 0.0
    special: float = 0.0
    spin_off: bool = False

    @property
    def is_nothing(self) -> bool:
        """Whether the purpose changes no price: a meeting, a buy-back, interest."""
        return self.factor is None and not (self.dividend or self.special or self.spin_off)


def meaning(purpose: str) -> Meant:
    """Return what a purpose means; raises Useless when a part of it cannot be read.

    A 1:1 bonus doubles the shares, so that earlier prices are halved; a split from Rs 10 to Rs 2
    makes five of one. Rights issues are not read: their factor needs a price.

    >>> meaning("BONUS 1:1").factor
    0.5
    >>> meaning("INTERIM DIVIDEND - RS 5 PER SHARE/SPECIAL DIVIDEND - RS 10 PER SHARE")
    Meant(factor=None, dividend=5.0, special=10.0, spin_off=False)
    """
    text = " ".join(purpose.upper().split())
    factor, bonuses, splits = 1.0, BONUS.findall(text), SPLIT.findall(text)
    for new, held in bonuses:
        factor *= _ratio(float(held), float(new) + float(held), text)
        if not int(new):
            raise Useless(f"the bonus in {purpose[:80]!r} is none")
    for before, after in splits:
        factor *= _ratio(float(after), float(before), text)
    paid = PAID.findall(text)
    rest = PAID.sub("", SPLIT.sub("", BONUS.sub("", text)))
    spin_off = bool(DEMERGER.search(rest))
    for word, pattern in (("bonus", r"BONUS"), ("split", SPLITTING), ("dividend", DIVIDEND)):
        if re.search(pattern, rest):
            raise Useless(f"the {word} in {purpose[:80]!r} cannot be read")
    if not (bonuses or splits or paid or spin_off):
        unknown = [p for p in re.split(r"\s*/\s*", text) if not NOTHING.match(p.strip(" -"))]
        if unknown:
            raise Useless(f"the purpose {purpose[:80]!r} cannot be read")
    elif "RIGHTS" in rest:
        raise Useless(f"the rights in {purpose[:80]!r} cannot be read")
    return Meant(
        factor if bonuses or splits else None,
        sum(float(rupees) for *special, rupees in paid if not any(special)),
        sum(float(rupees) for *special, rupees in paid if any(special)),
        spin_off,
    )


def _ratio(after: float, before: float, text: str) -> float:
    if after <= 0 or before <= 0 or not 1 / RATIO_MAX <= after / before <= RATIO_MAX:
        raise Useless(f"the ratio in {text[:80]!r} is none")
    return after / before
