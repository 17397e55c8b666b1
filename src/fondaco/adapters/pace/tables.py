"""The tables that this adapter reads and writes; the desk's migrations make them."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Double,
    Identity,
    Index,
    MetaData,
    Table,
    Text,
)
from sqlalchemy.dialects.postgresql import JSONB

metadata = MetaData()

provider_pace = Table(
    "provider_pace",
    metadata,
    Column("provider", Text, primary_key=True),
    Column("spent", JSONB, nullable=False),
)

provider_health = Table(
    "provider_health",
    metadata,
    Column("provider", Text, primary_key=True),
    Column("health", JSONB, nullable=False),
)

feed_choices = Table(
    "feed_choices",
    metadata,
    Column("seq", BigInteger, Identity(always=True), primary_key=True),
    Column("at", DateTime(timezone=True), nullable=False),
    Column("kind", Text, nullable=False),
    Column("market", Text, nullable=False),
    Column("symbol", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("flagged", Boolean, nullable=False),
    Column("body", JSONB, nullable=False),
)
Index(
    "feed_choices_symbol_idx",
    feed_choices.c.kind,
    feed_choices.c.market,
    feed_choices.c.symbol,
    feed_choices.c.seq,
)

feed_asked = Table(
    "feed_asked",
    metadata,
    Column("seq", BigInteger, Identity(always=True), primary_key=True),
    Column("at", DateTime(timezone=True), nullable=False),
    Column("kind", Text, nullable=False),
    Column("market", Text, nullable=False),
    Column("symbol", Text, nullable=False),
    Column("rest", Text, nullable=False),
    Column("tier", Text),
    Column("seconds", Double, nullable=False),
)
Index("feed_asked_at_idx", feed_asked.c.at)
