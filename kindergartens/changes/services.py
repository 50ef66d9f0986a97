"""The one way a kindergarten's dated status changes: on a day, for a reason, on a paper.

Every function locks the kindergarten first, so that two people change one after the other. What
was in force on an earlier day stays in force on it; months that are locked or counted are refused.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from django.db import connection, transaction
from django.utils import timezone

from accounts.formatting import zhdate
from accounts.history.context import because
from accounts.models import Membership, Region, StoredFile, User
from kindergartens.changes import policies, rules
from kindergartens.changes.counting import counting_of
from kindergartens.changes.policies import ChangeRefused, CountedMonth, Step
from kindergartens.changes.returns import follow_town
from kindergartens.changes.snapshots import LABELS, stored, timeline_of, unstored
from kindergartens.models import (
    Kindergarten,
    KindergartenStatus,
    StatusChange,
    StatusDocument,
)
from kindergartens.projects.guard import why_status_is_not_for_it
from kindergartens.recompute import ask_for_figures

MOST_IN_A_REASON = 300
ONE_DAY = dt.timedelta(days=1)
ENDINGS = {
    "application/pdf": "pdf",
    "image/jpeg": "jpg",
    "image/png": "png",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "xlsx",
}


@dataclass(frozen=True)
class Plan:
    """A change that may be made: what really changes, and the rows before and with it."""

    post: Membership
    rows: list[KindergartenStatus]
    wanted: dict[str, object]
    timeline: list[rules.Dated]
    planned: list[rules.Dated]


@transaction.atomic
def plan_change(
    *,
    kindergarten: Kindergarten,
    valid_from: dt.date,
    values: Mapping[str, object],
    by: User,
    now: dt.datetime,
) -> Plan:
    """All checks of a change, without making it; the kindergarten stays locked meanwhile.

    Raises ChangeRefused and PermissionDenied as change_status does.
    """
    post = policies.changer(by, kindergarten)
    policies.check_day(valid_from, today=timezone.localdate(now))
    town = values.get("town")
    if isinstance(town, Region):
        policies.check_town(post, town)
    rows = locked_rows(kindergarten)
    timeline = timeline_of(rows)
    wanted = _completed(kindergarten, timeline, valid_from, values)
    forbidden = why_status_is_not_for_it(
        kindergarten, wanted.get("ownership"), valid_from, today=timezone.localdate(now)
    )
    if forbidden:
        raise ChangeRefused(forbidden)
    try:
        planned = rules.amended(timeline, valid_from, wanted)
    except rules.Overlap as overlap:
        raise ChangeRefused(_overlap(overlap)) from None
    check_timeline(kindergarten, timeline, planned, valid_from, now)
    return Plan(post, rows, wanted, timeline, planned)


@transaction.atomic
def change_status(
    *,
    kindergarten: Kindergarten,
    valid_from: dt.date,
    values: Mapping[str, object],
    reason: str,
    document: StoredFile | None,
    by: User,
    now: dt.datetime,
    document_number: str = "",
    document_name: str = "",
) -> KindergartenStatus:
    """Change some fields of the status from a day on, and return the row in force on that day.

    `values` maps fields of rules.FIELDS to what they become; `town` is a Region, dates are dates.
    The four `counts_` flags of a first row follow from sponsor and recognition (counting.toml)
    unless they are given; later only public and inclusive do, enrolment and staff stay. The paper
    is `document` (kept by accounts.files.store; `document_name` as it was uploaded) or
    `document_number` (文号), or both. Rows after the day take over what they do not set
    themselves. The first row of a kindergarten needs rules.NEEDED_AT_FIRST.

    Raises ChangeRefused with what to do instead: no reason or paper, nothing changed, against the
    law, crossing a row that is there, or moving a month that is locked or counted.
    PermissionDenied for whoever does not look after the kindergarten.
    """
    if not reason.strip():
        raise ChangeRefused("请写明变更原因。")
    if document is None and not document_number.strip():
        raise ChangeRefused("请上传依据文件，或写明文号。")
    plan = plan_change(
        kindergarten=kindergarten, valid_from=valid_from, values=values, by=by, now=now
    )
    post, wanted, timeline, planned = plan.post, plan.wanted, plan.timeline, plan.planned
    before = rules.in_force(timeline, valid_from)
    change = StatusChange.objects.create(
        kindergarten=kindergarten,
        valid_from=valid_from,
        values={name: stored(name, value) for name, value in wanted.items()},
        before={name: stored(name, before.values[name]) if before else None for name in wanted},
        reason=reason.strip()[:MOST_IN_A_REASON],
        document_number=document_number.strip()[:100],
        made_as=post,
        made_at=now,
    )
    if document is not None:
        StatusDocument.objects.create(
            change=change,
            file=document,
            name=document_name or f"依据文件.{ENDINGS.get(document.content_type, 'pdf')}",
            added_as=post,
            added_at=now,
        )
    with because(reason.strip()):
        write_timeline(kindergarten, plan.rows, planned)
    follow(kindergarten, timeline, planned, valid_from, now)
    return kindergarten.statuses.get(valid_from=valid_from)


@transaction.atomic
def withdraw_change(*, change_id: int, reason: str, by: User, now: dt.datetime) -> None:
    """Take a change back before the day it takes effect on; the record of both stays.

    Raises ChangeRefused once it is in force, when it is withdrawn already, and where a later
    change was decided upon it.
    """
    rows_seen = StatusChange.objects.visible_to(by).select_related("kindergarten", "made_as")
    change = rows_seen.get(pk=change_id)
    kindergarten = change.kindergarten
    post = policies.changer(by, kindergarten)
    policies.check_may_withdraw(change, post)
    if not reason.strip():
        raise ChangeRefused("请写明撤回的原因。")
    rows = locked_rows(kindergarten)
    if change.valid_from <= timezone.localdate(now):
        raise ChangeRefused(
            f"这项变更{zhdate(change.valid_from)}起已经生效，不能撤回。要改回去，请另外登记一项变更。"
        )
    if not kindergarten.status_changes.standing().filter(pk=change.pk).exists():
        raise ChangeRefused("这项变更已经撤回。请刷新页面看最新状态。")
    timeline = timeline_of(rows)
    values = {name: unstored(name, value) for name, value in change.values.items()}
    if rules.in_force(timeline, change.valid_from - ONE_DAY) is None:
        raise ChangeRefused(
            "这是这所园的第一条状态，不能撤回。在册起始日期填错了的，由经办人在“变更状态”页更改。"
        )
    try:
        planned = rules.withdrawn(timeline, change.valid_from, values)
    except rules.Overlap as overlap:
        raise ChangeRefused(
            f"{zhdate(overlap.day)}起的变更是在这项变更之后定的，请先撤回那一项。"
        ) from None
    check_timeline(kindergarten, timeline, planned, change.valid_from, now)
    StatusChange.objects.create(
        kindergarten=kindergarten,
        valid_from=change.valid_from,
        values=change.before,
        before=change.values,
        reason=reason.strip()[:MOST_IN_A_REASON],
        withdraws=change,
        made_as=post,
        made_at=now,
    )
    with because(reason.strip()):
        write_timeline(kindergarten, rows, planned)
    follow(kindergarten, timeline, planned, change.valid_from, now)


def locked_rows(kindergarten: Kindergarten) -> list[KindergartenStatus]:
    """The rows of a kindergarten nobody else can change until this transaction ends."""
    Kindergarten.objects.unscoped("the caller was found to look after it").select_for_update(
        of=("self",), no_key=True
    ).get(pk=kindergarten.pk)
    return list(kindergarten.statuses.select_related("town__county").order_by("valid_from"))


def _completed(
    kindergarten: Kindergarten,
    timeline: Sequence[rules.Dated],
    day: dt.date,
    values: Mapping[str, object],
) -> dict[str, object]:
    """What really changes, with the flags and the recognition that follow from it."""
    unknown = sorted(values.keys() - set(rules.FIELDS))
    if unknown:
        raise ValueError(f"no fields of dated status: {', '.join(unknown)}")
    wanted = {
        name: value.pk if isinstance(value, Region) else value for name, value in values.items()
    }
    there = rules.in_force(timeline, day)
    if there is None and timeline:
        raise ChangeRefused(
            f"这所园的状态从{zhdate(timeline[0].valid_from)}起登记，生效日期不能更早。请核对日期。"
            "还没到那一天、在册起始日期填错了的，在“变更状态”页最下面更改在册起始日期。"
        )
    if there is None:
        missing = [LABELS[name] for name in rules.NEEDED_AT_FIRST if name not in wanted]
        if missing:
            raise ChangeRefused(
                f"{zhdate(day)}这所园还没有登记办园状态，请一并填写{'、'.join(missing)}。"
            )
    after = {**(there.values if there else {}), **wanted}

    def counting() -> rules.Counting:
        town = Region.objects.get(pk=cast(int, after["town"]))
        return counting_of(kindergarten.institution_type, region_code=town.code, day=day)

    if there is None:
        return rules.first_values(wanted, counting())
    wanted = {
        name: value
        for name, value in rules.with_what_follows(there.values, wanted, counting).items()
        if there.values[name] != value
    }
    if not wanted:
        raise ChangeRefused(f"填写的内容和{zhdate(day)}的登记一样，没有需要变更的。")
    return wanted


def _overlap(overlap: rules.Overlap) -> str:
    fields = "、".join(LABELS[name] for name in overlap.fields)
    return (
        f"{zhdate(overlap.day)}起已经登记了{fields}的变更，和这一项重叠。"
        "请先撤回那一项，或把两项合在一起登记。"
    )


def counties_of(timeline: Sequence[rules.Dated], day: dt.date) -> list[Region]:
    """Counties whose figures lean on the rows in force on a day or later."""
    there = rules.in_force(timeline, day)
    towns = {row.values["town"] for row in timeline if row.valid_from >= day}
    if there is not None:
        towns.add(there.values["town"])
    return list(
        Region.objects.filter(level=Region.Level.COUNTY, children__in=towns)
        .distinct()
        .order_by("code")
    )


def months_touched(
    timeline: Sequence[rules.Dated], planned: Sequence[rules.Dated], day: dt.date
) -> list[CountedMonth]:
    """Months, set up so far, whose statistical date lies on or after the day of a change."""
    counties = {county.pk: county for county in counties_of(timeline, day)}
    counties |= {county.pk: county for county in counties_of(planned, day)}
    return policies.months_from(day, list(counties.values()))


def check_timeline(
    kindergarten: Kindergarten,
    timeline: Sequence[rules.Dated],
    planned: Sequence[rules.Dated],
    day: dt.date,
    now: dt.datetime,
) -> None:
    """Raise ChangeRefused where the law, a locked or a counted month forbids the planned rows."""
    there = rules.in_force(timeline, day - ONE_DAY)
    before = there.values if there else None
    steps = []
    for row in planned:
        if row.valid_from >= day:
            steps.append(Step(kindergarten.opened_on, row.valid_from, before, row.values))
            before = row.values
    policies.check_steps(steps)
    months = months_touched(timeline, planned, day)
    policies.check_moves_no_figure(kindergarten, day, months, now=now)


def write_timeline(
    kindergarten: Kindergarten,
    rows: Sequence[KindergartenStatus],
    planned: Sequence[rules.Dated],
) -> None:
    """Make the rows what was planned, in an order in which no two ever overlap."""
    wanted = {start: (end, values) for start, end, values in rules.cut(planned)}
    reasons = _reasons(kindergarten)
    there = {row.valid_from: row for row in rows}
    gone = [row.pk for start, row in there.items() if start not in wanted]
    if gone:
        kindergarten.statuses.filter(pk__in=gone).delete()
    for start, row in there.items():
        if start not in wanted:
            continue
        end, values = wanted[start]
        fields: dict[str, Any] = {"valid_to": end, "reason": reasons.get(start, row.reason)}
        fields |= {_column(name): value for name, value in values.items()}
        if any(getattr(row, name) != value for name, value in fields.items()):
            kindergarten.statuses.filter(pk=row.pk).update(**fields)
    kindergarten.statuses.bulk_create(
        KindergartenStatus(
            kindergarten=kindergarten,
            valid_from=start,
            valid_to=end,
            reason=reasons.get(start, ""),
            **{_column(name): value for name, value in values.items()},
        )
        for start, (end, values) in wanted.items()
        if start not in there
    )


def _column(name: str) -> str:
    return "town_id" if name == "town" else name


def _reasons(kindergarten: Kindergarten) -> dict[dt.date, str]:
    """Why the rows that begin on a day do so: the changes of that day that stand."""
    found: dict[dt.date, list[str]] = {}
    for day, reason in (
        kindergarten.status_changes.standing()
        .order_by("made_at", "pk")
        .values_list("valid_from", "reason")
    ):
        found.setdefault(day, []).append(reason)
    return {day: "；".join(reasons)[:700] for day, reasons in found.items()}


def follow(
    kindergarten: Kindergarten,
    timeline: Sequence[rules.Dated],
    planned: Sequence[rules.Dated],
    day: dt.date,
    now: dt.datetime,
) -> None:
    """What leans on the status: whose area it is in, whose its open returns are, open figures."""
    take_effect(today=timezone.localdate(now), kindergarten=kindergarten)
    follow_town(kindergarten)
    first: dict[int, CountedMonth] = {}
    for month in months_touched(timeline, planned, day):
        first.setdefault(month.county.pk, month)
    for month in first.values():
        ask_for_figures(county=month.county, month=month.month, now=now)


TAKE_EFFECT = """
UPDATE accounts_organisation o SET region_id = s.town_id
FROM kindergartens_kindergarten k
JOIN kindergartens_kindergartenstatus s ON s.kindergarten_id = k.id
    AND s.valid_from <= %(today)s AND (s.valid_to IS NULL OR s.valid_to > %(today)s)
WHERE o.id = k.organisation_id AND o.region_id <> s.town_id
    AND (%(kindergarten)s::bigint IS NULL OR k.id = %(kindergarten)s)
"""


def take_effect(*, today: dt.date, kindergarten: Kindergarten | None = None) -> int:
    """Put kindergartens into the town of today's status, so that its officers look after them.

    Returns how many moved. Safe to run twice.
    """
    with connection.cursor() as cursor:
        parameters = {"today": today, "kindergarten": kindergarten.pk if kindergarten else None}
        cursor.execute(TAKE_EFFECT, parameters)
        return int(cursor.rowcount)
