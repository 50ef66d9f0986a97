"""How much is kept, at what cost, and the page that lists it."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import KeptInput, Session, User
from accounts.sign_in import kept
from accounts.sign_in.kept_middleware import KeptInputMiddleware
from accounts.sign_in.sessions import end_sessions
from tests.accounts.sign_in.conftest import Clock, sign_in
from tests.accounts.sign_in.kept_input.typed_form import (
    PAGE,
    SITE,
    TYPED,
    end,
    is_filled,
    page_of,
    send,
    value_of,
)


def test_more_than_is_kept_is_said(client: Client, director: User) -> None:
    answer = send(client, {**TYPED, "reason": "长" * kept.MOST_BYTES})
    assert not KeptInput.objects.exists()
    assert "内容太多，没有保存" in page_of(client, answer["Location"])
    sign_in(client, director)
    assert "内容太多，没有保存" in page_of(client)


def test_several_forms_are_kept_once_each_and_not_without_end(
    client: Client, director: User
) -> None:
    send(client, {**TYPED, "full_name": "先填的"})
    send(client)
    phone = reverse("own-phone")
    client.post(phone, {"phone": "13900000000"}, headers={"Referer": f"{SITE}{phone}"})
    assert KeptInput.objects.count() == 2
    assert sign_in(client, director)["Location"] == phone
    shown = page_of(client, phone)
    assert value_of(shown, "phone") == "13900000000"
    assert "另有1份" in shown
    assert is_filled(page_of(client))
    for number in range(kept.MOST_OF_A_PERSON + 5):
        KeptInput.objects.create(
            user=director, digest="d", path=f"/{number}/", sealed="",
            kept_at=dt.datetime(2026, 1, 1, tzinfo=dt.UTC), expires_at=dt.datetime(2026, 1, 1, tzinfo=dt.UTC),
        )  # fmt: skip
    end_sessions(
        user=director, why=Session.Ended.BY_SELF, now=dt.datetime(2026, 11, 26, tzinfo=dt.UTC)
    )
    send(client)
    assert KeptInput.objects.count() == kept.MOST_OF_A_PERSON


def test_a_page_costs_no_query_without_and_one_with_it(client: Client, director: User) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            client.get(reverse("account-security"))
        return len(captured)

    sign_in(client, director)
    client.get(reverse("account-security"))
    without = queries()
    end(director, seen_at=dt.datetime(2026, 1, 1, tzinfo=dt.UTC))
    send(client)
    sign_in(client, director)
    client.get(reverse("account-security"))
    assert queries() == without + 1


# The page that lists it


def test_a_form_without_a_page_is_listed_to_copy_from(client: Client, director: User) -> None:
    client.post(PAGE, {**TYPED, "odd": "<i>其他</i>"})
    assert sign_in(client, director)["Location"] == reverse("kept-input")
    page = page_of(client, reverse("kept-input"))
    assert "<dt>姓名</dt>" in page
    assert "<dt>申请理由</dt>" in page  # of several forms with a reason, this one's
    assert "示例新人" in page
    assert "&lt;i&gt;其他&lt;/i&gt;" in page
    assert "回到原来的页面</a>" not in page
    key = KeptInput.objects.get().pk
    for nonsense in ("", "x", "9" * 40, "-1", "²"):
        client.post(reverse("kept-input-discard"), {"kept": nonsense})
    assert KeptInput.objects.filter(pk=key).exists()
    client.post(reverse("kept-input-discard"), {"kept": key})
    assert not KeptInput.objects.exists()
    assert "没有保留的内容" in page_of(client, reverse("kept-input"))


def test_a_page_that_does_not_open_any_more_leads_to_the_list(
    clock: Clock, client: Client, director: User
) -> None:
    send(client)
    director.memberships.update(ended_at=clock.now, valid_to=clock.now.date())
    sign_in(client, director)
    refused = client.get(PAGE)
    assert refused["Location"] == reverse("kept-input")
    assert "示例新人" in page_of(client, reverse("kept-input"))


@pytest.mark.parametrize("status", [400, 401, 403, 404, 429, 503])
def test_what_was_not_judged_stays_kept(client: Client, director: User, status: int) -> None:
    send(client)
    sign_in(client, director)
    request = HttpRequest()
    request.method, request.path, request.user = "POST", PAGE, director
    request.COOKIES[kept.cookie_name()] = client.cookies[kept.cookie_name()].value
    request.reached_its_view = True  # type: ignore[attr-defined]
    KeptInputMiddleware(lambda _: HttpResponse(status=status))(request)
    assert KeptInput.objects.exists()
    KeptInputMiddleware(lambda _: HttpResponse(status=302))(request)
    assert not KeptInput.objects.exists()
