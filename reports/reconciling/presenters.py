"""The lines of the page and of the file in words."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from accounts.exports import Table
from accounts.formatting import zhdate, zhdatetime, zhmonth
from kindergartens.models import PublishedKindergarten
from reports.reconciling.models import DifferenceNote, ListNote
from reports.reconciling.rules import (
    FIGURES,
    Aspect,
    Explained,
    ListDifference,
    ListStanding,
    Pair,
    Standing,
    both_words,
)
from reports.reconciling.selectors import Line, Reconciled

LABELS = {
    "children": "在园幼儿",
    "classes": "班数",
    "staff": "教职工",
    "teachers": "专任教师",
    "certified": "持证园长和专任教师",
}
WORDS = {
    Standing.DIFFERS: "有差异，没有说明",
    Standing.EXPLAINED: "有差异，已说明",
    Standing.SAME: "人数一致",
    Standing.UNCOUNTED: "月报还没有计入",
    Standing.ONLY_RETURN: "事业统计里没有",
    Standing.ONLY_STATISTICS: "只在事业统计里",
    Standing.NO_STATISTICS: "没有导入本学年的事业统计",
    Standing.NEITHER: "不报月报，也不在事业统计里",
}
LIST_WORDS = {
    ListStanding.UNREGISTERED: "名单上有，没有登记在办",
    ListStanding.UNLISTED: "登记在办，名单上没有",
    ListStanding.UNLIKE: "园名或性质和名单不同",
    ListStanding.EXPLAINED: "和名单不同，已说明",
    ListStanding.SAME: "和名单一致",
    ListStanding.NOT_MEANT: "不在名单上，也不要求在",
    ListStanding.NO_LIST: "没有导入完整名单",
}
ASPECTS = {Aspect.LISTED: "有没有", Aspect.NAME: "园名", Aspect.OWNERSHIP: "办园性质"}
KINDS = dict(PublishedKindergarten.Kind.choices)
# Of everything that may be explained, by the key of its field.
FIELD_LABELS = LABELS | {
    f"{kind}-{aspect}": f"{label}：{word}"
    for kind, label in KINDS.items()
    for aspect, word in ASPECTS.items()
}
HEADS_OF_PAPERS = (
    "公示名单", "和名单的差异", "说明", "事业统计时点", "事业统计来源", "普惠等级", "公示文件",
)  # fmt: skip
# What to look at first comes first.
ORDER = tuple(WORDS)


@dataclass(frozen=True)
class Cell:
    """One figure: both numbers, and the explanation; `is_stale` when it was for other numbers."""

    label: str
    pair: Pair
    note: DifferenceNote | None
    is_stale: bool

    @property
    def waits(self) -> bool:
        """Whether the two numbers differ and nobody has said yet why."""
        return self.pair.differs and (self.note is None or self.is_stale)

    @property
    def difference_words(self) -> str:
        """月报多3, 月报少2; empty where they are the same or one is missing."""
        difference = self.pair.difference
        if not difference:
            return ""
        return f"月报{'多' if difference > 0 else '少'}{abs(difference)}"


@dataclass(frozen=True)
class Unlike:
    """One thing a list and the registry differ in; `is_stale` as in Cell."""

    difference: ListDifference
    note: ListNote | None
    is_stale: bool

    @property
    def label(self) -> str:
        """已审批幼儿园名单：园名"""
        return FIELD_LABELS[self.difference.key]

    @property
    def words(self) -> str:
        """The difference in one sentence without its stop."""
        one, name = self.difference, KINDS[self.difference.kind]
        if one.aspect == Aspect.LISTED:
            if not one.published:
                return f"登记{one.registered}，{name}上没有"
            return f"{name}上有，" + (
                f"登记为“{one.registered}”" if one.registered else "本区县没有登记"
            )
        return f"{ASPECTS[one.aspect]}：登记“{one.registered}”，{name}“{one.published}”"

    @property
    def waits(self) -> bool:
        """Whether nobody has said yet why."""
        return self.note is None or self.is_stale

    @property
    def note_values(self) -> str:
        """登记“甲园”、名单“乙园”: what the explanation was written for."""
        if self.note is None:
            return ""
        return both_words(self.difference.aspect, self.note.registered, self.note.published)


def unlike(line: Line) -> list[Unlike]:
    found = []
    for one in line.list_differences:
        note = line.list_notes.get(one.key)
        fits = note is not None and one.values == Explained(note.registered, note.published)
        found.append(Unlike(one, note, note is not None and not fits))
    return found


def cells(line: Line) -> list[Cell]:
    found = []
    for figure, pair in zip(FIGURES, line.pairs, strict=True):
        note = line.notes.get(figure)
        fits = note is not None and pair.is_explained_by(Explained(note.returned, note.stated))
        shown = note if pair.differs else None
        found.append(Cell(LABELS[figure], pair, shown, shown is not None and not fits))
    return found


def unexplained(line: Line | None) -> list[str]:
    """What differs of a kindergarten's papers and has no explanation for these values yet."""
    if line is None:
        return []
    figures = [cell.label for cell in cells(line) if line.owes and cell.waits]
    return figures + [one.label for one in unlike(line) if one.waits]


def note_words(note: DifferenceNote | ListNote) -> str:
    """搬迁后招生多（2026年10月，示例区教育局甲）."""
    by = note.written_as
    return f"{note.text}（{zhmonth(note.month)}，{by.organisation.name}{by.user.full_name}）"


def numbers(lines: Iterable[Line]) -> dict[Standing, int]:
    found = dict.fromkeys(ORDER, 0)
    for line in lines:
        found[line.standing] += 1
    return found


def list_numbers(lines: Iterable[Line]) -> dict[ListStanding, int]:
    found = dict.fromkeys(LIST_WORDS, 0)
    for line in lines:
        found[line.list_standing] += 1
    return found


def stated_words(found: Reconciled) -> str:
    """2026年9月1日的事业统计（3所取2026年9月25日的）; each line of another date says its own."""
    if found.stated_usually is None:
        return "没有导入本学年的事业统计"
    others = found.stated_dates[1:]
    number = sum(count for _, count in others)
    which = f"{zhdate(others[0][0])}" if len(others) == 1 else "其他日期"
    more = f"（{number}所取{which}的）" if others else ""
    return f"{zhdate(found.stated_usually)}的事业统计{more}"


def sources_words(found: Reconciled) -> str:
    """年报；补报: where the statistics come from, the usual source first; empty without any."""
    sources = Counter(one.statistics.source for one in found.lines if one.statistics)
    return "；".join(name for name, _ in sources.most_common())


def lists_words(found: Reconciled) -> str:
    """已审批幼儿园名单2026年9月15日公布（《公告》）; empty where none was imported."""
    return "，".join(
        f"{KINDS[kind]}{zhdate(day)}公布{_titles(found.documents(kind))}"
        for kind, day in found.lists.items()
    )


def _titles(documents: Sequence[str]) -> str:
    """（《甲》）; （《甲》等3份） where supplements or corrections have papers of their own."""
    if not documents:
        return ""
    more = f"等{len(documents)}份" if len(documents) > 1 else ""
    return f"（《{documents[0].strip('《》')}》{more}）"


def in_order(lines: Sequence[Line], sort: str) -> list[Line]:
    """What waits for an explanation first; or by a state, the name, the town, or a difference.

    What has no difference to sort by comes last either way.
    """
    down, key = sort.startswith("-"), sort.removeprefix("-")
    if key in FIGURES:
        known = [one for one in lines if one.pair(key).difference is not None]
        known.sort(key=lambda one: (one.pair(key).difference or 0, one.code), reverse=down)
        return known + [one for one in lines if one.pair(key).difference is None]
    list_order = tuple(LIST_WORDS)

    def to_do_first(one: Line) -> tuple[bool, int, int, str]:
        return (
            not one.waits_for_words,
            ORDER.index(one.standing),
            list_order.index(one.list_standing),
            one.code,
        )

    keys = {
        "name": lambda one: (one.name, one.code),
        "town": lambda one: (one.town.code if one.town else "9", one.code),
        "listed": lambda one: (list_order.index(one.list_standing), one.code),
        "state": lambda one: (ORDER.index(one.standing), one.code),
    }
    return sorted(lines, key=keys.get(key, to_do_first), reverse=down)


def reconciliation_table(
    found: Reconciled, lines: Sequence[Line], *, place: str, word: str, now: dt.datetime
) -> Table:
    """The lines of the page, all of them. `word` is the chosen state."""
    lists = lists_words(found) or "没有导入公示名单"
    heads = ["学校标识码", "园名", "乡镇街道", "对账情况"]
    for label in LABELS.values():
        heads += [f"{label}：月报", f"{label}：事业统计", f"{label}：相差"]
    return Table(
        name=f"{place}对账_{found.period.month:%Y%m}",
        heads=(*heads, *HEADS_OF_PAPERS),
        rows=[_row(line) for line in lines],
        notes=[
            lambda count: (
                f"{zhmonth(found.period.month)}月报（统计时点{zhdate(found.period.reference_date)}，"
                f"已计入的）对{stated_words(found)}；登记对公示名单（{lists}）。"
                f"{word}{count}所，{zhdatetime(now)}的情况。"
                "空格是没有这个数，不是0；人数和班数都不含托班。"
            )
        ],
    )


def _row(line: Line) -> list[str | int | None]:
    row: list[str | int | None] = [
        line.code,
        line.name,
        line.town.name if line.town else None,
        WORDS[line.standing],
    ]
    notes = []
    for cell in cells(line):
        row += [cell.pair.returned, cell.pair.stated, cell.pair.difference]
        if cell.note is not None:
            before = (
                f"（原来月报{cell.note.returned}、事业统计{cell.note.stated}时写的）"
                if cell.is_stale
                else ""
            )
            notes.append(f"{cell.label}{before}：{note_words(cell.note)}")
    entries = unlike(line)
    for one in entries:
        if one.note is not None:
            before = f"（原来{one.note_values}时写的）" if one.is_stale else ""
            notes.append(f"{one.label}{before}：{note_words(one.note)}")
    stated = line.statistics
    return [
        *row,
        LIST_WORDS[line.list_standing],
        "；".join(one.words for one in entries) or None,
        "；".join(notes) or None,
        zhdate(stated.reference_date) if stated else None,
        stated.source if stated else None,
        "；".join(one.grade for one in line.published.values() if one.grade) or None,
        "；".join(dict.fromkeys(one.document for one in line.published.values())) or None,
    ]
