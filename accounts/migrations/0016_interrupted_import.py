from django.db import migrations, models

STATES = [
    ("checking", "检查中"),
    ("refused", "没有读取"),
    ("faulty", "有错误"),
    ("ready", "待确认"),
    ("unchanged", "没有变化"),
    ("writing", "写入中"),
    ("written", "已写入"),
    ("stale", "数据有变，待重新确认"),
    ("interrupted", "写入中断，待重新确认"),
]
STATE = {"choices": STATES, "default": "checking", "max_length": 12, "verbose_name": "状态"}


class Migration(migrations.Migration):
    """A table whose writing was given up can be confirmed again."""

    dependencies = [("accounts", "0015_persons_of_an_approval")]

    operations = [
        migrations.RemoveConstraint(model_name="importbatch", name="faulty_import_is_not_ready"),
        migrations.AlterField("importbatch", "state", models.CharField(**STATE)),
        migrations.AlterField("importbatchchange", "state", models.CharField(**STATE)),
        migrations.AddConstraint(
            model_name="importbatch",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("state__in", ["ready", "stale", "writing", "interrupted"]), _negated=True
                    ),
                    ("fault_count", 0),
                    _connector="OR",
                ),
                name="faulty_import_is_not_ready",
            ),
        ),
    ]
