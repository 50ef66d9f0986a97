"""What an operator does before the bureau can work."""

from __future__ import annotations

import pytest
from django.core.management import CommandError, call_command

from accounts.models import Membership, Region, User
from tests.small_county import SmallCounty


def test_a_region_is_activated_with_what_lies_below_and_above(small: SmallCounty) -> None:
    town = small.town("甲镇")
    Region.objects.update(is_active=False)
    call_command("activate_region", small.county.code)
    active = set(Region.objects.active().values_list("name", flat=True))
    assert active == {"示例省", "示例市", "甲县", town.name}


def test_an_account_gets_one_post(small: SmallCounty, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ACCOUNT_PASSWORD", "long-and-uncommon-7")
    call_command(
        "create_account", "Ｏfficer", "经办人", "bureau_officer", "甲县教育局", small.county.code
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
        )


def test_a_weak_password_and_an_unknown_region_are_refused(
    small: SmallCounty, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ACCOUNT_PASSWORD", "12345")
    with pytest.raises(CommandError, match="口令不合要求"):
        call_command(
            "create_account", "a", "经办人", "bureau_officer", "甲县教育局", small.county.code
        )
    with pytest.raises(CommandError, match="999999"):
        call_command("create_account", "a", "经办人", "bureau_officer", "甲县教育局", "999999")
    assert not User.objects.filter(username="a").exists()
