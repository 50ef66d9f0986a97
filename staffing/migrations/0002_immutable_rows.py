"""Lets the database refuse to change or delete submitted staff counts, as for class counts."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("staffing", "0001_initial"),
        # Its function refuses the change.
        ("kindergartens", "0002_immutable_rows"),
    ]

    operations = [
        migrations.RunSQL(
            "CREATE TRIGGER immutable_rows BEFORE UPDATE OR DELETE ON staffing_staffcount "
            "FOR EACH ROW EXECUTE FUNCTION refuse_change()",
            "DROP TRIGGER immutable_rows ON staffing_staffcount",
        )
    ]
