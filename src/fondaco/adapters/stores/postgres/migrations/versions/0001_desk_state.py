"""The desk's first schema, with the triggers that keep what was written."""

from alembic import op

revision = "0001"
down_revision = None

_TABLES = """
CREATE TABLE numbers (
    prefix text PRIMARY KEY, last bigint NOT NULL);

CREATE TABLE journal (
    seq bigint PRIMARY KEY, at timestamptz NOT NULL, actor text NOT NULL,
    surface text NOT NULL, capability text NOT NULL, effect text NOT NULL,
    inputs jsonb NOT NULL, outcome text NOT NULL, detail text NOT NULL,
    request_id text, previous text NOT NULL, hash text NOT NULL);

CREATE TABLE journal_head (
    one boolean PRIMARY KEY DEFAULT true, seq bigint NOT NULL, hash text NOT NULL,
    CONSTRAINT journal_head_one_row CHECK (one));
INSERT INTO journal_head (seq, hash) VALUES (0, repeat('0', 64));

CREATE TABLE requests (
    key text PRIMARY KEY, body_hash text NOT NULL, data json);

CREATE TABLE events (
    seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, id text NOT NULL UNIQUE,
    name text NOT NULL, subject text NOT NULL, at timestamptz NOT NULL, data jsonb NOT NULL);
CREATE TABLE events_waiting (
    event_seq bigint PRIMARY KEY REFERENCES events (seq));
CREATE TABLE deliveries (
    event_seq bigint NOT NULL REFERENCES events (seq), handler text NOT NULL,
    subject text NOT NULL, state text NOT NULL, attempts integer NOT NULL,
    next_at timestamptz NOT NULL, error text, ended_at timestamptz,
    PRIMARY KEY (event_seq, handler));
CREATE INDEX deliveries_pending_idx ON deliveries (handler, subject, event_seq)
    WHERE state = 'pending';

CREATE TABLE entries (
    seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, id text NOT NULL UNIQUE,
    key text NOT NULL UNIQUE, ts timestamptz NOT NULL, known_at timestamptz NOT NULL,
    memo text NOT NULL, corrects text);
CREATE INDEX entries_ts_idx ON entries (ts, seq);
CREATE TABLE postings (
    entry_seq bigint NOT NULL REFERENCES entries (seq), line integer NOT NULL,
    account text NOT NULL, commodity text NOT NULL, amount numeric NOT NULL,
    PRIMARY KEY (entry_seq, line));
CREATE INDEX postings_account_idx ON postings (account text_pattern_ops);

CREATE TABLE cards (
    seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, id text NOT NULL UNIQUE,
    origin_key text NOT NULL UNIQUE, state text NOT NULL, symbol text NOT NULL,
    account text NOT NULL, created_at timestamptz NOT NULL, expires_at timestamptz NOT NULL,
    body jsonb NOT NULL);
CREATE INDEX cards_state_idx ON cards (state, seq);
CREATE TABLE card_moves (
    seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    card text NOT NULL REFERENCES cards (id), before text NOT NULL, after text NOT NULL,
    at timestamptz NOT NULL, by text NOT NULL, reason text NOT NULL);
CREATE INDEX card_moves_card_idx ON card_moves (card);

CREATE TABLE orders (
    seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, client_id text NOT NULL UNIQUE,
    card text NOT NULL, account text NOT NULL, instrument text NOT NULL, side text NOT NULL,
    quantity numeric NOT NULL, kind text NOT NULL, state text NOT NULL,
    decided_at timestamptz NOT NULL, written_at timestamptz NOT NULL, filled numeric NOT NULL,
    note text NOT NULL);
CREATE INDEX orders_open_idx ON orders (seq) WHERE state IN ('INTENT', 'UNKNOWN', 'WORKING');
CREATE TABLE fills (
    seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, execution_id text NOT NULL UNIQUE,
    client_id text NOT NULL, account text NOT NULL, instrument text NOT NULL, side text NOT NULL,
    quantity numeric NOT NULL, price numeric NOT NULL, fee numeric NOT NULL,
    currency text NOT NULL, ts timestamptz NOT NULL, known_at timestamptz NOT NULL);
CREATE INDEX fills_client_id_idx ON fills (client_id);
CREATE INDEX fills_ts_idx ON fills (ts, seq);
CREATE TABLE venue_orders (
    seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, client_id text NOT NULL UNIQUE,
    account text NOT NULL, instrument text NOT NULL, side text NOT NULL,
    quantity numeric NOT NULL, kind text NOT NULL, decided_at timestamptz NOT NULL,
    placed_at timestamptz NOT NULL);
CREATE INDEX venue_orders_account_idx ON venue_orders (account);

CREATE TABLE trials (
    seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, content text NOT NULL UNIQUE,
    strategy text NOT NULL, parameters jsonb NOT NULL, author text NOT NULL,
    at timestamptz NOT NULL, data_version bigint NOT NULL, since timestamptz NOT NULL,
    until timestamptz NOT NULL, metrics jsonb NOT NULL, returns double precision[] NOT NULL);
CREATE INDEX trials_strategy_idx ON trials (strategy);
CREATE TABLE forecasts (
    seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, model text NOT NULL,
    instrument text NOT NULL, as_of timestamptz NOT NULL, horizon_sessions integer NOT NULL,
    score double precision NOT NULL, low double precision NOT NULL,
    high double precision NOT NULL, trained_until timestamptz NOT NULL,
    CONSTRAINT forecasts_model_key UNIQUE (model, instrument, as_of));
CREATE INDEX forecasts_as_of_idx ON forecasts (as_of);
CREATE TABLE forecast_outcomes (
    forecast_seq bigint PRIMARY KEY REFERENCES forecasts (seq),
    realised double precision NOT NULL);
CREATE TABLE facts (
    id text PRIMARY KEY, name text NOT NULL, as_of timestamptz NOT NULL, body jsonb NOT NULL);

CREATE TABLE jobs (
    seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, id text NOT NULL UNIQUE,
    capability text NOT NULL, inputs json NOT NULL, state text NOT NULL, step text NOT NULL,
    done bigint NOT NULL, total bigint NOT NULL, started_at timestamptz NOT NULL,
    finished_at timestamptz, result json, error text,
    cancel_requested boolean NOT NULL DEFAULT false);
CREATE INDEX jobs_open_idx ON jobs (seq) WHERE state IN ('queued', 'running');
CREATE TABLE backtests (
    seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, id text NOT NULL UNIQUE,
    key text NOT NULL UNIQUE, created_at timestamptz NOT NULL, strategy text NOT NULL,
    summary jsonb NOT NULL, body json NOT NULL);
CREATE INDEX backtests_strategy_idx ON backtests (strategy);
"""

_REFUSE = """
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% on % is refused: what was kept is never changed', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'FD001';
END $$;
"""

_BALANCE = """
CREATE FUNCTION require_balance() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE off record;
BEGIN
    SELECT commodity, sum(amount) AS total INTO off FROM postings
        WHERE entry_seq = NEW.entry_seq GROUP BY commodity HAVING sum(amount) <> 0 LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'entry % is off by % %', NEW.entry_seq, off.total, off.commodity
            USING ERRCODE = 'FD002';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER postings_balance AFTER INSERT ON postings
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION require_balance();
"""

_NEVER_CHANGED = (
    "journal",
    "entries",
    "postings",
    "fills",
    "trials",
    "facts",
    "card_moves",
    "venue_orders",
    "forecasts",
    "forecast_outcomes",
    "events",
    "backtests",
)
_NEVER_DELETED = ("journal_head", "cards", "orders")


def upgrade() -> None:
    """Make all tables, then guard them."""
    op.execute(_TABLES)
    op.execute(_REFUSE)
    op.execute(_BALANCE)
    for table in _NEVER_CHANGED:
        _guard(table, "UPDATE OR DELETE")
    for table in _NEVER_DELETED:
        _guard(table, "DELETE")


def _guard(table: str, changes: str) -> None:
    op.execute(
        f"CREATE TRIGGER {table}_kept BEFORE {changes} ON {table} "
        "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
    )
    op.execute(
        f"CREATE TRIGGER {table}_not_emptied BEFORE TRUNCATE ON {table} "
        "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
    )
