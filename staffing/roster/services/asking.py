"""What every act on the roster asks first: who may, whose row, and whether the rules let it be."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import fields

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.db.models import Q

from accounts.access.permissions import Permission
from accounts.formatting import zhdate
from accounts.models import Membership, User
from kindergartens.models import Kindergarten
from kindergartens.policies import NotAllowedNow
from staffing.models import Appointment, StaffMember
from staffing.models.appointments import AppointmentQuerySet
from staffing.roster import rules
from staffing.roster.rules import PaperFacts, PersonFacts, PostFacts

# What is kept beside the number, which is never shown and never compared.
PERSON_FACTS = tuple(field.name for field in fields(PersonFacts) if field.name != "number")
POST_FACTS = tuple(field.name for field in fields(PostFacts))
PAPER_FACTS = tuple(field.name for field in fields(PaperFacts))
# What of a post may be put right; another post, person or place is another appointment.
CORRECTABLE = tuple(name for name in POST_FACTS if name != "post")
BY_THE_NUMBER = "the person whose whole number was typed"
OF_THE_PERSON = "posts of the person in hand, in whichever kindergarten: they must not overlap"
SOMEBODY_ELSE_FIRST = "别人刚刚登记过同样的内容。请返回看过名册再办。"


class RosterRefused(NotAllowedNow):
    """It cannot be done; `field` is where, the text says why and what to do."""


def keeper_of(by: User) -> Membership:
    if by.acting is None or not by.can(Permission.KEEP_STAFF):
        raise PermissionDenied("教职工名册由幼儿园和区县教育局登记，您现在的岗位没有这项权限。")
    return by.acting


def may_keep_person(person: StaffMember, by: User, today: dt.date) -> bool:
    """A kindergarten keeps the data of whoever works there; the county those of its area."""
    if not by.can(Permission.KEEP_STAFF):
        return False
    posts = Appointment.objects.visible_to(by).filter(person=person)
    posts = posts.standing() if by.can(Permission.MANAGE_REGISTRY) else posts.not_over(today)
    return posts.exists()


def locked_member(person_id: int, by: User) -> StaffMember:
    """Whoever also holds a paper of the person takes this lock first."""
    return (
        StaffMember.objects.visible_to(by)
        .select_for_update(of=("self",), no_key=True)
        .get(pk=person_id)
    )


def kept_member(person_id: int, by: User, today: dt.date) -> StaffMember:
    member = locked_member(person_id, by)
    if not may_keep_person(member, by, today):
        raise PermissionDenied("这个人已经离开本园，资料由现在所在的幼儿园或区县教育局更正。")
    return member


def locked_place(kindergarten: Kindergarten, by: User) -> Kindergarten:
    visible = Kindergarten.objects.visible_to(by).select_for_update(of=("self",), no_key=True)
    # Fetched, not asked whether it exists: that would drop OF and lock what is joined, too.
    place = visible.filter(pk=kindergarten.pk).first()
    if place is None:
        raise PermissionDenied("这所幼儿园不在您的工作范围内。")
    return place


def locked_appointment(appointment_id: int, by: User) -> Appointment:
    return (
        Appointment.objects.visible_to(by)
        .select_for_update(of=("self",), no_key=True)
        .select_related("person", "kindergarten")
        .get(pk=appointment_id)
    )


def check(problems: Iterator[tuple[str, str]], prefix: str = "") -> None:
    for place, text in problems:
        raise RosterRefused(text, prefix + place)


def check_age(member: StaffMember, post: PostFacts) -> None:
    age = rules.age_on(member.birth_date, post.started_on)
    verdict = rules.age_at_post(member.birth_date, post.started_on)
    if verdict is rules.AgeAtPost.IMPOSSIBLE:
        raise RosterRefused(f"任职时{age}周岁，不可能。请核对任职日期和证件号码。", "started_on")
    if verdict is rules.AgeAtPost.STRANGE and not post.exception:
        raise RosterRefused(
            f"任职时{age}周岁，不在18至65周岁之间。核对无误的，请在例外说明里写明。", "exception"
        )


def check_earlier_years(member: StaffMember, *begins: dt.date) -> None:
    """`begins`: first days that are not on the roster yet."""
    posts = Appointment.objects.unscoped(OF_THE_PERSON).standing().filter(person=member)
    known = posts.order_by("started_on").values_list("started_on", flat=True)[:1]
    days = [*known, *begins]
    if not days:
        return
    wrong = rules.earlier_years_problem(member.earlier_years, member.birth_date, min(days))
    if wrong:
        raise RosterRefused(wrong, "earlier_years")


def papers_of(member: StaffMember) -> list[PaperFacts]:
    """Certificates that stand."""
    return [
        PaperFacts(**{name: getattr(paper, name) for name in PAPER_FACTS})
        for paper in member.certificates.filter(withdrawn_at__isnull=True)
    ]


def director_lacks(member: StaffMember, on: dt.date, leaving_out: int = 0) -> list[str]:
    """What of Art 38 the person lacks on a day, by everything recorded of the person anywhere.

    `leaving_out` is the post in question where it stands already: with a first day that is being
    put right it must not count its own years.
    """
    papers = papers_of(member)
    spans = (
        Appointment.objects.unscoped("years count wherever they were worked")
        .standing()
        .filter(person=member, post__in=rules.YEARS_COUNT_IN)
        .exclude(pk=leaving_out)
        .values_list("started_on", "ended_on")
    )
    years = rules.full_years(member.earlier_years, spans, on)
    return rules.director_lacks(papers, member.education, years, on)


def check_director(member: StaffMember, post: PostFacts, by: User, leaving_out: int = 0) -> None:
    """学前教育法 Art 38: without its qualifications nobody becomes director unless the county says why."""
    if post.post != rules.PRINCIPAL:
        return
    lacks = director_lacks(member, post.started_on, leaving_out)
    if not lacks:
        return
    said = f"任园长的条件（学前教育法第38条）还缺：{'；'.join(lacks)}。"
    if not by.can(Permission.MANAGE_REGISTRY):
        raise RosterRefused(
            f"{said}请先补登学历、证书和年限；确实不具备的，报区县教育局写明理由后登记。", "post"
        )
    if not post.exception:
        raise RosterRefused(f"{said}请补登；仍要登记的，在例外说明里写明理由。", "exception")


def check_free(
    member: StaffMember, place: Kindergarten, post: PostFacts, by: User, leaving_out: int = 0
) -> None:
    """The sentences for what the two exclusion constraints promise."""
    others = _overlapping(member, post).exclude(pk=leaving_out).select_related("kindergarten")
    same = others.filter(kindergarten=place, post=post.post).first()
    if same is not None:
        raise RosterRefused(
            f"{member.name}{zhdate(same.started_on)}起已在本园任{same.get_post_display()}"
            f"{_until(same)}。请改任职日期，或先办离任。",
            "started_on",
        )
    full = others.filter(full_time=True).first() if post.full_time else None
    if full is None:
        return
    mine = Appointment.objects.visible_to(by).filter(pk=full.pk).exists()
    where = full.kindergarten.name if mine else "另一所幼儿园"
    raise RosterRefused(
        f"{member.name}{zhdate(full.started_on)}起在{where}有全职任职{_until(full)}，"
        "一个人同时只能有一个全职。请那边先办离任，或由区县教育局办调动；兼职的，选“兼职”。",
        "full_time",
    )


def _overlapping(member: StaffMember, post: PostFacts) -> AppointmentQuerySet:
    rows = Appointment.objects.unscoped(OF_THE_PERSON).standing().filter(person=member)
    rows = rows.filter(Q(ended_on__isnull=True) | Q(ended_on__gt=post.started_on))
    if post.ended_on is not None:
        rows = rows.filter(started_on__lt=post.ended_on)
    return rows.order_by("started_on")


def _until(other: Appointment) -> str:
    return f"（到{zhdate(other.ended_on)}前）" if other.ended_on else ""


@contextmanager
def kept_single() -> Iterator[None]:
    """The database's promises, for two who record the same at once."""
    try:
        with transaction.atomic():
            yield
    except IntegrityError:
        raise RosterRefused(SOMEBODY_ELSE_FIRST) from None
