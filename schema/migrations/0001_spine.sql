-- Sites, their notices, and each site's log of consent records. Runs unchanged on SQLite and PostgreSQL.
-- Every key begins with the site. Instants are milliseconds since 1970 UTC, given by the program's clock.

CREATE TABLE sites (
    id TEXT PRIMARY KEY,
    settings TEXT NOT NULL,             -- canonical JSON: what visitors are not shown (origins, what is kept)
    notice TEXT NOT NULL,               -- the digest of the notice in force
    revision BIGINT NOT NULL,           -- counts publications; a running service watches it
    published_at BIGINT NOT NULL
);

CREATE TABLE notices (
    site TEXT NOT NULL,
    digest TEXT NOT NULL,               -- SHA-256 of the document, hex
    material TEXT NOT NULL,             -- fingerprint of what visitors are asked again for
    document TEXT NOT NULL,             -- canonical JSON, every word in every language
    published_at BIGINT NOT NULL,
    PRIMARY KEY (site, digest)
);

CREATE TABLE publications (
    site TEXT NOT NULL,
    revision BIGINT NOT NULL,
    notice TEXT NOT NULL,
    settings TEXT NOT NULL,
    changes TEXT NOT NULL,              -- JSON list: what differs from the publication before
    published_at BIGINT NOT NULL,
    PRIMARY KEY (site, revision),
    FOREIGN KEY (site, notice) REFERENCES notices (site, digest)
);

CREATE TABLE logs (
    site TEXT PRIMARY KEY,
    origin TEXT NOT NULL,               -- the checkpoint's first line and the key's name
    public_key BYTEA NOT NULL,          -- Ed25519, 32 bytes
    private_key TEXT NOT NULL,          -- encrypted under each listed secret
    created_at BIGINT NOT NULL
);

CREATE TABLE heads (
    site TEXT PRIMARY KEY,
    size BIGINT NOT NULL,               -- how many records the log has
    checkpoint TEXT NOT NULL            -- signed note over origin, size and root, from size 0 on
);

CREATE TABLE records (
    site TEXT NOT NULL,
    seq BIGINT NOT NULL,                -- place in the site's log, from 1, without gaps
    id BYTEA,                           -- the client's UUID: the idempotency key
    subject BYTEA,
    kind TEXT NOT NULL,                 -- cookies or newsletter
    recorded_at BIGINT,
    payload TEXT,                       -- canonical JSON of the whole record
    salt BYTEA,                         -- without it the leaf says nothing of the payload
    leaf BYTEA NOT NULL,                -- SHA-256(0x00 || HMAC-SHA256(salt, payload))
    seal BYTEA NOT NULL,                -- keyed proof that this leaf was given this seq
    PRIMARY KEY (site, seq),
    CHECK (seq > 0 AND seq = CAST(seq AS BIGINT)),  -- a whole number on SQLite too
    CHECK (kind IN ('cookies', 'newsletter'))
);
CREATE UNIQUE INDEX records_by_id ON records (site, id);
CREATE INDEX records_by_subject ON records (site, subject, seq);

CREATE TABLE erasures (
    site TEXT NOT NULL,
    seq BIGINT NOT NULL,
    erased_at BIGINT NOT NULL,
    seal BYTEA NOT NULL,                -- the log's signature that the service erased it, not somebody with SQL
    PRIMARY KEY (site, seq),
    CHECK (seq > 0 AND seq = CAST(seq AS BIGINT))
);

CREATE TABLE tiles (
    site TEXT NOT NULL,
    level BIGINT NOT NULL,
    number BIGINT NOT NULL,
    hashes BYTEA NOT NULL,              -- 256 hashes of 32 bytes
    root BYTEA NOT NULL,
    PRIMARY KEY (site, level, number),
    CHECK (level = CAST(level AS BIGINT) AND number = CAST(number AS BIGINT))
);

CREATE TABLE keys (
    site TEXT NOT NULL,
    id TEXT NOT NULL,
    hash BYTEA NOT NULL,                -- SHA-256 of the key; the key itself is never stored
    scopes TEXT NOT NULL,               -- read write erase, separated by spaces
    created_at BIGINT NOT NULL,
    used_at BIGINT,
    revoked_at BIGINT,
    PRIMARY KEY (site, id)
);
CREATE UNIQUE INDEX keys_by_hash ON keys (hash);

CREATE TABLE counters (
    site TEXT NOT NULL,
    hour BIGINT NOT NULL,               -- the hour's first millisecond
    kind TEXT NOT NULL,
    notice TEXT NOT NULL,
    language TEXT NOT NULL,
    variant TEXT NOT NULL,
    count BIGINT NOT NULL,
    PRIMARY KEY (site, hour, kind, notice, language, variant)
);

CREATE TABLE heartbeats (
    id TEXT PRIMARY KEY,                -- one row, written to learn whether the store can commit
    beaten_at BIGINT NOT NULL
);
