-- The database itself refuses to change facts. Erasure may empty a record's personal columns, and only
-- when the erasure is on record; the leaf stays.

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

CREATE TRIGGER notices_keep BEFORE UPDATE ON notices
BEGIN SELECT RAISE(ABORT, 'notices are immutable'); END;

CREATE TRIGGER notices_stay BEFORE DELETE ON notices
BEGIN SELECT RAISE(ABORT, 'notices are immutable'); END;

CREATE TRIGGER publications_keep BEFORE UPDATE ON publications
BEGIN SELECT RAISE(ABORT, 'publications are append-only'); END;

CREATE TRIGGER publications_stay BEFORE DELETE ON publications
BEGIN SELECT RAISE(ABORT, 'publications are append-only'); END;

CREATE TRIGGER tiles_keep BEFORE UPDATE ON tiles
BEGIN SELECT RAISE(ABORT, 'full tiles never change'); END;

CREATE TRIGGER tiles_stay BEFORE DELETE ON tiles
BEGIN SELECT RAISE(ABORT, 'full tiles never change'); END;

CREATE TRIGGER erasures_keep BEFORE UPDATE ON erasures
BEGIN SELECT RAISE(ABORT, 'erasures are append-only'); END;

CREATE TRIGGER erasures_stay BEFORE DELETE ON erasures
BEGIN SELECT RAISE(ABORT, 'erasures are append-only'); END;

-- INSERT OR REPLACE deletes the row that has the key and asks no DELETE trigger, so an INSERT over a key,
-- the hidden rowid too (negative where none is given), is refused here.
CREATE TRIGGER records_once BEFORE INSERT ON records
WHEN EXISTS (SELECT 1 FROM records WHERE site = NEW.site AND seq = NEW.seq)
    OR EXISTS (SELECT 1 FROM records WHERE site = NEW.site AND id = NEW.id)
    OR (NEW.rowid > 0 AND EXISTS (SELECT 1 FROM records WHERE rowid = NEW.rowid))
BEGIN SELECT RAISE(ABORT, 'UNIQUE constraint failed: records are append-only'); END;

CREATE TRIGGER notices_once BEFORE INSERT ON notices
WHEN EXISTS (SELECT 1 FROM notices WHERE site = NEW.site AND digest = NEW.digest)
    OR (NEW.rowid > 0 AND EXISTS (SELECT 1 FROM notices WHERE rowid = NEW.rowid))
BEGIN SELECT RAISE(ABORT, 'UNIQUE constraint failed: notices are immutable'); END;

CREATE TRIGGER publications_once BEFORE INSERT ON publications
WHEN EXISTS (SELECT 1 FROM publications WHERE site = NEW.site AND revision = NEW.revision)
    OR (NEW.rowid > 0 AND EXISTS (SELECT 1 FROM publications WHERE rowid = NEW.rowid))
BEGIN SELECT RAISE(ABORT, 'UNIQUE constraint failed: publications are append-only'); END;

CREATE TRIGGER tiles_once BEFORE INSERT ON tiles
WHEN EXISTS (SELECT 1 FROM tiles WHERE site = NEW.site AND level = NEW.level AND number = NEW.number)
    OR (NEW.rowid > 0 AND EXISTS (SELECT 1 FROM tiles WHERE rowid = NEW.rowid))
BEGIN SELECT RAISE(ABORT, 'UNIQUE constraint failed: full tiles never change'); END;

CREATE TRIGGER erasures_once BEFORE INSERT ON erasures
WHEN EXISTS (SELECT 1 FROM erasures WHERE site = NEW.site AND seq = NEW.seq)
    OR (NEW.rowid > 0 AND EXISTS (SELECT 1 FROM erasures WHERE rowid = NEW.rowid))
BEGIN SELECT RAISE(ABORT, 'UNIQUE constraint failed: erasures are append-only'); END;
