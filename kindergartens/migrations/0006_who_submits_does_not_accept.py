"""Lets the database refuse an acceptance by whoever submitted that version, deputies included."""

from django.db import migrations

SEPARATE = """
CREATE FUNCTION who_submits_does_not_accept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM kindergartens_filingversion version
        WHERE version.filing_id = NEW.filing_id AND version.version = NEW.version
            AND persons_acting(version.submitted_as_id) && persons_acting(NEW.done_as_id)
    ) THEN
        RAISE EXCEPTION 'who submits a return does not accept it' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER who_submits_does_not_accept BEFORE INSERT ON kindergartens_filingevent
    FOR EACH ROW WHEN (NEW.action = 'accepted')
    EXECUTE FUNCTION who_submits_does_not_accept();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0007_separation_of_duties"),
        ("kindergartens", "0005_attachments_of_submitted_versions"),
    ]

    operations = [
        migrations.RunSQL(
            SEPARATE,
            "DROP TRIGGER who_submits_does_not_accept ON kindergartens_filingevent; "
            "DROP FUNCTION who_submits_does_not_accept()",
        ),
    ]
