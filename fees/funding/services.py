"""What the county records of public money, and what a director files of aid."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from accounts.access.permissions import Permission
from accounts.formatting import zhdate
from accounts.history.context import because
from accounts.models import Membership, User
from fees.funding import selectors
from fees.funding.rules import (
    FIRST_YEAR,
    Aided,
    aid_problem,
    payment_problem,
    too_many_aided,
)
from fees.models import AidCount, FundingPayment
from fees.services import FeeRefused
from kindergartens.models import Kindergarten
from kindergartens.stamps import CHANGED_SINCE, stamp_of_texts

AidLines = Mapping[str, Aided]


# ---- payments -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class PaymentFacts:
    year: int
    kind: str
    paid_on: dt.date
    yuan: Decimal
    document: str


class PaidTwice(FeeRefused):
    """The same document and amount is there already: it takes a person to say that this is another."""


@transaction.atomic
def record_payment(
    *,
    kindergarten: Kindergarten,
    facts: PaymentFacts,
    by: User,
    now: dt.datetime,
    another: bool = False,
    reason: str = "登记经费拨付",
) -> FundingPayment:
    """Public money one kindergarten was paid for a year.

    Raises FeeRefused for days that cannot be, PaidTwice where the same stands recorded and
    `another` does not say that this is one more.
    """
    post = _post(by, Permission.MANAGE_REGISTRY, kindergarten)
    field, problem = payment_problem(
        year=facts.year, paid_on=facts.paid_on, today=timezone.localdate(now)
    )
    if problem:
        raise FeeRefused(problem, field)
    # One person at a time, so that two do not record the same payment side by side.
    _lock(kindergarten, by)
    same = FundingPayment.objects.visible_to(by).standing()
    twin = same.filter(
        kindergarten=kindergarten, yuan=facts.yuan, document=facts.document
    ).first()  # fmt: skip
    if twin is not None and not another:
        raise PaidTwice(
            f"{zhdate(twin.paid_on)}已登记过同一文件、同一金额的拨付。确实是另一笔的，请勾选后再保存。",
            "another",
        )
    payment = FundingPayment(
        kindergarten=kindergarten, entered_as=post, entered_at=now, **vars(facts)
    )
    with because(reason):
        payment.save()
    return payment


@transaction.atomic
def withdraw_payment(
    *, payment: FundingPayment, reason: str, by: User, now: dt.datetime
) -> FundingPayment:
    """Take back one recorded by mistake: it counts no more. Raises FeeRefused when it is already."""
    _post(by, Permission.MANAGE_REGISTRY, payment.kindergarten)
    rows = FundingPayment.objects.visible_to(by).select_for_update(of=("self",), no_key=True)
    row = rows.get(pk=payment.pk)
    if row.withdrawn_at is not None:
        raise FeeRefused("这一笔已经撤销，请返回看现在的拨付。")
    row.withdrawn_at, row.withdrawn_reason = now, reason
    with because(reason):
        row.save(update_fields=["withdrawn_at", "withdrawn_reason"])
    return row


# ---- aid ----------------------------------------------------------------------------------------


def stamp_of_aid(rows: AidLines) -> str:
    """Another stamp: somebody recorded or changed a line since."""
    return stamp_of_texts({kind: f"{one.children} {one.yuan}" for kind, one in rows.items()})


@transaction.atomic
def record_aid(
    *,
    kindergarten: Kindergarten,
    year: int,
    half: str,
    lines: AidLines,
    note: str,
    seen: str,
    reason: str,
    by: User,
    now: dt.datetime,
) -> int:
    """Aid of a half-year, every kind; correcting a recorded one needs a reason.

    `seen` is the stamp of what was there when the form was opened. Returns how many lines were
    written. Raises FeeRefused for a half-year to come, lines that are missing or cannot be right,
    more children of a kind than the kindergarten had without a `note`, and when somebody wrote
    since.
    """
    post = _post(by, Permission.EDIT_OWN_RECORD, kindergarten)
    if year < FIRST_YEAR or begins(year, half) > timezone.localdate(now):
        raise FeeRefused("这个半年还没开始，或年份不对。请核对年度。")
    if lines.keys() != set(AidCount.Kind.values):
        raise FeeRefused("每一类都要填，没有人的填0。")
    for one in lines.values():
        if problem := aid_problem(one.children, one.yuan):
            raise FeeRefused(problem)
    _lock(kindergarten, by)
    known = selectors.children_of_half(by, kindergarten, year, half)
    if not note and known is not None and too_many_aided(lines.values(), known.children):
        raise FeeRefused(
            f"{known.month:%Y年%-m月}月报在园{known.children}名，资助人数比这多。"
            "请核对；半年里有人离园等情况的，请在说明里写明。",
            "note",
        )
    mine = {"kindergarten": kindergarten, "year": year, "half": half}
    there = {row.kind: row for row in AidCount.objects.visible_to(by).filter(**mine)}
    stands = {kind: Aided(row.children, row.yuan) for kind, row in there.items()}
    if seen != stamp_of_aid(stands):
        raise FeeRefused(CHANGED_SINCE)
    if there and not reason:
        raise FeeRefused("请写明为什么更正，会记入改动记录。", "reason")
    written = 0
    with because(reason or "填报资助人数"):
        for kind, one in lines.items():
            row = there.get(kind) or AidCount(kind=kind, **mine)
            if row.pk and (row.children, row.yuan, row.note) == (one.children, one.yuan, note):
                continue
            row.children, row.yuan, row.note = one.children, one.yuan, note
            row.entered_as, row.entered_at = post, now
            row.save()
            written += 1
    return written


def begins(year: int, half: str) -> dt.date:
    return dt.date(year, 1 if half == AidCount.Half.FIRST else 7, 1)


def _post(by: User, permission: Permission, kindergarten: Kindergarten) -> Membership:
    if by.acting is None or not by.can(permission):
        raise PermissionDenied("您现在的岗位没有这项权限。")
    if not Kindergarten.objects.visible_to(by).filter(pk=kindergarten.pk).exists():
        raise PermissionDenied("这所幼儿园不在您的工作范围内。")
    return by.acting


def _lock(kindergarten: Kindergarten, by: User) -> None:
    rows = Kindergarten.objects.visible_to(by).select_for_update(of=("self",), no_key=True)
    rows.get(pk=kindergarten.pk)
