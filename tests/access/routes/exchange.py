"""Tables in: templates, an uploaded one with faults, its confirmation."""

from __future__ import annotations

from accounts.models import ImportBatch
from tests.access.routes.case import BUREAU, Case
from tests.access.routes.world import World
from tests.small_county import NOW


def furnish(world: World) -> None:
    """A registry that was uploaded and found faulty."""
    officer = world.people["bureau_officer"].memberships.get()
    world.table = ImportBatch.objects.create(
        kind="registry",
        name="示例名册.xlsx",
        file=world.attachment.file,
        marked=world.attachment.file,
        state="faulty",
        refusal="示例原因",
        uploaded_by=officer.user,
        uploaded_as=officer,
        uploaded_at=NOW,
        checked_at=NOW,
        row_count=1,
        new_count=0,
        changed_count=0,
        same_count=0,
        fault_count=1,
    )


CASES = [
    Case("imports", BUREAU, strangers=200),
    Case("import-upload", BUREAU, lambda w: ["registry"], strangers=200),
    Case("import-upload", BUREAU, lambda w: ["registry"], method="post", status=422, strangers=422),
    Case("import-template", BUREAU, lambda w: ["registry"], strangers=200),
    Case("import-current", BUREAU, lambda w: ["registry"], strangers=200),
    Case("import-batch", BUREAU, lambda w: [w.table.pk]),
    Case("import-confirm", BUREAU, lambda w: [w.table.pk], method="post", status=302),
    Case("import-marked", BUREAU, lambda w: [w.table.pk]),
    Case("import-original", BUREAU, lambda w: [w.table.pk]),
]
