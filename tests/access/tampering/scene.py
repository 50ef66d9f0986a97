"""A county at work on one return: the world of the tests of this folder."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.urls import reverse

from accounts.models import User
from kindergartens.models import MonthlyFiling
from tests.signing_in import client_of
from tests.small_county import OCTOBER, SEPTEMBER, SmallCounty


class Scene:
    """A kindergarten with a return that waits, and everyone who acts on it."""

    def __init__(self, small: SmallCounty) -> None:
        self.small = small
        self.kindergarten = small.kindergarten(small.town("甲镇"), "示例一园")
        small.file(self.kindergarten, 24, month=SEPTEMBER)
        self.director = small.person("园长", self.kindergarten.organisation, "director")
        self.officer = small.officer()

    def submitted(self) -> MonthlyFiling:
        filing = self.small.file(self.kindergarten, 24, state="submitted")
        self.small.settle(SEPTEMBER, OCTOBER)
        return filing

    def post(self, user: User, route: str, *args: Any, **data: Any) -> HttpResponse:
        client = client_of(user)
        return client.post(reverse(route, args=args), data)
