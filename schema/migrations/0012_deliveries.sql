-- Each attempt to deliver what is owed, so that a publisher sees why something has not arrived. Runs on both engines.

CREATE TABLE attempts (
    site TEXT NOT NULL,
    delivery BYTEA NOT NULL,            -- the outbox's row
    number BIGINT NOT NULL,             -- 1 is the first
    ended_at BIGINT NOT NULL,
    how TEXT NOT NULL,                  -- done, again, dead or dropped
    fault TEXT NOT NULL,                -- in our words: no address in it
    PRIMARY KEY (site, delivery, number),
    FOREIGN KEY (site, delivery) REFERENCES outbox (site, id) ON DELETE CASCADE
);
CREATE INDEX outbox_by_endpoint ON outbox (site, endpoint, id) WHERE endpoint IS NOT NULL;
