"""Monthly returns."""

from __future__ import annotations

from accounts.models import Job
from reports.filings.board.accepting import JOB_KIND
from reports.filings.board.models import BulkAcceptance, FollowUp
from tests.access.routes.case import (
    BUREAU,
    EXPORTERS,
    FILERS,
    HISTORY_READERS,
    RETURN_READERS,
    Case,
    filing,
)
from tests.access.routes.world import World
from tests.small_county import NOW, OCTOBER


def furnish(world: World) -> None:
    """One follow-up that is open, and returns that were accepted together."""
    officer = world.people["bureau_officer"].memberships.get()
    world.follow_up = FollowUp.objects.create(
        filing=world.filing, version=1, note="示例说明", opened_as=officer, opened_at=NOW
    )
    job = Job.objects.create(
        kind=JOB_KIND,
        key=f"together{world.filing.pk}",
        title="接收",
        requested_as=officer,
        queued_at=NOW,
        state="done",
        finished_at=NOW,
    )
    world.together = BulkAcceptance.objects.create(
        job=job,
        month=OCTOBER,
        accepted_as=officer,
        accepted_at=NOW,
        results=[[world.filing.pk, 1, "示例一园", "示例原因"]],
    )


CASES = [
    Case("my-filings", FILERS, strangers=200),
    Case("mirror", FILERS, strangers=200),
    Case("filing-open", FILERS, method="post", data=lambda w: {"period": w.period.pk}, status=302),
    Case("filing-edit", FILERS, filing, status=302),
    # Submitted already: what was typed comes back with the reason.
    Case(
        "filing-edit",
        FILERS,
        filing,
        method="post",
        data=lambda w: {
            "revision": w.filing.revision,
            "remarks": "示例备注",
            "class-0-name": "小一班",
            "class-0-grade": "small",
            "class-0-boys": 12,
            "action": "save",
        },
        status=409,
    ),
    Case("extension-ask", FILERS, lambda w: [w.period.pk]),
    # The month has not locked: it is said that it can be filed as it is.
    Case(
        "extension-ask",
        FILERS,
        lambda w: [w.period.pk],
        method="post",
        data=lambda w: {"reason": "示例理由"},
        status=422,
    ),
    Case("filing-withdraw", FILERS, filing, method="post", status=302),
    # Submitted already: no workbook goes out, and none comes in.
    Case("filing-workbook", FILERS, filing, status=302),
    Case("filing-workbook", FILERS, filing, method="post", status=409),
    # Nothing sent: refused with a sentence, and nobody else gets that far.
    Case("filing-attach", FILERS, filing, method="post", status=422),
    Case("filing-attachment", RETURN_READERS, lambda w: [w.filing.pk, w.attachment.pk]),
    Case("filing-version", RETURN_READERS, lambda w: [w.filing.pk, 1]),
    Case("filing-board", RETURN_READERS - FILERS, strangers=200),
    Case("filing-board-export", EXPORTERS, lambda w: ["xlsx"], strangers=200),
    Case("filings-accept", BUREAU, strangers=200),
    # Theirs are not found in the other county, which has none to accept.
    Case(
        "filings-accept",
        BUREAU,
        method="post",
        data=lambda w: {"return": f"{w.filing.pk}:1"},
        status=302,
        strangers=422,
    ),
    Case("filings-accepted", BUREAU, lambda w: [w.together.pk]),
    Case("follow-ups", RETURN_READERS - FILERS, strangers=200),
    Case("follow-up-open", BUREAU, filing),
    # One is open already.
    Case(
        "follow-up-open",
        BUREAU,
        filing,
        method="post",
        data=lambda w: {"note": "示例说明"},
        status=422,
    ),
    Case("follow-up-close", BUREAU, lambda w: [w.follow_up.pk]),
    Case(
        "follow-up-close",
        BUREAU,
        lambda w: [w.follow_up.pk],
        method="post",
        data=lambda w: {"outcome": "示例结果"},
        status=302,
    ),
    Case("filing-queue", frozenset({"bureau_officer"}), strangers=200),
    Case("filing-review", frozenset({"bureau_officer"}), filing),
    Case(
        "filing-accept",
        frozenset({"bureau_officer"}),
        filing,
        method="post",
        # Its town has not looked at it.
        data=lambda w: {"version": 1, "not_waiting": "示例原因"},
        status=302,
    ),
    Case("filing-pre-review", frozenset({"town_officer"}), filing),
    Case(
        "filing-pre-review",
        frozenset({"town_officer"}),
        filing,
        method="post",
        data=lambda w: {"version": 1, "decision": "pass", "reason": "示例意见"},
        status=302,
    ),
    Case(
        "filing-return",
        frozenset({"bureau_officer"}),
        filing,
        method="post",
        data=lambda w: {"version": 1, "reason": "请核对"},
        status=302,
    ),
    Case("filing-compare", RETURN_READERS, filing),
    Case("filing-history", HISTORY_READERS, filing),
]
