"""May this change of dated status be made? Each check says why not and what to do instead."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from django.core.exceptions import PermissionDenied

from accounts.access.permissions import Permission
from accounts.formatting import zhdate, zhdatetime
from accounts.models import Membership, Region, User
from kindergartens.changes import rules
from kindergartens.models import Kindergarten, MonthlyFiling, ReportingPeriod, StatusChange
from kindergartens.rules import last_day

# Further ahead nobody decides; a year mistyped does.
MOST_AHEAD = dt.timedelta(days=731)
# No statistical date lies further behind the first day of its month.
LONGEST_AFTER_MONTH = dt.timedelta(days=92)
CHANGERS = (Permission.MANAGE_REGISTRY, Permission.DECIDE_PROCEDURES)
PERIODS_READ = "whether months are locked, in the counties of a kindergarten in hand"


class ChangeRefused(Exception):
    """The law, the timeline or a counted month forbids it. The text says what to do.

    `number` tells, from 0, which of several it is about.
    """

    number: int = 0


@dataclass(frozen=True)
class Step:
    """One step of the timeline that a change brings about: `after` holds from `day` on.

    `before` is None for a first row. Fields are those of rules.FIELDS; a town is its key.
    `opened_on` is the day from which the kindergarten is there at all.
    """

    opened_on: dt.date
    day: dt.date
    before: rules.Values | None
    after: rules.Values

    @property
    def changed(self) -> frozenset[str]:
        return rules.changed_fields(self.before, self.after)


def check_law(step: Step) -> None:
    """学前教育法 Art 23, 24, 30, 34 and the sense of the fields."""
    problems = rules.law_problems(step.before, step.after)
    if problems:
        raise ChangeRefused("".join(text for _, text in problems))


def check_term(step: Step) -> None:
    until = step.after["recognised_until"]
    if isinstance(until, dt.date) and until <= step.day:
        raise ChangeRefused(
            f"认定到期日{zhdate(until)}不在生效日期{zhdate(step.day)}之后，请核对这两个日期。"
        )


def check_opened(step: Step) -> None:
    opened = step.opened_on
    if step.day < opened:
        raise ChangeRefused(f"生效日期早于建园日期{zhdate(opened)}。请核对日期。")


# Every step of the new timeline passes all of these. An area that forbids a change (小区配套园, for
# one) adds its own check here: it takes a Step and raises ChangeRefused with what to do instead.
CHECKS: tuple[Callable[[Step], None], ...] = (check_law, check_term, check_opened)


def check_steps(steps: Iterable[Step]) -> None:
    for step in steps:
        for check in CHECKS:
            check(step)


def changer(by: User, kindergarten: Kindergarten) -> Membership:
    """The post in which a person changes the status; PermissionDenied where they may not."""
    post = by.acting
    if (
        post is None
        or not any(by.can(permission) for permission in CHANGERS)
        or not Kindergarten.objects.visible_to(by).filter(pk=kindergarten.pk).exists()
    ):
        raise PermissionDenied("只有所在区县教育局可以变更幼儿园的状态。")
    return post


def may_withdraw(change: StatusChange, post: Membership | None) -> bool:
    """What a leader decided is taken back by a leader, what an officer entered by an officer."""
    return post is not None and post.role == change.made_as.role


def check_may_withdraw(change: StatusChange, post: Membership) -> None:
    if not may_withdraw(change, post):
        who = change.made_as.get_role_display()
        raise ChangeRefused(f"这项变更是{who}决定的，由{who}撤回。")


def check_town(post: Membership, town: Region) -> None:
    """A kindergarten moves within the county of whoever enters it."""
    if town.level != Region.Level.TOWN or not town.is_active:
        raise ChangeRefused(f"{town}不是在用的乡镇街道，请另选。")
    if not post.organisation.region.contains(town):
        raise ChangeRefused(
            f"{town}不在{post.organisation.region}。跨区县迁移要在迁出地办理停办、"
            "在迁入地另行审批。"
        )


def check_day(day: dt.date, *, today: dt.date) -> None:
    if day > today + MOST_AHEAD:
        raise ChangeRefused("生效日期在两年以后，请核对年份。")


def check_first_day(opened_on: dt.date, valid_from: dt.date, *, today: dt.date) -> None:
    """The days a kindergarten is registered with are no farther ahead than a plan reaches."""
    for _, text in rules.first_day_faults(opened_on, valid_from, today=today):
        raise ChangeRefused(text)


@dataclass(frozen=True)
class CountedMonth:
    """A month whose figures lean on the status on `reference_date`; `period` None: not set up."""

    county: Region
    month: dt.date
    reference_date: dt.date
    locks_at: dt.datetime


def months_from(day: dt.date, counties: Sequence[Region]) -> list[CountedMonth]:
    """Months whose statistical date is on or after a day, oldest first.

    A county without a period in a month in which another county of its province has one owes its
    returns as of the month's last day, and is locked when the first of the others is.
    """
    provinces = {county.province_id for county in counties}
    periods = (
        ReportingPeriod.objects.unscoped(PERIODS_READ)
        .filter(county__province__in=provinces, month__gte=day - LONGEST_AFTER_MONTH)
        .order_by("month", "county")
    )
    own: dict[tuple[int, dt.date], CountedMonth] = {}
    beside: dict[dt.date, dt.datetime] = {}
    wanted = {county.pk: county for county in counties}
    for county, month, reference_date, locks_at in periods.values_list(
        "county", "month", "reference_date", "locks_at"
    ):
        first = beside.get(month)
        beside[month] = locks_at if first is None else min(first, locks_at)
        if county in wanted:
            own[county, month] = CountedMonth(wanted[county], month, reference_date, locks_at)
    for month, locks_at in beside.items():
        for place in counties:
            silent = CountedMonth(place, month, last_day(month), locks_at)
            own.setdefault((place.pk, month), silent)
    found = [month for month in own.values() if month.reference_date >= day]
    return sorted(found, key=lambda month: (month.month, month.county.code))


def last_locked(months: Sequence[CountedMonth], *, now: dt.datetime) -> CountedMonth | None:
    return next((month for month in reversed(months) if now >= month.locks_at), None)


def check_not_locked(day: dt.date, last: CountedMonth | None) -> None:
    """`last` is the last month that is locked."""
    if last is None or day > last.reference_date:
        return
    earliest = last.reference_date + dt.timedelta(days=1)
    raise ChangeRefused(
        f"{last.county}{last.month.year}年{last.month.month}月的三率已于"
        f"{zhdatetime(last.locks_at, short=True)}锁定（统计时点{zhdate(last.reference_date)}），"
        f"不能再动。生效日期最早填{zhdate(earliest)}。"
    )


def check_moves_no_figure(
    kindergarten: Kindergarten, day: dt.date, months: Sequence[CountedMonth], *, now: dt.datetime
) -> None:
    """What was locked stays, and what was counted is not left standing on another status."""
    check_not_locked(day, last_locked(months, now=now))
    # Locked, so that nobody accepts one of them meanwhile with the status as it was.
    returns = list(
        MonthlyFiling.objects.unscoped("returns of the kindergarten that is being changed")
        .select_for_update(of=("self",), no_key=True)
        .select_related("period")
        .filter(kindergarten=kindergarten, month__in=[month.month for month in months])
        .order_by("month")
    )
    # One that was opened again counts on, in the version accepted before.
    counted = [one for one in returns if one.accepted_version is not None]
    if counted:
        month, reference_date = counted[-1].month, counted[-1].period.reference_date
        raise ChangeRefused(
            f"{month.year}年{month.month}月的月报已接收，按{zhdate(reference_date)}的状态计入了三率。"
            f"请把生效日期填在{zhdate(reference_date)}之后。"
        )
