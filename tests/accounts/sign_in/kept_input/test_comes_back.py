"""A form sent after the session ended stands filled in again, whatever way leads back to it."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from accounts.models import AccountRequest, KeptInput, Session, User
from accounts.sign_in import kept
from accounts.sign_in.passwords import set_one_time_password
from tests.accounts.sign_in.conftest import OTHER_PASSWORD, PASSWORD, Clock, code_of, sign_in
from tests.accounts.sign_in.kept_input.typed_form import (
    BACK,
    PAGE,
    SITE,
    TYPED,
    end,
    is_filled,
    page_of,
    send,
)


def test_what_was_typed_stands_in_the_form_again_and_nothing_is_sent(
    client: Client, director: User
) -> None:
    answer = send(client)
    assert (
        answer["Location"] == f"{reverse('login')}?next=%2Faccount-requests%2Fnew%2F%3Ffrom%3Dmenu"
    )
    door = page_of(client, answer["Location"])
    assert "刚才填的都保留了" in door
    assert "示例新人" not in door
    assert sign_in(client, director)["Location"] == f"{PAGE}?from=menu"
    page = page_of(client)
    assert is_filled(page)
    assert re.search(r'<input type="checkbox" name="adds_post"[^>]* checked>', page)
    assert is_filled(page_of(client))  # as often as the page is opened
    assert "先前填的还没有提交" in page_of(client, reverse("account-security"))
    assert not AccountRequest.objects.exists()
    # Sent by the person and judged: it is in the answer, and kept no more.
    refused = client.post(PAGE, TYPED)
    assert refused.status_code == 422
    assert "示例新人" in refused.content.decode()
    assert not KeptInput.objects.exists()
    assert client.cookies[kept.cookie_name()].value == ""
    assert BACK not in page_of(client)


def test_whoever_was_disabled_is_not_told_to_sign_in(clock: Clock, director: User) -> None:
    client = Client()
    sign_in(client, director)
    end(director, ended_at=clock.now, ended_why="disabled", session_data="")
    door = page_of(client, send(client)["Location"])
    assert "账号已停用，现在不能登录" in door
    assert "请用原来的账号登录" not in door


@pytest.mark.parametrize(
    "ending",
    [
        {"seen_at": dt.datetime(2026, 1, 1, tzinfo=dt.UTC)},
        {"expire_date": dt.datetime(2026, 1, 1, tzinfo=dt.UTC)},
        *(
            {
                "ended_at": dt.datetime(2026, 1, 1, tzinfo=dt.UTC),
                "ended_why": why,
                "session_data": "",
            }
            for why in ("elsewhere", "by_administrator", "by_self", "role")
        ),
    ],
    ids=["idle", "absolute", "elsewhere", "by administrator", "by self", "role"],
)
def test_however_the_session_ended(clock: Clock, director: User, ending: dict[str, Any]) -> None:
    client = Client()
    sign_in(client, director)
    end(director, **ending)
    send(client)
    sign_in(client, director)
    assert is_filled(page_of(client))


def test_a_form_left_open_over_night_is_still_known(clock: Clock, director: User) -> None:
    client = Client()
    sign_in(client, director)
    cookie = client.cookies["sessionid"]
    assert cookie["max-age"] == 84 * 60 * 60
    clock.forward(hours=20)
    call_command("clearsessions")
    send(client)
    sign_in(client, director)
    assert is_filled(page_of(client))
    clock.forward(hours=100)
    call_command("clearsessions")
    assert not Session.objects.exists()


def test_a_part_of_a_page_leads_back_to_its_page(client: Client, director: User) -> None:
    answer = send(client, **{"HX-Request": "true", "HX-Current-URL": f"{SITE}{PAGE}"})
    assert answer.status_code == 204
    assert answer["HX-Redirect"].startswith(reverse("login"))
    assert sign_in(client, director)["Location"] == PAGE
    assert is_filled(page_of(client))
    part = client.get(PAGE, headers={"HX-Request": "true"}).content.decode()
    assert BACK not in part


def test_through_the_second_factor(
    clock: Clock, client: Client, director: User, enrol: Callable[[User], list[str]]
) -> None:
    enrol(director)
    send(client)
    assert sign_in(client, director)["Location"] == reverse("sign-in-code")
    assert client.get(PAGE).status_code == 302
    code = client.post(reverse("sign-in-code"), {"otp": code_of(director, clock.now)})
    assert code["Location"] == f"{PAGE}?from=menu"
    assert is_filled(page_of(client))


def test_through_a_forced_new_password(clock: Clock, client: Client, director: User) -> None:
    send(client)
    until = clock.now + dt.timedelta(hours=1)
    set_one_time_password(user=director, password=PASSWORD, until=until, now=clock.now)
    assert sign_in(client, director)["Location"] == reverse("change-password")
    assert "示例新人" not in page_of(client, reverse("change-password"))
    assert client.get(PAGE)["Location"] == reverse("change-password")
    changed = client.post(
        reverse("change-password"), {"chosen": OTHER_PASSWORD, "repeated": OTHER_PASSWORD}
    )
    assert changed["Location"] == f"{PAGE}?from=menu"
    assert is_filled(page_of(client))


def test_through_setting_up_the_second_factor(
    clock: Clock, client: Client, director: User, settings: Any
) -> None:
    send(client)
    settings.SECOND_FACTOR_ROLES = ["director"]
    assert sign_in(client, director)["Location"] == reverse("second-factor")
    client.get(reverse("second-factor"))
    done = client.post(reverse("second-factor"), {"otp": code_of(director, clock.now)})
    assert f'href="{PAGE}?from=menu"' in done.content.decode()
    assert is_filled(page_of(client))


def test_a_duty_that_comes_between_loses_nothing(
    clock: Clock, director: User, settings: Any
) -> None:
    client = Client()
    sign_in(client, director)
    settings.SECOND_FACTOR_ROLES = ["director"]
    assert send(client)["Location"] == reverse("second-factor")
    assert "示例新人" not in page_of(client, reverse("second-factor"))
    settings.SECOND_FACTOR_ROLES = []
    assert is_filled(page_of(client))


def test_a_token_changed_by_signing_in_elsewhere_loses_nothing(director: User) -> None:
    client = Client(enforce_csrf_checks=True)
    token = str(client.get(reverse("login")).context["csrf_token"])
    sign_in(client, director, csrfmiddlewaretoken=token)
    old = str(client.get(PAGE).context["csrf_token"])
    # In another window.
    client.cookies["csrftoken"] = ""
    client.get(PAGE)
    sent = {**TYPED, "csrfmiddlewaretoken": old}
    assert send(client, sent).status_code == 403
    assert send(client, sent, Origin="https://evil.example").status_code == 403
    assert send(client, sent, Origin="null").status_code == 403
    assert not KeptInput.objects.exists()
    answer = send(client, sent, Origin=SITE)
    assert answer["Location"] == f"{PAGE}?from=menu"
    page = page_of(client)
    assert is_filled(page)
    assert old not in page
    # What autosaves asks for the new token itself.
    by_script = {"X-Requested-With": "fetch", "Origin": SITE}
    assert send(client, sent, **by_script).status_code == 403
