"""Lets the database refuse to open an ended procedure again, to delete one, and to have it checked
or decided by whoever asked for it, deputies included."""

from django.db import migrations

GUARDS = """
CREATE FUNCTION guard_procedure() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'procedures are never deleted: their numbers are never used again'
            USING ERRCODE = 'restrict_violation';
    END IF;
    IF OLD.state IN ('approved', 'refused', 'withdrawn') OR NEW.number <> OLD.number
       OR NEW.kindergarten_id <> OLD.kindergarten_id OR NEW.kind <> OLD.kind THEN
        RAISE EXCEPTION 'an ended procedure stays as it is, and so does what it is about'
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER guard_procedure BEFORE UPDATE OR DELETE ON kindergartens_procedure
    FOR EACH ROW EXECUTE FUNCTION guard_procedure();
CREATE FUNCTION who_asks_does_not_decide() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM kindergartens_procedure p
        WHERE p.id = NEW.procedure_id
            AND persons_acting(p.asked_as_id) && persons_acting(NEW.done_as_id)
    ) THEN
        RAISE EXCEPTION 'who asks does not decide' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER who_asks_does_not_decide BEFORE INSERT ON kindergartens_procedureevent
    FOR EACH ROW WHEN (NEW.action IN ('checked', 'approved', 'refused'))
    EXECUTE FUNCTION who_asks_does_not_decide();
"""
BACK = """
DROP TRIGGER who_asks_does_not_decide ON kindergartens_procedureevent;
DROP FUNCTION who_asks_does_not_decide();
DROP TRIGGER guard_procedure ON kindergartens_procedure;
DROP FUNCTION guard_procedure();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0007_separation_of_duties"),
        ("kindergartens", "0009_procedures"),
    ]

    operations = [migrations.RunSQL(GUARDS, BACK)]
