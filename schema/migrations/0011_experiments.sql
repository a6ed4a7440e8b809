-- Two notices of a site, shown by a fair draw, so that a publisher sees which is understood better. Runs on both engines.

CREATE TABLE experiments (
    site TEXT NOT NULL,
    id BYTEA NOT NULL,                  -- UUIDv7
    first TEXT NOT NULL,                -- the digest of the notice that was in force when it began
    second TEXT NOT NULL,               -- the digest of the other
    file TEXT NOT NULL,                 -- canonical JSON: the second's whole site file
    started_at BIGINT NOT NULL,
    started_by TEXT NOT NULL,
    ended_at BIGINT,
    ended_by TEXT,
    outcome TEXT,                       -- kept or adopted; null while it runs, and when a publication ended it
    PRIMARY KEY (site, id),
    FOREIGN KEY (site, first) REFERENCES notices (site, digest),
    FOREIGN KEY (site, second) REFERENCES notices (site, digest),
    CHECK (outcome IS NULL OR outcome IN ('kept', 'adopted'))
);
CREATE UNIQUE INDEX experiments_running ON experiments (site) WHERE ended_at IS NULL;
