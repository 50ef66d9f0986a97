"""Published lists as a table: one row for a kindergarten on one list."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from accounts.access.permissions import Permission
from accounts.access.scope import home_region
from accounts.exchange.declaring import Column, Context, Importable, Key, Line, Plan, Values
from accounts.exchange.kinds import Choice, Code, Day, Text, YesNo
from accounts.exchange.registry import register
from accounts.formatting import zhdate
from accounts.models import ImportBatch, Region
from kindergartens.models import KindergartenStatus, PublishedKindergarten
from kindergartens.published.services import KEY, PublishedLine, enter_published

KINDS = dict(PublishedKindergarten.Kind.choices)
OWNERSHIPS = dict(KindergartenStatus.Ownership.choices)


def _adds_to_another(values: Values) -> bool:
    """An empty cell is a line of a whole list."""
    return bool(values.get("supplements"))


class PublishedTable(Importable):
    code = "published-list"
    label = "公示名单"
    noun = "行"
    permission = Permission.MANAGE_REGISTRY
    key = KEY
    called_by = "name"
    most_rows = 5_000
    about = (
        "每行是一份公示名单上的一所幼儿园，用来和本系统的登记对账，不改登记，不进三率。",
        "一份名单要填全，没填的园对账时会列为名单上没有；增补名单的每行都在“增补”填是。",
        "名单上有、本系统没有登记的幼儿园也照填，对账时会列出来。",
    )
    columns = (
        Column("kind", "名单", Choice(KINDS, {"已审批": "approved", "普惠": "inclusive"}),
               required=True, example="已审批幼儿园名单", aliases=("名单种类",)),
        Column("published_on", "公布日期", Day(), required=True, example=dt.date(2026, 9, 15),
               aliases=("公示日期", "发布日期")),
        Column("code", "学校标识码", Code(r"[1-9][0-9]{9}", "应为10位数字。"), required=True,
               example="1165000001", aliases=("学校(机构)标识码", "标识码")),
        Column("name", "园名", Text(120), required=True, example="示例幼儿园",
               aliases=("学校名称", "学校(机构)名称", "幼儿园名称")),
        Column("ownership", "办园性质",
               Choice(OWNERSHIPS, {"普惠民办": "inclusive_private", "民办普惠": "inclusive_private",
                                   "公办园": "public", "非普惠性民办": "non_inclusive_private"}),
               example="普惠性民办", note="名单上没有写的空着"),
        Column("grade", "普惠等级", Text(20), example="A类", note="照名单上的写法"),
        Column("document", "公示文件", Text(120), required=True,
               example="关于公布2026年已审批幼儿园名单的公告", aliases=("文件", "来源")),
        Column("address", "公示网址", Text(200), example="https://www.example.gov.cn/mingdan",
               aliases=("网址",)),
        Column("supplements", "增补", YesNo(), example="否", note="空着算否，即完整的名单"),
    )  # fmt: skip

    def prepare(self, context: Context) -> None:
        home = home_region(context.by)
        is_county = home is not None and home.level == Region.Level.COUNTY
        context.known["county"] = home if is_county else None

    def existing(self, context: Context, lines: Mapping[Key, Line]) -> dict[Key, Values]:
        wanted = {code for _, _, code in lines}, {day for _, day, _ in lines}
        there = {tuple(row[name] for name in self.key): row for row in self._rows(context, wanted)}
        supplements: dict[tuple[str, dt.date], set[bool]] = {}
        for key, line in lines.items():
            kind, day, _ = key
            adds = _adds_to_another({**there.get(key, {}), **line.values})
            supplements.setdefault((kind, day), set()).add(adds)
        context.known["mixed"] = {of for of, said in supplements.items() if len(said) > 1}
        return there

    def check(
        self, context: Context, line: Line, before: Values | None
    ) -> Iterable[tuple[str, str]]:
        full = {**(before or {}), **line.values}
        if line.values["published_on"] > context.today:
            yield "published_on", "公布日期还没有到，请核对。"
        if (full["kind"], full["published_on"]) in context.known["mixed"]:
            yield "supplements", "同一份名单的“增补”要么都填是，要么都不填。"
        address = full.get("address")
        if address and not address.startswith(("https://", "http://")):
            yield "address", "网址要以http://或https://开头，没有网址请空着。"
        if full["kind"] == PublishedKindergarten.Kind.INCLUSIVE and (
            full.get("ownership") == KindergartenStatus.Ownership.NON_INCLUSIVE_PRIVATE
        ):
            yield "ownership", "普惠性幼儿园名单上不应有非普惠民办园，请核对名单或办园性质。"

    def adds(self, context: Context, new: Sequence[Line]) -> list[str]:
        """Which whole lists come in: a list of a few would make all others missing from it."""
        whole = Counter(
            (line.values["published_on"], line.values["kind"])
            for line in new
            if not _adds_to_another(line.values)
        )
        there = Counter(
            PublishedKindergarten.objects.visible_to(context.by)
            .filter(
                county=context.known["county"],
                published_on__in={day for day, _ in whole},
                supplements=False,
            )
            .values_list("published_on", "kind")
        )
        return [
            f"{KINDS[kind]}（{zhdate(day)}）是完整的名单，共{number + there[day, kind]}所；"
            "不在上面的园，对账时列为名单上没有。只是增补的，请在“增补”填是。"
            for (day, kind), number in sorted(whole.items())
        ]

    def write(self, context: Context, plan: Plan, batch: ImportBatch) -> None:
        lines = [*plan.new, *(change.line for change in plan.changed)]
        there = self.existing(
            context, {tuple(line.values[name] for name in self.key): line for line in lines}
        )
        entered = []
        for line in lines:
            # What the table leaves empty stays.
            before = there.get(tuple(line.values[name] for name in self.key), {})
            full = {**before, **line.values}
            known = {name: value for name, value in full.items() if value is not None}
            entered.append(PublishedLine(**known))
        enter_published(lines=entered, reason=f"表格导入：{batch.name}", by=context.by)

    def rows(self, context: Context) -> Iterable[Values]:
        return self._rows(context, None)

    def _rows(self, context: Context, wanted: tuple[set[str], set[dt.date]] | None) -> list[Values]:
        rows = PublishedKindergarten.objects.visible_to(context.by).filter(
            county=context.known["county"]
        )
        if wanted is not None:
            rows = rows.filter(code__in=wanted[0], published_on__in=wanted[1])
        names = [column.name for column in self.columns]
        empty_is_none = lambda row: {name: None if row[name] == "" else row[name] for name in names}  # noqa: E731
        return [
            empty_is_none(row)
            for row in rows.order_by("kind", "published_on", "code").values(*names)
        ]


PUBLISHED_TABLE = register(PublishedTable())
