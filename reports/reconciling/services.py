"""Writing why papers differ."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction

from accounts.access.permissions import Permission
from accounts.models import Region, User
from kindergartens.models import Kindergarten, ReportingPeriod
from reports.reconciling.models import DifferenceNote, ListNote
from reports.reconciling.rules import FIGURES, Explained, both_words
from reports.reconciling.selectors import Line, Reconciled, reconcile

MOST_TEXT = 300


class NotExplained(Exception):
    """It cannot be written like this; the text says why. `figure` is where, if at one."""

    def __init__(self, text: str, figure: str = "") -> None:
        super().__init__(text)
        self.figure = figure


@transaction.atomic
def explain_differences(
    *,
    period: ReportingPeriod,
    code: str,
    texts: Mapping[str, str],
    seen: Mapping[str, Explained],
    by: User,
    now: dt.datetime,
) -> list[DifferenceNote | ListNote]:
    """Write why the papers of one kindergarten differ; what is written already is not repeated.

    `texts` by figure, and by ListDifference.key for a list beside the registry. `seen` are the two
    values of each as the page showed them. Raises NotExplained when there is nothing to write, or
    the values are others by now; PermissionDenied.
    """
    post = by.acting
    if post is None or not by.can(Permission.REVIEW_RETURNS):
        raise PermissionDenied("只有所在区县教育局的经办人可以写对账说明。")
    # One after the other for a kindergarten: two presses are one explanation. A code without one
    # is the county's.
    if not (
        Kindergarten.objects.visible_to(by)
        .select_for_update(of=("self",), no_key=True)
        .filter(code=code)
        .first()
    ):
        Region.objects.select_for_update(no_key=True).get(pk=period.county_id)
    found = reconcile(by, period, now=now)
    line = found.line(code)
    if line is None or not (line.owes or line.list_differences):
        raise NotExplained("这所园这个月没有可以对的数，请返回对账页看最新的情况。")
    written = {"written_as": post, "written_at": now}
    notes, list_notes = [], []
    for key, typed in texts.items():
        text = typed.strip()
        if not text:
            continue
        if len(text) > MOST_TEXT:
            raise NotExplained(f"写了{len(text)}字，最多{MOST_TEXT}字。请删减。", key)
        if key in FIGURES:
            values = _note_of_figure(found, line, key, text, seen.get(key))
            if values is not None:
                notes.append(DifferenceNote(**values, **written))
        else:
            values = _note_of_list(found, line, key, text, seen.get(key))
            if values is not None:
                list_notes.append(ListNote(**values, **written))
    if not notes and not list_notes:
        raise NotExplained("请至少写一处说明。")
    return [
        *DifferenceNote.objects.bulk_create(notes),
        *ListNote.objects.bulk_create(list_notes),
    ]


def _note_of_figure(
    found: Reconciled, line: Line, figure: str, text: str, seen: Explained | None
) -> dict[str, Any] | None:
    """What the note holds; None where it is written already. Raises NotExplained."""
    pair, note = line.pair(figure), line.notes.get(figure)
    if (
        pair.returned is None
        or pair.stated is None
        or not pair.differs
        or line.kindergarten is None
        or line.town is None
        or line.statistics is None
    ):
        raise NotExplained("这一项现在没有差异，不用说明。请清空再保存。", figure)
    if not pair.is_explained_by(seen):
        raise NotExplained(
            f"数变了：现在月报{pair.returned}，事业统计{pair.stated}。请看过再写。", figure
        )
    if (
        note is not None
        and note.text == text
        and pair.is_explained_by(Explained(note.returned, note.stated))
    ):
        return None
    return {
        "kindergarten": line.kindergarten,
        "town": line.town,
        "month": found.period.month,
        "figure": figure,
        "returned": pair.returned,
        "stated": pair.stated,
        "stated_on": line.statistics.reference_date,
        "text": text,
    }


def _note_of_list(
    found: Reconciled, line: Line, key: str, text: str, seen: Explained | None
) -> dict[str, Any] | None:
    """What the note holds; None where it is written already. Raises NotExplained."""
    one = next((each for each in line.list_differences if each.key == key), None)
    if one is None:
        raise NotExplained("这一项现在没有差异，不用说明。请清空再保存。", key)
    if one.values != seen:
        raise NotExplained(
            f"这一项变了：现在{both_words(one.aspect, one.registered, one.published)}。请看过再写。",
            key,
        )
    note, row = line.list_notes.get(key), line.published.get(one.kind)
    if note is not None and (note.text, note.registered, note.published) == (
        text, one.registered, one.published,
    ):  # fmt: skip
        return None
    return {
        "county": found.period.county,
        "town": line.town,
        "code": line.code,
        "month": found.period.month,
        "kind": one.kind,
        "aspect": one.aspect,
        "registered": one.registered,
        "published": one.published,
        "published_on": found.lists[one.kind] if row is None else row.published_on,
        "text": text,
    }
