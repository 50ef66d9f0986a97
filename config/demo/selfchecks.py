"""The demo's self-checks: a county that makes nearly all, some late, a few at once; all invented."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from uuid import UUID

from django.utils import timezone

from accounts.access.acting import choose_membership
from accounts.access.roles import RoleCode
from accounts.models import Membership
from safety.models import SelfCheck, SelfCheckProblem
from safety.selfchecks import rules, selectors
from safety.selfchecks.catalogue import every_line
from safety.selfchecks.rules import (
    ASKED_FROM,
    DAILY,
    NORMAL,
    PROBLEM,
    Answered,
    Key,
    Slot,
)
from safety.selfchecks.selectors import Own
from safety.selfchecks.services import record_check

# Of so many kindergartens one makes few, one forgets some, one enters its week on Fridays.
LAZY, FORGETFUL, ON_FRIDAYS = 17, 5, 13
# Of so many that looked at such a line one found something and put it right at once.
SELDOM = 41
AT_ONCE_FIXED = {
    "fire_exits": ("楼梯口放了两辆三轮车，已经推走", "一楼东侧楼梯口"),
    "fire_gear": ("一个灭火器被玩具柜挡住，已经移开", "二楼走廊"),
    "gate_visitors": ("送货人员没有登记，已补登记", "北门"),
    "other_playground": ("滑梯下面有积水，已经清扫", "户外活动场地"),
    "food_goods": ("一箱牛奶少了检验报告，已退回", "食堂库房"),
    "health_morning": ("一个班晨检记录漏填，已补填", "医务室"),
}
# What takes some days: line, account, place, days. One for each of the first kindergartens.
TAKES_DAYS = (
    ("technical_screens", "操场西北角摄像头没有图像，已报修", "操场西北角", 12),
    ("other_playground", "攀爬架一根横杆松动，已围起来停用", "户外活动场地", 9),
    ("fire_exits", "疏散门的闭门器坏了，关不严", "二楼西侧楼梯间", 10),
    ("handover_named", "接送卡读不出，先按纸质名单核对", "大门", 7),
)


@dataclass(frozen=True)
class _Habits:
    """How a kindergarten goes about it: the share it makes, and of these the share it enters late."""

    made: float
    late: float
    on_fridays: bool = False


def write_self_checks(
    rng: random.Random, county: str, director: str, today: dt.date, now: dt.datetime
) -> str:
    """Of this month until yesterday, for today is to do: of every kindergarten of a county, or of that
    of one `director` alone.
    """
    since = max(ASKED_FROM, today.replace(day=1))
    posts = (
        Membership.objects.filter(organisation__region__county__code=county, role=RoleCode.DIRECTOR)
        .exclude(organisation__kindergarten=None)
        .select_related("organisation__kindergarten__organisation__region", "user")
        .order_by("organisation__kindergarten__code", "-pk")
    )
    if director:
        posts = posts.filter(user__username=director)
    directors = {post.organisation_id: post for post in posts}
    checks: list[SelfCheck] = []
    for number, post in enumerate(directors.values()):
        told = selectors.own(post.organisation.kindergarten, today)
        there = _reported(told, post, number, today) if number < len(TAKES_DAYS) else set()
        checks += _checks(rng, told, post, _habits(number), there, since, today, now)
    SelfCheck.objects.bulk_create(checks, batch_size=2000)
    SelfCheckProblem.objects.bulk_create(_fixed(checks))
    return f"{len(directors)}所园，{len(checks)}次"


def _habits(number: int) -> _Habits:
    if number % LAZY == LAZY - 1:
        return _Habits(0.35, 0.1)
    if number % FORGETFUL == FORGETFUL - 1:
        return _Habits(0.9, 0.08)
    return _Habits(0.995, 0.01, on_fridays=number % ON_FRIDAYS == ON_FRIDAYS - 1)


def _checks(
    rng: random.Random,
    told: Own,
    post: Membership,
    habits: _Habits,
    there: Collection[Key],
    since: dt.date,
    today: dt.date,
    now: dt.datetime,
) -> Iterator[SelfCheck]:
    slots = {slot.key: slot for slot in (*told.due(since, today), *told.now_due(today))}
    for key, slot in slots.items():
        day = _day(told, slot, today)
        if day is None or key in there or rng.random() >= habits.made:
            continue
        entered, at_once = _at(day, 9, rng.randint(0, 55)), False
        if slot.frequency == DAILY and habits.on_fridays:
            friday = day + rules.ONE_DAY * (4 - day.weekday())
            entered = _at(max(day, friday), 16, rng.randint(0, 50))
            at_once = day < friday
        elif slot.frequency == DAILY and rng.random() < habits.late:
            entered = _at(day + rules.ONE_DAY, 8, rng.randint(0, 55))
        if entered > now:
            continue
        number = rng.getrandbits(128)
        yield SelfCheck(
            kindergarten=post.organisation.kindergarten, field=slot.field,
            frequency=slot.frequency, day=day, begins=slot.begins,
            flag=rules.flag_of(slot.kind, day, entered.date()), at_once=at_once,
            normal=[
                line.code
                for line in told.lines_of(slot.kind, day)
                if number % SELDOM or line.code not in AT_ONCE_FIXED
            ],
            submission=UUID(int=number), entered_as=post, entered_at=entered,
        )  # fmt: skip


def _day(told: Own, slot: Slot, today: dt.date) -> dt.date | None:
    """The first day before today on which it may be made."""
    day = slot.begins
    while day <= slot.ends and day < today:
        if not told.day_problem(slot.kind, day, day):
            return day
        day += rules.ONE_DAY
    return None


def _fixed(checks: Collection[SelfCheck]) -> Iterator[SelfCheckProblem]:
    for check in checks:
        for code, (account, place) in AT_ONCE_FIXED.items():
            if every_line()[code].kind == (check.field, check.frequency) and (
                code not in check.normal
            ):
                yield SelfCheckProblem(
                    self_check=check, line=code, account=account, place=place, fixed_on_spot=True
                )


def _reported(told: Own, post: Membership, number: int, today: dt.date) -> set[Key]:
    """A problem that takes days, by the service: so it is a hazard as well."""
    code, account, place, days = TAKES_DAYS[number]
    kind = every_line()[code].kind
    day = today - rules.ONE_DAY * (2 + number)
    while told.day_problem(kind, day, day):
        day -= rules.ONE_DAY
        if day < ASKED_FROM:
            return set()
    choose_membership(post.user, post.pk, today=today)
    found = Answered(PROBLEM, account, place, fixed=False, repair_by=day + rules.ONE_DAY * days)
    check = record_check(
        kindergarten=post.organisation.kindergarten, kind=kind, day=day,
        answers={
            line.code: found if line.code == code else Answered(NORMAL)
            for line in told.lines_of(kind, day)
        },
        photos={}, submission=UUID(int=int(post.organisation.kindergarten.code)), by=post.user,
        now=_at(day, 9, 10),
    )  # fmt: skip
    return {check.key}


def _at(day: dt.date, hour: int, minute: int) -> dt.datetime:
    return timezone.make_aware(dt.datetime.combine(day, dt.time(hour, minute)))
