"""The form that is sent too late, and how its page looks when it is filled in again."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

from django.test import Client

from accounts.models import Session, User

SITE = "http://testserver"
PAGE = "/account-requests/new/"
WHY = "接替生病的同事，“一”\n第二行 <b>"
TYPED = {"full_name": "示例新人", "username": "newcomer", "reason": WHY, "adds_post": "on"}
BACK = "填的已放回这一页，还没有提交"


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
