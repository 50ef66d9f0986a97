"""Monthly returns."""

from __future__ import annotations

import io

import openpyxl
from playwright.sync_api import FilePayload, Page

from config.local.shots.walks import Shot, first_link, goto


def open_return(page: Page) -> None:
    """The director's form, with a class changed so that checks show."""
    page.goto("/returns/")
    page.locator(".hero button").first.click()
    page.locator("form.has-js").wait_for()  # before its script, no class is folded yet
    for number, boys in ((1, "14"), (6, "4")):
        row = page.locator("[data-row]").nth(number)
        cell = row.locator("[data-field=boys]")
        if not cell.is_visible():  # on a phone a class is folded until it is opened
            row.locator("[data-open-row]").click()
        cell.fill(boys)


def workbook(page: Page) -> None:
    """The form after its workbook came back with a formula and one class less, and two cells changed."""
    open_return(page)
    page.locator("[data-save=saved]").wait_for()
    page.locator(".workbook summary").click()
    with page.expect_download() as given:
        page.get_by_role("link", name="下载填报表").click()
    book = openpyxl.load_workbook(io.BytesIO(given.value.path().read_bytes()))
    sheet = book["班级"]
    at = {cell.value: cell.column for cell in sheet[4]}
    sheet.cell(5, at["女"]).value = 15
    sheet.cell(6, at["离园"]).value = 1
    sheet.cell(7, at["男"]).value = "=8+7"
    for cell in sheet[8]:
        cell.value = None
    out = io.BytesIO()
    book.save(out)
    sent: FilePayload = {
        "name": "填报表.xlsx",
        "mimeType": "application/octet-stream",
        "buffer": out.getvalue(),
    }
    page.locator("#workbook").set_input_files(files=[sent])
    page.get_by_role("button", name="上传填报表").click()
    page.locator("#taken-in").wait_for()
    page.locator(".workbook summary").click()


def two_versions(page: Page) -> None:
    """An accepted return that came back once, its two versions beside each other."""
    page.goto("/reviews/")
    months = page.locator("select[name=month] option")
    again = page.locator("main tbody tr", has_text="第2版").locator("th a").first
    # Which month has one on its first page, the demo draws.
    for month in months.evaluate_all("options => options.map(option => option.value)"):
        page.goto(f"/reviews/?state=accepted&month={month}")
        if again.count():
            break
    again.click()
    page.get_by_role("link", name="比较任意两版").click()


def more_time(page: Page) -> None:
    """The director asks to correct an accepted month that has locked."""
    page.goto("/returns/")
    page.locator("main tbody td a").last.click()
    page.get_by_role("link", name="申请延期更正").click()


SHOTS = [
    Shot("mine", "wuqing-director", goto("/returns/")),
    Shot("form", "wuqing-director", open_return),
    Shot("workbook", "wuqing-director", workbook),
    Shot("mirror", "wuqing-director", goto("/mirror/")),
    Shot("board", "wuqing-officer", goto("/reviews/progress/")),
    Shot("board-towns", "wuqing-officer", goto("/reviews/progress/?view=areas")),
    Shot("accept-together", "wuqing-officer", goto("/reviews/together/")),
    Shot("follow-ups", "wuqing-officer", goto("/reviews/follow-ups/")),
    Shot("urges", "wuqing-officer", goto("/reviews/progress/urges/")),
    Shot("messages", "wuqing-director", goto("/notices/")),
    Shot("queue", "wuqing-officer", goto("/reviews/")),
    Shot("review", "wuqing-officer", first_link("/reviews/", "main tbody th a")),
    Shot("compare", "wuqing-officer", two_versions),
    Shot("more-time", "wuqing-director", more_time),
    Shot("version", "wuqing-director", first_link("/returns/", "main tbody td a"), printed=True),
]
