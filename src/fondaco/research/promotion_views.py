"""How promotions are drawn: what stands where, by what decision, and on which conditions."""

from collections.abc import Iterable, Sequence

from fondaco.core.view import Block, Card, Chip, Column, Table, Text, Tone
from fondaco.research.trial_ledger import Condition, Promotion, Stage
from fondaco.research.trial_results import PromotionSheet
from fondaco.research.trial_words import parameter_words

PASS, FAIL, OVERRIDE, WITHDRAWN = "PASS", "FAIL", "OVERRIDE", "WITHDRAWN"


def view_promoted(result: Promotion) -> list[Block]:
    """Return one decision: where the strategy stands now, and each condition as it was found."""
    return [_card(result), *_override_text(result), *_conditions((result,))]


def view_promotions(result: PromotionSheet) -> list[Block]:
    """Return what is in force, each override in words, the conditions, and every decision."""
    of_one = f" of {result.strategy}" if result.strategy else ""
    columns = (
        Column("Strategy"),
        Column("Stands"),
        Column("By", "chip"),
        Column("Since", "time"),
        Column("Decision", "id"),
        Column("Evidence", "id"),
        Column("Asked by"),
        Column("Parameters"),
    )
    rows = tuple(
        (
            one.strategy,
            one.stage.value,
            verdict_of(one).word,
            one.at,
            one.id,
            one.evidence,
            one.author,
            parameter_words(one.parameters),
        )
        for one in result.current
    )
    empty = "Nothing was promoted yet. `fondaco backtest validate STRATEGY` finds the evidence."
    return [
        Table(f"In force{of_one}", columns, rows, empty=empty),
        *(text for one in result.current for text in _override_text(one)),
        *_conditions(result.rows if result.strategy else result.current),
        *_history(result.rows, of_one),
    ]


def verdict_of(promotion: Promotion) -> Chip:
    """Return by what a strategy stands where it stands: the gate, or a person in spite of it."""
    if promotion.stage is Stage.CANDIDATE:
        return Chip(WITHDRAWN, Tone.MUTED, f"withdrawn by {promotion.author}")
    if promotion.override:
        unmet = sum(not condition.met for condition in promotion.conditions)
        count = f"{unmet} of {len(promotion.conditions)} conditions not met"
        return Chip(OVERRIDE, Tone.WARNING, f"{count}; {promotion.author}: {promotion.override}")
    return Chip(PASS, Tone.GOOD, f"by the gate, {len(promotion.conditions)} conditions met")


def _card(promotion: Promotion) -> Card:
    fields = (
        ("Decision", promotion.id),
        ("Evidence", promotion.evidence),
        ("Parameters", parameter_words(promotion.parameters)),
        ("Code", promotion.code[:12]),
        ("Asked by", f"{promotion.author} on {promotion.surface}"),
        ("At", f"{promotion.at:%Y-%m-%d %H:%M} UTC"),
    )
    title = f"{promotion.strategy}: {promotion.stage.value}"
    footer = "`fondaco research promotions` shows what stands where."
    return Card(title, fields, (verdict_of(promotion),), footer=footer)


def _override_text(promotion: Promotion) -> Iterable[Text]:
    if promotion.override:
        unmet = [condition for condition in promotion.conditions if not condition.met]
        names = ", ".join(condition.name for condition in unmet)
        day = promotion.at.date().isoformat()
        yield Text(
            f"{promotion.strategy} stands on paper by an override of {promotion.author} on {day}, "
            f'not by the gate: "{promotion.override}". Not met: {names}.',
            Tone.WARNING,
        )


def _conditions(promotions: Sequence[Promotion]) -> Iterable[Table]:
    for promotion in promotions:
        if promotion.conditions:
            title = f"Conditions of {promotion.id}, {promotion.strategy} to {promotion.stage.value}"
            yield condition_table(title, promotion.conditions)


def condition_table(title: str, conditions: Sequence[Condition]) -> Table:
    """Return conditions of the gate as a table: verdict, what was found, what was needed."""
    columns = (
        Column("Condition"),
        Column("Verdict", "chip"),
        Column("Found"),
        Column("Needed"),
        Column("What would meet it"),
    )
    rows = tuple(
        (one.name, PASS if one.met else FAIL, one.value, one.bound, "" if one.met else one.remedy)
        for one in conditions
    )
    return Table(title, columns, rows)


def _history(promotions: Sequence[Promotion], of_one: str) -> Iterable[Table]:
    columns = (
        Column("Decision", "id"),
        Column("At", "time"),
        Column("Strategy"),
        Column("To"),
        Column("By", "chip"),
        Column("Override"),
        Column("Asked by"),
        Column("Evidence", "id"),
    )
    rows = tuple(
        (
            one.id,
            one.at,
            one.strategy,
            one.stage.value,
            verdict_of(one).word,
            one.override,
            f"{one.author} on {one.surface}",
            one.evidence,
        )
        for one in promotions
    )
    if rows:
        yield Table(f"Every decision{of_one}, newest first", columns, rows)
