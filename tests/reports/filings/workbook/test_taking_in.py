"""The workbook on the page: out with the saved draft, back into it beside what others changed."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from accounts.models import AccessRecord
from kindergartens.models import MonthlyFiling, UploadedWorkbook
from tests.reports.filings.test_pages import form_data
from tests.reports.filings.test_two_windows import Two
from tests.reports.filings.workbook.book import HEADS, edited, made, place, put
from tests.small_county import NOW, SEPTEMBER, SmallCounty, moment


class Desk(Two):
    """A director with the workbook of the saved draft, and a clerk who has the form open."""

    def __init__(self, small: SmallCounty) -> None:
        super().__init__(small)
        self.book_url = reverse("filing-workbook", args=[self.filing.pk])
        self.client, self.other = Client(), Client()
        self.client.force_login(self.director)
        self.other.force_login(self.clerk)

    def download(self) -> bytes:
        answer = self.client.get(self.book_url)
        assert answer.status_code == 200
        assert "filename*=utf-8''" in answer.headers["content-disposition"].lower()
        return b"".join(answer.streaming_content)  # type: ignore[arg-type]

    def upload(self, content: bytes, name: str = "填报表.xlsx", **fields: str) -> Any:
        file = SimpleUploadedFile(name, content)
        return self.client.post(self.book_url, {"workbook": file, "action": "workbook", **fields})

    def saved_otherwise(self, **fields: str) -> None:
        form = form_data(self.filing, **fields, action="save")
        assert self.other.post(self.url, form).status_code == 302

    @property
    def first(self) -> dict[str, str]:
        row: dict[str, str] = self.draft()["classes"][0]
        return row


@pytest.fixture
def desk(small: SmallCounty) -> Iterator[Desk]:
    with time_machine.travel(NOW, tick=True):
        yield Desk(small)


def test_what_was_filled_in_is_in_the_draft_with_the_checks_and_not_submitted(desk: Desk) -> None:
    content = put(desk.download(), ("男", 0, "１３"), ("女", 0, 12.5))
    page = desk.upload(content)
    text = page.content.decode()
    assert page.status_code == 200
    assert "草稿改了2处：小一班 男、小一班 女。已保存，还没有提交。" in text
    assert (desk.first["boys"], desk.first["girls"]) == ("13", "12.5")
    # The same check as for a typed cell, at the cell.
    assert re.search(r'class="cell-in is-bad" id="class-0-girls"', text)
    assert "12.5" in text
    assert (desk.filing.state, desk.filing.version) == ("draft", 0)
    revision = desk.filing.revision

    again = desk.upload(content)
    assert "草稿没有变化" in again.content.decode()
    desk.filing.refresh_from_db()
    assert desk.filing.revision == revision
    records = AccessRecord.objects.filter(action="upload", outcome="done", user=desk.director)
    assert records.count() == 2
    assert AccessRecord.objects.filter(action="download", user=desk.director).count() == 1


def test_a_cell_that_cannot_be_read_is_listed_and_the_rest_is_taken_in(desk: Desk) -> None:
    text = desk.upload(put(desk.download(), ("男", 0, "=6+6"), ("女", 0, 13))).content.decode()
    assert "“班级”表C5（男）" in text
    assert "现在是“=6+6”。" in text
    assert (desk.first["boys"], desk.first["girls"]) == ("=6+6", "13")


def test_what_is_typed_on_the_page_is_saved_before_the_file_is_read(desk: Desk) -> None:
    content = put(desk.download(), ("男", 0, 13))
    typed = form_data(desk.filing, remarks="停课一天")
    assert desk.upload(content, **typed).status_code == 200
    assert (desk.first["boys"], desk.draft()["remarks"]) == ("13", "停课一天")
    assert desk.upload(b"PK nothing", **form_data(desk.filing, remarks="两天")).status_code == 422
    assert desk.draft()["remarks"] == "两天"


def test_what_only_another_changed_since_stays_and_is_named(desk: Desk) -> None:
    content = put(desk.download(), ("男", 0, 13))
    desk.saved_otherwise(**{"class-0-girls": "11"})
    text = desk.upload(content).content.decode()
    assert "资料员甲同时改了小一班 女，已合并进来。" in text
    assert (desk.first["boys"], desk.first["girls"]) == ("13", "11")


@pytest.mark.parametrize(("side", "kept"), [("mine", "13"), ("theirs", "14")])
def test_what_both_changed_is_asked_as_for_two_windows(desk: Desk, side: str, kept: str) -> None:
    content = put(desk.download(), ("男", 0, 13), ("女", 0, 10))
    desk.saved_otherwise(**{"class-0-boys": "14"})
    page = desk.upload(content)
    text = page.content.decode()
    assert page.status_code == 409
    assert "用填报表里填的：<b>13</b>" in text
    assert re.search("用另一边的：<b>14</b>.*资料员甲", text)
    assert (desk.first["boys"], desk.first["girls"]) == ("14", "12")
    [pick] = re.findall(rf'name="pick-classes:小一班:boys" value="({side}-[0-9a-f]+)"', text)
    [revision] = re.findall(r'name="revision" value="(\d+)"', text)
    shown = {"class-0-boys": "13", "class-0-girls": "10", "pick-classes:小一班:boys": pick}
    form = form_data(desk.filing, **shown, action="save") | {"revision": revision}
    assert desk.client.post(desk.url, form).status_code == 302
    assert (desk.first["boys"], desk.first["girls"]) == (kept, "10")


def test_the_same_workbook_corrected_is_read_against_what_it_said_before(desk: Desk) -> None:
    """Put back to the number of the download, too: that is a correction like any other."""
    content = desk.download()
    desk.saved_otherwise(**{"class-0-girls": "11"})
    desk.upload(put(content, ("男", 0, 13)))
    assert (desk.first["boys"], desk.first["girls"]) == ("13", "11")
    text = desk.upload(put(content, ("男", 0, 12), ("3岁", 0, 7))).content.decode()
    assert "草稿改了2处：小一班 3岁、小一班 男。" in text
    # What another changed since the download, and the file never did, stays changed.
    assert (desk.first["boys"], desk.first["girls"], desk.first["age3"]) == ("12", "11", "7")
    assert "已合并进来" in text

    # Copies of one file in two hands: a colleague's is read against the download.
    desk.upload(put(content, ("男", 0, 14)))
    desk.client.force_login(desk.clerk)
    desk.upload(put(content, ("4岁", 0, 3)))
    assert (desk.first["boys"], desk.first["age4"]) == ("14", "3")


def test_what_was_picked_is_not_asked_again_of_the_same_workbook(desk: Desk) -> None:
    content = desk.download()
    desk.saved_otherwise(**{"class-0-boys": "14"})
    text = desk.upload(put(content, ("男", 0, 13))).content.decode()
    [upload] = re.findall(r'name="upload" value="(\d+)"', text)
    [pick] = re.findall(r'value="(theirs-[0-9a-f]+)"', text)
    [revision] = re.findall(r'name="revision" value="(\d+)"', text)
    form = form_data(desk.filing, action="save", **{"class-0-boys": "13"})
    form |= {"revision": revision, "upload": upload}
    # Not picked yet: nothing is saved, and the next answer still knows which file it was.
    again = desk.client.post(desk.url, form)
    assert again.status_code == 409
    assert f'name="upload" value="{upload}"' in again.content.decode()
    assert desk.client.post(desk.url, form | {"pick-classes:小一班:boys": pick}).status_code == 302
    assert desk.first["boys"] == "14"

    page = desk.upload(put(content, ("男", 0, 13), ("女", 0, 10)))
    assert page.status_code == 200
    assert (desk.first["boys"], desk.first["girls"]) == ("14", "10")
    assert desk.upload(put(content, ("男", 0, 12), ("女", 0, 10))).status_code == 409


def test_a_class_put_in_is_found_again_in_its_row(desk: Desk) -> None:
    def added(boys: int, name: str) -> Callable[[Any], None]:
        def edit(book: Any) -> None:
            sheet = book["班级"]
            for head, value in (("班级", name), ("年级", "小班"), ("男", boys)):
                sheet.cell(HEADS + 4, place(sheet, head)).value = value

        return edit

    content = desk.download()
    desk.upload(edited(content, added(8, "小二班")))
    desk.upload(edited(content, added(9, "小三班")))
    assert [(row["name"], row["boys"]) for row in desk.draft()["classes"]] == [
        ("小一班", "12"), ("小三班", "9"),
    ]  # fmt: skip


def test_what_a_file_said_is_the_own_kindergartens_and_goes_with_the_submission(desk: Desk) -> None:
    desk.upload(put(desk.download(), ("资助", 0, 1)))
    assert UploadedWorkbook.objects.visible_to(desk.director).count() == 1
    assert not UploadedWorkbook.objects.visible_to(desk.officer).exists()
    desk.submit(desk.filing)
    assert not UploadedWorkbook.objects.exists()


def test_a_later_edit_back_to_the_old_number_is_an_edit(desk: Desk) -> None:
    content = put(desk.download(), ("男", 0, 13))
    desk.saved_otherwise(**{"class-0-boys": "14"})
    desk.saved_otherwise(**{"class-0-boys": "12"})
    assert desk.upload(content).status_code == 409
    assert desk.first["boys"] == "12"


def test_a_class_taken_out_is_asked_about_and_one_put_in_is_there(desk: Desk) -> None:
    def edit(book: Any) -> None:
        sheet = book["班级"]
        for cell in sheet[HEADS + 1]:
            cell.value = None
        for head, value in (("班级", "大一班"), ("年级", "大班"), ("男", 8)):
            sheet.cell(HEADS + 3, place(sheet, head)).value = value

    text = desk.upload(edited(desk.download(), edit)).content.decode()
    assert re.search('<a href="#class-0" data-jump>小一班</a>不在填报表里', text)
    assert [(row["name"], row["boys"]) for row in desk.draft()["classes"]] == [
        ("小一班", "12"), ("大一班", "8"),
    ]  # fmt: skip


def test_after_a_submission_came_back_whatever_differs_is_asked(desk: Desk) -> None:
    content = put(desk.download(), ("男", 0, 13))
    desk.saved_otherwise(**{"class-0-aided": "1"})
    desk.submit(desk.filing)
    MonthlyFiling.objects.filter(pk=desk.filing.pk).update(state="returned")
    page = desk.upload(content)
    assert page.status_code == 409
    assert "2处两边都改了" in page.content.decode()


def other_month(desk: Desk) -> bytes:
    september = desk.kindergarten.filings.get(month=SEPTEMBER)
    return made(september)


def other_kindergarten(desk: Desk) -> bytes:
    theirs = desk.small.kindergarten(desk.town, "示例二园")
    desk.small.file(theirs, 20, month=SEPTEMBER)
    return made(theirs.filings.get())


REFUSED: list[tuple[Callable[[Desk], bytes], str, str]] = [
    (other_kindergarten, "表.xlsx", "这是“示例二园”的填报表，不是本园的"),
    (other_month, "表.xlsx", "这是2026年9月月报的填报表，这里填的是2026年10月月报"),
    (lambda desk: desk.download()[:3000], "表.xlsx", "请用WPS或Excel打开"),
    (lambda desk: b"\xd0\xcf\x11\xe0" + bytes(600), "表.xlsx", "设了打开密码"),
    (lambda desk: b"PK" + bytes(3 * 1024 * 1024), "表.xlsx", "超过2MB"),
    (lambda desk: "班级,男\n小一班,3".encode(), "表.csv", "填报表只收xlsx"),
    (lambda desk: b"", "表.xlsx", "文件是空的"),
]


def test_another_file_is_refused_with_what_to_do(desk: Desk) -> None:
    before = desk.draft()
    for content, name, says in REFUSED:
        page = desk.upload(content(desk), name)
        assert page.status_code == 422, says
        assert says in page.content.decode()
    without = desk.client.post(desk.book_url, {"action": "workbook"})
    assert without.status_code == 422
    assert "没有收到文件" in without.content.decode()
    assert desk.draft() == before
    refused = AccessRecord.objects.filter(action="upload", outcome="refused")
    assert refused.count() == len(REFUSED) + 1


def test_a_return_that_cannot_be_submitted_takes_no_file_and_says_who_helps(desk: Desk) -> None:
    content = put(desk.download(), ("男", 0, 13))

    def refusal() -> str:
        page = desk.upload(content)
        assert page.status_code == 409
        assert desk.first["boys"] == "12"
        return page.content.decode()

    with time_machine.travel(moment(2026, 11, 21), tick=True):
        desk.client.force_login(desk.director)
        assert "甲县教育局月报经办人办理延期" in refusal()
    desk.client.force_login(desk.director)
    desk.kindergarten.statuses.update(operating_state="closed")
    assert "请联系教育局更正办园状态" in refusal()
    desk.kindergarten.statuses.update(operating_state="operating")
    desk.submit(desk.filing)
    assert "要修改，请先撤回" in refusal()
    answer = desk.client.get(desk.book_url)
    assert (answer.status_code, answer.headers["location"]) == (302, desk.url)
