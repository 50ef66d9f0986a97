"""Script in the texts of a page, in a real browser, which runs none of it (T17)."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.urls import reverse
from playwright.sync_api import Page

from accounts.models import Region
from tests.journey.conftest import PASSWORD, visit  # noqa: F401
from tests.small_county import SmallCounty

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_a_browser_runs_none_of_it(
    small: SmallCounty,
    visit: Callable[..., Page],  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("accounts.jobs.bell.ring", lambda *args, **kwargs: None)
    town = small.town("甲镇")
    small.populate(small.county, 300)
    attack = "<img src=x onerror=alert(1)><script>alert(1)</script>"
    kindergarten = small.kindergarten(town, attack[: Region._meta.get_field("name").max_length])
    small.file(kindergarten, 20, state="submitted")
    Region.objects.filter(pk=town.pk).update(name="<svg onload=alert(1)>")
    small.settle()
    officer = small.officer()
    officer.set_password(PASSWORD)
    officer.save()
    page = visit(officer)
    dialogs: list[str] = []
    page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
    for route in ("dashboard", "kindergarten-list", "filing-queue"):
        page.goto(reverse(route))
        page.wait_for_load_state("networkidle")
        assert page.locator("main").inner_text()
        assert page.locator("main img[onerror], main svg[onload], main script").count() == 0
    page.goto(reverse("kindergarten-detail", args=[kindergarten.code]))
    assert attack[:20] in page.locator("main").inner_text()
    assert dialogs == []
