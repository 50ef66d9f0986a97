"""What the bureau does with its own place's standards: set one, put it right, let it end."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.access.posts import own_county
from accounts.access.scope import REGION_CHECKED
from accounts.formatting import zhdate
from accounts.history.context import because
from accounts.models import Region, User
from kindergartens.models import ReportingPeriod
from kindergartens.policies import NotAllowedNow
from kindergartens.stamps import CHANGED_SINCE, stamp_of
from staffing.models import StaffingStandard
from staffing.standards.terms import NUMBERS, Demand

# So far ahead a document may set a day.
AHEAD = dt.timedelta(days=730)


class StandardRefused(NotAllowedNow):
    """It cannot be done; `field` is where, the text says why and what to do."""


def corrected(demand: Demand) -> tuple[str, ...]:
    """What may be put right in a row of a demand that was typed wrongly."""
    return (*NUMBERS[demand], "document", "document_number", "clause", "valid_from", "valid_to")


def first_day_open(county: Region, now: dt.datetime) -> dt.date | None:
    """The day after the statistical date of the last month that is locked; None: none is.

    What is locked was reported: no row that begins or ends earlier may change it.
    """
    last = (
        ReportingPeriod.objects.unscoped(REGION_CHECKED)
        .filter(county=county, locks_at__lte=now)
        .order_by("-reference_date")
        .values_list("reference_date", flat=True)
        .first()
    )
    return None if last is None else last + dt.timedelta(days=1)


def check_new(standard: StaffingStandard, now: dt.datetime) -> None:
    """Raise StandardRefused where a new row of its county cannot begin on its first day."""
    if Demand(standard.demand) not in NUMBERS:
        raise StandardRefused("这一项是上级考核区县的，区县不能自己设。")
    if standard.region is None or standard.valid_from is None:
        raise StandardRefused("请填起始日期。", "valid_from")
    _check_day(standard.region, standard.valid_from, "valid_from", now)
    for row in _beside(standard):
        if row.valid_from is not None and row.valid_from >= standard.valid_from:
            raise StandardRefused(
                f"{row}已有从{zhdate(row.valid_from)}起的规定，新的要从更晚的一天起。"
                "那一条登记错了的，请返回用“更正”。",
                "valid_from",
            )


@transaction.atomic
def set_standard(*, standard: StaffingStandard, by: User, now: dt.datetime) -> StaffingStandard:
    """Hold the own county to a new row from its first day; the county's former one ends there.

    A row that stands is never written over. Raises StandardRefused as `check_new`; PermissionDenied
    for whoever keeps no county's registry.
    """
    standard.region, standard.source = own_county(by), ""
    rows = list(_beside(standard).select_for_update(no_key=True))
    check_new(standard, now)
    begins: Any = standard.valid_from
    for row in rows:
        if row.valid_to is None or row.valid_to > begins:
            row.valid_to = begins
            with because(f"自{zhdate(begins)}起执行新的规定"):
                row.save(update_fields=["valid_to"])
    try:
        with transaction.atomic():
            standard.save()
    except IntegrityError:
        raise StandardRefused("别人刚刚设了从同一天起的规定，请返回看现在的规定。") from None
    return standard


def correction_problem(row: StaffingStandard, earliest: dt.date | None) -> str:
    """Why a county's row cannot be put right in place; empty when it can. `earliest`: `first_day_open`."""
    if row.region is None or row.source or row.valid_from is None:
        return "这条是随文件载入的规定，不能在这里更正。可以为本区县另设一条。"
    if Demand(row.demand) not in NUMBERS:
        return "这一项是上级考核区县的，区县不能自己设；请用“截止”。"
    if earliest is not None and row.valid_from < earliest:
        return (
            f"统计时点在{zhdate(earliest)}以前的月份已经锁定，是按这条规定判定的，不能再改它。"
            "请新定一条，从以后的一天起。"
        )
    return ""


@transaction.atomic
def correct_standard(
    *,
    row_id: int,
    values: Mapping[str, Any],
    reason: str,
    seen: str,
    by: User,
    now: dt.datetime,
) -> StaffingStandard:
    """Put right what was typed wrongly of a row by which no locked month was judged.

    The row it took over from ends where it now begins. `seen` is the stamp of `corrected` the
    person started from. Raises StandardRefused where it is stale, where the row may not be
    corrected, and for days that are out of order or another row's.
    """
    row = _own(row_id, by)
    county: Any = row.region
    problem = correction_problem(row, first_day_open(county, now))
    if problem:
        raise StandardRefused(problem)
    names = corrected(Demand(row.demand))
    if seen != stamp_of(row, names):
        raise StandardRefused(CHANGED_SINCE)
    began = row.valid_from
    for name in names:
        setattr(row, name, values[name])
    begins: Any = row.valid_from
    _check_day(county, begins, "valid_from", now)
    if row.valid_to is not None and row.valid_to <= begins:
        raise StandardRefused("截止日期要晚于起始日期；这一天起不再适用。", "valid_to")
    others = list(_beside(row).exclude(pk=row.pk).select_for_update(no_key=True))
    former = [other for other in others if other.valid_to == began]
    _check_apart(row, (other for other in others if other not in former))
    for other in former:
        if other.valid_from is not None and other.valid_from >= begins:
            raise StandardRefused(
                f"前一条从{zhdate(other.valid_from)}起，起始日期要更晚。", "valid_from"
            )
    try:
        with transaction.atomic(), because(reason):
            for other in former:
                if other.valid_to != begins:
                    other.valid_to = begins
                    other.save(update_fields=["valid_to"])
            row.save(update_fields=[*names])
    except IntegrityError:
        raise StandardRefused("别人刚刚设了从同一天起的规定，请返回看现在的规定。") from None
    return row


@transaction.atomic
def end_standard(
    *, row_id: int, on: dt.date, reason: str, by: User, now: dt.datetime
) -> StaffingStandard:
    """From `on` the county's row holds no longer and that of the places above does."""
    row = _own(row_id, by)
    if row.valid_to is not None and row.valid_to <= on:
        raise StandardRefused(f"这条规定已于{zhdate(row.valid_to)}截止。", "on")
    if row.valid_from is not None and on <= row.valid_from:
        raise StandardRefused(
            f"这条规定从{zhdate(row.valid_from)}起，截止日期要更晚。登记错了的，请用“更正”。", "on"
        )
    _check_day(own_county(by), on, "on", now)
    row.valid_to = on
    with because(reason):
        row.save(update_fields=["valid_to"])
    return row


def _own(row_id: int, by: User) -> StaffingStandard:
    county = own_county(by)
    rows: Any = StaffingStandard.objects.select_for_update(no_key=True, of=("self",))
    row: StaffingStandard = rows.select_related("region").get(pk=row_id)
    if row.region_id != county.pk:
        raise StandardRefused(
            "这条是上级文件的规定，不能在这里改，也不能截止。可以为本区县另设一条。"
        )
    return row


def _beside(standard: StaffingStandard) -> Any:
    """Rows of the same place, demand and length of the day."""
    return StaffingStandard.objects.filter(
        region=standard.region, demand=standard.demand, day=standard.day
    ).order_by("pk")


def _check_apart(row: StaffingStandard, others: Iterable[StaffingStandard]) -> None:
    """On one day one row holds."""
    for other in others:
        ends, begins = other.valid_to or dt.date.max, other.valid_from or dt.date.min
        if begins < (row.valid_to or dt.date.max) and (row.valid_from or dt.date.min) < ends:
            raise StandardRefused(
                f"从{zhdate(begins)}起的另一条规定在这些天里有效，同一天只能有一条。请核对起止日期。",
                "valid_from",
            )


def _check_day(county: Region, day: dt.date, field: str, now: dt.datetime) -> None:
    if day > timezone.localdate(now) + AHEAD:
        raise StandardRefused("日期太远，请核对年份；最多提前两年登记。", field)
    earliest = first_day_open(county, now)
    if earliest is not None and day < earliest:
        raise StandardRefused(
            f"统计时点在{zhdate(earliest)}以前的月份已经锁定，判定不能再变。"
            f"最早填{zhdate(earliest)}。",
            field,
        )
