"""Setting a county's standard of staff, with what follows for months that are still open."""

from __future__ import annotations

import datetime as dt

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
    saved = services.set_standard(standard=standard, by=by)
    if saved.valid_from is not None:
        _judge_open_months(saved, saved.valid_from, now)
    return saved


@transaction.atomic
def end_standard(*, row_id: int, on: dt.date, by: User, now: dt.datetime) -> StaffingStandard:
    row = services.end_standard(row_id=row_id, on=on, by=by)
    _judge_open_months(row, on, now)
    return row


def _judge_open_months(row: StaffingStandard, since: dt.date, now: dt.datetime) -> None:
    county = row.region
    if county is None:
        raise NotAllowedNow("这条规定没有适用地区。")
    months = months_judged_again(county, since, now)
    for month in months:
        judge_again(month=month, county=county)
    if months:
        ask_for_figures(county=county, month=months[0], now=now)
