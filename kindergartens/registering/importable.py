"""The registry as a table: new kindergartens are registered, others changed where they differ."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from django.db.models.expressions import RawSQL

from accounts.access.permissions import Permission
from accounts.access.scope import home_region
from accounts.exchange.declaring import (
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
from kindergartens.changes.services import change_status
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
        "更名、撤销后重新办园不在这里办，请到幼儿园的页面办理。",
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
               note="新登记的空着为在办"),
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
        Column("document_number", "依据文号", Text(100), once=True, note="状态有变化时填，如津教委〔2026〕1号"),
    )  # fmt: skip

    # ---- what is there -----------------------------------------------------------------------

    def prepare(self, context: Context) -> None:
        home = home_region(context.by)
        towns = Region.objects.none()
        if home is not None and home.level >= Region.Level.COUNTY:
            towns = Region.objects.within(home).filter(level=Region.Level.TOWN, is_active=True)
        found = list(towns.order_by("code").values_list("pk", "name"))
        context.names["town"] = {name: key for key, name in found}
        context.known["town_keys"] = {key for key, _ in found}
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
            .filter(code__in=_given("text", codes))
            .values_list("pk", "code", "name", "organisation__region", *RECORD)
        )
        towns = context.known["town_keys"]
        context.known["elsewhere"] = {
            code for _, code, _, region, *_ in rows if region not in towns
        }
        own = [row for row in rows if row[3] in towns]
        context.known["ids"] = {code: key for key, code, *_ in own}
        timelines: dict[int, list[tuple[Any, ...]]] = defaultdict(list)
        statuses = KindergartenStatus.objects.unscoped("of kindergartens in the person's own towns")
        for key, since, until, *values in (
            statuses.filter(kindergarten__in=_given("bigint", [row[0] for row in own]))
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
                yield from _against_law({**before, **values}, before)
            return
        yield from self._name(context, line)
        if all(name in values for name in (*rules.NEEDED_AT_FIRST, "valid_from")):
            yield from _against_law(_completed(values), None)
            yield from _too_early(context, values["valid_from"])
        opened, since = values.get("opened_on"), values.get("valid_from")
        if opened and since and since < opened:
            yield "valid_from", f"早于建园日期{opened.isoformat()}。请核对这两个日期。"

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

    def write(self, context: Context, plan: Plan, batch: ImportBatch) -> None:
        register_kindergartens(
            [_registration(line.values) for line in plan.new],
            reason=f"表格登记：{batch.name}",
            by=context.by,
            now=context.now,
        )
        found = Kindergarten.objects.visible_to(context.by).filter(
            code__in=[change.line.values["code"] for change in plan.changed]
        )
        kindergartens = {one.code: one for one in found}
        for change in plan.changed:
            values = change.line.values
            kindergarten = kindergartens[values["code"]]
            new = {name: value for name, (_, value) in change.changes.items()}
            record = {name: new[name] for name in RECORD if name in new}
            if record:
                correct_record(kindergarten=kindergarten, values=record, by=context.by)
            status = {name: new[name] for name in STATUS if name in new}
            if not status:
                continue
            if "town" in status:
                status["town"] = Region.objects.get(pk=status["town"])
            try:
                change_status(
                    kindergarten=kindergarten,
                    valid_from=values["valid_from"],
                    values=status,
                    reason=values["reason"],
                    document=batch.file,
                    document_number=values.get("document_number", ""),
                    document_name=batch.name,
                    by=context.by,
                    now=context.now,
                )
            except ChangeRefused as refusal:
                raise Refused(
                    f"第{change.line.row}行{kindergarten.name}：{refusal}整份都没有写入。"
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


def _given(kind: str, values: list[Any]) -> RawSQL:
    """A list as one array parameter: ten thousand parameters take longer than their query."""
    return RawSQL(f"SELECT unnest(%s::{kind}[])", [values])  # noqa: S611 - our own two kinds


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
