"""Keeping estate kindergartens: the estate, the five 同步, hand-over, how it is run, what is wrong."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.formatting import zhdate
from accounts.history.context import because
from accounts.models import Region, User
from kindergartens.models import (
    EstateOperator,
    EstateProblem,
    EstateProject,
    EstateStep,
    Kindergarten,
)
from kindergartens.policies import NotAllowedNow
from kindergartens.projects import rules
from kindergartens.projects.guard import operator_rule, why_not_in_estate
from kindergartens.projects.policies import (
    check_may_decide_operator,
    check_may_keep_estate,
    keeper_of,
)
from kindergartens.projects.rules import TownShare
from kindergartens.stamps import CHANGED_SINCE, stamp_of, stamp_of_texts

State = EstateOperator.State
HAND_OVER = ("handover_due_on", "agreement_on", "slip_on", "handed_over_on", "handed_to")
OWN_ESTATE = "the estate is of the person's own county, checked above"


@transaction.atomic
def add_estate(
    *, county: Region, values: Mapping[str, Any], by: User, today: dt.date
) -> EstateProject:
    """Register an estate of the own county. Raises NotAllowedNow for a name that is taken, and
    for a kindergarten that a rule in force keeps out of a new estate.
    """
    keeper_of(by, county)
    _check(county, values)
    if values.get("kindergarten") is not None:
        _check_link(EstateProject(county=county, **values), values["kindergarten"], today)
    try:
        with transaction.atomic():
            return EstateProject.objects.create(county=county, **values)
    except IntegrityError:
        raise NotAllowedNow(
            f"{county.name}已有名为“{values['name']}”的小区，请去改那一条。"
        ) from None


@transaction.atomic
def change_estate(
    *,
    estate: EstateProject,
    values: Mapping[str, Any],
    reason: str,
    by: User,
    today: dt.date,
    seen: str | None = None,
) -> EstateProject:
    """Correct what is registered. `seen` is the stamp of the values the person started from;
    None where nobody read a form. Raises NotAllowedNow as add_estate does, and for a stale stamp.
    """
    estate = _locked(estate, by)
    check_may_keep_estate(by, estate)
    if seen is not None and seen != stamp_of(estate, values):
        raise NotAllowedNow(CHANGED_SINCE)
    _check(estate.county, values)
    linked = values.get("kindergarten")
    if linked is not None and linked.pk != estate.kindergarten_id:
        _check_link(estate, linked, today)
    for name, value in values.items():
        setattr(estate, name, value)
    try:
        with because(reason), transaction.atomic():
            estate.save(update_fields=list(values))
    except IntegrityError:
        raise NotAllowedNow(f"{estate.county.name}已有同名的小区，请换一个名称。") from None
    return estate


def _locked(estate: EstateProject, by: User) -> EstateProject:
    """The estate as it is now; nobody else changes it until this transaction ends."""
    return (
        EstateProject.objects.visible_to(by)
        .select_for_update(of=("self",), no_key=True)
        .select_related("county", "town")
        .get(pk=estate.pk)
    )


def _check_link(estate: EstateProject, kindergarten: Kindergarten, today: dt.date) -> None:
    """What keeps a status from such a kindergarten keeps one that has it from the estate.

    How an old one is found to be run may be written down first, and then it is linked as it is.
    """
    found = set()
    if estate.pk is not None:
        rows = estate.operators.filter(state=EstateOperator.State.FOUND)
        found = set(rows.values_list("run_as", flat=True))
    for status in kindergarten.statuses.exclude(valid_to__lte=today):
        if status.ownership in found:
            continue
        day = max(status.valid_from, today)
        why = why_not_in_estate(estate, status.ownership, day, today=today)
        if why:
            raise NotAllowedNow(f"不能关联{kindergarten.name}：{why}")


def _check(county: Region, values: Mapping[str, Any]) -> None:
    town, kindergarten = values.get("town"), values.get("kindergarten")
    if town is not None and town.county_id != county.pk:
        raise NotAllowedNow(f"{town.name}不在{county.name}，请从列表中选择。")
    if kindergarten is not None and kindergarten.organisation.region.county_id != county.pk:
        raise NotAllowedNow(f"{kindergarten.name}不在{county.name}，请从列表中选择。")
    quota, staff = values.get("post_quota"), values.get("established_staff")
    if quota is not None and staff is not None and staff > quota:
        raise NotAllowedNow(f"在编教职工{staff}人，多于编制数{quota}。请核对两个数。")


def stamp_of_steps(estate: EstateProject) -> str:
    """What the five of an estate say together: a form may answer any of them."""
    rows = EstateStep.objects.unscoped(OWN_ESTATE).filter(estate=estate)
    return stamp_of_texts(
        {
            f"{step}/{name}": str(value)
            for step, *values in rows.values_list("step", "state", "on", "note")
            for name, value in zip(("state", "on", "note"), values, strict=True)
        }
    )


@transaction.atomic
def set_step(
    *,
    estate: EstateProject,
    step: str,
    state: str,
    on: dt.date | None,
    note: str,
    by: User,
    today: dt.date,
    seen: str | None = None,
) -> EstateStep:
    """Whether one of the five was done together with the estate: yes on a day, no and why, not yet.

    `seen` is the stamp of the five (stamp_of_steps) the person started from; None where nobody
    read a form. Raises NotAllowedNow for what is missing or cannot be, and for a stale stamp.
    """
    estate = _locked(estate, by)
    check_may_keep_estate(by, estate)
    if seen is not None and seen != stamp_of_steps(estate):
        raise NotAllowedNow(CHANGED_SINCE)
    if state == EstateStep.State.YES and on is None:
        raise NotAllowedNow("选“是”要填日期。")
    if state == EstateStep.State.NO and not note.strip():
        raise NotAllowedNow("选“否”要写明情况。")
    if on is not None and on > today and state != EstateStep.State.NOT_YET:
        raise NotAllowedNow("这一天还没到，请选“还没到”或改日期。")
    row, _ = EstateStep.objects.unscoped(OWN_ESTATE).update_or_create(
        estate=estate, step=step, defaults={"state": state, "on": on, "note": note.strip()}
    )
    return row


@transaction.atomic
def hand_over(
    *,
    estate: EstateProject,
    due_on: dt.date | None,
    agreement_on: dt.date | None,
    slip_on: dt.date | None,
    handed_over_on: dt.date | None,
    handed_to: str,
    reason: str,
    by: User,
    today: dt.date,
    seen: str | None = None,
) -> EstateProject:
    """Plan, agreement, slip and the day itself. Handed over means: agreement, slip, to whom.

    `seen` is the stamp of HAND_OVER the person started from; None where nobody read a form.
    """
    estate = _locked(estate, by)
    check_may_keep_estate(by, estate)
    if seen is not None and seen != stamp_of(estate, HAND_OVER):
        raise NotAllowedNow(CHANGED_SINCE)
    for label, day in (("协议", agreement_on), ("移交单", slip_on), ("移交", handed_over_on)):
        if day is not None and day > today:
            raise NotAllowedNow(f"{label}日期{zhdate(day)}还没到，请填今天或以前的日期。")
    if handed_over_on is not None:
        if agreement_on is None or slip_on is None:
            raise NotAllowedNow("登记移交，要先有移交协议和移交单的日期。")
        if not handed_to.strip():
            raise NotAllowedNow("请写明移交给哪个单位。")
        if agreement_on > handed_over_on:
            raise NotAllowedNow("移交日期早于协议签订日期，请核对两个日期。")
    moved = estate.handed_over_on not in (None, handed_over_on)
    if moved and not reason.strip():
        raise NotAllowedNow("改已经登记的移交日期，请写明原因。")
    estate.handover_due_on, estate.agreement_on, estate.slip_on = due_on, agreement_on, slip_on
    estate.handed_over_on, estate.handed_to = handed_over_on, handed_to.strip()
    with because(reason.strip()):
        estate.save(update_fields=HAND_OVER)
    return estate


# ---- how it is run ---------------------------------------------------------------------------------


def check_run_as(
    estate: EstateProject,
    run_as: str,
    valid_from: dt.date,
    share: TownShare | None,
    *,
    today: dt.date,
) -> None:
    """Raise NotAllowedNow with the figures when a rule in force forbids it.

    A day before the decision brings no rule of then: what is decided today answers to today's.
    """
    why = rules.why_not_run_so(
        run_as,
        town=estate.town.name,
        handed_over_on=estate.handed_over_on,
        rule=operator_rule(estate.county, max(valid_from, today)),
        share=share,
    )
    if why:
        raise NotAllowedNow(why)


@transaction.atomic
def ask_for_operator(
    *,
    estate: EstateProject,
    run_as: str,
    operator: str,
    valid_from: dt.date,
    document: str,
    share: TownShare | None,
    by: User,
    now: dt.datetime,
) -> EstateOperator:
    """Ask that an estate kindergarten be run so; a leader decides. `share` is the town's."""
    post = check_may_keep_estate(by, estate)
    check_run_as(estate, run_as, valid_from, share, today=timezone.localdate(now))
    taken = EstateOperator.objects.unscoped(OWN_ESTATE).filter(
        estate=estate, valid_from=valid_from, state__in=[State.APPROVED, State.FOUND]
    )
    if taken.exists():
        raise NotAllowedNow(f"{zhdate(valid_from)}起的办园性质已经定过，请换一个起始日期。")
    try:
        with transaction.atomic():
            return EstateOperator.objects.create(
                estate=estate,
                run_as=run_as,
                operator=operator.strip(),
                valid_from=valid_from,
                document=document.strip(),
                state=State.WAITING,
                asked_as=post,
                asked_at=now,
                **_weighed(share),
            )
    except IntegrityError:
        raise NotAllowedNow(f"{estate.name}已有一份申请在等批准，批准以后再提新的。") from None


@transaction.atomic
def record_found_operator(
    *,
    estate: EstateProject,
    run_as: str,
    operator: str,
    valid_from: dt.date,
    document: str,
    by: User,
    now: dt.datetime,
) -> EstateOperator:
    """Write down how one is already run, whatever that is. Not a way around a decision: one that
    a rule counts as newly handed over has to be asked for.
    """
    post = check_may_keep_estate(by, estate)
    rule = operator_rule(estate.county, timezone.localdate(now))
    if rule is not None and rules.is_new(estate.handed_over_on, rule):
        raise NotAllowedNow("这是新移交的小区配套园，办园性质要提出申请，由领导批准。")
    if valid_from > timezone.localdate(now):
        raise NotAllowedNow("现状的起始日期不能在今天以后；以后的办园性质请提出申请。")
    if estate.operators.filter(state__in=[State.APPROVED, State.FOUND]).exists():
        raise NotAllowedNow("已经登记过办园性质；要改变，请提出申请。")
    return EstateOperator.objects.create(
        estate=estate,
        run_as=run_as,
        operator=operator.strip(),
        valid_from=valid_from,
        document=document.strip(),
        state=State.FOUND,
        asked_as=post,
        asked_at=now,
    )


@transaction.atomic
def decide_operator(
    *,
    asked: EstateOperator,
    approve: bool,
    note: str,
    share: TownShare | None,
    by: User,
    now: dt.datetime,
) -> EstateOperator:
    """Approve or refuse. The rule is asked again with the town's share of now."""
    asked = (
        EstateOperator.objects.visible_to(by)
        .select_for_update(of=("self",))
        .select_related("estate__county", "estate__town", "asked_as")
        .get(pk=asked.pk)
    )
    post = check_may_decide_operator(by, asked)
    if approve:
        today = timezone.localdate(now)
        check_run_as(asked.estate, asked.run_as, asked.valid_from, share, today=today)
    elif not note.strip():
        raise NotAllowedNow("不批准要写明原因。")
    asked.state = State.APPROVED if approve else State.REFUSED
    asked.decided_as, asked.decided_at, asked.note = post, now, note.strip()
    for name, value in _weighed(share).items():
        setattr(asked, name, value)
    with because(note.strip()):
        asked.save()
    return asked


def _weighed(share: TownShare | None) -> dict[str, Any]:
    if share is None or share.value is None:
        return {"town_public_share": None, "share_month": None}
    return {"town_public_share": round(share.value, 6), "share_month": share.month}


# ---- what is wrong ---------------------------------------------------------------------------------


@transaction.atomic
def add_problem(
    *, estate: EstateProject, kind: str, text: str, found_on: dt.date, by: User, today: dt.date
) -> EstateProblem:
    check_may_keep_estate(by, estate)
    if found_on > today:
        raise NotAllowedNow("发现日期还没到，请填今天或以前的日期。")
    return EstateProblem.objects.create(
        estate=estate, kind=kind, text=text.strip(), found_on=found_on
    )


@transaction.atomic
def resolve_problem(
    *, problem: EstateProblem, resolution: str, resolved_on: dt.date, by: User, today: dt.date
) -> EstateProblem:
    """Close a problem for good; the same again is a new one."""
    # Held, so that whoever was quicker is seen.
    check_may_keep_estate(by, _locked(problem.estate, by))
    problem = EstateProblem.objects.visible_to(by).get(pk=problem.pk)
    if problem.resolved_on is not None:
        raise NotAllowedNow(f"这个问题已于{zhdate(problem.resolved_on)}解决；再发生请登记新的。")
    if not resolution.strip():
        raise NotAllowedNow("请写明怎么解决的。")
    if not problem.found_on <= resolved_on <= today:
        raise NotAllowedNow("解决日期要在发现日期以后、今天以前。")
    problem.resolved_on, problem.resolution = resolved_on, resolution.strip()
    problem.save(update_fields=["resolved_on", "resolution"])
    return problem
