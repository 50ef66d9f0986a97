"""Lets the database refuse to change or delete what a kindergarten submitted and what was done.

Every figure is summed from these rows and every paper is traced back to them; a correction is a
new version. A rule of the code alone would not bind a shell, a script or a mistake. TRUNCATE is
left free: it empties whole databases, such as a test's, and never alters a record.
"""

from django.db import migrations

TABLES = (
    "kindergartens_filingversion",
    "kindergartens_filingevent",
    "kindergartens_classcount",
)

REFUSE = """
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'rows of % are never changed or deleted', TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
END
$$
"""


def forbid(table: str) -> migrations.RunSQL:
    """Refuse UPDATE and DELETE of the table's rows from now on."""
    return migrations.RunSQL(
        f"CREATE TRIGGER immutable_rows BEFORE UPDATE OR DELETE ON {table} "
        "FOR EACH ROW EXECUTE FUNCTION refuse_change()",
        f"DROP TRIGGER immutable_rows ON {table}",
    )


class Migration(migrations.Migration):
    dependencies = [("kindergartens", "0001_initial")]

    operations = [
        migrations.RunSQL(REFUSE, "DROP FUNCTION refuse_change()"),
        *(forbid(table) for table in TABLES),
    ]
