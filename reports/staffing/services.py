"""Setting a county's standard of staff, with what follows for months that are still open."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.db import transaction

from accounts.models import User
from indicators.services.staffing import judge_again
from kindergartens.policies import NotAllowedNow
from kindergartens.recompute import ask_for_figures
from reports.staffing.effects import months_judged_again
from staffing.models import StaffingStandard
from staffing.standards import services


@transaction.atomic
def set_standard(*, standard: StaffingStandard, by: User, now: dt.datetime) -> StaffingStandard:
    """As the register of standards does it; then open months are judged by the row they have now."""
    saved = services.set_standard(standard=standard, by=by, now=now)
    _judge_open_months(saved, saved.valid_from, now)
    return saved


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
    """The same after a row was put right, from the earlier of its first days."""
    began = StaffingStandard.objects.get(pk=row_id).valid_from
    row = services.correct_standard(
        row_id=row_id, values=values, reason=reason, seen=seen, by=by, now=now
    )
    days = [day for day in (began, row.valid_from) if day is not None]
    _judge_open_months(row, min(days), now)
    return row


@transaction.atomic
def end_standard(
    *, row_id: int, on: dt.date, reason: str, by: User, now: dt.datetime
) -> StaffingStandard:
    row = services.end_standard(row_id=row_id, on=on, reason=reason, by=by, now=now)
    _judge_open_months(row, on, now)
    return row


def _judge_open_months(row: StaffingStandard, since: dt.date | None, now: dt.datetime) -> None:
    """The register of standards lets through only rows of a county with a first day."""
    county = row.region
    if county is None or since is None:
        raise NotAllowedNow("这条规定没有适用地区或起始日期。")
    months = months_judged_again(county, since, now)
    for month in months:
        judge_again(month=month, county=county)
    if months:
        ask_for_figures(county=county, month=months[0], now=now)
