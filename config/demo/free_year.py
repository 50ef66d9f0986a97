"""The demo's free last year: a standard of each county, and how far the claims of three months are.

The standard is invented, and so is who filed and what was paid; the sums are computed from the
demo's own returns and schedules.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from django.utils import timezone

from accounts.access.acting import choose_membership
from accounts.access.roles import RoleCode
from accounts.models import Membership, Region
from config.demo.calendar import PeriodPlan
from config.demo.fees import FREE_FROM, FREE_STANDARD
from fees.free_year.rules import MonthsRule
from fees.free_year.selectors import FreeMonth, months_of_region
from fees.models import FreeYearStandard, SubsidyClaim, SubsidyPayment

Step = SubsidyClaim.Step
DOCUMENT = "示例文件：公办幼儿园大班保教费标准"
MONTHS_DOCUMENT = "示例文件：学前一年免保教费补助资金管理办法"
VOUCHER = "示例：国库集中支付凭证"
# Of the newest month every so many have not claimed yet; of the month before one claim was sent
# back, some are paid in part and some not at all.
UNFILED, PART, UNPAID = 4, 5, 7
WRONG = "大班人数和开学时核实的不一致，请核对后重新申报。"


def write_free_year(county: str, periods: list[PeriodPlan], now: dt.datetime) -> str:
    """From the newest month, which is being claimed, back to one that is paid."""
    region = Region.objects.of_code(county)
    FreeYearStandard.objects.create(
        region=region, yuan_per_month=FREE_STANDARD, document=DOCUMENT,
        months_rule=MonthsRule.TEN_MONTHS, months_document=MONTHS_DOCUMENT, valid_from=FREE_FROM,
    )  # fmt: skip
    officer = (
        Membership.objects.filter(organisation__region=region, role=RoleCode.BUREAU_OFFICER)
        .select_related("user")
        .earliest("pk")
    )
    choose_membership(officer.user, officer.pk, today=timezone.localdate(now))
    directors = {
        post.organisation_id: post
        for post in Membership.objects.filter(
            organisation__region__county=region, role=RoleCode.DIRECTOR
        ).order_by("-pk")
    }
    claims: list[SubsidyClaim] = []
    for age, period in enumerate(reversed(periods[-3:])):
        found = months_of_region(officer.user, region, [period.month])
        claimable = [one for one in found if one.waiver is not None and one.waiver.amount > 0]
        for number, one in enumerate(claimable):
            if age == 0 and number % UNFILED == 0:
                continue
            director = directors[one.kindergarten.organisation_id]
            claim = _claim(one, director, now, period)
            if age:
                _decide(claim, officer, is_wrong=age == 1 and number == 1)
            if claim.approved is not None:
                claim.paid = _paid(claim.approved, number if age == 1 else None)
            claims.append(claim)
    SubsidyClaim.objects.bulk_create(claims, batch_size=500)
    SubsidyPayment.objects.bulk_create(_payments(claims, officer), batch_size=500)
    return f"{len(claims)}笔申报"


def _claim(
    one: FreeMonth, director: Membership, now: dt.datetime, period: PeriodPlan
) -> SubsidyClaim:
    waiver, filing = one.waiver, one.filing
    assert waiver is not None and filing is not None and filing.accepted_version is not None  # noqa: S101, PT018 - chosen so
    return SubsidyClaim(
        kindergarten=one.kindergarten,
        month=one.month,
        town=one.town,
        filing_version=filing.versions.get(version=filing.accepted_version),
        children=waiver.children,
        fee=waiver.fee,
        standard=waiver.standard,
        waived=waiver.waived,
        amount=waiver.amount,
        filed_as=director,
        filed_at=min(period.due_at + dt.timedelta(days=1), now - dt.timedelta(hours=2)),
    )


def _decide(claim: SubsidyClaim, officer: Membership, *, is_wrong: bool) -> None:
    claim.decided_as, claim.decided_at = officer, claim.filed_at + dt.timedelta(days=2)
    if is_wrong:
        claim.step, claim.reason = Step.RETURNED, WRONG
        return
    claim.step = Step.APPROVED
    claim.approved_children, claim.approved = claim.children, claim.amount
    claim.approved_waived = claim.computed_waived = claim.waived
    claim.computed_children, claim.computed_version = claim.children, claim.filing_version


def _paid(approved: Decimal, number: int | None) -> Decimal:
    """All of it; of last month's (those with a number) here and there a half or nothing yet."""
    if number is not None and number % UNPAID == 0:
        return Decimal(0)
    if number is not None and number % PART == 0:
        return (approved / 2).quantize(Decimal(1))
    return approved


def _payments(claims: list[SubsidyClaim], officer: Membership) -> Iterator[SubsidyPayment]:
    for number, claim in enumerate(claims, 1):
        if not claim.paid or claim.decided_at is None:
            continue
        at = claim.decided_at + dt.timedelta(days=3)
        written: dict[str, Any] = {"entered_as": officer, "entered_at": at}
        yield SubsidyPayment(
            claim=claim, paid_on=timezone.localdate(at), amount=claim.paid,
            document=f"{VOUCHER}{number}号", **written,
        )  # fmt: skip
