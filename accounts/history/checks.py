"""Checking history, and keeping that it was checked: by command, by night, or by the button."""

from __future__ import annotations

import datetime as dt
import logging

from django.db import transaction

from accounts.history.chain import Report, Verified, verify
from accounts.history.recording import Action, Outcome, record_access
from accounts.models import HistoryCheck, User

logger = logging.getLogger(__name__)

# The rest is in the command's own output.
MOST_SHOWN = 100


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
