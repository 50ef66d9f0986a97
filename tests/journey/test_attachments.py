"""A director adds documents to a return in a real browser, and the bureau reads them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from accounts.models import Session
from kindergartens.models import FilingAttachment, MonthlyFiling
from tests.accounts.files import honest
from tests.journey.test_return_to_report import Story

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

Visit = Callable[..., Page]


@pytest.fixture
def files(settings: Any, tmp_path: Path) -> Path:
    settings.FILES_ROOT = tmp_path / "kept"
    for name, content in {
        "情况说明.pdf": honest.pdf(),
        "现场.jpg": honest.photo(),
        "改了后缀.pdf": b"MZ" + bytes(100),
    }.items():
        (tmp_path / name).write_bytes(content)
    return tmp_path


@pytest.fixture
def story() -> Story:
    return Story()


def open_form(visit: Visit, story: Story) -> Page:
    page = visit(story.director, provokes=("409", "422"))
    page.get_by_role("button", name="开始填10月月报").click()
    expect(page.locator("#remarks")).to_be_visible()
    return page


def test_files_go_up_as_they_are_chosen_and_nothing_typed_is_lost(
    visit: Visit, story: Story, files: Path
) -> None:
    page = open_form(visit, story)
    page.locator("#remarks").fill("停课两天，附照片")
    picker = page.get_by_label("附件", exact=True)
    picker.set_input_files([files / "情况说明.pdf", files / "改了后缀.pdf", files / "现场.jpg"])
    place = page.locator("#attachments")
    expect(place.get_by_role("link")).to_have_text(["情况说明.pdf", "现场.jpg"])
    # The refusal in the middle is still said after the last one went well.
    expect(place.get_by_role("alert")).to_contain_text("改了后缀.pdf没有上传")
    expect(page.locator("#remarks")).to_have_value("停课两天，附照片")
    expect(page.locator("[data-save=saved]")).to_be_visible()
    # Nobody sees the button that is there for browsers without a script.
    expect(place.get_by_role("button", name="上传")).to_be_hidden()
    place.get_by_role("button", name="删除情况说明.pdf").click()
    expect(place.get_by_role("link")).to_have_text(["现场.jpg"])
    expect(page.locator("#remarks")).to_have_value("停课两天，附照片")
    with page.expect_download() as download:
        place.get_by_role("link", name="现场.jpg").click()
    assert download.value.suggested_filename == "现场.jpg"
    assert honest.PLACE.encode() not in Path(download.value.path()).read_bytes()


def test_signed_out_meanwhile_it_says_so_and_keeps_the_page(
    visit: Visit, story: Story, files: Path
) -> None:
    page = open_form(visit, story)
    Session.objects.all().delete()
    page.get_by_label("附件", exact=True).set_input_files([files / "情况说明.pdf"])
    expect(page.locator("#attachments").get_by_role("alert")).to_contain_text("登录已过期")
    assert page.url.endswith("/edit/")
    assert FilingAttachment.objects.count() == 0
    assert MonthlyFiling.objects.filter(state="draft").exists()
