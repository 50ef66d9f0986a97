"""The registry as a table: new kindergartens are registered, others changed where they differ."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.db.models import BigIntegerField, BooleanField, CharField, F, Field, Func, Value

from accounts.access.permissions import Permission
from accounts.access.scope import home_region
from accounts.exchange.declaring import (
    Change,
    Column,
    Context,
    Importable,
    Key,
    Line,
    Plan,
    Values,
)
from accounts.exchange.kinds import Choice, Code, Day, Named, Text, YesNo
from accounts.exchange.registry import register
from accounts.exchange.services import Refused
from accounts.models import ImportBatch, Organisation, Region
from kindergartens.changes import rules
from kindergartens.changes.policies import ChangeRefused
from kindergartens.changes.services import change_status, plan_change
from kindergartens.models import Kindergarten, KindergartenStatus
from kindergartens.registering import selectors
from kindergartens.registering.services import (
    Registration,
    correct_record,
    register_kindergartens,
)

Status = KindergartenStatus
STATUS = rules.FIELDS
RECORD = ("opened_on",)


def _choices(choices: type[Any]) -> Choice:
    return Choice({value: str(label) for value, label in choices.choices})


class RegistryTable(Importable):
    code = "registry"
    label = "幼儿园名册"
    noun = "所"
    permission = Permission.MANAGE_REGISTRY
    version = 1
    key = ("code",)
    about = (
        "靠学校标识码认出是哪一所：已登记的，只改有变化的格子；没有登记的，新登记。",
        "办别、办园性质、乡镇等会影响三率的内容有变化时，要写从哪天起和变更原因；以前的三率不变。",
        "更名请到幼儿园的页面办理；已登记的停办、恢复、撤销、认定和退出普惠，走“备案审批”。",
    )
    columns = (
        Column(
            "code", "学校标识码", Code(r"11\d{8}", "应为以11开头的10位数字。"), required=True,
            example="1112000001", aliases=("标识码", "学校（机构）标识码", "机构代码"),
        ),
        Column(
            "name", "园名", Text(120), required=True, example="示例区第一幼儿园",
            aliases=("幼儿园名称", "幼儿园", "学校名称", "单位名称"), note="与办学许可证一致",
        ),
        Column(
            "town", "乡镇街道", Named("乡镇街道"), required=True,
            aliases=("乡镇", "街道", "所属乡镇", "镇街"),
        ),
        Column("sponsor_type", "办别", _choices(Status.SponsorType), required=True, example="教育部门",
               aliases=("举办者类型",)),
        Column("ownership", "办园性质", _choices(Status.Ownership), required=True, example="公办",
               aliases=("性质",)),
        Column("for_profit", "营利性", YesNo(), example="否", note="新登记的空着为否"),
        Column("operating_state", "办园状态", _choices(Status.OperatingState), example="在办",
               note="新登记的空着为在办；已登记的走“备案审批”"),
        Column("half_day", "半日制", YesNo(), example="否", note="新登记的空着为否"),
        Column("level", "等级", _choices(Status.Level), example="一级园"),
        Column("urban_rural", "城乡分类", _choices(Status.UrbanRural), example="121镇中心区"),
        Column("recognition_document", "普惠认定文件", Text(100), note="普惠性民办园填认定文号"),
        Column("recognised_until", "普惠认定到期日", Day(), note="普惠性民办园填"),
        Column("opened_on", "建园日期", Day(), required=True, example=dt.date(2012, 9, 1),
               aliases=("成立日期", "建园时间", "开办日期")),
        Column("counts_enrolment", "计入在园幼儿", YesNo(), note="新登记的空着为是"),
        Column("counts_public", "计入公办", YesNo(), note="新登记的空着随办园性质"),
        Column("counts_inclusive", "计入普惠", YesNo(), note="新登记的空着随办园性质"),
        Column("counts_staff", "计入教职工", YesNo(), note="新登记的空着为是"),
        Column(
            "valid_from", "状态起始日期", Day(), required=True, once=True,
            example=dt.date(2020, 9, 1), aliases=("生效日期", "变更日期"),
            note="新登记的：从哪天起是现在的状态；变更的：从哪天起变",
        ),
        Column("reason", "变更原因", Text(200), once=True, note="状态有变化时必填"),
        Column("document_number", "依据文号", Text(100), once=True, note="状态有变化时必填，如津教委〔2026〕1号"),
    )  # fmt: skip

    # ---- what is there -----------------------------------------------------------------------

    def prepare(self, context: Context) -> None:
        home = home_region(context.by)
        towns = Region.objects.none()
        if home is not None and home.level >= Region.Level.COUNTY:
            towns = Region.objects.within(home).filter(level=Region.Level.TOWN, is_active=True)
        found = list(towns.order_by("code"))
        context.names["town"] = {town.name: town.pk for town in found}
        context.known["towns"] = {town.pk: town for town in found}
        context.known["seen_names"] = {}
        context.known["earliest"] = selectors.earliest_day(
            home, today=context.today, now=context.now
        )

    def existing(self, context: Context, lines: Mapping[Key, Line]) -> dict[Key, Values]:
        codes = [code for (code,) in lines]
        rows = list(
            Kindergarten.objects.unscoped(
                "codes are unique in the nation; a row of elsewhere is refused by cell"
            )
            .filter(_is_one_of("code", CharField(), codes))
            .values_list("pk", "code", "name", "organisation__region", *RECORD)
        )
        towns = context.known["towns"].keys()
        context.known["elsewhere"] = {
            code for _, code, _, region, *_ in rows if region not in towns
        }
        own = [row for row in rows if row[3] in towns]
        context.known["ids"] = {code: key for key, code, *_ in own}
        timelines: dict[int, list[tuple[Any, ...]]] = defaultdict(list)
        statuses = KindergartenStatus.objects.unscoped("of kindergartens in the person's own towns")
        for key, since, until, *values in (
            statuses.filter(_is_one_of("kindergarten", BigIntegerField(), [row[0] for row in own]))
            .order_by("kindergarten", "valid_from")
            .values_list("kindergarten", "valid_from", "valid_to", *STATUS)
        ):
            timelines[key].append((since, until, values))
        # Only those of the table's own towns can collide, and only with another code.
        context.known["names"] = {
            (region, name): code
            for region, name, code in Organisation.objects.filter(
                region__in=towns, kind=Organisation.Kind.KINDERGARTEN
            ).values_list("region", "name", "kindergarten__code")
        }
        found: dict[Key, Values] = {}
        for key, code, name, _, *record in own:
            line = lines[code,]
            day = line.values.get("valid_from") or context.today
            status = _on(timelines[key], day)
            values = {"code": code, "name": name, **dict(zip(RECORD, record, strict=True))}
            if status is not None:
                values["valid_from"] = status[0]
                values |= dict(zip(STATUS, status[2], strict=True))
            found[code,] = values
        return found

    # ---- what is wrong -------------------------------------------------------------------------

    def check(
        self, context: Context, line: Line, before: Values | None
    ) -> Iterable[tuple[str, str]]:
        values = line.values
        code = values["code"]
        if code in context.known["elsewhere"]:
            yield "code", "这个标识码登记在别的区县，不归您管。请核对标识码；迁来的请先联系原区县。"
            return
        if before is not None:
            if "name" in values and values["name"] != before["name"]:
                yield (
                    "name",
                    f"这个标识码登记的是“{before['name']}”。标识码填错了请改正；更名请到幼儿园的页面办理。",
                )
            changes = any(name in values and values[name] != before.get(name) for name in STATUS)
            if changes:
                yield from _change_needs(context, values, before)
                decided = dict(_decided_elsewhere(values, before))
                yield from decided.items()
                # What is decided elsewhere is not judged here as well.
                judged = {name: value for name, value in values.items() if name not in decided}
                yield from _against_law(_after(before, judged), before)
            return
        yield from self._name(context, line)
        if all(name in values for name in (*rules.NEEDED_AT_FIRST, "valid_from")):
            yield from _against_law(_completed(values), None)
            yield from _too_early(context, values["valid_from"])
        opened, since = values.get("opened_on"), values.get("valid_from")
        if opened and since and since < opened:
            yield "valid_from", f"早于建园日期{opened.isoformat()}。请核对这两个日期。"
        until = values.get("recognised_until")
        if until and since and until <= since:
            yield "recognised_until", f"不在状态起始日期{since.isoformat()}之后。请核对这两个日期。"

    def _name(self, context: Context, line: Line) -> Iterable[tuple[str, str]]:
        name, town = line.values.get("name"), line.values.get("town")
        if name is None or town is None:
            return
        taken = context.known["names"].get((town, name))
        if taken is not None:
            yield "name", f"这个乡镇街道已有同名的幼儿园（{taken}）。请核对园名和标识码。"
        seen: dict[tuple[int, str], int] = context.known["seen_names"]
        first = seen.setdefault((town, name), line.row)
        if first != line.row:
            yield "name", f"和第{first}行同名，又在同一个乡镇街道。请核对。"

    # ---- writing ---------------------------------------------------------------------------------

    def rehearse(
        self, context: Context, changes: Sequence[Change]
    ) -> Iterable[tuple[Line, str, str]]:
        """Every check of the change itself: counted months, later rows, terms, estates."""
        kindergartens = _in_hand(context, changes)
        for change in changes:
            status = _status(context, change)
            if not status:
                continue
            try:
                # Undone at once, so that nobody waits for the dry run of a large table.
                with transaction.atomic():
                    plan_change(
                        kindergarten=kindergartens[change.line.values["code"]],
                        valid_from=change.line.values["valid_from"],
                        values=status,
                        by=context.by,
                        now=context.now,
                    )
                    transaction.set_rollback(True)
            except (ChangeRefused, PermissionDenied) as refusal:
                yield change.line, "valid_from", str(refusal)

    def write(self, context: Context, plan: Plan, batch: ImportBatch) -> None:
        try:
            with transaction.atomic():
                register_kindergartens(
                    [_registration(line.values) for line in plan.new],
                    reason=f"表格登记：{batch.name}",
                    by=context.by,
                    now=context.now,
                )
        except IntegrityError:
            raise Refused(
                "表里有标识码刚刚被别人登记了。整份都没有写入，请重新上传，看新的检查结果。"
            ) from None
        kindergartens = _in_hand(context, plan.changed)
        for change in plan.changed:
            values = change.line.values
            kindergarten = kindergartens[values["code"]]
            record = {name: new for name, (_, new) in change.changes.items() if name in RECORD}
            if record:
                correct_record(kindergarten=kindergarten, values=record, by=context.by)
            status = _status(context, change)
            if not status:
                continue
            try:
                change_status(
                    kindergarten=kindergarten,
                    valid_from=values["valid_from"],
                    values=status,
                    reason=values["reason"],
                    # Never the table: its rows are of the whole county, and what is kept with a
                    # change is shown to the kindergarten.
                    document=None,
                    document_number=values["document_number"],
                    by=context.by,
                    now=context.now,
                )
            except (ChangeRefused, PermissionDenied) as refusal:
                raise Refused(
                    f"{kindergarten.name}：{refusal}整份都没有写入。", row=change.line.row
                ) from None

    def rows(self, context: Context) -> Iterable[Values]:
        day = context.today
        shown = (
            Kindergarten.objects.visible_to(context.by)
            .prefetch_related("statuses")
            .order_by("code")
        )
        for kindergarten in shown.iterator(chunk_size=500):
            rows = [
                (row.valid_from, row.valid_to, [getattr(row, _attname(name)) for name in STATUS])
                for row in sorted(kindergarten.statuses.all(), key=lambda row: row.valid_from)
            ]
            status = _on(rows, day)
            values: Values = {
                "code": kindergarten.code,
                "name": kindergarten.name,
                **{name: getattr(kindergarten, name) for name in RECORD},
            }
            if status is not None:
                values |= {"valid_from": status[0], **dict(zip(STATUS, status[2], strict=True))}
            yield values


def _in_hand(context: Context, changes: Sequence[Change]) -> dict[str, Kindergarten]:
    found = Kindergarten.objects.visible_to(context.by).filter(
        code__in=[change.line.values["code"] for change in changes]
    )
    return {one.code: one for one in found}


def _status(context: Context, change: Change) -> dict[str, Any]:
    """What of a changed row is dated status, as change_status takes it; empty for none.

    Flags that are filled in go along although they do not differ: otherwise they would follow from
    the new ownership, and the table sent again would differ.
    """
    status = {name: new for name, (_, new) in change.changes.items() if name in STATUS}
    if status:
        values = change.line.values
        status |= {name: values[name] for name in rules.FLAGS if name in values}
    if "town" in status:
        status["town"] = context.known["towns"][status["town"]]
    return status


def _is_one_of(column: str, kind: Field[Any, Any], values: list[Any]) -> Func:
    """`column = ANY (array)`: ten thousand parameters take longer than their query."""
    return Func(
        F(column),
        Value(values, ArrayField(kind)),
        arg_joiner=" = ANY (",
        template="%(expressions)s)",
        output_field=BooleanField(),
    )


def _attname(name: str) -> str:
    return "town_id" if name == "town" else name


def _on(timeline: list[tuple[Any, ...]], day: dt.date) -> tuple[Any, ...] | None:
    """The status in force on a day, else the first one."""
    for row in timeline:
        if row[0] <= day and (row[1] is None or row[1] > day):
            return row
    return timeline[0] if timeline else None


def _completed(values: Values) -> Values:
    """A new row with what is understood where a cell is empty."""
    flags = rules.counting_flags(rules.Counting(), ownership=values["ownership"])
    return {**rules.AT_FIRST, **flags, **values}


def _after(before: Values, values: Values) -> Values:
    """A row that exists with its cells put in: recognition ends and flags follow as when written."""
    after = {**before, **values}
    if after["ownership"] != rules.INCLUSIVE_PRIVATE:
        after |= {name: rules.AT_FIRST[name] for name in rules.RECOGNITION if name not in values}
    if any(after[name] != before.get(name) for name in ("sponsor_type", "ownership")):
        flags = rules.counting_flags(rules.Counting(), ownership=after["ownership"])
        after |= {name: flag for name, flag in flags.items() if name not in values}
    return after


BY_PROCEDURE = "请在“备案审批”里办理，由领导决定；这一格照原来的填，或者空着。"


def _decided_elsewhere(values: Values, before: Values) -> Iterable[tuple[str, str]]:
    """What a leader decides in a procedure, with the children's places seen to: not by table."""
    changed = {name for name in STATUS if name in values and values[name] != before.get(name)}
    becomes_public = "ownership" in changed and values["ownership"] == rules.PUBLIC
    if "operating_state" in changed:
        yield "operating_state", f"停办、恢复和撤销不能用表格改。{BY_PROCEDURE}"
    if "ownership" in changed and not becomes_public and before["ownership"] != rules.PUBLIC:
        yield "ownership", f"认定和退出普惠不能用表格改。{BY_PROCEDURE}"
    if becomes_public:
        return
    for name in rules.RECOGNITION:
        if name in changed:
            yield name, f"普惠认定的文件和期限不能用表格改。{BY_PROCEDURE}"
    for name in ("counts_public", "counts_inclusive"):
        if name in changed:
            yield name, f"是否计入公办、普惠随办园性质，不能单独改。{BY_PROCEDURE}"


# Which cell a sentence of the law is about, by a word of it; the others stand at the nature.
ABOUT = (("认定文件", "recognition_document"), ("计入公办的", "counts_inclusive"),
         ("不计入普惠", "counts_inclusive"), ("营利性", "for_profit"))  # fmt: skip


def _against_law(after: Values, before: Values | None) -> Iterable[tuple[str, str]]:
    for text in rules.law_problems(before, after):
        cell = next((name for word, name in ABOUT if word in text), "ownership")
        yield cell, text


def _change_needs(context: Context, values: Values, before: Values) -> Iterable[tuple[str, str]]:
    """What has to stand beside a status that changes."""
    since = before.get("valid_from")
    if "valid_from" not in values:
        yield "valid_from", "办园状态有变化，请写从哪天起变。"
    elif since is not None and values["valid_from"] <= since:
        yield (
            "valid_from",
            f"现在的状态从{since.isoformat()}起，变更要在那以后。请写变更生效的日期。",
        )
    else:
        yield from _too_early(context, values["valid_from"])
    if "reason" not in values:
        yield "reason", "办园状态有变化，请写变更原因。"
    if "document_number" not in values:
        yield "document_number", "办园状态有变化，请写依据文号。"


def _too_early(context: Context, day: dt.date) -> Iterable[tuple[str, str]]:
    earliest = context.known["earliest"]
    if earliest is not None and day < earliest:
        yield (
            "valid_from",
            f"更早的三率已经锁定，不能再动。最早填{earliest.isoformat()}；建园日期照实填。",
        )


def _registration(values: Values) -> Registration:
    full = _completed(values)
    return Registration(
        name=full["name"],
        town_id=full["town"],
        valid_from=full["valid_from"],
        record={name: full.get(name) for name in ("code", *RECORD)},
        status={name: full[name] for name in STATUS if name != "town"},
    )


REGISTRY_TABLE = register(RegistryTable())
