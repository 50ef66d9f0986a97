"""Every link of an error summary leads to something on its page that can take the mistake back."""

from __future__ import annotations

import re

import pytest
from django.urls import resolve

from accounts.privacy.services import set_phone
from accounts.sign_in.refill import forms_of
from tests.access.test_kept_forms import PAGES, open_page, posting_forms
from tests.access.test_routes import World, world  # noqa: F401 - a fixture

SUMMARY = re.compile(r'<div class="err-summary".*?</ul>', re.S)
# Acts whose refusal is a message of the next page, or that need nothing typed.
SUMMARISE = {
    *("account-request-new", "deputies", "post-hand-over", "people-export-ask", "person-disable"),
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
    print(sorted(summarised))
    assert summarised >= SUMMARISE
