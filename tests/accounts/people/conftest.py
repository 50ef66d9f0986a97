"""A kindergarten with a director and a clerk, its bureau's people, and the same next door."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

import pytest
from django.test import Client
from django.utils import timezone

from accounts.access.roles import RoleCode
from accounts.models import AccountRequest, Membership, Organisation, User
from accounts.people.services import requests
from accounts.people.services.requests import Wish
from accounts.sign_in.sessions import AUTHENTICATED_AT
from tests.conftest import acting
from tests.small_county import NOW, SmallCounty

TODAY = NOW.date()
DAY = dt.timedelta(days=1)


@dataclass
class Bureau:
    small: SmallCounty
    county_people: dict[str, User] = field(default_factory=dict)

    def __post_init__(self) -> None:
        small = self.small
        self.town = small.town("甲镇")
        self.kindergarten = small.kindergarten(self.town, "示例一园").organisation
        self.neighbour = small.kindergarten(self.town, "示例二园").organisation
        self.director = self.person("director", self.kindergarten)
        self.clerk = self.person("kindergarten_clerk", self.kindergarten)
        self.officer = self.office("bureau_officer")
        self.leader = self.office("bureau_leader")
        self.system = self.office("system_administrator")
        self.security = self.office("security_administrator")
        self.bureau = self.officer.acting.organisation
        self.far_officer = acting(small.officer(small.other_county))
        self.far_security = acting(small.officer(small.other_county, "security_administrator"))

    def person(self, role: str, organisation: Organisation) -> User:
        return acting(self.small.person(f"示例{role}", organisation, role))

    def office(self, role: str) -> User:
        return acting(self.small.officer(self.small.county, role))

    def wish(self, **changes: object) -> Wish:
        usual = {
            "full_name": "示例新人",
            "username": "newcomer",
            "organisation": self.kindergarten,
            "role": RoleCode.KINDERGARTEN_CLERK,
            "valid_from": TODAY,
            "reason": "新来的资料员",
        }
        return Wish(**{**usual, **changes})  # type: ignore[arg-type]

    def ask(self, by: User | None = None, **changes: object) -> AccountRequest:
        return requests.ask_for_account(
            wish=self.wish(**changes), by=by or self.director, now=NOW, today=TODAY
        )

    def approve(self, request: AccountRequest, by: User | None = None) -> requests.Granted:
        return requests.approve(request_id=request.pk, by=by or self.officer, now=NOW, today=TODAY)


@pytest.fixture
def bureau(small: SmallCounty) -> Bureau:
    return Bureau(small)


def post_of(user: User) -> Membership:
    return user.memberships.get()


def enter(client: Client, user: User) -> None:
    """Sign a person in who has just shown who they are, as approvals and exports demand."""
    client.force_login(user)
    session = client.session
    session[AUTHENTICATED_AT] = timezone.now().isoformat()
    session.save()
