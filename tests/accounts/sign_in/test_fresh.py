"""Before a sensitive act people show once more who they are, and lose nothing typed by it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from html import unescape

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from accounts.models import AccessRecord, User
from accounts.sign_in.fresh import PROOF
from tests.accounts.sign_in.conftest import PASSWORD, Clock, code_of, is_in, sign_in
from tests.accounts.sign_in.views import DONE

pytestmark = pytest.mark.urls("tests.accounts.sign_in.views")

# The address locks are put on.
HERE = {"REMOTE_ADDR": "192.0.2.7"}
TYPED = {"reason": ["理由“一”", "<b>理由二</b>"], "rows": ["51"]}


@pytest.fixture(autouse=True)
def nothing_done() -> Iterator[None]:
    DONE.clear()
    yield
    DONE.clear()


@pytest.fixture
def client(clock: Clock, officer: User) -> Client:
    client = Client()
    sign_in(client, officer)
    return client


def hidden(page: str) -> dict[str, list[str]]:
    """The fields that the page carries on."""
    found: dict[str, list[str]] = {}
    for name, value in re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', page):
        if name != "csrfmiddlewaretoken":
            found.setdefault(name, []).append(unescape(value))
    return found


def test_nothing_is_asked_within_ten_minutes(clock: Clock, client: Client) -> None:
    clock.forward(minutes=9, seconds=59)
    assert client.get(reverse("act")).content == b"done"
    assert client.post(reverse("act"), TYPED).content == b"done"
    assert DONE == [TYPED]


def test_a_page_asks_and_comes_back(clock: Clock, client: Client) -> None:
    clock.forward(minutes=10)
    asked = client.get(f"{reverse('act')}?page=2")
    assert asked["Location"] == f"{reverse('authenticate-again')}?next=%2Fact%2F%3Fpage%3D2"
    page = client.get(asked["Location"]).content.decode()
    assert hidden(page) == {"next": ["/act/?page=2"]}
    wrong = client.post(reverse("authenticate-again"), {"next": "/act/?page=2", PROOF: "no"})
    assert wrong.status_code == 403
    assert client.get(reverse("act")).status_code == 302
    right = client.post(reverse("authenticate-again"), {"next": "/act/?page=2", PROOF: PASSWORD})
    assert right["Location"] == "/act/?page=2"
    assert client.get("/act/?page=2").content == b"done"
    again = client.post(reverse("authenticate-again"), {"next": "//evil.example", PROOF: PASSWORD})
    assert again["Location"] == reverse("home")


def test_what_was_typed_goes_through_the_page_and_is_done_once(
    clock: Clock, client: Client
) -> None:
    clock.forward(minutes=11)
    asked = client.post(reverse("act"), TYPED)
    assert asked.status_code == 401
    assert DONE == []
    carried = hidden(asked.content.decode())
    assert carried == TYPED
    refused = client.post(reverse("act"), {**carried, PROOF: "no"}, **HERE)
    assert refused.status_code == 403
    assert hidden(refused.content.decode()) == TYPED
    assert DONE == []
    done = client.post(reverse("act"), {**carried, PROOF: PASSWORD}, **HERE)
    assert done.content == b"done"
    assert DONE == [TYPED]  # The view never saw the proof.
    assert AccessRecord.objects.filter(action="reauthenticate", outcome="done").count() == 1


def test_the_token_of_the_form_is_demanded_as_ever(clock: Clock, officer: User) -> None:
    client = Client(enforce_csrf_checks=True)
    page = client.get(reverse("login"))
    sign_in(client, officer, csrfmiddlewaretoken=str(page.context["csrf_token"]))
    assert is_in(client)
    clock.forward(minutes=11)
    assert client.post(reverse("act"), {**TYPED, PROOF: PASSWORD}).status_code == 403
    assert DONE == []


def test_files_go_back_to_their_page(clock: Clock, client: Client) -> None:
    clock.forward(minutes=11)
    upload = SimpleUploadedFile("a.xlsx", b"x")
    asked = client.post(
        reverse("act"), {**TYPED, "file": upload}, HTTP_REFERER="http://testserver/act/?page=3"
    )
    assert asked["Location"].endswith("next=%2Fact%2F%3Fpage%3D3")
    assert DONE == []


def test_htmx_is_sent_to_the_page(clock: Clock, client: Client) -> None:
    clock.forward(minutes=11)
    asked = client.post(
        reverse("act"),
        TYPED,
        HTTP_HX_REQUEST="true",
        HTTP_HX_CURRENT_URL="http://testserver/account/?x=1",
    )
    assert asked.status_code == 204
    assert asked["HX-Redirect"].endswith("next=%2Faccount%2F%3Fx%3D1")
    assert DONE == []


def test_who_has_a_second_factor_shows_a_code(
    clock: Clock, officer: User, enrol: Callable[[User], list[str]]
) -> None:
    enrol(officer)
    client = Client()
    sign_in(client, officer)
    client.post(reverse("sign-in-code"), {"otp": code_of(officer, clock.now)})
    clock.forward(minutes=11)
    assert client.post(reverse("act"), {**TYPED, PROOF: PASSWORD}).status_code == 403
    clock.forward(seconds=2)
    code = code_of(officer, clock.now)
    assert client.post(reverse("act"), {**TYPED, PROOF: code}).content == b"done"
    clock.forward(minutes=11)
    assert client.post(reverse("act"), {**TYPED, PROOF: code}).status_code == 403
    assert DONE == [TYPED]


def test_guessing_here_locks_as_at_the_door(clock: Clock, client: Client, officer: User) -> None:
    client.cookies.pop("device")
    clock.forward(minutes=11)
    for _ in range(5):
        client.post(reverse("act"), {**TYPED, PROOF: "guess"}, **HERE)
    client.post(reverse("act"), {**TYPED, PROOF: PASSWORD}, **HERE)
    assert DONE == []
    newcomer = Client()
    sign_in(newcomer, officer)
    assert not is_in(newcomer)


@pytest.mark.parametrize("route", ["second-factor", "recovery-codes", "second-factor-off"])
def test_what_asks_in_the_portal_itself(clock: Clock, client: Client, route: str) -> None:
    clock.forward(minutes=11)
    method = client.get if route == "second-factor" else client.post
    assert method(reverse(route)).status_code in (302, 401)
