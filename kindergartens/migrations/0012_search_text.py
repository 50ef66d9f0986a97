"""Make the kindergartens that are there findable by pinyin."""

from django.db import migrations

from kindergartens.models.search_text import search_text

BATCH = 2000


def fill(apps, schema_editor):
    kindergartens = apps.get_model("kindergartens", "Kindergarten").objects
    rows = list(kindergartens.order_by("pk").only("name", "code"))
    for row in rows:
        row.search_text = search_text([row.name], [row.code])
    kindergartens.bulk_update(rows, ["search_text"], batch_size=BATCH)


class Migration(migrations.Migration):
    dependencies = [("kindergartens", "0011_record")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
