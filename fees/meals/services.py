"""Keeping a meal account: opening it, its months, handing it in, and what the county answers."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from accounts.access.duties import separate
from accounts.access.permissions import Permission
from accounts.history.context import because
from accounts.models import Membership, User
from fees.meals import rules
from fees.meals.rules import MEALS, EntryFacts
from fees.meals.selectors import closing_of, flow_of
from fees.meals.stamps import ENTRY_FIELDS, stamp_of_account, stamp_of_entry
from fees.models import MealAccount, MealEntry
from fees.services import FeeRefused
from fees.terms import Term
from kindergartens.models import Kindergarten
from kindergartens.stamps import CHANGED_SINCE

WHY = "已经提交过，请写明为什么更正，会记入改动记录。"


def _post(by: User, permission: Permission) -> Membership:
    if by.acting is None or not by.can(permission):
        raise PermissionDenied("您现在的岗位没有这项权限。")
    return by.acting


@transaction.atomic
def open_account(
    *,
    kindergarten: Kindergarten,
    term: Term,
    opening: Decimal,
    opening_reason: str,
    by: User,
    now: dt.datetime,
    today: dt.date,
    reason: str = "",
) -> MealAccount:
    """Begin a term's account with what was there, or put that amount right (with a reason once it
    had been handed in).

    Raises FeeRefused before the term begins, where the opening is unlike the last closing without
    a reason, and while the account is with the county.
    """
    post = _post(by, Permission.FILE_RETURN)
    _hold(kindergarten.pk, by)
    if problem := rules.not_begun_problem(term, today):
        raise FeeRefused(problem)
    before = closing_of(by, kindergarten.pk, term.former)
    if problem := rules.opening_problem(opening, before, opening_reason):
        raise FeeRefused(problem, "opening")
    account = _account(kindergarten.pk, term, by)
    if account is None:
        account = MealAccount(kindergarten=kindergarten, year=term.year, season=term.season)
    else:
        _check_open(account, reason)
    account.opening = opening
    account.opening_reason = opening_reason if before not in (None, opening) else ""
    account.entered_as, account.entered_at = post, now
    with because(reason or "登记期初结余"):
        account.save()
    return account


@transaction.atomic
def record_entry(
    *,
    account: MealAccount,
    month: dt.date | None,
    facts: EntryFacts,
    seen: str,
    by: User,
    now: dt.datetime,
    today: dt.date,
    reason: str = "",
) -> MealEntry:
    """A month of the account, or its whole term where `month` is None; written again: corrected.

    `seen` is the stamp of what stood there. Raises FeeRefused for a month that has not begun, for
    what cannot be right, and where months stand beside the whole term.
    """
    post = _post(by, Permission.FILE_RETURN)
    _hold(account.kindergarten_id, by)
    account = MealAccount.objects.visible_to(by).select_for_update(of=("self",)).get(pk=account.pk)
    _check_open(account, reason)
    begins = month or account.term.first_day
    if month is not None and month not in account.term.months:
        raise FeeRefused(f"{month.year}年{month.month}月不在{account.term}里，请核对。")
    if begins > today:
        raise FeeRefused(f"{begins.year}年{begins.month}月还没有开始，到时再登记。")
    entries = list(MealEntry.objects.visible_to(by).filter(account=account))
    entry = next((one for one in entries if one.month == month), None)
    if seen != stamp_of_entry(entry):
        raise FeeRefused(CHANGED_SINCE)
    if any((one.month is None) != (month is None) for one in entries):
        raise FeeRefused("这学期已按另一种方式登记：按月的和全学期的只能选一种，请改已经登记的。")
    for place, text in rules.entry_problems(facts, begins=begins, today=today):
        raise FeeRefused(text, place)
    if entry is None:
        entry = MealEntry(account=account, month=month)
    for name in ENTRY_FIELDS:
        setattr(entry, name, facts.meals[name] if name in MEALS else getattr(facts, name))
    entry.entered_as, entry.entered_at = post, now
    with because(reason or f"登记{entry}收支"):
        entry.save()
    return entry


@transaction.atomic
def submit_account(
    *,
    account: MealAccount,
    counted_cash: Decimal,
    explanation: str,
    seen: str,
    by: User,
    now: dt.datetime,
) -> MealAccount:
    """Hand the term in with what was counted.

    `seen` is the stamp of the account (stamp_of_account). Raises FeeRefused where it is stale,
    while the term lasts or months are missing, and where something is owed an answer.
    """
    post = _post(by, Permission.FILE_RETURN)
    account = MealAccount.objects.visible_to(by).select_for_update(of=("self",)).get(pk=account.pk)
    if not account.is_open:
        raise FeeRefused(f"这学期的收支{account.get_state_display()}，不用再提交。请返回看现在的。")
    entries = _entries_seen(account, seen, by)
    place, text = rules.submit_problem(
        final=rules.closing(account.opening, flow_of(entries)),
        counted=counted_cash,
        lacks=_lacks(account, entries, now),
        explanation=explanation,
    )
    if text:
        raise FeeRefused(text, place)
    account.counted_cash, account.explanation = counted_cash, explanation
    account.state = MealAccount.State.SUBMITTED
    account.submitted_as, account.submitted_at = post, now
    with because("提交伙食费收支"):
        account.save()
    return account


@transaction.atomic
def accept_account(*, account: MealAccount, seen: str, by: User, now: dt.datetime) -> MealAccount:
    """The county takes what it has `seen` (stamp_of_account).

    FeeRefused for whoever handed it in, for a stale stamp, and where months are missing.
    """
    account, post = _to_decide(account, by, MealAccount.State.SUBMITTED)
    if lacks := _lacks(account, _entries_seen(account, seen, by), now):
        raise FeeRefused(f"{lacks}，不能接收。请退回，由幼儿园补齐。")
    account.state, account.return_reason = MealAccount.State.ACCEPTED, ""
    account.decided_as, account.decided_at = post, now
    with because("核对后接收"):
        account.save()
    return account


@transaction.atomic
def return_account(
    *, account: MealAccount, reason: str, seen: str, by: User, now: dt.datetime
) -> MealAccount:
    """Back to the kindergarten with a reason; an accepted one is sent back to be corrected.

    `seen`: stamp_of_account. FeeRefused for whoever handed it in, and for a stale stamp.
    """
    account, post = _to_decide(account, by, MealAccount.State.SUBMITTED, MealAccount.State.ACCEPTED)
    _entries_seen(account, seen, by)
    account.state, account.return_reason = MealAccount.State.RETURNED, reason
    account.decided_as, account.decided_at = post, now
    with because(reason):
        account.save()
    return account


def _to_decide(
    account: MealAccount, by: User, *states: MealAccount.State
) -> tuple[MealAccount, Membership]:
    post = _post(by, Permission.REVIEW_RETURNS)
    account = MealAccount.objects.visible_to(by).select_for_update(of=("self",)).get(pk=account.pk)
    if account.state not in states:
        raise FeeRefused(
            f"这份收支现在是“{account.get_state_display()}”，不能这样办。请刷新看最新的。"
        )
    submitter = account.submitter
    if submitter is not None and not separate(submitter, post.actor):
        raise FeeRefused("这份收支是您自己提交的，要由教育局另一位经办人核对。")
    return account, post


def _entries_seen(account: MealAccount, seen: str, by: User) -> list[MealEntry]:
    entries = list(MealEntry.objects.visible_to(by).filter(account=account))
    if seen != stamp_of_account(account, entries):
        raise FeeRefused(CHANGED_SINCE)
    return entries


def _lacks(account: MealAccount, entries: list[MealEntry], now: dt.datetime) -> str:
    return rules.lacking(account.term, [one.month for one in entries], timezone.localdate(now))


def _hold(kindergarten_id: int, by: User) -> None:
    """One person at a time, also where no account is there yet to be locked."""
    found = Kindergarten.objects.visible_to(by).select_for_update(of=("self",), no_key=True)
    if not found.filter(pk=kindergarten_id).exists():
        raise PermissionDenied("这所幼儿园不在您的工作范围内。")


def _account(kindergarten_id: int, term: Term, by: User) -> MealAccount | None:
    rows = MealAccount.objects.visible_to(by).of(term).filter(kindergarten=kindergarten_id)
    return rows.select_for_update(of=("self",)).first()


def _check_open(account: MealAccount, reason: str) -> None:
    if not account.is_open:
        raise FeeRefused(
            f"这学期的收支{account.get_state_display()}，不能再改。要更正的，请教育局退回。"
        )
    if account.submitted_at is not None and not reason:
        raise FeeRefused(WHY, "reason")
