"""What happened to one return: when it was submitted, sent back, accepted. No database."""

from __future__ import annotations

import datetime as dt
import random
from dataclasses import dataclass, field
from enum import StrEnum

from config.demo.calendar import PeriodPlan
from config.demo.classes import ClassRow, miscounted
from config.demo.plan import KindergartenPlan, Outcome
from config.demo.staff import Staff
from kindergartens.models import FilingEvent, MonthlyFiling

Action = FilingEvent.Action
State = MonthlyFiling.State


class Course(StrEnum):
    """How a past return went."""

    PLAIN = "plain"
    LATE = "late"
    SENT_BACK = "sent_back"
    CORRECTED = "corrected"
    NEVER_SUBMITTED = "never_submitted"
    MISSING = "missing"


# Of a thousand past returns that were accepted in the end.
COURSES = {
    Course.LATE: 60,
    Course.SENT_BACK: 45,
    Course.CORRECTED: 8,
    Course.PLAIN: 887,
}


@dataclass(frozen=True)
class Version:
    submitted_at: dt.datetime
    classes: list[ClassRow]


@dataclass(frozen=True)
class Event:
    action: Action
    version: int
    at: dt.datetime
    reason: str = ""
    field_reasons: dict[str, str] = field(default_factory=dict)

    @property
    def is_by_director(self) -> bool:
        return self.action == Action.SUBMITTED


@dataclass(frozen=True)
class Story:
    """One return from its first save on. `draft` is what stands in the form now."""

    state: State
    versions: list[Version]
    events: list[Event]
    draft: list[ClassRow]
    staff: Staff
    saved_at: dt.datetime


def choose_course(rng: random.Random) -> Course:
    return rng.choices(list(COURSES), list(COURSES.values()))[0]


def past_story(
    rng: random.Random, course: Course, period: PeriodPlan, classes: list[ClassRow], staff: Staff
) -> Story | None:
    """The return of a month that is over, or None where none was begun."""
    if course == Course.MISSING:
        return None
    sessions = period.sessions
    if course == Course.NEVER_SUBMITTED:
        saved_at = period.submission_before(rng, sessions[-1])
        return Story(State.DRAFT, [], [], classes, staff, saved_at)
    if course == Course.LATE:
        return _accepted(rng, period, rng.choice(period.late_sessions), classes, staff)
    if course in {Course.SENT_BACK, Course.CORRECTED}:
        first = rng.choice(sessions[:-1])
        later = [moment for moment in sessions + period.late_sessions if moment > first]
        both = (first, rng.choice(later))
        return _twice(rng, period, both, classes, staff, after=course == Course.CORRECTED)
    return _accepted(rng, period, rng.choice(sessions), classes, staff)


def current_story(
    rng: random.Random,
    planned: KindergartenPlan,
    period: PeriodPlan,
    classes: list[ClassRow],
    staff: Staff,
) -> Story | None:
    """The return of the month that is still open, as the plan wants it."""
    sessions = period.sessions
    saved_at = period.submission_before(rng, rng.choice(sessions))
    if planned.outcome == Outcome.ABSENT:
        return None
    if planned.outcome == Outcome.DRAFT:
        return Story(State.DRAFT, [], [], classes, staff, saved_at)
    if planned.outcome == Outcome.SUBMITTED:
        versions = [Version(saved_at, classes)]
        events = [Event(Action.SUBMITTED, 1, saved_at)]
        return Story(State.SUBMITTED, versions, events, classes, staff, saved_at)
    if planned.outcome == Outcome.RETURNED:
        wrong_classes, wrong = miscounted(rng, classes)
        submitted_at = period.submission_before(rng, sessions[1])
        events = [
            Event(Action.SUBMITTED, 1, submitted_at),
            _sent_back(Action.RETURNED, sessions[1], wrong),
        ]
        versions = [Version(submitted_at, wrong_classes)]
        return Story(State.RETURNED, versions, events, wrong_classes, staff, submitted_at)
    return _accepted(rng, period, rng.choice(sessions), classes, staff)


def _accepted(
    rng: random.Random,
    period: PeriodPlan,
    session: dt.datetime,
    classes: list[ClassRow],
    staff: Staff,
) -> Story:
    submitted_at = period.submission_before(rng, session)
    events = [Event(Action.SUBMITTED, 1, submitted_at), Event(Action.ACCEPTED, 1, session)]
    versions = [Version(submitted_at, classes)]
    return Story(State.ACCEPTED, versions, events, classes, staff, submitted_at)


def _twice(
    rng: random.Random,
    period: PeriodPlan,
    sessions: tuple[dt.datetime, dt.datetime],
    classes: list[ClassRow],
    staff: Staff,
    *,
    after: bool,
) -> Story:
    """Wrong at first: sent back before it was accepted, or reopened `after` it was."""
    first, second = sessions
    wrong_classes, wrong = miscounted(rng, classes)
    submitted_at = period.submission_before(rng, first)
    again_at = period.submission_before(rng, second)
    events = [Event(Action.SUBMITTED, 1, submitted_at)]
    if after:
        reopened_at = first + dt.timedelta(minutes=rng.randint(6, 14))
        events += [
            Event(Action.ACCEPTED, 1, first),
            _sent_back(Action.REOPENED, reopened_at, wrong),
        ]
    else:
        events.append(_sent_back(Action.RETURNED, first, wrong))
    events += [Event(Action.SUBMITTED, 2, again_at), Event(Action.ACCEPTED, 2, second)]
    versions = [Version(submitted_at, wrong_classes), Version(again_at, classes)]
    return Story(State.ACCEPTED, versions, events, classes, staff, again_at)


def _sent_back(action: Action, at: dt.datetime, wrong: ClassRow) -> Event:
    sex = "boys" if wrong.boys >= wrong.girls else "girls"
    return Event(
        action,
        1,
        at,
        reason=f"{wrong.name}人数与上月相差较大，请核对。",
        field_reasons={f"class:{wrong.name}:{sex}": "比上月多出不少，请按点名册核对。"},
    )
