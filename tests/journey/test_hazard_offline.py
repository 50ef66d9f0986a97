"""On a phone without network: a hazard with a photo stays on the device and arrives once."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Callable
from pathlib import Path

import pytest
from django.utils import timezone
from PIL import Image
from playwright.sync_api import APIResponse, Locator, Page, Route, expect

from accounts.files import store
from safety.models import Hazard, HazardPhoto
from tests.journey.conftest import PASSWORD
from tests.small_county import SmallCounty

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

Visit = Callable[..., Page]
PHONE = {"width": 390, "height": 844}
PROVOKES = ("ERR_INTERNET_DISCONNECTED", "ERR_FAILED", "422")
LONGEST_SIDE = 1600
STORE = """async () => {
  const opening = indexedDB.open("hazards", 1);
  const database = await new Promise((resolve) => {
    opening.onupgradeneeded = () => opening.result.createObjectStore("entries", { keyPath: "id" });
    opening.onsuccess = () => resolve(opening.result);
  });
  const transaction = database.transaction("entries", "readwrite");
  const entries = transaction.objectStore("entries");
  const one = { title: "", fields: [], files: [] };
  for (let id = 0; id < 20; id++) entries.put({ ...one, id: `${id}`, post: "another", at: Date.now() });
  entries.put({ ...one, id: "old", post: document.body.dataset.post, at: Date.now() - 31 * 864e5 });
  await new Promise((resolve) => { transaction.oncomplete = resolve; });
  database.close();
}"""


def report_page(visit: Visit, small: SmallCounty) -> Page:
    kindergarten = small.kindergarten(small.town("甲镇"), "示例一园")
    director = small.person("园长", kindergarten.organisation, "director")
    director.set_password(PASSWORD)
    director.save()
    page = visit(director, **PHONE, provokes=PROVOKES)
    page.goto("/hazards/new/")
    page.wait_for_load_state("load")
    return page


def photograph(folder: Path) -> Path:
    """As large as a phone takes it."""
    path = folder / "楼梯间.jpg"
    Image.effect_noise((2400, 1800), 40).convert("RGB").save(path, "JPEG")
    return path


def fill(page: Page, place: str, photo: Path | None = None) -> None:
    page.get_by_role("textbox", name="位置").fill(place)
    page.get_by_label("隐患情况").fill(f"{place}的示例扶手松动")
    page.get_by_label("领域").select_option("premises")
    page.get_by_label("整改期限").fill((timezone.localdate() + dt.timedelta(days=20)).isoformat())
    if photo:
        page.locator("#id_photos").set_input_files(photo)
    page.get_by_role("button", name="登记", exact=True).click()


def entry(page: Page, place: str) -> Locator:
    return page.locator(".hazard-entry", has_text=place)


def test_recorded_without_network_it_arrives_once_when_the_connection_returns(
    visit: Visit, small: SmallCounty, tmp_path: Path
) -> None:
    page = report_page(visit, small)
    page.context.set_offline(True)
    # A photo without a place is asked for it at once, and stays.
    page.locator("#id_photos").set_input_files(photo := photograph(tmp_path))
    page.get_by_role("button", name="登记", exact=True).click()
    expect(page.locator("#id_place").locator("xpath=..")).to_contain_text("照片拍的是哪里？")
    fill(page, "二楼楼梯间")
    expect(entry(page, "二楼楼梯间")).to_contain_text("已存在本机，联网后自动发送")
    fill(page, "一楼活动室")
    expect(page.locator(".hazard-entry")).to_have_count(2)
    assert not Hazard.objects.exists()
    # The server hears the first, but its answer is lost on the way back.
    lost: list[APIResponse] = []

    def lose_the_answer(route: Route) -> None:
        if route.request.method == "POST" and not lost:
            lost.append(route.fetch())
            route.abort()
        else:
            route.fallback()

    page.route("**/hazards/new/", lose_the_answer)
    page.context.set_offline(False)
    send = page.get_by_role("button", name="现在发送")
    for _ in range(600):
        if lost:
            break
        page.wait_for_timeout(50)
    assert [one.status for one in lost] == [200]
    assert [hazard.place for hazard in Hazard.objects.all()] == ["二楼楼梯间"]
    expect(entry(page, "二楼楼梯间")).to_contain_text("已存在本机")
    send.click()
    expect(entry(page, "二楼楼梯间")).to_contain_text("已登记，编号YH")
    expect(entry(page, "一楼活动室")).to_contain_text("已登记，编号YH")
    assert sorted(hazard.place for hazard in Hazard.objects.all()) == ["一楼活动室", "二楼楼梯间"]
    [kept] = HazardPhoto.objects.all()
    assert kept.hazard.place == "二楼楼梯间"
    with Image.open(io.BytesIO(store.read(kept.file))) as picture:
        assert max(picture.size) == LONGEST_SIDE
    assert photo.stat().st_size > kept.file.size
    # Nothing is left on the device.
    page.reload()
    expect(page.locator("[data-kept]")).to_be_hidden()


def test_what_is_refused_or_has_no_session_stays_and_goes_from_the_next_page(
    visit: Visit, small: SmallCounty
) -> None:
    page = report_page(visit, small)
    # Twenty of another post leave room; what is too old to be kept goes, and that is said once.
    page.evaluate(STORE)
    page.goto("/hazards/")
    expect(page.locator("#messages")).to_contain_text("本机有1条隐患登记超过30天没有发送，已删除")
    page.goto("/hazards/new/")
    page.wait_for_load_state("load")
    expect(page.locator("#messages")).not_to_contain_text("已删除")
    page.locator(".hazard-more > summary").click()
    page.get_by_label("发现日期").fill("2098-01-01")
    fill(page, "食堂")
    refused = entry(page, "食堂")
    expect(refused).to_contain_text("发现日期不能晚于今天")
    refused.get_by_role("button", name="改一改").click()
    page.get_by_label("发现日期").fill(timezone.localdate().isoformat())
    # The session ends meanwhile: the entry stays, and goes once the person is back.
    cookies = page.context.cookies()
    page.context.clear_cookies()
    page.get_by_role("button", name="登记", exact=True).click()
    expect(entry(page, "食堂")).to_contain_text("登录已过期，登录后自动发送")
    assert not Hazard.objects.exists()
    page.context.add_cookies(cookies)
    page.goto("/hazards/")
    expect(page.locator("#messages")).to_contain_text("本机的1条隐患登记已发送")
    assert Hazard.objects.get().place == "食堂"
