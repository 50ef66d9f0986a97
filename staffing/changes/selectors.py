"""Changes of directors and teachers on the roster, each with the filing that tells of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import (
    Case,
    CharField,
    Count,
    Exists,
    F,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)

from kindergartens.calendar.published import working_calendar
from kindergartens.models import Procedure
from kindergartens.procedures import rules as clock
from kindergartens.procedures.kinds import Kind, all_kinds
from staffing.changes.rules import (
    BEGAN,
    ENDED,
    FILED_AS,
    HANDED_OVER_WITHIN,
    SEEN_WITHIN,
    last_day_late,
)
from staffing.models import Appointment, Post

OF_ROWS = "of posts that were asked for as somebody's"
NOT_TOLD = (Procedure.State.REFUSED, Procedure.State.WITHDRAWN)
# Sent back it tells of nothing until it comes again.
WAITS = (Procedure.State.ASKED, Procedure.State.CHECKED)
TO_FILE, LATE, WAITING, CONFIRMED = "to-file", "late", "waiting", "confirmed"
STATES = {TO_FILE: "待备案", LATE: "逾期未报", WAITING: "已报待确认", CONFIRMED: "已确认"}
# Appointments with columns that exist only in the query, which the type checker cannot see.
Rows = QuerySet[Any]


def happened(posts: Rows, today: dt.date) -> list[Rows]:
    """Beginnings and ends within the last year: `day`, `what`, and `told`, `told_state` of the
    newest filing that tells of it, before any that was sent back (null without). Not read yet; two
    queries where both are.
    """
    of_director = Q(post=Post.PRINCIPAL)
    posts = (
        posts.standing()  # type: ignore[attr-defined]
        .filter(post__in=FILED_AS)
        .annotate(
            filed_as=Case(
                *(When(post=post, then=Value(kind)) for post, kind in FILED_AS.items()),
                output_field=CharField(),
            )
        )
    )
    followed = (
        Appointment.objects.unscoped(OF_ROWS)
        .standing()
        .filter(
            kindergarten=OuterRef("kindergarten"), post=Post.PRINCIPAL, started_on__lte=today,
            started_on__gte=OuterRef("ended_on") - HANDED_OVER_WITHIN,
        )
        .exclude(pk=OuterRef("pk"))
    )  # fmt: skip
    since = today - SEEN_WITHIN
    began = posts.filter(started_on__gt=since, started_on__lte=today)
    ended = posts.filter(ended_on__gt=since, ended_on__lte=today)
    ended = ended.exclude(of_director & Exists(followed))
    return [_told(began, "started_on", BEGAN), _told(ended, "ended_on", ENDED)]


def _told(rows: Rows, day: str, what: str) -> Rows:
    filing = (
        Procedure.objects.unscoped(OF_ROWS)
        .filter(
            kindergarten=OuterRef("kindergarten"), kind=OuterRef("filed_as"),
            occurred_on__lte=OuterRef(day), asked_at__date__gte=OuterRef(day),
        )
        .exclude(state__in=NOT_TOLD)
        .order_by(Case(When(state=Procedure.State.RETURNED, then=1), default=0), "-pk")
    )  # fmt: skip
    return rows.annotate(
        day=F(day),
        what=Value(what, output_field=CharField()),
        told=Subquery(filing.values("pk")[:1]),
        told_state=Subquery(filing.values("state")[:1]),
    )


UNTOLD = Q(told=None) | Q(told_state=Procedure.State.RETURNED)


def in_state(state: str, today: dt.date) -> Q:
    """For rows of `happened`."""
    if state == LATE:
        late = Q(pk__in=[])
        for post, kind in FILED_AS.items():
            late |= Q(post=post, day__lte=_last_late(kind, today))
        return UNTOLD & late
    if state == TO_FILE:
        return UNTOLD
    if state == WAITING:
        return Q(told_state__in=WAITS)
    return Q(told_state=Procedure.State.APPROVED)


def _kind(code: str) -> Kind:
    return all_kinds()[code]


def _last_late(kind: str, today: dt.date) -> dt.date:
    report = _kind(kind).report
    assert report is not None  # noqa: S101 - kinds.toml gives both a period; a test reads it
    return last_day_late(today, working_calendar(), report.lengths)


def due_on(post: str, day: dt.date) -> dt.date:
    """The last day on which a change of that day is filed in time."""
    report = _kind(FILED_AS[post]).report
    assert report is not None  # noqa: S101 - as above
    return clock.by(day, working_calendar(), **report.lengths)


@dataclass(frozen=True)
class Change:
    """One beginning or end. `procedure` is None while nobody filed it, or was sent back."""

    appointment: Appointment
    began: bool
    day: dt.date
    due_on: dt.date
    days_over: int
    procedure: Procedure | None


def numbers(sides: Iterable[Rows], today: dt.date) -> dict[str, int]:
    """How many changes are in each state. Two queries."""
    found = dict.fromkeys(STATES, 0)
    for side in sides:
        counted = side.order_by().aggregate(
            **{
                f"n{at}": Count("pk", filter=in_state(state, today))
                for at, state in enumerate(STATES)
            }
        )
        for at, state in enumerate(STATES):
            found[state] += counted[f"n{at}"]
    return found


def listed(sides: Iterable[Rows], state: str, today: dt.date) -> Rows:
    """Keys of the changes in a state, in one list: unfiled ones by age, the others newest first."""
    first, second = (
        side.filter(in_state(state, today)).order_by().values("pk", "what", "day", "told")
        for side in sides
    )
    open_first = ("day", "pk") if state in {TO_FILE, LATE} else ("-day", "-pk")
    return first.union(second, all=True).order_by(*open_first)


def changes(keys: Iterable[dict[str, Any]], today: dt.date) -> list[Change]:
    """What a page of `listed` is about. Two queries."""
    keys = list(keys)
    posts = Appointment.objects.unscoped(OF_ROWS).select_related(
        "person", "kindergarten__organisation__region__county"
    )
    of_post = posts.in_bulk([key["pk"] for key in keys])
    filings = Procedure.objects.unscoped(OF_ROWS).in_bulk(
        [key["told"] for key in keys if key["told"]]
    )
    found = []
    for key in keys:
        post = of_post[key["pk"]]
        due = due_on(post.post, key["day"])
        told = filings.get(key["told"])
        is_told = told is not None and told.state != Procedure.State.RETURNED
        over = 0 if is_told else clock.days_over(due, today)
        found.append(Change(post, key["what"] == BEGAN, key["day"], due, over, told))
    return found


def covered(procedure: Procedure, post: str, today: dt.date) -> tuple[int, int] | None:
    """How many of a post came and went that this filing tells of; None without a roster of them.

    Three queries.
    """
    posts = Appointment.objects.unscoped(OF_ROWS).filter(
        kindergarten=procedure.kindergarten_id, post=post
    )
    if not posts.standing().exists():
        return None
    came, went = (side.filter(told=procedure.pk).count() for side in happened(posts, today))
    return came, went


@dataclass
class Unfiled:
    """What one kindergarten has not filed of one kind: since when, how many came and went."""

    since: dt.date
    came: int = 0
    went: int = 0


def unfiled(posts: Rows, post: str, today: dt.date) -> dict[int, Unfiled]:
    """By kindergarten's key. Two queries."""
    found: dict[int, Unfiled] = {}
    for side in happened(posts, today):
        rows = side.filter(in_state(TO_FILE, today), post=post).order_by()
        for key, what, day, people in rows.values_list("kindergarten", "what", "day").annotate(
            people=Count("pk")
        ):
            one = found.setdefault(key, Unfiled(day))
            one.since = min(one.since, day)
            if what == BEGAN:
                one.came += people
            else:
                one.went += people
    return found
