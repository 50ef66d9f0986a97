"""What the county does with a claim of the free year: send back, approve, record payments."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal

from django.db import transaction

from accounts.formatting import quantity
from accounts.history.context import because
from accounts.models import User
from fees.free_year.policies import (
    CHANGED,
    check_may_approve,
    check_may_pay,
    check_may_return,
    deciding_post,
)
from fees.free_year.rules import payment_problem
from fees.free_year.stamps import claim_stamp
from fees.models import SubsidyClaim, SubsidyPayment
from fees.services import FeeRefused

Step = SubsidyClaim.Step


@transaction.atomic
def return_claim(
    *, claim_id: int, reason: str, seen: str, by: User, now: dt.datetime
) -> SubsidyClaim:
    """Send a claim back to be filed anew; an approved one too while nothing is paid. FeeRefused."""
    post = deciding_post(by)
    claim = _locked(claim_id, seen, by)
    check_may_return(claim)
    claim.step, claim.reason = Step.RETURNED, reason
    claim.approved_children, claim.approved = None, None
    claim.decided_as, claim.decided_at = post, now
    with because(reason):
        claim.save()
    return claim


@transaction.atomic
def approve_claim(
    *, claim_id: int, children: int, reason: str, seen: str, by: User, now: dt.datetime
) -> SubsidyClaim:
    """Approve so many children, each with the claim's waiver; an approval may be changed so, too.

    Another number than claimed needs a reason, and never comes to less than what was paid. Not by
    whoever filed it. Raises FeeRefused, also for a stale `seen` (claim_stamp).
    """
    post = deciding_post(by)
    claim = _locked(claim_id, seen, by)
    check_may_approve(claim, post)
    if children < 1:
        raise FeeRefused("核定人数至少1人；一个都不核定的，请退回并写明原因。", "children")
    if children != claim.children and not reason:
        raise FeeRefused("核定人数和申报的不一样，请写明原因。", "reason")
    approved = children * claim.waived
    if approved < claim.paid:
        raise FeeRefused(
            f"已经拨付{quantity(claim.paid)}元，核定不能比它少。拨付登记错了的先撤销；"
            "确实多拨的，退款后撤销那笔拨付再改核定。",
            "children",
        )
    claim.step, claim.reason = Step.APPROVED, reason
    claim.approved_children, claim.approved = children, approved
    claim.decided_as, claim.decided_at = post, now
    with because(reason or "核定"):
        claim.save()
    return claim


def approve_as_filed(
    *, seen: Mapping[int, str], by: User, now: dt.datetime
) -> tuple[list[SubsidyClaim], list[tuple[int, str]]]:
    """Approve several claims as they were filed, each by itself; what is refused is named.

    `seen`: the stamp of each claim as it was on the page. Returns the approved ones, and (claim,
    why not) for the others.
    """
    deciding_post(by)
    filed = dict(
        SubsidyClaim.objects.visible_to(by)
        .filter(pk__in=seen, step=Step.FILED)
        .values_list("pk", "children")
    )
    done, refused = [], []
    for pk, stamp in sorted(seen.items()):
        if pk not in filed:
            refused.append((pk, "已经办过，或不在您的范围内"))
            continue
        try:
            done.append(
                approve_claim(
                    claim_id=pk, children=filed[pk], reason="", seen=stamp, by=by, now=now
                )
            )
        except FeeRefused as refusal:
            refused.append((pk, str(refusal)))
    return done, refused


@transaction.atomic
def record_payment(
    *,
    claim_id: int,
    amount: Decimal,
    paid_on: dt.date,
    document: str,
    seen: str,
    by: User,
    now: dt.datetime,
    today: dt.date,
) -> SubsidyPayment:
    """Money that was paid on an approved claim, never more than approved. Raises FeeRefused."""
    post = deciding_post(by)
    claim = _locked(claim_id, seen, by)
    check_may_pay(claim)
    problem = payment_problem(
        amount=amount, approved=claim.approved or Decimal(0), paid=claim.paid, paid_on=paid_on,
        today=today,
    )  # fmt: skip
    if problem is not None:
        place, text = problem
        raise FeeRefused(text, place)
    payment = SubsidyPayment(
        claim=claim, paid_on=paid_on, amount=amount, document=document, entered_as=post,
        entered_at=now,
    )  # fmt: skip
    with because(f"拨付{quantity(amount)}元"):
        payment.save()
        claim.paid += amount
        claim.save(update_fields=["paid"])
    return payment


@transaction.atomic
def withdraw_payment(*, payment_id: int, reason: str, by: User, now: dt.datetime) -> SubsidyPayment:
    """Take back a payment that was entered by mistake or refunded; it counts no more. FeeRefused."""
    deciding_post(by)
    found = SubsidyPayment.objects.visible_to(by).get(pk=payment_id)
    claim = SubsidyClaim.objects.visible_to(by).select_for_update(of=("self",), no_key=True).get(
        pk=found.claim_id
    )  # fmt: skip
    # Read again, now that nobody else changes it.
    payment = SubsidyPayment.objects.visible_to(by).get(pk=payment_id)
    if payment.withdrawn_at is not None:
        raise FeeRefused("这笔拨付已经撤销，不用再办。")
    payment.withdrawn_at, payment.withdrawn_reason = now, reason
    claim.paid -= payment.amount
    with because(reason):
        payment.save(update_fields=["withdrawn_at", "withdrawn_reason"])
        claim.save(update_fields=["paid"])
    return payment


def _locked(claim_id: int, seen: str, by: User) -> SubsidyClaim:
    claim = (
        SubsidyClaim.objects.visible_to(by)
        .standing()
        .select_for_update(of=("self",), no_key=True)
        .select_related("filed_as", "kindergarten")
        .get(pk=claim_id)
    )
    if seen != claim_stamp(claim):
        raise FeeRefused(CHANGED)
    return claim
