"""What the pages around the procedures offer and print."""

from __future__ import annotations

import re

import time_machine
from django.urls import reverse

from accounts.models import User
from kindergartens.procedures import services
from tests.kindergartens.procedures.scene import Scene
from tests.signing_in import client_of
from tests.small_county import NOW


def page_of(user: User, route: str, *args: str) -> str:
    with time_machine.travel(NOW, tick=True):
        return client_of(user).get(reverse(route, args=args)).content.decode()


def test_a_kind_in_hand_is_no_link_but_leads_to_its_matter(scene: Scene) -> None:
    code = scene.kindergarten.code
    link = f'href="{reverse("procedure-ask", args=[code, "recognition"])}"'
    assert link in page_of(scene.officer, "procedure-choose", code)
    own = scene.ask()
    page = page_of(scene.officer, "procedure-choose", code)
    assert link not in page
    assert f'已有一件在办：<a href="{reverse("procedure", args=[own.number])}">' in page
    services.withdraw(procedure_id=own.pk, reason="不办了", by=scene.director, now=NOW)
    page = page_of(scene.officer, "procedure-choose", code)
    assert link in page
    assert "已有一件在办" not in page


def test_the_list_names_a_kindergarten_once_and_the_bureau_that_asked(scene: Scene) -> None:
    scene.ask()
    scene.ask("closure", by=scene.officer, placements=[])
    body = page_of(scene.second, "procedures").split("<tbody>")[1].split("</tbody>")[0]
    rows = re.findall(r"<tr>.*?</tr>", body, re.DOTALL)
    assert [row.count("民办一园") for row in rows] == [1, 1]
    assert sorted("本园" in row for row in rows) == [False, True]
    assert sum(f"{scene.small.county.name}教育局" in row for row in rows) == 1


def test_what_is_owed_stands_in_the_menu_of_those_who_supervise(scene: Scene) -> None:
    link = f'<a href="{reverse("procedures-owed")}" title="该报未报">'
    assert link in page_of(scene.officer, "kindergarten-list")
    assert link in page_of(scene.leader, "kindergarten-list")
    assert link not in page_of(scene.director, "procedures")
    owed = page_of(scene.officer, "procedures-owed")
    assert f'<a href="{reverse("procedures-owed")}" class="active" aria-current="page"' in owed
