"""What the security administrator can do for whom, with which reason, and for whom not."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import AccessRecord, User
from accounts.sign_in.selectors import accounts_managed_by
from tests.accounts.sign_in.conftest import PASSWORD, Clock, is_in, sign_in, with_password
from tests.conftest import acting
from tests.small_county import SmallCounty

REASON = "本人来电，已回拨登记电话核实"


@pytest.fixture
def administrator(clock: Clock, small: SmallCounty) -> User:
    return with_password(small.officer(role="security_administrator"))


@pytest.fixture
def desk(administrator: User) -> Client:
    client = Client()
    sign_in(client, administrator, address="203.0.113.9")
    return client


def ask(desk: Client, person: User, what: str, reason: str = REASON):
    return desk.post(reverse("sign-in-help", args=[person.pk, what]), {"reason": reason})


def lock(person: User) -> None:
    for _ in range(5):
        sign_in(Client(), person, "Wrong-and-wrong-again-7")


def test_a_locked_person_is_found_and_unlocked(
    clock: Clock, desk: Client, administrator: User, officer: User
) -> None:
    lock(officer)
    listed = desk.get(reverse("sign-in-accounts"), {"q": officer.username.upper()})
    assert "锁定中" in listed.content.decode()
    elsewhere = desk.get(reverse("sign-in-accounts"), {"q": "nobody-of-that-name"})
    assert "现在锁定的账号" in elsewhere.content.decode()
    assert "没有找到账号" in elsewhere.content.decode()
    assert ask(desk, officer, "unlock", "短").status_code == 422
    assert ask(desk, officer, "unlock").status_code == 302
    client = Client()
    sign_in(client, officer)
    assert is_in(client)
    record = AccessRecord.objects.get(action="unlock")
    assert (record.user, record.acting, record.object_id, record.reason) == (
        administrator,
        administrator.acting,
        str(officer.pk),
        REASON,
    )


def test_a_one_time_password_is_shown_once(clock: Clock, desk: Client, officer: User) -> None:
    elsewhere = Client()
    sign_in(elsewhere, officer)
    page = ask(desk, officer, "password").content.decode()
    [password] = re.findall(r'<code class="secret">([a-z0-9-]{23})</code>', page)
    assert not is_in(elsewhere)
    assert sign_in(Client(), officer, password)["Location"] == reverse("change-password")
    again = desk.get(reverse("sign-in-account", args=[officer.pk])).content.decode()
    assert password not in again
    assert "等本人改密码" in again
    assert not AccessRecord.objects.filter(reason__contains=password).exists()


def test_sessions_are_ended(clock: Clock, desk: Client, officer: User) -> None:
    client = Client()
    sign_in(client, officer)
    ask(desk, officer, "sessions")
    response = client.get(reverse("account-security"))
    assert "安全管理员结束" in client.get(response["Location"]).content.decode()
    assert AccessRecord.objects.get(action="end_session").rows == 1


def test_the_second_factor_is_reset(clock: Clock, desk: Client, officer: User, enrol) -> None:
    enrol(officer)
    assert ask(desk, officer, "factor").status_code == 302
    client = Client()
    sign_in(client, officer)
    assert is_in(client)


def test_nobody_helps_themselves_or_a_stranger(
    clock: Clock, small: SmallCounty, desk: Client, administrator: User
) -> None:
    stranger = small.officer(small.other_county)
    town = small.officer(small.town("甲镇"), "town_officer")
    for person in (administrator, stranger):
        assert desk.get(reverse("sign-in-account", args=[person.pk])).status_code == 404
        assert ask(desk, person, "factor").status_code == 404
    managed = set(accounts_managed_by(acting(administrator)))
    assert town in managed
    assert managed.isdisjoint({administrator, stranger})
    assert not accounts_managed_by(acting(town)).exists()
    listed = desk.get(reverse("sign-in-accounts")).content.decode()
    assert f">{stranger.username}<" not in listed
    assert f">{town.username}<" in listed


def test_an_old_proof_is_asked_for_again_and_the_reason_kept(
    clock: Clock, desk: Client, officer: User
) -> None:
    lock(officer)
    clock.forward(minutes=11)
    page = ask(desk, officer, "unlock")
    assert page.status_code == 401
    assert REASON in page.content.decode()
    done = desk.post(
        reverse("sign-in-help", args=[officer.pk, "unlock"]),
        {"reason": REASON, "again_proof": PASSWORD},
    )
    assert done.status_code == 302
    assert AccessRecord.objects.filter(action="unlock").count() == 1


def test_the_list_asks_the_same_however_long_it_is(
    clock: Clock, small: SmallCounty, desk: Client, django_assert_max_num_queries
) -> None:
    for _ in range(35):
        small.officer()
    with django_assert_max_num_queries(10):
        page = desk.get(reverse("sign-in-accounts")).content.decode()
    assert page.count('class="row-link"') == 30
    assert "下一页" in page
