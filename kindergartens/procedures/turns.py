"""Whose turn an open procedure is: who does the next step, until when, and why not the reader."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from accounts.access.permissions import Permission
from accounts.access.roles import RoleCode
from accounts.formatting import zhdate
from accounts.models import Membership, User
from kindergartens.models import Procedure
from kindergartens.procedures.kinds import Kind
from kindergartens.procedures.policies import ASKERS, Choices, is_other_person, office_of

OF_THE_OFFICE = "whether the bureau of a procedure in hand has anybody for its next step"
WORDS = {RoleCode.BUREAU_OFFICER: "经办人", RoleCode.BUREAU_LEADER: "领导"}


@dataclass(frozen=True)
class Turn:
    """`next` says who acts and until when. `why_not` says why it is not the reader, empty where
    it is. `nobody` says what to do where the bureau has no one who may; empty where it has.
    """

    next: str
    why_not: str = ""
    nobody: str = ""


def turn_of(
    procedure: Procedure, kind: Kind, may: Choices, by: User, *, today: dt.date
) -> Turn | None:
    """The next step of a procedure for a reader; None once it has ended."""
    if not procedure.is_open:
        return None
    until = f"，{zhdate(procedure.due_on)}前办" if procedure.due_on else ""
    if procedure.state == Procedure.State.RETURNED:
        who = procedure.asked_as.organisation.name
        why_not = "" if may.complete else f"要补正的内容见办理经过，由{who}补交，不是您的岗位办。"
        return Turn(f"下一步由{who}补正再报。", why_not)
    roles = roles_of_next(procedure, kind)
    act = "核对" if procedure.state == Procedure.State.ASKED else "决定"
    another = "另一位" if procedure.state == Procedure.State.CHECKED and len(roles) > 1 else ""
    office = office_of(procedure)
    said = f"下一步由{office}{another}{WORDS[roles[0]]}{act}{until}。"
    why_not = "" if may.check or may.decide else _why_not(procedure, roles, act, by)
    nobody = ""
    if why_not and not _has_anybody(procedure, roles, today):
        nobody = _nobody(procedure, roles, act)
    return Turn(said, why_not, nobody)


def roles_of_next(procedure: Procedure, kind: Kind) -> tuple[RoleCode, ...]:
    """Who may check or decide (accounts.access.roles), the usual one first."""
    if procedure.state == Procedure.State.ASKED:
        return (RoleCode.BUREAU_OFFICER,)
    if kind.decides == "leader":
        return (RoleCode.BUREAU_LEADER,)
    return (RoleCode.BUREAU_OFFICER, RoleCode.BUREAU_LEADER)


def _why_not(procedure: Procedure, roles: tuple[RoleCode, ...], act: str, by: User) -> str:
    post = by.acting
    office = office_of(procedure)
    if post is None:
        return ""
    if post.is_of_kindergarten:
        return f"{act}归教育局，园里现在不用办。"
    if not any(by.can(one) for one in (*ASKERS, Permission.DECIDE_PROCEDURES)):
        return "您的岗位只查看，不办理。"
    if post.role in roles:
        if not is_other_person(procedure, post, also_checked=False):
            return f"这件事是您提出的，要由{office}的另一位{WORDS[RoleCode(post.role)]}{act}。"
        return f"这件事是您核对的，要由{office}的另一位{WORDS[RoleCode(post.role)]}{act}。"
    if roles == (RoleCode.BUREAU_LEADER,):
        return f"这类事项由{office}领导决定，请报领导。"
    return "核对归经办人，领导不核对。"


def _has_anybody(procedure: Procedure, roles: tuple[RoleCode, ...], today: dt.date) -> bool:
    """Whether a person in force holds such a post in the county and did not ask or check."""
    posts = (
        Membership.objects.unscoped(OF_THE_OFFICE)
        .in_force(today)
        .filter(
            organisation__region=procedure.county_id,
            role__in=roles,
            user__is_active=True,
        )
        .select_related("deputises_for")
    )
    also_checked = procedure.state == Procedure.State.CHECKED
    return any(is_other_person(procedure, post, also_checked=also_checked) for post in posts)


def _nobody(procedure: Procedure, roles: tuple[RoleCode, ...], act: str) -> str:
    """A deputy in the name of who asked or checked is the same person in the law of duties."""
    office = office_of(procedure)
    if roles == (RoleCode.BUREAU_LEADER,):
        return (
            f"{office}现在没有能决定这件事的领导。请系统管理员为领导申请账号；"
            "领导不在岗的，由领导在“委托代办”里请没有提出、没有核对这件事的同事代办。"
        )
    return (
        f"{office}现在没有能{act}这件事的另一位经办人。请系统管理员为一位同事申请经办人账号；"
        "请人代办您的岗位不算另一个人。"
    )
