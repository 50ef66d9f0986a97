"""Keeping cases of incidents: record, correct, report on, close, supplement, find, withdraw."""

from __future__ import annotations

import datetime as dt
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, connection, transaction
from django.db.models import Model
from django.utils import timezone

from accounts.access.duties import separate
from accounts.access.permissions import Permission
from accounts.access.scope import home_region
from accounts.formatting import zhdate
from accounts.history.context import because
from accounts.history.recording import Action, record_access
from accounts.models import Membership, Region, User
from accounts.serials import next_number
from kindergartens.models import Kindergarten
from kindergartens.policies import NotAllowedNow
from kindergartens.stamps import CHANGED_SINCE, stamp_of
from safety.incidents import rules
from safety.incidents.rules import CaseFacts
from safety.models import IncidentCase, IncidentFinding, IncidentReport

NUMBERS = 80_052
# What a case says and may be put right while it is open.
SAID = tuple(CaseFacts.__dataclass_fields__)
# When it happened and who was told when: what the clock judges the kindergarten by.
JUDGED_BY = ("occurred_at", "reported_at", "parents_told_at")
SENT = "whether a form was sent before; a stranger's case is never handed out"
COUNTED = "numbers are counted over all of a county"
Kind = IncidentReport.Kind


class IncidentRefused(NotAllowedNow):
    """It cannot be done; `field` is where, the text says why and what to do."""


@transaction.atomic
def record_case(
    *,
    kindergarten: Kindergarten,
    facts: CaseFacts,
    by: User,
    now: dt.datetime,
    stated_on: dt.date | None = None,
    submission: UUID | None = None,
) -> IncidentCase:
    """Open a case of a kindergarten in one's scope. Raises IncidentRefused.

    `stated_on`: the day by which a return states it, where the case is made from the return. Sent
    twice under one `submission` it is one case, and keeps what was sent first.
    """
    post = _post(by, Permission.KEEP_SAFETY)
    if not Kindergarten.objects.visible_to(by).filter(pk=kindergarten.pk).exists():
        raise IncidentRefused("这所园不在您的范围内，请重新选择。", "kindergarten")
    _check_facts(facts, now)
    problem = rules.month_problem(timezone.localdate(facts.occurred_at), stated_on)
    if problem:
        raise IncidentRefused(problem, "occurred_at")
    region = kindergarten.organisation.region
    county = region.county or region
    # Locks the county: of two that bring the same submission, the second finds the first.
    number = _next_number(county, timezone.localdate(now))
    if submission is not None:
        known = IncidentCase.objects.unscoped(SENT).filter(submission=submission).first()
        if known is not None and known.kindergarten_id != kindergarten.pk:
            raise IncidentRefused("这份表已经用来登记过别的园。请返回列表，重新点“登记事故”。")
        if known is not None:
            return known
    same = (
        IncidentCase.objects.visible_to(by)
        .standing()
        .filter(kindergarten=kindergarten, occurred_at=facts.occurred_at, kind=facts.kind)
    )
    if there := same.first():
        raise IncidentRefused(
            f"同一时间、同一类别的已有一份：{there}。要补充的请在那一份上补充；确是另一起的，请核对时间或类别。",
            "occurred_at",
        )
    case = IncidentCase(
        number=number,
        submission=submission,
        county=county,
        kindergarten=kindergarten,
        entered_as=post,
        entered_at=now,
        **_values(facts),
    )
    with because("登记事故"):
        case.save(force_insert=True)
    return case


@transaction.atomic
def correct_case(
    *, case_id: int, facts: CaseFacts, seen: str, reason: str, by: User, now: dt.datetime
) -> IncidentCase:
    """Put right or complete an open case; history keeps what it said. Raises IncidentRefused.

    Times that are there are changed by the bureau alone: they decide whether the kindergarten
    reported late.
    """
    _post(by, Permission.KEEP_SAFETY)
    case = _open_case(case_id, by)
    _check_seen(case, seen)
    _check_facts(facts, now)
    if not by.can(Permission.DECIDE_SAFETY):
        _check_times_stay(case, facts)
    earliest = case.reports.order_by("reported_at").first()
    if earliest is not None and earliest.reported_at < facts.occurred_at:
        raise IncidentRefused(
            f"已登记的{earliest}是{zhdate(earliest.reported_at)}的，发生时间不能比它晚，请核对。",
            "occurred_at",
        )
    for name, value in _values(facts).items():
        setattr(case, name, value)
    with because(reason):
        case.save(update_fields=[*SAID])
    return case


@transaction.atomic
def add_report(
    *, case_id: int, kind: str, reported_at: dt.datetime, text: str, by: User, now: dt.datetime
) -> IncidentReport:
    """A follow-up or a final report of an open case. Raises IncidentRefused."""
    post = _post(by, Permission.KEEP_SAFETY)
    case = _open_case(case_id, by)
    if kind not in (Kind.FOLLOW_UP, Kind.FINAL):
        raise IncidentRefused("请选续报或终报；更正在结案以后办。", "kind")
    problem = rules.report_problem(reported_at=reported_at, occurred_at=case.occurred_at, now=now)
    if problem:
        raise IncidentRefused(problem, "reported_at")
    return IncidentReport.objects.create(
        case=case, kind=kind, reported_at=reported_at, text=text, entered_as=post, entered_at=now
    )


@transaction.atomic
def close_case(*, case_id: int, note: str, seen: str, by: User, now: dt.datetime) -> IncidentCase:
    """Close a case whose parents were told and whose final report is there, by another person than
    who made that report. `seen` is the stamp of SAID that was read. Raises IncidentRefused.
    """
    post = _post(by, Permission.DECIDE_SAFETY)
    case = _open_case(case_id, by)
    _check_seen(case, seen)
    final = case.reports.filter(kind=Kind.FINAL).select_related("entered_as").last()
    missing = rules.closing_problems(
        concerns_children=case.concerns_children,
        is_reported=case.reported_at is not None,
        parents_told=case.parents_told_at is not None,
        has_final=final is not None,
    )
    if missing or final is None:
        raise IncidentRefused(f"还不能结案：{'；'.join(missing)}。请先补上再结案。")
    if not separate(final.entered_as.actor, post.actor):
        raise IncidentRefused("终报是您登记的，要由另一位有这项权限的同事结案。")
    case.closed_as, case.closed_at, case.closing_note = post, now, note
    with because(note):
        case.save(update_fields=["closed_as", "closed_at", "closing_note"])
    return case


@transaction.atomic
def supplement(
    *, case_id: int, text: str, reason: str, by: User, now: dt.datetime
) -> IncidentReport:
    """What turned out otherwise after the case was closed; the case itself stays as it is.

    Raises IncidentRefused while it is open: then it is corrected.
    """
    post = _post(by, Permission.KEEP_SAFETY)
    case = _locked(case_id, by)
    if case.closed_at is None:
        raise IncidentRefused("这起事故还没有结案，请直接更正档案，不用补充更正。")
    return IncidentReport.objects.create(
        case=case, kind=Kind.SUPPLEMENT, reported_at=now, text=text, reason=reason,
        entered_as=post, entered_at=now,
    )  # fmt: skip


@transaction.atomic
def withdraw_case(
    *, case_id: int, reason: str, seen: str, by: User, now: dt.datetime
) -> IncidentCase:
    """Take back a case that was recorded by mistake; its number and history stay. Raises
    IncidentRefused, also where the case reads otherwise than when it was `seen`.
    """
    _post(by, Permission.DECIDE_SAFETY)
    case = _open_case(case_id, by)
    _check_seen(case, seen)
    if case.findings.filter(withdrawn_at__isnull=True).exists():
        raise IncidentRefused("这起事故有认定，请先撤销认定，再撤销档案。")
    case.withdrawn_at = now
    with because(reason):
        case.save(update_fields=["withdrawn_at"])
    return case


@transaction.atomic
def find(
    *,
    case_id: int,
    nature: str,
    document: str,
    decided_on: dt.date,
    seen: str,
    by: User,
    now: dt.datetime,
) -> IncidentFinding:
    """As what the bureau finds a case, also after it was closed. Raises IncidentRefused, also where
    the case reads otherwise than when it was `seen`.
    """
    post = _post(by, Permission.DECIDE_SAFETY)
    case = _locked(case_id, by)
    _check_seen(case, seen)
    if case.withdrawn_at is not None:
        raise IncidentRefused("这份档案已经撤销，不能认定。")
    if decided_on > timezone.localdate(now):
        raise IncidentRefused("认定日期在今天以后，请核对。", "decided_on")
    if decided_on < timezone.localdate(case.occurred_at):
        raise IncidentRefused("认定日期早于事故发生的日期，请核对。", "decided_on")
    try:
        with transaction.atomic(), because("认定事故性质"):
            return IncidentFinding.objects.create(
                case=case, nature=nature, document=document, decided_on=decided_on,
                entered_as=post, entered_at=now,
            )  # fmt: skip
    except IntegrityError:
        raise IncidentRefused(
            "这起事故已经这样认定过。登记错了的，先撤销原来的认定。", "nature"
        ) from None


@transaction.atomic
def withdraw_finding(
    *, finding_id: int, reason: str, by: User, now: dt.datetime
) -> IncidentFinding:
    """A finding that was revoked, or recorded by mistake, brings nothing any more."""
    _post(by, Permission.DECIDE_SAFETY)
    finding: IncidentFinding = (
        IncidentFinding.objects.visible_to(by)
        .select_for_update(of=("self",), no_key=True)
        .select_related("case")
        .get(pk=finding_id)
    )
    if finding.withdrawn_at is not None:
        raise IncidentRefused("这项认定已经撤销，不用再办。")
    finding.withdrawn_at = now
    with because(reason):
        finding.save(update_fields=["withdrawn_at"])
    return finding


def note_look(*, case: Model, by: User, now: dt.datetime) -> None:
    """Keep that somebody opened a case and read its account."""
    record_access(Action.READ_LIST, by=by, at=now, target=case, rows=1)


def keeps(user: User) -> bool:
    """Whether a person keeps cases: one who reads accounts, of a kindergarten or its county."""
    region = home_region(user)
    return (
        user.can(Permission.KEEP_SAFETY)
        and user.can(Permission.READ_INCIDENTS)
        and region is not None
        and region.level >= Region.Level.COUNTY
    )


def _post(by: User, permission: Permission) -> Membership:
    """Of those who may read accounts, whoever may do this as well."""
    may = by.can(permission) and by.can(Permission.READ_INCIDENTS)
    if by.acting is None or not may or (permission == Permission.KEEP_SAFETY and not keeps(by)):
        raise PermissionDenied("您现在的岗位没有这项权限。")
    return by.acting


def _locked(case_id: int, by: User) -> IncidentCase:
    return (
        IncidentCase.objects.visible_to(by)
        .select_for_update(of=("self",), no_key=True)
        .get(pk=case_id)
    )


def _open_case(case_id: int, by: User) -> IncidentCase:
    case = _locked(case_id, by)
    if problem := over_problem(case):
        raise IncidentRefused(problem)
    return case


def _check_seen(case: IncidentCase, seen: str) -> None:
    """Whoever decides has read the case as it is now."""
    if seen != stamp_of(case, SAID):
        raise IncidentRefused(CHANGED_SINCE)


def over_problem(case: IncidentCase) -> str:
    """Why nothing of a case may be changed any more; empty while it is open."""
    if case.withdrawn_at is not None:
        return "这份档案已经撤销，不能再改。还要登记的，请另建档案。"
    if case.closed_at is not None:
        return (
            f"{case}已于{zhdate(case.closed_at)}结案，不能再改。有出入的，请在档案页用“补充更正”"
            "写明内容和原因，原来的记录不动。"
        )
    return ""


def _check_times_stay(case: IncidentCase, facts: CaseFacts) -> None:
    for name in JUDGED_BY:
        there = getattr(case, name)
        if there is not None and getattr(facts, name) != there:
            raise IncidentRefused(
                "这个时间已经登记，按它判断是否迟报。登记错了的，请教育局核实后更正。", name
            )


def _check_facts(facts: CaseFacts, now: dt.datetime) -> None:
    for field, text in rules.case_problems(facts, now):
        raise IncidentRefused(text, field)


def _values(facts: CaseFacts) -> dict[str, object]:
    return vars(facts) | {"reported_to": list(facts.reported_to)}


def _next_number(county: Region, today: dt.date) -> str:
    """SG, county, year, serial: SG1502032026-0001. One at a time in a county."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [NUMBERS, county.pk])
    head = f"SG{county.code[:6]}{today.year}-"
    return next_number(IncidentCase.objects.unscoped(COUNTED), head)
