"""May this be asked, granted or ended? Each says why not and what to do instead."""

from __future__ import annotations

import datetime as dt

from django.core.exceptions import PermissionDenied

from accounts.access.duties import separate
from accounts.access.permissions import Permission
from accounts.access.roles import ADMINISTRATORS, ROLES, RoleCode
from accounts.models import (
    AccessRecord,
    AccountEvent,
    AccountRequest,
    Membership,
    Organisation,
    User,
)

# So long one person does not both give a password to an account and reset its second factor.
APART = dt.timedelta(hours=24)


class AccountRefused(Exception):
    """The state or the rules forbid it. The text says why and what to do, in the user's words."""


def acting_post(by: User, permission: Permission) -> Membership:
    """The post in which a person does this; PermissionDenied without the permission."""
    if by.acting is None or not by.can(permission):
        raise PermissionDenied("您现在的岗位没有这项权限。")
    return by.acting


def roles_one_may_ask_for(by: User, organisation: Organisation) -> list[RoleCode]:
    """What a post may request in an organisation; empty where it may not.

    A kindergarten asks for its own clerk and for the director's successor. A system administrator
    asks for the offices of the own region, and for the director of a kindergarten, whose first
    one nobody in the kindergarten can ask for.
    """
    from accounts.access.places import KINDS_OF_ROLE

    post = acting_post(by, Permission.REQUEST_ACCOUNTS)
    if post.is_of_kindergarten:
        if organisation.pk != post.organisation_id:
            return []
        own = [RoleCode.KINDERGARTEN_CLERK]
        # A deputy runs the errands of an absent director but does not name the successor.
        return own if post.deputises_for_id else [*own, RoleCode.DIRECTOR]
    if not post.organisation.region.contains(organisation.region):
        return []
    if organisation.kind == Organisation.Kind.KINDERGARTEN:
        return [RoleCode.DIRECTOR]
    return [role for role in RoleCode if organisation.kind in KINDS_OF_ROLE[role]]


def check_may_ask(by: User, organisation: Organisation, role: RoleCode) -> None:
    if role not in roles_one_may_ask_for(by, organisation):
        raise AccountRefused(
            f"您现在的岗位不能为{organisation}申请{role.label}。请核对单位和角色，"
            "或请那里的系统管理员申请。"
        )


def check_may_decide(request: AccountRequest, by: User) -> Membership:
    """Raise AccountRefused when the request is decided already, or the same person asked for it."""
    if request.state != AccountRequest.State.WAITING:
        raise AccountRefused(
            f"{request.full_name}的申请现在是“{request.get_state_display()}”，不用再办。请刷新列表。"
        )
    post = by.acting
    if post is None or not separate(request.requested_as.actor, post.actor):
        raise AccountRefused("这份申请是您自己提出的，或是以您的名义代提的，要由另一个人批准。")
    if request.subject_id in post.actor.persons:
        raise AccountRefused("不能批准自己的岗位，要由另一个人批准。")
    return post


def check_holds_nothing_else(
    user: User, role: RoleCode, first: dt.date, last: dt.date | None = None
) -> None:
    """An administrator's account holds no other duty; the database refuses it too."""
    duty = role if role in ADMINISTRATORS else None
    posts = user.memberships.filter(ended_at__isnull=True).exclude(valid_to__lt=first)
    if last is not None:
        posts = posts.exclude(valid_from__gt=last)
    for held in posts.select_related("organisation"):
        other = held.role if held.role in ADMINISTRATORS else None
        if other != duty:
            raise AccountRefused(
                f"{user.full_name}现任{held}，不能同时任{role.label}："
                "系统、安全、审计三个管理员和业务岗位要由不同的人担任。请另选一个人。"
            )


def check_not_oneself(by: User, user: User) -> None:
    persons = by.acting.actor.persons if by.acting else {by.pk}
    if user.pk in persons:
        raise AccountRefused("不能办理自己的账号和岗位，请另一位安全管理员办理。")


def check_did_not_reset_factor(by: User, user: User, now: dt.datetime) -> None:
    """Whoever reset the second factor does not give the password too: both together are a key."""
    reset = AccessRecord.objects.own(by).filter(
        action=AccessRecord.Action.SECOND_FACTOR,
        outcome=AccessRecord.Outcome.DONE,
        object_kind=user._meta.label_lower,
        object_id=str(user.pk),
        at__gt=now - APART,
    )
    if reset.exists():
        raise AccountRefused(
            f"您在24小时内给{user.full_name}重置过第二因素，一次性密码要由另一个人发。"
            "请另一位安全管理员或上级的安全管理员办理。"
        )


def check_gave_no_password(by: User, user: User, now: dt.datetime) -> None:
    """Whoever gave a one-time password, also that of a new account, does not reset the factor."""
    gave = user.account_events.filter(
        action__in=[AccountEvent.Action.ONE_TIME_PASSWORD, AccountEvent.Action.CREATED],
        done_by=by,
        at__gt=now - APART,
    )
    if gave.exists():
        raise AccountRefused(
            f"您在24小时内给{user.full_name}发过一次性密码，第二因素要由另一个人重置。"
            "请另一位安全管理员或上级的安全管理员办理。"
        )


def needs_second_person(role: RoleCode) -> bool:
    """Posts over other people's accounts and data: nobody grants one alone."""
    return role in ADMINISTRATORS or Permission.APPROVE_EXPORTS in ROLES[role].permissions


def check_may_hand_over_alone(post: Membership) -> None:
    role = RoleCode(post.role)
    if needs_second_person(role):
        raise AccountRefused(
            f"{role.label}的岗位不能由一个人办接任。请在这里只办结束任职，"
            "再请系统管理员为接任的人申请增加岗位，由另一个人批准。"
        )
