"""What the county does with a kindergarten's fee schedule: record a line, end, correct, withdraw it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import fields
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.db.models import Q

from accounts.access.permissions import Permission
from accounts.formatting import zhdate, zhmonth
from accounts.history.context import because
from accounts.models import Membership, User
from fees.free_year.before_waiver import recording_problem
from fees.local_list.rules import listing_problem, over_list_problem
from fees.local_list.selectors import listed_on
from fees.models import Charge, Entrants, LocalFeeItem, ScheduledFee
from fees.models.schedule import ScheduledFeeQuerySet
from fees.rules import (
    MOST_IN_FORCE,
    SAME_CHARGE,
    FeeFacts,
    fee_problems,
    most_beside,
)
from fees.selectors import states_of
from kindergartens.dated.rules import ending_problem
from kindergartens.models import Kindergarten
from kindergartens.policies import NotAllowedNow
from kindergartens.stamps import CHANGED_SINCE, stamp_of

FEE_FACTS = tuple(field.name for field in fields(FeeFacts))
# What decides whether a line is on the county's list, and what of that list holds for its amount.
LISTED_BY = ("item", "name", "valid_from")
HELD_BY = (*LISTED_BY, "unit")


class FeeRefused(NotAllowedNow):
    """It cannot be done; `field` is where, the text says why and what to do."""


def _keeper(by: User) -> Membership:
    """The post of who keeps schedules: the county they are filed with (学前教育法 Art 68-69)."""
    if by.acting is None or not by.can(Permission.MANAGE_REGISTRY):
        raise PermissionDenied("收费标准由区县教育局登记，您现在的岗位没有这项权限。")
    return by.acting


@transaction.atomic
def record_fee(
    *,
    kindergarten: Kindergarten,
    facts: FeeFacts,
    by: User,
    now: dt.datetime,
    replaces: bool = False,
    reason: str = "",
) -> ScheduledFee:
    """A new line. With `replaces`, the same charge that is in force ends on the day it begins.

    Raises FeeRefused for a line that breaks the rules or overlaps one that stands.
    """
    post = _keeper(by)
    hold_schedule(kindergarten, by)
    return write_fee(
        kindergarten=kindergarten, facts=facts, post=post, now=now, replaces=replaces,
        reason=reason or "登记收费标准",
    )  # fmt: skip


def hold_schedule(kindergarten: Kindergarten, by: User) -> None:
    """Until the end of the transaction nobody else changes its lines. PermissionDenied: not theirs."""
    if not _hold_schedule(by, pk=kindergarten.pk):
        raise PermissionDenied("这所幼儿园不在您的工作范围内。")


def write_fee(
    *,
    kindergarten: Kindergarten,
    facts: FeeFacts,
    post: Membership,
    now: dt.datetime,
    replaces: bool,
    reason: str,
) -> ScheduledFee:
    """A new line, for whoever holds the schedule and was found to have the right.

    A line of everybody ends those of new entrants, too; one of new entrants ends none.
    """
    _check(facts)
    _check_listed(kindergarten, facts)
    _check_before_waiver(kindergarten, facts)
    same = _same_charge(kindergarten, facts)
    replaced, replaced_until = None, None
    if replaces and facts.entrants == Entrants.ALL:
        before = same.filter(valid_from__lt=facts.valid_from).filter(
            Q(valid_to__isnull=True) | Q(valid_to__gt=facts.valid_from)
        )
        for fee in before:
            if fee.entrants == Entrants.ALL:
                replaced, replaced_until = fee, fee.valid_to
            fee.valid_to = facts.valid_from
            with because(f"自{zhdate(facts.valid_from)}起执行新标准"):
                fee.save(update_fields=["valid_to"])
    _check_free(same, facts)
    _check_room(kindergarten, facts)
    fee = ScheduledFee(
        kindergarten=kindergarten,
        entered_as=post,
        entered_at=now,
        replaced=replaced,
        replaced_until=replaced_until,
        **vars(facts),
    )
    return _saved(fee, reason)


@transaction.atomic
def correct_fee(
    *, fee_id: int, facts: FeeFacts, reason: str, seen: str | None, by: User
) -> ScheduledFee:
    """Put a line right; what stood there stays in history with the reason.

    Returns handed in keep the standard they were filed with. `seen` is the stamp of FEE_FACTS the
    person started from, None where the new facts were made from the row itself just now. Raises
    FeeRefused as record_fee does, and for a stale stamp.
    """
    _keeper(by)
    fee = _locked(fee_id, by)
    if seen is not None and seen != stamp_of(fee, FEE_FACTS):
        raise FeeRefused(CHANGED_SINCE)
    _check(facts)
    _check_listed(fee.kindergarten, facts, before=fee)
    _check_before_waiver(fee.kindergarten, facts, apart_from=fee.pk)
    _check_free(_same_charge(fee.kindergarten, facts).exclude(pk=fee.pk), facts)
    _check_room(fee.kindergarten, facts, leaving_out=fee.pk)
    for name, value in vars(facts).items():
        setattr(fee, name, value)
    return _saved(fee, reason)


@transaction.atomic
def end_fee(*, fee_id: int, on: dt.date, reason: str, by: User) -> ScheduledFee:
    """From `on` the line is charged no more. Raises FeeRefused."""
    _keeper(by)
    fee = _locked(fee_id, by)
    problem = ending_problem(on=on, valid_from=fee.valid_from, valid_to=fee.valid_to)
    if problem:
        raise FeeRefused(problem, "on")
    fee.valid_to = on
    with because(reason):
        fee.save(update_fields=["valid_to"])
    return fee


@transaction.atomic
def withdraw_fee(
    *, fee_id: int, reason: str, by: User, now: dt.datetime
) -> tuple[ScheduledFee, ScheduledFee | None]:
    """Take back a line that was recorded by mistake; the one it had ended goes on as before.

    Returns both; the second is None where none had ended, or it was put right otherwise since.
    Raises FeeRefused for a line that a submitted return was held to: what was said then stays true;
    and where the line that would go on overlaps one that was changed at the same moment.
    """
    _keeper(by)
    fee = _locked(fee_id, by)
    used = (
        Charge.objects.unscoped("of a kindergarten that was found to be theirs")
        .held_to(states_of(fee))
        .order_by("filing_version__filing__month")
        .values_list("filing_version__filing__month", flat=True)
        .first()
    )
    if used is not None:
        raise FeeRefused(
            f"{zhmonth(used)}月报已按这一条提交，不能撤销。写错了的请用“更正”，不再收的请用“截止”。"
        )
    fee.withdrawn_at = now
    with because(reason):
        fee.save(update_fields=["withdrawn_at"])
    return fee, _restored(fee)


def _restored(fee: ScheduledFee) -> ScheduledFee | None:
    """The line that ended for a withdrawn one goes on until its end of before, or the next line."""
    before = fee.replaced
    if before is None or before.withdrawn_at is not None or before.valid_to != fee.valid_from:
        return None
    facts = FeeFacts(**{name: getattr(before, name) for name in FEE_FACTS})
    later = (
        _same_charge(fee.kindergarten, facts)
        .filter(valid_from__gte=fee.valid_from, entrants=Entrants.ALL)
        .order_by("valid_from")
        .values_list("valid_from", flat=True)
        .first()
    )
    ends = [day for day in (fee.replaced_until, later) if day is not None]
    before.valid_to = min(ends, default=None)
    if before.valid_to == fee.valid_from:
        return None  # another line has begun on that day
    return _saved(
        before,
        f"撤销了{zhdate(fee.valid_from)}起的标准，这一条接着执行",
        update_fields=["valid_to"],
    )


def _hold_schedule(by: User, **which: Any) -> bool:
    """Keep the schedule of a kindergarten to oneself until the end; False: it is not theirs.

    Lines hang together (the one that another ended, how many there are), so one person at a time
    changes them, and always the kindergarten is locked before a line.
    """
    visible = Kindergarten.objects.visible_to(by).select_for_update(of=("self",), no_key=True)
    # Fetched, not asked whether it exists: that would drop OF and lock what is joined, too.
    return visible.filter(**which).first() is not None


def _locked(fee_id: int, by: User) -> ScheduledFee:
    _hold_schedule(by, scheduled_fees=fee_id)
    return (
        ScheduledFee.objects.visible_to(by)
        .standing()
        .select_for_update(of=("self",), no_key=True)
        .select_related("kindergarten", "replaced")
        .get(pk=fee_id)
    )


def _check(facts: FeeFacts) -> None:
    for place, text in fee_problems(facts):
        raise FeeRefused(text, place)


def _check_listed(
    kindergarten: Kindergarten, facts: FeeFacts, *, before: ScheduledFee | None = None
) -> None:
    """Held to the county's list of the first day; where there is none that day, to nothing.

    A line that stands (`before`) may be put right whatever the list says now, but made no other
    line and no dearer against it.
    """
    is_new = before is None or _differs(before, facts, LISTED_BY)
    dearer = before is None or _differs(before, facts, HELD_BY) or facts.amount > before.amount
    if not is_new and not dearer:
        return
    rows = LocalFeeItem.objects.of_county(kindergarten.organisation.region)
    listed = listed_on(facts.item, facts.valid_from, rows=rows)
    off_list = listing_problem(item=facts.item, name=facts.name, listed=listed)
    if is_new and off_list:
        raise FeeRefused(off_list, "name")
    highest = listed.get(facts.name)
    over = over_list_problem(amount=facts.amount, unit=facts.unit, highest=highest)
    if over:
        raise FeeRefused(over, "amount")


def _differs(fee: ScheduledFee, facts: FeeFacts, names: Collection[str]) -> bool:
    return any(getattr(fee, name) != getattr(facts, name) for name in names)


def _check_before_waiver(
    kindergarten: Kindergarten, facts: FeeFacts, *, apart_from: int = 0
) -> None:
    problem = recording_problem(kindergarten, facts, apart_from=apart_from)
    if problem:
        raise FeeRefused(problem, "before_waiver")


def _same_charge(kindergarten: Kindergarten, facts: FeeFacts) -> ScheduledFeeQuerySet:
    fees = ScheduledFee.objects.unscoped("the kindergarten was found to be theirs").standing()
    return fees.filter(
        kindergarten=kindergarten, **{name: getattr(facts, name) for name in SAME_CHARGE}
    )


def _check_free(same: ScheduledFeeQuerySet, facts: FeeFacts) -> None:
    """Of everybody one a day; a line of new entrants stands beside others that began before."""
    begins = Q(valid_from=facts.valid_from)
    if facts.entrants == Entrants.ALL:
        there = Q(valid_to__isnull=True) | Q(valid_to__gt=facts.valid_from)
        if facts.valid_to is not None:
            there &= Q(valid_from__lt=facts.valid_to)
        begins |= there & Q(entrants=Entrants.ALL)
    others = same.filter(begins)
    other = others.order_by("valid_from").first()
    if other is None:
        return
    until = f"到{zhdate(other.valid_to)}前" if other.valid_to else "，还没有截止"
    raise FeeRefused(
        f"{other.label}（{other.get_scope_display()}）{zhdate(other.valid_from)}起已有"
        f"{other.price}{until}，同一天只能有一个标准。请改日期，或先截止那一条。",
        "valid_from",
    )


def _check_room(kindergarten: Kindergarten, facts: FeeFacts, leaving_out: int = 0) -> None:
    """A return has a row for each line in force, and no more rows than MOST_ROWS."""
    lines = (
        ScheduledFee.objects.unscoped("the kindergarten was found to be theirs")
        .standing()
        .filter(kindergarten=kindergarten)
        .exclude(pk=leaving_out)
        .values_list("valid_from", "valid_to")
    )
    if most_beside(facts, lines) >= MOST_IN_FORCE:
        raise FeeRefused(f"已有{MOST_IN_FORCE}项，请先截止不再收的。", "valid_from")


def _saved(
    fee: ScheduledFee, reason: str, update_fields: Collection[str] | None = None
) -> ScheduledFee:
    try:
        with transaction.atomic(), because(reason):
            fee.save(update_fields=update_fields)
    except IntegrityError:
        raise FeeRefused("别人刚刚登记了同一项收费。请返回看过现在的标准再办。") from None
    return fee
