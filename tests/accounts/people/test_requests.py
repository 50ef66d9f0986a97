"""Accounts are asked for by one person and granted by another; the database holds both to it."""

from __future__ import annotations

import datetime as dt

import pytest
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from accounts.access.duties import Actor, separate
from accounts.access.roles import RoleCode
from accounts.models import AccountEvent, AccountRequest, Membership, User
from accounts.people.policies import AccountRefused
from accounts.people.rules import person_name_problem
from accounts.people.services import deputies, requests
from tests.accounts.people.conftest import DAY, TODAY, Bureau
from tests.conftest import acting
from tests.small_county import NOW, SINCE

State = AccountRequest.State


@pytest.mark.parametrize(
    ("first", "second", "apart"),
    [
        (Actor(1), Actor(2), True),
        (Actor(1), Actor(1), False),
        (Actor(1, on_behalf_of=3), Actor(2), True),
        # A deputy's act is the absent person's too, on either side.
        (Actor(1, on_behalf_of=2), Actor(2), False),
        (Actor(2), Actor(1, on_behalf_of=2), False),
        (Actor(1, on_behalf_of=3), Actor(2, on_behalf_of=3), False),
        (Actor(1, on_behalf_of=2), Actor(2, on_behalf_of=1), False),
        (Actor(1, on_behalf_of=2), Actor(3, on_behalf_of=4), True),
    ],
)
def test_people_are_compared_not_posts(first: Actor, second: Actor, apart: bool) -> None:
    assert separate(first, second) is separate(second, first) is apart


def test_an_approved_request_makes_an_account_with_a_one_time_password(bureau: Bureau) -> None:
    request = bureau.ask(username="Ｎewcomer")
    granted = bureau.approve(request)
    user = User.objects.get(username="newcomer")
    assert granted.password
    assert user.check_password(granted.password)
    assert granted.password not in user.password
    assert user.one_time_until == NOW + dt.timedelta(hours=72)
    post = user.memberships.get()
    assert (post.organisation, post.role) == (bureau.kindergarten, "kindergarten_clerk")
    request.refresh_from_db()
    assert (request.state, request.decided_by, request.subject) == (
        State.APPROVED, bureau.officer, user,
    )  # fmt: skip
    assert list(user.account_events.values_list("action", "done_by")) == [
        ("created", bureau.officer.pk),
        ("post_begun", bureau.officer.pk),
    ]


def test_who_asks_does_not_approve(bureau: Bureau) -> None:
    # Somebody with two posts: asks as a director, decides as an officer.
    both = bureau.director
    officer_post = Membership.objects.create(
        user=both, organisation=bureau.bureau, role="bureau_officer", valid_from=SINCE
    )
    request = bureau.ask()
    both.acting = officer_post
    with pytest.raises(AccountRefused, match="另一个人批准"):
        bureau.approve(request, by=both)
    with pytest.raises(AccountRefused, match="另一个人批准"):
        requests.refuse(request_id=request.pk, reason="不", by=both, now=NOW)
    assert not User.objects.filter(username="newcomer").exists()
    # The database says the same to a script.
    with pytest.raises(IntegrityError, match="does not decide"), transaction.atomic():
        AccountRequest.objects.filter(pk=request.pk).update(
            state="refused", decision_reason="不", decided_by=both, decided_as=officer_post,
            decided_at=NOW,
        )  # fmt: skip


def test_a_deputy_of_who_asked_does_not_approve(bureau: Bureau) -> None:
    other = bureau.office("bureau_officer")
    asker = bureau.director
    asker_as_officer = Membership.objects.create(
        user=asker, organisation=bureau.bureau, role="bureau_officer", valid_from=SINCE
    )
    request = bureau.ask()
    asker.acting = asker_as_officer
    deputy = deputies.name_deputy(
        colleague_id=other.pk, first=TODAY, last=TODAY + DAY, reason="外出学习", by=asker,
        now=NOW, today=TODAY,
    )  # fmt: skip
    other.acting = deputy
    with pytest.raises(AccountRefused, match="另一个人批准"):
        bureau.approve(request, by=other)
    with pytest.raises(IntegrityError, match="who asks does not decide"), transaction.atomic():
        AccountRequest.objects.filter(pk=request.pk).update(
            state="refused", decision_reason="不", decided_by=other, decided_as=deputy,
            decided_at=NOW,
        )  # fmt: skip
    # In the own post the same colleague may.
    other.acting = other.memberships.get(deputises_for=None)
    assert bureau.approve(request, by=other).password


def test_the_database_refuses_a_decision_in_another_persons_post(bureau: Bureau) -> None:
    request = bureau.ask()
    with pytest.raises(IntegrityError, match="another person's post"), transaction.atomic():
        AccountRequest.objects.filter(pk=request.pk).update(
            state="refused", decision_reason="不", decided_by=bureau.officer,
            decided_as=bureau.leader.acting, decided_at=NOW,
        )  # fmt: skip


@pytest.mark.as_owner  # whom the triggers refuse it too
def test_a_decision_is_final(bureau: Bureau) -> None:
    request = bureau.ask()
    requests.refuse(request_id=request.pk, reason="请写身份证上的姓名", by=bureau.officer, now=NOW)
    request.refresh_from_db()
    assert request.decision_reason == "请写身份证上的姓名"
    with pytest.raises(AccountRefused, match="已拒绝"):
        bureau.approve(request)
    for change in ({"state": "approved"}, {"full_name": "别人"}):
        with pytest.raises(DatabaseError, match="decided once"), transaction.atomic():
            AccountRequest.objects.filter(pk=request.pk).update(**change)
    with pytest.raises(DatabaseError, match="kept"), transaction.atomic():
        AccountRequest.objects.filter(pk=request.pk).delete()
    with pytest.raises(AccountRefused, match="写明拒绝的原因"):
        requests.refuse(request_id=bureau.ask().pk, reason=" ", by=bureau.officer, now=NOW)


@pytest.mark.parametrize("who", ["far_officer", "security", "leader", "director", "clerk"])
def test_only_the_own_countys_officer_decides_on_a_kindergartens(bureau: Bureau, who: str) -> None:
    with pytest.raises(AccountRefused, match="没有这份等您办理的申请"):
        bureau.approve(bureau.ask(), by=getattr(bureau, who))


def test_an_offices_account_is_the_security_administrators(bureau: Bureau) -> None:
    request = bureau.ask(
        by=bureau.system, organisation=bureau.bureau, role=RoleCode.INSPECTOR, username="inspector"
    )
    for other in (bureau.officer, bureau.far_security):
        with pytest.raises(AccountRefused, match="没有这份等您办理的申请"):
            bureau.approve(request, by=other)
    assert bureau.approve(request, by=bureau.security).password


def test_one_asks_only_for_the_own_place(bureau: Bureau) -> None:
    with pytest.raises(AccountRefused, match="不能为示例二园申请"):
        bureau.ask(organisation=bureau.neighbour)
    with pytest.raises(AccountRefused, match="申请教育局经办人"):
        bureau.ask(role=RoleCode.BUREAU_OFFICER)
    with pytest.raises(AccountRefused, match="不能为乙县教育局申请"):
        bureau.ask(
            by=bureau.system,
            organisation=bureau.far_officer.acting.organisation,  # type: ignore[union-attr]
            role=RoleCode.INSPECTOR,
        )
    for other in (bureau.clerk, bureau.officer, bureau.security):
        with pytest.raises(PermissionDenied):
            bureau.ask(by=other)
    assert not AccountRequest.objects.exists()


def test_a_first_director_is_asked_for_by_the_system_administrator(bureau: Bureau) -> None:
    with pytest.raises(AccountRefused, match="已有园长"):
        bureau.ask(by=bureau.system, role=RoleCode.DIRECTOR)
    request = bureau.ask(by=bureau.system, organisation=bureau.neighbour, role=RoleCode.DIRECTOR)
    assert bureau.approve(request).request.subject.memberships.get().role == "director"


def test_a_successor_ends_the_directors_post_and_what_the_director_asked_for(
    bureau: Bureau,
) -> None:
    left_open = bureau.ask(username="another")
    request = bureau.ask(role=RoleCode.DIRECTOR, username="successor")
    bureau.approve(request)
    old = bureau.director.memberships.get()
    assert old.ended_at == NOW
    assert not bureau.director.memberships.in_force(TODAY).exists()
    directors = Membership.objects.in_force(TODAY).filter(
        organisation=bureau.kindergarten, role="director"
    )
    assert directors.get().user.username == "successor"
    left_open.refresh_from_db()
    assert (left_open.state, left_open.decision_reason) == (State.WITHDRAWN, "申请人已离任。")


def test_a_successor_from_a_later_day(bureau: Bureau) -> None:
    request = bureau.ask(role=RoleCode.DIRECTOR, username="successor", valid_from=TODAY + 10 * DAY)
    bureau.approve(request)
    post = bureau.director.memberships.get()
    assert (post.valid_to, post.ended_at) == (TODAY + 9 * DAY, None)
    assert post in Membership.objects.in_force(TODAY + 9 * DAY)
    assert post not in Membership.objects.in_force(TODAY + 10 * DAY)


def test_a_taken_name_is_asked_for_once(bureau: Bureau) -> None:
    bureau.ask()
    with pytest.raises(AccountRefused, match="已经有一份待批准的申请"):
        bureau.ask(username="NEWCOMER")
    with pytest.raises(AccountRefused, match="已经有人用了"):
        bureau.ask(username=bureau.clerk.username)
    with pytest.raises(AccountRefused, match="3到60个字"):
        bureau.ask(username="-x")
    with pytest.raises(AccountRefused, match="今天或以后"):
        bureau.ask(username="later", valid_from=TODAY - DAY)


def test_a_further_post_for_an_account_of_the_right_name(bureau: Bureau) -> None:
    clerk = bureau.person("kindergarten_clerk", bureau.neighbour)
    wish = {"adds_post": True, "username": clerk.username}
    with pytest.raises(AccountRefused, match="没有用户名"):
        bureau.ask(full_name="别人", **wish)
    with pytest.raises(AccountRefused, match="没有用户名"):
        bureau.ask(adds_post=True, username="nobody-here")
    with pytest.raises(AccountRefused, match="不能为自己申请"):
        bureau.ask(
            adds_post=True, username=bureau.director.username, full_name=bureau.director.full_name
        )
    granted = bureau.approve(bureau.ask(full_name=clerk.full_name, **wish))
    assert granted.password is None
    assert clerk.memberships.count() == 2
    assert AccountEvent.objects.filter(account=clerk).get().action == "post_begun"


def test_nobody_approves_a_post_of_their_own(bureau: Bureau) -> None:
    officer = bureau.officer
    request = bureau.ask(adds_post=True, username=officer.username, full_name=officer.full_name)
    with pytest.raises(AccountRefused, match="自己的岗位"):
        bureau.approve(request)
    with pytest.raises(IntegrityError, match="nobody_grants_the_own_post"), transaction.atomic():
        AccountRequest.objects.filter(pk=request.pk).update(
            state="approved", decided_by=officer, decided_as=officer.acting, decided_at=NOW
        )


def test_requests_are_withdrawn_by_who_asked(bureau: Bureau) -> None:
    request = bureau.ask()
    other = bureau.person("director", bureau.kindergarten)
    with pytest.raises(AccountRefused):
        requests.withdraw(request_id=request.pk, by=other, now=NOW)
    requests.withdraw(request_id=request.pk, by=bureau.director, now=NOW)
    with pytest.raises(AccountRefused, match="已撤回"):
        bureau.approve(request)


def test_who_sees_which_request(bureau: Bureau) -> None:
    kindergartens = bureau.ask()
    office = bureau.ask(
        by=bureau.system, organisation=bureau.bureau, role=RoleCode.INSPECTOR, username="inspector"
    )
    second_director = bureau.person("director", bureau.kindergarten)
    seen = {
        "director": {kindergartens}, "clerk": set(), "officer": {kindergartens}, "leader": set(),
        "system": {office}, "security": {office}, "far_officer": set(), "far_security": set(),
    }  # fmt: skip
    for who, rows in seen.items():
        assert set(AccountRequest.objects.visible_to(getattr(bureau, who))) == rows, who
    assert set(AccountRequest.objects.visible_to(second_director)) == {kindergartens}
    nobody = acting(User.objects.create(username="nobody", full_name="无岗位"))
    assert not AccountRequest.objects.visible_to(nobody).exists()


def test_a_post_is_locked_before_what_was_asked_in_it(bureau: Bureau) -> None:
    """As in ending a post; in the opposite order the two would wait for each other."""
    request = bureau.ask(role=RoleCode.DIRECTOR)
    with CaptureQueriesContext(connection) as asked:
        bureau.approve(request)
    locks = [query["sql"] for query in asked if "FOR UPDATE" in query["sql"]]
    tables = [sql.split(' FROM "')[1].split('"')[0] for sql in locks]
    assert tables[:2] == ["accounts_membership", "accounts_accountrequest"]


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("欧阳修", None),
        ("阿依古丽·买买提", None),
        ("Anna Maria", None),
        ("张三13812345678", "手机号或证件号"),
        ("张三 138 1234 5678", "手机号或证件号"),
        ("5", "2到30个字"),
        ("张", "2到30个字"),
        ("张三1", "不写数字"),
        ("王五（园长）", "其他符号"),
        ("·张三", "其他符号"),
        ("张" * 31, "2到30个字"),
    ],
)
def test_what_is_a_name(name: str, problem: str | None) -> None:
    found = person_name_problem(name)
    assert (found is None) if problem is None else (problem in str(found))


def test_no_way_in_takes_a_number_for_a_name(bureau: Bureau) -> None:
    with pytest.raises(AccountRefused, match="手机号或证件号"):
        bureau.ask(full_name="张三13812345678")
    # One that was asked for before this was checked is not approved either.
    request = bureau.ask()
    old = AccountRequest.objects.create(
        full_name="张三1", username="earlier", organisation=request.organisation,
        role=request.role, valid_from=request.valid_from, reason="以前申请的",
        requested_by=request.requested_by, requested_as=request.requested_as, requested_at=NOW,
    )  # fmt: skip
    with pytest.raises(AccountRefused, match=r"不写数字.*请拒绝这份申请"):
        bureau.approve(old)
    assert not User.objects.filter(username="earlier").exists()
