"""Forms sent from elsewhere, frames, redirects, and requests for reading that would write."""

from __future__ import annotations

import re
from urllib.parse import urljoin, urlsplit

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from tests.access.routes import BY_ROUTE, ROLES, World
from tests.hardening.routes import ROUTES, UNSAFE, Route, address, body_of

NAMES = [route.name for route in ROUTES]
# Browsers send reports by themselves, without a form. The answer changes nothing but the log.
WITHOUT_TOKEN = {"csp-report"}


def allowed_client(world: World, route: str, *, checks: bool) -> Client:
    client = Client(enforce_csrf_checks=checks)
    case = BY_ROUTE[route]
    role = next((role for role in ROLES if role in case.allowed), "bureau_officer")
    client.force_login(world.people[role])
    return client


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.name)
def test_no_unsafe_request_without_a_token(world: World, route: Route) -> None:
    client = allowed_client(world, route.name, checks=True)
    url = address(route.name, world)
    data = body_of(route.name, world)
    before = digests()
    for headers in ({}, {"HX-Request": "true", "HX-Target": "main"}):
        for method in UNSAFE:
            for token in (None, "", "x" * 64, "a" * 32):
                sent = {**headers, **({"X-CSRFToken": token} if token is not None else {})}
                status = client.generic(method, url, headers=sent).status_code
                assert status == 403 or route.name in WITHOUT_TOKEN or status == 405
                if method == "POST" and route.name not in WITHOUT_TOKEN:
                    assert client.post(url, data, headers=sent).status_code == 403
    assert digests() == before


def test_a_token_of_another_browser_or_origin_is_worth_nothing(world: World) -> None:
    stranger, victim = Client(enforce_csrf_checks=True), Client(enforce_csrf_checks=True)
    victim.force_login(world.people["director"])
    stranger.get(reverse("login"))
    token = stranger.cookies["csrftoken"].value
    victim.get(reverse("my-filings"))
    url = reverse("filing-open")
    data = {"period": world.period.pk, "csrfmiddlewaretoken": token}
    assert victim.post(url, data).status_code == 403
    own = victim.cookies["csrftoken"].value
    for origin in ("https://evil.example", "null", "http://testserver.evil.example"):
        sent = {"Origin": origin, "X-CSRFToken": own}
        assert victim.post(url, data, headers=sent).status_code == 403, origin
    good = {"Origin": "http://testserver", "X-CSRFToken": own}
    assert victim.post(url, {"period": world.period.pk}, headers=good).status_code == 302


def test_only_the_reports_of_browsers_need_no_token() -> None:
    exempt = {route.name for route in ROUTES if getattr(route.view, "csrf_exempt", False)}
    assert exempt == WITHOUT_TOKEN


# Reading changes nothing

# What reading may write, and why.
MAY_CHANGE = {
    **dict.fromkeys(
        ("accounts_historyentry", "accounts_historyshape", "accounts_historyopen"),
        "what is written down is sealed",
    ),
    "accounts_session": "the post acted in and when the session was last used",
    "accounts_accessrecord": "downloads and looks are written down",
    "accounts_requestbucket": "exports are counted",
}


def digests() -> dict[str, str]:
    """One digest a table over all of its rows, but for those reading may write."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_schema, table_name FROM information_schema.tables"
            " WHERE table_type = 'BASE TABLE' AND table_schema = 'public'"
        )
        tables = sorted(name for _, name in cursor.fetchall() if name not in MAY_CHANGE)
        digest = "md5(coalesce(string_agg(row::text, '|' ORDER BY row::text), ''))"
        one = "SELECT '{0}', {1} FROM \"{0}\" AS row"
        cursor.execute(" UNION ALL ".join(one.format(table, digest) for table in tables))
        return dict(cursor.fetchall())


def test_the_digest_sees_a_change(world: World) -> None:
    before = digests()
    world.kindergarten.name += "二"
    world.kindergarten.save()
    changed = {table for table, digest in digests().items() if before[table] != digest}
    assert "kindergartens_kindergarten" in changed


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.name)
def test_reading_changes_nothing(world: World, route: Route) -> None:
    url = address(route.name, world)
    before = digests()
    allowed = sorted(BY_ROUTE[route.name].allowed)
    for role in (allowed[0], allowed[-1], "audit_administrator", None):
        client = Client()
        if role is not None:
            client.force_login(world.people[role])
        for method in ("GET", "HEAD", "OPTIONS"):
            response = client.generic(method, url, QUERY_STRING="action=delete&_method=POST&save=1")
            if response.streaming:
                b"".join(response.streaming_content)
            override = {"X-HTTP-Method-Override": "DELETE", "HX-Request": "true"}
            client.generic(method, url, headers=override)
    # last_login belongs to force_login above, which signs in without the login page.
    after = digests()
    after["accounts_user"] = before["accounts_user"]
    assert after == before


# Redirects

ELSEWHERE = [
    "https://evil.example/",
    "//evil.example",
    "///evil.example",
    "////evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "http:evil.example",
    "http:///evil.example",
    "https:\\\\evil.example",
    "javascript:alert(1)",
    "data:text/html,x",
    " //evil.example",
    "\t//evil.example",
    "/\t/evil.example",
    "%2f%2fevil.example",
    "http://testserver@evil.example/",
    "http://testserver.evil.example/",
    "http://[::1",
    "ftp://testserver/",
    "//testserver:80@evil.example",
    "/%0d%0aSet-Cookie:x=y",
    "\x00//evil.example",
    "。//evil.example",
]


@pytest.mark.parametrize("target", ELSEWHERE)
def test_signing_in_leads_nowhere_else(world: World, target: str) -> None:
    user = world.people["director"]
    user.set_password("yanshi-only-for-tests")
    user.save()
    client = Client()
    data = {"username": user.username, "password": "yanshi-only-for-tests", "next": target}
    for response in (
        client.get(reverse("login"), {"next": target}),
        client.post(reverse("login"), data),
        client.get(reverse("login"), {"next": target}),
        client.get(reverse("home"), {"next": target}),
        client.post(reverse("logout"), {"next": target}),
    ):
        location = response.get("Location", "/")
        # As browsers read it: backslashes are slashes, and blanks and tabs are not there.
        read = re.sub(r"[\t\r\n]", "", location).strip().replace("\\", "/")
        assert urlsplit(urljoin("http://testserver/login/", read)).netloc == "testserver", location
        assert not re.match(r"/{2,}|[a-z]+:", read, re.I), location
        assert "\r" not in location
        assert response.status_code < 500


def test_no_page_may_be_framed(world: World) -> None:
    for name in NAMES:
        response = Client().get(address(name, world))
        assert response["X-Frame-Options"] == "DENY"
        policy = response["Content-Security-Policy"]
        assert "frame-ancestors 'none'" in policy or "sandbox" in policy
