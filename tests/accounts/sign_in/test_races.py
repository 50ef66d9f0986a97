"""Two at once at the door. Where a lock decides, a control without it shows that the test bites."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module

import pytest
from axes.models import AccessFailureLog
from django.conf import settings as live_settings
from django.contrib.auth.signals import user_logged_in
from django.db import connections
from django.db.models import QuerySet
from django.test import Client, RequestFactory
from django.urls import reverse

from accounts.models import KnownDevice, Session, User
from accounts.sign_in import sessions
from tests.accounts.sign_in.conftest import PASSWORD, Clock, is_in, sign_in, with_password
from tests.small_county import SmallCounty

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def person(clock: Clock) -> User:
    return with_password(SmallCounty().officer())


def in_threads(work, count: int) -> list:
    def closing(number: int):
        try:
            return work(number)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(closing, range(count)))


@pytest.mark.parametrize(("locks", "left"), [(True, 1), (False, 2)])
def test_two_sign_ins_at_once_keep_to_the_limit(
    person: User,
    clock: Clock,
    settings,
    monkeypatch: pytest.MonkeyPatch,
    locks: bool,
    left: int,
) -> None:
    settings.SESSION_LIMIT = 1
    both_inside = threading.Barrier(2)
    login = sessions.login

    def meets_the_other(*args, **kwargs) -> None:
        login(*args, **kwargs)
        try:
            # With the lock the other cannot come in before this one has left.
            both_inside.wait(0.5)
        except threading.BrokenBarrierError:
            assert locks

    monkeypatch.setattr(sessions, "login", meets_the_other)
    if not locks:
        # Django's note of the last sign-in would lock the person's row as well.
        monkeypatch.setattr(QuerySet, "select_for_update", lambda query, **more: query)
        monkeypatch.setattr(user_logged_in, "send", lambda *args, **kwargs: [])
    store = import_module(live_settings.SESSION_ENGINE).SessionStore

    def enter(_: int) -> None:
        request = RequestFactory().post(reverse("login"))
        request.session = store()
        sessions.begin_session(request, User.objects.get(pk=person.pk), now=clock.now)

    in_threads(enter, 2)
    assert Session.objects.visible_to(person).open().count() == left


def test_failures_at_the_same_moment_are_all_counted(person: User) -> None:
    in_threads(lambda _: sign_in(Client(), person, "Wrong-and-wrong-again-7"), 6)
    # Once five are counted the rest need not be.
    assert AccessFailureLog.objects.count() >= 5
    client = Client()
    sign_in(client, person)
    assert not is_in(client)


def test_the_right_password_among_many_wrong_ones_gets_in_at_most_as_if_first(
    person: User,
) -> None:
    """Guessing in parallel gives no more tries than one after the other, but for the slots."""
    settings_slots = live_settings.PASSWORD_SLOTS

    def guess(number: int) -> bool:
        client = Client()
        sign_in(client, person, PASSWORD if number == 23 else f"Wrong-and-wrong-{number}")
        return "_auth_user_id" in client.session

    for _ in range(5):
        sign_in(Client(), person, "Wrong-and-wrong-again-7")
    assert in_threads(guess, 24) == [False] * 24
    assert settings_slots <= 8
    assert not KnownDevice.objects.exists()
