"""Asking for an account or a post, and what another person decides."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db import IntegrityError, transaction

from accounts.access.permissions import Permission
from accounts.access.roles import RoleCode
from accounts.history.context import because, giving_reason
from accounts.models import AccountBatch, AccountRequest, Membership, Organisation, User
from accounts.people.policies import (
    AccountRefused,
    acting_post,
    check_holds_nothing_else,
    check_may_ask,
    check_may_decide,
)
from accounts.people.rules import person_name_problem, refusal_reason_problem, username_problem
from accounts.people.services.posts import ONE_DAY, finish
from accounts.people.services.records import Action, note
from accounts.services import PostRefused, appoint, check_post
from accounts.sign_in.initial import issue_one_time_password

State = AccountRequest.State


@dataclass(frozen=True)
class Wish:
    """What is asked: a post, for a new account or (`adds_post`) for one that exists."""

    full_name: str
    username: str
    organisation: Organisation
    role: RoleCode
    valid_from: dt.date
    reason: str
    adds_post: bool = False


@dataclass(frozen=True)
class Granted:
    """An approved request; the password is None for a further post, and never seen again."""

    request: AccountRequest
    password: str | None


@transaction.atomic
def ask_for_account(
    *,
    wish: Wish,
    by: User,
    now: dt.datetime,
    today: dt.date,
    batch: AccountBatch | None = None,
) -> AccountRequest:
    """Ask for an account in one's own place. Raises AccountRefused with what to mend."""
    post = acting_post(by, Permission.REQUEST_ACCOUNTS)
    check_may_ask(by, wish.organisation, wish.role)
    try:
        check_post(role=wish.role, organisation=wish.organisation)
    except PostRefused as refusal:
        raise AccountRefused(str(refusal)) from None
    if wish.valid_from < today:
        raise AccountRefused("任职起始日期已过，请填今天或以后的日期。")
    username = User.normalise_username(wish.username)
    subject = _subject(wish, username, by)
    problem = None if wish.adds_post else person_name_problem(wish.full_name)
    if problem:
        raise AccountRefused(problem)
    try:
        with transaction.atomic(), because(wish.reason):
            return AccountRequest.objects.create(
                full_name=wish.full_name,
                username=username,
                organisation=wish.organisation,
                role=wish.role,
                valid_from=wish.valid_from,
                reason=wish.reason,
                adds_post=wish.adds_post,
                subject=subject,
                replaces=_replaced(wish, post, today),
                batch=batch,
                requested_by=by,
                requested_as=post,
                requested_at=now,
            )
    except IntegrityError:
        raise AccountRefused(
            f"用户名{username}已经有一份待批准的申请。请等批准，或换一个用户名。"
        ) from None


def _subject(wish: Wish, username: str, by: User) -> User | None:
    """The account that gets a further post; None for a new account."""
    problem = username_problem(username)
    if problem:
        raise AccountRefused(problem)
    rows = User.objects.unscoped("a name is taken, whoever has it")
    existing = rows.filter(username=username).first()
    if not wish.adds_post:
        if existing is not None:
            raise AccountRefused(f"用户名{username}已经有人用了，请换一个。")
        return None
    # One answer for a name that does not exist and for another person's: names are not probed.
    if existing is None or existing.full_name != wish.full_name or not existing.is_active:
        raise AccountRefused(
            f"没有用户名{username}、姓名{wish.full_name}的在用账号。请核对后再试。"
        )
    if existing.pk == by.pk:
        raise AccountRefused("不能为自己申请岗位，请另一个人申请。")
    check_holds_nothing_else(existing, wish.role, wish.valid_from)
    return existing


def _replaced(wish: Wish, post: Membership, today: dt.date) -> Membership | None:
    """Whose post a new director takes over; only one director runs a kindergarten at a time."""
    if wish.role != RoleCode.DIRECTOR:
        return None
    if post.is_of_kindergarten:
        return post
    held = (
        Membership.objects.unscoped("of the place that may be asked for")
        .own()
        .not_over(today)
        .filter(organisation=wish.organisation, role=RoleCode.DIRECTOR)
    )
    if held.exists():
        raise AccountRefused(
            f"{wish.organisation}已有园长。换园长由现任园长申请接任的账号，或请安全管理员办理交接。"
        )
    return None


@transaction.atomic
def approve(*, request_id: int, by: User, now: dt.datetime, today: dt.date) -> Granted:
    """Make the account (with a one-time password) and the post. Raises AccountRefused."""
    # The post before the request, as whoever ends a post takes them: else each waits for the other.
    _lock_replaced(request_id, by)
    request = _locked(request_id, by)
    post = check_may_decide(request, by)
    with because(request.reason):
        return _grant(request, post, by, now, today)


def _grant(
    request: AccountRequest, post: Membership, by: User, now: dt.datetime, today: dt.date
) -> Granted:
    role = RoleCode(request.role)
    begins = max(request.valid_from, today)
    password = None
    user = request.subject
    if user is None:
        problem = person_name_problem(request.full_name)
        if problem:
            raise AccountRefused(f"{problem}请拒绝这份申请，写明要改姓名。")
        user = User(username=request.username, full_name=request.full_name)
        user.set_unusable_password()
        try:
            with transaction.atomic():
                user.save()
        except IntegrityError:
            raise AccountRefused(
                f"用户名{request.username}已经有人用了。请拒绝这份申请，写明要换用户名。"
            ) from None
        password = issue_one_time_password(user, now)
        note(user, Action.CREATED, by=by, now=now, reason=request.reason)
    else:
        if not user.is_active:
            raise AccountRefused(f"{user.full_name}的账号已停用。请先恢复启用，或拒绝这份申请。")
        check_holds_nothing_else(user, role, begins)
    _decide(request, State.APPROVED, by, post, now)
    request.subject = user
    request.save(update_fields=[*DECIDED_FIELDS, "subject"])
    # After the decision: what else the leaving person asked for is withdrawn with the post.
    if request.replaces is not None:
        _end_replaced(request.replaces, begins, by, now, today)
    new = appoint(user=user, organisation=request.organisation, role=role, valid_from=begins)
    note(user, Action.POST_BEGUN, by=by, now=now, post=new, reason=request.reason)
    return Granted(request, password)


REPLACED = "the post that a request one decides on replaces"


def _lock_replaced(request_id: int, by: User) -> None:
    asked = AccountRequest.objects.visible_to(by).filter(pk=request_id)
    rows = Membership.objects.unscoped(REPLACED).filter(pk__in=asked.values("replaces"))
    rows.select_for_update().first()


def _end_replaced(
    replaced: Membership, begins: dt.date, by: User, now: dt.datetime, today: dt.date
) -> None:
    held = (
        Membership.objects.unscoped(REPLACED)
        .select_for_update(of=("self",))
        .select_related("user")
        .not_over(today)
        .filter(pk=replaced.pk)
        .first()
    )
    if held is not None:
        finish(
            held, last_day=begins - ONE_DAY, reason="由接任园长接替", by=by, now=now, today=today
        )


@giving_reason
@transaction.atomic
def refuse(*, request_id: int, reason: str, by: User, now: dt.datetime) -> AccountRequest:
    """Say no, with the reason the requester reads. Raises AccountRefused."""
    request = _locked(request_id, by)
    post = check_may_decide(request, by)
    problem = refusal_reason_problem(reason)
    if problem:
        raise AccountRefused(problem)
    request.decision_reason = reason.strip()[:300]
    _decide(request, State.REFUSED, by, post, now)
    request.save(update_fields=[*DECIDED_FIELDS, "decision_reason"])
    return request


@transaction.atomic
def withdraw(*, request_id: int, by: User, now: dt.datetime) -> AccountRequest:
    """Take one's own request back while nobody has decided. Raises AccountRefused."""
    acting_post(by, Permission.REQUEST_ACCOUNTS)
    request = (
        AccountRequest.objects.visible_to(by)
        .select_for_update(of=("self",))
        .waiting()
        .filter(pk=request_id, requested_by=by)
        .first()
    )
    if request is None:
        raise AccountRefused("这份申请已经办过，不能撤回。请刷新列表看结果。")
    request.state, request.decided_at = State.WITHDRAWN, now
    with because("申请人撤回"):
        request.save(update_fields=["state", "decided_at"])
    return request


DECIDED_FIELDS = ("state", "decided_by", "decided_as", "decided_at")


def _decide(
    request: AccountRequest,
    state: AccountRequest.State,
    by: User,
    post: Membership,
    now: dt.datetime,
) -> None:
    request.state = state
    request.decided_by, request.decided_as, request.decided_at = by, post, now


def _locked(request_id: int, by: User) -> AccountRequest:
    request = (
        AccountRequest.objects.visible_to(by)
        .decidable_by(by)
        .select_for_update(of=("self",))
        .select_related(
            "organisation__region", "requested_as__deputises_for", "subject", "replaces__user"
        )
        .filter(pk=request_id)
        .first()
    )
    if request is None:
        raise AccountRefused("没有这份等您办理的申请。请刷新列表。")
    return request
