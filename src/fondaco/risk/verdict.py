"""A guardrail's answer: rule, value, limit, and what would pass."""

from dataclasses import dataclass
from enum import StrEnum


class Judgement(StrEnum):
    """How a rule ended. NOT_JUDGED means that an input was missing; it never passes by default."""

    PASS = "PASS"  # noqa: S105 - a verdict, not a password
    FAIL = "FAIL"
    NOT_JUDGED = "NOT JUDGED"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a rule says of an order. `value` and `limit` are words with units for people."""

    rule: str
    judgement: Judgement
    value: str
    limit: str
    would_pass: str
    fact_ids: tuple[str, ...] = ()
