"""Figures of regions, and how each came about."""

from __future__ import annotations

from tests.access.routes.case import (
    EXPORTERS,
    HISTORY_READERS,
    NOT_THE_TOWN,
    READERS,
    RETURN_READERS,
    Case,
    county,
    kindergarten,
)
from tests.small_county import OCTOBER

PUBLIC_SHARE = ("public_enrolment_share", OCTOBER)


CASES = [
    Case("dashboard", READERS, strangers=200),
    Case("dashboard-region", READERS, county(), except_for=NOT_THE_TOWN),
    Case("dashboard-fresh", READERS, county(), status=204, except_for=NOT_THE_TOWN),
    Case("dashboard-export", EXPORTERS, county("xlsx"), except_for=NOT_THE_TOWN),
    *(
        Case(f"figures-{page}", READERS, county(), except_for=NOT_THE_TOWN)
        for page in ("all", "documents", "ranking", "trend", "heat", "cuts")
    ),
    Case("figures-file", EXPORTERS, county("ranking", "svg"), except_for=NOT_THE_TOWN),
    Case("figure-explain", READERS, county(*PUBLIC_SHARE), except_for=NOT_THE_TOWN),
    Case(
        "figure-contributions",
        READERS - {"department_officer"},
        lambda w: [w.small.county.code, *PUBLIC_SHARE, w.town.code],
        except_for=NOT_THE_TOWN,
    ),
    Case("figure-export", EXPORTERS, county(*PUBLIC_SHARE, "xlsx"), except_for=NOT_THE_TOWN),
    Case("kindergarten-ratios", RETURN_READERS, kindergarten()),
    Case("policy-history", HISTORY_READERS, strangers=200),
]
