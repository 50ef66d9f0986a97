"""What a dry run found, kept beside the batch and read back by its page."""

from __future__ import annotations

import base64
import hashlib
import json
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from accounts.exchange.checking import Checked
from accounts.exchange.declaring import Change, Fault, Importable, Line
from accounts.exchange.kinds import Kind
from accounts.models import ImportBatch
from accounts.privacy import cipher

# Fast and half as large: the rows of a county are some hundred kilobytes.
PACKED = 1


@dataclass
class Report:
    """A dry run as it was kept."""

    lines: list[Line]
    new: list[Line]
    changed: list[Change]
    faults: list[Fault]
    notices: list[str]


SEALED_COLUMN = "accounts.importbatch.report"


def pack(importable: Importable, checked: Checked, batch: ImportBatch) -> tuple[bytes, str]:
    """The report as it is kept, and the digest of it.

    Of one that is sealed the digest is of the ciphertext: the clear text could be tried out.
    """
    lines = checked.lines
    kinds = {column.name: column.kind for column in importable.columns}
    kept = {
        "rows": [line.row for line in lines],
        "columns": {name: _column(kind, name, lines) for name, kind in kinds.items()},
        "new": [line.row for line in checked.plan.new],
        "changed": [
            [
                change.line.row,
                {
                    name: [_kept(kinds[name], old), _kept(kinds[name], new)]
                    for name, (old, new) in change.changes.items()
                },
            ]
            for change in checked.plan.changed
        ],
        "faults": [
            [found.row, found.column, found.head, found.typed, found.text]
            for found in checked.faults
        ],
        "notices": checked.notices,
    }
    text = json.dumps(kept, ensure_ascii=False, check_circular=False).encode()
    packed = zlib.compress(text, PACKED)
    if not importable.sealed:
        return packed, hashlib.sha256(text).hexdigest()
    sealed = sealed_bytes(packed, SEALED_COLUMN, batch)
    return sealed, hashlib.sha256(sealed).hexdigest()


def sealed_bytes(content: bytes, column: str, batch: ImportBatch) -> bytes:
    return cipher.encrypt(base64.b64encode(content).decode(), column, batch.pk).encode()


def opened_bytes(content: bytes, column: str, batch: ImportBatch) -> bytes:
    """Raises NotDecrypted for what is no ciphertext of this batch."""
    return base64.b64decode(cipher.decrypt(content.decode(), column, batch.pk))


def _column(kind: Kind, name: str, lines: Sequence[Line]) -> list[Any] | None:
    """The values of one column; None where no row has any."""
    values = [line.values.get(name) for line in lines]
    if type(kind).keep is not Kind.keep:
        values = [_kept(kind, value) for value in values]
    return values if any(value is not None for value in values) else None


def _kept(kind: Kind, value: Any) -> Any:
    return None if value is None else kind.keep(value)


def is_as_checked(importable: Importable, batch: ImportBatch) -> bool:
    """Whether the kept report is the one whose digest stands beside it."""
    kept = bytes(batch.report)
    clear = kept if importable.sealed else zlib.decompress(kept)
    return hashlib.sha256(clear).hexdigest() == batch.digest


def unpack(importable: Importable, batch: ImportBatch) -> Report:
    """The report of a batch; empty while there is none. Columns that are gone are passed over."""
    if not batch.report:
        return Report([], [], [], [], [])
    packed = bytes(batch.report)
    if importable.sealed:
        packed = opened_bytes(packed, SEALED_COLUMN, batch)
    kept = json.loads(zlib.decompress(packed))
    kinds = {column.name: column.kind for column in importable.columns}
    lines = [Line(row, {}) for row in kept["rows"]]
    for name, values in kept["columns"].items():
        kind = kinds.get(name)
        if kind is None or values is None:
            continue
        for line, value in zip(lines, values, strict=True):
            if value is not None:
                line.values[name] = kind.restore(value)
    by_row = {line.row: line for line in lines}
    return Report(
        lines=lines,
        new=[by_row[row] for row in kept["new"]],
        changed=[
            Change(
                by_row[row],
                {
                    name: (kinds[name].restore(old), kinds[name].restore(new))
                    for name, (old, new) in changes.items()
                    if name in kinds
                },
            )
            for row, changes in kept["changed"]
        ],
        faults=[Fault(*found) for found in kept["faults"]],
        notices=kept["notices"],
    )
