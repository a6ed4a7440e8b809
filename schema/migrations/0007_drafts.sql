-- Site files as they are written and as they were published: drafts with their versions, and the file of each publication.
-- Runs unchanged on SQLite and PostgreSQL. Who did something is an actor's text (`member:<id>`, `key:<id>`, `command`), never an address.

CREATE TABLE drafts (
    site TEXT NOT NULL,
    id BYTEA NOT NULL,
    version BIGINT NOT NULL,            -- counts what was saved; who saves says which one was seen
    begun_from BIGINT NOT NULL,         -- the publication that its words come from, or last took in
    aside_of BYTEA,                     -- the draft that this one was kept beside, because both changed the same
    aside_version BIGINT,               -- and the version of it that this one was written over
    made_by TEXT NOT NULL,
    made_at BIGINT NOT NULL,
    ended_at BIGINT,                    -- published or discarded; whoever still writes brings it back by saving
    PRIMARY KEY (site, id)
);

CREATE TABLE draft_versions (
    site TEXT NOT NULL,
    draft BYTEA NOT NULL,
    version BIGINT NOT NULL,
    file TEXT NOT NULL,                 -- canonical JSON of the site file's tables, whole or not
    faults BIGINT NOT NULL,             -- how many things are to be mended in it
    saved_by TEXT NOT NULL,
    saved_at BIGINT NOT NULL,
    PRIMARY KEY (site, draft, version),
    FOREIGN KEY (site, draft) REFERENCES drafts (site, id)
);

CREATE TABLE site_files (
    site TEXT NOT NULL,
    revision BIGINT NOT NULL,
    file TEXT NOT NULL,                 -- canonical JSON of the site file's tables, as they were put in force
    published_by TEXT NOT NULL,
    PRIMARY KEY (site, revision),
    FOREIGN KEY (site, revision) REFERENCES publications (site, revision)
);
