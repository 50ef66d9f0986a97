"""The demo's meal accounts: the last term closed and answered, this one under way.

What kindergartens received and spent is invented; so are the documents of what a county set. That
昆都仑区 has one meal fee for its public kindergartens, for 三餐两点, is in its plan of December 2023;
how much it is, is not.
"""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Iterator
from decimal import Decimal

from django.utils import timezone

from accounts.access.roles import RoleCode
from accounts.models import Membership, Region
from config.demo import kundulun
from fees.meals.rules import MEAL_FEE_NAMES, MEALS, closing, together
from fees.models import (
    MealAccount,
    MealEntry,
    MealFee,
    MealSurplusLimit,
    RefundRule,
    ScheduledFee,
)
from fees.terms import term_of
from kindergartens.models import Kindergarten

EVERYBODY = "the demo writes everybody's"
LIMIT_DOCUMENT = "示例：幼儿园伙食费管理办法（盈亏比例为示例）"
FEE_DOCUMENT = "示例：昆都仑区公办幼儿园伙食费标准的通知（金额为示例）"
UNIFIED = Decimal("15.00")
# Tiers as places have them, by the half of a month's working days; an example, no place's own.
EMPTY_LEVEL = "市辖区"
REFUND_DOCUMENT = "示例：幼儿园退费办法（分档为示例）"
TIERS = [["0", True, "80"], ["50", True, "50"], ["100", True, "0"]]
# Every so many kindergartens one has opened no account, sent one back, or lies beyond the share.
SILENT, BEYOND, SENT_BACK = 8, 7, 13
DAYS = 21
HOLIDAYS = (7, 8)
CENT = Decimal("0.01")


def write_meals(rng: random.Random, county: str, day: dt.date) -> str:
    """Accounts of the kindergartens with a meal fee by the day, up to the month before `day`."""
    place = Region.objects.of_code(county)
    officer = (
        Membership.objects.filter(organisation__region=place, role=RoleCode.BUREAU_OFFICER)
        .order_by("pk")[:1]
        .get()
    )
    since = dt.date(day.year - 1, 1, 1)
    MealSurplusLimit.objects.create(
        region=place, percent=Decimal(2), document=LIMIT_DOCUMENT, valid_from=since
    )
    _write_refund_rules(place, since)
    if county == kundulun.CODE:
        MealFee.objects.create(
            region=place, scope=MealFee.Scope.PUBLIC, unit="day", amount=UNIFIED,
            document=FEE_DOCUMENT, valid_from=since, **dict.fromkeys(MEALS, True),
        )  # fmt: skip
    directors = {
        post.organisation_id: post
        for post in Membership.objects.filter(
            organisation__region__county=place, role=RoleCode.DIRECTOR
        ).order_by("-pk")
    }
    term, yesterday = term_of(day), _moment(day - dt.timedelta(days=1))
    written = 0
    for number, (kindergarten, fee) in enumerate(_fees(county, day)):
        director = directors.get(kindergarten.organisation_id)
        if director is None or number % SILENT == SILENT - 1:
            continue
        children = rng.randint(60, 240)
        at = _moment(term.former.last_day - dt.timedelta(days=5))
        share = Decimal("0.045") if number % BEYOND == BEYOND - 1 else Decimal(0)
        last = MealAccount.objects.create(
            kindergarten=kindergarten, year=term.former.year, season=term.former.season,
            opening=Decimal(rng.randint(-300, 900)), entered_as=director, entered_at=at,
        )  # fmt: skip
        entries = list(_entries(rng, last, term.former.months, fee, children, share, director, at))
        left = closing(last.opening, together(one.flow for one in entries))
        returned = number % SENT_BACK == SENT_BACK - 1
        last.counted_cash = max(left, Decimal(0))
        last.explanation = "上学期超支，由园里垫付，下学期调整食谱。" if left < 0 else ""
        last.state = MealAccount.State.RETURNED if returned else MealAccount.State.ACCEPTED
        last.return_reason = "有一个月的食材支出和发票合计不一致，请核对。" if returned else ""
        last.submitted_as, last.decided_as = director, officer
        last.submitted_at, last.decided_at = at, at + dt.timedelta(days=3)
        last.save()
        this = MealAccount.objects.create(
            kindergarten=kindergarten, year=term.year, season=term.season, opening=left,
            entered_as=director, entered_at=_moment(term.first_day + dt.timedelta(days=4)),
        )  # fmt: skip
        over = [month for month in term.months if month < day.replace(day=1)]
        entries += _entries(rng, this, over, fee, children, Decimal(0), director, yesterday)
        MealEntry.objects.bulk_create(entries)
        written += 1
    return f"{written}所"


def _write_refund_rules(county: Region, since: dt.date) -> None:
    """The county's for care and meals, and that of the place above by the months that are left: the
    city's, of a municipality (whose level of cities is empty) its own.
    """
    told = {"document": REFUND_DOCUMENT, "valid_from": since}
    RefundRule.objects.create(
        region=county, item="care_education_fee", basis="attended", bands=TIERS, **told
    )
    RefundRule.objects.create(
        region=county, item="meal_fee", basis="by_day", percent=Decimal(100), **told
    )
    city, province = county.city, county.province
    above = province if city is None or city.name == EMPTY_LEVEL else city
    if above is not None:
        RefundRule.objects.create(
            region=above, item="care_education_fee", basis="months_left",
            percent=Decimal(100), **told,
        )  # fmt: skip


def _fees(county: str, day: dt.date) -> Iterator[tuple[Kindergarten, Decimal]]:
    rows = (
        ScheduledFee.objects.unscoped(EVERYBODY)
        .on(day)
        .filter(kindergarten__organisation__region__county__code=county)
        .filter(name__in=MEAL_FEE_NAMES, unit="day")
        .select_related("kindergarten")
        .order_by("kindergarten__code")
    )
    for row in rows:
        yield row.kindergarten, row.amount


def _entries(
    rng: random.Random,
    account: MealAccount,
    months: list[dt.date],
    fee: Decimal,
    children: int,
    share: Decimal,
    director: Membership,
    at: dt.datetime,
) -> Iterator[MealEntry]:
    """`share` of the receipts is left over, more or less a percent. Nobody eats in the holidays."""
    for month in months:
        if month.month in HOLIDAYS:
            yield MealEntry(
                account=account, month=month, receipts=0, food=0, fuel=0, other=0, refunds=0,
                child_days=0, entered_as=director, entered_at=at,
            )  # fmt: skip
            continue
        days = children * DAYS - rng.randint(0, children)
        receipts = fee * days
        told = _sixth_after(month)
        spent = receipts * (1 - share + Decimal(rng.randint(-9, 9)) / 1000)
        food = (spent * Decimal("0.86")).quantize(CENT)
        fuel = (spent * Decimal("0.09")).quantize(CENT)
        yield MealEntry(
            account=account, month=month, receipts=receipts, food=food, fuel=fuel,
            other=(spent - food - fuel).quantize(CENT), refunds=Decimal(0), child_days=days,
            breakfast=days, morning_snack=days, lunch=days, afternoon_snack=days, dinner=days,
            published_on=told if told <= at.date() and rng.random() < 0.9 else None,
            entered_as=director, entered_at=at,
        )  # fmt: skip


def _sixth_after(month: dt.date) -> dt.date:
    return (month + dt.timedelta(days=31)).replace(day=6)


def _moment(day: dt.date) -> dt.datetime:
    return timezone.make_aware(dt.datetime.combine(day, dt.time(10, 30)))
