-- Who may use the console: people, their roles at sites, the links and passkeys they sign in by, and their sessions.
-- A person may be of many sites, so that only `memberships` begins with the site. Whatever opens something (a session's
-- id, a link's secret, a passkey's challenge) is kept as its SHA-256 alone. Runs unchanged on both engines.

CREATE TABLE members (
    id BYTEA PRIMARY KEY,               -- UUID: what the audit trail names
    email TEXT NOT NULL,
    key BYTEA NOT NULL,                 -- HMAC-SHA256 of the address's folded form: one mailbox is one member
    created_at BIGINT NOT NULL,
    disabled_at BIGINT                  -- may not sign in since then
);
CREATE UNIQUE INDEX members_by_key ON members (key);

CREATE TABLE memberships (
    site TEXT NOT NULL,                 -- a site's id, or * for every site
    member BYTEA NOT NULL,
    email TEXT NOT NULL,                -- as this site wrote it: how another one did is nothing to it
    role TEXT NOT NULL,
    since BIGINT NOT NULL,
    PRIMARY KEY (site, member),
    FOREIGN KEY (member) REFERENCES members (id) ON DELETE CASCADE,
    CHECK (role IN ('owner', 'editor', 'viewer', 'dpo'))
);
CREATE INDEX memberships_by_member ON memberships (member);

CREATE TABLE sign_in_links (
    hash BYTEA PRIMARY KEY,             -- SHA-256 of the secret in the link
    member BYTEA NOT NULL,
    kind TEXT NOT NULL,                 -- invitation or sign-in
    browser BYTEA,                      -- SHA-256 of the cookie of the browser that asked, or nothing: for any browser
    asking BYTEA NOT NULL,              -- every attempt to mail one asking makes a link; all of them are good
    made_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    FOREIGN KEY (member) REFERENCES members (id) ON DELETE CASCADE,
    CHECK (kind IN ('invitation', 'sign-in'))
);
CREATE INDEX sign_in_links_by_member ON sign_in_links (member);
CREATE INDEX sign_in_links_by_end ON sign_in_links (expires_at);

CREATE TABLE sessions (
    hash BYTEA PRIMARY KEY,             -- SHA-256 of the id in the cookie
    id BYTEA NOT NULL,                  -- UUID: what the list of sessions calls it
    member BYTEA NOT NULL,
    browser TEXT NOT NULL,              -- its family and system, in words; nothing finer
    made_at BIGINT NOT NULL,
    seen_at BIGINT NOT NULL,            -- to the minute
    FOREIGN KEY (member) REFERENCES members (id) ON DELETE CASCADE
);
CREATE INDEX sessions_by_member ON sessions (member);
CREATE INDEX sessions_by_last_seen ON sessions (seen_at);

CREATE TABLE passkeys (
    id BYTEA PRIMARY KEY,               -- the credential's id
    member BYTEA NOT NULL,
    name TEXT NOT NULL,
    public_key BYTEA NOT NULL,          -- COSE
    sign_count BIGINT NOT NULL,
    made_at BIGINT NOT NULL,
    used_at BIGINT,
    FOREIGN KEY (member) REFERENCES members (id) ON DELETE CASCADE
);
CREATE INDEX passkeys_by_member ON passkeys (member);

CREATE TABLE ceremonies (
    hash BYTEA PRIMARY KEY,             -- SHA-256 of a challenge that was given out to a passkey
    member BYTEA,                       -- who registers one; nothing for a sign-in
    expires_at BIGINT NOT NULL,
    FOREIGN KEY (member) REFERENCES members (id) ON DELETE CASCADE
);
CREATE INDEX ceremonies_by_end ON ceremonies (expires_at);
