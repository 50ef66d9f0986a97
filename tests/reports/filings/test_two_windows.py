"""Two windows, or two people, on one return: cells are merged, and what both changed is asked."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from kindergartens.models import MonthlyFiling, ReplacedDraft
from reports.filings import drafts, services
from reports.filings.services import Conflicting
from tests.conftest import acting
from tests.reports.filings.test_pages import form_data
from tests.reports.filings.test_services import Scene
from tests.small_county import NOW, SmallCounty

SignIn = Callable[[User], Client]
AS_JSON = {"accept": "application/json"}


class Two(Scene):
    """A director and a clerk who opened the same form at the same revision."""

    def __init__(self, small: SmallCounty) -> None:
        super().__init__(small)
        self.clerk = acting(
            small.person("资料员甲", self.kindergarten.organisation, "kindergarten_clerk")
        )
        self.filing = self.open()
        self.url = reverse("filing-edit", args=[self.filing.pk])
        self.opened = form_data(self.filing)

    def save(self, client: Client, **fields: str) -> Any:
        return client.post(self.url, self.opened | {"action": "save"} | fields)

    def draft(self) -> dict[str, Any]:
        self.filing.refresh_from_db()
        return self.filing.draft


@pytest.fixture
def two(small: SmallCounty) -> Iterator[Two]:
    with time_machine.travel(NOW, tick=True):
        yield Two(small)


def clients(two: Two) -> tuple[Client, Client]:
    found = Client(), Client()
    found[0].force_login(two.director)
    found[1].force_login(two.clerk)
    return found


def test_cells_of_both_are_saved_and_it_is_said_whose_came_in(two: Two) -> None:
    director, clerk = clients(two)
    two.save(clerk, **{"class-0-boys": "13"})
    answer = director.post(
        two.url, two.opened | {"class-0-girls": "11", "remarks": "停课"}, headers=AS_JSON
    )
    said = json.loads(answer.content)
    assert (answer.status_code, said["revision"]) == (200, 3)
    assert said["merged"] == "资料员甲同时改了小一班 男，已合并进来。"
    row = two.draft()["classes"][0]
    assert (row["boys"], row["girls"], two.draft()["remarks"]) == ("13", "11", "停课")


def test_a_cell_both_changed_is_asked_and_nothing_is_saved(two: Two) -> None:
    director, clerk = clients(two)
    two.save(clerk, **{"class-0-boys": "13", "remarks": "停课"})
    mine = {"class-0-boys": "14", "class-0-girls": "10"}
    refused = director.post(two.url, two.opened | mine, headers=AS_JSON)
    assert refused.status_code == 409
    assert "也改了这里改的1处" in json.loads(refused.content)["message"]
    page = two.save(director, **mine)
    assert page.status_code == 409
    text = page.content.decode()
    assert "1处两边都改了，还没有保存" in text
    assert "用这里填的：<b>14</b>" in text
    assert re.search("用另一边的：<b>13</b>.*资料员甲，11月5日16:4", text)
    # What was typed is in the form, and what only the other changed is in it too.
    assert 'name="class-0-boys" value="14"' in text
    assert 'name="class-0-girls" value="10"' in text
    assert "停课</textarea>" in text
    row = two.draft()["classes"][0]
    assert (row["boys"], row["girls"], two.filing.revision) == ("13", "12", 2)


@pytest.mark.parametrize(("side", "kept"), [("mine", "14"), ("theirs", "13")])
def test_the_pick_of_each_cell_is_saved(two: Two, side: str, kept: str) -> None:
    director, clerk = clients(two)
    two.save(clerk, **{"class-0-boys": "13"})
    mine = {"class-0-boys": "14", "class-0-girls": "10"}
    page = two.save(director, **mine).content.decode()
    [pick] = re.findall(rf'name="pick-classes:小一班:boys" value="({side}-[0-9a-f]+)"', page)
    # Without a pick it is asked again, however often.
    assert two.save(director, **mine).status_code == 409
    done = two.save(director, **mine, **{"pick-classes:小一班:boys": pick})
    assert done.status_code == 302
    row = two.draft()["classes"][0]
    assert (row["boys"], row["girls"]) == (kept, "10")


def test_a_pick_holds_only_for_the_value_that_was_seen(two: Two) -> None:
    director, clerk = clients(two)
    two.save(clerk, **{"class-0-boys": "13"})
    page = two.save(director, **{"class-0-boys": "14"}).content.decode()
    [pick] = re.findall(r'name="pick-classes:小一班:boys" value="(mine-[0-9a-f]+)"', page)
    clerk.post(two.url, form_data(two.filing, **{"class-0-boys": "15", "action": "save"}))
    again = two.save(director, **{"class-0-boys": "14", "pick-classes:小一班:boys": pick})
    assert again.status_code == 409
    assert "用另一边的：<b>15</b>" in again.content.decode()
    assert two.draft()["classes"][0]["boys"] == "15"


def test_nobody_submits_what_another_changed_unseen(two: Two) -> None:
    director, clerk = clients(two)
    two.save(clerk, remarks="停课")
    answer = two.save(director, **{"class-0-girls": "11", "action": "submit"})
    assert answer.status_code == 302
    assert answer.headers["location"] == two.url
    page = director.get(two.url).content.decode()
    assert "请看过再提交" in page
    two.filing.refresh_from_db()
    assert (two.filing.state, two.filing.version) == ("draft", 0)


def test_what_another_saves_just_before_the_submission_is_kept_and_shown(
    two: Two, monkeypatch: pytest.MonkeyPatch
) -> None:
    director, clerk = clients(two)
    submit = services.submit

    def after_the_clerk(**asked: Any) -> Any:
        clerk.post(two.url, form_data(two.filing, remarks="停课"))
        return submit(**asked)

    monkeypatch.setattr(services, "submit", after_the_clerk)
    answer = two.save(director, **{"class-0-disabled": "1", "action": "submit"})
    monkeypatch.undo()
    assert answer.status_code == 302
    assert two.draft()["remarks"] == "停课"
    page = director.get(two.url).content.decode()
    assert "没有提交：另一个窗口刚才也改了，请看过再提交。" in page
    # The page goes on from what is saved, so that its next save wipes nothing.
    assert "停课</textarea>" in page
    assert f'name="revision" value="{two.filing.revision}"' in page
    assert (two.filing.state, two.filing.version) == ("draft", 0)


def test_a_class_added_here_and_one_taken_away_there(two: Two) -> None:
    director, clerk = clients(two)
    two.save(clerk, add="middle")
    clerk.post(two.url, form_data(two.filing, **{"class-1-name": "中一班", "action": "save"}))
    opened = form_data(two.filing)
    # Both begin with two classes: one takes 小一班 away, the other adds 大一班.
    clerk.post(two.url, opened | {"remove": "class-0"})
    director.post(two.url, opened | {"add": "large"})
    assert [row["name"] for row in two.draft()["classes"]] == ["中一班", ""]
    # A class that one side changed and the other took away is asked about.
    opened = form_data(two.filing, **{"class-1-name": "大一班"})
    director.post(two.url, opened | {"action": "save"})
    opened = form_data(two.filing)
    clerk.post(two.url, opened | {"remove": "class-1"})
    asked = director.post(two.url, opened | {"class-1-boys": "9", "action": "save"})
    assert asked.status_code == 409
    assert "大一班 整班" in asked.content.decode()
    assert [row["name"] for row in two.draft()["classes"]] == ["中一班"]


def test_a_window_whose_beginning_is_not_kept_is_asked_about_all_that_differs(two: Two) -> None:
    two.save(clients(two)[1], **{"class-0-boys": "13"})
    drafts.forget(two.filing)
    draft = two.draft() | {"remarks": "一周前填的"}
    with pytest.raises(Conflicting) as asked:
        services.merge_draft(
            filing_id=two.filing.pk, draft=draft, revision=1, picks={}, by=two.director, now=NOW
        )
    assert [one.key for one in asked.value.merged.conflicts] == ["remarks"]


def test_each_cell_is_told_with_who_changed_it_last(
    two: Two, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    director, clerk = clients(two)
    two.save(clerk, **{"class-0-boys": "13"})
    director.post(two.url, form_data(two.filing, **{"class-0-girls": "11", "action": "save"}))
    two.draft()
    with django_assert_num_queries(1):
        found = drafts.savers(
            two.filing, ["classes:小一班:boys", "classes:小一班:girls", "classes:小一班"], since=1
        )
    assert [one.by for one in found.values()] == ["资料员甲", "园长", "园长"]
    with django_assert_num_queries(0):
        assert drafts.savers(two.filing, [], since=1) == {}


def test_a_submitted_version_ends_the_drafts_before_it(two: Two) -> None:
    two.save(clients(two)[1], remarks="一")
    assert ReplacedDraft.objects.filter(filing=two.filing).count() == 1
    two.submit(two.filing)
    assert not ReplacedDraft.objects.filter(filing=two.filing).exists()


def test_officers_read_no_draft(two: Two) -> None:
    two.save(clients(two)[1], remarks="一")
    assert not ReplacedDraft.objects.visible_to(two.officer).exists()
    assert ReplacedDraft.objects.visible_to(two.director).count() == 1


def test_old_drafts_of_a_long_filling_in_are_tidied(two: Two) -> None:
    MonthlyFiling.objects.filter(pk=two.filing.pk).update(revision=449)
    for number in (449, 450):
        services.save_draft(
            filing_id=two.filing.pk, draft={"remarks": str(number)}, revision=number,
            by=two.director, now=NOW,
        )  # fmt: skip
    kept = two.filing.replaced_drafts.values_list("revision", flat=True)
    assert list(kept) == [449, 450]
    ReplacedDraft.objects.filter(revision=449).update(revision=49)
    MonthlyFiling.objects.filter(pk=two.filing.pk).update(revision=500)
    services.save_draft(filing_id=two.filing.pk, draft={}, revision=500, by=two.director, now=NOW)
    assert list(two.filing.replaced_drafts.values_list("revision", flat=True)) == [450, 500]
