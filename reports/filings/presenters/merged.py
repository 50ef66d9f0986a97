"""What two windows did to one draft, in words: whose change, when, and both values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from accounts.formatting import zhdatetime
from reports.filings.checks import GRADE_LABELS, SECTIONS, class_label, label_of
from reports.filings.drafts import Saved
from reports.filings.merging import MINE, THEIRS, Conflict

WHOLE = {
    "remarks": "其他情况",
    "explanations": "说明",
    "days_open": "开园天数",
    "same": "与上月相同的勾选",
}
MOST_NAMED = 6


def label(key: str, draft: Mapping[str, Any]) -> str:
    """The words for a cell of that draft: ``classes:小一班:boys`` → 小一班 男."""
    section, _, rest = key.partition(":")
    if section == "classes" and ":explanations:" in rest:
        return f"{rest.partition(':explanations:')[0]} 说明"
    name, _, column = rest.rpartition(":")
    if section == "classes":
        if column == "name" and name:
            return f"{name} 班名"
        # The key of a whole class ends with its name.
        return class_label(name, column) if name else class_label(column, "")
    return label_of(key, draft) or WHOLE.get(section, "其他填写内容")


@dataclass(frozen=True)
class Choice:
    """One cell to decide on, as a pair of radios."""

    name: str
    label: str
    whose: str
    theirs: str
    mine: str
    pick_theirs: str
    pick_mine: str


def choices(
    conflicts: Sequence[Conflict], savers: Mapping[str, Saved], draft: Mapping[str, Any]
) -> list[Choice]:
    return [
        Choice(
            f"pick-{conflict.key}",
            label(conflict.key, draft),
            _whose(savers.get(conflict.key)),
            _value(conflict.key, conflict.theirs),
            _value(conflict.key, conflict.mine),
            conflict.choice(THEIRS),
            conflict.choice(MINE),
        )
        for conflict in conflicts
    ]


def _whose(saved: Saved | None) -> str:
    return "另一个窗口" if saved is None else f"{saved.by}，{zhdatetime(saved.at, short=True)}"


def _value(key: str, text: str | None) -> str:
    if text is None:
        return "撤销了这个班"
    if key.endswith(":grade"):
        return GRADE_LABELS.get(text, text)
    section, _, rest = key.partition(":")
    field = SECTIONS[section].field(rest.rpartition(":")[2]) if section in SECTIONS else None
    return str(field.value(text) if field and text else text) or "（空）"


def taken_over(taken: Sequence[str], savers: Mapping[str, Saved], draft: Mapping[str, Any]) -> str:
    """One sentence on what the saved `draft` has that was not typed in this window."""
    if not taken:
        return "两个窗口填的已合并保存。"
    # A tick went with the change that is named; alone it is named itself.
    taken = [key for key in taken if not key.startswith("same:")] or taken
    people = dict.fromkeys(saved.by for key in taken if (saved := savers.get(key)))
    fields = [label(key, draft) for key in taken]
    named = "、".join(fields[:MOST_NAMED])
    more = f"等{len(fields)}处" if len(fields) > MOST_NAMED else ""
    return f"{'、'.join(people) or '另一个窗口'}同时改了{named}{more}，已合并进来。"
