"""How the trial ledger, standings and promotions are drawn."""

from collections.abc import Sequence

from fondaco.core.view import Block, Card, Chart, Chip, Column, Series, Table, Text, Tone
from fondaco.research.gate import BOUNDS
from fondaco.research.trial_results import Luck, Noted, Standing, TrialRow, TrialSheet
from fondaco.research.trial_words import counted_words, parameter_words, share_words

ID_CHARS = 12
SESSIONS_PER_YEAR = 252
PASS, FAIL, NOT_JUDGED = "PASS", "FAIL", "NOT JUDGED"


def standing_blocks(standing: Standing, label: str) -> list[Block]:
    """Return a standing: what it means, the counts and figures behind it, and what is off."""
    passed = (
        standing.deflated is not None
        and standing.deflated_desk is not None
        and standing.deflated >= BOUNDS.deflated_min
        and standing.deflated_desk >= BOUNDS.deflated_desk_min
    )
    return [
        Text(standing.said, Tone.PLAIN if passed else Tone.WARNING),
        Card("After every trial", _fields(standing), _chips(standing), label),
        *(Text(warning, Tone.WARNING) for warning in standing.warnings),
    ]


def _fields(standing: Standing) -> tuple[tuple[str, str], ...]:
    luck = f"{standing.luck_sharpe:.2f}, the best of the desk's"
    return (
        ("Trials of this strategy", counted_words(standing.own)),
        ("Trials of its family", counted_words(standing.family)),
        ("Trials of the desk", counted_words(standing.desk)),
        ("Sharpe ratio", ranged(standing.sharpe, standing.sharpe_low, standing.sharpe_high)),
        ("CAGR, 95 % interval", _span(standing.cagr_low, standing.cagr_high)),
        ("Max drawdown, 95 % interval", _span(standing.drawdown_low, standing.drawdown_high)),
        ("Sharpe ratio of luck alone", luck if standing.sessions > 1 else "–"),
        ("Deflated Sharpe ratio", _share(standing.deflated)),
        ("Deflated over the desk", _share(standing.deflated_desk)),
        ("False discoveries, q", _share(standing.false_discovery)),
        ("Overfitting, PBO", _overfit(standing)),
        ("Least track record", _record(standing)),
    )


def _overfit(standing: Standing) -> str:
    if standing.overfit is not None:
        return f"{share_words(standing.overfit)} over {standing.overfit_sets:,} sets"
    if standing.overfit_sets == 1 and not standing.overfit_left_out:
        return "not defined: one set was ever tried"
    return "not known: too little to compare on these sessions"


def _record(standing: Standing) -> str:
    if standing.deflated is None:
        return "–"
    if standing.track_record is None:
        return "none would do"
    return f"{standing.track_record:,} sessions, of {standing.sessions:,}"


def ranged(value: float | None, low: float | None, high: float | None) -> str:
    """Return a ratio with its interval; a dash where there is none.

    >>> ranged(0.5, -0.1, 1.1), ranged(0.5, None, None), ranged(None, None, None)
    ('0.50, 95 % interval -0.10 to 1.10', '0.50', '–')
    """
    if value is None:
        return "–"
    if low is None or high is None:
        return f"{value:.2f}"
    return f"{value:.2f}, 95 % interval {low:.2f} to {high:.2f}"


def _span(low: float | None, high: float | None) -> str:
    return "–" if low is None or high is None else f"{low * 100:+.2f} % to {high * 100:+.2f} %"


def _share(value: float | None) -> str:
    return "–" if value is None else share_words(value)


def _chips(standing: Standing) -> tuple[Chip, ...]:
    return (
        _chip("deflated Sharpe ratio", standing.deflated, least=BOUNDS.deflated_min),
        _chip("deflated over the desk", standing.deflated_desk, least=BOUNDS.deflated_desk_min),
        _chip("probability of overfitting", standing.overfit, most=BOUNDS.overfit_max),
    )


def _chip(
    name: str, value: float | None, *, least: float | None = None, most: float | None = None
) -> Chip:
    bound = f"at most {share_words(most)}" if most is not None else ""
    bound = f"at least {share_words(least)}" if least is not None else bound
    if value is None:
        return Chip(NOT_JUDGED, Tone.MUTED, f"{name}: not defined; {bound}")
    met = (least is None or value >= least) and (most is None or value <= most)
    word, tone = (PASS, Tone.GOOD) if met else (FAIL, Tone.BAD)
    return Chip(word, tone, f"{name} {share_words(value)}, {bound}")


def view_trials(result: TrialSheet) -> list[Block]:
    """Return the chosen trial with its standing, the cloud with luck beside it, then the trials."""
    asked = f" of {result.asked}" if result.asked else ""
    found, desk = counted_words(result.found), counted_words(result.desk)
    said = f"{found}{asked}; {desk} by the whole desk." if asked else f"{desk} by the whole desk."
    blocks: list[Block] = [Text(said, Tone.MUTED)]
    label = labels_of(result.rows)
    if result.chosen is not None and result.standing is not None:
        chosen = result.chosen
        blocks += [trial_card(chosen), *standing_blocks(result.standing, labels_of((chosen,)))]
    if result.cloud and result.luck is not None:
        blocks += [_cloud(result, label), _luck(result.luck, result.standing, label)]
    return [*blocks, _trials(result.rows, label)]


def view_noted(result: Noted) -> list[Block]:
    """Return a trial that was noted by hand, and how it stands."""
    said = "Counted, for good." if result.new else "This was noted before, and is counted once."
    return [
        Text(said, Tone.GOOD if result.new else Tone.INFO),
        trial_card(result.trial),
        *standing_blocks(result.standing, labels_of((result.trial,))),
    ]


def trial_card(trial: TrialRow) -> Card:
    """Return what led to a trial: code, data, costs, who made it, how, with which parameters."""
    dated = "" if trial.costs_dated is None else f", as of {trial.costs_dated.isoformat()}"
    data = f"version {trial.data_version}, {trial.instruments:,} instruments"
    fields = (
        ("Parameters", parameter_words(trial.parameters) or "none"),
        ("Family", trial.family),
        ("Span", f"{trial.since.date()} to {trial.until.date()}"),
        ("Data", data if trial.data_version >= 0 else "not the desk's"),
        ("Code", trial.code[:12] or "not known"),
        ("Costs", f"{trial.costs}{dated}" if trial.costs else "not known"),
        ("Made by", f"{trial.author} on {trial.surface}"),
        ("Made at", f"{trial.at:%Y-%m-%d %H:%M} UTC, by {trial.kind.value}"),
        ("Led to by", trial.lineage or "asked for alone"),
        ("Trial", trial.content),
    )
    title = f"Trial {trial.content[:ID_CHARS]} of {trial.strategy}"
    return Card(title, fields, (), labels_of((trial,)))


def labels_of(rows: Sequence[TrialRow]) -> str:
    """Return where the prices of some trials came from; nothing where that is not known.

    >>> labels_of(())
    ''
    """
    return ", ".join(sorted({row.label.value for row in rows if row.label is not None}))


def _cloud(result: TrialSheet, label: str) -> Chart:
    marked = "" if result.chosen is None else result.chosen.content
    others = tuple((p.years, p.sharpe) for p in result.cloud if p.content != marked)
    chosen = tuple((p.years, p.sharpe) for p in result.cloud if p.content == marked)
    standing = result.standing
    if marked and not chosen and standing is not None and standing.sharpe is not None:
        # It lies outside of the search, or beyond the newest, and is shown all the same.
        chosen = ((standing.sessions / SESSIONS_PER_YEAR, standing.sharpe),)
    series = [Series("trials", others, "scatter")]
    series += [Series("this trial", chosen, "scatter")] if chosen else []
    title = "Trials: Sharpe ratio over length"
    return Chart(title, (), tuple(series), "Sharpe ratio, annual", label, x_title="length, years")


def _luck(luck: Luck, standing: Standing | None, label: str) -> Chart:
    best = f"best of {luck.trials:,.1f} effective trials"
    series = [
        Series("one trial without skill", tuple(zip(luck.sharpe, luck.one, strict=True))),
        Series(f"{best} without skill", tuple(zip(luck.sharpe, luck.best, strict=True))),
    ]
    if standing is not None and standing.sharpe is not None:
        series.append(Series("this trial", ((standing.sharpe, 0.0),), "scatter"))
    title = f"Luck alone, {luck.sessions:,} sessions: about {luck.expected:.2f}"
    return Chart(title, (), tuple(series), "density", label, x_title="Sharpe ratio, annual")


def _trials(rows: Sequence[TrialRow], label: str) -> Table:
    columns = (
        Column("Trial", "id"),
        Column("Strategy"),
        Column("Parameters"),
        Column("Kind"),
        Column("By"),
        Column("At", "time"),
        Column("From", "day"),
        Column("To", "day"),
        Column("Data", "number"),
        Column("CAGR", "percent"),
        Column("Sharpe", "number"),
        Column("Max drawdown", "percent"),
    )
    cells = tuple(
        (
            row.content[:ID_CHARS],
            row.strategy,
            parameter_words(row.parameters),
            row.kind.value,
            row.author,
            row.at,
            row.since.date(),
            row.until.date(),
            row.data_version if row.data_version >= 0 else None,
            row.metrics.get("cagr"),
            row.metrics.get("sharpe"),
            row.metrics.get("drawdown_max"),
        )
        for row in rows
    )
    empty = "No trial yet. `fondaco backtest run momentum` makes one."
    return Table("Trial ledger", columns, cells, label, empty=empty)
