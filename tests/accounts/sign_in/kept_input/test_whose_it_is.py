"""What was typed is for the same person in the same browser, as it was kept, and without secrets."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from importlib import import_module
from typing import Any

import pytest
from django import forms
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.urls import reverse

from accounts.models import AccessRecord, KeptInput, User
from accounts.sign_in import kept
from accounts.sign_in.tasks import sweep
from tests.accounts.sign_in.conftest import PASSWORD, Clock, sign_in, with_password
from tests.accounts.sign_in.kept_input.typed_form import (
    BACK,
    PAGE,
    TYPED,
    is_filled,
    page_of,
    send,
)
from tests.small_county import SmallCounty


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
