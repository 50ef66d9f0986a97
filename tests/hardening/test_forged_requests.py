"""Forms sent from elsewhere, frames, redirects, and requests for reading that would write."""

from __future__ import annotations

import random
import re
from urllib.parse import urlencode, urljoin, urlsplit

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from tests.access.routes import BY_ROUTE, ROLES, World
from tests.hardening.routes import ROUTES, UNSAFE, Route, address, body_of

NAMES = [route.name for route in ROUTES]
# Browsers send reports by themselves, without a form. The answer changes nothing but the log.
# The interface for other systems knows no session that a form could borrow, only keys, and reads.
INTERFACE = {
    f"api-{name}"
    for name in ("figures", "indicators", "parts", "publication", "publications", "regions")
}
WITHOUT_TOKEN = {"csp-report", *INTERFACE}


def allowed_client(world: World, route: str, *, checks: bool) -> Client:
    client = Client(enforce_csrf_checks=checks)
    case = BY_ROUTE[route]
    role = next((role for role in ROLES if role in case.allowed), "bureau_officer")
    client.force_login(world.people[role])
    return client


TOKENS = (None, "", "x" * 64, "a" * 32)
HTMX = {"HX-Request": "true", "HX-Target": "main"}


def sent_with(token: str | None, headers: dict[str, str]) -> dict[str, str]:
    return {**headers, **({"X-CSRFToken": token} if token is not None else {})}


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.name)
def test_no_unsafe_request_without_a_token(world: World, route: Route) -> None:
    """Which token is looked for does not hang on the route: each meets two kinds of wrong ones."""
    client = allowed_client(world, route.name, checks=True)
    url = address(route.name, world)
    data = body_of(route.name, world)
    draw = random.Random(route.name)
    before = rows_written()
    for method in UNSAFE:
        headers = sent_with(draw.choice(TOKENS), draw.choice(({}, HTMX)))
        status = client.generic(method, url, headers=headers).status_code
        assert status == 403 or route.name in WITHOUT_TOKEN or status == 405
        assert status == 405 or route.name not in INTERFACE
    for token in (None, draw.choice(TOKENS[1:])):
        if route.name not in WITHOUT_TOKEN:
            headers = sent_with(token, draw.choice(({}, HTMX)))
            assert client.post(url, data, headers=headers).status_code == 403
    assert rows_written() == before


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["plain", "htmx"])
@pytest.mark.parametrize("token", TOKENS)
@pytest.mark.parametrize("method", UNSAFE)
def test_no_kind_of_wrong_token_will_do(
    world: World, method: str, token: str | None, headers: dict[str, str]
) -> None:
    client = allowed_client(world, "filing-open", checks=True)
    url = address("filing-open", world)
    data = {"period": world.period.pk} if method == "POST" else {}
    answer = client.generic(
        method, url, urlencode(data), "application/x-www-form-urlencoded",
        headers=sent_with(token, headers),
    )  # fmt: skip
    assert answer.status_code == 403


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


def rows_written() -> dict[str, int]:
    """How many rows of each table this test's transaction wrote so far, undone ones among them."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname, n_tup_ins + n_tup_upd + n_tup_del FROM pg_stat_xact_user_tables"
            " WHERE schemaname = 'public' AND n_tup_ins + n_tup_upd + n_tup_del > 0"
        )
        return {table: rows for table, rows in cursor.fetchall() if table not in MAY_CHANGE}


def test_a_change_of_one_row_is_counted(world: World) -> None:
    before = rows_written()
    world.kindergarten.name += "二"
    world.kindergarten.save()
    after = rows_written()
    table = "kindergartens_kindergarten"
    assert after[table] == before.get(table, 0) + 1


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.name)
def test_reading_changes_nothing(world: World, route: Route) -> None:
    url = address(route.name, world)
    before = rows_written()
    allowed = sorted(BY_ROUTE[route.name].allowed)
    override = {"X-HTTP-Method-Override": "DELETE", "HX-Request": "true"}
    for role in (allowed[0], random.Random(route.name).choice([*allowed[1:], None])):
        client = Client()
        if role is not None:
            client.force_login(world.people[role])
        for method in ("GET", "HEAD", "OPTIONS"):
            response = client.generic(method, url, QUERY_STRING="action=delete&_method=POST&save=1")
            if response.streaming:
                b"".join(response.streaming_content)
        client.get(url, headers=override)
    # last_login belongs to force_login above, which signs in without the login page.
    after = rows_written()
    assert after | {"accounts_user": 0} == before | {"accounts_user": 0}


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
