"""A person with a password, and clients that sign in through the page."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django_otp.oath import TOTP

from accounts.models import Authenticator, User
from accounts.sign_in import second_factor
from accounts.sign_in.passwords import change_password
from tests.conftest import acting
from tests.small_county import NOW, SmallCounty

PASSWORD = "Sieben-Schwalben-fliegen"
OTHER_PASSWORD = "Neun-Kraniche-rasten-7"
FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"


class Clock:
    """The time of the whole test; `forward` moves it."""

    def __init__(self, traveller: time_machine.Traveller) -> None:
        self.traveller = traveller
        self.now = NOW

    def forward(self, **delta: float) -> dt.datetime:
        self.now += dt.timedelta(**delta)
        self.traveller.move_to(self.now)
        return self.now


@pytest.fixture
def clock() -> Iterator[Clock]:
    with time_machine.travel(NOW, tick=False) as traveller:
        yield Clock(traveller)


@pytest.fixture
def officer(clock: Clock, small: SmallCounty) -> User:
    """With a password of the officer's own choice, set just now."""
    return with_password(small.officer())


def with_password(user: User, password: str = PASSWORD) -> User:
    change_password(user=user, password=password, now=NOW)
    return acting(user)


def sign_in(
    client: Client,
    user: User | str,
    password: str = PASSWORD,
    address: str = "192.0.2.7",
    **more: str,
):
    """Send the sign-in form, as a browser does."""
    username = user if isinstance(user, str) else user.username
    return client.post(
        reverse("login"),
        {"username": username, "password": password, **more},
        REMOTE_ADDR=address,
        HTTP_USER_AGENT=FIREFOX,
    )


def is_in(client: Client) -> bool:
    """Whether a page behind the door opens."""
    return client.get(reverse("account-security"), REMOTE_ADDR="192.0.2.7").status_code == 200


def code_of(user: User, now: dt.datetime, steps: int = 0) -> str:
    """What the person's app shows, so many half minutes from now."""
    app = Authenticator.objects.filter(user=user).latest("confirmed")
    totp = TOTP(app.bin_key)
    totp.time = now.timestamp() + 30 * steps
    return f"{totp.token():06d}"


@pytest.fixture
def enrol(clock: Clock) -> Callable[[User], list[str]]:
    """Switch a person's second factor on; returns the recovery codes. A step later than before."""

    def enrolled(user: User) -> list[str]:
        acting(user)
        second_factor.offer(user)
        codes = second_factor.confirm(
            user=user, code=code_of(user, clock.now), keep=None, now=clock.now
        )
        assert codes is not None
        clock.forward(minutes=1)
        user.refresh_from_db()
        return codes

    return enrolled
