"""People and their papers: put right, add, withdraw, and see a number whole."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from django.core.exceptions import PermissionDenied
from django.db import transaction

from accounts.access.permissions import Permission
from accounts.history.context import because, changing_secret
from accounts.models import Membership, User
from accounts.privacy.services import checked_reason
from accounts.releases.services import look_at_one
from kindergartens.stamps import CHANGED_SINCE, stamp_of
from staffing.models import Appointment, Certificate, StaffMember
from staffing.roster import rules
from staffing.roster.rules import PaperFacts, PersonFacts
from staffing.roster.services.asking import (
    BY_THE_NUMBER,
    PERSON_FACTS,
    RosterRefused,
    check,
    check_earlier_years,
    keeper_of,
    kept_member,
    kept_single,
    papers_of,
)
from staffing.roster.services.barring import check_number_may_change

OF_ANYBODY = "a certificate's number stands for one person, wherever recorded; nobody is shown"


@transaction.atomic
def correct_person(
    *, person_id: int, facts: PersonFacts, reason: str, seen: str, by: User, today: dt.date
) -> StaffMember:
    """Put a person's data right. An empty number leaves the number as it is.

    By a kindergarten while the person works there, by the county always; kind and number of somebody
    on the list of the barred by its keepers alone. Raises RosterRefused.
    """
    keeper_of(by)
    member = kept_member(person_id, by, today)
    if seen != stamp_of(member, PERSON_FACTS):
        raise RosterRefused(CHANGED_SINCE)
    old = (member.identifier_type, str(member.number))
    if not facts.number:
        facts = replace(facts, number=old[1])
    if (facts.identifier_type, facts.number) != old:
        facts = rules.following_its_number(facts, member.sex, member.birth_date)
    check(rules.person_problems(facts, today))
    full = rules.completed(facts)
    if (full.identifier_type, full.number) != old:
        check_number_may_change(member, old[1], full.number, by=by)
        same = StaffMember.objects.unscoped(BY_THE_NUMBER).with_number(
            full.identifier_type, full.number
        )
        if same.exclude(pk=member.pk).exists():
            raise RosterRefused(
                "这个证件号码已经登记在另一个人名下。请对照证件核对；同一个人登记了两次的，"
                "请撤销错的那一次任职，用正确的号码重新登记。",
                "number",
            )
        member.number = full.number
    asked = ("birth_date", "earlier_years")
    changed = any(getattr(full, name) != getattr(member, name) for name in asked)
    for name in PERSON_FACTS:
        setattr(member, name, getattr(full, name))
    if changed:
        check_earlier_years(member)
    with because(reason), kept_single(), changing_secret("number"):
        member.save()
    return member


@transaction.atomic
def add_certificate(
    *, person_id: int, facts: PaperFacts, by: User, now: dt.datetime, today: dt.date,
    reason: str = "",
) -> Certificate:  # fmt: skip
    """Record a paper. Raises RosterRefused for one that breaks the rules or stands there already."""
    keeper = keeper_of(by)
    member = kept_member(person_id, by, today)
    with because(reason or "登记证书"):
        return record_paper(member, facts, keeper, now, today)


def has_paper(member: StaffMember, facts: PaperFacts) -> bool:
    """Whether a paper of this kind and number stands already."""
    there = member.certificates.filter(kind=facts.kind, number=facts.number)
    return there.filter(withdrawn_at__isnull=True).exists()


def record_paper(
    member: StaffMember, facts: PaperFacts, keeper: Membership, now: dt.datetime, today: dt.date
) -> Certificate:
    check(rules.paper_problems(facts, today), prefix="paper_")
    wrong = rules.issued_problem(facts.issued_on, member.birth_date)
    if wrong:
        raise RosterRefused(wrong, "paper_issued_on")
    certificate = Certificate(person=member, entered_as=keeper, entered_at=now, **vars(facts))
    if has_paper(member, facts):
        raise RosterRefused("这张证书已经登记，编号相同，不用再登。", "paper_number")
    same = Certificate.objects.unscoped(OF_ANYBODY).standing()
    if same.filter(kind=facts.kind, number=facts.number).exclude(person=member).exists():
        raise RosterRefused("这个证书编号已登记在别人名下，请核对。", "paper_number")
    with kept_single():
        certificate.save(force_insert=True)
    return certificate


def why_not_certified(member: StaffMember, facts: PaperFacts, by: User, today: dt.date) -> str:
    """Why a paper that was recorded does not count as 持证 in a post that `by` sees; else empty."""
    posts = Appointment.objects.visible_to(by).not_over(today).filter(person=member)
    papers = papers_of(member)
    reasons = [
        rules.why_not_certified(post, facts, papers, today)
        for post in posts.order_by("started_on").values_list("post", flat=True)
    ]
    return next(filter(None, reasons), "")


@transaction.atomic
def withdraw_certificate(
    *, certificate_id: int, reason: str, by: User, now: dt.datetime, today: dt.date
) -> Certificate:
    """A paper that was recorded by mistake, or is no longer valid by decision, counts no more."""
    keeper_of(by)
    certificates = Certificate.objects.visible_to(by)
    kept_member(certificates.values_list("person", flat=True).get(pk=certificate_id), by, today)
    certificate = (
        certificates.select_for_update(of=("self",), no_key=True)
        .select_related("person")
        .get(pk=certificate_id)
    )
    if certificate.withdrawn_at is not None:
        raise RosterRefused("这张证书已经撤销，不用再办。")
    certificate.withdrawn_at, certificate.withdrawn_reason = now, reason
    with because(reason):
        certificate.save(update_fields=["withdrawn_at", "withdrawn_reason"])
    return certificate


@transaction.atomic
def reveal_number(*, person: StaffMember, reason: str, by: User, now: dt.datetime) -> str:
    """The whole number, once, with the reason on record; within the day's quota.

    Raises PermissionDenied, accounts.privacy's ReasonNeeded and accounts.releases' QuotaUsed.
    """
    visible = StaffMember.objects.visible_to(by).filter(pk=person.pk)
    if not by.can(Permission.REVEAL_PERSONAL_DATA) or not visible.exists():
        raise PermissionDenied("您现在的岗位不能查看这个人的完整证件号码。")
    look_at_one(target=person, reason=checked_reason(reason), by=by, now=now)
    return str(person.number)
