"""Orders of every kind, cancellations, and the terms that the paper venue filled by."""

from alembic import op

revision = "0002"
down_revision = "0001"

_ORDER = """
ALTER TABLE {table}
    ADD COLUMN "limit" numeric, ADD COLUMN stop numeric, ADD COLUMN trail numeric,
    ADD COLUMN trail_share numeric, ADD COLUMN "time" text NOT NULL DEFAULT 'any',
    ADD COLUMN tif text NOT NULL DEFAULT 'gtc', ADD COLUMN expires_at timestamptz,
    ADD COLUMN "group" text, ADD COLUMN parent text, ADD COLUMN limit_offset numeric,
    ADD COLUMN stop_offset numeric, ADD COLUMN reduce_only boolean NOT NULL DEFAULT false;
ALTER TABLE {table}
    ALTER COLUMN "time" DROP DEFAULT, ALTER COLUMN tif DROP DEFAULT,
    ALTER COLUMN reduce_only DROP DEFAULT;
"""

_VENUE = """
ALTER TABLE orders ADD COLUMN restated numeric;
CREATE TABLE venue_terms (
    digest text PRIMARY KEY, body jsonb NOT NULL);
ALTER TABLE venue_orders
    ADD COLUMN terms text REFERENCES venue_terms (digest),
    ADD COLUMN refused text NOT NULL DEFAULT '';
ALTER TABLE venue_orders ALTER COLUMN refused DROP DEFAULT;
CREATE INDEX venue_orders_sent_idx ON venue_orders (account, seq);
CREATE TABLE venue_cancels (
    seq bigint PRIMARY KEY DEFAULT nextval('venue_orders_seq_seq'),
    client_id text NOT NULL UNIQUE, account text NOT NULL,
    placed_at timestamptz NOT NULL, after timestamptz);
CREATE INDEX venue_cancels_sent_idx ON venue_cancels (account, seq);
"""


def upgrade() -> None:
    """Widen the orders, then make and guard the venue's new tables."""
    for table in ("orders", "venue_orders"):
        op.execute(_ORDER.format(table=table))
    op.execute(_VENUE)
    for table in ("venue_terms", "venue_cancels"):
        op.execute(
            f"CREATE TRIGGER {table}_kept BEFORE UPDATE OR DELETE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
        )
        op.execute(
            f"CREATE TRIGGER {table}_not_emptied BEFORE TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )
