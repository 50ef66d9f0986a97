"""Words for a hazard that page, paper and file share."""

from __future__ import annotations

import datetime as dt

from safety.hazards import rules
from safety.hazards.criteria import criterion
from safety.models import Hazard


def criterion_words(hazard: Hazard) -> str:
    """What makes it major, with its source; "" where no direct criterion is met."""
    met = criterion(hazard.criterion)
    return f"{met.says}（{met.source}）" if met is not None else ""


def overdue_days(hazard: Hazard, today: dt.date) -> int:
    """Days since the deadline of what nobody says is mended; 0 where it is not overdue."""
    if hazard.deadline is None or not rules.is_overdue(hazard.state, hazard.deadline, today):
        return 0
    return (today - hazard.deadline).days
