-- What a publisher found on pages that the notice does not name, or that came before it might. Runs on both engines.

CREATE TABLE discoveries (
    site TEXT NOT NULL REFERENCES sites (id),
    page TEXT NOT NULL,                 -- its address without a query
    kind TEXT NOT NULL,                 -- cookie, local_storage, session_storage or indexed_db
    name TEXT NOT NULL,                 -- with a * for each id in it
    how TEXT NOT NULL,
    seen_at BIGINT NOT NULL,
    PRIMARY KEY (site, page, kind, name),
    CHECK (how IN ('undeclared', 'early'))
);
CREATE INDEX discoveries_by_age ON discoveries (site, seen_at);
