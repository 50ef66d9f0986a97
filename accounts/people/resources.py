"""The list of accounts as a file: who may take it out, its title, its count and its columns.

The workbook of bulk requests is `accounts.people.batches`.
"""

from __future__ import annotations

import datetime as dt

from django.utils import timezone

from accounts.access.permissions import Permission
from accounts.access.roles import RoleCode
from accounts.exports import CHUNK, Table
from accounts.formatting import zhdate, zhdatetime
from accounts.models import User
from accounts.people import selectors
from accounts.people.selectors import STATES, PeopleFilter
from accounts.releases.registry import ExportKind, Filters, register

HEADS = ("姓名", "用户名", "岗位", "最近登录", "建立日期", "状态", "停用原因")


def _people_filters(query: Filters, now: dt.datetime) -> Filters:
    return PeopleFilter.from_query(query).as_dict()


def _people_title(by: User, filters: Filters) -> str:
    asked = PeopleFilter.from_query(filters)
    narrowed = [
        asked.text and f"含“{asked.text}”",
        asked.organisation and f"单位含“{asked.organisation}”",
        RoleCode(asked.role).label if asked.role else "",
        STATES.get(asked.state, ""),
    ]
    place = by.acting.organisation.region.name if by.acting else ""
    return "，".join([f"{place}人员账号", *(part for part in narrowed if part)])


def _people_count(by: User, filters: Filters, now: dt.datetime) -> int:
    today = timezone.localdate(now)
    return selectors.people(by, PeopleFilter.from_query(filters), today=today, now=now).count()


def _people_keys(by: User, filters: Filters, now: dt.datetime) -> list[int]:
    today = timezone.localdate(now)
    rows = selectors.people(by, PeopleFilter.from_query(filters), today=today, now=now)
    return [person.pk for person in rows]


def _people_table(by: User, filters: Filters, now: dt.datetime) -> Table:
    today = timezone.localdate(now)
    rows = selectors.people(by, PeopleFilter.from_query(filters), today=today, now=now)
    return Table(
        name=f"{by.acting.organisation.region.name if by.acting else ''}人员账号_{today:%Y%m%d}",
        heads=HEADS,
        rows=(
            (
                person.full_name,
                person.username,
                "；".join(str(post) for post in person.current_posts),  # type: ignore[attr-defined]
                zhdatetime(person.last_login) if person.last_login else None,
                timezone.localdate(person.created_at),
                "在用" if person.is_active else "已停用",
                person.disabled_reason or None,
            )
            for person in rows.iterator(CHUNK)
        ),
        notes=[f"{zhdate(today)}的人员账号。"],
    )


PEOPLE = ExportKind(
    code="people",
    label="人员账号",
    permission=Permission.MANAGE_ACCOUNTS,
    list_route="people",
    read=_people_filters,
    title=_people_title,
    count=_people_count,
    table=_people_table,
    who=_people_keys,
)
register(PEOPLE)
