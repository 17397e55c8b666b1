"""What the server must promise before the desk trusts it: acknowledged means durable."""

from dataclasses import dataclass

from sqlalchemy import text

from fondaco.adapters.stores.postgres.database import Database
from fondaco.core.errors import Unavailable

_REQUIRED = ("fsync", "full_page_writes", "synchronous_commit")
_SAFE = frozenset({"on", "remote_write", "remote_apply"})
"""Values of `synchronous_commit` that wait for at least the own disk are safe; `local` too."""


@dataclass(frozen=True, slots=True)
class Durability:
    """What the server promises. Without checksums a damaged page may go unseen."""

    version: str
    fsync: str
    full_page_writes: str
    synchronous_commit: str
    data_checksums: str


def durability(database: Database) -> Durability:
    """Ask the server what it promises; raises Unavailable when a commit may be lost."""
    names = ("server_version", *_REQUIRED, "data_checksums")
    columns = ", ".join(f"current_setting('{name}')" for name in names)
    with database.connection() as connection:
        found = Durability(*connection.execute(text(f"SELECT {columns}")).one())
    for name in _REQUIRED:
        value = getattr(found, name)
        if value not in _SAFE | ({"local"} if name == "synchronous_commit" else set()):
            raise Unavailable(
                f"the database may lose what it acknowledged: {name} is off",
                value=f"{name} = {value}",
                bound="on",
                remedy=f"Set {name} = on in the server's configuration.",
            )
    return found
