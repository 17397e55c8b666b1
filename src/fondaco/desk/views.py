"""How the desk's results are drawn."""

from collections.abc import Sequence
from dataclasses import replace

from fondaco.core.job_view import job_card
from fondaco.core.jobs import Job, JobState
from fondaco.core.orders import Fill, Side
from fondaco.core.view import Block, Card, Chart, Chip, Column, Series, Table, Text, Tone
from fondaco.desk.results import (
    CycleReport,
    ForecastRecord,
    Health,
    JobList,
    JournalCheck,
    JournalList,
    Overview,
    ParkedList,
    Retried,
)
from fondaco.trading.cards import CardState, TradeCard
from fondaco.trading.results import CardLine
from fondaco.trading.views import view_cards

LATEST_CARDS = "Cards of the latest cycle"
_IDEAS = (Column("Symbol"), Column("Target weight", "percent"), Column("From"), Column("Because"))
_POSITIONS = (
    Column("Symbol"),
    Column("Shares", "number", digits=0),
    Column("Cost", "money"),
    Column("Price", "money"),
    Column("Day", "day"),
    Column("Value", "money"),
    Column("Gain", "money", signed=True),
    Column("Gain", "percent", signed=True),
)
_JOBS = (
    Column("Job", "id"),
    Column("Work"),
    Column("State", "chip"),
    Column("Step"),
    Column("Done", "number", digits=0),
    Column("Of", "number", digits=0),
    Column("Started", "time"),
    Column("Ended", "time"),
)
_JOURNAL = (
    Column("Line", "number", digits=0),
    Column("At", "time"),
    Column("Who"),
    Column("Through"),
    Column("Asked for"),
    Column("Effect"),
    Column("Outcome"),
    Column("Inputs"),
    Column("Detail"),
)
_PARKED = (
    Column("Event", "id"),
    Column("Name"),
    Column("About"),
    Column("Handler"),
    Column("Tries", "number", digits=0),
    Column("Error"),
    Column("Parked", "time"),
)
_CHECKS = (Column("What"), Column("State", "chip"), Column("Found"), Column("What to do"))
_HEALTH_WORDS = {Tone.GOOD: "GOOD", Tone.WARNING: "WARNING", Tone.BAD: "BAD", Tone.MUTED: "–"}


def view_cycle(report: CycleReport) -> list[Block]:
    """Return the cycle as a card, what it noted, its ideas and its cards."""
    label = report.origin.value
    mode = (
        [Chip("REPLAY", Tone.INFO, "market time stands still at that day")] if report.replay else []
    )
    card = Card(
        f"Cycle as of {report.session.isoformat()}",
        (
            ("Account", report.account),
            ("Instruments", f"{report.instruments:,}"),
            ("Rows ingested", f"{report.rows_ingested:,}"),
            ("Rows quarantined", f"{report.rows_quarantined:,}"),
            ("Forecasts", f"{report.forecasts:,} by {report.model}"),
            ("Out-of-sample record", _record(report.record)),
            ("Ideas", f"{len(report.ideas):,} from {_names(report.strategies)}"),
            ("Cards", f"{len(report.cards):,}"),
        ),
        tuple(mode),
        label=label,
        footer="`fondaco cards show ID` shows a card; `fondaco explain ID` puts it in words.",
    )
    notes = [Text(f"Note: {note}.", Tone.WARNING) for note in report.notes]
    ideas = tuple((i.symbol, i.weight, i.source, i.catalyst) for i in report.ideas)
    return [
        card,
        *notes,
        Table("Ideas", _IDEAS, ideas, label=label, empty="No strategy wants anything."),
        *_latest(report.cards),
    ]


def _latest(cards: tuple[CardLine, ...]) -> list[Block]:
    """Return cards as they are drawn everywhere, under a heading of their own."""
    drawn = view_cards(cards)
    table = drawn[0]
    if isinstance(table, Table):
        drawn[0] = replace(table, title=LATEST_CARDS)
    return drawn


def _record(record: ForecastRecord | None) -> str:
    if record is None:
        return "none yet"
    parts = [
        f"{record.forecasts:,} forecasts on {record.dates:,} dates, "
        f"{record.since.date()} to {record.until.date()}"
    ]
    if record.rank_ic_mean is not None:
        error = "" if record.rank_ic_error is None else f" ± {record.rank_ic_error:.3f}"
        parts.append(f"rank correlation {record.rank_ic_mean:+.3f}{error}")
    if record.hit_rate is not None:
        parts.append(f"right side {record.hit_rate:.1%}")
    parts.append(f"within range {record.covered:.1%}")
    return "; ".join(parts)


def view_overview(overview: Overview) -> list[Block]:
    """Return the account as a card, its equity curve, its positions and the latest cards."""
    label = "" if overview.origin is None else overview.origin.value
    as_of = (
        "no prices yet"
        if overview.as_of is None
        else (f"marked at the close of {overview.as_of.date().isoformat()}")
    )
    money = overview.currency
    card = Card(
        f"Account {overview.account}",
        (
            ("Equity", f"{overview.equity:,.2f} {money}"),
            ("Cash", f"{overview.cash:,.2f} {money}"),
            ("Positions", f"{overview.invested:,.2f} {money}"),
            ("Paid in", f"{overview.paid_in:,.2f} {money}"),
            ("Gain", f"{overview.gain:+,.2f} {money}"),
        ),
        (Chip("PAPER", Tone.INFO),),
        label=label,
        footer=as_of,
    )
    rows = tuple(
        (p.symbol, p.quantity, p.cost, p.price, p.price_day, p.value, p.gain, p.gain_share)
        for p in overview.positions
    )
    return [
        card,
        *_equity(overview, label),
        Table(
            f"Positions, {as_of} ({money})",
            _POSITIONS,
            rows,
            label=label,
            empty="Nothing is held. Approve a card with `fondaco cards approve`.",
        ),
        *_latest(overview.cards),
    ]


def _equity(overview: Overview, label: str) -> list[Block]:
    if not overview.curve.days:
        return []
    days = tuple(day.isoformat() for day in overview.curve.days)
    return [
        Chart(
            "Equity",
            days,
            (Series("Equity", overview.curve.equity),),
            y_title=overview.currency,
            label=label,
        )
    ]


def view_jobs(result: JobList) -> list[Block]:
    """Return jobs as a table."""
    rows = tuple(
        (
            j.id,
            j.capability,
            j.state.value,
            j.step or None,
            j.done,
            j.total,
            j.started_at,
            j.finished_at,
        )
        for j in result.jobs
    )
    return [Table("Jobs", _JOBS, rows, empty="No job yet. `fondaco cycle run` starts one.")]


def view_job(job: Job) -> list[Block]:
    """Return a job as a card; its error, if it failed, says what to do."""
    blocks: list[Block] = [job_card(job)]
    if job.state is JobState.DONE:
        blocks.append(Text("It is done; `--json` shows its whole result.", Tone.GOOD))
    return blocks


def view_journal(result: JournalList) -> list[Block]:
    """Return the journal's lines as a table."""
    rows = tuple(
        (n.seq, n.at, n.actor, n.surface, n.capability, n.effect, n.outcome, n.inputs, n.detail)
        for n in result.lines
    )
    return [Table("Journal", _JOURNAL, rows, empty="No call has been made yet.")]


def view_journal_check(result: JournalCheck) -> list[Block]:
    """Return whether the journal is as it was written."""
    if result.intact:
        return [
            Text(f"The journal is intact: {result.lines:,} lines, head {result.head}.", Tone.GOOD)
        ]
    return [
        Text(
            f"The journal is broken at line {result.broken_at}: {result.reason}. Compare it "
            "with a backup; nothing is repaired by itself.",
            Tone.BAD,
        )
    ]


def view_parked(result: ParkedList) -> list[Block]:
    """Return parked deliveries as a table."""
    rows = tuple(
        (p.event, p.name, p.subject, p.handler, p.attempts, p.error, p.parked_at)
        for p in result.parked
    )
    return [Table("Parked events", _PARKED, rows, empty="Nothing is parked.")]


def view_retried(result: Retried) -> list[Block]:
    """Return that a delivery is in line again."""
    return [Text(f"{result.event} is in line again for {result.handler}.", Tone.GOOD)]


def view_health(result: Health) -> list[Block]:
    """Return every check as a table, after one line that says how the desk is."""
    words, tone = (
        ("The desk is sound.", Tone.GOOD)
        if result.sound
        else ("Something is broken; the table says what to do.", Tone.BAD)
    )
    rows = tuple(
        (c.name, _HEALTH_WORDS.get(c.tone, c.tone.value), c.found, c.remedy) for c in result.checks
    )
    return [Text(words, tone), Table("Checks", _CHECKS, rows)]


def card_words(card: TradeCard, fills: Sequence[Fill]) -> list[Block]:
    """Return in words what came of an approved card's order."""
    if fills:
        return [Text(f"{card.id} {card.state}: {_fill_words(fill)}.", Tone.GOOD) for fill in fills]
    words = _STATE_WORDS.get(card.state, f"`fondaco cards show {card.id}` shows how it stands")
    tone = Tone.BAD if card.state in {CardState.REFUSED, CardState.CANCELLED} else Tone.WARNING
    return [Text(f"{card.id} {card.state}: {words}.", tone)]


def _fill_words(fill: Fill) -> str:
    done = "bought" if fill.side is Side.BUY else "sold"
    return (
        f"{done} {fill.quantity:,f} at {fill.price:,f} {fill.currency} on "
        f"{fill.ts.date().isoformat()}, fee {fill.fee:,.2f} {fill.currency}"
    )


_STATE_WORDS = {
    CardState.WORKING: "its order waits for the next session, whose bar is not known yet; a desk "
    "that runs fills it then",
    CardState.REFUSED: "the checks at release refused it; `fondaco cards show` says why",
    CardState.UNKNOWN: "the venue has not said what became of its order; it is asked again",
}


def _names(strategies: Sequence[str]) -> str:
    return ", ".join(strategies) or "no strategy"
