-- The database itself refuses to change facts. Erasure may empty a record's personal columns, and only
-- when the erasure is on record; the leaf stays.

CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $body$
BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME;
END
$body$;

CREATE FUNCTION refuse_unless_erased() RETURNS trigger LANGUAGE plpgsql AS $body$
BEGIN
    IF NEW.site = OLD.site AND NEW.seq = OLD.seq AND NEW.kind = OLD.kind
        AND NEW.leaf = OLD.leaf AND NEW.seal = OLD.seal
        AND NEW.id IS NULL AND NEW.subject IS NULL AND NEW.recorded_at IS NULL
        AND NEW.payload IS NULL AND NEW.salt IS NULL
        AND EXISTS (SELECT 1 FROM erasures WHERE erasures.site = OLD.site AND erasures.seq = OLD.seq)
    THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'records is append-only';
END
$body$;

CREATE TRIGGER records_keep BEFORE UPDATE ON records FOR EACH ROW EXECUTE FUNCTION refuse_unless_erased();
CREATE TRIGGER records_stay BEFORE DELETE ON records FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER records_whole BEFORE TRUNCATE ON records EXECUTE FUNCTION refuse_change();

CREATE TRIGGER notices_keep BEFORE UPDATE OR DELETE ON notices FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER publications_keep BEFORE UPDATE OR DELETE ON publications
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER tiles_keep BEFORE UPDATE OR DELETE ON tiles FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER erasures_keep BEFORE UPDATE OR DELETE ON erasures FOR EACH ROW EXECUTE FUNCTION refuse_change();

CREATE TRIGGER notices_whole BEFORE TRUNCATE ON notices EXECUTE FUNCTION refuse_change();
CREATE TRIGGER publications_whole BEFORE TRUNCATE ON publications EXECUTE FUNCTION refuse_change();
CREATE TRIGGER tiles_whole BEFORE TRUNCATE ON tiles EXECUTE FUNCTION refuse_change();
CREATE TRIGGER erasures_whole BEFORE TRUNCATE ON erasures EXECUTE FUNCTION refuse_change();
