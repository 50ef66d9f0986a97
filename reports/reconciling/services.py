"""Writing why two papers differ."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from django.core.exceptions import PermissionDenied
from django.db import transaction

from accounts.access.permissions import Permission
from accounts.models import User
from kindergartens.models import Kindergarten, ReportingPeriod
from reports.reconciling.models import DifferenceNote
from reports.reconciling.rules import Explained
from reports.reconciling.selectors import Line, reconcile

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
) -> list[DifferenceNote]:
    """Write why the figures of one kindergarten differ; what is written already is not repeated.

    `seen` are the two numbers of each figure as the page showed them. Raises NotExplained when
    there is nothing to write, or the numbers are others by now; PermissionDenied.
    """
    post = by.acting
    if post is None or not by.can(Permission.REVIEW_RETURNS):
        raise PermissionDenied("只有所在区县教育局的经办人可以写对账说明。")
    # One after the other for a kindergarten: two presses are one explanation.
    Kindergarten.objects.visible_to(by).select_for_update(of=("self",)).filter(code=code).first()
    found = reconcile(by, period, now=now)
    line: Line | None = next((one for one in found.lines if one.code == code and one.owes), None)
    if line is None or line.kindergarten is None or line.town is None or found.stated_on is None:
        raise NotExplained("这所园这个月没有可以对的数，请返回对账页看最新的情况。")
    notes = []
    for figure, typed in texts.items():
        text = typed.strip()
        pair, note = line.pair(figure), line.notes.get(figure)
        if not text:
            continue
        if len(text) > MOST_TEXT:
            raise NotExplained(f"写了{len(text)}字，最多{MOST_TEXT}字。请删减。", figure)
        if pair.returned is None or pair.stated is None or not pair.differs:
            raise NotExplained("这一项现在没有差异，不用说明。请清空再保存。", figure)
        if not pair.is_explained_by(seen.get(figure)):
            raise NotExplained(
                f"数变了：现在月报{pair.returned}，事业统计{pair.stated}。请看过再写。", figure
            )
        if (
            note is not None
            and note.text == text
            and pair.is_explained_by(Explained(note.returned, note.stated))
        ):
            continue
        notes.append(
            DifferenceNote(
                kindergarten=line.kindergarten,
                town=line.town,
                month=period.month,
                figure=figure,
                returned=pair.returned,
                stated=pair.stated,
                stated_on=found.stated_on,
                text=text,
                written_as=post,
                written_at=now,
            )
        )
    if not notes:
        raise NotExplained("没有新写的说明。")
    return DifferenceNote.objects.bulk_create(notes)
