-- The newsletter: who is subscribed to what, what waits for a confirmation, what is owed by mail and webhook, and what
-- must never be mailed. Every key begins with the site, but for what holds across sites: an address's budget, the
-- ceilings of sending, and what providers and challenges may use only once. Runs unchanged on both engines.
--
-- `key` is always HMAC-SHA256 of an address's folded form, under a key of its own (`instance_keys`), so that the same
-- person is found whatever case, dots or tags the address is written with, and is not told by who has only the table.

CREATE TABLE instance_keys (
    name TEXT PRIMARY KEY,
    sealed TEXT NOT NULL,               -- encrypted under each listed secret
    created_at BIGINT NOT NULL
);

CREATE TABLE subscribers (
    site TEXT NOT NULL,
    id BYTEA NOT NULL,                  -- UUID: the subject of the person's newsletter records
    key BYTEA NOT NULL,
    email TEXT NOT NULL,
    language TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    paused_until BIGINT,                -- no newsletters until then
    version BIGINT NOT NULL,            -- counts changes of address: links mailed to an earlier one are dead
    PRIMARY KEY (site, id)
);
CREATE UNIQUE INDEX subscribers_by_key ON subscribers (site, key);
CREATE INDEX subscribers_by_pause ON subscribers (paused_until) WHERE paused_until IS NOT NULL;

CREATE TABLE subscriptions (
    site TEXT NOT NULL,
    subscriber BYTEA NOT NULL,
    list TEXT NOT NULL,
    state TEXT NOT NULL,
    since BIGINT NOT NULL,
    record BYTEA,                       -- the consent record's id that moved it here
    via TEXT NOT NULL,                  -- form, prompt, page, preferences, import, sync
    variant TEXT NOT NULL,              -- of the prompt, or empty
    page TEXT NOT NULL,                 -- where it was asked for, without query, or empty
    provenance TEXT NOT NULL,           -- of an import: where the consent comes from, in words; else empty
    PRIMARY KEY (site, subscriber, list),
    FOREIGN KEY (site, subscriber) REFERENCES subscribers (site, id) ON DELETE CASCADE,
    CHECK (state IN ('confirmed', 'unsubscribed', 'bounced', 'complained'))
);
CREATE INDEX subscriptions_by_list ON subscriptions (site, list, state, subscriber);

CREATE TABLE pendings (
    site TEXT NOT NULL,
    id BYTEA NOT NULL,                  -- UUID, named by the link that is mailed
    key BYTEA NOT NULL,
    kind TEXT NOT NULL,                 -- signup, or change (of a subscriber's address)
    subscriber BYTEA,                   -- whose address changes, or who came of the signup once confirmed
    email TEXT NOT NULL,
    language TEXT NOT NULL,
    asked_at BIGINT NOT NULL,           -- the latest time
    mailed_at BIGINT,                   -- when the confirmation went out last
    reminded_at BIGINT,
    PRIMARY KEY (site, id),
    CHECK (kind IN ('signup', 'change'))
);
CREATE UNIQUE INDEX pendings_by_key ON pendings (site, key, kind);
CREATE INDEX pendings_by_age ON pendings (asked_at);

CREATE TABLE pending_lists (
    site TEXT NOT NULL,
    pending BYTEA NOT NULL,
    list TEXT NOT NULL,
    asked_at BIGINT NOT NULL,
    notice TEXT NOT NULL,               -- digest of the words that were shown
    language TEXT NOT NULL,
    page TEXT NOT NULL,
    source TEXT NOT NULL,               -- canonical JSON: utm_… as they came
    via TEXT NOT NULL,
    variant TEXT NOT NULL,
    ip TEXT NOT NULL,                   -- as the site's settings allow, or empty
    confirmed_at BIGINT,                -- a repeated confirmation says so and does nothing
    PRIMARY KEY (site, pending, list),
    FOREIGN KEY (site, pending) REFERENCES pendings (site, id) ON DELETE CASCADE
);

CREATE TABLE budgets (
    key BYTEA PRIMARY KEY,              -- the address, across lists and sites
    last_at BIGINT NOT NULL,            -- when the last mail that a stranger can cause goes out; may lie ahead
    second_at BIGINT NOT NULL,
    third_at BIGINT NOT NULL,
    sent_at BIGINT NOT NULL,            -- when the last of them was handed over, or 0: what waited does not leave together
    sent_by BYTEA                       -- its row in the outbox, which may be tried again at any time
);
CREATE INDEX budgets_by_age ON budgets (last_at);

CREATE TABLE ceilings (
    scope TEXT PRIMARY KEY,             -- '*' for all mail, 'domain:example.org' for a domain's
    window_at BIGINT NOT NULL,
    count BIGINT NOT NULL
);

CREATE TABLE tallies (
    site TEXT NOT NULL,
    kind TEXT NOT NULL,                 -- asked, confirmed, bounced …: what attack mode and risk look at
    about TEXT NOT NULL,                -- '' for the site, 'net:…' or 'domain:…' for a source (keyed hash)
    window_at BIGINT NOT NULL,          -- the window's first millisecond
    count BIGINT NOT NULL,
    PRIMARY KEY (site, kind, about, window_at)
);
CREATE INDEX tallies_by_age ON tallies (window_at);

CREATE TABLE suppressions (
    site TEXT NOT NULL,
    key BYTEA NOT NULL,
    list TEXT NOT NULL,                 -- a list, or '*' for all of the site's
    reason TEXT NOT NULL,
    strength BIGINT NOT NULL,           -- 2: nobody's sign-up is mailed; 1: the person may sign up again, nobody else revives it
    at BIGINT NOT NULL,
    PRIMARY KEY (site, key, list),
    CHECK (reason IN ('unsubscribed', 'erased', 'not_me', 'bounced', 'complained', 'admin'))
);

CREATE TABLE outbox (
    site TEXT NOT NULL,
    id BYTEA NOT NULL,                  -- UUIDv7
    kind TEXT NOT NULL,                 -- mail, webhook or sync
    what TEXT NOT NULL,                 -- confirm, welcome …; or the event's type
    about TEXT NOT NULL,                -- canonical JSON of ids: what the mail or the event is made from when it leaves
    key BYTEA,                          -- the address's, so that suppression and erasure find it
    endpoint BYTEA,                     -- of a webhook or sync: where it goes
    message_id TEXT NOT NULL,           -- the same at every attempt
    created_at BIGINT NOT NULL,
    due_at BIGINT NOT NULL,
    lease_until BIGINT NOT NULL,        -- 0, or until when one process is on it
    attempts BIGINT NOT NULL,
    state TEXT NOT NULL,
    done_at BIGINT,
    delivered_at BIGINT,                -- as the provider told
    fault TEXT NOT NULL,                -- of the last attempt, in our words: no address in it
    PRIMARY KEY (site, id),
    CHECK (kind IN ('mail', 'webhook', 'sync')),
    CHECK (state IN ('waiting', 'done', 'dead', 'dropped'))
);
CREATE INDEX outbox_due ON outbox (due_at) WHERE state = 'waiting';
CREATE INDEX outbox_by_state ON outbox (site, state, id);
CREATE INDEX outbox_by_message ON outbox (message_id);
CREATE INDEX outbox_by_key ON outbox (site, key);

CREATE TABLE endpoints (
    site TEXT NOT NULL,
    id BYTEA NOT NULL,
    kind TEXT NOT NULL,                 -- webhook, listmonk, mailchimp, brevo, buttondown, ghost
    url TEXT NOT NULL,
    sealed TEXT NOT NULL,               -- its secrets as JSON, encrypted under each listed secret
    events TEXT NOT NULL,               -- JSON list: what it is told
    lists TEXT NOT NULL,                -- JSON: our list -> theirs; {} for all
    created_at BIGINT NOT NULL,
    failures BIGINT NOT NULL,           -- deliveries in a row that ended dead
    disabled_at BIGINT,
    fault TEXT NOT NULL,
    polled_at BIGINT,                   -- when what people left there was last fetched
    PRIMARY KEY (site, id)
);

CREATE TABLE spent (
    id TEXT PRIMARY KEY,                -- a solved challenge, or 'provider:event id' of an inbound event
    expires_at BIGINT NOT NULL
);
CREATE INDEX spent_by_age ON spent (expires_at);

CREATE TABLE funnel (
    site TEXT NOT NULL,
    day BIGINT NOT NULL,                -- the day's first millisecond, UTC
    step TEXT NOT NULL,                 -- shown, declined, later, submitted, asked, sent, delivered, confirmed, left, bounced, complained
    via TEXT NOT NULL,
    variant TEXT NOT NULL,
    page TEXT NOT NULL,                 -- path only; beyond a bound of different pages a day 'other'
    count BIGINT NOT NULL,
    PRIMARY KEY (site, day, step, via, variant, page)
);
