"""How long a session lasts, who ends it, and that a stolen or planted id is worth nothing."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from importlib import import_module

import pytest
from axes.models import AccessFailureLog
from django.conf import settings as live_settings
from django.contrib.sessions.backends.base import UpdateError
from django.test import Client
from django.urls import reverse

from accounts.models import AccessRecord, Membership, Session, User
from accounts.sign_in import second_factor
from accounts.sign_in.passwords import change_password
from accounts.sign_in.sessions import describe_device, end_sessions, masked_address
from config.celery import app
from tests.accounts.sign_in.conftest import (
    FIREFOX,
    OTHER_PASSWORD,
    PASSWORD,
    Clock,
    is_in,
    sign_in,
    with_password,
)
from tests.conftest import acting
from tests.small_county import SmallCounty


@pytest.fixture
def inspector(clock: Clock, small: SmallCounty) -> User:
    """Not a privileged role: idles out after half an hour."""
    return with_password(small.officer(role="inspector"))


def signed_in(user: User) -> Client:
    client = Client()
    sign_in(client, user)
    assert is_in(client)
    return client


def test_a_planted_session_id_is_not_the_one_that_gets_in(clock: Clock, officer: User) -> None:
    """Fixation: whoever knows the id before sign-in does not know it after."""
    store = import_module(live_settings.SESSION_ENGINE).SessionStore()
    store["planted"] = "by an attacker"
    store.save()
    victim, attacker = Client(), Client()
    for client in (victim, attacker):
        client.cookies[live_settings.SESSION_COOKIE_NAME] = store.session_key
    sign_in(victim, officer)
    assert is_in(victim)
    assert victim.session.session_key != store.session_key
    assert not is_in(attacker)
    assert not Session.objects.filter(session_key=store.session_key).exists()
    # Nor does an id that nobody issued become one.
    made_up = "a" * 32
    victim = Client()
    victim.cookies[live_settings.SESSION_COOKIE_NAME] = made_up
    sign_in(victim, officer)
    assert victim.session.session_key != made_up


def test_the_id_changes_with_the_post_acted_in(
    clock: Clock, small: SmallCounty, officer: User
) -> None:
    second = Membership.objects.create(
        user=officer,
        organisation=officer.acting.organisation,
        role="inspector",
        valid_from=clock.now.date(),
    )
    client = signed_in(officer)
    before = client.session.session_key
    client.post(reverse("choose-post"), {"membership": second.pk})
    assert client.session.session_key != before
    assert is_in(client)
    stolen = Client()
    stolen.cookies[live_settings.SESSION_COOKIE_NAME] = before
    assert not is_in(stolen)


@pytest.mark.parametrize(("role", "minutes"), [("inspector", 30), ("bureau_officer", 15)])
def test_idle_sessions_end_and_say_so(
    clock: Clock, small: SmallCounty, role: str, minutes: int
) -> None:
    user = with_password(small.officer(role=role))
    client = signed_in(user)
    for _ in range(3):
        clock.forward(minutes=minutes - 1)
        assert is_in(client)
    clock.forward(minutes=minutes)
    page = reverse("dashboard")
    response = client.get(page)
    assert response["Location"] == f"{reverse('login')}?next={page}"
    door = client.get(response["Location"])
    assert "长时间没有操作" in door.content.decode()
    row = Session.objects.get(user=user)
    assert (row.ended_why, row.session_data) == ("idle", "")
    assert AccessRecord.objects.get(action="end_session").user == user
    # One returns to the page one was on.
    assert sign_in(client, user, next=page)["Location"] == page
    assert is_in(client)


def test_what_the_page_asks_by_itself_does_not_count(
    clock: Clock, small: SmallCounty, inspector: User
) -> None:
    client = signed_in(inspector)
    fresh = reverse("dashboard-fresh", args=[small.county.code])
    for _ in range(6):
        clock.forward(minutes=5)
        client.get(fresh)
        client.get(reverse("session-state"))
    assert not is_in(client)


def test_staying_is_a_persons_own_act(clock: Clock, inspector: User) -> None:
    client = signed_in(inspector)
    clock.forward(minutes=20)
    assert client.get(reverse("session-state")).content == b"600"
    assert client.post(reverse("session-state")).content == b"1800"
    clock.forward(minutes=29)
    assert client.get(reverse("session-state")).content == b"60"
    assert is_in(client)


def test_twelve_hours_are_the_end_however_busy(clock: Clock, inspector: User) -> None:
    client = signed_in(inspector)
    for _ in range(12 * 60 // 20 - 1):
        clock.forward(minutes=20)
        assert is_in(client)
    assert client.get(reverse("session-state")).content == b"1200"
    # Neither writing into the session nor a new id lengthens it.
    client.post(reverse("choose-post"), {"membership": inspector.acting.pk})
    clock.forward(minutes=20)
    response = client.get(reverse("account-security"))
    assert response.status_code == 302
    assert "登录已满最长时间" in client.get(response["Location"]).content.decode()


def disable(user: User, clock: Clock) -> None:
    User.objects.filter(pk=user.pk).update(is_active=False)


def new_password(user: User, clock: Clock) -> None:
    change_password(user=User.objects.get(pk=user.pk), password=OTHER_PASSWORD, now=clock.now)


def password_by_sql(user: User, clock: Clock) -> None:
    """Whoever changes the hash past every service ends the sessions too."""
    User.objects.filter(pk=user.pk).update(password="argon2$changed")


def factor_reset(user: User, clock: Clock) -> None:
    second_factor.reset_second_factor(user=user, by=acting(user), reason="遗失", now=clock.now)


def role_changed(user: User, clock: Clock) -> None:
    end_sessions(user=user, why=Session.Ended.ROLE, now=clock.now)


@pytest.mark.parametrize(
    "act", [disable, new_password, password_by_sql, factor_reset, role_changed]
)
def test_what_ends_all_sessions_at_the_next_request(
    clock: Clock, officer: User, act: Callable[[User, Clock], None]
) -> None:
    clients = [signed_in(officer), signed_in(officer)]
    act(officer, clock)
    assert [is_in(client) for client in clients] == [False, False]


def test_changing_ones_password_ends_the_other_sessions_only(clock: Clock, officer: User) -> None:
    here, elsewhere = signed_in(officer), signed_in(officer)
    before = here.session.session_key
    response = here.post(
        reverse("change-password"),
        {"present": PASSWORD, "chosen": OTHER_PASSWORD, "repeated": OTHER_PASSWORD},
    )
    assert response.status_code == 302
    assert here.session.session_key != before
    assert (is_in(here), is_in(elsewhere)) == (True, False)
    assert AccessRecord.objects.filter(action="change_password", outcome="done").count() == 1


def test_signing_out_ends_this_session_only(clock: Clock, officer: User) -> None:
    here, elsewhere = signed_in(officer), signed_in(officer)
    key = here.session.session_key
    response = here.post(reverse("logout"))
    assert response["Clear-Site-Data"] == '"cache", "storage"'
    thief = Client()
    thief.cookies[live_settings.SESSION_COOKIE_NAME] = key
    assert (is_in(here), is_in(thief), is_in(elsewhere)) == (False, False, True)
    assert AccessRecord.objects.filter(action="sign_out", user=officer).count() == 1
    assert elsewhere.get(reverse("logout")).status_code == 405
    assert is_in(elsewhere)


@pytest.mark.parametrize("limit", [1, 3])
def test_more_sessions_than_allowed_end_the_oldest(
    clock: Clock, officer: User, settings, limit: int
) -> None:
    settings.SESSION_LIMIT = limit
    clients = []
    for _ in range(limit + 2):
        clock.forward(seconds=10)
        clients.append(Client())
        sign_in(clients[-1], officer)
    assert [is_in(client) for client in clients] == [False] * 2 + [True] * limit
    response = clients[0].get(reverse("account-security"))
    assert response.status_code == 302
    # The former session's cookie is gone; the next page after its end said why.
    assert Session.objects.filter(ended_why="elsewhere").count() == 2


def test_one_sees_and_ends_ones_own_sessions(
    clock: Clock, small: SmallCounty, officer: User
) -> None:
    stranger = with_password(small.officer())
    here, elsewhere, theirs = signed_in(officer), signed_in(officer), signed_in(stranger)
    page = here.get(reverse("account-security")).content.decode()
    assert page.count('<th scope="row">Windows电脑，Firefox') == 2
    assert "192.0.2.*" in page
    assert "192.0.2.7" not in page
    assert elsewhere.session.session_key not in page
    handle = Session.objects.get(session_key=elsewhere.session.session_key).handle
    foreign = Session.objects.get(session_key=theirs.session.session_key).handle
    here.post(reverse("end-session"), {"session": foreign})
    assert is_in(theirs)
    here.post(reverse("end-session"), {"session": handle})
    response = elsewhere.get(reverse("account-security"))
    assert "本人在别处结束" in elsewhere.get(response["Location"]).content.decode()
    assert is_in(here)
    more = [signed_in(officer), signed_in(officer)]
    here.post(reverse("end-session"))
    assert [is_in(client) for client in (here, *more)] == [True, False, False]
    assert AccessRecord.objects.filter(action="end_session", user=officer).count() == 2


def test_a_request_under_way_cannot_revive_an_ended_session(clock: Clock, officer: User) -> None:
    client = signed_in(officer)
    store = import_module(live_settings.SESSION_ENGINE).SessionStore(client.session.session_key)
    store["typed"] = "meanwhile"
    end_sessions(user=officer, why=Session.Ended.BY_ADMINISTRATOR, now=clock.now)
    with pytest.raises(UpdateError):
        store.save()
    assert not is_in(client)
    assert Session.objects.get().session_data == ""


def test_reading_pages_writes_the_last_doing_once_a_minute(
    clock: Clock, officer: User, django_assert_num_queries
) -> None:
    client = signed_in(officer)
    clock.forward(seconds=61)
    is_in(client)
    row = Session.objects.get()
    assert row.seen_at == clock.now
    clock.forward(seconds=30)
    with django_assert_num_queries(3):  # session, person, posts: nothing for the door itself
        client.get(reverse("session-state"))
    row.refresh_from_db()
    assert row.seen_at == clock.now - dt.timedelta(seconds=30)


def test_expired_rows_are_cleared_away(clock: Clock, officer: User) -> None:
    signed_in(officer)
    sign_in(Client(), officer, "wrong")
    # So long an ended session's cookie and row say whose form it is that comes too late.
    clock.forward(hours=12, days=3, seconds=1)
    # What beat calls every night, under its name.
    app.loader.import_default_modules()
    nightly = app.tasks[app.conf.beat_schedule["sweep-sign-ins"]["task"]]
    nightly()
    assert not Session.objects.exists()
    assert AccessFailureLog.objects.count() == 1
    clock.forward(days=31)
    nightly()
    assert not AccessFailureLog.objects.exists()


def test_devices_and_addresses_in_words() -> None:
    assert describe_device(FIREFOX) == "Windows电脑，Firefox"
    harmony = "Mozilla/5.0 (Phone; OpenHarmony 5.0) AppleWebKit/537.36 Chrome/114.0 Safari/537.36"
    assert describe_device(harmony) == "鸿蒙，Chrome"
    assert describe_device("") == "其他设备，其他浏览器"
    assert len(describe_device("x" * 5000)) <= 80
    assert masked_address("2001:db8:1:2::7") == "2001:0db8:0001:0002:*"
    assert masked_address(None) == "未知"


def test_the_next_page_is_one_of_ours(clock: Clock, officer: User) -> None:
    for away in ("https://evil.example/", "//evil.example", "javascript:alert(1)", "\\\\evil"):
        client = Client()
        assert sign_in(client, officer, next=away)["Location"] == reverse("home")


def test_head_of_the_door_is_answered(db: None) -> None:
    answer = Client().head(reverse("login"))
    assert (answer.status_code, answer.content) == (200, b"")
