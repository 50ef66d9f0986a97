"""What the environment makes of the door: cookies behind TLS, roles of production."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from http.cookies import SimpleCookie

from django.conf import settings
from django.contrib.auth import authenticate
from django.test import Client, RequestFactory
from django.urls import reverse

from accounts.models import User
from accounts.sign_in.devices import cookie_name
from tests.accounts.sign_in.conftest import PASSWORD, sign_in

READ = """
import json
from config import settings
names = ("SESSION_COOKIE_NAME", "CSRF_COOKIE_NAME", "SESSION_COOKIE_SECURE", "CSRF_COOKIE_SECURE",
         "SECOND_FACTOR_ROLES", "PRIVILEGED_ROLES", "PASSWORD_PROFILE", "SESSION_COOKIE_AGE")
print(json.dumps({name: getattr(settings, name, None) for name in names}))
"""
BUREAU = {
    *("system_administrator", "security_administrator", "audit_administrator"),
    *("bureau_officer", "bureau_leader"),
}


def read(**environ: str) -> dict[str, object]:
    """The settings as a process with this environment has them."""
    unset = ("SECOND_FACTOR_ROLES", "DEMO", "HTTPS", "PASSWORD_PROFILE")
    inherited = {name: value for name, value in os.environ.items() if name not in unset}
    output = subprocess.run(
        [sys.executable, "-c", READ],
        env={**inherited, "SECRET_KEY": "x", **environ},
        cwd=settings.BASE_DIR,
        check=True,
        capture_output=True,
        text=True,
    )
    return json.loads(output.stdout)


def test_production_and_demonstration() -> None:
    production = read()
    assert set(production["SECOND_FACTOR_ROLES"]) == BUREAU
    assert set(production["PRIVILEGED_ROLES"]) == BUREAU
    assert production["PASSWORD_PROFILE"] == "dengbao"
    assert production["SESSION_COOKIE_AGE"] == 12 * 60 * 60
    assert read(DEMO="1")["SECOND_FACTOR_ROLES"] == []
    chosen = read(SECOND_FACTOR_ROLES="director,inspector")
    assert chosen["SECOND_FACTOR_ROLES"] == ["director", "inspector"]


def test_cookies_are_bound_to_the_host_behind_tls() -> None:
    behind_tls = read(HTTPS="1")
    assert behind_tls["SESSION_COOKIE_NAME"] == "__Host-sid"
    assert behind_tls["CSRF_COOKIE_NAME"] == "__Host-csrf"
    assert behind_tls["SESSION_COOKIE_SECURE"] is behind_tls["CSRF_COOKIE_SECURE"] is True


def test_every_cookie_of_a_sign_in_keeps_the_promise_of_its_name(officer: User, settings) -> None:
    """A browser drops a __Host- cookie that is not secure, has a domain or another path."""
    settings.HTTPS = settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = True
    settings.SESSION_COOKIE_NAME = "__Host-sid"
    settings.CSRF_COOKIE_NAME = "__Host-csrf"
    client = Client()
    response = client.get(reverse("login"), secure=True)
    cookies = SimpleCookie(response.cookies)
    response = client.post(
        reverse("login"), {"username": officer.username, "password": PASSWORD}, secure=True
    )
    cookies.update(response.cookies)
    assert set(cookies) == {"__Host-sid", "__Host-csrf", "__Host-device"}
    assert cookie_name() == "__Host-device"
    for cookie in cookies.values():
        assert (cookie["secure"], cookie["httponly"], cookie["samesite"]) == (True, True, "Lax")
        assert (cookie["domain"], cookie["path"]) == ("", "/")


def test_the_sign_in_page_says_nothing_in_its_address(officer: User) -> None:
    response = sign_in(Client(), officer, "Wrong-and-wrong-again-7")
    assert response.status_code == 200  # No redirect that would carry a reason.
    assert "no-store" in response.headers.get("Cache-Control", "")


def test_there_is_one_way_to_authenticate(officer: User) -> None:
    assert settings.AUTHENTICATION_BACKENDS == ["accounts.backends.PortalBackend"]
    request = RequestFactory().post(reverse("login"))
    assert authenticate(request, username=officer.username, password=PASSWORD) == officer
    assert authenticate(request, username=officer.username, password="") is None
