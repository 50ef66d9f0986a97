"""对账: a month's counted returns beside the annual statistics."""

from __future__ import annotations

import datetime as dt

from kindergartens.models import AnnualStatistics, PublishedKindergarten
from reports.reconciling.models import DifferenceNote, ListNote
from tests.access.routes.case import BUREAU, EXPORTERS, FILERS, RETURN_READERS, Case
from tests.access.routes.world import World
from tests.small_county import NOW, SEPTEMBER


def furnish(world: World) -> None:
    """The kindergarten in the statistics and on the list, and why it differed in September."""
    day = dt.date(2026, 9, 1)
    AnnualStatistics.objects.create(
        county=world.small.county, code=world.kindergarten.code, name=world.kindergarten.name,
        reference_date=day, children=30, classes=1, source="示例来源",
    )  # fmt: skip
    DifferenceNote.objects.create(
        kindergarten=world.kindergarten, town=world.town, month=SEPTEMBER, figure="children",
        returned=24, stated=30, stated_on=day, text="示例说明", written_at=NOW,
        written_as=world.people["bureau_officer"].memberships.get(),
    )  # fmt: skip
    PublishedKindergarten.objects.create(
        county=world.small.county, kind="approved", published_on=day, code=world.kindergarten.code,
        name="示例原名", document="示例公告",
    )  # fmt: skip
    ListNote.objects.create(
        county=world.small.county, town=world.town, code=world.kindergarten.code, month=SEPTEMBER,
        kind="approved", aspect="name", registered="示例园", published="示例原名",
        published_on=day, text="示例更名", written_at=NOW,
        written_as=world.people["bureau_officer"].memberships.get(),
    )  # fmt: skip


def of_kindergarten(world: World) -> list[object]:
    return [world.period.pk, world.kindergarten.code]


CASES = [
    Case("reconciliation", RETURN_READERS - FILERS, strangers=200),
    Case("reconciliation-export", EXPORTERS, lambda w: ["xlsx"], strangers=200),
    Case("reconciliation-explain", BUREAU, of_kindergarten),
    # Its return is not counted yet: there is nothing to explain.
    Case(
        "reconciliation-explain",
        BUREAU,
        of_kindergarten,
        method="post",
        data=lambda w: {"children": "示例说明"},
        status=422,
    ),
]
