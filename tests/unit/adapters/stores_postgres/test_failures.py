"""What PostgreSQL says becomes an error with a reason and a remedy, or stays a programmer's."""

import psycopg
import pytest
from sqlalchemy import exc

from fondaco.adapters.stores.postgres.failures import translated
from fondaco.core.errors import InvalidInput, Refused, Unavailable


def raised(kind: type[exc.DBAPIError], original: Exception, *, lost: bool = False) -> None:
    with translated("the desk's database"):
        raise kind("SELECT 1", {}, original, connection_invalidated=lost)


@pytest.mark.parametrize(
    ("original", "said"),
    [
        (psycopg.errors.DiskFull("no room"), "disk of the database is full"),
        (psycopg.errors.TooManyConnections("full"), "no connection left"),
        (psycopg.errors.LockNotAvailable("locked"), "too long"),
        (psycopg.errors.QueryCanceled("slow"), "took too long"),
        (psycopg.errors.DeadlockDetected("both"), "waited for each other"),
        (psycopg.errors.ReadOnlySqlTransaction("no"), "takes no writes"),
        (psycopg.errors.DataCorrupted("page 3"), "damaged data"),
        (psycopg.errors.AdminShutdown("bye"), "down or cut the connection"),
        (psycopg.OperationalError("server closed the connection"), "down or cut the connection"),
    ],
)
def test_what_the_database_cannot_do_now_is_unavailable(original: Exception, said: str) -> None:
    with pytest.raises(Unavailable, match=said) as caught:
        raised(exc.OperationalError, original)
    assert caught.value.value == f"the desk's database: {original}"
    assert caught.value.remedy


def test_a_connection_lost_under_another_name_is_unavailable() -> None:
    with pytest.raises(Unavailable, match="cut the connection"):
        raised(exc.InterfaceError, psycopg.InterfaceError("the connection is closed"), lost=True)


def test_a_guarded_row_is_refused() -> None:
    class Guarded(psycopg.DatabaseError):
        sqlstate = "FD001"

    with pytest.raises(Refused, match="never changed"):
        raised(exc.DatabaseError, Guarded("UPDATE on journal is refused"))


def test_a_character_that_json_cannot_hold_is_invalid_input() -> None:
    with pytest.raises(InvalidInput, match="cannot be kept"):
        raised(exc.DataError, psycopg.errors.UntranslatableCharacter("\\u0000"))


def test_a_fault_of_our_own_program_is_not_dressed_up() -> None:
    with pytest.raises(exc.ProgrammingError):
        raised(exc.ProgrammingError, psycopg.errors.UndefinedColumn("no such column"))
    with pytest.raises(exc.IntegrityError):
        raised(exc.IntegrityError, psycopg.errors.UniqueViolation("twice"))
    with pytest.raises(ZeroDivisionError), translated("the desk's database"):
        raise ZeroDivisionError
