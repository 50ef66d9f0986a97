"""A campaign from its setting up to its circular: parts, places, checks, the hazards they open."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.db.models import Max, Model
from django.utils import timezone

from accounts.access.permissions import Permission
from accounts.access.posts import acting_with
from accounts.access.scope import home_region
from accounts.history.context import because
from accounts.models import Membership, Organisation, Region, User
from inspections.campaigns import rules
from inspections.campaigns.rules import CheckFacts
from inspections.campaigns.selectors import board, figures
from inspections.models import (
    Campaign,
    CampaignCheck,
    CampaignCircular,
    CampaignHazard,
    CampaignPart,
    CampaignPlace,
)
from kindergartens.models import Kindergarten
from kindergartens.policies import NotAllowedNow
from kindergartens.selectors import licensed_and_running
from kindergartens.stamps import CHANGED_SINCE, stamp_of
from safety.hazards.rules import WITHDRAWN
from safety.models import Hazard

# What may be put right about a campaign, and about a check.
SAID = ("name", "document", "starts_on", "ends_on")
CHECKED = ("checked_on", "found", "fixed", "note")
Row = TypeVar("Row", bound=Model)
NUMBERED = "numbers are counted over all of a county"


class CampaignRefused(NotAllowedNow):
    """It cannot be done; `field` is where, the text says why and what to do."""


def check_may_lead(by: User, county: Region | None = None) -> tuple[Membership, Region]:
    """The county's bureau, which sets campaigns up and issues their circulars."""
    post = acting_with(by, Permission.DECIDE_SAFETY)
    home = home_region(by)
    if home is None or home.level != Region.Level.COUNTY or county not in (None, home):
        raise PermissionDenied("集中整治由区县教育局组织。")
    return post, home


@transaction.atomic
def set_up(
    *, values: Mapping[str, object], towns: Iterable[Region], by: User, now: dt.datetime
) -> Campaign:
    """A campaign over every licensed and running kindergarten of some towns. Raises CampaignRefused."""
    post, county = check_may_lead(by)
    campaign = Campaign(county=county, entered_as=post, entered_at=now, **values)
    _check_period(campaign)
    _save(campaign, "组织集中整治")
    chosen = Kindergarten.objects.visible_to(by).filter(
        licensed_and_running(timezone.localdate(now)),
        organisation__region__in=[town.pk for town in towns],
        organisation__region__county=county,
    )
    CampaignPlace.objects.bulk_create(
        CampaignPlace(campaign=campaign, kindergarten=one) for one in chosen.order_by("code")
    )
    return campaign


@transaction.atomic
def correct(
    *, campaign_id: int, values: Mapping[str, object], seen: str, reason: str, by: User
) -> Campaign:
    """Put right what is said of it. Its days stay around the checks that were made."""
    campaign = _led(campaign_id, by)
    if seen != stamp_of(campaign, SAID):
        raise CampaignRefused(CHANGED_SINCE)
    for name in SAID:
        setattr(campaign, name, values[name])
    _check_period(campaign)
    outside = (
        CampaignCheck.objects.visible_to(by)
        .filter(part__campaign=campaign)
        .exclude(checked_on__range=(campaign.starts_on, campaign.ends_on))
    )
    if outside.exists():
        raise CampaignRefused("有检查记录不在这些天里，请先核对检查日期。", "ends_on")
    _save(campaign, reason)
    return campaign


@transaction.atomic
def withdraw(*, campaign_id: int, reason: str, by: User, now: dt.datetime) -> Campaign:
    """Take back one that was set up by mistake, before anybody has checked."""
    campaign = _led(campaign_id, by)
    if CampaignCheck.objects.visible_to(by).filter(part__campaign=campaign).exists():
        raise CampaignRefused("已经有检查记录，不能撤销。不再查的，改结束日期后签发通报。")
    campaign.withdrawn_at = now
    with because(reason):
        campaign.save(update_fields=["withdrawn_at"])
    return campaign


@transaction.atomic
def add_part(*, campaign_id: int, department: Organisation, items: str, by: User) -> CampaignPart:
    """A department with what it checks. Raises CampaignRefused where it takes part already."""
    campaign = _led(campaign_id, by)
    if department.region_id != campaign.county_id or department.kind not in LEADERS:
        raise CampaignRefused("请选本区县的部门。", "department")
    try:
        with transaction.atomic(), because("增加部门"):
            return CampaignPart.objects.create(
                campaign=campaign, department=department, items=items
            )
    except IntegrityError:
        raise CampaignRefused(
            f"{department}已经在这次行动里，请直接改它的检查内容。", "department"
        ) from None


# Whoever may be given lines: the other departments, and the bureau itself.
LEADERS = (Organisation.Kind.DEPARTMENT, Organisation.Kind.BUREAU)


@transaction.atomic
def change_part(*, part_id: int, items: str, seen: str, reason: str, by: User) -> CampaignPart:
    part = _one(CampaignPart, part_id, by)
    _led(part.campaign_id, by)
    if seen != stamp_of(part, ("items",)):
        raise CampaignRefused(CHANGED_SINCE)
    part.items = items
    with because(reason):
        part.save(update_fields=["items"])
    return part


@transaction.atomic
def add_place(*, campaign_id: int, kindergarten: Kindergarten, by: User) -> CampaignPlace:
    campaign = _led(campaign_id, by)
    try:
        with transaction.atomic(), because("增加幼儿园"):
            return CampaignPlace.objects.create(campaign=campaign, kindergarten=kindergarten)
    except IntegrityError:
        raise CampaignRefused(f"{kindergarten}已经在这次行动里。", "kindergarten") from None


@transaction.atomic
def remove_place(*, place_id: int, reason: str, by: User, now: dt.datetime) -> CampaignPlace:
    """Take a kindergarten out that nobody has checked yet."""
    place = _one(CampaignPlace, place_id, by)
    _led(place.campaign_id, by)
    if place.removed_at is not None:
        raise CampaignRefused("这所园已经移出，不用再办。")
    if place.checks.exists():
        raise CampaignRefused("这所园已经有检查记录，不能移出。")
    place.removed_at = now
    with because(reason):
        place.save(update_fields=["removed_at"])
    return place


@transaction.atomic
def record_check(
    *, part: CampaignPart, place: CampaignPlace, facts: CheckFacts, by: User, now: dt.datetime,
    seen: str = "", reason: str = "",
) -> CampaignCheck:  # fmt: skip
    """What a department found at a place: new, or put right with a reason. Raises CampaignRefused.

    A department records its own; the bureau and its inspectors record for whoever handed in paper.
    """
    post = acting_with(by, Permission.CHECK_CAMPAIGNS)
    if not CampaignPart.objects.visible_to(by).filter(pk=part.pk).exists():
        raise PermissionDenied("只能登记本单位的检查。")
    # The place first: two who record at once come one after the other.
    place = _one(CampaignPlace, place.pk, by)
    campaign = part.campaign
    if place.campaign_id != campaign.pk or place.removed_at or campaign.withdrawn_at:
        raise CampaignRefused("这所园不在这次行动里，请返回看现在的名单。")
    check = place.checks.filter(part=part).first()
    if check is not None and seen != stamp_of(check, CHECKED):
        raise CampaignRefused(CHANGED_SINCE if seen else "别人刚刚登记过这一项，请返回看过再改。")
    problem = rules.check_problem(
        facts, starts_on=campaign.starts_on, ends_on=campaign.ends_on,
        today=timezone.localdate(now), hazards=_standing(check) if check else 0,
    )  # fmt: skip
    if problem is not None:
        raise CampaignRefused(problem[1], problem[0])
    if check is None:
        check = CampaignCheck(part=part, place=place, entered_as=post, entered_at=now)
    elif not reason:
        raise CampaignRefused("这一项已经登记过，请写明为什么改。", "reason")
    for name in CHECKED:
        setattr(check, name, getattr(facts, name))
    with because(reason or "登记检查"):
        check.save()
    return check


def _standing(check: CampaignCheck) -> int:
    """How many hazards a check opened, without those that were entered by mistake."""
    return check.hazards.exclude(hazard__state=WITHDRAWN).count()


@transaction.atomic
def link_hazard(*, check: CampaignCheck, number: str, by: User, now: dt.datetime) -> CampaignHazard:
    """Say which hazard of the register a check opened. Raises CampaignRefused."""
    post = acting_with(by, Permission.CHECK_CAMPAIGNS)
    acting_with(by, Permission.KEEP_SAFETY)
    _one(CampaignPlace, check.place_id, by)
    hazard = (
        Hazard.objects.visible_to(by)
        .filter(number=number, kindergarten=check.place.kindergarten_id)
        .first()
    )
    if hazard is None:
        raise CampaignRefused("这所园没有这个编号的隐患，请核对编号，或先登记隐患。", "number")
    if _standing(check) >= check.found:
        raise CampaignRefused(
            f"这次检查发现{check.found}个问题，隐患不能比它多。请先更正发现的问题数。", "number"
        )
    try:
        with transaction.atomic():
            return CampaignHazard.objects.create(
                check_row=check, hazard=hazard, entered_as=post, entered_at=now
            )
    except IntegrityError:
        raise CampaignRefused(f"{hazard}已经登记在一次检查里。", "number") from None


@transaction.atomic
def issue(
    *, campaign_id: int, demand: str, reason: str, by: User, now: dt.datetime
) -> CampaignCircular:
    """通报 with the figures as of now, or a correction of it, with a reason. Raises CampaignRefused."""
    post, county = check_may_lead(by)
    campaign = _led(campaign_id, by)
    # Two who issue at once come one after the other, and each gets a number of its own.
    Region.objects.select_for_update(no_key=True).get(pk=county.pk)
    today = timezone.localdate(now)
    found = board(by, campaign)
    problem = rules.issuing_problem(
        ends_on=campaign.ends_on, today=today, left=found.total.left, done=found.total.done
    )
    if problem:
        raise CampaignRefused(problem)
    said = figures(found)
    corrects = campaign.circulars.filter(corrected_by__isnull=True).first()
    if corrects is not None and not reason:
        raise CampaignRefused(f"已签发{corrects}。要更正的，请写明更正原因。", "reason")
    if corrects is not None and (corrects.figures, corrects.demand) == (said, demand):
        raise CampaignRefused(f"现在的内容和{corrects}一样，没有要更正的。")
    used = CampaignCircular.objects.unscoped(NUMBERED).filter(county=county, year=today.year)
    return CampaignCircular.objects.create(
        campaign=campaign, county=county, year=today.year,
        number=(used.aggregate(last=Max("number"))["last"] or 0) + 1,
        demand=demand, figures=said, corrects=corrects,
        reason=reason if corrects is not None else "", issued_as=post, issued_at=now,
    )  # fmt: skip


def _led(campaign_id: int, by: User) -> Campaign:
    """The campaign, locked, for the bureau that leads it. Raises CampaignRefused when withdrawn."""
    campaign = _one(Campaign, campaign_id, by)
    check_may_lead(by, campaign.county)
    if campaign.withdrawn_at is not None:
        raise CampaignRefused("这次行动已经撤销，不能再改。请返回列表。")
    return campaign


def _one(model: type[Row], pk: int, by: User) -> Row:
    """One the person sees, locked until the transaction ends."""
    rows: Any = model._default_manager
    found: Row = rows.visible_to(by).select_for_update(of=("self",), no_key=True).get(pk=pk)
    return found


def _check_period(campaign: Campaign) -> None:
    problem = rules.period_problem(campaign.starts_on, campaign.ends_on)
    if problem:
        raise CampaignRefused(problem, "ends_on")


def _save(campaign: Campaign, reason: str) -> None:
    try:
        with transaction.atomic(), because(reason):
            campaign.save()
    except IntegrityError:
        raise CampaignRefused("已有同名的集中整治，请换一个名称，例如加上年份。", "name") from None
