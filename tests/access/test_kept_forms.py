"""Every form on every page of the portal comes back filled in after the session has ended.

The forms are found on the pages of the route table, so that a new form is in this test unasked.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.test import Client
from django.urls import resolve, reverse
from django.utils import timezone

from accounts.models import KeptInput, Session, User
from accounts.privacy.services import set_phone
from accounts.sign_in import kept
from accounts.sign_in.refill import BUTTONS, CHOICES, Form, Tag, addresses_of, forms_of
from kindergartens.models import MonthlyFiling
from tests.access.routes import CASES, ROLES, Case, World
from tests.signing_in import shown_who_they_are

PAGES = [case for case in CASES if case.method == "get" and not case.public]
# In the frame of every page: their POSTs say nothing that would be missed.
FRAME = {"logout", "choose-post", "kept-input-discard"}
NEVER_FILLED = {"password", "file", "image", "reset", "button", "submit"}
# Pages with a form that people write in; that they are found shows that this test looks.
WRITTEN_IN = {
    *("person", "post-hand-over", "account-request-new", "export-ask", "export-approvals"),
    *("kindergarten-accounts", "office-accounts", "deputies", "own-phone", "reveal-phone"),
    *("filing-review", "documents", "account-batch-upload", "change-password"),
}


@dataclass
class Typed:
    """What a person might have filled a form with."""

    fields: list[tuple[str, str]]
    ticked: set[tuple[str, str]]
    chosen: set[tuple[str, str]]
    written: dict[str, str]


def type_into(form: Form) -> Typed:
    typed = Typed([], set(), set(), {})
    radios: dict[str, list[Tag]] = {}
    for number, control in enumerate(form.controls):
        name = control.attrs.get("name")
        kind = control.kind
        if not name or "disabled" in control.attrs or kind in BUTTONS | NEVER_FILLED:
            continue
        if kind == "radio":
            radios.setdefault(name, []).append(control)
        elif kind == "checkbox":
            if number % 2:
                typed.ticked.add((name, control.value))
        elif kind == "select":
            if control.options:
                typed.chosen.add((name, control.options[-1].value))
        elif kind == "hidden":
            typed.fields.append((name, control.value))
        else:
            typed.written[name] = f"填的“{number}”<b>&amp;" + ("\n二" if kind == "textarea" else "")
    typed.ticked |= {(name, options[-1].value) for name, options in radios.items()}
    typed.fields += [*typed.ticked, *typed.chosen, *typed.written.items()]
    return typed


def seen(form: Form) -> Typed:
    """The same of a page as it comes back."""
    shown = Typed([], set(), set(), {})
    for control in form.controls:
        name = control.attrs.get("name")
        if not name or "disabled" in control.attrs:
            continue
        if control.kind in CHOICES:
            if "checked" in control.attrs:
                shown.ticked.add((name, control.value))
        elif control.kind == "select":
            shown.chosen |= {
                (name, option.value) for option in control.options if "selected" in option.attrs
            }
        elif control.kind == "textarea":
            shown.written[name] = "".join(control.inside).removeprefix("\n")
        elif control.kind not in BUTTONS | NEVER_FILLED | {"hidden"}:
            shown.written[name] = control.value
    return shown


def posting_forms(html: str, page: str) -> Iterator[tuple[str, Form]]:
    for form in forms_of(html):
        if (form.tag.attrs.get("method") or "get").lower() != "post":
            continue
        for path in sorted(addresses_of(form, page)):
            if resolve(path).url_name not in FRAME:
                yield path, form


def open_page(world: World, case: Case) -> tuple[Client, User, str]:
    """The first person who may open the page, and its address."""
    role = next(role for role in ROLES if role in case.allowed and role not in case.except_for)
    person = world.people[role]
    client = Client()
    client.force_login(person)
    shown_who_they_are(client)
    return client, person, reverse(case.route, args=case.args(world))


def test_every_form_of_every_page_comes_back_filled(world: World) -> None:
    set_phone(user=world.people["director"], phone="13900000000")
    found = set()
    for case in PAGES:
        client, person, page = open_page(world, case)
        answer = client.get(page)
        if answer.status_code == 200 and answer["Content-Type"].startswith("text/html"):
            for path, form in posting_forms(answer.content.decode(), page):
                comes_back(client, person, page, path, form)
                found.add(case.route)
    assert found >= WRITTEN_IN


def comes_back(client: Client, person: User, page: str, path: str, form: Form) -> None:
    typed = type_into(form)
    data: dict[str, list[str]] = {}
    for name, value in typed.fields:
        data.setdefault(name, []).append(value)
    Session.objects.filter(user=person).update(
        ended_at=timezone.now(), ended_why="by_self", session_data=""
    )
    client.post(path, data, headers={"Referer": f"http://testserver{page}"})
    client.force_login(person)
    shown_who_they_are(client)
    written = {name for name in typed.written if not kept.is_secret(name)}
    if not set(data) - kept.NOT_TYPED - set(filter(kept.is_secret, data)):
        assert not KeptInput.objects.exists()
        return
    again = client.get(page)
    assert again.status_code == 200, path
    html = again.content.decode()
    assert "填的已放回这一页" in html, path
    [back] = [
        back for where, back in posting_forms(html, page) if where == path and same(back, form)
    ][:1]
    shown = seen(back)
    assert {name: shown.written[name] for name in written} == {
        name: typed.written[name] for name in written
    }
    assert typed.chosen <= shown.chosen
    assert typed.ticked == shown.ticked
    KeptInput.objects.all().delete()
    client.cookies.pop(kept.cookie_name())


def same(one: Form, other: Form) -> bool:
    def hidden(form: Form) -> list[tuple[str | None, str]]:
        return [
            (control.attrs.get("name"), control.value)
            for control in form.controls
            if control.kind == "hidden" and control.attrs.get("name") != "csrfmiddlewaretoken"
        ]

    return hidden(one) == hidden(other)


def test_a_return_written_without_scripts_comes_back(world: World) -> None:
    """The director's form saves by script; without, its button is a form like any other."""
    filing = MonthlyFiling.objects.get(pk=world.filing.pk)
    assert filing.state == "submitted"
    director = world.people["director"]
    client = Client()
    client.force_login(director)
    client.post(reverse("filing-withdraw", args=[filing.pk]))
    page = reverse("filing-edit", args=[filing.pk])
    answer = client.get(page)
    assert answer.status_code == 200
    [(path, form)] = [
        (path, form)
        for path, form in posting_forms(answer.content.decode(), page)
        # Not the workbook's button, which takes the form along.
        if path == page and any(one.attrs.get("name") == "remarks" for one in form.controls)
    ]
    comes_back(client, director, page, path, form)
