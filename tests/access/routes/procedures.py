"""Filings under law."""

from __future__ import annotations

from kindergartens.models import Procedure
from kindergartens.procedures import services
from tests.access.routes.case import BUREAU, FRESH_POST, RETURN_READERS, Case, kindergarten
from tests.access.routes.world import World
from tests.small_county import NOW

READERS = RETURN_READERS - {"kindergarten_clerk"}
ASKERS = BUREAU | {"director"}
# Who reads may open the page, and is told that asking is not theirs.
ONLY_ASKERS = dict.fromkeys(READERS - ASKERS, 403)
DECIDERS = BUREAU | {"bureau_leader"}


def furnish(world: World) -> None:
    """One change of director that waits to be checked, and a suspension to be decided."""
    world.procedure = world.small.procedure(world.kindergarten, world.people["director"])
    world.paper_handed_in = world.procedure.documents.first()
    officer = world.people["bureau_officer"].memberships.get()
    world.returned = world.small.procedure(
        world.kindergarten, world.people["director"], kind="teacher_change"
    )
    Procedure.objects.filter(pk=world.returned.pk).update(state="returned", due_on=None)
    world.checked = world.small.procedure(
        world.kindergarten, world.people["director"], kind="suspension", details={},
        effective_on=NOW.date().replace(month=12),
    )  # fmt: skip
    Procedure.objects.filter(pk=world.checked.pk).update(state="checked", checked_as=officer)


CASES = [
    Case("procedures", READERS, strangers=200),
    Case("procedures-owed", READERS, strangers=200),
    Case("procedure-periods", READERS, strangers=200),
    Case("procedure-choose", READERS, kindergarten()),
    Case("procedure-ask", READERS, kindergarten("split"), except_for=ONLY_ASKERS),
    # Nothing filled in: said at each field.
    Case(
        "procedure-ask", READERS, kindergarten("split"), method="post", status=422,
        except_for=ONLY_ASKERS,
    ),
    Case("procedure-document", READERS, lambda w: [w.paper_handed_in.pk]),
    Case("procedure", READERS, lambda w: [w.procedure.number]),
    Case(
        "procedure-complete", READERS, lambda w: [w.returned.number], except_for=ONLY_ASKERS
    ),
    Case(
        "procedure-complete", READERS, lambda w: [w.returned.number], method="post", status=422,
        except_for=ONLY_ASKERS,
    ),
    # Asked once more already, and confirmed as it was shown.
    Case(
        "procedure-act", READERS, lambda w: [w.procedure.number], **FRESH_POST,
        data=lambda w: {"act": "check", "confirmed": "1", "seen": services.stamp(w.procedure)},
        status=403,
        except_for={"bureau_officer": 302},
    ),
    Case(
        "procedure-decide", DECIDERS, lambda w: [w.checked.number],
        data=lambda w: {"seen": services.stamp(w.checked)},
        except_for={"bureau_officer": 409},
    ),
    Case(
        "procedure-decide", DECIDERS, lambda w: [w.checked.number], method="post",
        data=lambda w: {
            "decision_number": "文号", "effective_on": "2026-12-05",
            "seen": services.stamp(w.checked),
        },
        except_for={"bureau_officer": 409},
    ),
    # Without a signed preview: back to the list, with a sentence.
    Case("procedure-decide-confirm", DECIDERS, **FRESH_POST, status=302, strangers=302),
]  # fmt: skip
