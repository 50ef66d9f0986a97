"""Headers on every answer of every route, errors and files included, and nothing from elsewhere."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser

import pytest
import time_machine
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from tests.access.routes import BY_ROUTE, ROLES, Case, World
from tests.small_county import NOW, SmallCounty

EVERYWHERE = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
ADDRESSES = {"src", "href", "action", "formaction", "poster", "data", "srcset"} | {
    f"hx-{method}" for method in ("get", "post", "put", "patch", "delete")
}
ALWAYS_NONE = ("object-src 'none'", "base-uri 'none'", "frame-ancestors 'none'")


@pytest.fixture
def world(small: SmallCounty, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    monkeypatch.setattr("accounts.jobs.bell.ring", lambda *args, **kwargs: None)
    with time_machine.travel(NOW, tick=True):
        yield World(small)


class Page(HTMLParser):
    """Every tag with its attributes."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))


def policy_of(response: HttpResponse) -> dict[str, str]:
    parts = [part.strip().partition(" ") for part in response["Content-Security-Policy"].split(";")]
    return {name: value for name, _, value in parts}


def check_headers(response: HttpResponse, where: str) -> None:
    for name, value in EVERYWHERE.items():
        assert response.get(name) == value, f"{where}: {name}"
    assert "Access-Control-Allow-Origin" not in response, where
    assert "geolocation=()" in response.get("Permissions-Policy", ""), where
    policy = policy_of(response)
    if "sandbox" in policy:
        assert policy["default-src"] == "'none'", where
    else:
        for promise in ALWAYS_NONE:
            name, _, value = promise.partition(" ")
            assert policy.get(name) == value, f"{where}: {name}"
        assert policy["form-action"] == "'self'", where
        assert policy["report-uri"] == reverse("csp-report"), where
    for directive, sources in policy.items():
        for loose in ("unsafe-inline", "unsafe-eval", "*", "http:", "https:"):
            assert loose not in sources, f"{where}: {directive} {sources}"
    assert response.get("X-Request-ID"), where
    if not response.streaming:
        assert "no-store" in response.get("Cache-Control", ""), where


def check_page(response: HttpResponse, where: str) -> None:
    """No script without the nonce, nothing inline, no other host."""
    if response.streaming or not response.get("Content-Type", "").startswith("text/html"):
        return
    html = response.content.decode()
    policy = policy_of(response)
    for tag, attributes in Page(html).tags:
        assert tag not in {"style", "base", "iframe", "object", "embed"}, f"{where}: <{tag}>"
        if tag == "script":
            assert attributes.get("src"), f"{where}: inline script"
            assert f"'nonce-{attributes.get('nonce')}'" in policy["script-src"], where
        for name, value in attributes.items():
            assert name != "style", f"{where}: style on <{tag}>"
            assert not name.startswith(("on", "hx-on")), f"{where}: {name}"
            if name in ADDRESSES:
                plain = (value or "").strip().lower()
                assert not plain.startswith(("//", "javascript:", "data:text")), f"{where}: {value}"
                assert not re.match(r"[a-z]+://", plain), f"{where}: {value}"
    # Namespaces of drawings are names, not addresses.
    outside = re.sub(r'xmlns(:\w+)?="http://www\.w3\.org/[^"]*"', "", html)
    outside = outside.replace("http://testserver", "")
    assert not re.search(r"(?<![:\w])//[a-z0-9-]+\.[a-z]", outside), where
    assert not re.search(r"https?://[a-z0-9]", outside), where


def answers(world: World, case: Case) -> Iterator[tuple[str, HttpResponse]]:
    """The route as everyone: allowed, refused, anonymous, and with a method it does not know."""
    url = reverse(case.route, args=case.args(world))
    for role in (*ROLES, None):
        client = Client()
        if role is not None:
            client.force_login(world.people[role])
        for method in dict.fromkeys((case.method, "get", "post", "patch")):
            yield f"{method} {case.route} as {role}", getattr(client, method)(url)


@pytest.mark.parametrize("case", BY_ROUTE.values(), ids=BY_ROUTE)
def test_every_answer_of_a_route_carries_the_headers(world: World, case: Case) -> None:
    for where, response in answers(world, case):
        check_headers(response, where)
        check_page(response, where)


@pytest.mark.parametrize(
    "path", ["/static/css/error.css", "/favicon.ico", "/static/js/portal.js", "/static/missing.js"]
)
def test_files_and_missing_files_carry_them_too(db: None, settings, path: str) -> None:
    # As after collectstatic, without the half minute that takes.
    settings.WHITENOISE_USE_FINDERS = settings.WHITENOISE_AUTOREFRESH = True
    response = Client().get(path)
    assert response.status_code == (404 if "missing" in path else 200)
    check_headers(response, path)
    assert policy_of(response)["script-src"] == "'none'"


def test_cookies_are_for_the_server_only(world: World, settings) -> None:
    client = Client()
    user = world.people["director"]
    user.set_password("yanshi-only-for-tests")
    user.save()
    client.get(reverse("login"))
    client.post(reverse("login"), {"username": user.username, "password": "yanshi-only-for-tests"})
    assert set(client.cookies) >= {"sessionid", "csrftoken"}
    for name, cookie in client.cookies.items():
        assert cookie["httponly"], name
        assert cookie["samesite"] == "Lax", name
        assert not cookie["domain"], name


def test_the_nonce_is_new_in_every_answer(client: Client, db: None) -> None:
    seen = set()
    for _ in range(20):
        policy = policy_of(client.get(reverse("login")))["script-src"]
        [nonce] = re.findall(r"'nonce-([^']+)'", policy)
        assert len(nonce) >= 22
        assert "'strict-dynamic'" in policy
        seen.add(nonce)
    assert len(seen) == 20


def test_a_page_deep_below_another_is_not_kept_by_a_cache(world: World) -> None:
    """T35: an address that looks like a file's must not make a cache keep a person's page."""
    client = Client()
    client.force_login(world.people["bureau_officer"])
    for path in ("/figures/x.css", "/jobs/.js", "/kindergartens/a.png", "/figures/;x.css"):
        response = client.get(path)
        assert response.status_code == 404
        assert "no-store" in response["Cache-Control"]


def test_with_https_browsers_are_told_to_stay(world: World, settings) -> None:
    settings.SECURE_HSTS_SECONDS = 31536000
    settings.SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    client = Client()
    for path in ("/login/", "/no-such-page", "/static/css/error.css"):
        response = client.get(path, secure=True)
        assert response["Strict-Transport-Security"].startswith(
            "max-age=31536000; includeSubDomains"
        )


def test_signing_out_clears_what_the_browser_kept(world: World) -> None:
    client = Client()
    client.force_login(world.people["director"])
    assert "Clear-Site-Data" not in client.get(reverse("my-filings"))
    response = client.post(reverse("logout"))
    assert response["Clear-Site-Data"] == '"cache", "storage"'
    assert client.get(reverse("my-filings")).status_code == 302


def test_a_fault_carries_the_headers(world: World, monkeypatch) -> None:
    def broken(*args: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("accounts.jobs.views.Paginator", broken)
    client = Client(raise_request_exception=False)
    client.force_login(world.people["bureau_officer"])
    response = client.get(reverse("jobs"))
    assert response.status_code == 500
    check_headers(response, "500")
    check_page(response, "500")
    assert "ZeroDivision" not in response.content.decode()
