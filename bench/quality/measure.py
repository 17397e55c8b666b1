"""Measures: of planted faults how many are caught, and of good rows how many raise an alarm."""

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

import numpy as np
import polars as pl
from bench.quality.desk import PlantDesk
from bench.quality.plants import PLANTS, Plant, places
from bench.quality.scenes import Scene

from fondaco.market.rules import RULES, Severity

SEED = 1_729


@dataclass(frozen=True, slots=True)
class Caught:
    """What came of one kind of fault. `lost` are good rows that were set aside because of it."""

    plant: str
    scene: str
    cases: int
    set_aside: int
    marked: int
    lost: int
    rules: tuple[str, ...]

    @property
    def recall(self) -> float:
        """Return the share of cases that were set aside or marked."""
        return (self.set_aside + self.marked) / self.cases


@dataclass(frozen=True, slots=True)
class Alarms:
    """What good rows of a file raise: rows set aside, and marks of things and days."""

    scene: str
    rows: int
    set_aside: int
    thing_days: int
    warned: int
    told: int
    rules: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Outcome:
    """How the fresh rows of a scene fared: faults by place, and marks by thing and day."""

    aside: dict[str, str]
    marks: dict[tuple[str, date | None], set[str]]


def run(scene: Scene, fresh: pl.DataFrame) -> Outcome:
    """Take in the history of a scene, then some rows, and say how these fared."""
    desk = PlantDesk(scene.at, scene.instruments)
    if scene.history.height:
        desk.take(scene.kind, scene.history)
    before = {fault.id for fault in desk.faults()}
    desk.take(scene.kind, fresh)
    new = [fault for fault in desk.faults() if fault.id not in before]
    marks: dict[tuple[str, date | None], set[str]] = {}
    for fault in new:
        if not fault.row:
            marks.setdefault((fault.instrument, fault.session), set()).add(fault.rule)
    return Outcome({f.where: f.rule for f in new if f.row}, marks)


def alarms(scene: Scene, clean: Outcome) -> Alarms:
    """Return what the rows of a scene raise as they are."""
    days = pl.col(_time(scene)).cast(pl.Date)
    marks = [(RULES[rule].severity, rule) for some in clean.marks.values() for rule in some]
    counted = Counter([*clean.aside.values(), *(rule for _, rule in marks)])
    return Alarms(
        scene.name,
        scene.fresh.height,
        len(clean.aside),
        scene.fresh.select(scene.of, days).n_unique(),
        sum(1 for severity, _ in marks if severity is Severity.WARN),
        sum(1 for severity, _ in marks if severity is Severity.INFO),
        _said(counted),
    )


def caught(scene: Scene, clean: Outcome, plant: Plant) -> Caught:
    """Plant a kind of fault in the fresh rows of a scene, all cases at once, and count."""
    chance = np.random.default_rng([SEED, _number(plant.name)])
    spans = places(scene, plant, chance)
    rows = scene.fresh
    for span in spans:
        rows = plant.spoil(rows, span, chance)
    outcome = run(scene, rows)
    planted: set[str] = set()
    aside = marked = 0
    rules: Counter[str] = Counter()
    for span in spans:
        wheres = set(scene.fresh["where"].gather(span)) | set(rows["where"].gather(span))
        wheres |= {where + "b" for where in wheres}  # a row that is given a second time
        planted |= wheres
        hit = [outcome.aside[where] for where in wheres if where in outcome.aside]
        met = _marks(scene, rows, span, outcome, clean) & plant.marks
        rules.update(hit[:1] or sorted(met)[:1])
        aside += bool(hit)
        marked += not hit and bool(met)
    lost = sum(1 for w in outcome.aside if w not in planted and w not in clean.aside)
    return Caught(plant.name, scene.name, len(spans), aside, marked, lost, _said(rules))


def measured(
    scenes: dict[str, Scene], plants: Sequence[Plant] = PLANTS
) -> tuple[list[Caught], list[Alarms]]:
    """Return the table of planted faults and that of false alarms."""
    clean = {name: run(scene, scene.fresh) for name, scene in scenes.items()}
    lines = [caught(scenes[p.scene], clean[p.scene], p) for p in plants if p.scene in scenes]
    return lines, [alarms(scenes[name], outcome) for name, outcome in clean.items()]


def _marks(
    scene: Scene, rows: pl.DataFrame, span: list[int], outcome: Outcome, clean: Outcome
) -> set[str]:
    """Return the rules that newly mark the things and days of some rows."""
    found: set[str] = set()
    for thing, when in rows[span].select(scene.of, _time(scene)).rows():
        day = when.date() if isinstance(when, datetime) else when
        found |= outcome.marks.get((thing, day), set()) - clean.marks.get((thing, day), set())
    return found


def _time(scene: Scene) -> str:
    return "session" if scene.kind == "bars_1d" else "ts"


def _said(counted: Counter[str]) -> tuple[str, ...]:
    return tuple(f"{rule} {count}" for rule, count in counted.most_common(4))


def _number(name: str) -> int:
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:4])
