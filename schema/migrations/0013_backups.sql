-- The backups that were made of this database, so that it can tell how old the newest is. Not part of a backup itself.
-- Runs unchanged on both engines.

CREATE TABLE backups (
    id BYTEA PRIMARY KEY,               -- UUIDv7
    kind TEXT NOT NULL,                 -- whole, or erasures
    made_at BIGINT NOT NULL,            -- the moment that the backup shows
    bytes BIGINT NOT NULL,              -- of the file
    rows_kept BIGINT NOT NULL,
    is_encrypted BIGINT NOT NULL,       -- 0 or 1
    checked_at BIGINT NOT NULL,         -- when it was read back and found whole
    CHECK (kind IN ('whole', 'erasures'))
);
CREATE INDEX backups_by_age ON backups (kind, made_at);
