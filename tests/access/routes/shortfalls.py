"""How far each region and kindergarten is from each target."""

from __future__ import annotations

from tests.access.routes.case import EXPORTERS, NOT_THE_TOWN, READERS, Case, county

CASES = [
    Case("shortfalls", READERS, strangers=200),
    Case("shortfalls-region", READERS, county(), except_for=NOT_THE_TOWN),
    Case("shortfalls-export", EXPORTERS, county("xlsx"), except_for=NOT_THE_TOWN),
]
