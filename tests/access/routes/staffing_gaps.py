"""Missing staff of regions and kindergartens, and the plan to hire them."""

from __future__ import annotations

import datetime as dt
from typing import Any

from staffing.models import RecruitmentLine, StaffingStandard
from tests.access.routes.case import (
    BUREAU,
    EXPORTERS,
    FILERS,
    HISTORY_READERS,
    NOT_THE_TOWN,
    READERS,
    RETURN_READERS,
    Case,
    county,
    kindergarten,
)
from tests.access.routes.world import World


def furnish(world: World) -> None:
    """One line of the county's plan, and a standard of its own."""
    world.recruitment = RecruitmentLine.objects.create(
        county=world.small.county, year=2026, scope="示例范围", post="teacher", gap=3, planned=3
    )
    world.staffing_standard = StaffingStandard.objects.create(
        region=world.small.county,
        demand="staff",
        day="full",
        most=7,
        document="示例办法",
        clause="一",
        valid_from=dt.date(2026, 12, 1),
    )


def line(world: World) -> list[Any]:
    return [world.recruitment.pk]


def standard(world: World) -> list[Any]:
    return [world.staffing_standard.pk]


CASES = [
    Case("staffing-gaps", READERS, strangers=200),
    Case("staffing-gaps-region", READERS, county(), except_for=NOT_THE_TOWN),
    Case("staffing-gaps-export", EXPORTERS, county("xlsx"), except_for=NOT_THE_TOWN),
    Case("kindergarten-staffing-gaps", RETURN_READERS, kindergarten()),
    # The own county's standards
    Case("staffing-standards", READERS, strangers=200),
    Case("staffing-standards-history", HISTORY_READERS - FILERS, strangers=200),
    Case("staffing-standard-new", BUREAU, lambda w: ["staff"], strangers=200),
    Case(
        "staffing-standard-new",
        BUREAU,
        lambda w: ["staff"],
        method="post",
        status=422,
        strangers=422,
    ),
    Case("staffing-standard-correct", BUREAU, standard),
    Case("staffing-standard-correct", BUREAU, standard, method="post", status=422),
    Case("staffing-standard-end", BUREAU, standard),
    Case("staffing-standard-end", BUREAU, standard, method="post", status=422),
    # The plan
    Case("recruitment", READERS - {"department_officer"}, strangers=200),
    Case("recruitment-export", EXPORTERS, lambda w: ["xlsx"], strangers=200),
    Case("recruitment-history", HISTORY_READERS - FILERS, strangers=200),
    Case("recruitment-new", BUREAU, strangers=200),
    Case("recruitment-new", BUREAU, method="post", status=422, strangers=422),
    Case("recruitment-edit", BUREAU, line),
    Case("recruitment-edit", BUREAU, line, method="post", status=422),
    Case("recruitment-withdraw", BUREAU, line),
    Case(
        "recruitment-withdraw",
        BUREAU,
        line,
        method="post",
        status=302,
        data=lambda w: {"reason": "示例原因"},
    ),
]
