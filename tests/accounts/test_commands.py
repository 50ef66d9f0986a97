"""What an operator does before the bureau can work."""

from __future__ import annotations

import pytest
from django.core.management import CommandError, call_command

from accounts.access.places import KINDS_OF_ROLE, LEVEL_OF_KIND
from accounts.access.roles import RoleCode
from accounts.models import AccountEvent, Membership, Organisation, Region, User
from accounts.services import PostRefused, appoint
from tests.small_county import SINCE, SmallCounty

TWO_PEOPLE = ("--operator", "示例运维甲", "--witness", "示例见证乙")


def test_a_region_is_activated_with_what_lies_below_and_above(small: SmallCounty) -> None:
    town = small.town("甲镇")
    Region.objects.update(is_active=False)
    call_command("activate_region", small.county.code)
    active = set(Region.objects.active().values_list("name", flat=True))
    assert active == {"示例省", "示例市", "甲县", town.name}


def test_an_account_gets_one_post(small: SmallCounty, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ACCOUNT_PASSWORD", "long-and-uncommon-7")
    call_command(
        "create_account",
        "Ｏfficer",
        "经办人",
        "bureau_officer",
        "甲县教育局",
        small.county.code,
        *TWO_PEOPLE,
    )
    user = User.objects.get(username="officer")
    assert user.check_password("long-and-uncommon-7")
    assert Membership.objects.get(user=user).organisation.name == "甲县教育局"
    with pytest.raises(CommandError, match="已经有人用了"):
        call_command(
            "create_account",
            "OFFICER",
            "另一人",
            "bureau_officer",
            "甲县教育局",
            small.county.code,
            *TWO_PEOPLE,
        )


def test_the_first_accounts_name_two_people_who_are_not_the_holder(
    small: SmallCounty, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ACCOUNT_PASSWORD", "long-and-uncommon-7")

    def make(username: str, role: str, *two: str) -> None:
        call_command(
            "create_account",
            username,
            f"示例{username}",
            role,
            "甲县教育局",
            small.county.code,
            *two,
        )

    for two, why in (
        ((), "operator"),
        (("--operator", "甲", "--witness", " 甲 "), "三个不同的人"),
        (("--operator", "示例system", "--witness", "甲"), "三个不同的人"),
        (("--operator", "甲", "--witness", " "), "两个人的姓名"),
    ):
        with pytest.raises(CommandError, match=why):
            make("system", "system_administrator", *two)
    assert not User.objects.exists()
    make("system", "system_administrator", *TWO_PEOPLE)
    events = AccountEvent.objects.filter(account__username="system")
    assert [event.action for event in events] == ["created", "post_begun"]
    assert {event.reason for event in events} == {
        "在服务器上建立：操作人示例运维甲，见证人示例见证乙"
    }
    # Still nobody to approve: the second administrator too. From then on it is done on the pages.
    make("security", "security_administrator", *TWO_PEOPLE)
    with pytest.raises(CommandError, match="在网页上由前者申请"):
        make("officer", "bureau_officer", *TWO_PEOPLE)
    assert not User.objects.filter(username="officer").exists()


def test_a_weak_password_and_an_unknown_region_are_refused(
    small: SmallCounty, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ACCOUNT_PASSWORD", "12345")
    with pytest.raises(CommandError, match="密码不合要求"):
        call_command(
            "create_account",
            "a",
            "经办人",
            "bureau_officer",
            "甲县教育局",
            small.county.code,
            *TWO_PEOPLE,
        )
    with pytest.raises(CommandError, match="999999"):
        call_command(
            "create_account", "a", "经办人", "bureau_officer", "甲县教育局", "999999", *TWO_PEOPLE
        )
    assert not User.objects.filter(username="a").exists()


@pytest.mark.parametrize(
    ("role", "place"),
    [
        # A province-wide reviewer, a reviewer of a whole city, a city's reader of one county.
        ("bureau_officer", "province"),
        ("bureau_officer", "city"),
        ("city_officer", "county"),
        ("town_officer", "county"),
        ("department_officer", "province"),
        # Directors come with their kindergarten.
        ("director", "town"),
        ("director", "county"),
        ("kindergarten_clerk", "town"),
    ],
)
def test_a_role_is_refused_where_it_is_not_held(
    small: SmallCounty, monkeypatch: pytest.MonkeyPatch, role: str, place: str
) -> None:
    monkeypatch.setenv("ACCOUNT_PASSWORD", "long-and-uncommon-7")
    code = {
        "province": "650000",
        "city": small.city.code,
        "county": small.county.code,
        "town": small.town("甲镇").code,
    }[place]
    with pytest.raises(CommandError, match=RoleCode(role).label):
        call_command("create_account", "a", "某人", role, "某单位", code, *TWO_PEOPLE)
    assert not User.objects.exists()
    assert not Organisation.objects.exists()


@pytest.mark.parametrize("role", RoleCode)
def test_a_post_needs_the_right_kind_of_organisation_at_the_right_level(
    small: SmallCounty, role: RoleCode
) -> None:
    town = small.town("甲镇")
    regions = [small.city.province, small.city, small.county, town]
    user = User.objects.create(username="a", full_name="某人")
    held = set()
    refusals = []
    for kind in Organisation.Kind:
        for region in regions:
            organisation = Organisation.objects.create(name="某单位", kind=kind, region=region)
            try:
                post = appoint(user=user, organisation=organisation, role=role, valid_from=SINCE)
            except PostRefused as refusal:
                refusals.append(str(refusal))
            else:
                held.add((post.organisation.kind, post.organisation.region.level))
    assert held == {(kind, LEVEL_OF_KIND[kind]) for kind in KINDS_OF_ROLE[role]}
    assert Membership.objects.count() == len(held) > 0
    assert all(role.label in text and "任职" in text for text in refusals)


def test_every_kind_of_organisation_employs_someone() -> None:
    assert {kind for kinds in KINDS_OF_ROLE.values() for kind in kinds} == set(Organisation.Kind)
    assert set(KINDS_OF_ROLE) == set(RoleCode)
