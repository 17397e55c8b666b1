"""What is usual of a kind's rows in a file: where a day puts them in time, when they are known."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from fondaco.market.kinds import kind_named
from fondaco.market.tables import BARS

BAR_NAMES = (
    "date", "symbol", "open", "high", "low", "close", "volume", "factor", "next_factor",
    "dividend", "split", "known_at",
)  # fmt: skip
THING_NAMES = ("symbol", "name", "currency", "first_seen", "last_seen")
"""Columns that say what the instrument of a row is; `first_seen` and `last_seen` are
days of its ticker."""

_HIDDEN = frozenset({"instrument", "member", "source"})


@dataclass(frozen=True, slots=True)
class Habit:
    """`day` is the column that says on which day a row is; `at` is where on it `ts` lies.

    `known` is "ts" for what everyone sees at once, "asked" for what is known when the file is
    read. `fixed` are cells that a file need not name.
    """

    day: str = "date"
    at: str = "end"
    known: str = "asked"
    fixed: Mapping[str, str] = field(default_factory=dict)


_SEEN = Habit(known="ts")
HABITS: Mapping[str, Habit] = {
    "bars_intraday": Habit(known="ts", fixed={"final": "true"}),
    **dict.fromkeys(
        ("quotes", "trades", "depth", "chains", "funding", "open_interest", "odds", "transfers"),
        _SEEN,
    ),
    "actions": Habit("ex_date", "start"),
    "classifications": Habit("date", "start"),
    "memberships": Habit("start", "start"),
    "events": Habit("date", "start"),
    "macro": Habit("period", "end", fixed={"vintage": "false"}),
    "yields": Habit("day", "end", "ts"),
    "fundamentals": Habit("end", "end"),
}


def habit_of(kind: str) -> Habit:
    """Return what is usual of a kind."""
    return HABITS.get(kind, Habit())


def mapped_names(kind: str) -> tuple[str, ...]:
    """Return the names that a mapping may use for a kind.

    Those are its columns, `date` for the day of a row, and what tells of its instrument; of
    actions `symbol` is the instrument's and `new_symbol` the one that it takes.
    """
    if kind == BARS:
        return BAR_NAMES
    columns = [c.name for c in kind_named(kind).columns if c.name not in _HIDDEN]
    if kind == "actions":
        columns[columns.index("symbol")] = "new_symbol"
    things = THING_NAMES if is_of_instruments(kind) else ()
    return tuple(dict.fromkeys(("date", *things, *columns)))


def is_of_instruments(kind: str) -> bool:
    """Return whether rows of a kind name an instrument."""
    return any(c.name in {"instrument", "member"} for c in kind_named(kind).columns)


def name_of(kind: str, column: str) -> str:
    """Return what a mapping calls a column of a kind."""
    return "new_symbol" if (kind, column) == ("actions", "symbol") else column
