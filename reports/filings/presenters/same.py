"""Sections confirmed as 与上月相同: the boxes of the form, and what the reviewer reads of them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from accounts.formatting import zhdatetime
from accounts.models import Membership
from reports.filings import unchanged
from reports.filings.submitted import Submitted, as_draft


def boxes(draft: Mapping[str, Any], last: Submitted | None) -> dict[str, bool]:
    """By section whether its box is ticked; a section without a box is not there.

    There is none without a return to compare with, and none for classes that moved up since: a
    year older, they cannot be the same.
    """
    if last is None:
        return {}
    before = as_draft(last)
    ticked = unchanged.ticks(unchanged.settled(draft, before))
    offered = unchanged.offered(before, moved_up=last.promotion is not None)
    return {section: bool(ticked[section]) for section in offered}


@dataclass(frozen=True)
class SameSection:
    """A section that says what the last return said. `confirmed` is empty where nobody said so."""

    label: str
    confirmed: str


def same_sections(now: Submitted, last: Submitted | None) -> list[SameSection]:
    """The sections of a version that are as last month, with who confirmed it. At most one query."""
    before = None if last is None else as_draft(last)
    said = as_draft(now)
    kept = now.version.unchanged
    people = _people({one["post"] for one in kept.values()}) if kept else {}
    found = []
    for section, label in unchanged.SECTIONS.items():
        if section in kept:
            at = zhdatetime(dt.datetime.fromisoformat(kept[section]["at"]), short=True)
            found.append(SameSection(label, f"{people.get(kept[section]['post'], '')}{at}确认"))
        elif unchanged.is_unchanged(section, said, before):
            found.append(SameSection(label, ""))
    return found


def _people(posts: set[int]) -> dict[int, str]:
    rows = Membership.objects.unscoped("who confirmed sections of a version already in hand")
    return {row.pk: row.user.full_name for row in rows.filter(pk__in=posts).select_related("user")}
