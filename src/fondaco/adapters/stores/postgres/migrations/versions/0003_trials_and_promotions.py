"""Trials with their streams and who made them; evidence, promotions, and what tuners tried."""

from alembic import op

revision = "0003"
down_revision = "0002"

# What an older desk did not write down stays empty: such a trial counts, but has no stream.
_TRIALS = """
CREATE FUNCTION as_bytes(numbers double precision[]) RETURNS bytea LANGUAGE sql IMMUTABLE AS $$
    SELECT coalesce(string_agg(float8send(number), ''::bytea ORDER BY place), ''::bytea)
    FROM unnest(numbers) WITH ORDINALITY AS each (number, place) $$;
ALTER TABLE trials
    ADD COLUMN family text NOT NULL DEFAULT '', ADD COLUMN surface text NOT NULL DEFAULT '',
    ADD COLUMN kind text NOT NULL DEFAULT 'backtest', ADD COLUMN code text NOT NULL DEFAULT '',
    ADD COLUMN instruments bigint NOT NULL DEFAULT 0, ADD COLUMN label text,
    ADD COLUMN costs text NOT NULL DEFAULT '', ADD COLUMN costs_dated date,
    ADD COLUMN days bytea NOT NULL DEFAULT '', ADD COLUMN lineage text NOT NULL DEFAULT '';
ALTER TABLE trials
    ALTER COLUMN family DROP DEFAULT, ALTER COLUMN surface DROP DEFAULT,
    ALTER COLUMN kind DROP DEFAULT, ALTER COLUMN code DROP DEFAULT,
    ALTER COLUMN instruments DROP DEFAULT, ALTER COLUMN costs DROP DEFAULT,
    ALTER COLUMN days DROP DEFAULT, ALTER COLUMN lineage DROP DEFAULT;
ALTER TABLE trials
    ALTER COLUMN family TYPE text USING strategy,
    ALTER COLUMN returns TYPE bytea USING as_bytes(returns);
DROP FUNCTION as_bytes;
CREATE INDEX trials_family_idx ON trials (family);
CREATE INDEX trials_content_prefix_idx ON trials (content text_pattern_ops);
"""

_TABLES = """
CREATE TABLE evidence (
    seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, id text NOT NULL UNIQUE,
    key text NOT NULL UNIQUE, strategy text NOT NULL, body jsonb NOT NULL);
CREATE INDEX evidence_strategy_idx ON evidence (strategy);
CREATE TABLE promotions (
    seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, id text NOT NULL UNIQUE,
    strategy text NOT NULL, stage text NOT NULL, at timestamptz NOT NULL, body jsonb NOT NULL);
CREATE INDEX promotions_strategy_idx ON promotions (strategy);
CREATE TABLE tuner_trials (
    seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, study text NOT NULL,
    number bigint NOT NULL, body jsonb NOT NULL,
    CONSTRAINT tuner_trials_study_key UNIQUE (study, number));
"""


def upgrade() -> None:
    """Widen the trials, then make and guard the new tables."""
    op.execute(_TRIALS)
    op.execute(_TABLES)
    for table in ("evidence", "promotions", "tuner_trials"):
        op.execute(
            f"CREATE TRIGGER {table}_kept BEFORE UPDATE OR DELETE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
        )
        op.execute(
            f"CREATE TRIGGER {table}_not_emptied BEFORE TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )
