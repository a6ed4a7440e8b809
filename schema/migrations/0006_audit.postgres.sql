-- A third kind of record: what the publisher's people, keys and commands did (`audit`).

ALTER TABLE records DROP CONSTRAINT records_kind_check;
ALTER TABLE records ADD CONSTRAINT records_kind_check CHECK (kind IN ('cookies', 'newsletter', 'audit'));
CREATE INDEX records_of_audit ON records (site, seq) WHERE kind = 'audit';
