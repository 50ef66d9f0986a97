"""What the bureau does with its own place's standards: set a new one, let one end."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import IntegrityError, transaction

from accounts.formatting import zhdate
from accounts.history.context import because
from accounts.models import User
from kindergartens.policies import NotAllowedNow
from kindergartens.premises.policies import own_county
from staffing.models import StaffingStandard


@transaction.atomic
def set_standard(*, standard: StaffingStandard, by: User) -> StaffingStandard:
    """Hold the own county to a new row from its first day; the county's former one ends there.

    A row that stands is never written over. Raises NotAllowedNow where one begins on that day or
    later; PermissionDenied for whoever keeps no county's registry.
    """
    standard.region, standard.source = own_county(by), ""
    begins = standard.valid_from
    if begins is None:
        raise NotAllowedNow("请填起始日期。")
    former = StaffingStandard.objects.filter(
        region=standard.region, demand=standard.demand, day=standard.day
    )
    for row in former.select_for_update(no_key=True):
        if row.valid_from is not None and row.valid_from >= begins:
            raise NotAllowedNow(
                f"{row}已有从{zhdate(row.valid_from)}起的规定，新的要从更晚的一天起。"
            )
        if row.valid_to is None or row.valid_to > begins:
            row.valid_to = begins
            with because(f"自{zhdate(begins)}起执行新的规定"):
                row.save(update_fields=["valid_to"])
    try:
        with transaction.atomic():
            standard.save()
    except IntegrityError:
        raise NotAllowedNow("别人刚刚设了从同一天起的规定，请返回看现在的规定。") from None
    return standard


@transaction.atomic
def end_standard(*, row_id: int, on: dt.date, by: User) -> StaffingStandard:
    """From `on` the county's row holds no longer and that of the places above does."""
    county = own_county(by)
    rows: Any = StaffingStandard.objects.select_for_update(no_key=True)
    row: StaffingStandard = rows.get(pk=row_id)
    if row.region_id != county.pk:
        raise NotAllowedNow("这条是上级文件的规定，不能在这里截止。可以为本区县另设一条。")
    if row.valid_to is not None and row.valid_to <= on:
        raise NotAllowedNow(f"这条规定已于{zhdate(row.valid_to)}截止。")
    if row.valid_from is not None and on <= row.valid_from:
        raise NotAllowedNow(f"这条规定从{zhdate(row.valid_from)}起，截止日期要更晚。")
    row.valid_to = on
    with because("本区县的规定截止"):
        row.save(update_fields=["valid_to"])
    return row
