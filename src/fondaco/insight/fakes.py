"""Fakes of insight's ports, for tests."""

from fondaco.core.errors import NotFound
from fondaco.core.facts import Source
from fondaco.insight.ports import Cell, SourceRows, Subject


class ListedSubjects:
    """Subjects from a list."""

    def __init__(self, *subjects: Subject) -> None:
        self._subjects = {subject.id: subject for subject in subjects}

    def subject(self, subject_id: str) -> Subject:
        """Return a listed subject; raises NotFound."""
        if subject_id not in self._subjects:
            raise NotFound("no such card or backtest", value=subject_id)
        return self._subjects[subject_id]


class TableRows:
    """Rows of tables in memory; the source's keys are looked for in the first column."""

    def __init__(self, columns: tuple[str, ...], rows: tuple[tuple[Cell, ...], ...]) -> None:
        self._columns = columns
        self._rows = rows

    def rows(self, source: Source, *, limit: int) -> SourceRows:
        """Return the rows of the source's keys."""
        found = tuple(row for row in self._rows if str(row[0]) in source.keys)
        return SourceRows(
            source.table,
            source.version,
            self._columns,
            found[-limit:],
            more=max(0, len(found) - limit),
        )
