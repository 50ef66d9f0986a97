"""What waits on the pages about people in 武清区: requests, a deputy, an idle account, an export."""

from __future__ import annotations

import datetime as dt

from accounts.access.acting import choose_membership
from accounts.access.roles import RoleCode
from accounts.models import Membership, Organisation, User
from accounts.models.user import STALE_AFTER
from accounts.people.resources import PEOPLE
from accounts.people.selectors import PeopleFilter
from accounts.people.services.deputies import name_deputy
from accounts.people.services.requests import Wish, ask_for_account
from accounts.releases.services import ask_to_export
from accounts.tokens.services import issue

AWAY = dt.timedelta(days=13)
UNUSED = STALE_AFTER + dt.timedelta(days=6)


def add_account_stories(*, today: dt.date, now: dt.datetime) -> str:
    """Written by the services that the pages call."""
    director = _acting("wuqing-director", today)
    system = _acting("system", today)
    place = _place(director)
    bureau = Membership.objects.get(user__username="wuqing-officer").organisation
    wishes = (
        (director, "示例资料员甲", "shili-ziliao-1", place, RoleCode.KINDERGARTEN_CLERK, "新学期增加一名资料员"),
        (director, "示例资料员乙", "shili-ziliao-2", place, RoleCode.KINDERGARTEN_CLERK, "原资料员休产假"),
        (system, "示例督学乙", "shili-duxue-2", bureau, RoleCode.INSPECTOR, "本学期新聘责任督学"),
        (system, "示例经办人乙", "shili-jingban-2", bureau, RoleCode.BUREAU_OFFICER, "学前教育科新到岗"),
    )  # fmt: skip
    for by, full_name, username, organisation, role, reason in wishes:
        wish = Wish(full_name, username, organisation, role, today, reason)
        ask_for_account(wish=wish, by=by, now=now, today=today)
    name_deputy(
        colleague_id=User.objects.get(username="wuqing-clerk").pk,
        first=today,
        last=today + AWAY,
        reason="参加园长培训",
        by=director,
        now=now,
        today=today,
    )
    # Nobody's demo login: those must keep working.
    idle = (
        Membership.objects.filter(
            role=RoleCode.DIRECTOR, organisation__region__county=bureau.region
        )
        .exclude(user=director)
        .order_by("user__username")[0]
        .user
    )
    User.objects.filter(pk=idle.pk).update(created_at=now - UNUSED, last_login=now - UNUSED)
    ask_to_export(
        kind=PEOPLE,
        filters=PeopleFilter(role=RoleCode.DIRECTOR.value).as_dict(),
        ending="xlsx",
        reason="核对各园园长名册",
        by=_acting("wuqing-security", today),
        now=now,
    )
    issue(
        organisation=bureau,
        region=bureau.region,
        name="区数据平台（示例）",
        last_day=today + dt.timedelta(days=180),
        by=_acting("wuqing-security", today),
        now=now,
    )
    return f"{len(wishes)}份申请，1个接口令牌"


def _acting(username: str, today: dt.date) -> User:
    user = User.objects.get(username=username)
    choose_membership(user, None, today=today)
    return user


def _place(user: User) -> Organisation:
    if user.acting is None:
        raise ValueError(f"{user.username} holds no post")
    return user.acting.organisation
