"""What is asked of sources in the United States: symbols, options and cells checked alike.

Shared by `fred`, `treasury`, `cboe` and `finnhub`.
"""

import re
from collections.abc import Collection
from typing import Any

import polars as pl

from fondaco.adapters.providers.read_json import Useless
from fondaco.core.errors import InvalidInput
from fondaco.market.errors import Cause, Unanswered
from fondaco.market.ports import Ask, Parsed, Raw
from fondaco.market.sheets import Sheet
from fondaco.market.tables import PARSED

WORDS_CHARS_MAX = 20_000
_WRITTEN = re.compile(r"[-+]?(\d{1,20}(\.\d{0,20})?|\.\d{1,20})([eE][-+]?\d{1,2})?")


def symbols_of(
    ask: Ask, sheet: Sheet, pattern: re.Pattern[str], *, at_most: int, such_as: str
) -> tuple[str, ...]:
    """Return the symbols that are asked for, each once, in capitals.

    Raises NotFound for a kind that is not offered, InvalidInput for symbols of other letters or
    another number than 1 to `at_most`.
    """
    sheet.offer(ask.kind)
    symbols = tuple(dict.fromkeys(s.strip().upper() for s in ask.symbols))
    if not 0 < len(symbols) <= at_most:
        raise InvalidInput(
            f"the {sheet.name} provider needs symbols",
            value=len(symbols),
            bound=f"1 to {at_most}",
            remedy=f"Name them, such as {such_as}.",
        )
    wrong = [s for s in symbols if not pattern.fullmatch(s)]
    if wrong:
        raise InvalidInput(
            f"{sheet.title} has no such symbol",
            value=", ".join(wrong)[:80],
            bound=f"symbols such as {such_as}",
        )
    return symbols


def options_of(ask: Ask, sheet: Sheet, known: Collection[str]) -> dict[str, str]:
    """Return the options; raises InvalidInput for one that the provider does not have."""
    options = dict(ask.options or {})
    wrong = sorted(options.keys() - set(known))
    if wrong:
        raise InvalidInput(
            f"the {sheet.name} provider has no such option for {ask.kind}",
            value=", ".join(wrong),
            bound=", ".join(sorted(known)) or "no option",
        )
    return options


def one_of(options: dict[str, str], name: str, words: tuple[str, ...]) -> str:
    """Return an option that is one of some words, the first when it is left out."""
    value = options.get(name, words[0])
    if value not in words:
        raise InvalidInput(f"the option {name} is wrong", value=value, bound=" or ".join(words))
    return value


def bad_answer(sheet: Sheet, raw: Raw, reason: str, cause: Cause = Cause.BAD) -> Unanswered:
    """Return the error for an answer without which the rest cannot be asked for."""
    remedy = "`fondaco providers status` shows its health."
    if cause is Cause.AUTH:
        remedy = f"`fondaco providers setup {sheet.name}` tests the key."
    return Unanswered(
        f"{sheet.title}: {reason}"[:300],
        provider=sheet.name,
        cause=cause,
        value=raw.request[:300],
        remedy=remedy,
    )


def nothing() -> Parsed:
    """Return neither row nor fault: the answer only serves to ask for others."""
    return Parsed(pl.DataFrame(schema=PARSED), (), ())


def words(cell: Any, name: str) -> str:
    """Return a cell as text that is not empty; raises Useless for anything else."""
    if not isinstance(cell, str) or not cell.strip():
        raise Useless(f"{name} {str(cell)[:40]!r} is no text")
    return cell.strip()[:WORDS_CHARS_MAX]


def maybe_words(cell: Any, name: str) -> str | None:
    """Return a cell as text, None for an empty one; raises Useless for anything but text."""
    return None if cell is None or cell == "" else words(cell, name)


def written(cell: Any, name: str) -> float:
    """Return a number that is documented as text; raises Useless for any other cell."""
    if not isinstance(cell, str) or not _WRITTEN.fullmatch(cell.strip()):
        raise Useless(f"{name} {str(cell)[:40]!r} is no number written as text")
    return float(cell)


def whole(cell: Any, name: str) -> int:
    """Return a cell that is documented as a whole number; raises Useless for any other."""
    if isinstance(cell, bool) or not isinstance(cell, int):
        raise Useless(f"{name} {str(cell)[:40]!r} is no whole number")
    return cell


def rows_of(data: Any, what: str) -> list[Any]:
    """Return a list; raises Useless for anything else."""
    if not isinstance(data, list):
        raise Useless(f"the answer is no list of {what}")
    return data
