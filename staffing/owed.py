"""Changes of directors and teachers that nobody filed (园长、教师变更一个月内备案).

The roster tells them where a kindergarten keeps one; elsewhere the accounts tell of directors and
the returns of teachers.
"""

from __future__ import annotations

import datetime as dt
from itertools import groupby

from django.db.models import Exists, F, OuterRef

from accounts.models import User
from kindergartens.calendar.published import working_calendar
from kindergartens.models import KindergartenStatus, Procedure
from kindergartens.procedures import rules as clock
from kindergartens.procedures.kinds import kind_in
from kindergartens.procedures.owed import OF_THESE, Kindergartens, Listed, Owed, Seen
from kindergartens.procedures.owed import directors_owed as by_accounts
from staffing import rules
from staffing.changes.rules import FILED_AS, counted
from staffing.changes.selectors import due_on, unfiled
from staffing.models import Appointment, Post, StaffCount
from staffing.rules import Counted

KIND = "teacher_change"
# Changes of the last year; what is older is the year's check to find.
SEEN_WITHIN = dt.timedelta(days=365)
# So much further back lies the return before, holiday months included.
BEFORE_IT = dt.timedelta(days=100)


def teachers_owed(of: Kindergartens, *, by: User, today: dt.date) -> list[Owed]:
    """A row for each unfiled change of the number of full-time teachers, the oldest first.

    Its clock runs from the statistical day of the later return, the last day on which the change
    can have happened; so nobody is called late too early. Only returns that `by` may read are
    compared: those from before a move stay with the town they were filed in. Three queries.
    """
    since = today - SEEN_WITHIN
    counted = _counted(of, by, since - BEFORE_IT)
    filed: dict[int, list[dt.date]] = {}
    ended = (Procedure.State.REFUSED, Procedure.State.WITHDRAWN)
    for key, day in (
        Procedure.objects.unscoped(OF_THESE)
        .filter(kind=KIND, kindergarten__in=of.values("pk"), occurred_on__isnull=False)
        .exclude(state__in=ended)
        .values_list("kindergarten", "occurred_on")
    ):
        if day is not None:
            filed.setdefault(key, []).append(day)
    found = {
        key: [
            pair
            for pair in rules.changes_not_filed(returns, filed.get(key, []))
            if pair[1].reference_date > since
        ]
        for key, returns in counted.items()
    }
    owing = of.filter(_is_there(today), pk__in=[key for key, pairs in found.items() if pairs])
    owed = []
    for kindergarten in owing.select_related("organisation__region__county").order_by("code"):
        report = kind_in(KIND, kindergarten.organisation.region.code).report
        if report is None:
            continue
        for before, after in found[kindergarten.pk]:
            due = clock.by(after.reference_date, working_calendar(), **report.lengths)
            difference = (after.teachers or 0) - (before.teachers or 0)
            what = f"专任教师{'多' if difference > 0 else '少'}{abs(difference)}人"
            owed.append(
                Owed(
                    kindergarten, KIND, what, due, clock.days_over(due, today),
                    returns=(_seen(before), _seen(after)),
                )
            )  # fmt: skip
    return sorted(owed, key=lambda one: (one.due_on, one.kindergarten.code))


def _counted(of: Kindergartens, by: User, since: dt.date) -> dict[int, list[Counted]]:
    """Accepted returns by kindergarten and date, with the full-time teachers they name."""
    path = "filing_version__filing"
    rows = (
        StaffCount.objects.visible_to(by)
        .filter(
            post=StaffCount.Post.FULL_TIME_TEACHER,
            filing_version__version=F(f"{path}__accepted_version"),
            **{
                f"{path}__kindergarten__in": of.values("pk"),
                f"{path}__period__reference_date__gte": since,
            },
        )
        .order_by(f"{path}__kindergarten", f"{path}__period__reference_date")
        .values_list(
            f"{path}__kindergarten", f"{path}__period__reference_date", "people",
            f"{path}", "filing_version__version",
        )
    )  # fmt: skip
    return {
        key: [Counted(*row[1:]) for row in group]
        for key, group in groupby(rows.iterator(), key=lambda row: row[0])
    }


def _seen(one: Counted) -> Seen:
    day = one.reference_date
    return Seen(one.filing, one.version, f"{day.year}年{day.month}月：{one.teachers}人")


def _is_there(today: dt.date) -> Exists:
    """Of a kindergarten: it is not closed."""
    there = KindergartenStatus.objects.on(today).filter(kindergarten=OuterRef("pk"))
    return Exists(there.exclude(operating_state=KindergartenStatus.OperatingState.CLOSED))


def _keeps_roster(post: str) -> Exists:
    """Of a kindergarten: somebody is or was in this post on its roster."""
    posts = Appointment.objects.unscoped(OF_THESE).standing()
    return Exists(posts.filter(kindergarten=OuterRef("pk"), post=post))


def by_roster(post: str, of: Kindergartens, *, by: User, today: dt.date) -> list[Owed]:
    """A row for each kindergarten with unfiled changes in a post: one filing tells of all of them,
    so the clock is that of the oldest. Three queries.
    """
    posts = Appointment.objects.visible_to(by).filter(kindergarten__in=of.values("pk"))
    found = unfiled(posts, post, today)
    owing = of.filter(_is_there(today), pk__in=found)
    owed = []
    for kindergarten in owing.select_related("organisation__region__county"):
        one = found[kindergarten.pk]
        due = due_on(post, one.since)
        what = f"{Post(post).label}{counted(one.came, one.went)}"
        owed.append(Owed(kindergarten, FILED_AS[post], what, due, clock.days_over(due, today)))
    return owed


def director_changes_owed(of: Kindergartens, *, by: User, today: dt.date) -> list[Owed]:
    without = by_accounts(of.exclude(_keeps_roster(Post.PRINCIPAL)), today=today)
    return _oldest_first([*by_roster(Post.PRINCIPAL, of, by=by, today=today), *without])


def teacher_changes_owed(of: Kindergartens, *, by: User, today: dt.date) -> list[Owed]:
    without = teachers_owed(of.exclude(_keeps_roster(Post.FULL_TIME_TEACHER)), by=by, today=today)
    return _oldest_first([*by_roster(Post.FULL_TIME_TEACHER, of, by=by, today=today), *without])


def _oldest_first(owed: list[Owed]) -> list[Owed]:
    return sorted(owed, key=lambda one: (one.due_on, one.kindergarten.code))


LISTS = {
    "directors": Listed("园长变更没有备案", director_changes_owed),
    "teachers": Listed(
        "专任教师变更没有备案", teacher_changes_owed,
        "按教职工名册；没有名册的，按先后两份已接收的月报，人数没变的更替看不出来",
    ),
}  # fmt: skip
