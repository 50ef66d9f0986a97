"""What a director does with a claim of the free year: file it with the figures of today, take it back."""

from __future__ import annotations

import datetime as dt

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction

from accounts.history.context import because
from accounts.models import User
from fees.free_year.policies import CHANGED, check_may_withdraw, filing_post
from fees.free_year.rules import WORDS, Waiver
from fees.free_year.selectors import FreeMonth, months_of_kindergarten
from fees.free_year.services.locks import held_claim
from fees.free_year.stamps import figures_stamp
from fees.models import SubsidyClaim
from fees.services import FeeRefused
from kindergartens.models import Kindergarten

Step = SubsidyClaim.Step
# What a filing writes into the claim that is there; what was paid is no part of it.
FILED = (
    "town",
    "filing_version",
    "children",
    "fee",
    "standard",
    "waived",
    "amount",
    "step",
    "reason",
    "filed_as",
    "filed_at",
    "decided_as",
    "decided_at",
)


@transaction.atomic
def file_claim(
    *, kindergarten_id: int, month: dt.date, seen: str, by: User, now: dt.datetime
) -> SubsidyClaim:
    """Claim a month of the own kindergarten as it is computed now; also one sent back, once more.

    `seen` is the stamp of the figures the person looked at (figures_stamp). Raises FeeRefused where
    they moved since, where nothing can be computed, and for what is claimed or approved already.
    """
    post = filing_post(by)
    kindergarten = (
        Kindergarten.objects.visible_to(by)
        .select_for_update(of=("self",), no_key=True)
        .filter(pk=kindergarten_id)
        .first()
    )
    if kindergarten is None:
        raise PermissionDenied("这所幼儿园不在您的工作范围内。")
    # Kept until the end, so that the claim read with its figures below is as it stands.
    SubsidyClaim.objects.visible_to(by).standing().select_for_update(
        of=("self",), no_key=True
    ).filter(kindergarten=kindergarten, month=month).first()
    found = months_of_kindergarten(by, kindergarten, [month])
    if not found:
        raise FeeRefused("这个月没有报送期，或本园这个月不用报月报，不能申报。")
    one = found[0]
    waiver = _claimable(one)
    if seen != figures_stamp(one):
        raise FeeRefused(CHANGED)
    claim = one.claim or SubsidyClaim(kindergarten=kindergarten, month=month)
    if claim.pk and claim.step == Step.APPROVED:
        raise FeeRefused("这个月的申报已经核定。数字后来变了的，请教育局改核定，多退少补。")
    if claim.pk and claim.step == Step.FILED and not one.differs:
        raise FeeRefused("这个月已经申报过了，不用再报。")
    filing = one.filing
    if filing is None or filing.accepted_version is None:
        raise FeeRefused(CHANGED)
    again = claim.pk is not None
    claim.town = one.town
    claim.filing_version = filing.versions.get(version=filing.accepted_version)
    claim.children, claim.fee, claim.standard = waiver.children, waiver.fee, waiver.standard
    claim.waived, claim.amount = waiver.waived, waiver.amount
    claim.step, claim.reason = Step.FILED, ""
    claim.filed_as, claim.filed_at = post, now
    claim.decided_as, claim.decided_at = None, None
    try:
        with transaction.atomic(), because("重新申报" if again else "申报"):
            claim.save(update_fields=FILED if again else None)
    except IntegrityError:
        raise FeeRefused("这个月刚刚有人申报过了。请刷新页面看现在的状态。") from None
    return claim


@transaction.atomic
def withdraw_claim(*, claim_id: int, reason: str, by: User) -> SubsidyClaim:
    """Take back a claim that nobody approved; the month may be claimed again. Raises FeeRefused."""
    filing_post(by)
    claim = held_claim(claim_id, by)
    check_may_withdraw(claim)
    claim.step, claim.reason = Step.WITHDRAWN, reason
    with because(reason):
        claim.save(update_fields=["step", "reason"])
    return claim


def _claimable(one: FreeMonth) -> Waiver:
    if not isinstance(one.result, Waiver):
        raise FeeRefused(f"不能申报：{WORDS[one.result]}。")
    if one.result.children == 0:
        raise FeeRefused("这个月的月报里没有学前一年的幼儿，不用申报。")
    if one.result.waived == 0:
        raise FeeRefused("保教费是0元，没有减免，不用申报。")
    return one.result
