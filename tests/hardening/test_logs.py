"""Log lines: whole, parseable, not to be forged, and without what must not be kept."""

from __future__ import annotations

import datetime as dt
import io
import json
import logging
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.conf import settings
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from accounts.logs.formatters import ScrubbedJsonFormatter, ScrubbedLineFormatter
from accounts.logs.scrubbing import HIDDEN, scrub, scrub_value
from accounts.middleware import RequestIdFilter
from accounts.models import User
from config.local.checks import PRODUCTION
from tests.access.routes import World

PASSWORD = "canary-Passw0rd-7431"
IDENTITY = "11010519491231002X"
PHONE = "13912345678"
CHILD = "金丝雀小朋友"


@contextmanager
def written(formatter: logging.Formatter | None = None) -> Iterator[io.StringIO]:
    """Everything logged meanwhile, as production writes it."""
    out = io.StringIO()
    handler = logging.StreamHandler(out)
    handler.setFormatter(formatter or ScrubbedJsonFormatter())
    handler.addFilter(RequestIdFilter())
    root, requests, jobs = map(logging.getLogger, ("", "portal.request", "portal.job"))
    level = requests.level
    requests.setLevel(logging.INFO)
    jobs.setLevel(logging.INFO)
    root.addHandler(handler)
    try:
        yield out
    finally:
        root.removeHandler(handler)
        requests.setLevel(level)
        jobs.setLevel(level)


def lines(out: io.StringIO) -> list[dict]:
    return [json.loads(line) for line in out.getvalue().splitlines()]


def test_a_request_ends_with_one_line_that_says_everything(world: World) -> None:
    officer = world.people["bureau_officer"]
    client = Client()
    client.force_login(officer)
    url = reverse("kindergarten-detail", args=[world.kindergarten.code])
    with written() as out:
        response = client.get(url, {"q": CHILD})
    [line] = [line for line in lines(out) if line["logger"] == "portal.request"]
    moment = dt.datetime.fromisoformat(line.pop("time"))
    assert moment.utcoffset() is not None
    assert isinstance(line.pop("duration_ms"), int)
    assert line == {
        "level": "INFO",
        "logger": "portal.request",
        "message": "GET kindergarten-detail 200",
        "request_id": response["X-Request-ID"],
        "method": "GET",
        "route": "kindergarten-detail",
        "object": {"code": world.kindergarten.code},
        "status": 200,
        "outcome": "done",
        "user": officer.pk,
        "role": "bureau_officer",
    }
    assert CHILD not in out.getvalue()


@pytest.mark.parametrize(
    ("path", "route", "status", "outcome"),
    [
        ("/login/", "login", 200, "done"),
        ("/no/such/page", "-", 404, "refused"),
        ("/favicon.ico", "-", 200, "done"),
        ("/figures/", "dashboard", 302, "done"),
    ],
)
def test_requests_without_a_person(
    client: Client, db: None, path: str, route: str, status: int, outcome: str
) -> None:
    with written() as out:
        client.get(path)
    [line] = [line for line in lines(out) if line["logger"] == "portal.request"]
    assert (line["route"], line["status"], line["outcome"]) == (route, status, outcome)
    assert line["user"] is None
    assert line["role"] is None


def test_a_fault_is_an_error_line_with_the_traceback_and_no_values(
    world: World, monkeypatch
) -> None:
    def broken(*args: object) -> None:
        raise ValueError(f"no such child {IDENTITY}, call {PHONE}, password={PASSWORD}")

    monkeypatch.setattr("accounts.jobs.views.Paginator", broken)
    client = Client(raise_request_exception=False)
    client.force_login(world.people["bureau_officer"])
    with written() as out:
        response = client.get(reverse("jobs") + f"?name={CHILD}")
    text = out.getvalue()
    assert "Traceback" in text
    assert "in job_list" in text
    for secret in (IDENTITY, PHONE, PASSWORD, CHILD):
        assert secret not in text
    failed = [line for line in lines(out) if line["level"] == "ERROR"]
    assert {line["logger"] for line in failed} == {"portal.request", "django.request"}
    assert {line["request_id"] for line in failed} == {response["X-Request-ID"]}
    [request] = [line for line in failed if line["logger"] == "portal.request"]
    assert request["outcome"] == "failed"


def test_sign_ins_leave_no_password_cookie_or_token(world: World) -> None:
    user = world.people["director"]
    user.set_password(PASSWORD)
    user.full_name = CHILD
    user.save()
    client = Client(enforce_csrf_checks=True)
    with written() as out:
        page = client.get(reverse("login"))
        token = page.context["csrf_token"]
        form = {"username": user.username, "password": PASSWORD, "csrfmiddlewaretoken": str(token)}
        assert client.post(reverse("login"), {**form, "password": "wrong"}).status_code == 200
        assert client.post(reverse("login"), form).status_code == 302
        assert client.post(reverse("login"), {"password": PASSWORD}).status_code == 403
        client.get(reverse("my-filings"), headers={"Authorization": f"Bearer {PASSWORD}"})
    text = out.getvalue()
    assert PASSWORD not in text
    assert str(token) not in text
    for cookie in client.cookies.values():
        assert cookie.value not in text
    assert user.full_name not in text


def test_a_row_that_postgresql_quotes_is_hidden(db: None) -> None:
    username = f"u{IDENTITY.lower()}"
    User.objects.create(username=username, full_name=CHILD)
    with written() as out:
        try:
            with transaction.atomic():
                User.objects.create(username=username, full_name=CHILD)
        except IntegrityError:
            logging.getLogger("portal.test").exception("it failed")
    assert "Traceback" in out.getvalue()
    assert "already exists" in out.getvalue()
    assert IDENTITY.lower() not in out.getvalue().lower()
    detail = (
        'null value in column "x" of relation "y" violates not-null constraint\n'
        f"DETAIL:  Failing row contains (7, {CHILD}, {IDENTITY}, null).\n"
    )
    unique = f"DETAIL:  Key (username, name)=({PHONE}, {CHILD}) already exists.\n"
    for text in (detail, unique):
        with written() as out:
            try:
                raise IntegrityError(text)
            except IntegrityError:
                logging.getLogger("portal.test").exception("it failed: %s", text)
        for secret in (CHILD, IDENTITY, PHONE):
            assert secret not in out.getvalue()


@pytest.mark.parametrize(
    ("text", "gone"),
    [
        (f"password={PASSWORD}", PASSWORD),
        (f"{{'password': '{PASSWORD}', 'next': '/'}}", PASSWORD),
        (f'{{"new_password1": "{PASSWORD}"}}', PASSWORD),
        (f"Cookie: sessionid={PASSWORD}; csrftoken=abc", PASSWORD),
        (f"Set-Cookie: sessionid={PASSWORD}", PASSWORD),
        (f"Authorization: Bearer {PASSWORD}", PASSWORD),
        (f"postgres://portal:{PASSWORD}@db:5432/portal", PASSWORD),
        (f"redis://:{PASSWORD}@127.0.0.1:6379/0", PASSWORD),
        (f"GET /kindergartens/?q={CHILD}&page=2", CHILD),
        (f"证件号：{IDENTITY}", IDENTITY),
        (f"id_number={IDENTITY}", IDENTITY),
        (f"rows {IDENTITY} broke", IDENTITY),
        ("old card 110105491231002 here", "110105491231002"),
        (f"手机号 {PHONE}", PHONE),
        ("call +86 139-1234-5678 now", "1234-5678"),
        (f"full_name='{CHILD}'", CHILD),
        ("mail zhang.san@example.com.cn", "zhang.san"),
        ("argon2$argon2id$v=19$m=19456,t=2,p=1$c2FsdA$aGFzaA", "c2FsdA"),
        ("otp_token: 123456", "123456"),
        (f"session_key={PASSWORD}", PASSWORD),
        ("验证码：482913", "482913"),
    ],
)
def test_what_must_not_be_kept_is_hidden(text: str, gone: str) -> None:
    assert gone not in scrub(text)
    assert HIDDEN in scrub(text)


@pytest.mark.parametrize(
    "text",
    [
        "Job 7c9e6679-7425-40de-944b-e07fc1f90ae7 of kind print-document failed",
        "recomputed 1234567 rows of 120114 for 2026-10 in 0.51 s",
        "Forbidden: /kindergartens/1165000001/",
        "SLYB-120114-202610-1A2B3C4D",
        "code 120114102000 level 4",
    ],
)
def test_what_helps_to_find_a_fault_stays(text: str) -> None:
    assert scrub(text) == text


def test_fields_are_hidden_by_their_names() -> None:
    extra = {
        "password": "x1",
        "user_token": "x2",
        "headers": {"Cookie": "x3", "Accept": "text/html"},
        "phone": "x4",
        "status": 200,
        "list": [{"secret": "x5"}, f"tel {PHONE}"],
    }
    shown = {name: scrub_value(name, value) for name, value in extra.items()}
    assert shown["status"] == 200
    assert shown["headers"]["Accept"] == "text/html"
    for secret in ("x1", "x2", "x3", "x4", "x5", PHONE):
        assert secret not in json.dumps(shown)


HOSTILE = st.text(
    st.one_of(
        st.sampled_from("\r\n\x1b[31m\0\x07\x08\x7f\x85\u2028\u2029\u202e\u200b\u2066"),
        st.characters(),
    ),
    max_size=80,
)


@given(HOSTILE, HOSTILE, HOSTILE)
def test_no_text_forges_a_line(message: str, field: str, fault: str) -> None:
    for formatter in (ScrubbedJsonFormatter(), ScrubbedLineFormatter("%(levelname)s %(message)s")):
        try:
            raise ValueError(fault)
        except ValueError:
            record = logging.LogRecord(
                "portal", logging.INFO, __file__, 1, "said %s", (message,), sys.exc_info()
            )
        record.what = field
        text = formatter.format(record)
        first, *rest = text.split("\n")
        for letter in "\r\x1b\0\x07\x85\u2028\u2029\u202e\u200b":
            assert letter not in text
        if isinstance(formatter, ScrubbedJsonFormatter):
            assert rest == []
            assert json.loads(first)["level"] == "INFO"
        else:
            assert all(line.startswith("  | ") for line in rest)


@pytest.mark.parametrize("nasty", ["a\r\nb", "\x1b[2Jx", "x\u202ey", "\x07"])
def test_hostile_headers_paths_and_names(world: World, nasty: str) -> None:
    client = Client(raise_request_exception=False)
    client.force_login(world.people["bureau_officer"])
    with written() as out:
        client.get("/kindergartens/", {"q": nasty}, headers={"User-Agent": nasty, "Referer": nasty})
        client.get("/figures/%0d%0aINFO%20forged%1b%5b31m/")
        client.get("/figures/" + nasty.encode("unicode_escape").decode() + "/x")
        client.post(reverse("login"), {"username": nasty, "password": nasty})
        client.generic("GET\r\nX" if "\n" in nasty else "BREW", "/login/")
    for line in out.getvalue().splitlines():
        json.loads(line)
    for letter in "\r\x1b\x07\u202e":
        assert letter not in out.getvalue()


def test_a_field_that_cannot_be_written_harms_no_line() -> None:
    class Broken:
        def __str__(self) -> str:
            raise RuntimeError

    record = logging.makeLogRecord(
        {"msg": "x %d", "args": ("y",), "thing": Broken(), "levelno": 20}
    )
    line = json.loads(ScrubbedJsonFormatter().format(record))
    assert line["thing"] == HIDDEN


def test_production_writes_json() -> None:
    code = (
        "import django, logging; django.setup();"
        "logging.getLogger('portal.request').info('hello', extra={'status': 200});"
        "logging.getLogger('django.request').error('%s', 'password=abc')"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, **PRODUCTION, "DJANGO_SETTINGS_MODULE": "config.settings"},
        cwd=settings.BASE_DIR,
        capture_output=True,
        text=True,
        check=True,
    )
    first, second = [json.loads(line) for line in done.stderr.splitlines()]
    assert (first["logger"], first["status"]) == ("portal.request", 200)
    assert second["message"] == f"password={HIDDEN}"
