"""Dated status in words: each row with what changed, why, on which paper, by whom."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.urls import reverse

from accounts.access.permissions import Permission
from accounts.formatting import zhdate, zhdatetime
from accounts.models import Region, User
from kindergartens.changes import rules
from kindergartens.changes.policies import may_withdraw
from kindergartens.changes.selectors import TimelineRow, towns_named
from kindergartens.changes.snapshots import LABELS, dated, in_words
from kindergartens.models import KindergartenStatus, StatusChange

ICONS = {"operating": "building-community", "suspended": "building-off", "closed": "building-off"}
# Said in one word together, where they follow from what else changed.
FLAG_WORDS = {
    "counts_enrolment": "在园幼儿",
    "counts_public": "公办",
    "counts_inclusive": "普惠",
    "counts_staff": "教职工",
}


def difference(
    before: rules.Values | None, after: rules.Values, names: Iterable[str], towns: dict[int, Region]
) -> list[dict[str, str]]:
    """Fields that change, each with the words before and after; flags by what they count."""
    lines = [
        {
            "label": LABELS[name],
            "before": in_words(name, before[name], towns) if before else "",
            "after": in_words(name, after[name], towns),
        }
        for name in rules.FIELDS
        if name in set(names) and name not in rules.FLAGS
    ]
    flags = [name for name in rules.FLAGS if name in set(names)]
    if flags:
        lines.append(
            {
                "label": "计入",
                "before": counted_words(before) if before else "",
                "after": counted_words(after),
            }
        )
    return lines


def counted_words(values: rules.Values) -> str:
    return "、".join(word for name, word in FLAG_WORDS.items() if values[name]) or "都不计入"


def status_line(status: KindergartenStatus) -> str:
    parts = [status.get_ownership_display(), status.get_operating_state_display()]
    if status.for_profit:
        parts.insert(1, "营利性")
    if status.level:
        parts.append(status.get_level_display())
    return "，".join(parts)


def timeline_rows(rows: Sequence[TimelineRow], *, user: User) -> list[dict[str, Any]]:
    """The rows as the page shows them."""
    values = [dated(row.status).values for row in rows]
    towns = towns_named(*values)
    may = user.can(Permission.DECIDE_PROCEDURES)
    return [
        {
            "status": row.status,
            "when": row.when,
            "icon": ICONS[row.status.operating_state],
            "title": status_line(row.status),
            "differences": difference(row.before, after, row.changed, towns) if row.changed else [],
            "changes": [_change(change) for change in row.changes],
            # What was registered before the portal kept changes has only its reason.
            "reason": "" if row.changes else row.status.reason,
            # What nothing was before is not taken back (services.withdraw_change).
            "withdrawable": [
                {"pk": change.pk, "reason": change.reason}
                for change in row.changes
                if may and may_mend(row, change, user) and row.before is not None
            ],
            "first_to_come": row.before is None
            and may
            and any(may_mend(row, change, user) for change in row.changes),
        }
        for row, after in zip(rows, values, strict=True)
    ]


def may_mend(row: TimelineRow, change: StatusChange, user: User) -> bool:
    return row.when == "next" and may_withdraw(change, user.acting)


def _change(change: StatusChange) -> dict[str, Any]:
    post = change.made_as
    return {
        "reason": change.reason,
        "document_number": change.document_number,
        "who": f"{post.organisation.name} {post.user.full_name}",
        "at": zhdatetime(change.made_at),
        "files": [
            {"name": file.name, "url": reverse("status-document", args=[file.pk])}
            for file in change.documents.all()
        ],
    }


def withdrawal_lines(rows: Sequence[StatusChange]) -> list[dict[str, Any]]:
    return [
        {
            "what": f"原定{zhdate(row.valid_from)}起：{row.withdraws.reason}",
            "reason": row.reason,
            "who": f"{row.made_as.organisation.name} {row.made_as.user.full_name}",
            "at": row.made_at,
        }
        for row in rows
        if row.withdraws is not None
    ]
