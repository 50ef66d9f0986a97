"""Lets the database refuse the approval of a claim by whoever filed it, deputies included."""

from django.db import migrations

SEPARATE = """
CREATE FUNCTION who_files_a_claim_does_not_approve() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF persons_acting(NEW.filed_as_id) && persons_acting(NEW.decided_as_id) THEN
        RAISE EXCEPTION 'who files a claim does not approve it' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER who_files_a_claim_does_not_approve BEFORE INSERT OR UPDATE ON fees_subsidyclaim
    FOR EACH ROW WHEN (NEW.step = 'approved')
    EXECUTE FUNCTION who_files_a_claim_does_not_approve();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0007_separation_of_duties"),
        ("fees", "0009_free_year"),
    ]

    operations = [
        migrations.RunSQL(
            SEPARATE,
            "DROP TRIGGER who_files_a_claim_does_not_approve ON fees_subsidyclaim; "
            "DROP FUNCTION who_files_a_claim_does_not_approve()",
        ),
    ]
