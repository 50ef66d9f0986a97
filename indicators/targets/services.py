"""A bureau keeps its own documents and targets: enter, correct, end, withdraw.

What is of the places above is read only. Past months keep the judgement of their day: a value that
changes from a day on is a new row, a correction says that the row was typed wrongly all along.
Verdicts are derived, so nothing is recomputed.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from functools import partial
from typing import Any
from uuid import uuid4

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction

from accounts.access.permissions import Permission
from accounts.access.posts import acting_with
from accounts.access.scope import home_region
from accounts.formatting import zhdate
from accounts.history.context import because
from accounts.models import Region, User
from indicators.catalogue import INDICATORS
from indicators.models import Policy, Target
from indicators.targets import rules
from indicators.targets.words import demanded
from kindergartens.policies import NotAllowedNow
from kindergartens.stamps import CHANGED_SINCE, stamp_of

POLICY_FIELDS = ("title", "document_number", "issued_on", "valid_from", "valid_to")
TARGET_FIELDS = ("value", "valid_from", "by_date", "clause", "note")
# So far ahead a document may set a day.
AHEAD = dt.timedelta(days=3653)


class TargetRefused(NotAllowedNow):
    """It cannot be done; `field` is where, the text says why and what to do."""


def keeping_place(by: User) -> Region:
    """The county or city whose documents the person keeps; PermissionDenied for anybody else."""
    acting_with(by, Permission.KEEP_TARGETS)
    home = home_region(by)
    if home is None:
        raise PermissionDenied("您现在的岗位没有这项权限。")
    return home


# ---- documents ---------------------------------------------------------------------------------


@transaction.atomic
def enter_policy(*, values: Mapping[str, Any], by: User) -> Policy:
    """A document of the own place. TargetRefused where its number is registered already."""
    policy = Policy(region=keeping_place(by), slug=f"own-{uuid4().hex[:12]}", **values)
    _save_policy(policy, "登记政策文件")
    return policy


@transaction.atomic
def correct_policy(
    *, pk: int, values: Mapping[str, Any], reason: str, seen: str, by: User
) -> Policy:
    """Put right what was typed wrongly; `seen` is the stamp of POLICY_FIELDS one began with."""
    policy = _own_policy(pk, by)
    if seen != stamp_of(policy, POLICY_FIELDS):
        raise TargetRefused(CHANGED_SINCE)
    for name in POLICY_FIELDS:
        setattr(policy, name, values[name])
    for target in policy.targets.standing():
        problem = rules.by_date_problem(target.by_date, policy.begins_on)
        if problem:
            raise TargetRefused(f"本文件的目标“{_named(target)}”：{problem}", "valid_from")
    _save_policy(policy, reason)
    return policy


@transaction.atomic
def end_policy(*, pk: int, on: dt.date, reason: str, by: User, today: dt.date) -> Policy:
    """Repealed from a day on: none of its targets judges that day or a later one."""
    policy = _own_policy(pk, by)
    _check_ending(policy.begins_on, policy.ended_on, on, today)
    policy.ended_on, policy.ended_reason = on, reason
    with because(reason):
        policy.save(update_fields=["ended_on", "ended_reason"])
    return policy


@transaction.atomic
def withdraw_policy(*, pk: int, reason: str, by: User, now: dt.datetime) -> Policy:
    """Entered by mistake: it judges no day at all, its targets with it."""
    policy = _own_policy(pk, by)
    policy.withdrawn_at, policy.ended_reason = now, reason
    with because(reason):
        policy.save(update_fields=["withdrawn_at", "ended_reason"])
    return policy


def _save_policy(policy: Policy, reason: str) -> None:
    if policy.valid_to and policy.begins_on and policy.valid_to < policy.begins_on:
        raise TargetRefused("截止日期早于起始日期，请核对年份。", "valid_to")
    same = Policy.objects.filter(
        document_number=policy.document_number, region=policy.region_id, withdrawn_at=None
    ).exclude(pk=policy.pk)
    taken = TargetRefused(
        "这个文号在本地已经登记过，不用再登记；要改内容的，请打开那一份办“更正”。",
        "document_number",
    )
    if policy.document_number and same.exists():
        raise taken
    try:
        with transaction.atomic(), because(reason):
            policy.save()
    except IntegrityError:
        raise taken from None


def _own_policy(pk: int, by: User) -> Policy:
    """Locked, so that its targets are entered and corrected one after another."""
    place = keeping_place(by)
    policy = Policy.objects.select_for_update(no_key=True).get(pk=pk, region=place)
    if policy.withdrawn_at is not None:
        raise TargetRefused("这份文件已撤销，不能再改。请返回看最新状态。")
    return policy


# ---- targets -----------------------------------------------------------------------------------


@transaction.atomic
def enter_target(*, policy_id: int, values: Mapping[str, Any], by: User, today: dt.date) -> Target:
    """A new target of an own document; one of the same kind that is in force ends on its first day.

    `values`: indicator, levels and TARGET_FIELDS. Raises TargetRefused.
    """
    policy = _own_policy(policy_id, by)
    target = new_target(policy, values)
    former = former_of(target)
    check_target(target, former, today)
    if former is not None and target.valid_from is not None:
        reason = f"{_changed_from(target.valid_from)}{rules.plain(target.value)}"
        former.ended_on, former.ended_reason = target.valid_from, reason
        with because(reason):
            former.save(update_fields=["ended_on", "ended_reason"])
    with because("登记目标"):
        target.save()
    return target


@transaction.atomic
def correct_target(
    *, pk: int, values: Mapping[str, Any], reason: str, seen: str, by: User, today: dt.date
) -> Target:
    """Put right what was typed wrongly, for all months; history keeps what stood."""
    target = _own_target(pk, by)
    if seen != stamp_of(target, TARGET_FIELDS):
        raise TargetRefused(CHANGED_SINCE)
    for name in TARGET_FIELDS:
        setattr(target, name, values[name])
    check_target(target, None, today)
    with because(reason):
        target.save(update_fields=[*TARGET_FIELDS])
    return target


@transaction.atomic
def end_target(*, pk: int, on: dt.date, reason: str, by: User, today: dt.date) -> Target:
    """It judges neither that day nor a later one; earlier months keep their verdicts."""
    target = _own_target(pk, by)
    _check_ending(target.begins_on, target.ended_on, on, today)
    target.ended_on, target.ended_reason = on, reason
    with because(reason):
        target.save(update_fields=["ended_on", "ended_reason"])
    return target


@transaction.atomic
def withdraw_target(*, pk: int, reason: str, by: User, now: dt.datetime) -> Target:
    """Entered by mistake: it judges no day at all, and the one that gave way to it stands again."""
    target = _own_target(pk, by)
    former = given_way_to(target)
    target.withdrawn_at, target.ended_reason = now, reason
    with because(reason):
        target.save(update_fields=["withdrawn_at", "ended_reason"])
        if former is not None:
            former.save(update_fields=["ended_on", "ended_reason"])
    return target


def given_way_to(target: Target) -> Target | None:
    """The one that `enter_target` ended for this one, as it stands without it: until the day on
    which this one ends. Not saved. One that people ended for another reason stays ended.
    """
    if target.valid_from is None:
        return None
    former = (
        target.policy.targets.standing()
        .filter(
            indicator=target.indicator,
            operator=target.operator,
            levels=target.levels,
            ended_on=target.valid_from,
            ended_reason__startswith=_changed_from(target.valid_from),
        )
        .first()
    )
    if former is not None:
        former.ended_on, former.ended_reason = target.ended_on, target.ended_reason
    return former


def _changed_from(day: dt.date) -> str:
    return f"自{zhdate(day)}起改为"


def new_target(policy: Policy, values: Mapping[str, Any]) -> Target:
    """As it would be kept; the direction is the indicator's own."""
    indicator = INDICATORS[values["indicator"]]
    return Target(
        policy=policy,
        operator=indicator.operator,
        levels=rules.in_order(values["levels"]),
        **{name: values[name] for name in ("indicator", *TARGET_FIELDS)},
    )


def former_of(target: Target) -> Target | None:
    """The one of the same kind that a new one would end."""
    if target.valid_from is None:
        return None
    rows = target.policy.targets.standing().filter(
        indicator=target.indicator, operator=target.operator, levels=target.levels
    )
    held = [row for row in rows if row.demand.overlaps(target.demand)]
    return next(
        (
            row
            for row in held
            if (row.begins_on or dt.date.min) < target.valid_from and row.ended_on is None
        ),
        None,
    )


def check_target(target: Target, former: Target | None, today: dt.date) -> None:
    """Whether a target may stand so, beside the others of its document. TargetRefused."""
    indicator = INDICATORS[target.indicator]
    begins = target.begins_on
    problem = rules.value_problem(indicator, target.value)
    if problem:
        raise TargetRefused(problem, "value")
    if (
        target.valid_from
        and target.policy.begins_on
        and target.valid_from < target.policy.begins_on
    ):
        raise TargetRefused(
            f"文件自{zhdate(target.policy.begins_on)}起施行，目标不能更早；与文件同日的，这里留空。",
            "valid_from",
        )
    if begins is not None and begins > today + AHEAD:
        raise TargetRefused("起始日期太远，请核对年份。", "valid_from")
    if target.ended_on and begins and begins >= target.ended_on:
        raise TargetRefused(
            f"这条目标到{zhdate(target.ended_on)}为止，起始日期要早于它。", "valid_from"
        )
    problem = rules.by_date_problem(target.by_date, begins)
    if problem:
        raise TargetRefused(problem, "by_date")
    without = [pk for pk in (target.pk, former and former.pk) if pk]
    others = (
        target.policy.targets.standing().filter(indicator=target.indicator).exclude(pk__in=without)
    )
    problem = rules.contradiction(
        target.demand,
        [other.demand for other in others],
        partial(demanded, INDICATORS.get(target.indicator)),
    )
    if problem:
        raise TargetRefused(problem, "value")


def _own_target(pk: int, by: User) -> Target:
    place = keeping_place(by)
    policy = Target.objects.filter(policy__region=place).values_list("policy", flat=True).get(pk=pk)
    _own_policy(policy, by)
    target = Target.objects.select_for_update(no_key=True, of=("self",)).get(pk=pk)
    if target.withdrawn_at is not None:
        raise TargetRefused("这条目标已撤销，不能再改。请返回看最新状态。")
    return target


def _check_ending(
    begins: dt.date | None, ended: dt.date | None, on: dt.date, today: dt.date
) -> None:
    if ended is not None:
        raise TargetRefused(f"已定于{zhdate(ended)}起不再执行。", "on")
    if begins is not None and on <= begins:
        raise TargetRefused(f"要晚于起始日期{zhdate(begins)}；从来不该有的，请用“撤销”。", "on")
    if on > today + AHEAD:
        raise TargetRefused("日期太远，请核对年份。", "on")


def _named(target: Target) -> str:
    indicator = INDICATORS.get(target.indicator)
    return indicator.name if indicator else target.indicator
