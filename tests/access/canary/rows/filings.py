"""What was saved over while a return was filled in."""

from __future__ import annotations

from kindergartens.models import MonthlyFiling, ReplacedDraft
from reports.filings.selectors import as_draft
from tests.access.routes import World
from tests.small_county import NOW


def furnish(world: World) -> None:
    for filing in MonthlyFiling.objects.filter(
        state__in=["draft", "returned"], period__county=world.small.county
    ):
        ReplacedDraft.objects.create(
            filing=filing,
            revision=filing.revision,
            draft=as_draft(None) | {"remarks": "备注"},
            replaced_at=NOW,
            replaced_as=world.people["director"].memberships.get(),
        )
