"""Tables of the years before the portal: one row for a place, a date, a source and a sponsor."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from django.db.models import Q, QuerySet

from accounts.access.permissions import Permission
from accounts.access.scope import home_region
from accounts.exchange.declaring import Column, Context, Importable, Key, Line, Plan, Values
from accounts.exchange.kinds import Choice, Text, compact
from accounts.exchange.registry import register
from accounts.exchange.services import Refused as TableRefused
from accounts.models import ImportBatch, Region
from indicators.aggregates import services
from indicators.aggregates.columns import COUNTS, SPONSOR_ALIASES, SPONSORS
from indicators.aggregates.kinds import PrintedCount, PrintedRate, StatisticalDate, day_of_year
from indicators.aggregates.reading import (
    OFFERED,
    as_spelled,
    as_typed,
    counts_of_row,
    entry_of,
    faults_of_sponsors,
    kind_of_source,
    pad,
    published_name,
    questions,
    spelled,
)
from indicators.aggregates.rules import broken_sums, impossible
from indicators.catalogue import INDICATORS, Kind
from indicators.models import AggregateReturn
from indicators.models.aggregate import NATION, NATION_NAME

KINDS = Choice(
    dict(AggregateReturn.Kind.choices),
    {"统计年鉴": "yearbook", "教育事业统计": "statistics", "统计公报": "bulletin",
     **{code: code for code in AggregateReturn.Kind.values}},
)  # fmt: skip
# Places named in one sentence.
MOST_NAMED = 6
UNITS = Choice({"one": "人", "ten_thousand": "万人"}, {"万": "ten_thousand", "名": "one"})
SPONSOR = Choice(
    {"total": "合计", **SPONSORS},
    {typed: sponsor or "total" for typed, sponsor in SPONSOR_ALIASES.items()}
    | {code: code for code in SPONSORS},
)
SCOPES = Choice(
    {"kindergartens": "幼儿园", "preschool": "学前教育"},
    {"幼儿园(不含附设幼儿班)": "kindergartens", "学前教育(含附设幼儿班)": "preschool",
     "不含附设班": "kindergartens", "含附设班": "preschool", "不含附设幼儿班": "kindergartens",
     "含附设幼儿班": "preschool", "kindergartens": "kindergartens", "preschool": "preschool"},
)  # fmt: skip


def _spellings(*names: str) -> tuple[str, ...]:
    """How the head of a published value may be spelled beside its own."""
    heads = [head for name in names for head in (name, f"公布{name}", f"公布的{name}")]
    return (*heads, *(f"{head}(%)" for head in heads))


class AggregatesTable(Importable):
    code = "aggregates"
    label = "历史数据"
    noun = "条"
    permission = Permission.MANAGE_REGISTRY
    key = ("region", "reference_date", "source", "sponsor")
    most_rows = 10_000
    about = (
        "每行是一个地区、一个统计时点、一个来源的汇总数；分办别的表每个办别一行，合计也是一行。",
        "只填来源写明的数，没有的空着。公布的比率照印出来的填，系统用各数重算一遍，对照是否一致。",
        "只写年份的，算作12月31日；来源种类是事业统计的，算作9月1日。学年写成2025-2026，算作9月1日。",
        "按万印的数，“人数单位”填万人，或者写成60.70万；同一行按万的数按位数最多的补齐。",
    )
    columns = (
        Column("region", "地区代码", Text(60), required=True, example="654300",
               note="行政区划代码；全国填CN",
               aliases=("region", "region_code", "code", "地区", "行政区划代码", "区划代码",
                        "行政区划")),
        Column("reference_date", "统计时点", StatisticalDate(), required=True, example="2020",
               note="只写年份：12月31日；事业统计：9月1日",
               aliases=("reference_date", "date", "year", "年份", "年度", "日期", "学年", "period",
                        "时间")),
        Column("source", "来源", Text(120), required=True, example="示例统计年鉴2021",
               note="年鉴、公报、文件的名称",
               aliases=("source", "数据来源", "资料来源", "来源名称")),
        Column("kind", "来源种类", KINDS, example="年鉴", note="空着的按来源名称判断",
               aliases=("kind", "source_kind", "种类", "来源类型")),
        Column("place", "出处", Text(80), example="表19-10", note="表号、页码、条款",
               aliases=("place", "table", "page", "clause", "表", "表号", "页码", "条款")),
        Column("sponsor", "办别", SPONSOR, example="合计", note="空着是合计",
               aliases=("sponsor", "sponsor_type", "举办者", "办园性质", "主办单位")),
        Column("scope", "统计口径", SCOPES, example="幼儿园", note="专任教师等含不含附设幼儿班",
               aliases=("scope", "口径", "教师口径", "teacher_scope")),
        Column("unit", "人数单位", UNITS, example="人", note="幼儿、教职工、人口各列；空着是人",
               aliases=("unit", "单位", "计量单位"), once=True),
        *(
            Column(count.name, count.head, PrintedCount(count.unit), note=count.note,
                   aliases=(count.name, *count.aliases, f"{count.head}({count.unit})"))
            for count in COUNTS
        ),
        *(
            Column(published_name(code), f"公布的{INDICATORS[code].short_name}",
                   PrintedRate(INDICATORS[code].kind is Kind.SHARE, INDICATORS[code].at_most_whole),
                   aliases=(published_name(code), code,
                            *_spellings(INDICATORS[code].name, INDICATORS[code].short_name)))
            for code in OFFERED
        ),
        Column("explanation", "说明", Text(300), note="各数对不上的，写明原表如此和原因",
               aliases=("explanation", "note", "备注", "情况说明")),
    )  # fmt: skip

    def prepare(self, context: Context) -> None:
        home = home_region(context.by)
        of_own = home is not None and home.level <= Region.Level.COUNTY
        know_regions(
            context, Region.objects.within(home) if of_own and home else Region.objects.none()
        )

    def settle(self, context: Context, line: Line) -> None:
        values = line.values
        region = compact(values.get("region", ""))
        code = region.upper().removesuffix("000000") if len(region) == 12 else region.upper()
        if code in {"全国", "全国合计", "000000", "100000"}:
            code = NATION
        code = context.known["codes"].get(region, code)
        if region:
            values["region"] = code
        values.setdefault("sponsor", "total")
        if "kind" not in values:
            values["kind"] = kind_of_source(values.get("source", ""))
        day = values.get("reference_date")
        if isinstance(day, str):
            values["reference_date"] = day_of_year(
                int(day), school_statistics=values["kind"] == AggregateReturn.Kind.STATISTICS
            )
        pad(values)

    def existing(self, context: Context, lines: Mapping[Key, Line]) -> dict[Key, Values]:
        rows = _rows_of(context, {key[0] for key in lines}, {key[1] for key in lines})
        context.known["there"] = {_key(row): row for row in rows}
        context.known["lines"] = lines
        _know_elsewhere(context, {key[0] for key in lines})
        return {
            key: as_spelled(context.known["there"][key], lines[key].values)
            for key in lines
            if key in context.known["there"]
        }

    def check(
        self, context: Context, line: Line, before: Values | None
    ) -> Iterable[tuple[str, str]]:
        values = line.values
        region, level = values["region"], 0
        if region in context.known["regions"]:
            level = _level(context, region)
        elif region == NATION:
            yield "region", "全国的数由系统运行人员用import_aggregates命令导入。"
        else:
            yield "region", _no_such_place(context, region)
        if values["reference_date"] > context.today:
            yield (
                "reference_date",
                (
                    f"统计时点{values['reference_date'].isoformat()}还没有到。这里只登记已经统计出来的数。"
                ),
            )
        full = {**(before or {}), **values}
        counts, faults = counts_of_row(full, level=level)
        yield from faults
        if faults:
            return
        if not counts and not any(full.get(published_name(code)) for code in OFFERED):
            yield "region", "这一行没有数。请至少填一个数或一个公布的比率，或删去这一行。"
        wrong = impossible(counts)
        yield from ((fault.name, fault.text) for fault in wrong)
        if not wrong and not full.get("explanation"):
            yield from ((fault.name, fault.text) for fault in broken_sums(counts))

    def rehearse(self, context: Context, plan: Plan) -> Iterable[tuple[Line, str, str]]:
        """Rows by sponsor against their total, in the table and in what is there together."""
        there, lines = context.known["there"], context.known["lines"]
        tables: dict[Key, dict[str, Values]] = defaultdict(dict)
        written = {_key_of(line.values): line for line in _lines(plan)}
        for key in {*there, *written}:
            old = spelled(there[key]) if key in there else {}
            new = written[key].values if key in written else {}
            tables[key[:3]][key[3]] = {**old, **new}
        left_out = {key[:3] for key in lines if key not in written and key not in there}
        for table, rows in tables.items():
            if table in left_out:
                continue
            line = written.get((*table, "total")) or next(
                (written[(*table, sponsor)] for sponsor in rows if (*table, sponsor) in written),
                None,
            )
            if line is None:
                continue
            for fault in faults_of_sponsors(rows, level=_level(context, table[0])):
                yield line, fault.name, fault.text

    def adds(self, context: Context, new: Sequence[Line]) -> list[str]:
        return questions(new)

    def write(self, context: Context, plan: Plan, batch: ImportBatch) -> None:
        try:
            services.enter_aggregates(
                entries=entries(context, plan),
                reason=f"表格导入：{batch.name}",
                by=context.by,
                now=context.now,
            )
        except services.Refused as refusal:
            raise TableRefused(str(refusal)) from refusal

    def rows(self, context: Context) -> Iterable[Values]:
        rows = AggregateReturn.objects.standing().filter(region__in=_own(context))
        ordered = rows.select_related("region").order_by(
            "reference_date", "region__code", "source", "sponsor"
        )
        return [as_typed(row) for row in ordered]


def know_regions(context: Context, regions: QuerySet[Region], *, nation: bool = False) -> None:
    """Look up which places may stand in a table, by code and, where only one has it, by name."""
    found: dict[str, tuple[int | None, int]] = {}
    names: dict[str, list[str]] = defaultdict(list)
    parents: dict[str, str] = {}
    # 东莞 and two others are a city and a county of one code: the county is meant (of_code).
    for pk, code, name, level, parent in regions.order_by("level", "code").values_list(
        "pk", "code", "name", "level", "parent__name"
    ):
        found[code] = (pk, level)
        parents[code] = parent or ""
        if code not in names[name]:
            names[name].append(code)
    if nation:
        found[NATION] = (None, 0)
        names[NATION_NAME] = [NATION]
    context.known |= {"regions": found, "names": names, "parents": parents}
    context.known["codes"] = {name: codes[0] for name, codes in names.items() if len(codes) == 1}


def _know_elsewhere(context: Context, typed: set[str]) -> None:
    """Which of the places that may not stand in the table there are all the same."""
    known = context.known
    unknown = {one for one in typed if one != NATION and one not in known["regions"]}
    there = (
        Region.objects.filter(Q(code__in=unknown) | Q(name__in=unknown)).values_list("code", "name")
        if unknown
        else []
    )
    known["elsewhere"] = {text for row in there for text in row}


def _no_such_place(context: Context, typed: str) -> str:
    """Why a place cannot stand in the table: several have the name, none has, or it is another's."""
    names, parents = context.known["names"], context.known["parents"]
    codes = names.get(typed, [])
    if codes:
        listed = "、".join(f"{code}（{parents[code]}）" for code in codes[:MOST_NAMED])
        more = "等" if len(codes) > MOST_NAMED else ""
        return f"叫{typed}的地区有{len(codes)}个：{listed}{more}。请填代码。"
    near = [name for name in names if name.startswith(typed)] if len(typed) > 1 else []
    if near and not typed.isdigit():
        offered = "、".join(f"{name}（{names[name][0]}）" for name in near[:MOST_NAMED])
        return f"没有叫{typed}的地区，是不是{offered}？请写全名，或填代码。"
    if typed in context.known["elsewhere"]:
        return f"{typed}不在您的范围内，这里只登记本地区和下级地区的数。请删去这一行。"
    return f"行政区划里没有{typed}。请填6位或12位代码，全国填CN。"


def entries(context: Context, plan: Plan) -> list[services.Entry]:
    """The rows a plan writes, whole: what the table leaves empty stays as it was."""
    there, known = context.known["there"], context.known["regions"]
    lines = _lines(plan)
    regions = Region.objects.in_bulk({known[line.values["region"]][0] for line in lines} - {None})
    found = []
    for line in lines:
        key = _key_of(line.values)
        full = {**(spelled(there[key]) if key in there else {}), **line.values}
        pk, level = known[key[0]]
        found.append(entry_of(full, None if pk is None else regions[pk], level=level))
    return found


def _rows_of(context: Context, codes: set[str], days: set[dt.date]) -> list[AggregateReturn]:
    known = context.known["regions"]
    keys = {known[code][0] for code in codes if code in known}
    rows = AggregateReturn.objects.standing().filter(reference_date__in=days)
    of_places = rows.filter(region__in=keys - {None})
    found = of_places | rows.filter(region=None) if None in keys else of_places
    return list(found.select_related("region"))


def _own(context: Context) -> list[int]:
    return [pk for pk, _ in context.known["regions"].values() if pk is not None]


def _level(context: Context, code: str) -> int:
    level: int = context.known["regions"][code][1]
    return level


def _lines(plan: Plan) -> list[Line]:
    return [*plan.new, *(change.line for change in plan.changed)]


def _key_of(values: Values) -> Key:
    return tuple(values[name] for name in AggregatesTable.key)


def _key(row: AggregateReturn) -> Key:
    return row.region_code, row.reference_date, row.source, row.sponsor or "total"


AGGREGATES_TABLE = register(AggregatesTable())
