"""What changed since the version that was sent back: for the reviewer, and for the director too."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from kindergartens.models import MonthlyFiling
from reports.filings import services, unchanged
from reports.filings.presenters import comparison as comparing
from tests.reports.filings.test_services import Scene
from tests.small_county import NOW, SmallCounty

SignIn = Callable[[User], Client]
# For whatever is unusual about the class.
WHY = {"class_change": "转入", "class_size": "转入"}
BOYS, GIRLS, PEOPLE = "class:小一班:boys", "class:小一班:girls", "staff:principal:people"


@pytest.fixture
def scene(small: SmallCounty) -> Scene:
    return Scene(small)


def send_back(scene: Scene, filing: MonthlyFiling, reason: str = "", **fields: str) -> None:
    filing.refresh_from_db()
    services.send_back(
        filing_id=filing.pk, version_seen=filing.version, reason=reason, by=scene.officer, now=NOW,
        field_reasons={BOYS: fields.get("boys", ""), PEOPLE: fields.get("people", ""),
                       GIRLS: fields.get("girls", "")},
    )  # fmt: skip


def change(scene: Scene, filing: MonthlyFiling, **cells: Any) -> None:
    """Save the draft with cells of the first class changed, and submit it.

    `remarks` are the return's; `whole` its reasons for what is unusual about all of it.
    """
    filing.refresh_from_db()
    draft = filing.draft
    draft["remarks"] = cells.pop("remarks", draft["remarks"])
    draft["explanations"] = cells.pop("whole", {})
    row = draft["classes"][0]
    row |= {"explanations": WHY} | cells
    # There were 24 last month in the class of that name.
    came = int(row["boys"]) + int(row["girls"]) - (24 if row["name"] == "小一班" else 0)
    moved = row["name"] != "小一班"
    row["moved_in"] = str(came if moved else 0)
    row["entered"] = str(0 if moved else max(0, came))
    row["departed"] = str(max(0, -came))
    draft[unchanged.KEY] = dict.fromkeys(unchanged.SECTIONS, "1")
    children = int(row["boys"]) + int(row["girls"])
    if children > 27:
        # 300 would be few for so many on October's 18 days.
        row["attended"] = str(children * 17)
    services.save_draft(
        filing_id=filing.pk, draft=draft, revision=filing.revision, by=scene.director, now=NOW
    )
    scene.submit(filing)


def compared(filing: MonthlyFiling, older: int, newer: int) -> comparing.Comparison:
    return comparing.compare(
        filing, filing.versions.get(version=older), filing.versions.get(version=newer)
    )


def test_each_reason_says_what_became_of_it(scene: Scene) -> None:
    filing = scene.open()
    scene.submit(filing)
    send_back(scene, filing, boys="与花名册不符", people="园长只有一位", reason="请核对")
    change(scene, filing, boys="14", age3="26", remarks="转入两人")
    found = compared(filing, 1, 2)
    told = [
        (line.key, line.change.last, line.change.now, line.asked, line.is_untouched)
        for line in found.lines
    ]
    assert told == [
        (BOYS, 12, 14, "与花名册不符", False),
        (PEOPLE, 2, 2, "园长只有一位", True),
        ("class:小一班:age3", 24, 26, "", False),
        ("class:小一班:entered", 0, 2, "", False),
    ]
    assert (found.untouched, found.unasked, found.changed) == (1, 2, 3)
    assert found.reasons == ["请核对"]
    assert [(text.label, text.before, text.now) for text in found.texts] == [
        ("小一班 说明", "", "转入"), ("其他情况", "", "转入两人")
    ]  # fmt: skip


def test_a_reason_at_a_class_that_is_gone_is_still_told(scene: Scene) -> None:
    filing = scene.open()
    scene.submit(filing)
    send_back(scene, filing, boys="与花名册不符")
    change(scene, filing, name="小甲班", whole={"class_vanished@小一班": "改名"})
    [asked] = compared(filing, 1, 2).asked
    assert (asked.change.last, asked.change.now, asked.is_gone) == (12, None, True)
    assert not asked.is_untouched


def test_a_reason_at_a_whole_class_is_met_by_a_change_of_any_of_its_cells(scene: Scene) -> None:
    filing = scene.open()
    scene.submit(filing)
    whole = {"class:小一班:name": "这个班请核对"}
    services.send_back(
        filing_id=filing.pk,
        version_seen=1,
        reason="",
        by=scene.officer,
        now=NOW,
        field_reasons=whole,
    )
    change(scene, filing, remarks="核过了")
    [line] = compared(filing, 1, 2).asked
    assert (line.change.label, line.is_untouched) == ("小一班 整班", True)
    services.send_back(
        filing_id=filing.pk,
        version_seen=2,
        reason="",
        by=scene.officer,
        now=NOW,
        field_reasons=whole,
    )
    # As many children as before, others than before.
    change(scene, filing, boys="11", girls="13")
    [line] = compared(filing, 2, 3).asked
    assert (line.change.last, line.change.now, line.is_untouched) == (24, 24, False)


def test_a_class_that_became_a_nursery_class_is_a_change_that_is_seen(
    scene: Scene, sign_in: SignIn
) -> None:
    filing = scene.open()
    change(
        scene, filing, grade="nursery", **dict.fromkeys(("age3", "age4", "age5", "age6"), ""),
        whole={"total_change@": "改为托班"},
    )  # fmt: skip
    client = sign_in(scene.officer)
    url = reverse("filing-review", args=[filing.pk])
    page = client.get(url).content.decode()
    assert re.search("小一班 年级</th>.*上月.>小班</td>.*本月.>托班</td>", page)
    assert 'name="reason-class:小一班:grade"' in page
    assert re.search(
        '小一班 <span class="row-grade strong">托班</span><span class="was">上月小班', page
    )

    services.send_back(
        filing_id=filing.pk, version_seen=1, reason="", by=scene.officer, now=NOW,
        field_reasons={"class:小一班:grade": "还是小班"},
    )  # fmt: skip
    director = Client()
    director.force_login(scene.director)
    form = director.get(reverse("filing-edit", args=[filing.pk])).content.decode()
    assert re.search("小一班 年级</a>：还是小班.*未改", form)
    change(scene, filing, grade="small", age3="24", age4="0", age5="0", age6="0")
    [line] = [one for one in compared(filing, 1, 2).lines if one.asked]
    assert (line.change.last, line.change.now, line.is_untouched) == ("托班", "小班", False)
    assert "托班" in client.get(url).content.decode()


def test_any_two_versions_carry_the_reasons_given_between_them(scene: Scene) -> None:
    filing = scene.open()
    scene.submit(filing)
    send_back(scene, filing, boys="第一次")
    change(scene, filing, boys="13", age3="25")
    send_back(scene, filing, girls="第二次")
    change(scene, filing, girls="13", age3="26")
    assert [line.asked for line in compared(filing, 1, 3).asked] == ["第一次", "第二次"]
    assert [line.asked for line in compared(filing, 2, 3).asked] == ["第二次"]
    assert compared(filing, 1, 3).reasons == []


def test_the_reviewer_first_sees_only_what_changed_since(scene: Scene, sign_in: SignIn) -> None:
    filing = scene.open()
    change(scene, filing, boys="13", age3="25")
    client = sign_in(scene.officer)
    url = reverse("filing-review", args=[filing.pk])
    assert "比2026年9月改了2处" in client.get(url).content.decode()
    send_back(scene, filing, boys="与花名册不符", people="园长只有一位")
    change(scene, filing, boys="14", age3="26")
    page = client.get(url).content.decode()
    assert "退回后改了什么" in page
    assert "与花名册不符" in page
    assert "1处没有改" in page
    assert "比2026年9月改了" not in page
    # Each field still has exactly one place for a reason.
    for key in (BOYS, GIRLS, PEOPLE):
        assert page.count(f'name="reason-{key}"') == 1
    month = client.get(url, {"against": "month"}).content.decode()
    assert "比2026年9月改了2处" in month
    assert "退回后改了什么" not in month


def test_what_was_being_written_comes_back_in_the_comparison(scene: Scene, sign_in: SignIn) -> None:
    filing = scene.open()
    scene.submit(filing)
    send_back(scene, filing, boys="与花名册不符")
    change(scene, filing, remarks="核过了")
    client = sign_in(scene.officer)
    refused = client.post(
        reverse("filing-accept", args=[filing.pk]), {"version": "2", f"reason-{BOYS}": "还是不对"}
    )
    assert refused.status_code == 409
    assert f'name="reason-{BOYS}" value="还是不对"' in refused.content.decode()


def test_an_acceptance_ends_the_conversation(scene: Scene) -> None:
    filing = scene.open()
    scene.submit(filing)
    send_back(scene, filing, boys="与花名册不符")
    change(scene, filing, boys="14", age3="26")
    second = filing.versions.get(version=2)
    returned = comparing.returned_before(filing, second)
    assert returned is not None
    assert returned.version == 1
    # Taken back and submitted again: it still answers the version that was sent back.
    services.withdraw(filing_id=filing.pk, by=scene.director, now=NOW)
    scene.submit(filing)
    third = filing.versions.get(version=3)
    assert comparing.returned_before(filing, third) == returned
    scene.accept(filing, version=3)
    assert comparing.returned_before(filing, third) is None


def test_an_address_compares_any_two_for_either_side(scene: Scene, sign_in: SignIn) -> None:
    filing = scene.open()
    url = reverse("filing-compare", args=[filing.pk])
    scene.submit(filing)
    director = sign_in(scene.director)
    assert "只提交过一版" in director.get(url).content.decode()
    send_back(scene, filing, boys="与花名册不符")
    change(scene, filing, boys="14", age3="26")
    officer = Client()
    officer.force_login(scene.officer)
    for client in (director, officer):
        page = client.get(url).content.decode()
        assert "第1版到第2版改了3处" in page
        assert "与花名册不符" in page
        # The other way round is the same comparison, and nonsense is the newest two.
        assert "第1版到第2版" in client.get(url, {"from": "2", "to": "1"}).content.decode()
        assert "第1版到第2版" in client.get(url, {"from": "9", "to": "x"}).content.decode()
        same = client.get(url, {"from": "2", "to": "2"}).content.decode()
        assert "选的是同一版" in same


@pytest.mark.parametrize("many", [2, 8])
def test_a_comparison_costs_the_same_however_often_it_came_back(
    scene: Scene, sign_in: SignIn, many: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    filing = scene.open()
    scene.submit(filing)
    for number in range(many - 1):
        send_back(scene, filing, boys=f"第{number}次")
        change(scene, filing, boys=str(13 + number), age3=str(25 + number))
    client = sign_in(scene.officer)
    with django_assert_num_queries(19):
        client.get(reverse("filing-compare", args=[filing.pk]), {"from": "1"})
