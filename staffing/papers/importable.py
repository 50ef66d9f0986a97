"""Health checks and trainings as tables: what a hospital or an organiser hands over of many people.

A row is a paper of somebody on the roster, found by the number of the identity paper; nobody is
recorded by it. Sealed like the roster's table (staffing.roster.importable).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

from accounts.access.permissions import Permission
from accounts.exchange.declaring import Column, Context, Importable, Key, Line, Plan, Values
from accounts.exchange.kinds import Amount, Choice, Day, Text
from accounts.exchange.registry import register
from accounts.exchange.services import Refused
from accounts.models import ImportBatch, User
from staffing.models import Appointment, HealthCheck, IdentifierType, StaffMember, Training
from staffing.models.people import StaffMemberQuerySet
from staffing.papers import rules
from staffing.papers.kinds import KINDS
from staffing.papers.rules import Facts, HealthFacts, TrainingFacts
from staffing.papers.services import record_paper
from staffing.roster.importable import RESIDENT_ID, IdentityNumber, members_of, typed_by_digest
from staffing.roster.services import RosterRefused

WHO = (
    Column("name", "姓名", Text(40), required=True, example="示例教师"),
    Column("identifier_type", "证件类型", Choice(dict(IdentifierType.choices)), once=True,
           example="居民身份证", note="不填就是居民身份证"),
    Column("number", "证件号码", IdentityNumber(r"[0-9A-Z]{5,18}", "应为5到18位数字和字母。"),
           required=True, aliases=("身份证号", "身份证号码", "身份证件号码")),
)  # fmt: skip
NOT_THERE = "名册里没有这个证件号码，或现在不在您的范围内任职。请核对，或先登记任职。"
OTHERWISE = (
    "这条已经登记，内容不一样。要改的，请在人员页面撤销，再重新登记；这里改成一样或删去这一行。"
)


class PaperTable(Importable):
    """A subclass says the kind of paper, its columns and how a row becomes facts."""

    noun = "条"
    permission = Permission.KEEP_STAFF
    called_by = "name"
    most_rows = 2_000
    sealed = True
    kind: str
    of_the_paper: tuple[str, ...]

    def facts(self, values: Values) -> Facts:
        raise NotImplementedError

    def prepare(self, context: Context) -> None:
        """Nothing to look up before the numbers are known."""

    def existing(self, context: Context, lines: Mapping[Key, Line]) -> dict[Key, Values]:
        """Two queries."""
        typed = typed_by_digest(lines)
        members = members_of(_kept_by(context.by, context.today), typed)
        context.known["members"] = members
        papers = (
            KINDS[self.kind]
            .model.objects.visible_to(context.by)
            .standing()
            .filter(person__in=[one.pk for one in members.values()])
            .select_related("person")
        )
        found = [self._values(one, typed[one.person.number_index]) for one in papers]
        return {tuple(values[name] for name in self.key): values for values in found}

    def _values(self, paper: Any, number: str) -> Values:
        return {
            "name": paper.person.name, "number": number,
            **{name: getattr(paper, name) or None for name in self.of_the_paper},
        }  # fmt: skip

    def check(
        self, context: Context, line: Line, before: Values | None
    ) -> Iterable[tuple[str, str]]:
        member = self._member(context, line)
        if member is None:
            yield "number", NOT_THERE
        elif member.name != line.values["name"]:
            yield "name", "这个证件号码登记的是另一个姓名。请对照证件核对。"
        if before is None:
            facts = self.facts(line.values)
            yield from rules.problems(facts, context.today)
            if member is not None:
                yield from rules.problems_of_one(facts, member.birth_date, None)
            return
        for name in self.of_the_paper:
            if line.values.get(name) not in {None, before[name]}:
                yield name, OTHERWISE

    def _member(self, context: Context, line: Line) -> StaffMember | None:
        kind = line.values.get("identifier_type") or RESIDENT_ID
        members: Mapping[tuple[str, str], StaffMember] = context.known["members"]
        return members.get((kind, line.values["number"]))

    def write(self, context: Context, plan: Plan, batch: ImportBatch) -> None:
        for line in plan.new:
            member = self._member(context, line)
            if member is None:
                raise Refused(NOT_THERE, row=line.row)
            try:
                record_paper(
                    kind=self.kind, person_id=member.pk, facts=self.facts(line.values),
                    by=context.by, now=context.now, today=context.today,
                    reason=f"表格导入：{batch.name}",
                )  # fmt: skip
            except RosterRefused as refusal:
                raise Refused(str(refusal), row=line.row) from refusal


def _kept_by(user: User, today: dt.date) -> StaffMemberQuerySet:
    """Those whose papers one may record: see staffing.roster.services.may_keep_person."""
    people = StaffMember.objects.visible_to(user)
    if user.can(Permission.MANAGE_REGISTRY):
        return people
    posts = Appointment.objects.visible_to(user).not_over(today)
    return people.filter(pk__in=posts.values("person"))


class HealthTable(PaperTable):
    code = "health-checks"
    label = "教职工健康检查"
    kind = "health"
    key = ("number", "checked_on")
    of_the_paper = ("checked_on", "result", "hospital")
    about = (
        "每行是一个人的一次健康检查，按证件号码和检查日期认；只登记能不能在岗，不写病情和各项结果。",
        "表里有证件号码：上传的文件加密存放，不能再下载；页面上的号码遮挡显示。请妥善保管您手里的表。",
    )
    columns = (
        *WHO,
        Column("checked_on", "检查日期", Day(), required=True, example=dt.date(2026, 9, 1)),
        Column("result", "结果", Choice(dict(HealthCheck.Result.choices)), required=True,
               example="合格"),
        Column("hospital", "检查机构", Text(60), required=True, example="示例妇幼保健院",
               aliases=("医院",)),
    )  # fmt: skip

    def facts(self, values: Values) -> HealthFacts:
        return HealthFacts(**{name: values[name] for name in self.of_the_paper})


class TrainingTable(PaperTable):
    code = "trainings"
    label = "教职工培训"
    kind = "training"
    key = ("number", "level", "subject", "started_on")
    of_the_paper = ("level", "subject", "hours", "started_on", "ended_on", "certificate")
    about = (
        "每行是一个人参加的一次培训，按证件号码、级别、培训内容和开始日期认。",
        "表里有证件号码：上传的文件加密存放，不能再下载；页面上的号码遮挡显示。请妥善保管您手里的表。",
    )
    columns = (
        *WHO,
        Column("level", "级别", Choice(dict(Training.Level.choices)), required=True,
               example="区县级"),
        Column("subject", "培训内容", Text(80), required=True, example="示例：游戏观察与支持"),
        Column("hours", "学时", Amount(1, most=rules.MOST_HOURS, unit="学时"), required=True, example=24),
        Column("started_on", "开始日期", Day(), required=True, example=dt.date(2026, 8, 1)),
        Column("ended_on", "结束日期", Day(), required=True, example=dt.date(2026, 8, 3),
               note="学时计入这一天所在的年度"),
        Column("certificate", "证书编号", Text(40)),
    )  # fmt: skip

    def _values(self, paper: Any, number: str) -> Values:
        # The number of the certificate; `number` is the identity paper's here.
        paper.certificate = paper.number
        return super()._values(paper, number)

    def facts(self, values: Values) -> TrainingFacts:
        named = {name: values[name] for name in self.of_the_paper[:-1]}
        return TrainingFacts(**named, number=values.get("certificate") or "")


HEALTH_TABLE = register(HealthTable())
TRAINING_TABLE = register(TrainingTable())
