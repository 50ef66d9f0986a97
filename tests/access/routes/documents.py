"""Papers that the portal prints."""

from __future__ import annotations

from reports.documents.models import PrintedDocument
from tests.access.routes.case import Case
from tests.access.routes.world import World
from tests.small_county import NOW, OCTOBER

PRINTERS = frozenset({"bureau_officer", "bureau_leader", "inspector", "city_officer"})


def furnish(world: World) -> None:
    """A paper of the county that is printed already."""
    world.document = PrintedDocument.objects.create(
        kind="monthly_rates",
        region=world.small.county,
        month=OCTOBER,
        job=world.job,
        printed_as=world.people["bureau_officer"].memberships.get(),
        printed_at=NOW,
        figures={},
        pages=1,
        sha256="0" * 64,
        content=b"%PDF-1.7",
    )


CASES = [
    Case("documents", PRINTERS, strangers=200),
    Case(
        "document-print",
        PRINTERS,
        method="post",
        status=302,
        strangers=422,
        data=lambda w: {"kind": "monthly_rates", "region": w.small.county.code, "month": "2026-10"},
    ),
    Case("document-download", PRINTERS, lambda w: [w.document.pk]),
]
