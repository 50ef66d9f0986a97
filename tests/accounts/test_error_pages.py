"""What a browser meets around an error: a form that is too large, and the icon in the tab."""

from __future__ import annotations

import re
from urllib.parse import urlencode

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from tests.reports.filings.test_pages import form_data
from tests.reports.filings.test_services import Scene
from tests.small_county import NOW, SmallCounty

TOO_MUCH = {
    "6 MB of remarks": {"remarks": "a" * 6 * 1024 * 1024},
    "4500 fields": {f"class-{row}-note": "" for row in range(4500)},
}


@pytest.mark.parametrize("enctype", ["urlencoded", "multipart"])
@pytest.mark.parametrize("what", TOO_MUCH)
def test_a_form_that_is_too_large_says_so(small: SmallCounty, what: str, enctype: str) -> None:
    with time_machine.travel(NOW, tick=True):
        scene = Scene(small)
        filing = scene.open()
        url = reverse("filing-edit", args=[filing.pk])
        # The check against forged forms is the first to read a form, as in real life.
        client = Client(enforce_csrf_checks=True)
        client.force_login(scene.director)
        page = client.get(url).content.decode()
        [token] = set(re.findall(r'name="csrfmiddlewaretoken" value="(\w+)"', page))
        before = filing.draft
        data = form_data(filing, action="save", csrfmiddlewaretoken=token, **TOO_MUCH[what])
        if enctype == "urlencoded":
            answer = client.post(url, urlencode(data), "application/x-www-form-urlencoded")
        else:
            answer = client.post(url, data)
        assert answer.status_code == 413
        said = answer.content.decode()
        assert "内容太多，没有接收" in said
        assert "这一次没有保存" in said
        assert "按“后退”" in said
        filing.refresh_from_db()
        assert filing.draft == before
        small_form = form_data(filing, action="save", csrfmiddlewaretoken=token, remarks="停课")
        assert client.post(url, small_form).status_code == 302


def test_another_refused_request_is_no_large_form(client: Client, db: None) -> None:
    answer = client.get(reverse("login"), headers={"host": "stranger.example"})
    assert answer.status_code == 400
    assert "内容太多" not in answer.content.decode()


def test_the_icon_browsers_ask_for_by_themselves_is_there(client: Client) -> None:
    answer = client.get("/favicon.ico")
    assert answer.status_code == 200
    assert answer["Content-Type"] in {"image/x-icon", "image/vnd.microsoft.icon"}
    icon = b"".join(answer.streaming_content)  # type: ignore[attr-defined]
    assert icon[:6] == b"\0\0\1\0\1\0"  # An icon file with one picture in it,
    assert icon[6:8] == bytes([32, 32])  # of 32 by 32 points.


def test_error_pages_name_that_icon(client: Client, db: None) -> None:
    page = client.get("/no-such-page").content.decode()
    assert '<link rel="icon" href="/favicon.ico"' in page
