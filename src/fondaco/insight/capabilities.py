"""What the outside may ask of insight: an explanation, and the rows behind a number."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Annotated

from pydantic import Field

from fondaco.core.capability import Effect, capability
from fondaco.core.facts import FactStore
from fondaco.core.quantities import FactId
from fondaco.insight.explain import Explanation, explanation
from fondaco.insight.ports import Rows, SourceRows, SubjectId, Subjects
from fondaco.insight.views import view_explanation, view_fact

SourceRowLimit = Annotated[
    int, Field(ge=1, le=1_000, description="most source rows to return, 1 to 1000")
]


@dataclass(frozen=True, slots=True)
class FactShown:
    """A fact with where it comes from and the rows that it was derived from."""

    id: str
    name: str
    value: Decimal
    unit: str
    as_of: datetime
    method: str
    keys: tuple[str, ...]
    since: datetime | None
    until: datetime | None
    rows: SourceRows


@capability("explain", Effect.READ, view=view_explanation)
def explain(subjects: Subjects, /, *, id_: SubjectId) -> Explanation:
    """Explain a trade card or a backtest in sentences whose every number can be traced.

    The words are the same each time for the same card or backtest. A number that is missing is
    said to be not known.

    Example:
        fondaco explain TC-1
    """
    return explanation(subjects.subject(id_))


@capability("facts.show", Effect.READ, view=view_fact)
def show_fact(
    facts: FactStore, rows: Rows, /, *, fact: FactId, limit: SourceRowLimit = 60
) -> FactShown:
    """Show a number's value, unit, time and method, with the rows it was derived from.

    The rows are read again from the store at the version that was read then.

    Example:
        fondaco facts show F-0123456789abcdef
    """
    found = facts.get(fact)
    source = found.source
    return FactShown(
        found.id,
        found.name,
        found.value,
        found.unit,
        found.as_of,
        source.method,
        source.keys,
        source.since,
        source.until,
        rows.rows(source, limit=limit),
    )
