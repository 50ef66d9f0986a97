"""The lines of the page and of the file in words."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from accounts.exports import Table
from accounts.formatting import zhdate, zhdatetime, zhmonth
from reports.reconciling.models import DifferenceNote
from reports.reconciling.rules import FIGURES, Explained, Pair, Standing
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
    Standing.SAME: "一致",
    Standing.UNCOUNTED: "月报没有计入",
    Standing.ONLY_RETURN: "事业统计里没有",
    Standing.ONLY_STATISTICS: "只在事业统计里",
    Standing.NO_STATISTICS: "没有导入事业统计",
}
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
    def difference_words(self) -> str:
        """月报多3, 月报少2; empty where they are the same or one is missing."""
        difference = self.pair.difference
        if not difference:
            return ""
        return f"月报{'多' if difference > 0 else '少'}{abs(difference)}"


def cells(line: Line) -> list[Cell]:
    found = []
    for figure, pair in zip(FIGURES, line.pairs, strict=True):
        note = line.notes.get(figure)
        fits = note is not None and pair.is_explained_by(Explained(note.returned, note.stated))
        shown = note if pair.differs else None
        found.append(Cell(LABELS[figure], pair, shown, shown is not None and not fits))
    return found


def note_words(note: DifferenceNote) -> str:
    """搬迁后招生多（2026年10月，示例区教育局甲）."""
    by = note.written_as
    return f"{note.text}（{zhmonth(note.month)}，{by.organisation.name}{by.user.full_name}）"


def numbers(lines: Iterable[Line]) -> dict[Standing, int]:
    found = dict.fromkeys(ORDER, 0)
    for line in lines:
        found[line.standing] += 1
    return found


def in_order(lines: Sequence[Line], sort: str) -> list[Line]:
    """By the state, the name, the town, or the difference in a figure; ties by code.

    What has no difference to sort by comes last either way.
    """
    down, key = sort.startswith("-"), sort.removeprefix("-")
    if key in FIGURES:
        known = [one for one in lines if one.pair(key).difference is not None]
        known.sort(key=lambda one: (one.pair(key).difference or 0, one.code), reverse=down)
        return known + [one for one in lines if one.pair(key).difference is None]
    keys = {
        "name": lambda one: (one.name, one.code),
        "town": lambda one: (one.town.code if one.town else "9", one.code),
    }
    by_state = lambda one: (ORDER.index(one.standing), one.code)  # noqa: E731
    return sorted(lines, key=keys.get(key, by_state), reverse=down)


def reconciliation_table(
    found: Reconciled, lines: Sequence[Line], *, place: str, word: str, now: dt.datetime
) -> Table:
    """The lines of the page, all of them. `word` is the chosen state."""
    stated = "没有导入" if found.stated_on is None else f"{zhdate(found.stated_on)}的事业统计"
    heads = ["学校标识码", "园名", "乡镇街道", "对账情况"]
    for label in LABELS.values():
        heads += [f"{label}：月报", f"{label}：事业统计", f"{label}：相差"]
    return Table(
        name=f"{place}对账_{found.period.month:%Y%m}",
        heads=(*heads, "说明", "事业统计来源"),
        rows=[_row(line) for line in lines],
        notes=[
            lambda count: (
                f"{zhmonth(found.period.month)}月报（统计时点{zhdate(found.period.reference_date)}，"
                f"已计入的）对{stated}，{word}{count}所，{zhdatetime(now)}的情况。"
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
    source = line.statistics.source if line.statistics else None
    return [*row, "；".join(notes) or None, source]
