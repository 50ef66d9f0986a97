"""One small county for the registers of safety: a kindergarten, its people, a bureau, a stranger.

Built once a file, as tests.standing builds the whole world, but with what these registers need alone.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from django.test import Client

from accounts.models import User
from tests.conftest import acting
from tests.small_county import NOW, SmallCounty
from tests.standing import standing


class Desk:
    def __init__(self) -> None:
        small = self.small = SmallCounty()
        self.town = small.town("甲镇")
        self.kindergarten = small.kindergarten(self.town, "示例一园")
        away = small.kindergarten(small.town("乙镇", county=small.other_county), "示例乙园")
        own = self.kindergarten.organisation
        self.people: dict[str, User] = {
            "director": small.person("园长", own, "director"),
            "kindergarten_clerk": small.person("资料员", own, "kindergarten_clerk"),
            "bureau_officer": small.officer(),
            "stranger": small.person("园长", away.organisation, "director"),
        }

    def acting(self, name: str) -> Any:
        return acting(self.people[name])

    def open(self, name: str) -> Client:
        client = Client()
        client.force_login(self.people[name])
        return client


@pytest.fixture(scope="module")
def built_desk(
    request: pytest.FixtureRequest, django_db_setup: None, django_db_blocker: Any
) -> Iterator[Desk]:
    with standing(request, django_db_blocker, Desk) as built:
        yield built


@pytest.fixture
def desk(built_desk: Desk, db: None, monkeypatch: Any) -> Iterator[Desk]:
    monkeypatch.setattr("accounts.jobs.bell.ring", lambda *args, **kwargs: None)
    with time_machine.travel(NOW, tick=True):
        yield copy.deepcopy(built_desk)
