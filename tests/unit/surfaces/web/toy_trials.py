"""The toy's trial ledger: counted evaluations, luck beside them, what stands on paper."""

import hashlib
import math
import random
import threading
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Annotated, Literal

from pydantic import Field

from fondaco.core.capability import capability
from fondaco.core.errors import NotFound, Unavailable
from fondaco.core.view import (
    Block,
    Card,
    Cell,
    Chart,
    Chip,
    Column,
    Series,
    Table,
    Text,
    Tone,
)

KINDS = ("backtest", "sweep", "tune")
TRIALS = 60
SHOWN = 12
WAIT_SECONDS_MAX = 10.0


def _content(at: int) -> str:
    return hashlib.sha256(str(at).encode()).hexdigest()


TRIAL_OF_RUN = _content(20)
"""The trial that the toy's run was counted as."""


@dataclass(frozen=True, slots=True)
class ToyTrial:
    content: str
    strategy: str
    author: str
    kind: str
    at: datetime
    years: float
    sharpe: float
    data_version: int

    @property
    def id(self) -> str:
        return self.content[:SHOWN]


@dataclass
class ToyTrials:
    """The ledger: `down` makes it fail, and it answers once `ready` is set."""

    made: list[ToyTrial] = field(default_factory=list)
    down: bool = False
    ready: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self.begin()

    def begin(self) -> None:
        chance, first = random.Random(4), datetime(2022, 11, 1, 9, tzinfo=UTC)
        self.down = False
        self.ready.set()
        self.made = [
            ToyTrial(
                _content(at),
                ("momentum", "rank", "pairs")[at % 3],
                ("anna", "agent-7")[at % 2],
                KINDS[at % 3],
                first + timedelta(hours=at),
                round(chance.uniform(3.0, 15.0), 2),
                round(chance.gauss(0.35, 0.4), 3),
                3 + at // 40,
            )
            for at in range(TRIALS)
        ]


@dataclass(frozen=True, slots=True)
class ToySheet:
    rows: list[ToyTrial]
    desk: int
    chosen: ToyTrial | None


def _density(mean: float, spread: float) -> tuple[tuple[float, float], ...]:
    grid = [at / 20 - 1.5 for at in range(70)]
    scale = spread * math.sqrt(2 * math.pi)
    return tuple((x, math.exp(-(((x - mean) / spread) ** 2) / 2) / scale) for x in grid)


def _cloud(result: ToySheet) -> list[Block]:
    points = tuple((one.years, one.sharpe) for one in result.rows if one != result.chosen)
    series = [Series("Trials", points, "scatter")]
    if result.chosen is not None:
        mark = ((result.chosen.years, result.chosen.sharpe),)
        series.append(Series("this trial", mark, "scatter"))
    return [
        Chart(
            "Trials by length of span",
            (),
            tuple(series),
            "Sharpe ratio a year",
            "bundled",
            "Span, years",
        ),
        Chart(
            "Luck alone",
            (),
            (
                Series("best of 21.4 trials", _density(0.62, 0.13), "area"),
                Series("one trial", _density(0.0, 0.33)),
            ),
            "Density",
            "bundled",
            "Sharpe ratio a year, without any skill",
        ),
    ]


def view_trials(result: ToySheet) -> list[Block]:
    rows: tuple[tuple[Cell, ...], ...] = tuple(
        (t.id, t.strategy, t.sharpe, t.years, t.kind, t.author, t.at, t.data_version)
        for t in result.rows
    )
    columns = (
        Column("Trial", "id"),
        Column("Strategy"),
        Column("Sharpe", "number", signed=True),
        Column("Span", "number", "years"),
        Column("Kind"),
        Column("Author"),
        Column("At", "time"),
        Column("Data", "number", "version"),
    )
    empty = "No trial yet. `fondaco backtest run momentum` makes one."
    counted = Text(f"{len(rows)} of the desk's {result.desk} trials; they count for 21.4.")
    return [
        counted,
        *([] if result.chosen is None else _standing(result.chosen)),
        *(_cloud(result) if rows else []),
        Table("Trials", columns, rows, "bundled", empty),
    ]


def _standing(trial: ToyTrial) -> list[Block]:
    return [
        Card(
            f"Standing of {trial.id}",
            (
                ("Sharpe", f"{trial.sharpe:+.2f}, 95 % from -0.21 to +0.94"),
                ("Trials of its strategy", "20, counting for 7.1"),
                ("Trials of its family", "20, counting for 7.1"),
                ("Trials of the desk", f"{TRIALS}, counting for 21.4"),
                ("Deflated Sharpe ratio", "0.31"),
                ("Probability of overfitting", "0.62 over 20 sets"),
                ("Shortest track record", "5,412 sessions"),
            ),
            (Chip("FAIL", Tone.BAD, "A deflated Sharpe ratio of 0.31 is below 0.95."),),
            "bundled",
            "The best of 21.4 trials without skill would show as much.",
        ),
        Card(
            f"Lineage of {trial.id}",
            (
                ("Code", "8f1c2d3e4a5b"),
                ("Data version", str(trial.data_version)),
                ("Costs", "the desk's own, 2022-12-28"),
            ),
            label="bundled",
        ),
    ]


@capability("research.trials", view=view_trials)
def show_trials(
    trials: ToyTrials,
    /,
    *,
    strategy: Annotated[str, Field(pattern="^[a-z]+$")] | None = None,
    family: str | None = None,
    author: str | None = None,
    kind: Literal["backtest", "sweep", "tune"] | None = None,
    data_version: Annotated[int, Field(ge=0)] | None = None,
    chosen: str | None = None,
    limit: int = 100,
) -> ToySheet:
    """Show the trial ledger.

    Example:
        fondaco research trials
    """
    trials.ready.wait(WAIT_SECONDS_MAX)
    if trials.down:
        raise Unavailable("the ledger does not answer", remedy="`fondaco doctor` says more.")
    asked = {
        "strategy": strategy or family,
        "author": author,
        "kind": kind,
        "data_version": data_version,
    }
    rows = [
        one
        for one in reversed(trials.made)
        if all(want is None or getattr(one, name) == want for name, want in asked.items())
    ]
    marked = [one for one in trials.made if chosen and one.content.startswith(chosen)]
    if chosen and not marked:
        raise NotFound("no such trial", value=chosen, remedy="`fondaco research trials` lists.")
    return ToySheet(rows[:limit], len(trials.made), marked[0] if marked else None)


def view_promotions(result: list[str]) -> list[Block]:
    if not result:
        return [Table("Promotions", (Column("Strategy"),), (), empty="Nothing stands on paper.")]
    force = (Column("Strategy"), Column("Stands"), Column("By", "chip"))
    conditions = (
        Column("Condition"),
        Column("Verdict", "chip"),
        Column("Found"),
        Column("Needed"),
    )
    return [
        Table("In force", force, tuple((one, "paper", "OVERRIDE") for one in result)),
        Text("rank stands on paper by an override of anna: the desk wants fills.", Tone.WARNING),
        Table(
            "Conditions of PR-1",
            conditions,
            (
                ("look-ahead proof", "PASS", "no look-ahead", "shown to know nothing"),
                ("deflated Sharpe ratio", "FAIL", "31.0 %", "at least 95.0 %"),
            ),
        ),
    ]


@capability("research.promotions", view=view_promotions)
def show_promotions(trials: ToyTrials, /) -> list[str]:
    """Show what stands where.

    Example:
        fondaco research promotions
    """
    return ["rank"] if trials.made else []
