"""What an uploaded workbook did to the draft, in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from reports.filings.presenters.merged import MOST_NAMED, label, taken_over
from reports.filings.services import TakenIn
from reports.filings.workbook.reading import Unread


@dataclass(frozen=True)
class Gone:
    """A class that the workbook has no more, and its row on the page."""

    name: str
    anchor: str


@dataclass(frozen=True)
class Shown:
    """`sentence` says how many cells changed; `came_in` what somebody else had changed meanwhile."""

    sentence: str
    came_in: str
    gone: list[Gone]
    unread: list[Unread]
    is_saved: bool


def shown(taken: TakenIn, draft: Mapping[str, Any]) -> Shown:
    """`draft` is the one on the page, whose rows the classes are named by."""
    numbers = {str(row.get("name", "")): at for at, row in enumerate(draft.get("classes", []))}
    return Shown(
        _sentence(taken, draft),
        _came_in(taken),
        [Gone(name or "没有名字的班", f"#class-{numbers[name]}") for name in taken.gone],
        taken.unread,
        taken.conflict is None,
    )


def _sentence(taken: TakenIn, draft: Mapping[str, Any]) -> str:
    if taken.conflict is not None:
        number = len(taken.conflict.merged.conflicts)
        return f"还没有保存：有{number}处下载以后别处也改了，和填报表不一样。请在下面逐处选用哪个。"
    if not taken.changed:
        return "填报表里的数和草稿一样，草稿没有变化。"
    labels = [label(key, draft) for key in taken.changed]
    named = "、".join(labels[:MOST_NAMED])
    more = f"等{len(labels)}处" if len(labels) > MOST_NAMED else ""
    return f"草稿改了{len(labels)}处：{named}{more}。已保存，还没有提交。"


def _came_in(taken: TakenIn) -> str:
    if taken.together is None or not taken.together.merged.taken:
        return ""
    return taken_over(
        taken.together.merged.taken, taken.together.savers, taken.together.filing.draft
    )
