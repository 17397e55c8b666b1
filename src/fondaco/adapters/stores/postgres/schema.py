"""The tables of the desk's state, as the queries name them; `migrations/` makes them."""

from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    Double,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Numeric,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

metadata = MetaData(
    naming_convention={
        "pk": "%(table_name)s_pkey",
        "uq": "%(table_name)s_%(column_0_name)s_key",
        "fk": "%(table_name)s_%(column_0_name)s_fkey",
        "ix": "%(table_name)s_%(column_0_name)s_idx",
    }
)

APPEND_ONLY_TABLES = (
    "journal",
    "entries",
    "postings",
    "fills",
    "trials",
    "evidence",
    "promotions",
    "tuner_trials",
    "facts",
    "card_moves",
    "venue_orders",
    "venue_cancels",
    "venue_terms",
    "forecasts",
    "forecast_outcomes",
    "events",
    "backtests",
)
"""Triggers refuse UPDATE, DELETE and TRUNCATE on these, whoever asks."""


def _seq() -> "Column[int]":
    return Column("seq", BigInteger, Identity(always=True), primary_key=True)


def _text(
    name: str, *, key: bool = False, null: bool = False, unique: bool = False
) -> "Column[str]":
    return Column(name, Text, primary_key=key, nullable=null, unique=unique)


def _moment(name: str, *, null: bool = False) -> "Column[object]":
    return Column(name, DateTime(timezone=True), nullable=null)


def _count(name: str) -> "Column[int]":
    return Column(name, BigInteger, nullable=False)


numbers = Table("numbers", metadata, _text("prefix", key=True), _count("last"))

journal = Table(
    "journal",
    metadata,
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    _moment("at"),
    _text("actor"),
    _text("surface"),
    _text("capability"),
    _text("effect"),
    Column("inputs", JSONB, nullable=False),
    _text("outcome"),
    _text("detail"),
    _text("request_id", null=True),
    _text("previous"),
    _text("hash"),
)

journal_head = Table(
    "journal_head",
    metadata,
    Column("one", Boolean, primary_key=True, server_default=text("true")),
    _count("seq"),
    _text("hash"),
)

requests = Table(
    "requests", metadata, _text("key", key=True), _text("body_hash"), Column("data", JSON)
)

events = Table(
    "events",
    metadata,
    _seq(),
    _text("id", unique=True),
    _text("name"),
    _text("subject"),
    _moment("at"),
    Column("data", JSONB, nullable=False),
)

events_waiting = Table(
    "events_waiting",
    metadata,
    Column(
        "event_seq", BigInteger, ForeignKey(events.c.seq), primary_key=True, autoincrement=False
    ),
)

deliveries = Table(
    "deliveries",
    metadata,
    Column(
        "event_seq", BigInteger, ForeignKey(events.c.seq), primary_key=True, autoincrement=False
    ),
    _text("handler", key=True),
    _text("subject"),
    _text("state"),
    Column("attempts", Integer, nullable=False),
    _moment("next_at"),
    _text("error", null=True),
    _moment("ended_at", null=True),
)
Index(
    "deliveries_pending_idx",
    deliveries.c.handler,
    deliveries.c.subject,
    deliveries.c.event_seq,
    postgresql_where=text("state = 'pending'"),
)

entries = Table(
    "entries",
    metadata,
    _seq(),
    _text("id", unique=True),
    _text("key", unique=True),
    _moment("ts"),
    _moment("known_at"),
    _text("memo"),
    _text("corrects", null=True),
)
Index("entries_ts_idx", entries.c.ts, entries.c.seq)

postings = Table(
    "postings",
    metadata,
    Column(
        "entry_seq", BigInteger, ForeignKey(entries.c.seq), primary_key=True, autoincrement=False
    ),
    Column("line", Integer, primary_key=True, autoincrement=False),
    _text("account"),
    _text("commodity"),
    Column("amount", Numeric, nullable=False),
)
Index("postings_account_idx", postings.c.account, postgresql_ops={"account": "text_pattern_ops"})

cards = Table(
    "cards",
    metadata,
    _seq(),
    _text("id", unique=True),
    _text("origin_key", unique=True),
    _text("state"),
    _text("symbol"),
    _text("account"),
    _moment("created_at"),
    _moment("expires_at"),
    Column("body", JSONB, nullable=False),
)
Index("cards_state_idx", cards.c.state, cards.c.seq)

card_moves = Table(
    "card_moves",
    metadata,
    _seq(),
    Column("card", Text, ForeignKey(cards.c.id), nullable=False, index=True),
    _text("before"),
    _text("after"),
    _moment("at"),
    _text("by"),
    _text("reason"),
)


def _order() -> "list[Column[Any]]":
    """Return the columns of an order's own fields."""
    return [
        _text("client_id", unique=True),
        _text("account"),
        _text("instrument"),
        _text("side"),
        Column("quantity", Numeric, nullable=False),
        _text("kind"),
        *(Column(name, Numeric) for name in ("limit", "stop", "trail", "trail_share")),
        _text("time"),
        _text("tif"),
        _moment("expires_at", null=True),
        _text("group", null=True),
        _text("parent", null=True),
        *(Column(name, Numeric) for name in ("limit_offset", "stop_offset")),
        Column("reduce_only", Boolean, nullable=False),
    ]


orders = Table(
    "orders",
    metadata,
    _seq(),
    *_order(),
    _text("card"),
    _text("state"),
    _moment("decided_at"),
    _moment("written_at"),
    Column("filled", Numeric, nullable=False),
    _text("note"),
    Column("restated", Numeric),
)
Index(
    "orders_open_idx",
    orders.c.seq,
    postgresql_where=text("state IN ('INTENT', 'UNKNOWN', 'WORKING')"),
)

fills = Table(
    "fills",
    metadata,
    _seq(),
    _text("execution_id", unique=True),
    Column("client_id", Text, nullable=False, index=True),
    _text("account"),
    _text("instrument"),
    _text("side"),
    Column("quantity", Numeric, nullable=False),
    Column("price", Numeric, nullable=False),
    Column("fee", Numeric, nullable=False),
    _text("currency"),
    _moment("ts"),
    _moment("known_at"),
)
Index("fills_ts_idx", fills.c.ts, fills.c.seq)

venue_terms = Table(
    "venue_terms", metadata, _text("digest", key=True), Column("body", JSONB, nullable=False)
)

venue_orders = Table(
    "venue_orders",
    metadata,
    _seq(),
    *_order(),
    _moment("decided_at"),
    _moment("placed_at"),
    Column("terms", Text, ForeignKey(venue_terms.c.digest)),
    _text("refused"),
)
Index("venue_orders_account_idx", venue_orders.c.account)
Index("venue_orders_sent_idx", venue_orders.c.account, venue_orders.c.seq)

venue_cancels = Table(
    "venue_cancels",
    metadata,
    Column(
        "seq",
        BigInteger,
        primary_key=True,
        autoincrement=False,
        server_default=text("nextval('venue_orders_seq_seq'::regclass)"),
    ),
    _text("client_id", unique=True),
    _text("account"),
    _moment("placed_at"),
    _moment("after", null=True),
)
Index("venue_cancels_sent_idx", venue_cancels.c.account, venue_cancels.c.seq)

trials = Table(
    "trials",
    metadata,
    _seq(),
    _text("content", unique=True),
    Column("strategy", Text, nullable=False, index=True),
    Column("parameters", JSONB, nullable=False),
    _text("author"),
    _moment("at"),
    _count("data_version"),
    _moment("since"),
    _moment("until"),
    Column("metrics", JSONB, nullable=False),
    Column("returns", LargeBinary, nullable=False),
    Column("family", Text, nullable=False, index=True),
    _text("surface"),
    _text("kind"),
    _text("code"),
    _count("instruments"),
    _text("label", null=True),
    _text("costs"),
    Column("costs_dated", Date, nullable=True),
    Column("days", LargeBinary, nullable=False),
    _text("lineage"),
    Index("trials_content_prefix_idx", "content", postgresql_ops={"content": "text_pattern_ops"}),
)

evidence = Table(
    "evidence",
    metadata,
    _seq(),
    _text("id", unique=True),
    _text("key", unique=True),
    Column("strategy", Text, nullable=False, index=True),
    Column("body", JSONB, nullable=False),
)

promotions = Table(
    "promotions",
    metadata,
    _seq(),
    _text("id", unique=True),
    Column("strategy", Text, nullable=False, index=True),
    _text("stage"),
    _moment("at"),
    Column("body", JSONB, nullable=False),
)

tuner_trials = Table(
    "tuner_trials",
    metadata,
    _seq(),
    _text("study"),
    _count("number"),
    Column("body", JSONB, nullable=False),
    UniqueConstraint("study", "number", name="tuner_trials_study_key"),
)

forecasts = Table(
    "forecasts",
    metadata,
    _seq(),
    _text("model"),
    _text("instrument"),
    _moment("as_of"),
    Column("horizon_sessions", Integer, nullable=False),
    Column("score", Double, nullable=False),
    Column("low", Double, nullable=False),
    Column("high", Double, nullable=False),
    _moment("trained_until"),
    UniqueConstraint("model", "instrument", "as_of"),
)
Index("forecasts_as_of_idx", forecasts.c.as_of)

forecast_outcomes = Table(
    "forecast_outcomes",
    metadata,
    Column(
        "forecast_seq",
        BigInteger,
        ForeignKey(forecasts.c.seq),
        primary_key=True,
        autoincrement=False,
    ),
    Column("realised", Double, nullable=False),
)

facts = Table(
    "facts",
    metadata,
    _text("id", key=True),
    _text("name"),
    _moment("as_of"),
    Column("body", JSONB, nullable=False),
)

jobs = Table(
    "jobs",
    metadata,
    _seq(),
    _text("id", unique=True),
    _text("capability"),
    Column("inputs", JSON, nullable=False),
    _text("state"),
    _text("step"),
    _count("done"),
    _count("total"),
    _moment("started_at"),
    _moment("finished_at", null=True),
    Column("result", JSON),
    _text("error", null=True),
    Column("cancel_requested", Boolean, nullable=False, server_default=text("false")),
)
Index("jobs_open_idx", jobs.c.seq, postgresql_where=text("state IN ('queued', 'running')"))

backtests = Table(
    "backtests",
    metadata,
    _seq(),
    _text("id", unique=True),
    _text("key", unique=True),
    _moment("created_at"),
    Column("strategy", Text, nullable=False, index=True),
    Column("summary", JSONB, nullable=False),
    Column("body", JSON, nullable=False),
)
