"""The daily cycle: ingest, panel, features, forecast, ideas, cards; each step durable.

A step that was done is not done again, and each may be repeated: rows, forecasts and cards are
kept once by their content, so a cycle that is run twice for one day changes nothing.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, Any

from pydantic import TypeAdapter

from fondaco.core.clock import Clock
from fondaco.core.errors import InvalidInput
from fondaco.core.ideas import Idea
from fondaco.core.instrument import Origin
from fondaco.core.jobs import Progress
from fondaco.desk.admissions import DeskAdmissions
from fondaco.desk.asked import HISTORY_MIN, asked, ideas_of
from fondaco.desk.market_time import MarketTime, market_time
from fondaco.desk.ports import Steps
from fondaco.desk.results import CycleReport, ForecastRecord, IdeaLine
from fondaco.market.ports import Ask, Instruments
from fondaco.research.ports import ForecastStore, UserStrategies
from fondaco.trading.card_desk import CardDesk
from fondaco.trading.results import CardLine, card_line

if TYPE_CHECKING:
    from fondaco.market.ingest import Ingestor
    from fondaco.market.panel import Panel
    from fondaco.market.prices import Prices

STEPS = 4
PROVIDER = "bundled"
OUTCOMES_READ_MAX = 10_000


@dataclass(frozen=True, kw_only=True)
class CycleParts:
    """What a cycle works with."""

    prices: "Prices"
    instruments: Instruments
    ingestor: Callable[[], "Ingestor"]
    forecasts: ForecastStore
    card_desk: Callable[[], CardDesk]
    admissions: DeskAdmissions
    strategies: Callable[[], UserStrategies]
    clock: Clock
    account: str
    age_sessions_max: int
    refresh: Callable[[], tuple[str, ...]] = tuple
    """Fetches new prices and says in words what came from where; nothing by default."""


@dataclass(frozen=True, slots=True)
class Researched:
    """What research gave as of the cycle's time: kept between steps as plain JSON."""

    origin: Origin
    instruments: int
    model: str
    forecasts: int
    forecasts_new: int
    record: ForecastRecord | None
    strategies: tuple[str, ...]
    ideas: tuple[Idea, ...]
    notes: tuple[str, ...]


_TIME = TypeAdapter(MarketTime)
_RESEARCHED = TypeAdapter(Researched)
_CARDS = TypeAdapter(tuple[CardLine, ...])


def run_cycle(
    parts: CycleParts, inputs: dict[str, Any], progress: Progress, steps: Steps
) -> CycleReport:
    """Do the work of `cycle.run` from its plain JSON inputs; run by the desk's worker.

    Raises InvalidInput, NotFound or Refused when no decision can be made as of the day asked for.
    """
    asked = date.fromisoformat(inputs["as_of"]) if inputs.get("as_of") else None
    progress.report("Ingesting prices", 0, STEPS)
    rows = steps.run("ingest", lambda: _ingest(parts, asked, progress))
    found = _TIME.validate_python(
        steps.run(
            "time",
            lambda: _TIME.dump_python(
                market_time(
                    parts.prices,
                    asked,
                    parts.clock.now(),
                    age_sessions_max=parts.age_sessions_max,
                ),
                mode="json",
            ),
        )
    )
    progress.report("Forecasting", 1, STEPS)
    researched = _RESEARCHED.validate_python(
        steps.run(
            "research",
            lambda: _RESEARCHED.dump_python(research(parts, found, progress), mode="json"),
        )
    )
    progress.report("Proposing cards", 3, STEPS)
    cards = _CARDS.validate_python(
        steps.run(
            "propose",
            lambda: _CARDS.dump_python(_propose(parts, found, researched.ideas), mode="json"),
        )
    )
    progress.report("Done", STEPS, STEPS)
    return _report(parts, found, rows, researched, cards)


def _ingest(parts: CycleParts, asked: date | None, progress: Progress) -> dict[str, Any]:
    """Fetch new prices for a cycle of today; load the bundled ones where the desk has none."""
    notes = list(parts.refresh()) if asked is None else []
    if parts.prices.version() >= 0:
        return {"new": 0, "quarantined": 0, "notes": notes}
    report = parts.ingestor().ingest(PROVIDER, Ask(), progress)
    return {"new": report.rows_new, "quarantined": report.rows_quarantined, "notes": notes}


def research(parts: CycleParts, at: MarketTime, progress: Progress) -> Researched:
    """Return forecasts (kept, with their record) and ideas as of a time.

    Only strategies that the gate, or a person, promoted to paper are asked for ideas; the
    forecaster's own record is kept whether it is one of them or not.
    """
    from fondaco.research.forecasts import keep_forecasts, run_forecaster

    panel = parts.prices.panel(None, as_of=at.as_of)
    who = asked(parts.admissions)
    _require_history(panel, min((HISTORY_MIN, *(s.warm_up for s in who.strategies))), at)
    run = run_forecaster(panel, who.recipe, progress=progress)
    new = keep_forecasts(parts.forecasts, run, panel)
    found = [ideas_of(panel, strategy, run, parts.strategies) for strategy in who.strategies]
    notes = [at.note, *who.notes, *(note for _, note in found)]
    return Researched(
        panel.origin,
        len(panel.instruments),
        run.model,
        len(run.latest),
        new,
        _record(parts, run.model, panel),
        who.names,
        merged(idea for ideas, _ in found for idea in ideas),
        tuple(note for note in notes if note),
    )


def merged(ideas: Iterable[Idea]) -> tuple[Idea, ...]:
    """Return one idea for each instrument: the largest weight asked for, with all evidence.

    An account has one position in an instrument, however many strategies want it.
    """
    best: dict[str, Idea] = {}
    for idea in sorted(ideas, key=lambda i: (-i.weight, i.source)):
        kept = best.get(idea.instrument)
        if kept is None:
            best[idea.instrument] = idea
            continue
        more = tuple(fact for fact in idea.facts if fact not in kept.facts)
        best[idea.instrument] = replace(
            kept,
            facts=kept.facts + more,
            catalyst=f"{kept.catalyst}; {idea.source} asks for it too",
        )
    return tuple(best.values())


def _require_history(panel: "Panel", warm_up: int, at: MarketTime) -> None:
    if len(panel.sessions) <= warm_up:
        raise InvalidInput(
            "there is too little history to decide on",
            value=f"{len(panel.sessions)} sessions up to {at.session.isoformat()}",
            bound=f"at least {warm_up + 1}",
            remedy="Ask for a later day, or load older prices.",
        )


def _record(parts: CycleParts, model: str, panel: "Panel") -> ForecastRecord | None:
    from fondaco.research.forecasts import close_time
    from fondaco.research.record import ended_by, record_of

    closes = tuple(close_time(panel, row) for row in range(len(panel.sessions)))
    known = parts.forecasts.list(model=model, as_of=panel.as_of, limit=OUTCOMES_READ_MAX)
    record = record_of(ended_by(known, closes))
    if record is None:
        return None
    return ForecastRecord(
        **{name: getattr(record, name) for name in ForecastRecord.__dataclass_fields__}
    )


def _propose(parts: CycleParts, at: MarketTime, ideas: tuple[Idea, ...]) -> tuple[CardLine, ...]:
    cards = parts.card_desk().propose(
        ideas, as_of=at.as_of, replay=at.replay, account=parts.account
    )
    return tuple(card_line(card) for card in cards)


def _report(
    parts: CycleParts,
    at: MarketTime,
    rows: dict[str, Any],
    found: Researched,
    cards: tuple[CardLine, ...],
) -> CycleReport:
    day = at.as_of.date()
    ideas = tuple(
        IdeaLine(_symbol(parts, idea, day), idea.source, idea.weight, idea.catalyst)
        for idea in found.ideas
    )
    return CycleReport(
        as_of=at.as_of,
        session=at.session,
        replay=at.replay,
        origin=found.origin,
        account=parts.account,
        strategies=found.strategies,
        instruments=found.instruments,
        rows_ingested=rows["new"],
        rows_quarantined=rows["quarantined"],
        model=found.model,
        forecasts=found.forecasts,
        forecasts_new=found.forecasts_new,
        record=found.record,
        ideas=ideas,
        cards=cards,
        notes=(*rows.get("notes", ()), *found.notes),
    )


def _symbol(parts: CycleParts, idea: Idea, day: date) -> str:
    instrument = parts.instruments.get(idea.instrument)
    return instrument.symbol_on(day) or instrument.symbol
