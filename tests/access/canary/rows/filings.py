"""What was saved over while a return was filled in, a longer time that was refused, and a doubt that
was looked into."""

from __future__ import annotations

from kindergartens.models import (
    ExtensionRequest,
    MonthlyFiling,
    ReplacedDraft,
    ReportingPeriod,
    UploadedWorkbook,
)
from reports.filings.board.models import FollowUp
from reports.filings.submitted import as_draft
from tests.access.routes import World
from tests.small_county import NOW, SEPTEMBER, an_incident


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
        UploadedWorkbook.objects.create(
            filing=filing,
            workbook="1 2026年10月28日 09:00",
            revision=filing.revision,
            said=as_draft(None) | {"remarks": "备注"},
            places={"0": 0},
            uploaded_at=NOW,
            uploaded_as=world.people["director"].memberships.get(),
        )
    ExtensionRequest.objects.create(
        kindergarten=world.kindergarten,
        period=ReportingPeriod.objects.get(county=world.small.county, month=SEPTEMBER),
        town=world.town,
        reason="示例理由",
        asked_as=world.people["director"].memberships.get(),
        asked_at=NOW,
        answered_as=world.people["bureau_officer"].memberships.get(),
        answered_at=NOW,
        answer="示例答复",
    )
    an_incident(world.filing)
    officer = world.people["bureau_officer"].memberships.get()
    FollowUp.objects.create(
        filing=world.filing,
        version=1,
        note="示例疑问",
        opened_as=officer,
        opened_at=NOW,
        outcome="示例结果",
        closed_as=officer,
        closed_at=NOW,
    )
