"""A director whose session ended while a form was open."""

from __future__ import annotations

import pytest
from django.test import Client

from accounts.models import User
from tests.accounts.sign_in.conftest import Clock, sign_in, with_password
from tests.small_county import SmallCounty


@pytest.fixture
def director(clock: Clock, small: SmallCounty) -> User:
    kindergarten = small.kindergarten(small.town("甲镇"), "示例一园")
    return with_password(small.person("园长", kindergarten.organisation, "director"))


@pytest.fixture
def client(clock: Clock, director: User) -> Client:
    """Signed in, then idle for too long."""
    client = Client()
    sign_in(client, director)
    clock.forward(minutes=40)
    return client
