"""What an ingest reports, and when an answer is no answer."""

from collections import Counter
from collections.abc import Sequence

from fondaco.core.errors import InvalidInput, Unavailable
from fondaco.core.instrument import Origin
from fondaco.market.errors import Cause, Unanswered
from fondaco.market.intake import Answers, Taken
from fondaco.market.ports import Fault, Provider, Raw
from fondaco.market.results import IngestReport, KindCount, RuleCount
from fondaco.market.rules import RULES

REASONS_SHOWN_MAX = 3
_HOLLOW = b" \t\r\n[]{}"


def check_answered(answers: Answers, provider: Provider) -> None:
    """Raise when answers say nothing at all: what was asked is then unknown, never "none".

    Raises Unanswered for a live provider (EMPTY where all bodies are hollow, else BAD), Unavailable
    or InvalidInput for a file or an installed package.
    """
    if answers.rows:
        return
    faults = answers.faults
    useless = [fault.reason for fault in faults if fault.rule == "answer"]
    if faults and len(useless) < len(faults):
        return
    told = "; ".join(useless[:REASONS_SHOWN_MAX])
    if provider.origin is Origin.LIVE:
        hollow = all(not raw.body.strip(_HOLLOW) for raw, _ in answers.parts)
        raise Unanswered(
            "no answer of the provider can be used",
            provider=provider.name,
            cause=Cause.EMPTY if hollow or not faults else Cause.BAD,
            value=told or "no row",
            remedy="What was asked is unknown. Check the symbols, or try again later.",
        )
    if faults:
        raise Unavailable(
            "no answer of the provider can be used",
            value=told,
            remedy="Check the symbols, or try again later.",
        )
    raise InvalidInput(
        "the answer has no rows",
        value=", ".join(raw.name for raw, _ in answers.parts),
        bound="at least one row",
        remedy="Check the dates and symbols that were asked for.",
    )


def report_of(
    taken: Sequence[Taken], asked: str, ingest_id: str, provider: Provider, raws: Sequence[Raw]
) -> IngestReport:
    """Return what an ingest did; `version` is that of the table of the kind asked for."""
    main = next((one for one in taken if one.kind == asked), taken[0])
    faults = [fault for one in taken for fault in one.faults]
    days = [day for one in taken for day in (one.since, one.until) if day is not None]
    return IngestReport(
        ingest_id=ingest_id,
        provider=provider.name,
        origin=provider.origin,
        instruments=main.things,
        since=min(days, default=None),
        until=max(days, default=None),
        rows_given=sum(one.rows_given for one in taken),
        rows_new=sum(one.rows_new for one in taken),
        rows_quarantined=sum(one.rows_quarantined for one in taken),
        faults=_counts(faults),
        raw_digests=tuple(raw.digest for raw in raws),
        version=main.version,
        kinds=tuple(
            KindCount(one.kind, one.rows_given, one.rows_new, one.rows_quarantined, one.version)
            for one in taken
        ),
    )


def _counts(faults: Sequence[Fault]) -> tuple[RuleCount, ...]:
    counted = Counter(fault.rule for fault in faults)
    return tuple(RuleCount(rule, RULES[rule].says, count) for rule, count in counted.most_common())
