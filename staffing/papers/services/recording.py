"""New papers: of one person, or the same one of many in a kindergarten."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Min

from accounts.access.permissions import Permission
from accounts.history.context import because
from accounts.models import Membership, User
from kindergartens.models import Kindergarten
from staffing.models import Appointment, BackgroundQuery, StaffMember
from staffing.papers import rules
from staffing.papers.kinds import KINDS, PaperKind
from staffing.papers.rules import Facts, InsuranceFacts, QueryFacts
from staffing.papers.selectors import THE_HEADS, left_to_county
from staffing.roster.services.asking import (
    RosterRefused,
    check,
    keeper_of,
    kept_member,
    kept_single,
    locked_place,
)

OF_THE_PEOPLE = "papers of the people in hand: none is to stand twice"


@dataclass(frozen=True)
class Batch:
    """Who got the paper, and who had it already and got none."""

    written: list[StaffMember]
    had_it: list[StaffMember]


@transaction.atomic
def record_paper(
    *,
    kind: str,
    person_id: int,
    appointment_id: int = 0,
    facts: Facts,
    by: User,
    now: dt.datetime,
    today: dt.date,
    reason: str = "",
) -> None:
    """Record a paper of one person; those of a post name the post.

    Raises RosterRefused with the field for one that breaks the rules or stands there already.
    """
    paper = KINDS[kind]
    keeper = _keeper(paper, facts, by, today)
    member = kept_member(person_id, by, today)
    if member.pk in left_to_county(paper, by, today):
        raise RosterRefused(THE_HEADS)
    if paper.of_person:
        owner: dict[str, Any] = {"person": member}
    else:
        posts = Appointment.objects.visible_to(by).standing()
        owner = {"appointment": posts.get(pk=appointment_id, person=member)}
    _check_of_each(paper, facts, [member], [owner])
    if _standing(paper, facts, [owner]):
        raise RosterRefused(paper.again, paper.field)
    with because(reason or f"登记{paper.label}"), kept_single():
        paper.model.objects.bulk_create(_rows(paper, facts, owner, keeper, now))


@transaction.atomic
def record_papers(
    *,
    kind: str,
    kindergarten: Kindergarten,
    people: Sequence[int],
    facts: Facts,
    by: User,
    now: dt.datetime,
    today: dt.date,
) -> Batch:
    """The same paper of several people who hold a post in the kindergarten, or soon will.

    Whoever has it already gets no second one and is named. What speaks against somebody is never
    recorded of many at once. Raises RosterRefused.
    """
    paper = KINDS[kind]
    keeper = _keeper(paper, facts, by, today)
    check(rules.problems_of_many(facts))
    place = locked_place(kindergarten, by)
    if not people:
        raise RosterRefused("请至少勾选一个人。", "people")
    posts = main_posts(place, today)
    if not posts.keys() >= set(people):
        raise RosterRefused("有人已经不在本园任职，请返回后重新勾选。", "people")
    if left_to_county(paper, by, today) & set(people):
        raise RosterRefused(THE_HEADS, "people")
    members = list(
        StaffMember.objects.visible_to(by)
        .select_for_update(of=("self",), no_key=True)
        .filter(pk__in=people)
        .order_by("pk")
    )
    owners: list[dict[str, Any]] = [
        {"person": one} if paper.of_person else {"appointment": posts[one.pk]} for one in members
    ]
    _check_of_each(paper, facts, members, owners)
    there = _standing(paper, facts, owners)
    rows = [
        row
        for member, owner in zip(members, owners, strict=True)
        for row in _rows(paper, facts, owner, keeper, now, without=there.get(member.pk, set()))
    ]
    got = {_person_of(row) for row in rows}
    with because(f"成批登记{paper.label}"), kept_single():
        paper.model.objects.bulk_create(rows, batch_size=1000)
    return Batch(
        [one for one in members if one.pk in got], [one for one in members if one.pk not in got]
    )


def main_posts(kindergarten: Kindergarten, today: dt.date) -> dict[int, Appointment]:
    """By person, the post that papers of a post go with: the full-time one, then the first.

    Those that are yet to begin too: some papers are asked for before.
    """
    posts = kindergarten.appointments.not_over(today).order_by("full_time", "-started_on", "-pk")
    return {one.person_id: one for one in posts.select_related("person")}


def _keeper(paper: PaperKind, facts: Facts, by: User, today: dt.date) -> Membership:
    keeper = keeper_of(by)
    if not paper.may_record(by):
        raise PermissionDenied("师德记录由园长和区县教育局登记。")
    check(rules.problems(facts, today))
    found = isinstance(facts, QueryFacts) and facts.result == BackgroundQuery.Result.FOUND
    if found and not by.can(Permission.READ_CONDUCT):
        raise RosterRefused("查到记录的，请告诉园长，由园长登记。", "result")
    return keeper


def _check_of_each(
    paper: PaperKind,
    facts: Facts,
    members: Sequence[StaffMember],
    owners: Sequence[Mapping[str, Any]],
) -> None:
    """Raises RosterRefused for the first of whom it cannot be, named where there are several."""
    since: dict[int, dt.date] = {}
    if not paper.of_person:
        posts = Appointment.objects.unscoped(OF_THE_PEOPLE).standing().order_by()
        there = posts.filter(
            person__in=members,
            kindergarten__in={owner["appointment"].kindergarten_id for owner in owners},
        )
        since = dict(there.values_list("person").annotate(Min("started_on")))
    for member in members:
        for place, text in rules.problems_of_one(facts, member.birth_date, since.get(member.pk)):
            raise RosterRefused(text if len(members) == 1 else f"{member.name}：{text}", place)


def _standing(
    paper: PaperKind, facts: Facts, owners: Iterable[Mapping[str, Any]]
) -> dict[int, set[str]]:
    """By person, what stands already: for insurance the kinds, else one nameless mark."""
    owners = list(owners)
    rows = paper.model.objects.unscoped(OF_THE_PEOPLE).standing().filter(paper.same(facts))
    if paper.of_person:
        rows = rows.filter(person__in=[owner["person"] for owner in owners])
    else:
        posts = [owner["appointment"] for owner in owners]
        rows = rows.filter(
            appointment__person__in=[post.person_id for post in posts],
            appointment__kindergarten__in={post.kindergarten_id for post in posts},
        )
    there: dict[int, set[str]] = {}
    for one in rows.select_related(*([] if paper.of_person else ["appointment"])):
        there.setdefault(_person_of(one), set()).add(
            one.kind if isinstance(facts, InsuranceFacts) else ""
        )
    return there


def _rows(
    paper: PaperKind,
    facts: Facts,
    owner: Mapping[str, Any],
    keeper: Membership,
    now: dt.datetime,
    without: Collection[str] = (),
) -> Iterator[Any]:
    """What is to be written for one person: of insurance a row a kind, else one."""
    entered = {"entered_as": keeper, "entered_at": now}
    if not isinstance(facts, InsuranceFacts):
        if not without:
            yield paper.model(**owner, **vars(facts), **entered)
        return
    for kind in facts.kinds:
        if kind not in without:
            days = {"valid_from": facts.valid_from, "valid_until": facts.valid_until}
            yield paper.model(**owner, kind=kind, **days, **entered)


def _person_of(row: Any) -> int:
    return int(getattr(row, "person_id", None) or row.appointment.person_id)
