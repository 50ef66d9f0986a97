"""Keeping construction projects: the project, its stages, its money, its delivery."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal

from django.db import IntegrityError, transaction

from accounts.formatting import zhdate
from accounts.history.context import because
from accounts.models import Region, User
from kindergartens.models import ConstructionProject, ProjectPayment, ProjectStage
from kindergartens.policies import NotAllowedNow
from kindergartens.projects import rules
from kindergartens.projects.policies import check_may_keep_project, keeper_of
from kindergartens.stamps import CHANGED_SINCE, stamp_of

Stage = ProjectStage.Stage
ORDER = tuple(Stage.values)


@transaction.atomic
def add_project(*, county: Region, values: Mapping[str, object], by: User) -> ConstructionProject:
    """Register a project of the own county. Raises NotAllowedNow for a name that is taken."""
    keeper_of(by, county)
    _check_places(county, values)
    try:
        with transaction.atomic():
            return ConstructionProject.objects.create(county=county, **values)
    except IntegrityError:
        raise NotAllowedNow(
            f"{county.name}已有名为“{values['name']}”的项目，请换一个名称或去改那一个。"
        ) from None


@transaction.atomic
def change_project(
    *,
    project: ConstructionProject,
    values: Mapping[str, object],
    reason: str,
    by: User,
    seen: str | None = None,
) -> ConstructionProject:
    """Correct what is planned; what it was stays in history with the reason.

    `seen` is the stamp of the values the person started from; None where nobody read a form.
    """
    project = (
        ConstructionProject.objects.visible_to(by)
        .select_for_update(of=("self",), no_key=True)
        .select_related("county")
        .get(pk=project.pk)
    )
    check_may_keep_project(by, project)
    if seen is not None and seen != stamp_of(project, values):
        raise NotAllowedNow(CHANGED_SINCE)
    _check_places(project.county, values)
    for name, value in values.items():
        setattr(project, name, value)
    try:
        with because(reason), transaction.atomic():
            project.save(update_fields=list(values))
    except IntegrityError:
        raise NotAllowedNow(f"{project.county.name}已有同名的项目，请换一个名称。") from None
    return project


def _check_places(county: Region, values: Mapping[str, object]) -> None:
    town = values.get("town")
    if isinstance(town, Region) and town.county_id != county.pk:
        raise NotAllowedNow(f"{town.name}不在{county.name}，请从列表中选择。")


@transaction.atomic
def set_stage(
    *,
    project: ConstructionProject,
    stage: str,
    due_on: dt.date | None,
    done_on: dt.date | None,
    document: str,
    seats: int | None,
    reason: str,
    by: User,
    today: dt.date,
) -> ProjectStage:
    """Say when a stage is due or was done. Delivery says how many places came; taking a day back
    or moving it needs a reason.
    """
    project = (
        ConstructionProject.objects.visible_to(by)
        .select_for_update(of=("self",))
        .select_related("county")
        .get(pk=project.pk)
    )
    check_may_keep_project(by, project)
    if due_on is None and done_on is None:
        raise NotAllowedNow("请填计划日期或完成日期。")
    if done_on is not None and done_on > today:
        raise NotAllowedNow(f"完成日期{zhdate(done_on)}还没到；还没完成的只填计划日期。")
    rows = {row.stage: row for row in project.stages.all()}
    before = rows.get(stage)
    if before is not None and before.done_on not in (None, done_on) and not reason.strip():
        raise NotAllowedNow("改已经登记的完成日期，请写明原因。")
    done = {code: row.done_on for code, row in rows.items()} | {stage: done_on}
    wrong = rules.out_of_order(done, ORDER)
    if wrong is not None:
        earlier, later = (Stage(code).label for code in wrong)
        raise NotAllowedNow(f"{later}的日期早于{earlier}，请核对两个日期。")
    if stage == Stage.DELIVERED:
        _deliver(project, done_on, seats)
    with because(reason.strip()):
        row, _ = ProjectStage.objects.unscoped(
            "the project is the person's own, checked above"
        ).update_or_create(
            project=project,
            stage=stage,
            defaults={"due_on": due_on, "done_on": done_on, "document": document.strip()},
        )
    return row


def _deliver(project: ConstructionProject, done_on: dt.date | None, seats: int | None) -> None:
    if done_on is not None and seats is None:
        raise NotAllowedNow("登记交付要填交付学位数；没有增加学位的填0。")
    project.delivered_on, project.seats_delivered = done_on, seats if done_on else None
    project.save(update_fields=["delivered_on", "seats_delivered"])


@transaction.atomic
def add_payment(
    *,
    project: ConstructionProject,
    paid_on: dt.date,
    yuan: Decimal,
    document: str,
    by: User,
    now: dt.datetime,
    today: dt.date,
) -> ProjectPayment:
    """Money that came. A payment back is negative; together they never fall below zero."""
    project = (
        ConstructionProject.objects.visible_to(by)
        .select_for_update(of=("self",))
        .select_related("county")
        .get(pk=project.pk)
    )
    post = check_may_keep_project(by, project)
    if yuan == 0:
        raise NotAllowedNow("金额不能是0。")
    if paid_on > today:
        raise NotAllowedNow("到账日期还没到，请填今天或以前的日期。")
    paid = sum((row.yuan for row in project.payments.all()), Decimal(0))
    if paid + yuan < 0:
        raise NotAllowedNow(f"已到账{paid}元，冲回的金额不能比它多。")
    try:
        with transaction.atomic():
            return ProjectPayment.objects.create(
                project=project,
                paid_on=paid_on,
                yuan=yuan,
                document=document.strip(),
                entered_as=post,
                entered_at=now,
            )
    except IntegrityError:
        raise NotAllowedNow("同一天、同一凭证、同样金额已经登记过，没有再记一次。") from None
