"""Lets the database refuse the review of a schedule by whoever filed it, deputies included."""

from django.db import migrations

SEPARATE = """
CREATE FUNCTION who_files_a_schedule_does_not_review() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF persons_acting(NEW.filed_as_id) && persons_acting(NEW.reviewed_as_id) THEN
        RAISE EXCEPTION 'who files a schedule does not review it' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER who_files_a_schedule_does_not_review BEFORE INSERT OR UPDATE ON fees_schedulefiling
    FOR EACH ROW WHEN (NEW.reviewed_as_id IS NOT NULL)
    EXECUTE FUNCTION who_files_a_schedule_does_not_review();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0007_separation_of_duties"),
        ("fees", "0017_content_of_lines"),
    ]

    operations = [
        migrations.RunSQL(
            SEPARATE,
            "DROP TRIGGER who_files_a_schedule_does_not_review ON fees_schedulefiling; "
            "DROP FUNCTION who_files_a_schedule_does_not_review()",
        ),
    ]
