"""What the bureau decides: grade, deadline, stop of use, 挂牌督办 and its end."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone

from accounts.access.permissions import Permission
from accounts.history.context import because
from accounts.models import Organisation, User
from kindergartens.unlicensed.selectors import leads_in
from safety.hazards import policies, rules
from safety.hazards.policies import HazardRefused
from safety.hazards.services.steps import Event, begin, note, post_of, refuse, tell
from safety.models import Hazard, HazardPlate


@transaction.atomic
def grade(
    *, hazard_id: int, grade: str, reason: str, deadline: dt.date | None, seen: str, by: User,
    now: dt.datetime,
) -> Hazard:  # fmt: skip
    """Confirm the grade, or give another with a reason. A major one always has a deadline."""
    post = post_of(by, Permission.DECIDE_SAFETY)
    hazard = begin(hazard_id, "grade", by, seen)
    refuse(
        rules.grade_problem(
            grade=grade, was=hazard.grade, met=bool(hazard.criterion), reason=reason,
            plated=policies.plated(hazard),
        )
    )  # fmt: skip
    raised = grade == rules.MAJOR and (hazard.grade != grade or hazard.state == rules.REPORTED)
    hazard.grade, hazard.state = grade, policies.check_step(hazard, "grade")
    if grade == rules.MAJOR or deadline is not None:
        today = timezone.localdate(now)
        refuse(rules.deadline_problem(deadline=deadline, was=hazard.deadline, today=today))
        hazard.deadline, hazard.fixed_on_spot = deadline or hazard.deadline, False
    with because(reason or "定级"):
        hazard.save(update_fields=["grade", "state", "deadline", "fixed_on_spot"])
    said = f"{hazard.get_grade_display()}。{reason}" if reason else hazard.get_grade_display()
    note(hazard, Event.GRADED, post, now, said, hazard.deadline)
    if raised:
        tell(hazard, "隐患定为重大，请按期整改", reason, post, now)
    return hazard


@transaction.atomic
def extend(
    *, hazard_id: int, deadline: dt.date, reason: str, seen: str, by: User, now: dt.datetime
) -> Hazard:
    """Give more time, with a reason; the day before stays in the record."""
    post = post_of(by, Permission.DECIDE_SAFETY)
    hazard = begin(hazard_id, "extend", by, seen)
    today = timezone.localdate(now)
    refuse(rules.deadline_problem(deadline=deadline, was=hazard.deadline, today=today))
    if hazard.deadline is not None and deadline <= hazard.deadline:
        raise HazardRefused(f"现在的期限是{hazard.deadline:%Y-%m-%d}，延期要比它晚。", "deadline")
    hazard.deadline = deadline
    with because(reason):
        hazard.save(update_fields=["deadline"])
    note(hazard, Event.EXTENDED, post, now, reason, deadline)
    return hazard


@transaction.atomic
def set_stop(
    *, hazard_id: int, stop: bool, reason: str, seen: str, by: User, now: dt.datetime
) -> Hazard:
    """Stop the use of what is dangerous; only the bureau lets it be used again, with a reason."""
    post = post_of(by, Permission.DECIDE_SAFETY, *([Permission.KEEP_SAFETY] if stop else []))
    hazard = begin(hazard_id, "stop", by, seen)
    if hazard.stop_use == stop:
        raise HazardRefused("已经是这样，不用再办。请刷新页面。")
    hazard.stop_use, hazard.stop_lifted_reason = stop, "" if stop else reason
    with because(reason):
        hazard.save(update_fields=["stop_use", "stop_lifted_reason"])
    note(hazard, Event.STOPPED if stop else Event.RESUMED, post, now, reason)
    tell(hazard, "立即停止使用" if stop else "可以恢复使用", reason, post, now)
    return hazard


@dataclass(frozen=True)
class Settled:
    """The five points of 挂牌督办 (五落实), who supervises, and the document."""

    measures: str
    responsibility: str
    funding: str
    deadline: dt.date | None
    plan: str
    supervisor: Organisation
    document_number: str = ""


@transaction.atomic
def hang(
    *, hazard_id: int, settled: Settled, hung_on: dt.date, seen: str, by: User, now: dt.datetime
) -> HazardPlate:
    """Put a major hazard under 挂牌督办 with all five points; its deadline is the one that holds."""
    post = post_of(by, Permission.DECIDE_SAFETY)
    hazard = begin(hazard_id, "hang", by, seen)
    if not hazard.is_major:
        raise HazardRefused("只有重大隐患挂牌督办。请先定为重大，写明理由。")
    if policies.plated(hazard):
        raise HazardRefused("已经挂牌督办，不用再挂。请刷新页面。")
    refuse(rules.hanging_problem(vars(settled)))
    today = timezone.localdate(now)
    if hung_on > today:
        raise HazardRefused(f"挂牌日期不能晚于今天{today:%Y-%m-%d}。", "hung_on")
    if hung_on < hazard.found_on:
        raise HazardRefused("挂牌日期不能早于发现日期。", "hung_on")
    if settled.deadline is None or settled.deadline < hung_on:
        raise HazardRefused("整改时限不能早于挂牌日期。", "deadline")
    if (settled.deadline - hung_on).days > rules.LONGEST_THE_BUREAU_GIVES:
        raise HazardRefused("整改时限太远，请核对年份。", "deadline")
    refuse(rules.deadline_problem(deadline=settled.deadline, was=None, today=hung_on))
    if not leads_in(hazard.county_id).filter(pk=settled.supervisor.pk).exists():
        raise HazardRefused("督办单位要是本区县的教育局或配合单位，请重新选择。", "supervisor")
    with because("挂牌督办"):
        plate = HazardPlate.objects.create(
            hazard=hazard, supervisor=settled.supervisor, measures=settled.measures.strip(),
            responsibility=settled.responsibility.strip(), funding=settled.funding.strip(),
            plan=settled.plan.strip(), deadline=settled.deadline, hung_on=hung_on, hung_as=post,
            document_number=settled.document_number.strip(),
        )  # fmt: skip
        hazard.deadline = settled.deadline
        hazard.save(update_fields=["deadline"])
    note(hazard, Event.HUNG, post, now, settled.document_number, settled.deadline)
    tell(hazard, "重大隐患已挂牌督办，请按期整改", settled.measures, post, now)
    return plate


@transaction.atomic
def delist(
    *, hazard_id: int, decision: str, decision_number: str, delisted_on: dt.date, seen: str,
    by: User, now: dt.datetime,
) -> Hazard:  # fmt: skip
    """Take the plate down by a decision after the re-check; with it the hazard is closed."""
    post = post_of(by, Permission.DECIDE_SAFETY)
    hazard = begin(hazard_id, "delist", by, seen)
    policies.check_other_person(hazard, post)
    if not decision.strip():
        raise HazardRefused("请写明摘牌决定：复查的情况和结论。", "decision")
    plate, today = hazard.plate, timezone.localdate(now)
    if not plate.hung_on <= delisted_on <= today:
        raise HazardRefused(
            f"摘牌日期在挂牌日期{plate.hung_on:%Y-%m-%d}和今天之间。", "delisted_on"
        )
    hazard.state = policies.check_step(hazard, "delist")
    hazard.closed_as, hazard.closed_at = post, now
    plate.delisted_on, plate.delisted_as = delisted_on, post
    plate.decision, plate.decision_number = decision.strip(), decision_number.strip()
    with because("摘牌"):
        plate.save(update_fields=["delisted_on", "delisted_as", "decision", "decision_number"])
        hazard.save(update_fields=["state", "closed_as", "closed_at"])
    note(hazard, Event.DELISTED, post, now, decision)
    tell(hazard, "重大隐患已摘牌销号", decision, post, now)
    return hazard
