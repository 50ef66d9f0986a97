"""The migrated database is what the models say: migrating builds few models on its way there."""

from __future__ import annotations

import pytest
from django.apps import apps
from django.db import connection

COLUMNS = """
    SELECT table_name, column_name, data_type, udt_name, is_nullable, character_maximum_length,
        numeric_precision, numeric_scale, column_default, is_identity, generation_expression
    FROM information_schema.columns WHERE table_schema = %s
"""
CONSTRAINTS = """
    SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid)
    FROM pg_constraint WHERE connamespace = %s::regnamespace AND contype <> 't'
"""
INDEXES = "SELECT tablename, indexname, indexdef FROM pg_indexes WHERE schemaname = %s"
# Written by hand in a migration: no model can say it.
BY_HAND = {"group_member_kind_is_its_groups", "kindergarten_found_by"}
SQL = {"columns": COLUMNS, "constraints": CONSTRAINTS, "indexes": INDEXES}


def described(schema: str, tables: set[str]) -> dict[str, set[tuple[str, ...]]]:
    """What the catalogue says of these tables; names as seen from the schema itself."""
    found = {}
    with connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL search_path TO {schema}")
        for name, sql in SQL.items():
            cursor.execute(sql, [schema])
            rows = [tuple(str(cell).replace(f"{schema}.", "") for cell in row) for row in cursor]
            found[name] = {row for row in rows if row[0] in tables and row[1] not in BY_HAND}
        cursor.execute("SET LOCAL search_path TO public")
    return found


@pytest.mark.as_owner
@pytest.mark.django_db
def test_the_migrated_tables_are_those_of_the_models() -> None:
    models = [m for m in apps.get_models() if m._meta.managed and not m._meta.proxy]
    tables = {model._meta.db_table for model in models}
    with connection.cursor() as cursor:
        cursor.execute("CREATE SCHEMA afresh")
        cursor.execute("SET LOCAL search_path TO afresh, public")
    with connection.schema_editor(atomic=False) as editor:
        for model in models:
            editor.create_model(model)
    migrated, afresh = described("public", tables), described("afresh", tables)
    assert len(migrated["columns"]) > 500
    for name in SQL:
        assert migrated[name] - afresh[name] == set(), f"{name} no model knows"
        assert afresh[name] - migrated[name] == set(), f"{name} no migration made"
