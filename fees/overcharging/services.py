"""What is recorded of money given back: by the kindergarten's director, or by the county on paper."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from accounts.access.permissions import Permission
from accounts.access.posts import own_county
from accounts.formatting import quantity
from accounts.history.context import because
from accounts.models import Membership, User
from fees.models import Charge, Repayment
from fees.overcharging.rules import repayment_problem
from fees.overcharging.selectors import Overcharge, overcharges_of
from fees.services import FeeRefused
from kindergartens.models import MonthlyFiling
from kindergartens.stamps import stamp_of_texts

CHANGED = "打开以后月报更正了，或有人登记、撤销了退款，这次没有登记。请看过现在的数字再办。"


@dataclass(frozen=True)
class RepaymentFacts:
    """`reason`: why more than is owed was given back."""

    repaid_on: dt.date
    children: int
    yuan: Decimal
    document: str
    note: str = ""
    reason: str = ""


def repaying_post(by: User) -> Membership:
    """A director's, or an officer's of a county who keeps its registry; PermissionDenied else."""
    if by.acting is None:
        raise PermissionDenied("您现在的岗位没有这项权限。")
    if not by.acting.is_of_kindergarten:
        own_county(by)
    elif not by.can(Permission.ASK_PROCEDURES):
        raise PermissionDenied("退款由园长登记，您现在的岗位没有这项权限。")
    return by.acting


def may_repay(by: User) -> bool:
    try:
        repaying_post(by)
    except PermissionDenied:
        return False
    return True


def repaid_stamp(one: Overcharge) -> str:
    """Another one: the return was corrected, or a repayment recorded or withdrawn."""
    return stamp_of_texts(
        {
            "charge": str(one.charge.pk),
            "owed": str(one.excess.refund),
            "repaid": " ".join(str(row.pk) for row in one.repayments),
        }
    )


@transaction.atomic
def record_repayment(
    *, charge_id: int, facts: RepaymentFacts, seen: str, by: User, now: dt.datetime
) -> Repayment:
    """Money that was given back of a charge of an accepted return that is found too much.

    `seen` is the stamp (repaid_stamp) of what the form was opened with. Raises FeeRefused where that
    moved, where the charge is not too much now, and for facts that cannot be; PermissionDenied for
    whoever is neither its director nor its county's officer.
    """
    post = repaying_post(by)
    charge = Charge.objects.visible_to(by).select_related("filing_version").get(pk=charge_id)
    filing = _locked(charge.filing_version.filing_id, by)
    one = next(
        (one for one in overcharges_of(by, filing.kindergarten) if one.charge.pk == charge.pk),
        None,
    )
    if one is None:
        raise FeeRefused("月报更正以后，这一项变了，或不再算多收。请返回看现在的数字再办。")
    if seen != repaid_stamp(one):
        raise FeeRefused(CHANGED)
    owed, before = one.excess.refund, one.repaid
    problem = repayment_problem(
        month=filing.month, repaid_on=facts.repaid_on, today=timezone.localdate(now),
        children=facts.children, payers=charge.payers, yuan=facts.yuan, owed=owed, before=before,
        reason=facts.reason,
    )  # fmt: skip
    if problem is not None:
        field, text = problem
        raise FeeRefused(text, field)
    row = Repayment(
        charge=charge, month=filing.month, owed=owed, repaid_before=before, entered_as=post,
        entered_at=now, **vars(facts),
    )  # fmt: skip
    with because(facts.reason or f"退还{quantity(facts.yuan)}元"):
        row.save()
    return row


@transaction.atomic
def withdraw_repayment(*, repayment_id: int, reason: str, by: User, now: dt.datetime) -> Repayment:
    """Take back one that was recorded by mistake: it counts no more. Raises FeeRefused."""
    post = repaying_post(by)
    rows = Repayment.objects.visible_to(by).select_related("charge__filing_version", "entered_as")
    row = rows.get(pk=repayment_id)
    _locked(row.charge.filing_version.filing_id, by)
    # Read again, now that nobody else changes it.
    row = rows.get(pk=repayment_id)
    if row.withdrawn_at is not None:
        raise FeeRefused("这笔退款已经撤销，不用再办。")
    if post.is_of_kindergarten and not row.entered_as.is_of_kindergarten:
        raise FeeRefused("这笔退款是教育局登记的。登记错了，请联系教育局撤销。")
    row.withdrawn_at, row.withdrawn_reason = now, reason
    with because(reason):
        row.save(update_fields=["withdrawn_at", "withdrawn_reason"])
    return row


def _locked(filing_id: int, by: User) -> MonthlyFiling:
    """One person at a time with a return: two who give back and one who accepts a correction."""
    rows = MonthlyFiling.objects.visible_to(by).select_for_update(of=("self",), no_key=True)
    return rows.select_related("kindergarten").get(pk=filing_id)
