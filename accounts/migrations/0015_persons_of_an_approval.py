"""An approval holds for the persons it was asked for, not for as many others."""

import accounts.history.triggers
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models


SAME_PERSONS = """
CREATE FUNCTION export_is_of_the_persons_asked_for() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'an export is of its persons, as it was asked'
        USING ERRCODE = 'restrict_violation';
END
$$;
CREATE TRIGGER export_is_of_the_persons_asked_for BEFORE UPDATE ON accounts_exportrequest
    FOR EACH ROW WHEN (NEW.persons_digest IS DISTINCT FROM OLD.persons_digest)
    EXECUTE FUNCTION export_is_of_the_persons_asked_for();
"""


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0014_import_batch'),
    ]

    operations = [
        pgtrigger.migrations.RemoveTrigger(
            model_name='exportrequest',
            name='insert_insert',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='exportrequest',
            name='update_update',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='exportrequest',
            name='delete_delete',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='exportrequestchange',
            name='seal',
        ),
        migrations.AddField(
            model_name='exportrequest',
            name='persons_digest',
            field=models.CharField(blank=True, max_length=64, verbose_name='名单摘要'),
        ),
        migrations.AddField(
            model_name='exportrequestchange',
            name='persons_digest',
            field=models.CharField(blank=True, max_length=64, verbose_name='名单摘要'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='exportrequest',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=accounts.history.triggers.FirmTriggerSql(func='INSERT INTO "accounts_exportrequestchange" ("decided_as_id", "decided_at", "decided_by_id", "decision_reason", "ending", "expires_at", "filters", "id", "kind", "persons", "persons_digest", "pgh_context", "pgh_created_at", "pgh_label", "pgh_obj_id", "reason", "requested_as_id", "requested_at", "requested_by_id", "state", "title", "used_at") SELECT new_values."decided_as_id", new_values."decided_at", new_values."decided_by_id", new_values."decision_reason", new_values."ending", new_values."expires_at", new_values."filters", new_values."id", new_values."kind", new_values."persons", new_values."persons_digest", (COALESCE(COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, \'{}\') || jsonb_build_object(\'database_role\', session_user, \'program\', current_setting(\'application_name\'))), NOW(), \'insert\', new_values."id", new_values."reason", new_values."requested_as_id", new_values."requested_at", new_values."requested_by_id", new_values."state", new_values."title", new_values."used_at" FROM ( SELECT new_values.* FROM new_values  ) AS new_values; RETURN NULL;', hash='d4896a4263172c1333886963bb24987f9d6cbaaf', level='STATEMENT', operation='INSERT', pgid='pgtrigger_insert_insert_aeb4a', referencing='REFERENCING NEW TABLE AS new_values ', table='accounts_exportrequest', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='exportrequest',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=accounts.history.triggers.FirmTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "accounts_exportrequestchange" ("decided_as_id", "decided_at", "decided_by_id", "decision_reason", "ending", "expires_at", "filters", "id", "kind", "persons", "persons_digest", "pgh_context", "pgh_created_at", "pgh_label", "pgh_obj_id", "reason", "requested_as_id", "requested_at", "requested_by_id", "state", "title", "used_at") VALUES (NEW."decided_as_id", NEW."decided_at", NEW."decided_by_id", NEW."decision_reason", NEW."ending", NEW."expires_at", NEW."filters", NEW."id", NEW."kind", NEW."persons", NEW."persons_digest", (COALESCE(COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, \'{}\') || jsonb_build_object(\'database_role\', session_user, \'program\', current_setting(\'application_name\'))), NOW(), \'update\', NEW."id", NEW."reason", NEW."requested_as_id", NEW."requested_at", NEW."requested_by_id", NEW."state", NEW."title", NEW."used_at"); RETURN NULL;', hash='8dd93781192c995b429c742b2d1a3723d3a3568e', operation='UPDATE', pgid='pgtrigger_update_update_f170e', table='accounts_exportrequest', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='exportrequest',
            trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=accounts.history.triggers.FirmTriggerSql(func='INSERT INTO "accounts_exportrequestchange" ("decided_as_id", "decided_at", "decided_by_id", "decision_reason", "ending", "expires_at", "filters", "id", "kind", "persons", "persons_digest", "pgh_context", "pgh_created_at", "pgh_label", "pgh_obj_id", "reason", "requested_as_id", "requested_at", "requested_by_id", "state", "title", "used_at") VALUES (OLD."decided_as_id", OLD."decided_at", OLD."decided_by_id", OLD."decision_reason", OLD."ending", OLD."expires_at", OLD."filters", OLD."id", OLD."kind", OLD."persons", OLD."persons_digest", (COALESCE(COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, \'{}\') || jsonb_build_object(\'database_role\', session_user, \'program\', current_setting(\'application_name\'))), NOW(), \'delete\', OLD."id", OLD."reason", OLD."requested_as_id", OLD."requested_at", OLD."requested_by_id", OLD."state", OLD."title", OLD."used_at"); RETURN NULL;', hash='0602cf8003e586245860cc159b77da49c184c2d4', operation='DELETE', pgid='pgtrigger_delete_delete_dec06', table='accounts_exportrequest', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='exportrequestchange',
            trigger=pgtrigger.compiler.Trigger(name='seal', sql=accounts.history.triggers.FirmTriggerSql(func='\n            WITH entered AS (\n                INSERT INTO accounts_historyentry (transaction, shape_id, row_id, digest)\n                SELECT pg_current_xact_id()::text::bigint,\n                    (SELECT history_shape(\'accounts_exportrequestchange\', \'pgh_id,pgh_created_at@,pgh_label,pgh_obj_id,pgh_context,id,kind,title,ending,filters,persons,persons_digest,reason,state,requested_by_id,requested_as_id,requested_at@,decided_by_id,decided_as_id,decided_at@,decision_reason,expires_at@,used_at@\')),\n                    added."pgh_id"::text, sha256(convert_to(jsonb_build_array(added."pgh_id", (added."pgh_created_at" AT TIME ZONE \'UTC\'), added."pgh_label", added."pgh_obj_id", added."pgh_context", added."id", added."kind", added."title", added."ending", added."filters", added."persons", added."persons_digest", added."reason", added."state", added."requested_by_id", added."requested_as_id", (added."requested_at" AT TIME ZONE \'UTC\'), added."decided_by_id", added."decided_as_id", (added."decided_at" AT TIME ZONE \'UTC\'), added."decision_reason", (added."expires_at" AT TIME ZONE \'UTC\'), (added."used_at" AT TIME ZONE \'UTC\'))::text, \'UTF8\'))\n                FROM added added ORDER BY added."pgh_id"\n                RETURNING id\n            )\n            INSERT INTO accounts_historyopen (transaction, first_entry, closing)\n            SELECT pg_current_xact_id()::text::bigint, min(id), false\n            FROM entered HAVING count(*) > 0\n            ON CONFLICT (transaction) DO NOTHING;\n            RETURN NULL;\n        ', hash='b1de5b0024d6e0264e1aa1d6002b37f3ef407a2c', level='STATEMENT', operation='INSERT', pgid='pgtrigger_seal_5759e', referencing='REFERENCING NEW TABLE AS added ', table='accounts_exportrequestchange', when='AFTER')),
        ),
        migrations.RunSQL(
            SAME_PERSONS,
            "DROP TRIGGER export_is_of_the_persons_asked_for ON accounts_exportrequest; "
            "DROP FUNCTION export_is_of_the_persons_asked_for()",
        ),
    ]
