"""Letting files about persons leave: small ones at once, the others after a second person's word."""

from __future__ import annotations

import datetime as dt
import uuid

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Model, QuerySet, Sum
from django.utils import timezone

from accounts.access.acting import choose_membership
from accounts.access.duties import separate
from accounts.access.permissions import Permission
from accounts.downloads import allow_time
from accounts.exports import CONTENT_TYPES, Written, write
from accounts.formatting import zhdatetime
from accounts.history.context import because, giving_reason
from accounts.history.recording import Action, Outcome, record_access
from accounts.models import AccessRecord, ExportRequest, Membership, User
from accounts.privacy.rules import NO_NUMBERS, holds_identifier
from accounts.releases import rules
from accounts.releases.registry import ExportKind, Filters, find_kind

State = ExportRequest.State


class ExportRefused(Exception):
    """Not now, not like this; the text says why and what to do."""


class ApprovalNeeded(ExportRefused):
    """Another person has to approve; the page asks for a reason."""


class ListChanged(ExportRefused):
    """Other persons stand on the list than when the export was asked for; ask for it anew."""


class QuotaUsed(ExportRefused):
    """So many persons were looked at today that another one has to wait."""


# Both show whole data of persons to one user without a second one.
COUNTED = (Action.EXPORT, Action.REVEAL)


def persons_today(user: User, now: dt.datetime) -> int:
    """Of how many persons' data the user took out or looked at today without approval.

    A person met twice counts twice: what is in a file is not known afterwards.
    """
    day = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)
    taken = AccessRecord.objects.own(user).filter(
        action__in=COUNTED, outcome=Outcome.DONE, at__gte=day
    )
    alone = taken.exclude(object_kind=ExportRequest._meta.label_lower)
    return alone.aggregate(sum=Sum("persons"))["sum"] or 0


@transaction.atomic
def look_at_one(*, target: Model, reason: str, by: User, now: dt.datetime) -> AccessRecord:
    """Record that personal data of one person is shown whole, within the day's quota.

    Raises QuotaUsed. The caller has checked the right to look and the reason.
    """
    # One look or export of a person at a time: two at once would each find the quota free.
    User.objects.unscoped("oneself, locked").select_for_update().get(pk=by.pk)
    already = persons_today(by, now)
    if rules.needs_approval(1, already):
        raise QuotaUsed(rules.why_no_more_looks(already))
    return record_access(Action.REVEAL, by=by, at=now, target=target, persons=1, reason=reason)


@transaction.atomic
def export_now(
    *, kind: ExportKind, filters: Filters, ending: str, by: User, now: dt.datetime
) -> Written:
    """A small file at once, recorded and with its watermark.

    Raises ApprovalNeeded for a large one, and after many.
    """
    # One export of a person at a time: two at once would each find the day's quota free.
    post = _still_acting(by, kind, now)
    persons = kind.count(by, filters, now)
    already = persons_today(by, now)
    if rules.needs_approval(persons, already):
        raise ApprovalNeeded(rules.why_approval(persons, already))

    before = kind.digest(by, filters, now)

    def recorded(rows: int) -> str:
        _same_persons(kind, persons, rows, before, kind.digest(by, filters, now))
        title = kind.title(by, filters)
        record = record_access(
            Action.EXPORT, by=by, at=now, rows=rows, persons=persons, reason=title
        )
        number = record.request_id if record.request_id not in {"", "-"} else f"J{record.pk}"
        return _watermark(by, post, now, number)

    allow_time()
    return write(kind.table(by, filters, now), ending, recorded)


@giving_reason
@transaction.atomic
def ask_to_export(
    *, kind: ExportKind, filters: Filters, ending: str, reason: str, by: User, now: dt.datetime
) -> ExportRequest:
    """Ask another person to let a file go. Raises ExportRefused without a reason.

    An open request for the same list stands in the way, unless other persons are on the list by
    now: no approval of that one is of any use, and the new one takes its place.
    """
    post = _still_acting(by, kind, now)
    if ending not in CONTENT_TYPES:
        raise ExportRefused("没有这种格式，请选xlsx或csv。")
    if not reason.strip():
        raise ExportRefused("请写明导出的理由：给谁用、做什么。")
    close_overdue(now=now)
    persons = kind.count(by, filters, now)
    waiting = ExportRequest.objects.visible_to(by).filter(
        requested_by=by, requested_as=post, state__in=ExportRequest.OPEN, kind=kind.code
    )
    asked = kind.asked(filters)
    for other in waiting.select_for_update(of=("self",)):
        if kind.asked(other.filters) != asked:
            continue
        if not _has_changed(other, kind, by, now):
            raise ExportRefused(
                "同样的导出已经申请过，还没有办完。请在“导出申请”里看进展，不要了的可以在那里撤回。"
            )
        _close(other, "名单有变化，已重新申请")
    return ExportRequest.objects.create(
        kind=kind.code,
        title=kind.title(by, filters)[:200],
        ending=ending,
        filters=kind.kept(filters, now),
        persons=persons,
        persons_digest=kind.digest(by, filters, now),
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
        raise ExportRefused("这份导出申请已经办过或已过期，不用再办。请刷新列表。")
    if not separate(request.requested_as.actor, post.actor):
        raise ExportRefused("这份导出是您自己申请的，或是以您的名义申请的，要由另一个人批准。")
    reason = reason.strip()
    if not approve and not reason:
        raise ExportRefused("请写明拒绝的原因，申请人才知道怎么改。")
    if holds_identifier(reason):
        raise ExportRefused(NO_NUMBERS)
    if approve:
        _check_still_asked(request, now)
    request.state = State.APPROVED if approve else State.REFUSED
    request.decided_by, request.decided_as, request.decided_at = by, post, now
    request.decision_reason = reason[:300]
    if approve:
        request.expires_at = now + rules.APPROVAL_HOLDS
    with because(reason or request.reason):
        request.save()
    return request


@transaction.atomic
def use_approval(*, request_id: uuid.UUID, kind: ExportKind, by: User, now: dt.datetime) -> Written:
    """The approved file, once. The list is read again: it must be of the same persons still.

    Raises ExportRefused where the approval is used, expired or missing, or the person's account or post
    has ended in between.
    """
    request = _locked(request_id, ExportRequest.objects.visible_to(by).filter(requested_by=by))
    post = _still_acting(by, kind, now)
    if request.kind != kind.code or request.requested_as_id != post.pk:
        raise ExportRefused("这份申请是以另一个岗位提出的。请先换回那个岗位再导出。")
    if request.state == State.USED:
        raise ExportRefused("这份批准已经用过一次。再要导出，请重新申请。")
    if request.state != State.APPROVED:
        raise ExportRefused(f"这份导出现在是“{request.get_state_display()}”，不能下载。")
    if request.expires_at <= now:
        raise ExportRefused(f"批准已于{zhdatetime(request.expires_at)}过期。请重新申请。")
    persons = kind.count(by, request.filters, now)
    if persons > request.persons:
        raise ListChanged(
            f"批准的是{request.persons}人，现在名单有{persons}人，多出的没有批准。请重新申请。"
        )
    if _has_changed(request, kind, by, now):
        raise ListChanged("申请以后名单上的人有了变化，现在的名单没有批准。请重新申请。")
    request.state, request.used_at = State.USED, now
    with because(request.reason):
        request.save()

    def recorded(rows: int) -> str:
        after = kind.digest(by, request.filters, now)
        _same_persons(kind, persons, rows, request.persons_digest, after)
        record_access(
            Action.EXPORT,
            by=by,
            at=now,
            target=request,
            rows=rows,
            persons=persons,
            reason=request.reason,
        )
        return _watermark(by, post, now, request.number)

    allow_time()
    return write(kind.table(by, request.filters, now), request.ending, recorded)


@transaction.atomic
def withdraw(*, request_id: uuid.UUID, by: User, now: dt.datetime) -> ExportRequest:
    """Take back one's own request, decided or not, that has not been used.

    Raises ExportRefused where there is nothing left to take back.
    """
    request = _locked(request_id, ExportRequest.objects.visible_to(by).filter(requested_by=by))
    if request.state not in ExportRequest.OPEN or request.expires_at <= now:
        raise ExportRefused("这份申请已经办完或已过期，不用撤回。")
    _close(request, "申请人撤回")
    return request


def _close(request: ExportRequest, why: str) -> None:
    request.state = State.WITHDRAWN
    with because(why):
        request.save()


def _has_changed(request: ExportRequest, kind: ExportKind, by: User, now: dt.datetime) -> bool:
    """Whether other persons stand on the list than when it was asked for."""
    return (
        request.persons_digest != kind.digest(by, request.filters, now)
        or kind.count(by, request.filters, now) > request.persons
    )


def _check_still_asked(request: ExportRequest, now: dt.datetime) -> None:
    """Nobody approves what could not be exported any more. Raises ExportRefused.

    The list is read as the person who asked reads it, in the post that asked.
    """
    asker = User.objects.unscoped("whose request is decided on").get(pk=request.requested_by_id)
    choose_membership(asker, request.requested_as_id, today=timezone.localdate(now))
    kind = find_kind(request.kind)
    still_in_post = asker.acting is not None and asker.acting.pk == request.requested_as_id
    if not asker.is_active or not still_in_post or not asker.can(kind.permission):
        raise ExportRefused("申请人的账号或岗位已经停用，不能批准。请写明原因后拒绝。")
    if _has_changed(request, kind, asker, now):
        raise ListChanged(
            "申请以后名单上的人有了变化，批准了也导不出来。请写明“名单有变化”后拒绝，由申请人重新申请。"
        )


@transaction.atomic
def close_overdue(*, now: dt.datetime) -> int:
    """Close requests whose time ran out; returns how many. Safe to run at any time."""
    overdue = ExportRequest.objects.unscoped("what is overdue is so for everybody").overdue(now)
    with because("到期没有办"):
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
        raise ExportRefused("没有这份导出申请。请刷新列表。")
    return request


def _same_persons(kind: ExportKind, persons: int, rows: int, before: str, after: str) -> None:
    """Nobody came in between the count and the reading of the rows.

    Of a list with a row a person the rows say it; of another its persons before and after.
    """
    changed = before != after if kind.rows_repeat_persons else rows != persons
    if kind.who is not None and changed:
        raise ExportRefused("导出的时候名单正好有了变化，没有给出文件。请再导出一次。")


def _watermark(by: User, post: Membership, now: dt.datetime, number: str) -> str:
    """Whoever finds the file knows who took it out, and when."""
    return f"{by.full_name}（账号{by.username}，{post.organisation}）{zhdatetime(now)}导出 编号{number}"
