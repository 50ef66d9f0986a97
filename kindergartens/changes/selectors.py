"""A kindergarten's dated status, with what was decided about it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db.models import Prefetch, QuerySet

from accounts.models import Region, User
from kindergartens.changes import rules
from kindergartens.changes.snapshots import dated, unstored
from kindergartens.models import (
    Kindergarten,
    KindergartenStatus,
    StatusChange,
    StatusDocument,
)


@dataclass(frozen=True)
class TimelineRow:
    """One row of dated status; `changed` are the fields that differ from the row before."""

    status: KindergartenStatus
    changed: frozenset[str]
    before: rules.Values | None
    changes: list[StatusChange]
    when: str  # past, now, next


def with_papers(rows: QuerySet[StatusChange]) -> QuerySet[StatusChange]:
    return rows.select_related(
        "made_as__user", "made_as__organisation", "kindergarten", "withdraws"
    ).prefetch_related(Prefetch("documents", StatusDocument.objects.select_related("file")))


def timeline(kindergarten: Kindergarten, *, day: dt.date) -> list[TimelineRow]:
    """All rows, newest first: what is planned, what holds on the day, what was."""
    standing: dict[dt.date, list[StatusChange]] = {}
    for change in with_papers(kindergarten.status_changes.standing().order_by("made_at", "pk")):
        standing.setdefault(change.valid_from, []).append(change)
    rows = []
    before: rules.Values | None = None
    for status in kindergarten.statuses.select_related("town").order_by("valid_from"):
        values = dated(status).values
        when = "next" if status.valid_from > day else "now" if status.is_in_force(day) else "past"
        changed = rules.changed_fields(before, values) if before else frozenset()
        rows.append(TimelineRow(status, changed, before, standing.get(status.valid_from, []), when))
        before = values
    return rows[::-1]


def withdrawn_changes(kindergarten: Kindergarten) -> list[StatusChange]:
    """Withdrawals, newest first, each with the change it took back."""
    rows = kindergarten.status_changes.filter(withdraws__isnull=False)
    return list(with_papers(rows).order_by("-made_at", "-pk"))


def planned_for(user: User, *, day: dt.date) -> QuerySet[StatusChange]:
    """Changes in the person's area that take effect after a day, the nearest first."""
    rows = StatusChange.objects.visible_to(user).standing().filter(valid_from__gt=day)
    return with_papers(rows).order_by("valid_from", "kindergarten__name")


def around(change: StatusChange) -> tuple[rules.Values | None, rules.Values]:
    """The whole status on the day before a change, None for a first one, and with the change."""
    before = {name: unstored(name, value) for name, value in change.before.items()}
    after = {name: unstored(name, value) for name, value in change.values.items()}
    row = change.kindergarten.statuses.on(change.valid_from).first()
    if row is None or all(value is None for value in before.values()):
        return None, {**(dated(row).values if row else {}), **after}
    whole = dated(row).values
    return {**whole, **before}, {**whole, **after}


def towns_named(*values: rules.Values | None) -> dict[int, Region]:
    """The towns that rows name by key."""
    keys = {one["town"] for one in values if one}
    return Region.objects.in_bulk([key for key in keys if key is not None])
