"""Who may change what of a record. Each says why not and what to do instead."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied

from accounts.access.permissions import Permission
from accounts.models import Membership, User
from kindergartens.models import Kindergarten, RecordProposal
from kindergartens.record import books
from kindergartens.record.catalogue import Editing, Section
from kindergartens.record.rules import Finding


class Refused(Exception):
    """The state or the rules forbid it. The text says why and what to do, in the user's words.

    `number` tells, from 0, which of several it is about.
    """

    number: int = 0


class NeedsMending(Refused):
    """What was typed cannot be kept so; `findings` say where and why."""

    def __init__(self, findings: list[Finding]) -> None:
        self.findings = findings
        super().__init__("；".join(finding.text for finding in findings))


class ChangedMeanwhile(Refused):
    """Somebody changed the section after the form was opened. Nothing was written."""

    def __init__(self) -> None:
        super().__init__("您打开页面以后，别人改过这一部分，您填的还没有保存。请核对后再保存。")


def manages(user: User, kindergarten: Kindergarten) -> bool:
    """Whether the person keeps the registry where this kindergarten lies."""
    acting = user.acting
    return (
        acting is not None
        and user.can(Permission.MANAGE_REGISTRY)
        and acting.organisation.region.contains(kindergarten.organisation.region)
    )


def is_own(user: User, kindergarten: Kindergarten) -> bool:
    """Whether the person answers for this very kindergarten's record."""
    acting = user.acting
    return (
        acting is not None
        and user.can(Permission.EDIT_OWN_RECORD)
        and acting.organisation_id == kindergarten.organisation_id
    )


def can_edit(user: User, kindergarten: Kindergarten, section: Section) -> bool:
    """Whether what the person saves holds at once."""
    return manages(user, kindergarten) or (
        section.editing == Editing.DIRECT and is_own(user, kindergarten)
    )


def can_propose(user: User, kindergarten: Kindergarten, section: Section) -> bool:
    return (
        section.editing == Editing.PROPOSES
        and is_own(user, kindergarten)
        and not manages(user, kindergarten)
    )


def check_may_edit(user: User, kindergarten: Kindergarten, section: Section) -> Membership:
    """The post the person edits in. Raises PermissionDenied."""
    if user.acting is None or not can_edit(user, kindergarten, section):
        raise PermissionDenied("您现在的岗位不能改这部分资料。")
    return user.acting


def check_manages(user: User, kindergarten: Kindergarten) -> Membership:
    if user.acting is None or not manages(user, kindergarten):
        raise PermissionDenied("您现在的岗位不能改这所园的资料。")
    return user.acting


def check_may_propose(user: User, kindergarten: Kindergarten, section: Section) -> Membership:
    if user.acting is None or not can_propose(user, kindergarten, section):
        raise PermissionDenied("您现在的岗位不能申请改这部分资料。")
    return user.acting


def check_waits(proposal: RecordProposal) -> None:
    if proposal.state != RecordProposal.State.WAITING:
        raise Refused(
            f"这份申请现在是“{proposal.get_state_display()}”，不用再办。请刷新页面看最新状态。"
        )


def check_findings(findings: list[Finding], record: books.Record) -> None:
    """Raises NeedsMending for what cannot be kept, and for what is kept without a reason."""
    wrong = books.unanswered(findings, record)
    if wrong:
        raise NeedsMending(wrong)
