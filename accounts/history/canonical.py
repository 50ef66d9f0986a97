"""One spelling of a row, from which its digest is made, today and in ten years.

The spelling is the JSON array of some columns in a fixed order. It must not depend on the session
(time zone, bytea format), nor on columns that are added later: every seal names the columns it
covers, and how each is read.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from django.db import models

# Behind a column's name: a moment is spelt in UTC, bytes by their own digest.
MOMENT, BYTES = "@", "#"
_COLUMN = re.compile(r"([a-z_][a-z0-9_]*)([@#]?)")


def columns_of(model: type[models.Model], leave_out: Sequence[str] = ()) -> str:
    """The columns of a model's rows as a seal names them: ``id,at@,content#``."""
    return ",".join(
        f"{field.column}{_mark(field)}"
        for field in model._meta.concrete_fields
        if field.name not in leave_out
    )


def _mark(field: models.Field) -> str:
    if isinstance(field, models.DateTimeField):
        return MOMENT
    return BYTES if isinstance(field, models.BinaryField) else ""


def digest_sql(columns: str, row: str) -> str:
    """SQL for the digest of the row called `row`. Raises ValueError for what is no column list."""
    return f"sha256(convert_to({spelling_sql(columns, row)}, 'UTF8'))"


def spelling_sql(columns: str, row: str) -> str:
    """SQL for the row's spelling; what a digest is made of, and what an archive keeps."""
    return f"jsonb_build_array({', '.join(_values(columns, row))})::text"


def fingerprint_sql(table: str, key: str, secrets: Sequence[str], row: str) -> str:
    """SQL for one digest over the secret columns of a row, and over which row it is.

    Each secret holds 96 random bits or more (the salt of a password hash, the nonce of a
    ciphertext), so nobody can try values until one fits: the digest is safe beside them. It needs
    no key, which the database would have to know to make it in a trigger.
    """
    values = ", ".join(f'{row}."{column}"' for column in secrets)
    said = f"jsonb_build_array('{table}', {row}.\"{key}\", {values})::text"
    return f"encode(sha256(convert_to({said}, 'UTF8')), 'hex')"


def _values(columns: str, row: str) -> list[str]:
    values = []
    for part in columns.split(","):
        match = _COLUMN.fullmatch(part)
        if match is None:
            # The list may come from a table that somebody has tampered with.
            raise ValueError(f"no column list: {columns!r}")
        value = f'{row}."{match[1]}"'
        if match[2] == MOMENT:
            value = f"({value} AT TIME ZONE 'UTC')"
        elif match[2] == BYTES:
            value = f"encode(sha256({value}), 'hex')"
        values.append(value)
    return values
