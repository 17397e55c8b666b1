"""What waits in quarantine, as a person reviews it. Pure: nothing here draws."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

JUMP_RULES = frozenset({"jump", "unit", "idle_factor"})
"""Rules under which a split that the source lacks can be put right."""


@dataclass(frozen=True, slots=True)
class Held:
    """One fault. `cells` are those of its raw row; a fault without any only marks a kept row."""

    id: str
    rule: str
    symbol: str
    day: str
    reason: str
    where: str
    source: str
    cells: tuple[tuple[str, str], ...]
    releasable: bool
    resolved: str

    @property
    def title(self) -> str:
        """Rule, symbol and day in a line."""
        return " · ".join(part for part in (self.symbol, self.day, self.rule) if part)


def held(data: Mapping[str, Any]) -> tuple[Held, ...]:
    """Read the result of `market.faults`; a field that is missing is a programmer's error."""
    return tuple(
        Held(
            one["id"],
            one["rule"],
            one["symbol"],
            one["session"] or "",
            one["reason"],
            one["where"],
            one["source"],
            cells(one["row"]),
            one["replayable"] and not one["resolved"],
            one["resolved"] or "",
        )
        for one in data["faults"]
    )


def cells(row: str) -> tuple[tuple[str, str], ...]:
    """Return the cells of a raw row, which is JSON where it could be read and text where not.

    >>> cells('{"close": 4.06, "volume": null}')
    (('close', '4.06'), ('volume', '–'))
    >>> cells("1993-05-18;;x")
    (('Row', '1993-05-18;;x'),)
    """
    if not row.strip():
        return ()
    try:
        read = json.loads(row, parse_float=str, parse_int=str)
    except ValueError:
        read = row
    if not isinstance(read, dict):
        return (("Row", row),)
    return tuple((str(name), "–" if value is None else str(value)) for name, value in read.items())


@dataclass(frozen=True, slots=True)
class Decision:
    """What may be done with the faults that are chosen."""

    faults: tuple[Held, ...]

    @property
    def open(self) -> bool:
        """Whether there is something left to decide."""
        return bool(self.faults) and not any(fault.resolved for fault in self.faults)

    @property
    def stuck(self) -> tuple[Held, ...]:
        """Those that cannot be let in."""
        return tuple(fault for fault in self.faults if not fault.releasable)

    @property
    def takes_factor(self) -> bool:
        """Whether a split factor may put the row right: one row, and a rule on its level."""
        return len(self.faults) == 1 and self.faults[0].rule in JUMP_RULES

    @property
    def words(self) -> str:
        """What releasing and discarding will do, said before the buttons."""
        count = len(self.faults)
        rows = {1: "the row", 2: "both rows"}.get(count, f"all {count} rows")
        how = "with its own" if count == 1 else "each with its own"
        if not any(fault.cells for fault in self.faults):
            kept = "This fault marks a row that was kept. Discard settles it; the row stays."
            many = "These faults mark rows that were kept. Discard settles them; the rows stay."
            return kept if count == 1 else many
        if len(self.stuck) == count:
            return f"Such rows cannot be let in. Discard keeps {rows} out for good."
        if self.stuck:
            return (
                f"{len(self.stuck)} of {count} cannot be let in ({self.stuck[0].title}): choose "
                f"without them to release. Discard keeps {rows} out for good."
            )
        return (
            f"Release lets {rows} into the store, {how} known time. "
            f"Discard keeps {rows} out for good."
        )


def chosen_of(faults: Sequence[Held], rows: Iterable[int]) -> tuple[Held, ...]:
    """Return the faults in these rows of the list, in its order."""
    return tuple(faults[row] for row in sorted(set(rows)) if 0 <= row < len(faults))
