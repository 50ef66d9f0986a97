"""An officer brings a registry in: upload, report, marked-up copy, mended, confirmed, once more."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from playwright.sync_api import Page, expect

from kindergartens.models import Kindergarten
from tests.accounts.exchange.tables import HEADS, excel, kindergarten_row
from tests.journey.conftest import PASSWORD
from tests.small_county import SmallCounty

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def kept(settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where files lie, for the pages and for the worker that is started after this."""
    settings.FILES_ROOT = tmp_path / "kept"
    monkeypatch.setenv("FILES_ROOT", str(settings.FILES_ROOT))
    return tmp_path


def send(page: Page, name: str, content: bytes) -> None:
    page.goto("/imports/registry/")
    page.set_input_files(
        "#table", files=[{"name": name, "mimeType": "application/octet-stream", "buffer": content}]
    )
    page.get_by_role("button", name="上传并检查").click()


def test_a_registry_is_uploaded_mended_confirmed_and_written_once(
    kept: Path, worker: object, visit: Callable[..., Page]
) -> None:
    small = SmallCounty()
    small.town("甲镇")
    officer = small.officer()
    officer.set_password(PASSWORD)
    officer.save()
    rows = [HEADS, *(kindergarten_row(number) for number in range(1, 5))]
    rows[2][3] = "私立"
    for row in rows[1:]:
        row[7] = "2026年12月1日"

    page = visit(officer, provokes=())
    page.set_default_timeout(60_000)
    send(page, "名册.xlsx", excel(rows))
    expect(page.get_by_text("有要改的地方，没有写入任何数据")).to_be_visible(timeout=60_000)
    expect(page.get_by_role("row", name="D3 第3行 办别 私立")).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("link", name="标出错误的副本").click()
    book = openpyxl.load_workbook(io.BytesIO(Path(download.value.path()).read_bytes()))
    cell = book["幼儿园名册"]["D3"]
    assert "没有这个选项" in cell.comment.text
    cell.value = "教育部门"
    mended = io.BytesIO()
    book.save(mended)
    assert not Kindergarten.objects.exists()

    send(page, "改好.xlsx", mended.getvalue())
    page.get_by_role("button", name="确认写入4所").click(timeout=60_000)
    expect(page.get_by_text("新增4所，改动0所，没有变化0所。")).to_be_visible(timeout=60_000)
    assert Kindergarten.objects.count() == 4

    send(page, "再来.xlsx", mended.getvalue())
    expect(page.get_by_text("新增0所，有变化0所，没有变化4所。")).to_be_visible(timeout=60_000)
    assert Kindergarten.objects.count() == 4
