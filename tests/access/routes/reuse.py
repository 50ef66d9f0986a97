"""一表多用: the forms a month fills, their file, and one kindergarten's worksheet."""

from __future__ import annotations

from tests.access.routes.case import EXPORTERS, FILERS, RETURN_READERS, Case

CASES = [
    Case("reuse", RETURN_READERS - FILERS, strangers=200),
    Case("reuse-export", EXPORTERS, lambda w: ["xlsx"], strangers=200),
    Case("reuse-worksheet", RETURN_READERS, lambda w: [w.kindergarten.code]),
]
