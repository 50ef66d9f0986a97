"""A form sent after the session ended comes back, filled in, to the same person and nobody else."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterator
from html import unescape
from importlib import import_module
from typing import Any

import pytest
from django import forms
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import AccessRecord, AccountRequest, KeptInput, Session, User
from accounts.sign_in import kept
from accounts.sign_in.kept_middleware import KeptInputMiddleware
from accounts.sign_in.passwords import set_one_time_password
from accounts.sign_in.sessions import end_sessions
from accounts.sign_in.tasks import sweep
from tests.accounts.sign_in.conftest import (
    OTHER_PASSWORD,
    PASSWORD,
    Clock,
    code_of,
    sign_in,
    with_password,
)
from tests.small_county import SmallCounty

SITE = "http://testserver"
PAGE = "/account-requests/new/"
WHY = "接替生病的同事，“一”\n第二行 <b>"
TYPED = {"full_name": "示例新人", "username": "newcomer", "reason": WHY, "adds_post": "on"}
BACK = "填的已放回这一页，还没有提交"


@pytest.fixture
def director(clock: Clock, small: SmallCounty) -> User:
    kindergarten = small.kindergarten(small.town("甲镇"), "示例一园")
    return with_password(small.person("园长", kindergarten.organisation, "director"))


@pytest.fixture
def client(clock: Clock, director: User) -> Client:
    """Signed in, then idle for too long."""
    client = Client()
    sign_in(client, director)
    clock.forward(minutes=40)
    return client


def send(client: Client, typed: dict[str, Any] = TYPED, **headers: str) -> Any:
    return client.post(PAGE, typed, headers={"Referer": f"{SITE}{PAGE}?from=menu", **headers})


def page_of(client: Client, path: str = PAGE) -> str:
    return client.get(path).content.decode()


def value_of(page: str, name: str) -> str:
    [tag] = re.findall(rf'<input[^>]*\bname="{name}"[^>]*>', page)
    found = re.search(r'\bvalue="([^"]*)"', tag)
    return unescape(found[1]) if found else ""


def is_filled(page: str) -> bool:
    [text] = re.findall(r'<textarea[^>]*name="reason"[^>]*>\n(.*?)</textarea>', page, re.S)
    return BACK in page and value_of(page, "full_name") == "示例新人" and unescape(text) == WHY


def end(user: User, **changes: Any) -> None:
    Session.objects.filter(user=user).update(**changes)


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


# Whose it is


def test_somebody_else_at_the_same_computer_sees_nothing(
    clock: Clock, client: Client, director: User, small: SmallCounty
) -> None:
    send(client)
    colleague = with_password(
        small.person("副园长", director.acting.organisation, "director")  # type: ignore[union-attr]
    )
    assert sign_in(client, colleague, next=PAGE)["Location"] == PAGE
    for path in (PAGE, reverse("kept-input"), reverse("account-security")):
        page = page_of(client, path)
        assert not set(re.findall("示例新人|newcomer|先前填的还|没有找到先前|接替生病", page))
    key = KeptInput.objects.get().pk
    client.post(reverse("kept-input-discard"), {"kept": key})
    client.post(PAGE, TYPED)
    assert KeptInput.objects.get().pk == key
    client.post(reverse("logout"))
    sign_in(client, director)
    assert is_filled(page_of(client))


def test_in_another_browser_it_does_not_open(clock: Clock, client: Client, director: User) -> None:
    send(client)
    other = Client()
    sign_in(other, director)
    assert BACK not in page_of(other)
    assert "没有保留的内容" in page_of(other, reverse("kept-input"))
    other.cookies[kept.cookie_name()] = "A" * 43
    assert "没有找到先前填的内容" in page_of(other)
    assert other.cookies[kept.cookie_name()].value == ""
    assert "没有找到先前填的内容" not in page_of(other)


def test_nobody_knows_whose_form_it_is(clock: Clock, director: User) -> None:
    client = Client()
    answer = send(client)
    assert not KeptInput.objects.exists()
    assert "没有办成，内容没有保存" in page_of(client, answer["Location"])


# What was altered


@pytest.mark.parametrize("change", ["sealed", "user", "path", "expires_at", "nonsense", "cookie"])
def test_what_was_altered_is_refused_with_a_message(
    clock: Clock, client: Client, director: User, officer: User, change: str
) -> None:
    send(client)
    row = KeptInput.objects.get()
    person = director
    if change == "sealed":
        middle = len(row.sealed) // 2
        flipped = "A" if row.sealed[middle] != "A" else "B"
        row.sealed = row.sealed[:middle] + flipped + row.sealed[middle + 1 :]
    elif change == "user":
        row.user = person = officer
    elif change == "path":
        row.path = reverse("own-phone")
    elif change == "expires_at":
        row.expires_at += dt.timedelta(days=300)
    elif change == "nonsense":
        row.sealed = "a1:="
    row.save()
    if change == "cookie":
        client.cookies[kept.cookie_name()] = "kept=1; user=2"
    sign_in(client, person)
    page = page_of(client, reverse("account-security"))
    words = "没有找到先前填的内容" if change == "cookie" else "保留的内容被改动过，没有使用"
    assert words in page
    assert "示例新人" not in page
    assert client.cookies[kept.cookie_name()].value == ""


def test_a_form_already_sent_does_not_come_back(client: Client, director: User) -> None:
    send(client)
    token = client.cookies[kept.cookie_name()].value
    sign_in(client, director)
    client.post(PAGE, TYPED)
    client.cookies[kept.cookie_name()] = token
    page = page_of(client)
    assert BACK not in page
    assert "没有找到先前填的内容" in page


def test_two_hours_later_it_is_gone_and_this_is_said(
    clock: Clock, client: Client, director: User
) -> None:
    send(client)
    clock.forward(minutes=119)
    assert "刚才填的都保留了" in page_of(client, reverse("login"))
    clock.forward(minutes=1)
    assert "刚才填的都保留了" not in page_of(client, reverse("login"))
    sign_in(client, director)
    assert "没有保留到现在" in page_of(client)
    assert BACK not in page_of(client)
    sweep()
    assert KeptInput.objects.count() == 1
    clock.forward(hours=24)
    sweep()
    sweep()
    assert not KeptInput.objects.exists()


# What is never kept


def test_no_password_code_token_or_file_is_kept(
    clock: Clock, client: Client, director: User
) -> None:
    written: list[bytes] = []
    original = kept.encrypt

    def overheard(plain: bytes, **more: Any) -> str:
        written.append(plain)
        return original(plain, **more)

    kept.encrypt = overheard  # type: ignore[assignment]
    try:
        upload = SimpleUploadedFile("名册.xlsx", b"bytes of the file")
        send(
            client,
            {
                **TYPED,
                **dict.fromkeys(
                    ("csrfmiddlewaretoken", "again_proof", "password", "x-new_password", "otp",
                     "present", "chosen", "repeated", "step-0-otp_token"),
                    "hunter2",
                ),
                "workbook": upload,
            },
        )  # fmt: skip
    finally:
        kept.encrypt = original
    [plain] = written
    assert b"hunter2" not in plain
    assert b"bytes of the file" not in plain
    assert "名册.xlsx" in plain.decode()
    assert "接替生病" in plain.decode()
    sign_in(client, director)
    page = page_of(client)
    assert "hunter2" not in page
    assert "附件“名册.xlsx”不保留" in page
    assert "不保留，请再输一次" in page


def test_only_a_password_is_not_worth_keeping(client: Client, director: User) -> None:
    answer = client.post(reverse("change-password"), {"present": PASSWORD, "chosen": "x"})
    assert not KeptInput.objects.exists()
    assert "没有办成，内容没有保存" in page_of(client, answer["Location"])


def forms_of_the_portal() -> Iterator[type[forms.BaseForm]]:
    import_module(settings.ROOT_URLCONF)  # all views, and with them all forms
    waiting: list[type[forms.BaseForm]] = [forms.BaseForm]
    while waiting:
        form = waiting.pop()
        waiting += form.__subclasses__()
        if form.__module__.split(".")[0] in {"accounts", "kindergartens", "reports", "inspections"}:
            yield form


def test_every_secret_of_every_form_is_known_by_its_name() -> None:
    found = set()
    for form in forms_of_the_portal():
        for name, field in getattr(form, "base_fields", {}).items():
            attrs = field.widget.attrs
            hides = getattr(field.widget, "input_type", "") == "password"
            if hides or attrs.get("autocomplete") == "one-time-code":
                found.add(name)
            else:
                assert not kept.is_secret(name), f"{form}.{name} would be lost"
    assert {"password", "present", "chosen", "repeated", "otp"} <= found
    assert all(map(kept.is_secret, found))
    assert all(kept.is_secret(f"login-0-{name}") for name in found)


def test_the_row_the_record_and_the_log_hold_nothing_readable(
    client: Client, director: User, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level("DEBUG"):
        answer = send(client)
        sign_in(client, director)
        page_of(client)
    token = client.cookies[kept.cookie_name()].value
    with connection.cursor() as cursor:
        cursor.execute("SELECT k::text FROM accounts_keptinput k")
        [(row,)] = cursor.fetchall()
    for text in (row, caplog.text, answer["Location"], str(list(AccessRecord.objects.values()))):
        assert not [word for word in ("示例新人", "newcomer", "接替", token) if word in text]


def test_the_cookie_is_for_this_portal_only(client: Client) -> None:
    send(client)
    cookie = client.cookies[kept.cookie_name()]
    assert (cookie["httponly"], cookie["samesite"], cookie["path"]) == (True, "Lax", "/")


# Bounds


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
