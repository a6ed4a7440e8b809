-- A third kind of record: what the publisher's people, keys and commands did (`audit`). SQLite cannot change a CHECK, so
-- the table is made anew, in this one transaction, and its guards after its rows are in.

DROP TRIGGER records_keep;
DROP TRIGGER records_stay;
DROP TRIGGER records_once;
DROP INDEX records_by_id;
DROP INDEX records_by_subject;
ALTER TABLE records RENAME TO records_of_two_kinds;

CREATE TABLE records (
    site TEXT NOT NULL,
    seq BIGINT NOT NULL,                -- place in the site's log, from 1, without gaps
    id BYTEA,                           -- the client's UUID: the idempotency key
    subject BYTEA,
    kind TEXT NOT NULL,                 -- cookies, newsletter or audit
    recorded_at BIGINT,
    payload TEXT,                       -- canonical JSON of the whole record
    salt BYTEA,                         -- without it the leaf says nothing of the payload
    leaf BYTEA NOT NULL,                -- SHA-256(0x00 || HMAC-SHA256(salt, payload))
    seal BYTEA NOT NULL,                -- keyed proof that this leaf was given this seq
    PRIMARY KEY (site, seq),
    CHECK (seq > 0 AND seq = CAST(seq AS BIGINT)),  -- a whole number on SQLite too
    CHECK (kind IN ('cookies', 'newsletter', 'audit'))
);
INSERT INTO records (site, seq, id, subject, kind, recorded_at, payload, salt, leaf, seal)
SELECT site, seq, id, subject, kind, recorded_at, payload, salt, leaf, seal FROM records_of_two_kinds ORDER BY rowid;
DROP TABLE records_of_two_kinds;

CREATE UNIQUE INDEX records_by_id ON records (site, id);
CREATE INDEX records_by_subject ON records (site, subject, seq);
CREATE INDEX records_of_audit ON records (site, seq) WHERE kind = 'audit';

CREATE TRIGGER records_keep BEFORE UPDATE ON records
WHEN NOT (
    NEW.rowid = OLD.rowid AND NEW.site = OLD.site AND NEW.seq = OLD.seq AND NEW.kind = OLD.kind
    AND NEW.leaf = OLD.leaf AND NEW.seal = OLD.seal
    AND NEW.id IS NULL AND NEW.subject IS NULL AND NEW.recorded_at IS NULL
    AND NEW.payload IS NULL AND NEW.salt IS NULL
    AND EXISTS (SELECT 1 FROM erasures WHERE erasures.site = OLD.site AND erasures.seq = OLD.seq)
)
BEGIN SELECT RAISE(ABORT, 'records are append-only'); END;

CREATE TRIGGER records_stay BEFORE DELETE ON records
BEGIN SELECT RAISE(ABORT, 'records are append-only'); END;

CREATE TRIGGER records_once BEFORE INSERT ON records
WHEN EXISTS (SELECT 1 FROM records WHERE site = NEW.site AND seq = NEW.seq)
    OR EXISTS (SELECT 1 FROM records WHERE site = NEW.site AND id = NEW.id)
    OR (NEW.rowid > 0 AND EXISTS (SELECT 1 FROM records WHERE rowid = NEW.rowid))
BEGIN SELECT RAISE(ABORT, 'UNIQUE constraint failed: records are append-only'); END;
