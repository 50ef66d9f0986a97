"""Who can sign in, and who submitted and accepted the invented returns. Nobody is real."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import cache

from django.contrib.auth.hashers import make_password

from accounts.access.roles import RoleCode
from accounts.demo_logins import DEMO_LOGINS, DEMO_PASSWORD, DemoLogin
from accounts.models import Membership, Organisation, Region, User
from accounts.services import appoint, check_post

IN_POST_SINCE = dt.date(2019, 9, 1)
Kind = Organisation.Kind


@dataclass(frozen=True)
class Office:
    name: str
    kind: Organisation.Kind
    region: str


OFFICES = {
    "wuqing-officer": Office("武清区教育局", Kind.BUREAU, "120114"),
    "wuqing-leader": Office("武清区教育局", Kind.BUREAU, "120114"),
    "wuqing-inspector": Office("武清区教育局", Kind.BUREAU, "120114"),
    "wuqing-town": Office("王庆坨镇人民政府", Kind.TOWN_OFFICE, "120114114000"),
    "wuqing-fire": Office("武清区消防救援支队", Kind.DEPARTMENT, "120114"),
    "altay-officer": Office("阿勒泰市教育局", Kind.BUREAU, "654301"),
    "altay-city": Office("阿勒泰地区教育局", Kind.CITY_BUREAU, "654300"),
    "kundulun-officer": Office("昆都仑区教育局", Kind.BUREAU, "150203"),
    "shijingshan-officer": Office("石景山区教育局", Kind.BUREAU, "110107"),
    "wuqing-security": Office("武清区教育局", Kind.BUREAU, "120114"),
    "wuqing-audit": Office("武清区教育局", Kind.BUREAU, "120114"),
    # Sees no business data, so any place will do.
    "system": Office("系统运行维护", Kind.DEPARTMENT, "120114"),
}
# Who works in the kindergarten whose plan carries this key.
KINDERGARTEN_LOGINS = {
    "wuqing-director": "wuqing-director",
    "wuqing-clerk": "wuqing-director",
    "kundulun-director": "kundulun-director",
}
ROLES = {str(role.label): role for role in RoleCode}
COUNTIES_WITH_OFFICER_LOGIN = {
    OFFICES[login.username].region
    for login in DEMO_LOGINS
    if ROLES[login.role] == RoleCode.BUREAU_OFFICER
}


def bureau_of(county: Region) -> Organisation:
    bureau, _ = Organisation.objects.get_or_create(
        name=f"{county.name}教育局", kind=Kind.BUREAU, region=county
    )
    return bureau


def add_office_logins() -> str:
    """The accounts of bureaus, town offices and departments."""
    for login in DEMO_LOGINS:
        if login.username in OFFICES:
            office = OFFICES[login.username]
            organisation, _ = Organisation.objects.get_or_create(
                name=office.name, kind=office.kind, region=Region.objects.of_code(office.region)
            )
            _add_login(login, organisation)
    return f"{len(OFFICES)}个"


def add_kindergarten_logins(organisations: dict[str, Organisation]) -> None:
    """The accounts of directors and clerks, by the key of their kindergarten's plan."""
    for login in DEMO_LOGINS:
        key = KINDERGARTEN_LOGINS.get(login.username)
        if key in organisations:
            _add_login(login, organisations[key])


def _add_login(login: DemoLogin, organisation: Organisation) -> None:
    number = DEMO_LOGINS.index(login) + 1
    user = User.objects.create(
        username=login.username,
        full_name=f"示例{login.role}{number:02d}",
        password=_demo_password_hash(),
    )
    appoint(user=user, organisation=organisation, role=ROLES[login.role], valid_from=IN_POST_SINCE)


@cache
def _demo_password_hash() -> str:
    return make_password(DEMO_PASSWORD)


def add_silent_posts(
    organisations: list[Organisation], usernames: list[str], role: RoleCode, title: str
) -> list[Membership]:
    """One invented person per organisation who cannot sign in but has done things."""
    for organisation in organisations:
        check_post(role=role, organisation=organisation)
    users = User.objects.bulk_create(
        User(username=username, full_name=f"示例{title}{number:03d}", password=make_password(None))
        for number, username in enumerate(usernames, 1)
    )
    return Membership.objects.bulk_create(
        Membership(user=user, organisation=organisation, role=role, valid_from=IN_POST_SINCE)
        for user, organisation in zip(users, organisations, strict=True)
    )
