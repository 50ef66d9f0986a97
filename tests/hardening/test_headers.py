"""Headers on every answer of every route, errors and files included, and nothing from elsewhere."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from django.urls import reverse

from tests.access.routes import World
from tests.hardening.answers import check_headers, check_page, policy_of


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
