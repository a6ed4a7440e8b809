-- Answers to writes behind a key, kept for a day under the Idempotency-Key they were asked with; and what an API key is
-- called and until when it holds. Runs unchanged on SQLite and PostgreSQL.

CREATE TABLE idempotency (
    site TEXT NOT NULL,
    key BYTEA NOT NULL,                 -- SHA-256 over the API key's id and the Idempotency-Key
    request BYTEA NOT NULL,             -- SHA-256 over method, address and body
    created_at BIGINT NOT NULL,
    lease_until BIGINT NOT NULL,        -- until when the first of equal requests may be at it
    answer TEXT,                        -- status, headers and body, encrypted under each listed secret; NULL: not yet
    PRIMARY KEY (site, key)
);
CREATE INDEX idempotency_by_age ON idempotency (created_at);

ALTER TABLE keys ADD COLUMN name TEXT;          -- what people call it; NULL for keys from before
ALTER TABLE keys ADD COLUMN expires_at BIGINT;  -- NULL: until it is revoked
