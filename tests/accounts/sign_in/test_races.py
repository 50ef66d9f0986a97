"""Two at once at the door. Where a lock decides, a control without it shows that the test bites."""

from __future__ import annotations

import itertools
import threading
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from typing import Any

import pytest
from axes.models import AccessFailureLog
from django.conf import settings as live_settings
from django.contrib.auth.signals import user_logged_in
from django.db import connections
from django.db.models import QuerySet
from django.http import HttpRequest
from django.test import Client, RequestFactory
from django.urls import reverse

from accounts.models import KnownDevice, Session, User
from accounts.sign_in import entry, lockout, sessions
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


GUESSES = 24


@pytest.mark.parametrize("asks_again", [True, False])
def test_guessing_in_parallel_gives_no_more_tries_than_one_after_the_other(
    person: User, monkeypatch: pytest.MonkeyPatch, asks_again: bool
) -> None:
    """All guesses find the name unlocked; the right one is verified when all others have failed.

    What refuses it is that the lock is asked for again after the password was verified. The control
    leaves that out, and the password is guessed at the 24th try of the five that are allowed.
    """
    all_found_it_open = threading.Barrier(GUESSES)
    others_have_failed = threading.Event()
    failed = itertools.count(1)
    is_locked, authenticate = lockout.is_locked, entry.authenticate
    once = threading.local()

    def asked(request: HttpRequest, username: str, **more: Any) -> bool:
        if getattr(once, "asked", False):
            return is_locked(request, username, **more) if asks_again else False
        once.asked = True
        locked = is_locked(request, username, **more)
        assert not locked
        all_found_it_open.wait(60)
        return locked

    def verified(request: HttpRequest, username: str, password: str) -> object:
        if password == PASSWORD:
            assert others_have_failed.wait(60)
        return authenticate(request, username=username, password=password)

    def guess(number: int) -> bool:
        client = Client()
        sign_in(client, person, PASSWORD if number == 0 else f"Wrong-and-wrong-{number}")
        if number and next(failed) == GUESSES - 1:
            others_have_failed.set()
        return is_in(client)

    monkeypatch.setattr(lockout, "is_locked", asked)
    monkeypatch.setattr(entry, "authenticate", verified)
    got_in = in_threads(guess, GUESSES)
    assert got_in == [not asks_again, *[False] * (GUESSES - 1)]
    # Every wrong one was counted until the lock was on, and none opened a known browser.
    assert AccessFailureLog.objects.count() >= live_settings.LOCK_AFTER_FAILURES
    assert KnownDevice.objects.exists() == (not asks_again)
