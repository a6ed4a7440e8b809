-- What people asked for by their rights, what must stay erased when an older database is put back, and what a sweep took
-- away. Every key begins with the site. Runs unchanged on both engines.

CREATE TABLE claims (
    site TEXT NOT NULL,
    id BYTEA NOT NULL,                  -- UUIDv7, named by the receipt that the person keeps
    kind TEXT NOT NULL,
    at BIGINT NOT NULL,
    actor TEXT NOT NULL,                -- member:…, key:…, command, or person
    asked_by TEXT NOT NULL,             -- JSON list: by which kinds of identifiers, never the identifiers
    counts TEXT NOT NULL,               -- JSON: how much was given or erased, by kind
    kept TEXT NOT NULL,                 -- JSON list: what stays after an erasure, by its name in the program
    PRIMARY KEY (site, id),
    CHECK (kind IN ('access', 'erasure'))
);
CREATE INDEX claims_by_age ON claims (site, at);

CREATE TABLE forgotten (
    site TEXT NOT NULL,
    key BYTEA NOT NULL,                 -- the address's keyed hash
    erased_at BIGINT NOT NULL,          -- whatever an older database knows of it from before this is erased again
    PRIMARY KEY (site, key)
);

CREATE TABLE retired (
    site TEXT NOT NULL,
    seq BIGINT NOT NULL,                -- of a record that is on the list of erasures because its time was over
    PRIMARY KEY (site, seq)
);

CREATE TABLE sweeps (
    site TEXT NOT NULL,                 -- empty for what belongs to no site
    kind TEXT NOT NULL,                 -- what is kept: records, pending, outbox …
    swept_at BIGINT NOT NULL,
    gone BIGINT NOT NULL,               -- how many went in the last sweep that took anything
    gone_at BIGINT,                     -- when that was
    reached BIGINT NOT NULL,            -- of records: none of a visitor is left up to this number
    PRIMARY KEY (site, kind)
);
