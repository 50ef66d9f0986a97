"""Every link of an error summary leads to something on its page that can take the mistake back."""

from __future__ import annotations

import re

from django.test import Client
from django.urls import resolve, reverse

from accounts.privacy.services import set_phone
from accounts.sign_in.refill import forms_of
from tests.access.routes import World
from tests.access.test_kept_forms import PAGES, open_page, posting_forms

SUMMARY = re.compile(r'<div class="err-summary".*?</ul>', re.S)
# Acts whose refusal is a message of the next page, or that need nothing typed.
SUMMARISE = {
    *("account-request-new", "deputies", "post-hand-over", "export-ask", "person-disable"),
    *("change-password", "document-print"),
}


def test_every_error_link_has_a_target(world: World) -> None:
    set_phone(user=world.people["director"], phone="13900000000")
    summarised = set()
    for case in PAGES:
        client, _, page = open_page(world, case)
        answer = client.get(page)
        if answer.status_code != 200 or not answer["Content-Type"].startswith("text/html"):
            continue
        for path, form in posting_forms(answer.content.decode(), page):
            empty = {
                str(control.attrs["name"]): control.value if control.kind == "hidden" else ""
                for control in form.controls
                if control.attrs.get("name") and control.kind in {"hidden", "text", "textarea"}
            }
            html = client.post(path, empty).content.decode()
            for summary in SUMMARY.findall(html):
                summarised.add(resolve(path).url_name)
                links = re.findall(r'href="#([^"]+)"', summary)
                missing = [link for link in links if f'id="{link}"' not in html]
                assert missing == [], f"{path}: {missing}"
                assert all(words.strip() for words in re.findall(r"<li>(.*?)</li>", summary))
    assert summarised >= SUMMARISE


def test_every_error_link_of_a_return_has_a_target(world: World) -> None:
    filing, client = world.filing, Client()
    client.force_login(world.people["director"])
    client.post(reverse("filing-withdraw", args=[filing.pk]))
    page = reverse("filing-edit", args=[filing.pk])
    html = client.get(page).content.decode()
    [form] = [
        form
        for form in forms_of(html)
        if any(control.attrs.get("name") == "remarks" for control in form.controls)
    ]
    [submit] = [
        str(control.attrs["formaction"])
        for control in form.controls
        if "data-submits" in control.attrs
    ]
    sent = {
        str(control.attrs["name"]): control.value
        for control in form.controls
        if control.kind in {"hidden", "text"} and control.attrs.get("name")
    }
    wrong = {
        "class-0-name": "", "class-0-boys": "x", "class-0-explain-class_size": "长" * 301,
        "class-1-name": "托一班", "class-1-grade": "nursery", "class-1-age3": "x",
        "class-1-boys": "1", "class-1-girls": "-1", "class-2-name": "怪班",
        "class-2-grade": "no-such-grade", "class-2-boys": "1", "class-2-girls": "1",
        "remarks": "长" * 501, "staff-full_time_teacher": "1",
        "staff-full_time_teacher-certified": "2", "staff-principal": "二", "action": "submit",
    }  # fmt: skip
    refused = client.post(submit, {**sent, **wrong}).content.decode()
    [summary] = SUMMARY.findall(refused)
    links = re.findall(r'href="#([^"]+)"', summary)
    assert len(links) >= 8, links
    assert [link for link in links if f'id="{link}"' not in refused] == []
