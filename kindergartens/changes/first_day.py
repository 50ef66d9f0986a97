"""Putting the first day of a kindergarten right that has not begun: a date mistyped at registration.

Nothing was before a first status, so it is neither amended earlier nor withdrawn (services); while
nobody has leaned on it, it may begin on another day. What was decided first stays on record, as a
change that was taken back.
"""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from accounts.formatting import zhdate
from accounts.history.context import because
from accounts.models import User
from kindergartens.changes import policies, rules, services
from kindergartens.changes.policies import ChangeRefused
from kindergartens.changes.snapshots import stored, timeline_of
from kindergartens.models import (
    Kindergarten,
    MonthlyFiling,
    Procedure,
    StatusChange,
    StatusDocument,
)
from kindergartens.projects.guard import why_status_is_not_for_it

LEANING = "whether anything leans on the first day of a kindergarten in hand"


def day_to_come(kindergarten: Kindergarten, *, today: dt.date) -> dt.date | None:
    """The first day of a kindergarten that has not begun; None for one that has, or has no status."""
    first = kindergarten.statuses.order_by("valid_from").values_list("valid_from", flat=True)
    day = first.first()
    return day if day is not None and day > today else None


@transaction.atomic
def move_first_day(
    *,
    kindergarten: Kindergarten,
    first_day: dt.date,
    seen: dt.date,
    reason: str,
    by: User,
    now: dt.datetime,
) -> None:
    """Let a status that has not begun begin on another day; all it says stays as it is.

    `seen` is the first day the person was shown. The number and the papers of the registration go
    along. The open months from the earlier of both days on are computed again: where the new day
    lies in one of them, the kindergarten owes their returns, and without it they have one less.

    Raises ChangeRefused with what to do instead: no reason, another day by now, begun already,
    something filed or under way, before the opening, after a later change, neither number nor
    paper, too far ahead or in a month that is locked. PermissionDenied for whoever does not look
    after the kindergarten.
    """
    post = policies.changer(by, kindergarten)
    if not reason.strip():
        raise ChangeRefused("请写明更改原因。")
    today = timezone.localdate(now)
    rows = services.locked_rows(kindergarten)
    kindergarten.refresh_from_db(fields=["opened_on"])
    timeline = timeline_of(rows)
    if not timeline or timeline[0].valid_from != seen:
        raise ChangeRefused("在册起始日期刚被别人改过，这次没有改。请刷新页面看现在的日期。")
    if seen <= today:
        raise ChangeRefused(f"这所园的状态{zhdate(seen)}起已经生效，在册起始日期不能再改。")
    if first_day == seen:
        raise ChangeRefused(f"在册起始日期已经是{zhdate(seen)}，没有需要更改的。")
    if len(timeline) > 1 and first_day >= timeline[1].valid_from:
        raise ChangeRefused(
            f"{zhdate(timeline[1].valid_from)}起已经登记了变更，在册起始日期要早于那一天，"
            "或先撤回那项变更。"
        )
    _check_nothing_leans_on_it(kindergarten)
    if first_day < kindergarten.opened_on:
        raise ChangeRefused(
            f"在册起始日期早于建园日期{zhdate(kindergarten.opened_on)}。"
            "建园日期也填错的，先在园所档案里更正，再改这里。"
        )
    policies.check_first_day(kindergarten.opened_on, first_day, today=today)
    values = timeline[0].values
    forbidden = why_status_is_not_for_it(kindergarten, values["ownership"], first_day, today=today)
    if forbidden:
        raise ChangeRefused(forbidden)
    planned = [rules.Dated(first_day, values), *timeline[1:]]
    earlier = min(first_day, seen)
    services.check_timeline(kindergarten, timeline, planned, earlier, now)
    kept = {name: stored(name, value) for name, value in values.items()}
    nothing = dict.fromkeys(rules.FIELDS)
    taken_back = list(kindergarten.status_changes.standing().filter(valid_from=seen).order_by("pk"))
    papers = list(StatusDocument.objects.visible_to(by).filter(change__in=taken_back))
    numbers = dict.fromkeys(change.document_number for change in taken_back)
    number = "、".join(one for one in numbers if one)
    if not number and not papers:
        raise ChangeRefused(
            "原来的登记没有文号，也没有依据文件，在册起始日期不能在这里改。请系统管理员核对登记记录。"
        )
    for change in taken_back:
        policies.check_may_withdraw(change, post)
        StatusChange.objects.create(
            kindergarten=kindergarten,
            valid_from=seen,
            values=change.before,
            before=change.values,
            reason=reason.strip()[: services.MOST_IN_A_REASON],
            withdraws=change,
            made_as=post,
            made_at=now,
        )
    moved = StatusChange.objects.create(
        kindergarten=kindergarten,
        valid_from=first_day,
        values=kept,
        before=nothing,
        reason=reason.strip()[: services.MOST_IN_A_REASON],
        document_number=number[:100],
        made_as=post,
        made_at=now,
    )
    for paper in papers:
        StatusDocument.objects.create(
            change=moved, file_id=paper.file_id, name=paper.name, added_as=post, added_at=now
        )
    with because(reason.strip()):
        services.write_timeline(kindergarten, rows, planned)
    services.follow(kindergarten, timeline, planned, earlier, now)


def _check_nothing_leans_on_it(kindergarten: Kindergarten) -> None:
    if MonthlyFiling.objects.unscoped(LEANING).filter(kindergarten=kindergarten).exists():
        raise ChangeRefused("这所园已经填过月报，在册起始日期不能再改。请先核对月报。")
    ended = (Procedure.State.REFUSED, Procedure.State.WITHDRAWN)
    procedure = (
        Procedure.objects.unscoped(LEANING)
        .filter(
            Q(kindergarten=kindergarten)
            | Q(placements__receiver=kindergarten)
            | Q(kind="merger", details__receiver=kindergarten.pk)
        )
        .exclude(state__in=ended)
        .first()
    )
    if procedure is not None:
        raise ChangeRefused(
            f"备案审批事项{procedure.number}已经用到这所园，在册起始日期不能再改。"
            "请先撤回那件事项。"
        )
