"""Forms, cells and items in words, with the way back to where a number comes from."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.urls import reverse

from accounts.access.permissions import Permission
from accounts.exports import Table
from accounts.formatting import MISSING, count, percent, zhdate, zhdatetime, zhmonth
from accounts.models import Region, User
from fees.models import FeeCeiling
from indicators.catalogue import INDICATORS, Kind
from kindergartens.models import ClassCount
from reports.dashboards.presenters import shown as value_shown
from reports.dashboards.presenters import with_unit
from reports.documents.tracing import explanation_path
from reports.reuse.rules import (
    ALL_COLUMNS,
    CERTIFIED_POSTS,
    GRADES,
    POSTS,
    Cell,
    columns_of,
    spared,
)
from reports.reuse.selectors import Answer, Coverage, Item, Worksheet, items
from staffing.models import StaffCount

GRADE_LABELS = dict(ClassCount.Grade.choices) | {"all": "合计（不含托班）"}
POST_LABELS = dict(StaffCount.Post.choices)
COLUMN_LABELS = {
    "classes": "班数",
    "boys": "男",
    "girls": "女",
    "age3": "3岁",
    "age4": "4岁",
    "age5": "5岁",
    "age6": "6岁以上",
    "disabled": "残疾",
    "left_behind": "留守",
    "migrant": "随迁",
}
# What the annual statistics also ask of a kindergarten, and no return or register here tells.
NOT_KEPT = ("少数民族幼儿", "学年内入园、离园、转入、转出", "教职工的学历、职称、编制和年龄")
ENROLMENT, STAFF = "gross_enrolment_rate", "children_per_staff"
# Label of each cell of the 一览表, and the figure whose explanation leads to its returns.
OVERVIEW: dict[str, tuple[str, str]] = {
    "resident_population_3_5": ("常住3–5岁人口", ENROLMENT),
    "streets": ("街道数", ""),
    "townships": ("乡镇数", ""),
    "kindergartens": ("幼儿园总数", "inclusive_kindergarten_share"),
    "education_kindergartens": ("教育办园", "inclusive_kindergarten_share"),
    "other_public_kindergartens": ("其他公办园", "inclusive_kindergarten_share"),
    "inclusive_private_kindergartens": ("普惠性民办园", "inclusive_kindergarten_share"),
    "non_inclusive_private_kindergartens": ("非普惠民办园", "inclusive_kindergarten_share"),
    "enrolled": ("在园幼儿总数", ENROLMENT),
    "public_children": ("公办园在园幼儿", "public_enrolment_share"),
    "inclusive_private_children": ("普惠性民办园在园幼儿", "inclusive_enrolment_share"),
    "non_inclusive_private_children": ("非普惠民办园在园幼儿", "inclusive_enrolment_share"),
    "staff": ("教职工总数", STAFF),
    "principals": ("园长", "certified_share"),
    "full_time_teachers": ("专任教师", "children_per_full_time_teacher"),
    "childcare_workers": ("保育员", "children_per_care_teaching_staff"),
    "other_staff": ("其他教职工", STAFF),
}
POPULATION, DIVISIONS = ("resident_population_3_5",), ("streets", "townships")


@dataclass(frozen=True)
class Line:
    """One cell with its value in words; `url` leads back, `why` says what is missing."""

    label: str
    value: str
    source: str
    url: str = ""
    is_filled: bool = True
    why: str = ""


def overview_lines(cells: Sequence[Cell], county: Region, month: dt.date) -> list[Line]:
    scopes = dict(FeeCeiling.Scope.choices)
    lines = []
    for cell in cells:
        label, figure = OVERVIEW.get(cell.code, (f"保教费上限：{scopes.get(cell.code, '')}", ""))
        source = "月报"
        if cell.code in POPULATION:
            source = "学前人口登记"
        elif cell.code in DIVISIONS:
            source = "行政区划"
        elif cell.code in scopes:
            source = "收费标准登记"
        is_filled = cell.value is not None
        lines.append(
            Line(
                label,
                _plain(cell.value),
                source,
                explanation_path(county, figure, month) if figure and is_filled else "",
                is_filled,
                "" if is_filled else f"{source}里没有这个数，要另填",
            )
        )
    return lines


def _plain(value: int | Decimal | None) -> str:
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    return count(value)


def coverage_words(coverage: Coverage) -> str:
    """应报28所，已接收并计入17所，暂计"""
    words = f"应报{count(coverage.expected)}所，已接收并计入{count(coverage.accepted)}所"
    return f"{words}，暂计" if coverage.missing else words


def whose_worksheets(coverage: Coverage) -> str:
    """The form says itself that it is not whole: a sheet that is not there has no empty cells."""
    words = f"每所园一张，已计入{count(coverage.accepted)}张"
    return f"{words}，还有{count(coverage.missing)}所没有计入" if coverage.missing else words


@dataclass(frozen=True)
class FormLine:
    """One form: who fills it in, how many cells it asks for, how many are spared."""

    anchor: str
    title: str
    who: str
    asked: int
    spared: int

    @property
    def empty(self) -> int:
        return self.asked - self.spared


def form_line(anchor: str, title: str, who: str, cells: Sequence[Cell]) -> FormLine:
    return FormLine(anchor, title, who, len(cells), spared(cells))


@dataclass(frozen=True)
class ItemLine:
    item: Item
    line: Line
    evidence: str = ""


def evaluation_lines(
    found: Mapping[int, Answer],
    *,
    county: Region,
    month: dt.date,
    day: dt.date,
    address: str,
    user: User,
) -> list[ItemLine]:
    """The items that ask for a number, with it or as not yet filled; papers alone are left out."""
    return [
        ItemLine(
            item,
            _evaluation_line(item, found.get(item.number), county, month, day, user),
            f"普惠性幼儿园名单公示网址：{address}"
            if address and item.evidence == "inclusive_list"
            else "",
        )
        for item in items()
        if item.asks
    ]


def papers_only() -> int:
    """How many items ask for papers and words alone."""
    return sum(not item.asks for item in items())


def _evaluation_line(
    item: Item, answer: Answer | None, county: Region, month: dt.date, day: dt.date, user: User
) -> Line:
    if answer is None or answer.value is None:
        why = "还没有计入的月报" if item.answer else "月报和登记里没有这个数"
        if answer is not None:
            why = {
                "gross": "没有登记户籍3–5岁人口",
                "estates": "没有登记已办园的小区配套园",
            }.get(item.answer, why)
        return Line(item.asks, MISSING, "", is_filled=False, why=why)
    if item.answer == "unlicensed":
        url = f"{reverse('unlicensed-list')}?region={county.code}&on={day.isoformat()}"
        shown = url if user.can(Permission.READ_UNLICENSED) else ""
        return Line(item.asks, _plain(answer.value), f"无证园登记，{zhdate(day)}", shown)
    made_of = f"{count(answer.numerator)} ÷ {count(answer.denominator)}"
    value = Decimal(answer.value)
    if item.answer == "estates":
        url = f"{reverse('estates')}?region={county.code}&on={day.isoformat()}"
        shown = url if user.can(Permission.READ_PROJECTS) else ""
        return Line(
            item.asks, f"{percent(value)}%", f"小区配套园登记，{zhdate(day)}，{made_of}", shown
        )
    if item.answer == "gross":
        url = explanation_path(county, ENROLMENT, month)
        return Line(
            item.asks, f"{percent(value)}%", f"月报在园幼儿 ÷ 户籍3–5岁人口，{made_of}", url
        )
    indicator = INDICATORS[item.answer]
    text = with_unit(indicator, value_shown(indicator, value))
    url = explanation_path(county, indicator.code, month)
    source = "拨付登记和月报" if indicator.kind is Kind.AMOUNT else "月报"
    return Line(item.asks, text, f"{source}，{indicator.formula}，{made_of}", url)


# ---- the worksheet ------------------------------------------------------------------------------


@dataclass(frozen=True)
class GradeRow:
    """(column, value) in words; what is not asked of a grade is empty."""

    label: str
    values: list[tuple[str, str]]


def grade_rows(sheet: Worksheet) -> list[GradeRow]:
    """A row for each grade the kindergarten has, then all in the rates."""
    rows = []
    for grade in (*GRADES, "all"):
        if sheet.value(f"{grade}:classes") is None:
            continue
        values = [
            (
                COLUMN_LABELS[column],
                count_of(sheet.value(f"{grade}:{column}"))
                if sheet.asks(f"{grade}:{column}")
                else "",
            )
            for column in ALL_COLUMNS
        ]
        rows.append(GradeRow(GRADE_LABELS[grade], values))
    return rows


def count_of(value: int | Decimal | None) -> str:
    return MISSING if value is None else count(int(value))


def staff_rows(sheet: Worksheet) -> list[tuple[str, str, str]]:
    """(post, people, certified)."""
    return [
        (
            POST_LABELS[post],
            count_of(sheet.value(f"staff:{post}")),
            count_of(sheet.value(f"certified:{post}")) if post in CERTIFIED_POSTS else "",
        )
        for post in POSTS
    ]


def _all_cells() -> list[tuple[str, str]]:
    """(code, head) of every cell that a worksheet may have, in the order of the file."""
    cells = []
    for grade in GRADES:
        cells += [
            (f"{grade}:{c}", f"{GRADE_LABELS[grade]}：{COLUMN_LABELS[c]}")
            for c in columns_of(grade)
        ]
    cells += [(f"all:{c}", f"合计：{COLUMN_LABELS[c]}") for c in ALL_COLUMNS]
    for post in POSTS:
        cells.append((f"staff:{post}", POST_LABELS[post]))
        if post in CERTIFIED_POSTS:
            cells.append((f"certified:{post}", f"{POST_LABELS[post]}持证"))
    return cells


def worksheet_table(
    sheets: Sequence[Worksheet],
    *,
    place: str,
    month: dt.date,
    day: dt.date,
    coverage: Coverage,
    now: dt.datetime,
) -> Table:
    """Every kindergarten's worksheet, one row each."""
    cells = _all_cells()
    return Table(
        name=f"{place}事业统计基表_{month:%Y%m}",
        heads=[
            "学校标识码", "园名", "乡镇街道", *(head for _, head in cells), "免填项数", "月报第几版",
        ],
        rows=(
            [
                sheet.facts.kindergarten.code,
                sheet.facts.kindergarten.name,
                sheet.facts.town.name,
                *(sheet.value(code) for code, _ in cells),
                sheet.spared,
                sheet.facts.filing_version.version,
            ]
            for sheet in sheets
        ),
        notes=[
            lambda number: (
                f"{zhmonth(month)}月报（统计时点{zhdate(day)}，已计入的）{number}所，"
                f"{coverage_words(coverage)}，{zhdatetime(now)}的情况。空格是这个园没有这个年级或没有这个数，不是0。"
            )
        ],
    )  # fmt: skip
