"""A hazard in words, the same on page, paper and in a file."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from accounts.formatting import zhdate
from safety.hazards import rules, words
from safety.models import Hazard, HazardEvent

# State → the components' state, which brings icon and tone.
TONES = {
    rules.REPORTED: "waiting",
    rules.MENDING: "running",
    rules.MENDED: "submitted",
    rules.CLEARED: "pre_review",
    rules.CLOSED: "done",
    rules.WITHDRAWN: "withdrawn",
}
ICONS = {
    HazardEvent.Action.REPORTED: ("flag", "back"),
    HazardEvent.Action.MENDED: ("tool", "past"),
    HazardEvent.Action.SENT_BACK: ("arrow-back-up", "back"),
    HazardEvent.Action.PASSED: ("circle-check", "done"),
    HazardEvent.Action.DELISTED: ("circle-check", "done"),
    HazardEvent.Action.HUNG: ("alert-triangle", "back"),
    HazardEvent.Action.STOPPED: ("ban", "back"),
}


@dataclass(frozen=True)
class Line:
    """A hazard with what is computed of it for a day."""

    hazard: Hazard
    overdue_days: int
    tone: str
    word: str
    is_plated: bool

    @property
    def mending(self) -> str:
        """当场整改, or until when."""
        deadline = self.hazard.deadline
        return "当场整改" if deadline is None else zhdate(deadline)


def line(hazard: Hazard, today: dt.date) -> Line:
    days = words.overdue_days(hazard, today)
    plate = getattr(hazard, "plate", None)
    return Line(
        hazard,
        days,
        "failed" if days else TONES[hazard.state],
        f"逾期{days}天" if days else hazard.get_state_display(),
        plate is not None and plate.delisted_on is None,
    )


def points(hazard: Hazard) -> list[tuple[str, str]]:
    """The five points of the plate; none where none was hung."""
    plate = getattr(hazard, "plate", None)
    if plate is None:
        return []
    said = vars(plate) | {"deadline": f"{zhdate(plate.deadline)}前整改完成"}
    return [(label, str(said[name])) for name, label in rules.FIVE_POINTS.items()]


@dataclass(frozen=True)
class Step:
    """An event as the timeline shows it."""

    at: dt.datetime
    title: str
    text: str
    icon: str
    tone: str


def timeline(events: Iterable[HazardEvent]) -> list[Step]:
    """Newest first."""
    found = []
    for event in events:
        icon, tone = ICONS.get(HazardEvent.Action(event.action), ("pencil", "past"))
        who = f"{event.done_as.user.full_name}（{event.done_as.organisation.name}）"
        until = f"，期限{zhdate(event.deadline)}" if event.deadline else ""
        said = f"：{event.reason}" if event.reason else ""
        found.append(Step(event.at, who, f"{event.get_action_display()}{until}{said}", icon, tone))
    return found[::-1]
