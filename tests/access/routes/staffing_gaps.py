"""Missing staff of regions and kindergartens."""

from __future__ import annotations

from tests.access.routes.case import (
    EXPORTERS,
    NOT_THE_TOWN,
    READERS,
    RETURN_READERS,
    Case,
    county,
    kindergarten,
)

CASES = [
    Case("staffing-gaps", READERS, strangers=200),
    Case("staffing-gaps-region", READERS, county(), except_for=NOT_THE_TOWN),
    Case("staffing-gaps-export", EXPORTERS, county("xlsx"), except_for=NOT_THE_TOWN),
    Case("kindergarten-staffing-gaps", RETURN_READERS, kindergarten()),
]
