"""Connections and transactions: one ambient transaction per task, which everything joins."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import psycopg
from sqlalchemy import URL, Connection, Engine, Executable, create_engine, make_url
from sqlalchemy.exc import ArgumentError

from fondaco.adapters.stores.postgres.embedded import EmbeddedServer
from fondaco.adapters.stores.postgres.failures import translated, unreachable
from fondaco.core.errors import InvalidInput
from fondaco.core.limits import CALL_SECONDS_MAX

CONNECTIONS_KEPT = 4
CONNECTIONS_MAX = 24
APART_CONNECTIONS_MAX = 4
CONNECT_SECONDS_MAX = 5
LOCK_SECONDS_MAX = 15.0
IDLE_SECONDS_MAX = 120.0
"""How long a transaction may stand open without a statement before the database undoes it."""

Hook = Callable[[Connection], None]


@dataclass(slots=True)
class _Ambient:
    """The open transaction of this task, and what is to be done just before it commits."""

    connection: Connection
    hooks: list[Hook] = field(default_factory=list)


class Database:
    """The desk's PostgreSQL, embedded or a server.

    Repositories use `connection()`: it joins the transaction that is open, or is one of its own.
    All times come back in UTC. What the database cannot do is raised as Unavailable.
    """

    def __init__(self, url: str, *, server: EmbeddedServer | None = None) -> None:
        self._url = _checked(url)
        self._server = server
        self._ambient: ContextVar[_Ambient | None] = ContextVar("ambient", default=None)
        self._engine = self._make_engine(CONNECTIONS_KEPT, CONNECTIONS_MAX - CONNECTIONS_KEPT)
        self._apart_engine = self._make_engine(1, APART_CONNECTIONS_MAX - 1)

    @classmethod
    def embedded(cls, server: EmbeddedServer) -> "Database":
        """Return the database of an embedded server, which is started whenever it is needed."""
        where = server.parameters()
        url = URL.create(
            "postgresql+psycopg",
            username=where["user"],
            database=where["dbname"],
            query={"host": where["host"]},
        )
        return cls(url.render_as_string(hide_password=False), server=server)

    @property
    def url(self) -> str:
        """The address with its password, for other libraries: never to be shown."""
        return self._url.render_as_string(hide_password=False)

    @property
    def name(self) -> str:
        """The database in words for people, without its password."""
        if self._server is not None:
            return f"the embedded database in {self._server.folder}"
        return self._url.set(drivername="postgresql").render_as_string(hide_password=True)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Open a transaction, or a part of the one that is open.

        All or nothing: when the block raises, what it changed is undone, and of an inner block
        only that. What the outer block did is kept when it ends well.
        """
        outer = self._ambient.get()
        if outer is None:
            with self._own(self._engine):
                yield
            return
        count = len(outer.hooks)
        try:
            with translated(self.name), outer.connection.begin_nested():
                yield
        except BaseException:
            del outer.hooks[count:]
            raise

    @contextmanager
    def connection(self) -> Iterator[Connection]:
        """Give the connection of the open transaction, or of one that lasts for this block."""
        ambient = self._ambient.get()
        if ambient is not None:
            with translated(self.name):
                yield ambient.connection
            return
        with self._own(self._engine) as own:
            yield own

    @contextmanager
    def apart(self) -> Iterator[Connection]:
        """Give a connection with a transaction of its own, whatever transaction is open.

        It has its own few connections, so that one that waits for it never starves it.
        """
        with self._own(self._apart_engine) as own:
            yield own

    def before_commit(self, hook: Hook) -> None:
        """Have something done at the very end of the open transaction, just before it commits.

        It is forgotten when the block that asked for it is undone. Outside a transaction it is a
        programmer's error.
        """
        ambient = self._ambient.get()
        if ambient is None:
            raise RuntimeError("before_commit needs an open transaction")
        ambient.hooks.append(hook)

    def session(self) -> "psycopg.Connection[Any]":
        """Open a connection outside every pool and transaction, for a lock that lasts."""
        try:
            connection = self._connect()
        except psycopg.OperationalError as error:
            raise unreachable(self.name, error) from error
        connection.autocommit = True
        return connection

    def close(self) -> None:
        """Give back all idle connections; the database can still be used afterwards."""
        self._engine.dispose()
        self._apart_engine.dispose()

    @contextmanager
    def _own(self, engine: Engine) -> Iterator[Connection]:
        with translated(self.name), engine.connect() as connection, connection.begin():
            ambient = _Ambient(connection)
            token = self._ambient.set(ambient)
            try:
                yield connection
                for hook in ambient.hooks:  # a hook may add hooks; they run too
                    hook(connection)
            finally:
                self._ambient.reset(token)

    def _make_engine(self, kept: int, more: int) -> Engine:
        return create_engine(
            self._url,
            creator=self._connect,
            pool_size=kept,
            max_overflow=more,
            pool_timeout=LOCK_SECONDS_MAX,
            pool_pre_ping=True,
            json_serializer=partial(json.dumps, allow_nan=False),
        )

    def _connect(self) -> "psycopg.Connection[Any]":
        parameters = self._url.translate_connect_args(username="user", database="dbname")
        settings = {
            "timezone": "UTC",
            "statement_timeout": f"{CALL_SECONDS_MAX:g}s",
            "lock_timeout": f"{LOCK_SECONDS_MAX:g}s",
            "idle_in_transaction_session_timeout": f"{IDLE_SECONDS_MAX:g}s",
        }
        given = {
            "connect_timeout": CONNECT_SECONDS_MAX,
            "application_name": "fondaco",
            **parameters,
            **self._url.query,
            "options": " ".join(f"-c {name}={value}" for name, value in settings.items()),
        }
        try:
            return psycopg.connect(**given)
        except psycopg.OperationalError:
            if self._server is None:
                raise
        self._server.ensure_running()
        return psycopg.connect(**given)


def rows_written(connection: Connection, statement: Executable) -> int:
    """Run an INSERT, UPDATE or DELETE and return how many rows it wrote."""
    return connection.execute(statement, execution_options={"preserve_rowcount": True}).rowcount


def _checked(url: str) -> URL:
    """Return the address for psycopg 3; raises InvalidInput when it is not PostgreSQL's."""
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        parsed = None
    if parsed is None or parsed.get_backend_name() not in {"postgresql", "postgres"}:
        raise InvalidInput(
            "the database address is not one of PostgreSQL",
            value="hidden: it may hold a password",
            bound="postgresql://user:password@host:port/database",
            remedy="Correct FONDACO_DATABASE_URL, or unset it for the embedded one.",
        )
    return parsed.set(drivername="postgresql+psycopg")
