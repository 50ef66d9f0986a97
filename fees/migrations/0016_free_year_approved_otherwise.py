"""Keeps what a child was approved with, and what was computed when it was approved."""

import accounts.history.triggers
import django.db.models.deletion
import django.db.models.expressions
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models


# Until now an approval was of what was claimed a child, and moved against the claim.
FILL = """
UPDATE fees_subsidyclaim SET approved_waived = waived, computed_children = children,
    computed_waived = waived, computed_version_id = filing_version_id
    WHERE step = 'approved';
SET CONSTRAINTS ALL IMMEDIATE;
SET CONSTRAINTS ALL DEFERRED;
"""


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0021_delivery_in_doubt'),
        ('fees', '0015_who_hands_in_meals_does_not_answer'),
        ('kindergartens', '0032_uploaded_workbooks'),
    ]

    operations = [
        pgtrigger.migrations.RemoveTrigger(
            model_name='subsidyclaim',
            name='insert_insert',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='subsidyclaim',
            name='update_update',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='subsidyclaim',
            name='delete_delete',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='subsidyclaimchange',
            name='seal',
        ),
        migrations.RemoveConstraint(
            model_name='scheduledfee',
            name='scheduled_fee_before_waiver_not_less',
        ),
        migrations.RemoveConstraint(
            model_name='subsidyclaim',
            name='subsidy_claim_approved_adds_up',
        ),
        migrations.RemoveConstraint(
            model_name='subsidyclaim',
            name='subsidy_claim_other_number_has_reason',
        ),
        migrations.AddField(
            model_name='subsidyclaim',
            name='approved_waived',
            field=models.DecimalField(decimal_places=2, max_digits=8, null=True, verbose_name='核定每生减免（元/月）'),
        ),
        migrations.AddField(
            model_name='subsidyclaim',
            name='computed_children',
            field=models.PositiveIntegerField(null=True, verbose_name='核定时算得的人数'),
        ),
        migrations.AddField(
            model_name='subsidyclaim',
            name='computed_version',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='kindergartens.filingversion', verbose_name='核定时的月报版本'),
        ),
        migrations.AddField(
            model_name='subsidyclaim',
            name='computed_waived',
            field=models.DecimalField(decimal_places=2, max_digits=8, null=True, verbose_name='核定时算得的每生减免（元/月）'),
        ),
        migrations.AddField(
            model_name='subsidyclaimchange',
            name='approved_waived',
            field=models.DecimalField(decimal_places=2, max_digits=8, null=True, verbose_name='核定每生减免（元/月）'),
        ),
        migrations.AddField(
            model_name='subsidyclaimchange',
            name='computed_children',
            field=models.PositiveIntegerField(null=True, verbose_name='核定时算得的人数'),
        ),
        migrations.AddField(
            model_name='subsidyclaimchange',
            name='computed_version',
            field=models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='kindergartens.filingversion', verbose_name='核定时的月报版本'),
        ),
        migrations.AddField(
            model_name='subsidyclaimchange',
            name='computed_waived',
            field=models.DecimalField(decimal_places=2, max_digits=8, null=True, verbose_name='核定时算得的每生减免（元/月）'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='subsidyclaim',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=accounts.history.triggers.FirmTriggerSql(func='INSERT INTO "fees_subsidyclaimchange" ("amount", "approved", "approved_children", "approved_waived", "children", "computed_children", "computed_version_id", "computed_waived", "decided_as_id", "decided_at", "fee", "filed_as_id", "filed_at", "filing_version_id", "id", "kindergarten_id", "month", "paid", "pgh_context", "pgh_created_at", "pgh_label", "pgh_obj_id", "reason", "standard", "step", "town_id", "waived") SELECT new_values."amount", new_values."approved", new_values."approved_children", new_values."approved_waived", new_values."children", new_values."computed_children", new_values."computed_version_id", new_values."computed_waived", new_values."decided_as_id", new_values."decided_at", new_values."fee", new_values."filed_as_id", new_values."filed_at", new_values."filing_version_id", new_values."id", new_values."kindergarten_id", new_values."month", new_values."paid", (COALESCE(COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, \'{}\') || jsonb_build_object(\'database_role\', session_user, \'program\', current_setting(\'application_name\'))), NOW(), \'insert\', new_values."id", new_values."reason", new_values."standard", new_values."step", new_values."town_id", new_values."waived" FROM ( SELECT new_values.* FROM new_values  ) AS new_values; RETURN NULL;', hash='ef1fd6dfca0dd382bdd7e69e4d1cbb2bb0e0c8a5', level='STATEMENT', operation='INSERT', pgid='pgtrigger_insert_insert_e49cf', referencing='REFERENCING NEW TABLE AS new_values ', table='fees_subsidyclaim', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='subsidyclaim',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=accounts.history.triggers.FirmTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "fees_subsidyclaimchange" ("amount", "approved", "approved_children", "approved_waived", "children", "computed_children", "computed_version_id", "computed_waived", "decided_as_id", "decided_at", "fee", "filed_as_id", "filed_at", "filing_version_id", "id", "kindergarten_id", "month", "paid", "pgh_context", "pgh_created_at", "pgh_label", "pgh_obj_id", "reason", "standard", "step", "town_id", "waived") VALUES (NEW."amount", NEW."approved", NEW."approved_children", NEW."approved_waived", NEW."children", NEW."computed_children", NEW."computed_version_id", NEW."computed_waived", NEW."decided_as_id", NEW."decided_at", NEW."fee", NEW."filed_as_id", NEW."filed_at", NEW."filing_version_id", NEW."id", NEW."kindergarten_id", NEW."month", NEW."paid", (COALESCE(COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, \'{}\') || jsonb_build_object(\'database_role\', session_user, \'program\', current_setting(\'application_name\'))), NOW(), \'update\', NEW."id", NEW."reason", NEW."standard", NEW."step", NEW."town_id", NEW."waived"); RETURN NULL;', hash='9b449b7ef3bb98e6cd6d2d9e21be9e5c5b594ef7', operation='UPDATE', pgid='pgtrigger_update_update_80e59', table='fees_subsidyclaim', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='subsidyclaim',
            trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=accounts.history.triggers.FirmTriggerSql(func='INSERT INTO "fees_subsidyclaimchange" ("amount", "approved", "approved_children", "approved_waived", "children", "computed_children", "computed_version_id", "computed_waived", "decided_as_id", "decided_at", "fee", "filed_as_id", "filed_at", "filing_version_id", "id", "kindergarten_id", "month", "paid", "pgh_context", "pgh_created_at", "pgh_label", "pgh_obj_id", "reason", "standard", "step", "town_id", "waived") VALUES (OLD."amount", OLD."approved", OLD."approved_children", OLD."approved_waived", OLD."children", OLD."computed_children", OLD."computed_version_id", OLD."computed_waived", OLD."decided_as_id", OLD."decided_at", OLD."fee", OLD."filed_as_id", OLD."filed_at", OLD."filing_version_id", OLD."id", OLD."kindergarten_id", OLD."month", OLD."paid", (COALESCE(COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, \'{}\') || jsonb_build_object(\'database_role\', session_user, \'program\', current_setting(\'application_name\'))), NOW(), \'delete\', OLD."id", OLD."reason", OLD."standard", OLD."step", OLD."town_id", OLD."waived"); RETURN NULL;', hash='6201567e5c19890082d87ab11751b6f2ea47bac6', operation='DELETE', pgid='pgtrigger_delete_delete_9c3a7', table='fees_subsidyclaim', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='subsidyclaimchange',
            trigger=pgtrigger.compiler.Trigger(name='seal', sql=accounts.history.triggers.FirmTriggerSql(func='\n            WITH entered AS (\n                INSERT INTO accounts_historyentry (transaction, shape_id, row_id, digest)\n                SELECT pg_current_xact_id()::text::bigint,\n                    (SELECT history_shape(\'fees_subsidyclaimchange\', \'pgh_id,pgh_created_at@,pgh_label,pgh_obj_id,pgh_context,id,kindergarten_id,month,town_id,filing_version_id,children,fee,standard,waived,amount,step,filed_as_id,filed_at@,decided_as_id,decided_at@,approved_children,approved_waived,approved,computed_children,computed_waived,computed_version_id,reason,paid\')),\n                    added."pgh_id"::text, sha256(convert_to(jsonb_build_array(added."pgh_id", (added."pgh_created_at" AT TIME ZONE \'UTC\'), added."pgh_label", added."pgh_obj_id", added."pgh_context", added."id", added."kindergarten_id", added."month", added."town_id", added."filing_version_id", added."children", added."fee", added."standard", added."waived", added."amount", added."step", added."filed_as_id", (added."filed_at" AT TIME ZONE \'UTC\'), added."decided_as_id", (added."decided_at" AT TIME ZONE \'UTC\'), added."approved_children", added."approved_waived", added."approved", added."computed_children", added."computed_waived", added."computed_version_id", added."reason", added."paid")::text, \'UTF8\'))\n                FROM added added ORDER BY added."pgh_id"\n                RETURNING id\n            )\n            INSERT INTO accounts_historyopen (transaction, first_entry, closing)\n            SELECT pg_current_xact_id()::text::bigint, min(id), false\n            FROM entered HAVING count(*) > 0\n            ON CONFLICT (transaction) DO NOTHING;\n            RETURN NULL;\n        ', hash='1b3e61946d74ea3cc3fbf5af9c4163a0815279b1', level='STATEMENT', operation='INSERT', pgid='pgtrigger_seal_642f8', referencing='REFERENCING NEW TABLE AS added ', table='fees_subsidyclaimchange', when='AFTER')),
        ),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
        migrations.AddConstraint(
            model_name='scheduledfee',
            constraint=models.CheckConstraint(condition=models.Q(('before_waiver__isnull', True), models.Q(('before_waiver__gte', models.F('amount')), ('item', 'care_education_fee'), ('scope__in', ['large', 'mixed'])), _connector='OR'), name='scheduled_fee_before_waiver_not_less'),
        ),
        migrations.AddConstraint(
            model_name='subsidyclaim',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('approved', django.db.models.expressions.CombinedExpression(models.F('approved_children'), '*', models.F('approved_waived'))), ('approved_children__gte', 1), ('approved_waived__gt', 0), ('decided_as__isnull', False), ('decided_at__isnull', False), ('step', 'approved')), models.Q(models.Q(('step', 'approved'), _negated=True), ('approved__isnull', True), ('approved_children__isnull', True), ('approved_waived__isnull', True)), _connector='OR'), name='subsidy_claim_approved_adds_up'),
        ),
        migrations.AddConstraint(
            model_name='subsidyclaim',
            constraint=models.CheckConstraint(condition=models.Q(('approved_children__isnull', True), models.Q(('approved_children', models.F('children')), ('approved_waived', models.F('waived'))), models.Q(('reason', ''), _negated=True), _connector='OR'), name='subsidy_claim_other_number_has_reason'),
        ),
        migrations.AddConstraint(
            model_name='subsidyclaim',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('computed_children__isnull', True), ('computed_version__isnull', True), ('computed_waived__isnull', True)), models.Q(('computed_children__isnull', False), ('computed_version__isnull', False), ('computed_waived__isnull', False), ('step', 'approved')), _connector='OR'), name='subsidy_claim_computed_together'),
        ),
    ]
