"""Accounts are switched off and on, never deleted; idle ones are suspended by night."""

from __future__ import annotations

import datetime as dt

import pytest
import time_machine
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, transaction
from django.test import Client

from accounts.models import AccessRecord, AccountEvent, AccountRequest, Membership, User
from accounts.people import selectors
from accounts.people.policies import AccountRefused
from accounts.people.selectors import PeopleFilter
from accounts.people.services import leaving, standing
from accounts.people.tasks import nightly
from config.celery import app
from tests.accounts.people.conftest import DAY, TODAY, Bureau
from tests.conftest import acting
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
    with pytest.raises(AccountRefused, match="已经停用"):
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

    with pytest.raises(AccountRefused, match="自己的账号"):
        off(bureau.security, bureau.security)
    with pytest.raises(AccountRefused, match="本区域没有"):
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
        user_id=bureau.clerk.pk, reason="忘记密码", by=bureau.security, now=NOW
    )
    assert client.get("/").url.startswith("/login/")
    user = User.objects.get(pk=bureau.clerk.pk)
    assert user.check_password(password)
    assert user.one_time_until == NOW + 3 * DAY
    assert AccountEvent.objects.get(account=user).reason == "忘记密码"


@pytest.mark.as_owner  # whom the triggers refuse it too
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


def test_who_works_elsewhere_too_is_not_one_regions_to_reset(
    bureau: Bureau, client: Client
) -> None:
    """A password given at home would open the other county's post."""
    away = Membership.objects.create(
        user=bureau.director,
        organisation=bureau.far_officer.acting.organisation,  # type: ignore[union-attr]
        role="bureau_officer",
        valid_from=TODAY,
    )
    for act in (
        standing.give_one_time_password,
        standing.unlock,
        standing.reset_second_factor,
        standing.enable,
    ):
        with pytest.raises(AccountRefused, match="上级的安全管理员"):
            act(user_id=bureau.director.pk, reason="x", by=bureau.security, now=NOW)
    with time_machine.travel(NOW):
        client.force_login(bureau.security)
        page = client.get(f"/people/{bureau.director.pk}/").content.decode()
        listed = client.get("/people/").content.decode()
    assert "在别的区域也有岗位" in page
    assert "乙县教育局" not in page + listed
    assert 'data-opens="act-disable"' in page
    assert "act-password" not in page
    # Either county stops a leak at once; opening the account again is not theirs.
    given = {"user_id": bureau.director.pk, "reason": "电脑被盗", "now": NOW}
    client.force_login(bureau.director)
    assert standing.sign_out_everywhere(by=bureau.far_security, **given) == 1
    standing.disable(by=bureau.security, **given)
    with pytest.raises(AccountRefused, match="上级的安全管理员"):
        standing.enable(by=bureau.security, **given)
    city = acting(bureau.small.officer(bureau.small.city, "security_administrator"))
    standing.enable(by=city, **given)
    assert away in Membership.objects.in_force(TODAY)
    # A county where the person no longer works has no say.
    bureau.director.memberships.filter(organisation=bureau.kindergarten).update(ended_at=NOW)
    with pytest.raises(AccountRefused):
        standing.disable(by=bureau.security, **given)


def test_unlock_and_sign_out_are_recorded(bureau: Bureau) -> None:
    given = {"user_id": bureau.clerk.pk, "reason": "本人来电", "by": bureau.security, "now": NOW}
    standing.unlock(**given)
    standing.sign_out_everywhere(**given)
    records = AccessRecord.objects.filter(user=bureau.security, object_id=str(bureau.clerk.pk))
    assert set(records.values_list("action", "reason")) == {
        ("unlock", "本人来电"),
        ("end_session", "本人来电"),
    }
    with pytest.raises(AccountRefused, match="没有开启第二因素"):
        standing.reset_second_factor(**given)


@pytest.mark.parametrize("who", ["leader", "system", "clerk"])
@pytest.mark.parametrize("factor_first", [True, False])
def test_one_person_does_not_both_give_a_password_and_reset_the_factor(
    bureau: Bureau, who: str, factor_first: bool
) -> None:
    """Both together are a way into anybody's account."""
    user = getattr(bureau, who)
    User.objects.filter(pk=user.pk).update(second_factor_at=NOW - DAY)
    acts = [standing.reset_second_factor, standing.give_one_time_password]
    first, second = acts if factor_first else acts[::-1]
    given = {"user_id": user.pk, "reason": "手机丢了"}
    first(by=bureau.security, now=NOW, **given)
    with pytest.raises(AccountRefused, match="另一位安全管理员或上级"):
        second(by=bureau.security, now=NOW + DAY - dt.timedelta(minutes=1), **given)
    second(by=bureau.office("security_administrator"), now=NOW, **given)
    assert User.objects.get(pk=user.pk).second_factor_at is None
    if not factor_first:
        User.objects.filter(pk=user.pk).update(second_factor_at=NOW)
    second(by=bureau.security, now=NOW + DAY, **given)


def test_the_nightly_round_may_run_twice(bureau: Bureau) -> None:
    last_used(bureau.clerk, 91)
    for _ in range(2):
        with time_machine.travel(NOW):
            nightly()
    assert AccountEvent.objects.filter(action="suspended").count() == 1
    assert app.conf.beat_schedule["nightly-people"]["task"] == nightly.name
