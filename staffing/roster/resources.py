"""The roster as a file: what is on the screen, numbers masked, let go as any list of persons."""

from __future__ import annotations

import datetime as dt

from django.utils import timezone

from accounts.access.permissions import Permission
from accounts.exports import CHUNK, Table
from accounts.formatting import zhdate
from accounts.models import User
from accounts.privacy.presenters import shown_identity
from accounts.releases.registry import ExportKind, Filters, register
from kindergartens.models import Kindergarten
from staffing.models import Establishment, Post
from staffing.roster import selectors
from staffing.roster.selectors import CERTIFIED, STATES, Rows, StaffFilter

HEADS = (
    "学校标识码", "幼儿园", "姓名", "性别", "证件类型", "证件号码", "岗位", "分工", "全职或兼职", "用人方式",
    "所带班级", "学历", "职称", "所学专业", "持证", "任职日期", "离任日期", "离任原因",
)  # fmt: skip


def _rows(by: User, filters: Filters, now: dt.datetime) -> Rows:
    return selectors.roster(by, StaffFilter.from_query(filters), timezone.localdate(now))


def _read(query: Filters, now: dt.datetime) -> Filters:
    return StaffFilter.from_query(query).as_dict()


def _title(by: User, filters: Filters) -> str:
    """Names no person that was searched for: it is kept with the record of the file."""
    asked = StaffFilter.from_query(filters)
    place = by.acting.organisation.name if by.acting else ""
    one = Kindergarten.objects.visible_to(by).filter(code=asked.kindergarten).first()
    narrowed = [
        one.name if one is not None else asked.kindergarten,
        Post(asked.post).label if asked.post else "",
        Establishment(asked.establishment).label if asked.establishment else "",
        CERTIFIED.get(asked.certified, ""),
        STATES[asked.state] if asked.state else "",
        "按姓名找" if asked.text else "",
    ]
    return "，".join([f"{place}教职工名册", *(part for part in narrowed if part)])


def _people(by: User, filters: Filters, now: dt.datetime) -> list[int]:
    keys = _rows(by, filters, now).order_by().values_list("person", flat=True)
    return list(keys.distinct())


def _count(by: User, filters: Filters, now: dt.datetime) -> int:
    return len(_people(by, filters, now))


def _table(by: User, filters: Filters, now: dt.datetime) -> Table:
    today = timezone.localdate(now)
    return Table(
        name=f"{by.acting.organisation.name if by.acting else ''}教职工名册_{today:%Y%m%d}",
        heads=HEADS,
        rows=(
            (
                one.kindergarten.code,
                one.kindergarten.name,
                one.person.name,
                one.person.get_sex_display(),
                one.person.get_identifier_type_display(),
                shown_identity(one.person, "number"),
                one.get_post_display(),
                one.get_duty_display() or None,
                "全职" if one.full_time else "兼职",
                one.get_establishment_display(),
                one.class_led or None,
                one.person.get_education_display() or None,
                one.person.get_title_display() or None,
                one.person.specialism or None,
                None if one.certified is None else CERTIFIED["yes" if one.certified else "no"],
                one.started_on,
                one.ended_on,
                one.get_end_reason_display() or None,
            )
            for one in _rows(by, filters, now).iterator(CHUNK)
        ),
        notes=[f"{zhdate(today)}的名册，证件号码遮挡；一个人任几个岗位各占一行。"],
    )


STAFF = ExportKind(
    code="staff",
    label="教职工名册",
    permission=Permission.READ_STAFF,
    list_route="staff",
    read=_read,
    title=_title,
    count=_count,
    table=_table,
    who=_people,
    rows_repeat_persons=True,
)
register(STAFF)
