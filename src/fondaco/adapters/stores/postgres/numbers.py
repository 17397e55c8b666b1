"""Short numbers for people: TC-1, TC-2, … without a gap."""

from sqlalchemy.dialects.postgresql import insert

from fondaco.adapters.stores.postgres.database import Database
from fondaco.adapters.stores.postgres.schema import numbers


class Numbers:
    """Counts for each prefix. A number that is undone with its transaction is given again.

    A transaction that took a number keeps others from taking one of that prefix until it ends.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def next(self, prefix: str) -> str:
        """Return the next id of a prefix: `next("TC")` gives TC-1 first."""
        add = insert(numbers).values(prefix=prefix, last=1)
        counted = add.on_conflict_do_update(
            index_elements=[numbers.c.prefix],
            set_={"last": numbers.c.last + 1},
        ).returning(numbers.c.last)
        with self._database.connection() as connection:
            return f"{prefix}-{connection.scalar(counted)}"
