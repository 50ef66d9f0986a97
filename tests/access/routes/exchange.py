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


# A director imports the own roster, and meets no table of the bureau's.
IMPORTERS = BUREAU | {"director"}
OF_THE_BUREAU = {"director": 404}

CASES = [
    Case("imports", IMPORTERS, strangers=200),
    Case("import-upload", IMPORTERS, lambda w: ["staff"], strangers=200),
    Case("import-upload", IMPORTERS, lambda w: ["staff"], method="post", status=422, strangers=422),
    Case("import-template", IMPORTERS, lambda w: ["staff"], strangers=200),
    # A sealed kind gives out no filled-in template, and the director's only one is.
    Case("import-current", BUREAU, lambda w: ["registry"], strangers=200),
    Case("import-batch", IMPORTERS, lambda w: [w.table.pk], except_for=OF_THE_BUREAU),
    Case(
        "import-confirm", IMPORTERS, lambda w: [w.table.pk], method="post", status=302,
        except_for=OF_THE_BUREAU,
    ),
    Case("import-marked", IMPORTERS, lambda w: [w.table.pk], except_for=OF_THE_BUREAU),
    Case("import-original", IMPORTERS, lambda w: [w.table.pk], except_for=OF_THE_BUREAU),
]  # fmt: skip
