"""The roster as a table: one row for a person, a kindergarten, a post and the day it began.

The table holds numbers of identity papers: it is sealed (accounts.exchange), shows them masked, and
is never given out filled in.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, ClassVar

from django.db import transaction

from accounts.access.permissions import Permission
from accounts.exchange.declaring import Column, Context, Importable, Key, Line, Plan, Values
from accounts.exchange.kinds import Choice, Code, Day, Text, Whole
from accounts.exchange.registry import register
from accounts.exchange.services import Refused
from accounts.models import ImportBatch
from accounts.privacy.rules import mask_id
from kindergartens.models import Kindergarten
from staffing.barred.services import note_stopped
from staffing.models import (
    Appointment,
    Certificate,
    Duty,
    Education,
    EmploymentBan,
    EndReason,
    Establishment,
    IdentifierType,
    Post,
    StaffMember,
    Title,
)
from staffing.models.people import StaffMemberQuerySet
from staffing.roster import rules
from staffing.roster.rules import PaperFacts, PersonFacts, PostFacts
from staffing.roster.services import (
    PersonBarred,
    RosterRefused,
    ask_the_bureau,
    correct_appointment,
    end_appointment,
    hire,
)

RESIDENT_ID = IdentifierType.RESIDENT_ID.value
# 全职 and 兼职 as the post has them.
FULL_TIME = {"full": "全职", "part": "兼职"}
OF_A_PERSON = ("education", "title", "specialism", "earlier_years")
OF_A_POST = ("duty", "full_time", "establishment", "class_led", "exception", "ended_on",
             "end_reason")  # fmt: skip
PAPER = ("paper_kind", "paper_stage", "paper_number", "paper_issued_on", "paper_valid_until")
# Columns of what the services name otherwise.
COLUMN_OF = {"on": "ended_on"}
# So many people on the list of the barred refuse the whole table: nobody is to try numbers on it.
MOST_STOPPED = 3
ON_THE_PAGE = "名册里登记的不一样。已在名册里的人，请在人员页面更正；这里清空。"


@dataclass(frozen=True)
class IdentityNumber(Code):
    """The number of a paper, masked wherever it is shown."""

    is_secret: ClassVar[bool] = True

    def show(self, value: str | None) -> str | None:
        return None if value is None else mask_id(value)


class StaffTable(Importable):
    code = "staff"
    label = "教职工名册"
    noun = "条"
    permission = Permission.KEEP_STAFF
    key = ("number", "code", "post", "started_on")
    called_by = "name"
    most_rows = 2_000
    sealed = True
    about = (
        "每行是一个人在一所幼儿园的一个岗位，按证件号码、学校标识码、岗位和任职日期认。",
        "名册里已有的人按证件号码认出，姓名要一致；学历、职称和证书不用再填，要改请在人员页面改。",
        "表里有证件号码：上传的文件加密存放，不能再下载；页面上的号码遮挡显示。请妥善保管您手里的表。",
    )
    columns = (
        Column("code", "学校标识码", Code(r"[1-9][0-9]{9}", "应为10位数字。"), required=True,
               example="1165000001", aliases=("标识码",)),
        Column("kindergarten", "园名", Text(120), example="示例幼儿园", note="供核对，可以不填",
               aliases=("幼儿园", "幼儿园名称")),
        Column("name", "姓名", Text(40), required=True, example="示例教师"),
        Column("identifier_type", "证件类型", Choice(dict(IdentifierType.choices)),
               example="居民身份证", note="不填就是居民身份证"),
        Column("number", "证件号码", IdentityNumber(r"[0-9A-Z]{5,18}", "应为5到18位数字和字母。"),
               required=True, aliases=("身份证号", "身份证号码", "身份证件号码")),
        Column("post", "岗位", Choice(dict(Post.choices)), required=True, example="专任教师"),
        Column("duty", "分工", Choice(dict(Duty.choices)), note="行政人员和工勤人员填"),
        Column("full_time", "全职或兼职", Choice(FULL_TIME), required=True, example="全职"),
        Column("establishment", "用人方式", Choice(dict(Establishment.choices)), required=True,
               example="在编", aliases=("是否在编",)),
        Column("class_led", "所带班级", Text(30), example="小一班", note="专任教师和保育员填"),
        Column("started_on", "任职日期", Day(), required=True, example=dt.date(2024, 9, 1)),
        Column("ended_on", "离任日期", Day(), note="这一天起不再任职；在任的留空"),
        Column("end_reason", "离任原因", Choice(dict(EndReason.choices))),
        Column("exception", "例外说明", Text(200),
               note="年龄不寻常，或园长条件不全仍要登记的，写明理由"),
        Column("education", "学历", Choice(dict(Education.choices)), once=True,
               example="大学本科", note="新登记的人必填"),
        Column("title", "职称", Choice(dict(Title.choices)), once=True),
        Column("specialism", "所学专业", Text(40), once=True),
        Column("earlier_years", "此前幼教年限", Whole(0, 60, "年"), once=True,
               note="名册上第一次任职以前，做幼儿园教师或管理工作的年数"),
        Column("paper_kind", "证书", Choice(dict(Certificate.Kind.choices)), once=True,
               example="教师资格证"),
        Column("paper_stage", "学段", Choice(dict(Certificate.Stage.choices)), once=True,
               example="幼儿园", note="教师资格证填"),
        Column("paper_number", "证书编号", Code(r"[0-9A-Z]{1,40}", "只能是数字和大写字母。"),
               once=True),
        Column("paper_issued_on", "发证日期", Day(), once=True),
        Column("paper_valid_until", "证书有效期至", Day(), once=True, note="长期有效的留空"),
    )  # fmt: skip

    def prepare(self, context: Context) -> None:
        context.known["kindergartens"] = {
            one.code: one for one in Kindergarten.objects.visible_to(context.by)
        }

    def existing(self, context: Context, lines: Mapping[Key, Line]) -> dict[Key, Values]:
        """Also keeps who is known by the numbers (`members`), as far as the person may see them.

        Two queries.
        """
        typed = typed_by_digest(lines)
        members = members_of(StaffMember.objects.visible_to(context.by), typed)
        context.known["members"] = members
        rows = (
            Appointment.objects.visible_to(context.by)
            .standing()
            .filter(person__in=[one.pk for one in members.values()])
            .select_related("person", "kindergarten")
        )
        found = {self._key(row, typed): row for row in rows}
        context.known["posts"] = found
        return {key: _values(row, key[0]) for key, row in found.items()}

    def _key(self, row: Appointment, typed: Mapping[str, str]) -> Key:
        number = typed[row.person.number_index]
        return (number, row.kindergarten.code, row.post, row.started_on)

    def check(
        self, context: Context, line: Line, before: Values | None
    ) -> Iterable[tuple[str, str]]:
        full = {**(before or {}), **line.values}
        kindergarten = context.known["kindergartens"].get(full["code"])
        if kindergarten is None:
            yield "code", "名册里没有这个学校标识码，或不在您的范围内。请核对。"
            return
        named = line.values.get("kindergarten")
        if named and named != kindergarten.name:
            yield "kindergarten", f"这个学校标识码是“{kindergarten.name}”，请核对。"
        person = _person(full)
        wrong = list(rules.person_problems(person, context.today))
        # Of a paper that says neither sex nor birth a table cannot tell enough.
        yield from (
            (place, text)
            if place in {"number", "name"}
            else ("identifier_type", "这种证件的人请在页面上登记，表格里没有性别和出生日期。")
            for place, text in wrong[:1]
        )
        yield from rules.post_problems(_post(full), context.today)
        if any(line.values.get(name) for name in PAPER):
            yield from self._paper_problems(context, line)
        member = context.known["members"].get((person.identifier_type, person.number))
        if member is not None and member.name != person.name:
            yield "name", "这个证件号码登记的是另一个姓名。请对照证件核对。"
        yield from self._known_problems(line, member, before, wrong)

    def _paper_problems(self, context: Context, line: Line) -> Iterator[tuple[str, str]]:
        missing = [
            name
            for name in ("paper_kind", "paper_number", "paper_issued_on")
            if not line.values.get(name)
        ]
        for name in missing:
            yield name, "登记证书要填这一项；不登记证书的，把证书各栏都清空。"
        if not missing:
            for place, text in rules.paper_problems(_paper(line.values), context.today):
                yield f"paper_{place}", text
            typed = (line.values["paper_kind"], line.values["paper_number"])
            holders = context.known.setdefault("certificates", {})
            if holders.setdefault(typed, line.values["number"]) != line.values["number"]:
                yield "paper_number", "这张表里另一个人也填了这个证书编号，请核对。"

    def _known_problems(
        self,
        line: Line,
        member: StaffMember | None,
        before: Values | None,
        wrong: list[tuple[str, str]],
    ) -> Iterator[tuple[str, str]]:
        if member is not None:
            for name in OF_A_PERSON:
                value = line.values.get(name)
                if value not in {None, ""} and value != getattr(member, name):
                    yield name, ON_THE_PAGE
        elif not line.values.get("education") and not wrong:
            yield "education", "名册里还没有这个人（或不在您的范围内），请填学历。"
        if before is None:
            return
        if line.values.get("paper_kind"):
            yield "paper_kind", "这条任职已经登记，证书请在人员页面登记；这里清空。"
        ended = line.values.get("ended_on")
        if before["ended_on"] is not None and ended not in {None, before["ended_on"]}:
            yield "ended_on", "离任已经登记。日期错了的，请在人员页面更正这条任职；这里照登记的填。"

    def rehearse(self, context: Context, plan: Plan) -> Iterable[tuple[Line, str, str]]:
        """Ages, posts that exclude one another, directors, by writing and taking back.

        All of it is between the rows of one person, so each person's are taken back at once and
        nobody waits for the dry run of a large table. Raises Refused as soon as `MOST_STOPPED` people
        of it may not be hired, without saying which.
        """
        people: dict[str, list[tuple[Line, Callable[[], None]]]] = defaultdict(list)
        for line, act in self._acts(context, plan, "表格检查"):
            people[line.values["number"]].append((line, act))
        columns = {column.name for column in self.columns}
        found: list[tuple[Line, str, str]] = []
        stopped: dict[str, EmploymentBan] = {}
        for number, acts in people.items():
            with transaction.atomic():
                for line, act in acts:
                    try:
                        with transaction.atomic():
                            act()
                    except RosterRefused as refusal:
                        if isinstance(refusal, PersonBarred):
                            stopped[number] = refusal.ban
                        place = COLUMN_OF.get(refusal.field, refusal.field)
                        found.append(
                            (line, place if place in columns else self.called_by, str(refusal))
                        )
                transaction.set_rollback(True)
            if len(stopped) == MOST_STOPPED:
                break
        for ban in stopped.values():
            note_stopped(ban=ban, by=context.by, now=context.now)
        if len(stopped) == MOST_STOPPED:
            raise Refused(
                f"表里至少有{MOST_STOPPED}人不能聘用，整份不收，也不逐行说明。"
                f"{ask_the_bureau(context.by)}核对以后再上传。"
            )
        return found

    def taken_back(self, context: Context, refusal: Exception) -> None:
        """Who was listed between the dry run and the writing is a stopped hiring, too."""
        if isinstance(refusal.__cause__, PersonBarred):
            note_stopped(ban=refusal.__cause__.ban, by=context.by, now=context.now)

    def write(self, context: Context, plan: Plan, batch: ImportBatch) -> None:
        for line, act in self._acts(context, plan, f"表格导入：{batch.name}"):
            with _row(line):
                act()

    def _acts(
        self, context: Context, plan: Plan, reason: str
    ) -> Iterator[tuple[Line, Callable[[], None]]]:
        """What writing does for each row, in its order."""
        posts: Mapping[Key, Appointment] = context.known["posts"]
        for change in plan.changed:
            key = tuple(change.line.values[name] for name in self.key)
            yield change.line, partial(_put_right, context, posts[key], change.line, reason)
        # An earlier post before the one that follows it: years count for a director.
        for line in sorted(plan.new, key=lambda line: line.values["started_on"]):
            yield line, partial(_begin, context, line, reason)


def typed_by_digest(lines: Mapping[Key, Line]) -> dict[str, str]:
    """The numbers of a table by their keyed digests, under whichever key."""
    field: Any = StaffMember._meta.get_field("number_index")
    return {
        digest: line.values["number"]
        for line in lines.values()
        for digest in field.digests(line.values["number"])
    }


def members_of(
    people: StaffMemberQuerySet, typed: Mapping[str, str]
) -> dict[tuple[str, str], StaffMember]:
    """Those of the people whose numbers stand in a table, by kind of paper and number. One query."""
    return {
        (one.identifier_type, typed[one.number_index]): one
        for one in people.filter(number_index__in=typed.keys())
    }


def _put_right(context: Context, appointment: Appointment, line: Line, reason: str) -> None:
    full = {**_values(appointment, line.values["number"]), **line.values}
    facts = _post(full)
    if appointment.ended_on is not None:
        # An empty cell takes no end back, see `_known_problems`.
        facts = replace(facts, ended_on=appointment.ended_on, end_reason=appointment.end_reason)
    correct_appointment(
        appointment_id=appointment.pk, facts=facts, reason=reason, seen=None,
        by=context.by, today=context.today,
    )  # fmt: skip
    if appointment.ended_on is None and full.get("ended_on"):
        end_appointment(
            appointment_id=appointment.pk, on=full["ended_on"], end_reason=full["end_reason"],
            note="", by=context.by, today=context.today,
        )  # fmt: skip


def _begin(context: Context, line: Line, reason: str) -> None:
    hire(
        kindergarten=context.known["kindergartens"][line.values["code"]],
        person=_person(line.values),
        post=_post(line.values),
        papers=[_paper(line.values)] if line.values.get("paper_kind") else [],
        by=context.by,
        now=context.now,
        today=context.today,
        reason=reason,
    )


def _values(row: Appointment, number: str) -> Values:
    """A post that is there, as the table would have it."""
    return {
        "code": row.kindergarten.code,
        "kindergarten": row.kindergarten.name,
        "name": row.person.name,
        "identifier_type": row.person.identifier_type,
        "number": number,
        "post": row.post,
        "started_on": row.started_on,
        **{name: getattr(row, name) or None for name in OF_A_POST},
        "full_time": "full" if row.full_time else "part",
        **{name: getattr(row.person, name) for name in OF_A_PERSON},
    }


def _person(values: Values) -> PersonFacts:
    return PersonFacts(
        name=values["name"] if values.get("name") else "",
        identifier_type=values.get("identifier_type") or RESIDENT_ID,
        number=values["number"],
        earlier_years=values.get("earlier_years"),
        education=values.get("education") or "",
        title=values.get("title") or "",
        specialism=values.get("specialism") or "",
    )


def _post(values: Values) -> PostFacts:
    return PostFacts(
        post=values["post"],
        full_time=values.get("full_time") == "full",
        establishment=values.get("establishment") or "",
        started_on=values["started_on"],
        ended_on=values.get("ended_on"),
        **{
            name: values.get(name) or ""
            for name in ("duty", "class_led", "end_reason", "exception")
        },
    )


def _paper(values: Values) -> PaperFacts:
    return PaperFacts(
        kind=values["paper_kind"],
        number=values["paper_number"],
        issued_on=values["paper_issued_on"],
        stage=values.get("paper_stage") or "",
        valid_until=values.get("paper_valid_until"),
    )


@contextmanager
def _row(line: Line) -> Iterator[None]:
    """A refusal of a service, said of the row of the table it is about."""
    try:
        yield
    except RosterRefused as refusal:
        raise Refused(str(refusal), row=line.row) from refusal


STAFF_TABLE = register(StaffTable())
