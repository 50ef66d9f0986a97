"""Whoever asked for an export may take the request back, while it waits and once it is approved."""

from django.db import migrations, models

# The function of 0007, whose moves are named here.
FORWARD = """
CREATE OR REPLACE FUNCTION export_request_goes_forward() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (OLD.state, NEW.state) NOT IN (%s)
    OR (
        NEW.kind, NEW.title, NEW.ending, NEW.filters, NEW.persons, NEW.reason,
        NEW.requested_by_id, NEW.requested_as_id, NEW.requested_at
    ) IS DISTINCT FROM (
        OLD.kind, OLD.title, OLD.ending, OLD.filters, OLD.persons, OLD.reason,
        OLD.requested_by_id, OLD.requested_as_id, OLD.requested_at
    ) OR (OLD.decided_by_id IS NOT NULL AND (NEW.decided_by_id, NEW.decided_as_id, NEW.decided_at)
        IS DISTINCT FROM (OLD.decided_by_id, OLD.decided_as_id, OLD.decided_at))
    THEN
        RAISE EXCEPTION 'an export is decided once, used once, and as it was asked'
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END
$$;
"""
BEFORE = """
        ('waiting', 'approved'), ('waiting', 'refused'), ('waiting', 'expired'),
        ('approved', 'used'), ('approved', 'expired')
"""
WITH_WITHDRAWN = f"""{BEFORE.rstrip()},
        ('waiting', 'withdrawn'), ('approved', 'withdrawn')
"""


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0016_interrupted_import'),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='exportrequest',
            name='export_request_says_who_decided',
        ),
        migrations.AlterField(
            model_name='exportrequest',
            name='state',
            field=models.CharField(choices=[('waiting', '待批准'), ('approved', '已批准'), ('refused', '已拒绝'), ('expired', '已过期'), ('used', '已导出'), ('withdrawn', '已撤回')], default='waiting', max_length=10),
        ),
        migrations.AlterField(
            model_name='exportrequestchange',
            name='state',
            field=models.CharField(choices=[('waiting', '待批准'), ('approved', '已批准'), ('refused', '已拒绝'), ('expired', '已过期'), ('used', '已导出'), ('withdrawn', '已撤回')], default='waiting', max_length=10),
        ),
        migrations.AddConstraint(
            model_name='exportrequest',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('decided_as__isnull', False), ('decided_at__isnull', False), ('decided_by__isnull', False)), models.Q(('decided_as__isnull', True), ('decided_at__isnull', True), ('decided_by__isnull', True), ('state__in', ['waiting', 'expired', 'withdrawn'])), _connector='OR'), name='export_request_says_who_decided'),
        ),
        migrations.RunSQL(FORWARD % WITH_WITHDRAWN, FORWARD % BEFORE),
    ]
