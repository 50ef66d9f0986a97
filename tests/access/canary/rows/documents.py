"""A print of the county that is done, and one that still waits."""

from __future__ import annotations

from accounts.models import Job
from reports.documents.models import PrintedDocument
from tests.access.routes import World
from tests.small_county import NOW, OCTOBER


def furnish(world: World) -> None:
    officer = world.people["bureau_officer"].memberships.get()
    for number, state in enumerate(("done", "queued")):
        job = Job.objects.create(
            kind="print-document",
            key=f"print:{world.small.county.code}:{number}",
            title="打印",
            requested_as=officer,
            queued_at=NOW,
            state=state,
            finished_at=NOW if state == "done" else None,
        )
        if state == "done":
            PrintedDocument.objects.create(
                job=job,
                kind="overview_table",
                region=world.small.county,
                month=OCTOBER,
                printed_as=officer,
                printed_at=NOW,
                figures={},
                pages=1,
                sha256="0" * 64,
                content=b"%PDF-1.7",
            )
