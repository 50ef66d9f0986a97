"""Recording approved posts and a year's pay, and putting either right with a reason."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.access.permissions import Permission
from accounts.formatting import zhdate
from accounts.history.context import because
from accounts.models import Membership, User
from kindergartens.models import Kindergarten
from kindergartens.policies import NotAllowedNow
from kindergartens.stamps import CHANGED_SINCE, stamp_of_texts
from staffing.establishment.rules import Paid, pay_problem
from staffing.establishment.selectors import is_public
from staffing.models import PayRecord, PostQuota

FIRST_YEAR = 2015
Lines = Mapping[tuple[str, str], Paid]


def _post(by: User, permission: Permission, kindergarten: Kindergarten) -> Membership:
    if by.acting is None or not by.can(permission):
        raise PermissionDenied("您现在的岗位没有这项权限。")
    if not Kindergarten.objects.visible_to(by).filter(pk=kindergarten.pk).exists():
        raise PermissionDenied("这所幼儿园不在您的工作范围内。")
    return by.acting


# ---- approved posts -----------------------------------------------------------------------------


@dataclass(frozen=True)
class QuotaFacts:
    posts: int
    valid_from: dt.date
    document: str
    document_number: str = ""


@transaction.atomic
def set_quota(
    *, kindergarten: Kindergarten, facts: QuotaFacts, by: User, now: dt.datetime
) -> PostQuota:
    """The approved number from a day on; the former one ends there.

    Raises NotAllowedNow for a kindergarten that is not public that day, and where a number that
    begins on that day or later is there already.
    """
    post = _post(by, Permission.MANAGE_REGISTRY, kindergarten)
    begins = facts.valid_from
    if not is_public(kindergarten, begins):
        raise NotAllowedNow(f"{zhdate(begins)}它不是公办园，没有核定编制。")
    standing = PostQuota.objects.visible_to(by).standing().filter(kindergarten=kindergarten)
    for row in standing.select_for_update(of=("self",), no_key=True):
        if row.valid_from >= begins:
            raise NotAllowedNow(
                f"已有从{zhdate(row.valid_from)}起的编制数，新的要从更晚的一天起；登记错的先撤销。"
            )
        if row.valid_to is None or row.valid_to > begins:
            row.valid_to = begins
            with because(f"自{zhdate(begins)}起执行新的编制数"):
                row.save(update_fields=["valid_to"])
    try:
        with transaction.atomic():
            return PostQuota.objects.create(
                kindergarten=kindergarten, entered_as=post, entered_at=now, **vars(facts)
            )
    except IntegrityError:
        raise NotAllowedNow("别人刚刚登记了编制数，请返回看现在的。") from None


@transaction.atomic
def withdraw_quota(*, quota: PostQuota, reason: str, by: User, now: dt.datetime) -> PostQuota:
    """Take back one recorded by mistake: the one before it that ended where it began goes on.

    Raises NotAllowedNow when it is withdrawn already.
    """
    _post(by, Permission.MANAGE_REGISTRY, quota.kindergarten)
    rows = PostQuota.objects.visible_to(by).filter(kindergarten=quota.kindergarten_id)
    every = {row.pk: row for row in rows.select_for_update(of=("self",), no_key=True)}
    row = every[quota.pk]
    if row.withdrawn_at is not None:
        raise NotAllowedNow("这条已经撤销，请返回看现在的编制数。")
    row.withdrawn_at, row.withdrawn_reason = now, reason
    with because(reason):
        row.save(update_fields=["withdrawn_at", "withdrawn_reason"])
        for before in every.values():
            if before.withdrawn_at is None and before.valid_to == row.valid_from:
                before.valid_to = row.valid_to
                before.save(update_fields=["valid_to"])
    return row


# ---- pay ----------------------------------------------------------------------------------------


def stamp_of_year(rows: Lines) -> str:
    """Another stamp: somebody recorded or changed a line since."""
    return stamp_of_texts(
        {f"{kind} {title}": f"{paid.heads} {paid.yuan}" for (kind, title), paid in rows.items()}
    )


@transaction.atomic
def record_pay(
    *,
    kindergarten: Kindergarten,
    year: int,
    lines: Lines,
    seen: str,
    reason: str,
    by: User,
    now: dt.datetime,
) -> int:
    """A year's pay, every title of both kinds; correcting a recorded year needs a reason.

    `seen` is the stamp of what was there when the form was opened. Returns how many lines were
    written. Raises NotAllowedNow for a year that is not over, for lines that are missing or cannot
    be right, without a reason, and when somebody wrote since.
    """
    post = _post(by, Permission.KEEP_STAFF, kindergarten)
    _check_year(year, timezone.localdate(now))
    wanted = {(kind, title) for kind in PayRecord.Kind.values for title in PayRecord.Title.values}
    if lines.keys() != wanted:
        raise NotAllowedNow("每个职称都要填，没有人的填0。")
    for paid in lines.values():
        if problem := pay_problem(paid.heads, paid.yuan):
            raise NotAllowedNow(problem)
    # One person at a time, also where no line is there yet to be locked.
    Kindergarten.objects.visible_to(by).select_for_update(of=("self",), no_key=True).get(
        pk=kindergarten.pk
    )
    rows = PayRecord.objects.visible_to(by).filter(kindergarten=kindergarten, year=year)
    there = {(row.kind, row.title): row for row in rows}
    if seen != stamp_of_year({key: Paid(row.heads, row.yuan) for key, row in there.items()}):
        raise NotAllowedNow(CHANGED_SINCE)
    if there and not reason:
        raise NotAllowedNow("请写明为什么更正，会记入改动记录。")
    written = 0
    with because(reason or "登记年工资"):
        for (kind, title), paid in lines.items():
            row = there.get((kind, title)) or PayRecord(
                kindergarten=kindergarten, year=year, kind=kind, title=title
            )
            if row.pk and (row.heads, row.yuan) == (paid.heads, paid.yuan):
                continue
            row.heads, row.yuan = paid.heads, paid.yuan
            row.entered_as, row.entered_at = post, now
            row.save()
            written += 1
    return written


def _check_year(year: int, today: dt.date) -> None:
    if not FIRST_YEAR <= year < today.year:
        raise NotAllowedNow(f"只能登记{FIRST_YEAR}年以来已经结束的年度。")
