"""Lets the database refuse to change what a submitted version of a return had attached.

An attachment comes with the next version and may go before that is submitted; one that was
submitted stays for good, and can only be left out from the next version on.
"""

from django.db import migrations

GUARD = """
CREATE FUNCTION guard_filing_attachment() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    filing record;
    compared record;
BEGIN
    SELECT state, version INTO STRICT filing FROM kindergartens_monthlyfiling
        WHERE id = CASE WHEN TG_OP = 'DELETE' THEN OLD.filing_id ELSE NEW.filing_id END;
    IF filing.state NOT IN ('draft', 'returned') THEN
        RAISE EXCEPTION 'the return is not being filled in: its attachments stay as they are'
            USING ERRCODE = 'restrict_violation';
    END IF;
    IF TG_OP = 'INSERT' THEN
        IF NEW.from_version <> filing.version + 1 OR NEW.until_version IS NOT NULL THEN
            RAISE EXCEPTION 'an attachment comes with the next version'
                USING ERRCODE = 'restrict_violation';
        END IF;
        RETURN NEW;
    END IF;
    IF TG_OP = 'DELETE' THEN
        IF OLD.from_version <= filing.version THEN
            RAISE EXCEPTION 'what a submitted version had attached is never deleted'
                USING ERRCODE = 'restrict_violation';
        END IF;
        RETURN OLD;
    END IF;
    compared := NEW;
    compared.until_version := OLD.until_version;
    IF compared IS DISTINCT FROM OLD
       OR coalesce(OLD.until_version, filing.version + 1) <> filing.version + 1
       OR coalesce(NEW.until_version, filing.version + 1) <> filing.version + 1 THEN
        RAISE EXCEPTION 'of an attachment only its end is set, with the next version'
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END
$$
"""


class Migration(migrations.Migration):
    dependencies = [("kindergartens", "0004_filing_attachments")]

    operations = [
        migrations.RunSQL(GUARD, "DROP FUNCTION guard_filing_attachment()"),
        migrations.RunSQL(
            "CREATE TRIGGER guard_attachment BEFORE INSERT OR UPDATE OR DELETE "
            "ON kindergartens_filingattachment "
            "FOR EACH ROW EXECUTE FUNCTION guard_filing_attachment()",
            "DROP TRIGGER guard_attachment ON kindergartens_filingattachment",
        ),
    ]
