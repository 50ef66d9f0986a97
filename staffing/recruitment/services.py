"""Keeping the plan: a line, its correction, how many came, its withdrawal."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction

from accounts.access.permissions import Permission
from accounts.access.scope import home_region
from accounts.history.context import because
from accounts.models import Region, User
from kindergartens.policies import NotAllowedNow
from kindergartens.stamps import CHANGED_SINCE, stamp_of
from staffing.models import RecruitmentLine


def check_may_keep(by: User, county: Region) -> None:
    """The bureau of the county. PermissionDenied for everybody else."""
    if not by.can(Permission.MANAGE_REGISTRY):
        raise PermissionDenied("您现在的岗位没有这项权限。")
    if home_region(by) != county:
        raise PermissionDenied("补充计划由本区县教育局登记。")


@transaction.atomic
def add_line(*, county: Region, values: Mapping[str, object], by: User) -> RecruitmentLine:
    """Raises NotAllowedNow for a line that is there already, or a town elsewhere."""
    check_may_keep(by, county)
    _check_town(county, values)
    try:
        with transaction.atomic():
            return RecruitmentLine.objects.create(county=county, **values)
    except IntegrityError:
        raise NotAllowedNow(_taken(values)) from None


@transaction.atomic
def change_line(
    *, line: RecruitmentLine, values: Mapping[str, object], seen: str, reason: str, by: User
) -> RecruitmentLine:
    """Correct a line, or say how many came; what it said stays in history with the reason.

    `seen` is the stamp of the values the person started from. Raises NotAllowedNow when somebody
    changed them since.
    """
    line = _locked(line, by)
    if seen != stamp_of(line, values):
        raise NotAllowedNow(CHANGED_SINCE)
    _check_town(line.county, values)
    for name, value in values.items():
        setattr(line, name, value)
    try:
        with because(reason), transaction.atomic():
            line.save(update_fields=list(values))
    except IntegrityError:
        raise NotAllowedNow(_taken(values)) from None
    return line


@transaction.atomic
def withdraw_line(
    *, line: RecruitmentLine, reason: str, by: User, now: dt.datetime
) -> RecruitmentLine:
    """Take back a line that was recorded by mistake: it is in no sum and leaves its place free.

    Raises NotAllowedNow when it is withdrawn already.
    """
    line = _locked(line, by)
    line.withdrawn_at = now
    with because(reason):
        line.save(update_fields=["withdrawn_at"])
    return line


def _locked(line: RecruitmentLine, by: User) -> RecruitmentLine:
    line = (
        RecruitmentLine.objects.visible_to(by)
        .select_for_update(of=("self",), no_key=True)
        .select_related("county")
        .get(pk=line.pk)
    )
    check_may_keep(by, line.county)
    if line.withdrawn_at is not None:
        raise NotAllowedNow("这一行已经撤销，这次没有保存。请返回看现在的计划。")
    return line


def _check_town(county: Region, values: Mapping[str, object]) -> None:
    town = values.get("town")
    if isinstance(town, Region) and town.county_id != county.pk:
        raise NotAllowedNow(f"{town.name}不在{county.name}，请从列表中选择。")


def _taken(values: Mapping[str, object]) -> str:
    return f"{values['year']}年“{values['scope']}”的这个岗位已经登记过，请去改那一行，或换一个范围名称。"
