"""The functions that close history rows into the chain when their transaction commits.

Statement triggers (accounts/history/tracking.py) write an entry for each new row and, once a
transaction, a row that says so. At commit that row's deferred trigger runs. It does nothing but
touch the row, which puts a second deferred trigger behind everything else that waits for the
commit, foreign keys above all: the one that takes the chain's lock. So the lock is held for as
short as can be, and never while waiting for another row.
"""

from django.db import migrations

LOCK = 5_172_006

FUNCTIONS = f"""
CREATE FUNCTION history_shape(of_table text, of_columns text) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE found_id integer;
BEGIN
    SELECT min(id) INTO found_id FROM accounts_historyshape
    WHERE "table" = of_table AND columns = of_columns;
    IF found_id IS NULL THEN
        -- Two at once make two, which does no harm; a unique index would make one wait for the
        -- other's whole transaction.
        INSERT INTO accounts_historyshape ("table", columns) VALUES (of_table, of_columns)
        RETURNING id INTO found_id;
    END IF;
    RETURN found_id;
END
$$;

CREATE FUNCTION history_closing() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE accounts_historyopen SET closing = true WHERE transaction = NEW.transaction;
    RETURN NULL;
END
$$;

-- Everyone who commits history waits here in turn; a long import before them may take a while.
CREATE FUNCTION history_close() RETURNS trigger LANGUAGE plpgsql
    SET lock_timeout = '60s'
    -- A transaction's entries are few and at the end, whatever a planner without statistics thinks.
    SET enable_seqscan = 'off' AS $$
DECLARE
    at_position bigint;
    previous bytea;
    moment timestamptz;
    part record;
BEGIN
    PERFORM pg_advisory_xact_lock({LOCK});
    moment := clock_timestamp();
    -- The head, so that blocks cut off behind it leave a gap; the last block, should it be ahead.
    SELECT ends.position, ends.digest INTO at_position, previous FROM (
        SELECT position, digest FROM accounts_historyhead
        UNION ALL
        (SELECT position, digest FROM accounts_historyblock ORDER BY position DESC LIMIT 1)
    ) ends ORDER BY ends.position DESC LIMIT 1;
    at_position := coalesce(at_position, 0);
    previous := coalesce(previous, ''::bytea);
    FOR part IN
        SELECT count(*) AS entries, min(id) AS first_entry, max(id) AS last_entry,
            string_agg(concat_ws('|', id, shape_id, row_id, encode(digest, 'hex')),
                E'\\n' ORDER BY id) AS lines
        FROM (
            SELECT e.*, (row_number() OVER (ORDER BY e.id) - 1) / 100 AS hundred
            FROM accounts_historyentry e
            WHERE e.transaction = NEW.transaction AND e.id >= NEW.first_entry
        ) written
        GROUP BY hundred ORDER BY hundred
    LOOP
        at_position := at_position + 1;
        previous := sha256(previous || convert_to(concat_ws('|', at_position, NEW.transaction,
            (extract(epoch FROM moment) * 1000000)::bigint, part.entries, part.first_entry,
            part.last_entry, part.lines), 'UTF8'));
        INSERT INTO accounts_historyblock
            (position, transaction, sealed_at, entries, first_entry, last_entry, digest)
        VALUES (at_position, NEW.transaction, moment, part.entries, part.first_entry,
            part.last_entry, previous);
    END LOOP;
    INSERT INTO accounts_historyhead (id, position, digest) VALUES (1, at_position, previous)
    ON CONFLICT (id) DO UPDATE SET position = excluded.position, digest = excluded.digest;
    DELETE FROM accounts_historyopen WHERE transaction = NEW.transaction;
    RETURN NULL;
END
$$;

CREATE CONSTRAINT TRIGGER history_closing AFTER INSERT ON accounts_historyopen
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION history_closing();
CREATE CONSTRAINT TRIGGER history_close AFTER UPDATE ON accounts_historyopen
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION history_close();

CREATE FUNCTION history_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'rows of % are never changed or deleted', TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
END
$$;
CREATE TRIGGER keep BEFORE UPDATE OR DELETE ON accounts_historyentry
    FOR EACH ROW EXECUTE FUNCTION history_refuse();
CREATE TRIGGER keep BEFORE UPDATE OR DELETE ON accounts_historyblock
    FOR EACH ROW EXECUTE FUNCTION history_refuse();
CREATE TRIGGER keep BEFORE UPDATE OR DELETE ON accounts_historyshape
    FOR EACH ROW EXECUTE FUNCTION history_refuse();
"""

GONE = """
DROP TRIGGER keep ON accounts_historyentry;
DROP TRIGGER keep ON accounts_historyblock;
DROP TRIGGER keep ON accounts_historyshape;
DROP TRIGGER history_close ON accounts_historyopen;
DROP TRIGGER history_closing ON accounts_historyopen;
DROP FUNCTION history_refuse();
DROP FUNCTION history_close();
DROP FUNCTION history_closing();
DROP FUNCTION history_shape(text, text);
"""


class Migration(migrations.Migration):
    dependencies = [("accounts", "0008_history")]

    operations = [migrations.RunSQL(FUNCTIONS, GONE)]
