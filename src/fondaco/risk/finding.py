"""What a rule found, as numbers; and the words that a person reads."""

from dataclasses import dataclass
from decimal import Decimal

from fondaco.risk.verdict import Judgement, Verdict

SHARE = "share"
DAYS = "days"


@dataclass(frozen=True, slots=True)
class Finding:
    """A rule's answer in numbers.

    `value` and `limit` are in `unit` (`share`: a part of one, or `days`); `value` is None where
    there is none. `said` stands for the value where words say it better; `would_pass` is what
    would pass.
    """

    rule: str
    judgement: Judgement
    unit: str
    value: Decimal | None
    limit: Decimal
    limit_words: str
    would_pass: str
    said: str = ""
    of: str = ""

    def verdict(self, fact_ids: tuple[str, ...] = ()) -> Verdict:
        """Return the answer in words with units."""
        value = self.said or f"{self._words()} {self.of}".rstrip()
        return Verdict(
            self.rule, self.judgement, value, self.limit_words, self.would_pass, fact_ids
        )

    def _words(self) -> str:
        assert self.value is not None, "a finding without a value says so in words"
        return percent(self.value, self.limit) if self.unit == SHARE else days(self.value)


def percent(value: Decimal, limit: Decimal | None = None) -> str:
    """Return a part of one in per cent; with more digits where two would hide a difference.

    >>> percent(Decimal("0.1234"))
    '12.34 %'
    >>> percent(Decimal("0.100001"), Decimal("0.1"))
    '10.0001 %'
    """
    text = f"{value * 100:,.2f} %"
    if limit is None or value == limit or text != f"{limit * 100:,.2f} %":
        return text
    return f"{value * 100:,.4f} %"


def days(value: Decimal) -> str:
    """Return a number of days in words.

    >>> days(Decimal(1)), days(Decimal("2.5"))
    ('1 day', '2.5 days')
    """
    return f"{value.normalize():f} day{'' if value == 1 else 's'}"


def shares(value: Decimal) -> str:
    """Return a whole number of shares in words.

    >>> shares(Decimal(1240)), shares(Decimal(1))
    ('1,240 shares', '1 share')
    """
    return f"{value:,.0f} share{'' if value == 1 else 's'}"
