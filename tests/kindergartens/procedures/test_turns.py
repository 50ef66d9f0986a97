"""Every open procedure says who acts next, until when, and why it is not the reader."""

from __future__ import annotations

import time_machine
from django.urls import reverse

from accounts.models import User
from kindergartens.models import Procedure
from kindergartens.procedures import services
from tests.conftest import acting
from tests.kindergartens.procedures.scene import Scene
from tests.signing_in import client_of
from tests.small_county import NOW


def page_of(user: User, procedure: Procedure) -> str:
    with time_machine.travel(NOW, tick=True):
        return client_of(user).get(reverse("procedure", args=[procedure.number])).content.decode()


def test_each_reader_is_told_whose_turn_it_is(scene: Scene) -> None:
    asked = scene.ask("closure", by=scene.officer, placements=[])
    office = f"{scene.small.county.name}教育局"
    said = f"下一步由{office}经办人核对，"
    pages = {
        who: page_of(who, asked)
        for who in (scene.officer, scene.second, scene.leader, scene.director)
    }
    assert all(said in page for page in pages.values())
    assert f"这件事是您提出的，要由{office}的另一位经办人核对" in pages[scene.officer]
    assert "核对归经办人，领导不核对" in pages[scene.leader]
    assert "核对归教育局，园里现在不用办" in pages[scene.director]
    assert "这件事是您" not in pages[scene.second]
    town = acting(scene.small.officer(scene.town, "town_officer"))
    assert "您的岗位只查看，不办理" in page_of(town, asked)
    services.check(procedure_id=asked.pk, reason="", by=scene.second, now=NOW)
    assert f"下一步由{office}领导决定，" in page_of(scene.leader, asked)
    services.send_back(procedure_id=asked.pk, reason="缺公告", by=scene.leader, now=NOW)
    assert f"下一步由{office}补正再报" in page_of(scene.director, asked)
    services.withdraw(procedure_id=asked.pk, reason="不关了", by=scene.officer, now=NOW)
    assert "下一步由" not in page_of(scene.officer, asked)


def test_with_one_officer_only_the_page_says_what_to_do(scene: Scene) -> None:
    asked = scene.ask("closure", by=scene.officer, placements=[])
    alone = "现在没有能核对这件事的另一位经办人。请系统管理员为一位同事申请经办人账号"
    assert alone not in page_of(scene.officer, asked)
    User.objects.filter(pk=scene.second.pk).update(is_active=False)
    assert alone in page_of(scene.officer, asked)
    assert alone in page_of(scene.leader, asked)
    # Of somebody else's matter the officer is the one.
    other = scene.ask("split", details={"plan": "分为两园"}, effective_on=None)
    assert "现在没有能" not in page_of(scene.officer, other)


def test_without_a_leader_the_page_says_what_to_do(scene: Scene) -> None:
    checked = scene.checked()
    assert "现在没有能决定" not in page_of(scene.officer, checked)
    User.objects.filter(pk=scene.leader.pk).update(is_active=False)
    assert "现在没有能决定这件事的领导。请系统管理员为领导申请账号" in page_of(
        scene.officer, checked
    )
