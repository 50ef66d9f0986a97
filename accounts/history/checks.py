"""Checking history, and keeping that it was checked: by command, by night, or by the button."""

from __future__ import annotations

import datetime as dt
import logging

from django.db import transaction

from accounts.history.chain import Report, Verified, verify
from accounts.history.recording import Action, Outcome, record_access
from accounts.models import HistoryBlock, HistoryCheck, User

logger = logging.getLogger(__name__)

# A night missed and half a day: the verification of the timetable does not run.
OVERDUE = dt.timedelta(hours=36)
# The rest is in the command's own output.
MOST_SHOWN = 100


def is_overdue(now: dt.datetime) -> bool:
    """Whether history has not been verified for longer than the timetable allows.

    Nothing verified yet counts only once there has been history for that long.
    """
    since = HistoryCheck.objects.order_by("-at").values_list("at", flat=True).first()
    if since is None:
        since = (
            HistoryBlock.objects.order_by("position").values_list("sealed_at", flat=True).first()
        )
    return since is not None and since < now - OVERDUE


def warn_when_overdue(*, now: dt.datetime) -> None:
    if is_overdue(now):
        # An operator's alarm hangs on this line.
        logger.error("History has not been verified for %d hours", OVERDUE.total_seconds() // 3600)


def check_history(
    *,
    by: User | None,
    now: dt.datetime,
    printed_anchors: str = "",
    report: Report = lambda *_: None,
) -> Verified:
    """Verify all history and keep what was found. Raises anchors.NotAnAnchor."""
    result = verify(printed_anchors=printed_anchors, report=report)
    with transaction.atomic():
        HistoryCheck.objects.create(
            at=now,
            rows=result.rows,
            position=result.position,
            findings=len(result.findings),
            shown=[finding.as_dict() for finding in result.findings[:MOST_SHOWN]],
        )
        record_access(
            Action.VERIFY_HISTORY,
            by=by,
            at=now,
            outcome=Outcome.DONE if result.sound else Outcome.FAILED,
            rows=result.rows,
        )
    if not result.sound:
        # An operator's alarm hangs on this line.
        logger.error("History does not verify: %d findings", len(result.findings))
    return result
