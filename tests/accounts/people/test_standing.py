"""Accounts are switched off and on, never deleted; idle ones are suspended by night."""

from __future__ import annotations

import datetime as dt

import pytest
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, transaction
from django.test import Client

from accounts.models import AccountEvent, AccountRequest, User
from accounts.people import selectors
from accounts.people.policies import Refused
from accounts.people.selectors import PeopleFilter
from accounts.people.services import leaving, standing
from tests.accounts.people.conftest import DAY, TODAY, Bureau
from tests.small_county import NOW


def test_a_disabled_account_is_out_at_once_and_can_come_back(
    bureau: Bureau, client: Client
) -> None:
    request = bureau.ask()
    client.force_login(bureau.director)
    assert client.get("/", follow=True).status_code == 200
    standing.disable(user_id=bureau.director.pk, reason="停职", by=bureau.security, now=NOW)
    assert client.get("/").url.startswith("/login/")
    request.refresh_from_db()
    assert request.state == AccountRequest.State.WITHDRAWN
    with pytest.raises(Refused, match="已经停用"):
        standing.disable(user_id=bureau.director.pk, reason="停职", by=bureau.security, now=NOW)
    standing.enable(user_id=bureau.director.pk, reason="复职", by=bureau.security, now=NOW)
    user = User.objects.get(pk=bureau.director.pk)
    assert (user.is_active, user.disabled_at, user.enabled_at) == (True, None, NOW)
    assert list(user.account_events.values_list("action", "reason", "done_by")) == [
        ("disabled", "停职", bureau.security.pk),
        ("enabled", "复职", bureau.security.pk),
    ]


def test_nobody_but_the_own_security_administrator_and_never_oneself(bureau: Bureau) -> None:
    def off(user: User, by: User) -> None:
        standing.disable(user_id=user.pk, reason="x", by=by, now=NOW)

    with pytest.raises(Refused, match="自己的账号"):
        off(bureau.security, bureau.security)
    with pytest.raises(Refused, match="本区域没有"):
        off(bureau.director, bureau.far_security)
    for other in (bureau.officer, bureau.system, bureau.director):
        with pytest.raises(PermissionDenied):
            off(bureau.clerk, other)
    assert not User.objects.filter(is_active=False).exists()


def test_a_new_one_time_password_signs_out_and_is_written_down(
    bureau: Bureau, client: Client
) -> None:
    client.force_login(bureau.clerk)
    password = standing.give_one_time_password(
        user_id=bureau.clerk.pk, reason="忘记口令", by=bureau.security, now=NOW
    )
    assert client.get("/").url.startswith("/login/")
    user = User.objects.get(pk=bureau.clerk.pk)
    assert user.check_password(password)
    assert user.one_time_until == NOW + 3 * DAY
    assert AccountEvent.objects.get(account=user).reason == "忘记口令"


def test_events_are_never_changed(bureau: Bureau) -> None:
    standing.disable(user_id=bureau.clerk.pk, reason="停职", by=bureau.security, now=NOW)
    for change in (lambda rows: rows.update(reason="别的"), lambda rows: rows.delete()):
        with pytest.raises(DatabaseError, match="kept"), transaction.atomic():
            change(AccountEvent.objects.all())


def last_used(user: User, days: int) -> None:
    moment = NOW - dt.timedelta(days=days)
    User.objects.filter(pk=user.pk).update(last_login=moment, created_at=moment)


def test_ninety_days_without_sign_in_suspend_an_account_once(bureau: Bureau) -> None:
    User.objects.update(created_at=NOW, last_login=NOW)
    for user, days in ((bureau.clerk, 91), (bureau.director, 80), (bureau.officer, 89)):
        last_used(user, days)
    assert standing.suspend_unused(now=NOW) == 1
    assert standing.suspend_unused(now=NOW) == 0
    assert User.objects.get(is_active=False) == bureau.clerk
    event = AccountEvent.objects.get()
    assert (event.action, event.account, event.done_by) == ("suspended", bureau.clerk, None)
    # Switched on again, it has another 90 days.
    standing.enable(user_id=bureau.clerk.pk, reason="休完产假", by=bureau.security, now=NOW)
    assert standing.suspend_unused(now=NOW) == 0
    assert standing.suspend_unused(now=NOW + 91 * DAY) > 0


def test_a_stale_account_is_listed_before(bureau: Bureau) -> None:
    User.objects.update(created_at=NOW, last_login=NOW)
    for user, days in ((bureau.clerk, 80), (bureau.director, 70)):
        last_used(user, days)
    stale = selectors.people(bureau.security, PeopleFilter(state="stale"), today=TODAY, now=NOW)
    assert [user.pk for user in stale] == [bureau.clerk.pk]
    assert selectors.days_left_of_use(stale[0], NOW) == 10
    assert selectors.people_counts(bureau.security, NOW)["stale"] == 1


def test_requests_of_a_post_that_ran_out_end_by_night(bureau: Bureau) -> None:
    request = bureau.ask()
    bureau.director.memberships.update(valid_to=TODAY)
    assert leaving.withdraw_of_people_who_left(today=TODAY, now=NOW) == 0
    assert leaving.withdraw_of_people_who_left(today=TODAY + DAY, now=NOW) == 1
    request.refresh_from_db()
    assert request.state == AccountRequest.State.WITHDRAWN


def test_who_looks_after_which_account(bureau: Bureau) -> None:
    county = {
        bureau.director, bureau.clerk, bureau.officer, bureau.leader, bureau.system, bureau.security,
    }  # fmt: skip
    seen = {
        "security": county,
        "far_security": {bureau.far_officer, bureau.far_security},
        "director": {bureau.director, bureau.clerk},
        "clerk": {bureau.clerk},
        "officer": {bureau.officer},
        "system": {bureau.system},
    }
    for who, rows in seen.items():
        assert set(User.objects.visible_to(getattr(bureau, who))) == rows, who
