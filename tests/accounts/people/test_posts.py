"""Posts begin and end by date; a deputy acts for some days; nobody holds what excludes itself."""

from __future__ import annotations

import itertools

import pytest
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.test import Client

from accounts.access.acting import choose_membership, memberships_in_force
from accounts.access.roles import ADMINISTRATORS, RoleCode
from accounts.models import AccountRequest, Membership, User
from accounts.people.policies import AccountRefused
from accounts.people.selectors import successors
from accounts.people.services import deputies, posts
from kindergartens.models import FilingEvent, MonthlyFiling
from kindergartens.policies import NotAllowedNow
from reports.filings.services import accept
from tests.accounts.people.conftest import DAY, TODAY, Bureau
from tests.conftest import acting
from tests.small_county import NOW, SINCE


def name(bureau: Bureau, by: User, colleague: User, first: int = 0, last: int = 4) -> Membership:
    return deputies.name_deputy(
        colleague_id=colleague.pk,
        first=TODAY + first * DAY,
        last=TODAY + last * DAY,
        reason="外出学习",
        by=by,
        now=NOW,
        today=TODAY,
    )


def test_a_deputy_sees_an_extra_post_for_the_days(bureau: Bureau) -> None:
    deputy = name(bureau, bureau.director, bureau.clerk, first=1, last=3)
    assert str(deputy) == f"代{bureau.director.full_name} 示例一园 园长"
    days = {
        day: [post.role for post in memberships_in_force(bureau.clerk, today=TODAY + day * DAY)]
        for day in (0, 1, 3, 4)
    }
    own, both = ["kindergarten_clerk"], ["kindergarten_clerk", "director"]
    assert days == {0: own, 1: both, 3: both, 4: own}


def test_what_a_deputy_does_says_who_and_for_whom(bureau: Bureau, client: Client) -> None:
    deputy = name(bureau, bureau.director, bureau.clerk)
    request = bureau.ask(by=_as(bureau.clerk, deputy))
    assert request.requested_by == bureau.clerk
    assert request.requested_as.deputises_for.user == bureau.director


def test_it_ends_early(bureau: Bureau) -> None:
    deputy = name(bureau, bureau.director, bureau.clerk)
    deputies.end_deputy(deputy_id=deputy.pk, by=bureau.director, now=NOW)
    assert deputy not in Membership.objects.in_force(TODAY)
    with pytest.raises(AccountRefused, match="已经结束"):
        deputies.end_deputy(deputy_id=deputy.pk, by=bureau.director, now=NOW)
    # The same days may be given again.
    assert name(bureau, bureau.director, bureau.clerk).pk != deputy.pk


def test_only_who_named_a_deputy_ends_it(bureau: Bureau) -> None:
    deputy = name(bureau, bureau.officer, bureau.leader)
    with pytest.raises(AccountRefused):
        deputies.end_deputy(deputy_id=deputy.pk, by=bureau.director, now=NOW)
    assert deputy in Membership.objects.in_force(TODAY)


def test_deputies_come_from_the_own_organisation_and_hold_no_other_duty(bureau: Bureau) -> None:
    stranger = bureau.person("director", bureau.neighbour)
    for colleague in (stranger, bureau.director, bureau.security):
        with pytest.raises(AccountRefused, match="只能委托本单位"):
            name(bureau, bureau.director, colleague)
    with pytest.raises(AccountRefused, match="只能委托本单位"):
        name(bureau, bureau.officer, bureau.system)
    with pytest.raises(PermissionDenied):
        name(bureau, bureau.security, bureau.officer)
    with pytest.raises(AccountRefused, match="最长92天"):
        name(bureau, bureau.director, bureau.clerk, last=92)
    with pytest.raises(AccountRefused, match="已过"):
        name(bureau, bureau.director, bureau.clerk, first=-1)
    deputy = name(bureau, bureau.director, bureau.clerk)
    with pytest.raises(AccountRefused, match="已经委托了人"):
        name(bureau, bureau.director, bureau.person("kindergarten_clerk", bureau.kindergarten))
    with pytest.raises(AccountRefused, match="不能再委托"):
        name(bureau, _as(bureau.clerk, deputy), bureau.director)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"user": "director"}, "own deputy"),
        ({"user": "officer"}, "same organisation"),
        ({"role": "kindergarten_clerk"}, "very post"),
        ({"valid_to": TODAY + 92 * DAY}, "92 days"),
        ({"valid_to": None}, "deputy_for_some_days"),
        ({"reason": ""}, "deputy_for_some_days"),
    ],
)
def test_the_database_refuses_such_deputies(
    bureau: Bureau, change: dict[str, object], why: str
) -> None:
    fields = {
        "user": "clerk", "organisation": bureau.kindergarten, "role": "director", "reason": "出差",
        "valid_from": TODAY, "valid_to": TODAY, "deputises_for": bureau.director.memberships.get(),
        **change,
    }  # fmt: skip
    fields["user"] = getattr(bureau, str(fields["user"]))
    with pytest.raises(IntegrityError, match=why), transaction.atomic():
        Membership.objects.create(**fields)


def test_a_deputy_of_who_submitted_does_not_accept(bureau: Bureau) -> None:
    """A clerk who is an officer too: neither the clerk nor the officer's deputy accepts."""
    kindergarten = bureau.kindergarten.kindergarten
    filing = bureau.small.file(kindergarten, 24, state="submitted")
    submitter = acting(filing.versions.get().submitted_as.user)
    as_officer = Membership.objects.create(
        user=submitter, organisation=bureau.bureau, role="bureau_officer", valid_from=SINCE
    )
    with pytest.raises(NotAllowedNow, match="您自己提交的"):
        accept(filing_id=filing.pk, version_seen=1, by=_as(submitter, as_officer), now=NOW)
    deputy = name(bureau, submitter, bureau.officer)
    with pytest.raises(NotAllowedNow, match="您代办的人提交的"):
        accept(filing_id=filing.pk, version_seen=1, by=_as(bureau.officer, deputy), now=NOW)
    for post in (as_officer, deputy):
        with pytest.raises(IntegrityError, match="does not accept it"), transaction.atomic():
            FilingEvent.objects.create(
                filing=filing, action="accepted", version=1, at=NOW, done_as=post
            )
    own = bureau.officer.memberships.get(deputises_for=None)
    accept(filing_id=filing.pk, version_seen=1, by=_as(bureau.officer, own), now=NOW)
    assert MonthlyFiling.objects.get(pk=filing.pk).state == "accepted"


@pytest.mark.parametrize("pair", [*itertools.combinations(sorted(ADMINISTRATORS), 2)])
def test_one_person_is_not_two_administrators(bureau: Bureau, pair: tuple[str, str]) -> None:
    user = User.objects.create(username="one", full_name="示例一人")
    Membership.objects.create(
        user=user, organisation=bureau.bureau, role=pair[0], valid_from=SINCE, valid_to=TODAY
    )
    with pytest.raises(IntegrityError, match="no_other_duty"), transaction.atomic():
        Membership.objects.create(
            user=user, organisation=bureau.bureau, role=pair[1], valid_from=TODAY
        )
    # One after the other is no problem, nor is the same duty twice.
    later = Membership.objects.create(
        user=user, organisation=bureau.bureau, role=pair[1], valid_from=TODAY + DAY
    )
    assert later.pk


@pytest.mark.parametrize("role", sorted(ADMINISTRATORS))
def test_an_administrator_holds_no_business_post(bureau: Bureau, role: str) -> None:
    user = bureau.office(role)
    with pytest.raises(IntegrityError, match="no_other_duty"), transaction.atomic():
        Membership.objects.create(
            user=user, organisation=bureau.bureau, role="bureau_officer", valid_from=TODAY
        )
    with pytest.raises(AccountRefused, match="要由不同的人担任"):
        bureau.ask(
            by=bureau.office("system_administrator") if role == "system_administrator" else bureau.system,
            adds_post=True, username=user.username, full_name=user.full_name,
            organisation=bureau.bureau, role=RoleCode.BUREAU_OFFICER,
        )  # fmt: skip


def hand_over(bureau: Bureau, successor: User, by: User, first: int = 0) -> Membership:
    return posts.hand_over(
        post_id=bureau.director.memberships.get(deputises_for=None).pk,
        successor=successor,
        first_day=TODAY + first * DAY,
        reason="调离",
        by=by,
        now=NOW,
        today=TODAY,
    )


def test_a_hand_over_ends_one_post_and_begins_the_next(bureau: Bureau, client: Client) -> None:
    filing = bureau.small.file(bureau.kindergarten.kindergarten, 24, state="draft")
    request = bureau.ask()
    deputy = name(bureau, bureau.director, bureau.clerk)
    client.force_login(bureau.director)
    assert client.get("/", follow=True).status_code == 200
    successor = bureau.person("director", bureau.neighbour)
    post = hand_over(bureau, successor, bureau.security)
    assert (post.organisation, post.role, post.valid_from) == (
        bureau.kindergarten, "director", TODAY,
    )  # fmt: skip
    # The one who left is out everywhere, and so is whoever acted in the post.
    assert client.get("/").url.startswith("/login/")
    assert not bureau.director.memberships.in_force(TODAY).exists()
    assert deputy not in Membership.objects.in_force(TODAY)
    request.refresh_from_db()
    assert request.state == AccountRequest.State.WITHDRAWN
    # Drafts and history stay with the kindergarten.
    choose_membership(successor, post.pk, today=TODAY)
    assert set(MonthlyFiling.objects.visible_to(successor)) == {filing}
    assert filing.versions.count() == 1
    with pytest.raises(AccountRefused, match="不用再办"):
        hand_over(bureau, successor, bureau.security)


def test_a_hand_over_on_a_later_day_keeps_the_post_until_then(bureau: Bureau) -> None:
    successor = bureau.person("director", bureau.neighbour)
    deputy = name(bureau, bureau.director, bureau.clerk, last=20)
    post = hand_over(bureau, successor, bureau.security, first=10)
    assert bureau.director.memberships.get().valid_to == TODAY + 9 * DAY
    assert post.valid_from == TODAY + 10 * DAY
    deputy.refresh_from_db()
    assert deputy.valid_to == TODAY + 9 * DAY


def test_nobody_hands_over_to_or_from_oneself(bureau: Bureau) -> None:
    security = bureau.security
    with pytest.raises(AccountRefused, match="自己的账号和岗位"):
        hand_over(bureau, security, security)
    with pytest.raises(AccountRefused, match="自己的账号和岗位"):
        posts.end_post(
            post_id=security.memberships.get().pk, last_day=TODAY, reason="x", by=security,
            now=NOW, today=TODAY,
        )  # fmt: skip
    with pytest.raises(AccountRefused, match="同一个人"):
        hand_over(bureau, bureau.director, security)
    with pytest.raises(AccountRefused, match="不是示例一园的人"):
        hand_over(bureau, bureau.system, security)
    with pytest.raises(AccountRefused, match="本区域没有"):
        hand_over(bureau, bureau.clerk, bureau.far_security)
    with pytest.raises(PermissionDenied):
        hand_over(bureau, bureau.clerk, bureau.officer)
    assert bureau.director.memberships.in_force(TODAY).exists()


@pytest.mark.parametrize("who", ["leader", "system", "officer"])
def test_a_clerk_is_not_made_a_bureaus_person_by_one_security_administrator(
    bureau: Bureau, who: str
) -> None:
    post = getattr(bureau, who).memberships.get()
    with pytest.raises(AccountRefused, match="不能"):
        posts.hand_over(
            post_id=post.pk, successor=bureau.clerk, first_day=TODAY, reason="x",
            by=bureau.security, now=NOW, today=TODAY,
        )  # fmt: skip
    post.refresh_from_db()
    assert (post.valid_to, post.ended_at) == (None, None)
    assert bureau.clerk.memberships.get().role == "kindergarten_clerk"


def test_a_leaders_successor_is_asked_for_and_approved(bureau: Bureau) -> None:
    post = bureau.leader.memberships.get()
    act = {"post_id": post.pk, "reason": "退休", "by": bureau.security, "now": NOW, "today": TODAY}
    with pytest.raises(AccountRefused, match="再请系统管理员为接任的人申请"):
        posts.hand_over(successor=bureau.officer, first_day=TODAY, **act)
    posts.end_post(last_day=TODAY - DAY, **act)
    wish = bureau.ask(
        by=bureau.system, adds_post=True, username=bureau.officer.username,
        full_name=bureau.officer.full_name, organisation=bureau.bureau, role=RoleCode.BUREAU_LEADER,
    )  # fmt: skip
    bureau.approve(wish, by=bureau.security)
    assert bureau.officer.memberships.filter(role="bureau_leader").exists()


@pytest.mark.as_owner  # whom the triggers refuse it too
def test_the_database_keeps_what_a_post_was(bureau: Bureau) -> None:
    deputy = name(bureau, bureau.officer, bureau.leader)
    own = bureau.leader.memberships.get(deputises_for=None)
    for post, change in (
        (own, {"role": "inspector"}),
        (own, {"user": bureau.officer}),
        (own, {"organisation": bureau.kindergarten}),
        (deputy, {"deputises_for": None}),
    ):
        with pytest.raises(DatabaseError, match="keeps its person"), transaction.atomic():
            Membership.objects.filter(pk=post.pk).update(**change)
    deputies.end_deputy(deputy_id=deputy.pk, by=bureau.officer, now=NOW)
    with pytest.raises(DatabaseError, match="stays ended"), transaction.atomic():
        Membership.objects.filter(pk=deputy.pk).update(ended_at=None)
    for table, row, word in (
        ("accounts_membership", own, "never deleted"),
        ("accounts_user", bureau.leader, "are kept"),
    ):
        with (
            pytest.raises(DatabaseError, match=word),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(f"DELETE FROM {table} WHERE id = %s", [row.pk])  # noqa: S608 - our own names


def _as(user: User, post: Membership) -> User:
    user.acting = post
    return user


def test_another_kindergartens_clerk_takes_nothing_over_here(bureau: Bureau) -> None:
    clerk_next_door = bureau.person("kindergarten_clerk", bureau.neighbour)
    director_next_door = bureau.person("director", bureau.neighbour)
    own_post = bureau.clerk.memberships.get()
    for post in (bureau.director.memberships.get(), own_post):
        assert clerk_next_door not in successors(bureau.security, post, TODAY)
        with pytest.raises(AccountRefused, match="不是示例一园的人"):
            posts.hand_over(
                post_id=post.pk, successor=clerk_next_door, first_day=TODAY, reason="调动",
                by=bureau.security, now=NOW, today=TODAY,
            )  # fmt: skip
    # A director may run a second kindergarten, and the own clerk may become its director.
    offered = set(successors(bureau.security, bureau.director.memberships.get(), TODAY))
    assert offered == {director_next_door, bureau.clerk}
    assert set(successors(bureau.security, own_post, TODAY)) == {bureau.director}
    # A deputy comes from the own place, whoever looks after the accounts of both.
    with pytest.raises(AccountRefused, match="只能委托本单位"):
        name(bureau, bureau.director, clerk_next_door)


@pytest.mark.parametrize(
    ("last", "why"), [(366, "最多提前一年"), (-2, "已过"), (365, "最多提前一年")]
)
def test_a_post_is_not_ended_on_a_day_of_a_mistyped_year(
    bureau: Bureau, last: int, why: str
) -> None:
    post = bureau.director.memberships.get()
    act = {"post_id": post.pk, "reason": "退休", "by": bureau.security, "now": NOW, "today": TODAY}
    with pytest.raises(AccountRefused, match=why):
        posts.end_post(last_day=TODAY + last * DAY, **act)
    post.refresh_from_db()
    assert (post.valid_to, post.ended_at) == (None, None)
    posts.end_post(last_day=TODAY + 364 * DAY, **act)
    post.refresh_from_db()
    assert post.valid_to == TODAY + 364 * DAY
