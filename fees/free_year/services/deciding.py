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
    asked_too_much,
    check_amount,
    check_children,
    check_may_approve,
    check_may_pay,
    check_may_return,
    deciding_post,
)
from fees.free_year.rules import payment_problem
from fees.free_year.selectors import FreeMonth, months_of_kindergarten
from fees.free_year.services.locks import held_claim
from fees.free_year.stamps import claim_stamp, figures_stamp
from fees.models import SubsidyClaim, SubsidyPayment
from fees.services import FeeRefused

Step = SubsidyClaim.Step
DECIDED = (
    "step",
    "reason",
    "approved_children",
    "approved_waived",
    "approved",
    "computed_children",
    "computed_waived",
    "computed_version",
    "decided_as",
    "decided_at",
)


@transaction.atomic
def return_claim(
    *, claim_id: int, reason: str, seen: str, by: User, now: dt.datetime
) -> SubsidyClaim:
    """Send a claim back to be filed anew; an approved one too while nothing is paid. FeeRefused."""
    post = deciding_post(by)
    claim = _locked(claim_id, seen, by)
    check_may_return(claim)
    claim.step, claim.reason = Step.RETURNED, reason
    claim.approved_children, claim.approved_waived, claim.approved = None, None, None
    claim.computed_children, claim.computed_waived, claim.computed_version = None, None, None
    claim.decided_as, claim.decided_at = post, now
    with because(reason):
        claim.save(update_fields=DECIDED)
    return claim


@transaction.atomic
def approve_claim(
    *,
    claim_id: int,
    children: int,
    waived: Decimal,
    reason: str,
    seen: str,
    by: User,
    now: dt.datetime,
) -> SubsidyClaim:
    """Approve so many children with so many yuan each; an approval may be changed so, too.

    Anything but what was claimed and is still computed needs a reason. A child is never worth more
    than is computed now, and the sum never less than what was paid. Not by whoever filed it. Raises
    FeeRefused, also for a stale `seen`: the stamp of the figures (figures_stamp).
    """
    post = deciding_post(by)
    claim = held_claim(claim_id, by)
    one = _as_seen(claim, seen, by)
    check_may_approve(claim, post)
    if children < 1:
        raise FeeRefused("核定人数至少1人；一个都不核定的，请退回并写明原因。", "children")
    check_children(children, one)
    check_amount(waived, one)
    if one.over_asked and not reason:
        raise FeeRefused(f"{asked_too_much(one)}。请核实退了没有，写明情况再核定。", "reason")
    if (children, waived) != (claim.children, claim.waived) and not reason:
        raise FeeRefused("核定的和申报的不一样，请写明原因。", "reason")
    if one.figures != (claim.children, claim.waived, claim.filing_version.version) and not reason:
        raise FeeRefused("现在算的和申报的不一样，请看过申报以后变了什么，写明原因。", "reason")
    approved = children * waived
    if approved < claim.paid:
        raise FeeRefused(
            f"已经拨付{quantity(claim.paid)}元，核定不能比它少。拨付登记错了的先撤销；"
            "确实多拨的，退款后撤销那笔拨付再改核定。",
            "children",
        )
    claim.step, claim.reason = Step.APPROVED, reason
    claim.approved_children, claim.approved_waived, claim.approved = children, waived, approved
    claim.computed_children, claim.computed_waived, claim.computed_version = None, None, None
    if one.figures is not None and one.filing is not None:
        claim.computed_children, claim.computed_waived, version = one.figures
        claim.computed_version = one.filing.versions.get(version=version)
    claim.decided_as, claim.decided_at = post, now
    with because(reason or "核定"):
        claim.save(update_fields=DECIDED)
    return claim


def approve_as_filed(
    *, seen: Mapping[int, str], by: User, now: dt.datetime
) -> tuple[list[SubsidyClaim], list[tuple[int, str]]]:
    """Approve several claims as they were filed, each by itself; what is refused is named.

    `seen`: the stamp of each claim's figures as they were on the page (figures_stamp); one whose
    figures are others than were claimed is left to be approved by itself, with a reason. Returns
    the approved ones, and (claim, why not) for the others.
    """
    deciding_post(by)
    filed = {
        claim.pk: claim
        for claim in SubsidyClaim.objects.visible_to(by).filter(pk__in=seen, step=Step.FILED)
    }
    done, refused = [], []
    for pk, stamp in sorted(seen.items()):
        if pk not in filed:
            refused.append((pk, "已经办过，或不在您的范围内"))
            continue
        claim = filed[pk]
        try:
            done.append(
                approve_claim(
                    claim_id=pk, children=claim.children, waived=claim.waived, reason="",
                    seen=stamp, by=by, now=now,
                )
            )  # fmt: skip
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
        month=claim.month, today=today,
    )  # fmt: skip
    if problem is not None:
        place, text = problem
        raise FeeRefused(text, place)
    same = SubsidyPayment.objects.visible_to(by).filter(
        claim=claim, withdrawn_at__isnull=True, paid_on=paid_on, amount=amount, document=document
    )
    if same.exists():
        raise FeeRefused(
            "同一天、同一凭证、同样金额的已经登记过。确实是另一笔的，请在凭证里写明第几笔。",
            "document",
        )
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
    claim = held_claim(found.claim_id, by)
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
    claim = held_claim(claim_id, by)
    if seen != claim_stamp(claim):
        raise FeeRefused(CHANGED)
    return claim


def _as_seen(claim: SubsidyClaim, seen: str, by: User) -> FreeMonth:
    """What is computed for a held claim now, when it is what the person looked at."""
    found = months_of_kindergarten(by, claim.kindergarten, [claim.month])
    if not found or seen != figures_stamp(found[0]):
        raise FeeRefused(CHANGED)
    return found[0]
