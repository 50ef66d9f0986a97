"""Posts: hire, end, move on, put right, take back.

A kindergarten keeps its own roster, the county's officer any of its kindergartens. A person is met
again by the number of the paper, wherever the person worked before, and not typed twice.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace

from django.core.exceptions import PermissionDenied
from django.db import transaction

from accounts.access.permissions import Permission
from accounts.formatting import zhdate
from accounts.history.context import because, changing_secret
from accounts.models import Membership, User
from kindergartens.models import Kindergarten
from kindergartens.stamps import CHANGED_SINCE, stamp_of
from staffing.models import Appointment, Certificate, EndReason, StaffMember
from staffing.models.people import next_staff_keys
from staffing.papers.kinds import KINDS
from staffing.roster import rules
from staffing.roster.rules import PaperFacts, PersonFacts, PostFacts
from staffing.roster.services.asking import (
    BY_THE_NUMBER,
    CORRECTABLE,
    OF_THE_PERSON,
    PERSON_FACTS,
    RosterRefused,
    check,
    check_age,
    check_director,
    check_earlier_years,
    check_free,
    keeper_of,
    kept_single,
    locked_appointment,
    locked_member,
    locked_place,
)
from staffing.roster.services.barring import check_correction_not_barred, check_not_barred
from staffing.roster.services.people import has_paper, record_paper

WRITTEN_ANEW = "这个证件号码名下的任职都已撤销，人员资料按重新登记的填写，原来的证书撤销"


@transaction.atomic
def hire(
    *,
    kindergarten: Kindergarten,
    person: PersonFacts,
    post: PostFacts,
    papers: Sequence[PaperFacts] = (),
    by: User,
    now: dt.datetime,
    today: dt.date,
    reason: str = "",
) -> Appointment:
    """Begin a post. A person who is known by the number is taken as known; a new one is recorded.

    Of a known person name and number have to agree, and nothing else of the person is written;
    papers that are there already are not written again. A number that is known by withdrawn posts
    alone, and under another name, is recorded as a new person's.
    Raises RosterRefused with the field: data that break the rules, a post that overlaps, a director
    who lacks what the law asks for and no reason by the county, somebody who is barred.
    """
    keeper = keeper_of(by)
    place = locked_place(kindergarten, by)
    check(rules.post_problems(post, today))
    # Before anything is said of who is known by the number.
    check_not_barred(person.number, post.started_on, post.ended_on, by=by)
    member = _known(person, now, today)
    with because(reason or "登记任职"):
        if member is None:
            member = _recorded(person, today)
            check_earlier_years(member, post.started_on)
        for paper in papers:
            if not has_paper(member, paper):
                record_paper(member, paper, keeper, now, today)
        return _begun(place, member, post, keeper, by, now)


def _known(person: PersonFacts, now: dt.datetime, today: dt.date) -> StaffMember | None:
    """The person of this number, locked; None for nobody. Raises RosterRefused for another name.

    Where name and number agree it is the same person, with everything recorded of them, even when
    the only post was withdrawn to be recorded again.
    """
    member = (
        StaffMember.objects.unscoped(BY_THE_NUMBER)
        .with_number(person.identifier_type, person.number)
        .select_for_update(no_key=True)
        .first()
    )
    if member is None:
        return None
    if member.name == person.name:
        return member
    posts = Appointment.objects.unscoped(OF_THE_PERSON).filter(person=member)
    if not posts.standing().exists():
        return _written_anew(member, person, now, today)
    raise RosterRefused(
        "这个证件号码已经登记，姓名和您填的不一样。请对照证件核对姓名和号码；"
        "改过名的，由现在所在的幼儿园或区县教育局先更正姓名。",
        "name",
    )


def _written_anew(
    member: StaffMember, person: PersonFacts, now: dt.datetime, today: dt.date
) -> StaffMember:
    """The row of a number under which nothing stands any more, for whoever is recorded by it now.

    Nobody sees such a row, so nobody could put it right; its name and papers may be those of
    somebody else, beside whom the number was typed by mistake. What speaks against whoever has the
    number stays (`against`): another spelling of the name must not wash it out, so it is for the
    county to withdraw.
    """
    full = _facts_of_a_new(person, today)
    for name in PERSON_FACTS:
        setattr(member, name, getattr(full, name))
    papers = Certificate.objects.unscoped("of a person whom nobody sees")
    with because(WRITTEN_ANEW):
        member.save(update_fields=PERSON_FACTS)
        for paper in papers.standing().filter(person=member):
            paper.withdrawn_at, paper.withdrawn_reason = now, WRITTEN_ANEW
            paper.save(update_fields=["withdrawn_at", "withdrawn_reason"])
        for kind in KINDS.values():
            others = kind.model.objects.unscoped("of a person whom nobody sees").standing()
            others.filter(**{kind.path: member}).exclude(kind.against).update(
                withdrawn_at=now, withdrawn_reason=WRITTEN_ANEW
            )
    return member


def _facts_of_a_new(person: PersonFacts, today: dt.date) -> PersonFacts:
    check(rules.person_problems(person, today))
    full = rules.completed(person)
    if not full.education:
        raise RosterRefused("名册里还没有这个人，请选学历。", "education")
    return full


def _recorded(person: PersonFacts, today: dt.date) -> StaffMember:
    full = _facts_of_a_new(person, today)
    (key,) = next_staff_keys(1)
    member = StaffMember(pk=key, number=full.number)
    for name in PERSON_FACTS:
        setattr(member, name, getattr(full, name))
    with kept_single(), changing_secret("number"):
        member.save(force_insert=True)
    return member


def _begun(
    place: Kindergarten,
    member: StaffMember,
    post: PostFacts,
    keeper: Membership,
    by: User,
    now: dt.datetime,
) -> Appointment:
    """A post as a new row, when age, qualifications and other posts let it be."""
    check_age(member, post)
    check_director(member, post, by)
    check_free(member, place, post, by)
    appointment = Appointment(
        person=member, kindergarten=place, entered_as=keeper, entered_at=now,
        **vars(post),
    )  # fmt: skip
    with kept_single():
        appointment.save(force_insert=True)
    return appointment


@transaction.atomic
def end_appointment(
    *, appointment_id: int, on: dt.date, end_reason: str, note: str, by: User, today: dt.date
) -> Appointment:
    """From `on` the post is held no more. Raises RosterRefused."""
    keeper_of(by)
    appointment = locked_appointment(appointment_id, by)
    _end(appointment, on, end_reason, note, today)
    return appointment


def _end(appointment: Appointment, on: dt.date, end_reason: str, note: str, today: dt.date) -> None:
    if appointment.withdrawn_at is not None:
        raise RosterRefused("这条任职已经撤销，不用再办离任。")
    if appointment.ended_on is not None:
        raise RosterRefused(
            f"已于{zhdate(appointment.ended_on)}离任。日期错了的，请用“更正”改这条任职。", "on"
        )
    if on <= appointment.started_on:
        raise RosterRefused(
            f"离任日期要晚于任职日期{zhdate(appointment.started_on)}。登记错了的，请用“撤销”。",
            "on",
        )
    if rules.is_too_far_ahead(on, today):
        raise RosterRefused("离任日期在一年以后，请核对年份。", "on")
    appointment.ended_on, appointment.end_reason, appointment.end_note = on, end_reason, note
    label = EndReason(end_reason).label
    with because(f"{label}：{note}" if note else label):
        appointment.save(update_fields=["ended_on", "end_reason", "end_note"])


@transaction.atomic
def transfer(
    *,
    appointment_id: int,
    to: Kindergarten,
    post: PostFacts,
    by: User,
    now: dt.datetime,
    today: dt.date,
) -> Appointment:
    """End a post and begin the next one in another kindergarten on the same day (调动).

    For the county: both kindergartens are its own. Raises RosterRefused.
    """
    keeper = keeper_of(by)
    if not by.can(Permission.MANAGE_REGISTRY):
        raise PermissionDenied("调动由区县教育局办理。本园的人离开，请办离任。")
    appointment = locked_appointment(appointment_id, by)
    if to.pk == appointment.kindergarten_id:
        raise RosterRefused("就在这所幼儿园。在园内换岗位的，先办离任（转岗），再登记任职。", "to")
    place = locked_place(to, by)
    member = locked_member(appointment.person_id, by)
    check(rules.post_problems(post, today))
    check_not_barred(str(member.number), post.started_on, post.ended_on, by=by)
    _end(appointment, post.started_on, EndReason.TRANSFERRED, f"到{place.name}"[:200], today)
    with because(f"从{appointment.kindergarten.name}调来"):
        return _begun(place, member, post, keeper, by, now)


@transaction.atomic
def correct_appointment(
    *, appointment_id: int, facts: PostFacts, reason: str, seen: str | None, by: User,
    today: dt.date,
) -> Appointment:  # fmt: skip
    """Put a post's data right: all but which post it is. Raises RosterRefused.

    The day and reason of an end that is recorded too, and without a day it has not ended; a post
    that goes on ends by `end_appointment` only. Other days are held against the list of the barred;
    another first day or another word about it asks a director's qualifications again.
    `seen` is the stamp of CORRECTABLE the person started from; None where there was no page.
    """
    keeper_of(by)
    appointment = locked_appointment(appointment_id, by)
    if appointment.withdrawn_at is not None:
        raise RosterRefused("这条任职已经撤销，不能更正。")
    if seen is not None and seen != stamp_of(appointment, CORRECTABLE):
        raise RosterRefused(CHANGED_SINCE)
    facts = replace(facts, post=appointment.post)
    if appointment.ended_on is None:
        facts = replace(facts, ended_on=None, end_reason="")
    check(rules.post_problems(facts, today))
    check_age(appointment.person, facts)
    days = (facts.started_on, facts.ended_on)
    if days != (appointment.started_on, appointment.ended_on):
        check_correction_not_barred(appointment, *days, by=by)
    asked = ("started_on", "exception")
    if any(getattr(facts, name) != getattr(appointment, name) for name in asked):
        check_director(appointment.person, facts, by, leaving_out=appointment.pk)
    check_free(appointment.person, appointment.kindergarten, facts, by, leaving_out=appointment.pk)
    for name in CORRECTABLE:
        setattr(appointment, name, getattr(facts, name))
    if appointment.ended_on is None:
        appointment.end_note = ""
    with because(reason), kept_single():
        appointment.save(update_fields=[*CORRECTABLE, "end_note"])
    return appointment


@transaction.atomic
def withdraw_appointment(
    *, appointment_id: int, reason: str, by: User, now: dt.datetime
) -> Appointment:
    """A post that was recorded by mistake counts nowhere from now on; the row stays."""
    keeper_of(by)
    appointment = locked_appointment(appointment_id, by)
    if appointment.withdrawn_at is not None:
        raise RosterRefused("这条任职已经撤销，不用再办。")
    appointment.withdrawn_at, appointment.withdrawn_reason = now, reason
    with because(reason):
        appointment.save(update_fields=["withdrawn_at", "withdrawn_reason"])
    return appointment
