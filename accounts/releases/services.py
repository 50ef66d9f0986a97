"""Letting files about persons leave: small ones at once, the others after a second person's word."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass, replace

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import QuerySet, Sum
from django.utils import timezone

from accounts.access.acting import choose_membership
from accounts.access.duties import separate
from accounts.access.permissions import Permission
from accounts.exports import CONTENT_TYPES, Table
from accounts.formatting import zhdatetime
from accounts.history.recording import Action, Outcome, record_access
from accounts.models import AccessRecord, ExportRequest, Membership, User
from accounts.releases import rules
from accounts.releases.registry import ExportKind, Filters

State = ExportRequest.State


class Refused(Exception):
    """Not now, not like this; the text says why and what to do."""


class ApprovalNeeded(Refused):
    """Another person has to approve; the page asks for a reason."""


@dataclass(frozen=True)
class Release:
    """A file that may leave, with its watermark."""

    table: Table
    ending: str


def persons_today(user: User, now: dt.datetime) -> int:
    """Of how many persons' data the user took out today without approval."""
    day = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)
    taken = AccessRecord.objects.own(user).filter(
        action=Action.EXPORT, outcome=Outcome.DONE, at__gte=day, object_kind=""
    )
    return taken.aggregate(sum=Sum("persons"))["sum"] or 0


@transaction.atomic
def export_now(
    *, kind: ExportKind, filters: Filters, ending: str, by: User, now: dt.datetime
) -> Release:
    """A small file at once, recorded. Raises ApprovalNeeded for a large one or after many."""
    # One export of a person at a time: two at once would each find the day's quota free.
    post = _still_acting(by, kind, now)
    persons = kind.count(by, filters, now)
    already = persons_today(by, now)
    if rules.needs_approval(persons, already):
        raise ApprovalNeeded(rules.why_approval(persons, already))
    table = kind.table(by, filters, now)
    record = record_access(
        Action.EXPORT,
        by=by,
        at=now,
        rows=len(table.rows),
        persons=persons,
        reason=kind.title(by, filters),
    )
    number = record.request_id if record.request_id not in {"", "-"} else f"J{record.pk}"
    return Release(_marked(table, by, post, now, number), ending)


@transaction.atomic
def ask_to_export(
    *, kind: ExportKind, filters: Filters, ending: str, reason: str, by: User, now: dt.datetime
) -> ExportRequest:
    """Ask another person to let a file go. Raises Refused without a reason."""
    post = _still_acting(by, kind, now)
    if ending not in CONTENT_TYPES:
        raise Refused("没有这种格式，请选xlsx或csv。")
    if not reason.strip():
        raise Refused("请写明导出的理由：给谁用、做什么。")
    close_overdue(now=now)
    persons = kind.count(by, filters, now)
    same = ExportRequest.objects.visible_to(by).filter(
        requested_by=by, state__in=ExportRequest.OPEN, kind=kind.code, filters=dict(filters)
    )
    if same.exists():
        raise Refused("同样的导出已经申请过，还没有办完。请在导出申请里看进展。")
    return ExportRequest.objects.create(
        kind=kind.code,
        title=kind.title(by, filters)[:200],
        ending=ending,
        filters=dict(filters),
        persons=persons,
        reason=reason.strip()[:300],
        requested_by=by,
        requested_as=post,
        requested_at=now,
        expires_at=now + rules.WAITS_FOR,
    )


@transaction.atomic
def decide(
    *, request_id: uuid.UUID, approve: bool, reason: str, by: User, now: dt.datetime
) -> ExportRequest:
    """Let another person's export go for 24 hours and one download, or refuse it with a reason."""
    post = by.acting
    if post is None or not by.can(Permission.APPROVE_EXPORTS):
        raise PermissionDenied("您现在的岗位没有这项权限。")
    request = _locked(request_id, ExportRequest.objects.visible_to(by).decidable_by(by))
    if request.state != State.WAITING or request.expires_at <= now:
        raise Refused("这份导出申请已经办过或已过期，不用再办。请刷新列表。")
    if not separate(request.requested_as.actor, post.actor):
        raise Refused("这份导出是您自己申请的，或是以您的名义申请的，要由另一个人批准。")
    if not approve and not reason.strip():
        raise Refused("请写明拒绝的原因，申请人才知道怎么改。")
    request.state = State.APPROVED if approve else State.REFUSED
    request.decided_by, request.decided_as, request.decided_at = by, post, now
    request.decision_reason = reason.strip()[:300]
    if approve:
        request.expires_at = now + rules.APPROVAL_HOLDS
    request.save()
    return request


@transaction.atomic
def use_approval(*, request_id: uuid.UUID, kind: ExportKind, by: User, now: dt.datetime) -> Release:
    """The approved file, once. The list is read again: it must not have grown since.

    Raises Refused where the approval is used, expired or missing, or the person's account or post
    has ended in between.
    """
    request = _locked(request_id, ExportRequest.objects.visible_to(by).filter(requested_by=by))
    post = _still_acting(by, kind, now)
    if request.kind != kind.code or request.requested_as_id != post.pk:
        raise Refused("这份申请是以另一个岗位提出的。请先换回那个岗位再导出。")
    if request.state == State.USED:
        raise Refused("这份批准已经用过一次。再要导出，请重新申请。")
    if request.state != State.APPROVED:
        raise Refused(f"这份导出现在是“{request.get_state_display()}”，不能下载。")
    if request.expires_at <= now:
        raise Refused(f"批准已于{zhdatetime(request.expires_at)}过期。请重新申请。")
    persons = kind.count(by, request.filters, now)
    if persons > request.persons:
        raise Refused(
            f"批准的是{request.persons}人，现在名单有{persons}人，多出的没有批准。请重新申请。"
        )
    table = kind.table(by, request.filters, now)
    request.state, request.used_at = State.USED, now
    request.save()
    record_access(
        Action.EXPORT,
        by=by,
        at=now,
        target=request,
        rows=len(table.rows),
        persons=persons,
        reason=request.reason,
    )
    return Release(_marked(table, by, post, now, request.number), request.ending)


@transaction.atomic
def close_overdue(*, now: dt.datetime) -> int:
    """Close requests whose time ran out; returns how many. Safe to run at any time."""
    overdue = ExportRequest.objects.unscoped("what is overdue is so for everybody").overdue(now)
    return overdue.update(state=State.EXPIRED)


def _still_acting(by: User, kind: ExportKind, now: dt.datetime) -> Membership:
    """The post, asked of the database under a lock: an account revoked meanwhile gets nothing."""
    chosen = by.acting.pk if by.acting else None
    own = User.objects.unscoped("one's own account").select_for_update()
    fresh = own.filter(pk=by.pk, is_active=True).first()
    if fresh is not None:
        choose_membership(fresh, chosen, today=timezone.localdate(now))
    post = fresh.acting if fresh is not None else None
    if post is None or post.pk != chosen or not fresh.can(kind.permission):  # type: ignore[union-attr]
        raise PermissionDenied("您的账号或岗位已经停用，不能导出。")
    return post


def _locked(request_id: uuid.UUID, within: QuerySet[ExportRequest]) -> ExportRequest:
    request = (
        within.select_for_update(of=("self",))
        .select_related("requested_as__deputises_for")
        .filter(pk=request_id)
        .first()
    )
    if request is None:
        raise Refused("没有这份导出申请。请刷新列表。")
    return request


def _marked(table: Table, by: User, post: Membership, now: dt.datetime, number: str) -> Table:
    """The table with a watermark: whoever finds the file knows who took it out, and when."""
    mark = f"{by.full_name}（账号{by.username}，{post.organisation}）{zhdatetime(now)}导出 编号{number}"
    return replace(table, watermark=mark)
