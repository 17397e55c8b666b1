"""The schema is brought up to date at start, once, whoever starts first."""

from importlib.resources import as_file, files

from sqlalchemy import Connection, text

from fondaco.adapters.stores.postgres.database import Database
from fondaco.core.errors import Refused

HEAD = "0004"
"""The newest schema that this program knows: the last file in `migrations/versions`."""

_LOCK = 0x0F0D_AC00
"""The advisory lock that one migrating process holds."""


def migrate(database: Database) -> str:
    """Bring the schema up to date and return the version it had; "" when it was empty.

    Raises Refused, naming both versions, when the schema is newer than this program.
    """
    with database.connection() as connection:
        found = schema_version(connection)
    if found != HEAD:
        with database.transaction(), database.connection() as connection:
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
            found = schema_version(connection)
            _refuse_newer(found)
            if found != HEAD:
                _upgrade(connection)
    return found


def schema_version(connection: Connection) -> str:
    """Return the version of the schema; "" when there is none yet."""
    there = connection.scalar(text("SELECT to_regclass('alembic_version')"))
    if there is None:
        return ""
    return connection.scalar(text("SELECT version_num FROM alembic_version")) or ""


def _refuse_newer(found: str) -> None:
    if found > HEAD:
        raise Refused(
            "the database was made by a newer Fondaco",
            value=f"schema {found}",
            bound=f"schema {HEAD} or older",
            remedy="Install the newer Fondaco again, or name another folder in FONDACO_HOME.",
        )


def _upgrade(connection: Connection) -> None:
    from alembic import command  # takes half a second to import, needed once in a schema's life
    from alembic.config import Config

    with as_file(files("fondaco.adapters.stores.postgres") / "migrations") as scripts:
        config = Config()
        config.set_main_option("script_location", str(scripts).replace("%", "%%"))
        config.set_main_option("path_separator", "os")
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
