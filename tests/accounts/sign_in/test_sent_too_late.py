"""A form without a word, sent after the session ended: nothing is done, and this is said twice.

What holds something typed is kept: kept_input/.
"""

from __future__ import annotations

from urllib.parse import urlencode

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from tests.accounts.sign_in.conftest import Clock, sign_in

SITE = "http://testserver"
NOT_DONE = "没有办成，内容没有保存"


@pytest.fixture
def too_late(clock: Clock, officer: User) -> Client:
    client = Client()
    sign_in(client, officer)
    clock.forward(minutes=20)
    return client


def door(page: str) -> str:
    return f"{reverse('login')}?{urlencode({'next': page})}"


@pytest.mark.parametrize(
    ("referer", "page"),
    [
        (f"{SITE}/account/?from=menu", "/account/?from=menu"),
        ("http://elsewhere.example/account/", "/"),
        (f"{SITE}/account/sessions/end/", "/"),  # answers POST only
        (f"{SITE}/no-such-page/", "/"),
        ("", "/"),
    ],
)
def test_signing_in_leads_to_the_page_of_the_form(
    too_late: Client, officer: User, referer: str, page: str
) -> None:
    answer = too_late.post(reverse("end-session"), headers={"Referer": referer})
    assert answer["Location"] == door(page)
    shown = too_late.get(answer["Location"]).content.decode()
    assert NOT_DONE in shown
    assert "长时间没有操作" in shown
    assert sign_in(too_late, officer, next=page)["Location"] == page
    after = too_late.get(reverse("account-security")).content.decode()
    assert NOT_DONE in after
    assert NOT_DONE not in too_late.get(reverse("account-security")).content.decode()


def test_it_is_said_again_after_a_wrong_password(too_late: Client, officer: User) -> None:
    too_late.post(reverse("end-session"))
    sign_in(too_late, officer, "wrong")
    sign_in(too_late, officer)
    assert NOT_DONE in too_late.get(reverse("account-security")).content.decode()


def test_a_part_of_a_page_sends_the_whole_page_to_the_door(too_late: Client) -> None:
    answer = too_late.post(
        reverse("end-session"),
        headers={"HX-Request": "true", "HX-Current-URL": f"{SITE}/account/"},
    )
    assert (answer.status_code, answer["HX-Redirect"]) == (204, door("/account/"))
    assert NOT_DONE in too_late.get(answer["HX-Redirect"]).content.decode()


@pytest.mark.parametrize("route", ["logout", "session-state"])
def test_nothing_is_missed_where_nothing_was_typed(too_late: Client, route: str) -> None:
    answer = too_late.post(reverse(route))
    assert answer["Location"] == door("/")
    assert NOT_DONE not in too_late.get(answer["Location"]).content.decode()
