"""What the processes of a desk share of its sources: pace, health, choices, what was asked."""

from alembic import op

revision = "0004"
down_revision = "0003"

_TABLES = """
CREATE TABLE provider_pace (provider text PRIMARY KEY, spent jsonb NOT NULL);
CREATE TABLE provider_health (provider text PRIMARY KEY, health jsonb NOT NULL);
CREATE TABLE feed_choices (
    seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, at timestamptz NOT NULL,
    kind text NOT NULL, market text NOT NULL, symbol text NOT NULL, source text NOT NULL,
    flagged boolean NOT NULL, body jsonb NOT NULL);
CREATE INDEX feed_choices_symbol_idx ON feed_choices (kind, market, symbol, seq);
CREATE TABLE feed_asked (
    seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, at timestamptz NOT NULL,
    kind text NOT NULL, market text NOT NULL, symbol text NOT NULL, rest text NOT NULL,
    tier text, seconds double precision NOT NULL);
CREATE INDEX feed_asked_at_idx ON feed_asked (at);
"""


def upgrade() -> None:
    """Make the tables; a choice between sources is kept for good."""
    op.execute(_TABLES)
    op.execute(
        "CREATE TRIGGER feed_choices_kept BEFORE UPDATE OR DELETE ON feed_choices "
        "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
    )
    op.execute(
        "CREATE TRIGGER feed_choices_not_emptied BEFORE TRUNCATE ON feed_choices "
        "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
    )
