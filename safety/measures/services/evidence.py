"""Evidence of a measure: handed in by the one, confirmed or sent back by another of the bureau."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction

from accounts.access.duties import separate
from accounts.access.permissions import Permission
from accounts.access.posts import acting_with
from accounts.history.context import because
from accounts.models import Membership, StoredFile, User
from kindergartens.dated.services import RowRefused
from kindergartens.models import Kindergarten
from kindergartens.policies import NotAllowedNow
from safety.measures.rules import MOST_FILES, evidence_problem
from safety.measures.selectors import MeasureLists, answers_with_host
from safety.models import MeasureDocument, MeasureEvidence, SafetyMeasure

State = MeasureEvidence.State
STILL_WAITING = "这一项已有一份佐证在等教育局核对。核对或撤回以后再登记新的。"


@dataclass(frozen=True)
class EvidenceFacts:
    place: str
    found: str
    document: str
    valid_from: dt.date
    valid_until: dt.date


@transaction.atomic
def record_evidence(
    *,
    kindergarten: Kindergarten,
    measure: SafetyMeasure,
    facts: EvidenceFacts,
    files: Sequence[tuple[StoredFile, str]],
    by: User,
    now: dt.datetime,
    today: dt.date,
) -> MeasureEvidence:
    """Hand in evidence for another person to confirm; `files` are (kept file, its name).

    Raises RowRefused with the field for evidence without a place or a file, for days that cannot be,
    and where one of the measure waits already.
    """
    post = acting_with(by, Permission.KEEP_SAFETY)
    place = _locked(kindergarten, by)
    _check_measure(place, measure, today)
    for field in ("place", "found"):
        if not getattr(facts, field).strip():
            raise RowRefused("请写明现有的是什么、在哪里，核对的人才能找到。", field)
    if not files:
        raise RowRefused("请传照片、验收单或合同，至少一个文件。", "attachments")
    if len(files) > MOST_FILES:
        raise RowRefused(f"最多{MOST_FILES}个文件，请只留最能说明的。", "attachments")
    problem = evidence_problem(
        valid_from=facts.valid_from, valid_until=facts.valid_until, today=today
    )
    if problem is not None:
        raise RowRefused(problem[1], problem[0])
    waits = MeasureEvidence.objects.visible_to(by).waiting().filter(kindergarten=place)
    if waits.filter(measure__code=measure.code).exists():
        raise RowRefused(STILL_WAITING)
    try:
        with transaction.atomic(), because("登记安全防范佐证"):
            evidence = MeasureEvidence.objects.create(
                kindergarten=place, measure=measure, entered_as=post, entered_at=now, **vars(facts)
            )
    except IntegrityError:
        raise RowRefused(STILL_WAITING) from None
    MeasureDocument.objects.bulk_create(
        MeasureDocument(evidence=evidence, file=file, name=name, added_as=post, added_at=now)
        for file, name in files
    )
    return evidence


@transaction.atomic
def decide_evidence(
    *, evidence_id: int, confirm: bool, note: str, by: User, now: dt.datetime, today: dt.date
) -> MeasureEvidence:
    """Confirm evidence, or send it back with the reason; only another person may. NotAllowedNow."""
    evidence = _locked_evidence(evidence_id, by)
    post = check_may_decide(evidence, by)
    if not confirm and not note.strip():
        raise RowRefused("退回要写明原因，园所才知道怎么改。", "note")
    if confirm and evidence.valid_until < today:
        raise NotAllowedNow("等核对的时候有效期已经过了，请退回，由园所重新登记。")
    evidence.state = State.CONFIRMED if confirm else State.RETURNED
    evidence.decided_as, evidence.decided_at = post, now
    evidence.note = "" if confirm else note.strip()
    with because(evidence.note or "核对安全防范佐证"):
        evidence.save(update_fields=["state", "decided_as", "decided_at", "note"])
    return evidence


def check_may_decide(evidence: MeasureEvidence, by: User) -> Membership:
    """The post of who decides on it; NotAllowedNow for whoever handed it in, and what is decided."""
    post = acting_with(by, Permission.DECIDE_SAFETY)
    _check_waits(evidence)
    if not separate(evidence.entered_as.actor, post.actor):
        raise NotAllowedNow("这份佐证是您自己登记的，要由教育局另一位经办人或领导核对。")
    return post


def check_may_withdraw(evidence: MeasureEvidence, by: User) -> Membership:
    """The post of who takes it back; NotAllowedNow for what another organisation handed in."""
    post = acting_with(by, Permission.KEEP_SAFETY)
    _check_waits(evidence)
    if evidence.entered_as.organisation_id != post.organisation_id:
        raise NotAllowedNow(
            f"这份佐证是{evidence.entered_as.organisation}登记的，由他们撤回；不属实的，由教育局核对时退回。"
        )
    return post


@transaction.atomic
def withdraw_evidence(
    *, evidence_id: int, reason: str, by: User, now: dt.datetime
) -> MeasureEvidence:
    """Take back what nobody has decided yet, so that another may be handed in. NotAllowedNow."""
    evidence = _locked_evidence(evidence_id, by)
    post = check_may_withdraw(evidence, by)
    evidence.state, evidence.note = State.WITHDRAWN, reason
    evidence.decided_as, evidence.decided_at = post, now
    with because(reason):
        evidence.save(update_fields=["state", "decided_as", "decided_at", "note"])
    return evidence


@transaction.atomic
def end_evidence(
    *, evidence_id: int, on: dt.date, reason: str, by: User, today: dt.date
) -> MeasureEvidence:
    """From `on` confirmed evidence counts no more: what it shows is gone, or never was there.

    Raises RowRefused for what is not confirmed or over, and for a day outside its own.
    """
    acting_with(by, Permission.DECIDE_SAFETY)
    evidence = _locked_evidence(evidence_id, by)
    if evidence.state != State.CONFIRMED or evidence.ended_on is not None:
        raise RowRefused("只有已核对、还有效的佐证才能截止。请刷新页面看现在的状态。")
    if not evidence.valid_from <= on <= min(evidence.valid_until, today):
        raise RowRefused("日期要在有效期以内，最晚是今天。从来就不实的，填有效期起的那一天。", "on")
    evidence.ended_on, evidence.ended_reason = on, reason
    with because(reason):
        evidence.save(update_fields=["ended_on", "ended_reason"])
    return evidence


def _check_measure(kindergarten: Kindergarten, measure: SafetyMeasure, today: dt.date) -> None:
    """It is on the list that holds there today, and evidence is what it is judged by."""
    if answers_with_host(kindergarten):
        raise NotAllowedNow(
            f"附设幼儿班随{kindergarten.host}一起计算，佐证登记在{kindergarten.host}名下。"
        )
    region = kindergarten.organisation.region
    if measure.pk not in {row.pk for row in MeasureLists(today).in_region(region)}:
        raise NotAllowedNow("这一项现在不在本地的清单上，请返回看现在的清单。")
    if measure.judged_by != SafetyMeasure.JudgedBy.EVIDENCE:
        raise NotAllowedNow("这一项按教职工名册计算，不用登记佐证。保安有变动的，请改名册。")


def _check_waits(evidence: MeasureEvidence) -> None:
    if evidence.state != State.SUBMITTED:
        raise NotAllowedNow(
            f"这份佐证已是“{evidence.get_state_display()}”，不用再办。请刷新页面看最新状态。"
        )


def _locked(kindergarten: Kindergarten, by: User) -> Kindergarten:
    """Until the transaction ends nobody else hands in evidence of it."""
    visible = Kindergarten.objects.visible_to(by).select_for_update(of=("self",), no_key=True)
    found = (
        visible.select_related("host", "organisation__region").filter(pk=kindergarten.pk).first()
    )
    if found is None:
        raise PermissionDenied("这所幼儿园不在您的工作范围内。")
    return found


def _locked_evidence(evidence_id: int, by: User) -> MeasureEvidence:
    return (
        MeasureEvidence.objects.visible_to(by)
        .select_for_update(of=("self",), no_key=True)
        .select_related("entered_as__organisation", "measure", "kindergarten")
        .get(pk=evidence_id)
    )
