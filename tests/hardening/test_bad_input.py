"""Whatever is sent, to any route, by whomever: an answer below 500 (WH-09, T24, T36)."""

from __future__ import annotations

import json
import os
import random
import urllib.parse
from collections.abc import Iterator
from io import BytesIO
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse

from tests.access.routes import World
from tests.hardening.routes import ROUTES, address, body_of

CASES = int(os.environ.get("FUZZ_CASES", "3000"))
SEED = int(os.environ.get("FUZZ_SEED", "20261105"))

VALUES: list[str] = [
    "", " ", "0", "-1", "1", "1.5", "1e309", "NaN", "Infinity", "-0", "0x10", "１２", "٣", "½",
    "9" * 19, "9" * 40, "9" * 5000, "-" + "9" * 30, "2147483648", "9223372036854775808",
    "\0", "a\0b", "\ufffd", "\u202e甲", "\u200b", "🙂" * 50, "中" * 3000, "a" * 3000,
    "%", "%" * 500, "_" * 500, "\\", "'", '"', "';--", "' OR 1=1--", "1) OR (1=1", "${7*7}", "{{7*7}}",
    "{% debug %}", "%s%n%x", "<script>alert(1)</script>", "../../etc/passwd", "..%2f..%2fetc",
    "null", "None", "undefined", "true", "[]", "{}", '{"a":1}', "[" * 200, "\r\nX: y", "\x1b[31m",
    "9999-12", "0000-00", "2026-13", "2026-00", "2026-10", "10000-01", "-2026-10", "2026-10-32",
    "9999-12-31", "0001-01", "0001-01-01", "2026-W10", "00000000-0000-0000-0000-000000000000",
    "g" * 32, "000000", "999999999999", "650000", "public_enrolment_share", "xlsx", "exe", "all",
    "pk", "__class__", "password", "_connector", "id__in", "region__parent__pk", "-", "?", "#", "&",
]  # fmt: skip
NAMES = [
    "page", "q", "state", "sort", "order", "month", "region", "town", "kind", "job", "membership",
    "next", "username", "password", "period", "version", "reason", "action", "base", "age", "town",
    "revision", "format", "ownership", "level", "grade", "csrfmiddlewaretoken", "remarks", "as_of",
    "classes-TOTAL_FORMS", "classes-INITIAL_FORMS", "classes-0-id", "class-0-boys", "class-1-name",
    "staff-principal-people", "_connector", "id__in", "password__startswith", "user.is_superuser",
    "is_staff", "page[]", "page[$ne]", "", "\0", "a" * 300,
]  # fmt: skip
BYTES = [b"", b"\xff\xfe", b"\xc3\x28", b"\xed\xa0\x80", b"%ff%fe=%ff", b"\x00" * 50, b"&" * 5000]
TYPES = [
    "application/x-www-form-urlencoded",
    "application/x-www-form-urlencoded; charset=utf-7",
    "application/x-www-form-urlencoded; charset=no-such-thing",
    "multipart/form-data; boundary=x",
    "multipart/form-data",
    "multipart/form-data; boundary=" + "b" * 300,
    "application/json",
    "application/json; charset=utf-16",
    "text/plain",
    "application/xml",
    "",
    "\xff",
]
METHODS = ["GET", "GET", "GET", "POST", "POST", "POST", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "BREW"]  # fmt: skip
HEADERS: list[dict[str, str]] = [
    {},
    {},
    {"HX-Request": "true"},
    {"HX-Request": "true", "HX-Target": "<x>", "HX-Trigger": "\xff", "HX-Current-URL": "http://[::1"},
    {"HX-Request": "true", "HX-Current-URL-URI-AutoEncoded": "true", "HX-Current-URL": "%ff%00"},
    {"HX-Request": "true", "Triggering-Event": "{" * 100, "Triggering-Event-URI-AutoEncoded": "true"},
    {"Accept-Language": "x" * 5000},
    {"Accept-Language": "zh-CN;q=1.1111111111111,*;q=" + "9" * 40},
    {"Cookie": "sessionid=" + "\xff" * 30 + "; csrftoken=;=;;"},
    {"X-Forwarded-For": "," * 500, "X-Forwarded-Proto": "https,http"},
    {"If-Modified-Since": "99999999999", "If-None-Match": '"' * 50, "Range": "bytes=0-" + "9" * 30},
    {"Accept-Encoding": "gzip;q=x, br", "Referer": "\xff://", "Origin": "null"},
    {"Content-Length": "-1"},
]  # fmt: skip


def pairs(random: random.Random, most: int = 6) -> list[tuple[str, str]]:
    chosen = [(random.choice(NAMES), random.choice(VALUES)) for _ in range(random.randint(0, most))]
    return chosen + chosen[: random.randint(0, 2)]  # Duplicate parameters.


def body(random: random.Random, data: dict[str, Any]) -> bytes:
    known = [(str(name), str(value)) for name, value in data.items()]
    shape = random.randrange(6)
    if shape == 0:
        return random.choice(BYTES)
    if shape == 1:
        return json.dumps(dict(pairs(random))).encode()
    if shape == 2:
        mutated = [(name, random.choice(VALUES)) for name, _ in known]
        return urllib.parse.urlencode(mutated + pairs(random)).encode()
    if shape == 3:
        parts = [
            f'--x\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
            for name, value in known + pairs(random)
        ]
        parts.append(
            f'--x\r\nContent-Disposition: form-data; name="file"; filename="{random.choice(VALUES)}"'
            "\r\nContent-Type: image/png\r\n\r\nPK\r\n"
        )
        return ("".join(parts) + "--x--\r\n").encode("utf-8", "surrogatepass")
    return urllib.parse.urlencode(known + pairs(random)).encode()


def path_of(random: random.Random, url: str) -> str:
    """The address as it is, or with one of its parts replaced."""
    if random.random() < 0.5:
        return url
    parts = url.split("/")
    at = [n for n, part in enumerate(parts) if part] or [0]
    value = random.choice(VALUES)[:300]
    parts[random.choice(at)] = urllib.parse.quote(value, safe="" if random.random() < 0.7 else "%/")
    return "/".join(parts) or "/"


@pytest.fixture
def clients(world: World) -> list[Client]:
    made = []
    for role in ("bureau_officer", "director", "system_administrator", "city_officer", None):
        client = Client(raise_request_exception=False)
        if role is not None:
            client.force_login(world.people[role])
        made.append(client)
    return made


def ask(client: Client, method: str, path: str, query: str, sent: bytes, kind: str, headers: dict):
    """One request as it comes from the web server, undone afterwards."""
    extra = {f"HTTP_{name.upper().replace('-', '_')}": value for name, value in headers.items()}
    if "Content-Length" in headers:
        extra["CONTENT_LENGTH"] = headers["Content-Length"]
    raw = urllib.parse.unquote_to_bytes(path).decode("latin-1")
    extra |= {
        "REQUEST_METHOD": method,
        "PATH_INFO": raw,
        "QUERY_STRING": query.encode("utf-8", "surrogatepass").decode("latin-1"),
        "CONTENT_TYPE": kind,
        "wsgi.input": BytesIO(sent),
    }
    extra.setdefault("CONTENT_LENGTH", str(len(sent)))
    savepoint = transaction.savepoint()
    try:
        return client.request(**extra)
    finally:
        transaction.savepoint_rollback(savepoint)


def test_nothing_sent_makes_a_fault(world: World, clients: list[Client]) -> None:
    """Reproduce with the FUZZ_SEED that the failure names; FUZZ_CASES asks for more."""
    rng = random.Random(SEED)
    faults: dict[str, str] = {}
    met: set[int] = set()
    for number in range(CASES):
        route = ROUTES[number % len(ROUTES)]
        client = rng.choice(clients)
        path = path_of(rng, address(route.name, world))
        query = urllib.parse.urlencode(pairs(rng))
        if rng.random() < 0.1:
            query += rng.choice(["&%ff=%fe", "&a=%00", "&=%", "&&&;;", "&a[b][c]=1", "&\xff=\xfe"])
        method, kind, headers = rng.choice(METHODS), rng.choice(TYPES), rng.choice(HEADERS)
        sent = body(rng, body_of(route.name, world)) if method not in {"GET", "HEAD"} else b""
        response = ask(client, method, path, query, sent, kind, headers)
        met.add(response.status_code)
        if response.status_code >= 500:
            fault = getattr(response, "exc_info", None) or ("", "", None)
            faults.setdefault(
                f"{route.name}: {fault[0]} {str(fault[1])[:200]}",
                f"{method} {path[:200]}?{query[:300]} {kind} {sent[:300]!r} {headers}",
            )
    assert faults == {}, f"seed {SEED}"
    # The cases reach into the views, not only the doors.
    assert {200, 302, 400, 404, 405} <= met


def queries() -> Iterator[str]:
    yield "q=" + "a" * 1_000_000
    yield "q=" + "%25" * 10_000
    yield "&".join(f"a{n}=1" for n in range(5000))
    yield "page=" + "9" * 4000
    yield "page=99999999&q=%25%25%25"
    yield "month=0001-01&month=9999-12"


@pytest.mark.parametrize("query", list(queries()), ids=lambda query: query[:20])
@pytest.mark.parametrize(
    "route", ["kindergarten-list", "filing-queue", "jobs", "dashboard", "documents"]
)
def test_absurd_questions_are_answered_at_once(world: World, route: str, query: str) -> None:
    client = Client(raise_request_exception=False)
    client.force_login(world.people["bureau_officer"])
    response = client.get(address(route, world), QUERY_STRING=query)
    assert response.status_code in {200, 302, 400, 404}
    if len(query) > 8000:
        assert response.status_code == 400


@pytest.mark.parametrize("fields", [5_000, 100_000])
def test_a_form_with_a_hundred_thousand_fields(world: World, fields: int) -> None:
    client = Client(raise_request_exception=False)
    client.force_login(world.people["director"])
    data = "&".join(f"f{n}=1" for n in range(fields))
    response = client.post(
        address("filing-edit", world), data, content_type="application/x-www-form-urlencoded"
    )
    assert response.status_code == 413


@pytest.mark.parametrize("depth", [10, 1_000, 4_000])
def test_deeply_nested_json(client: Client, db: None, depth: int) -> None:
    for text in (
        "[" * depth + "]" * depth,
        '{"csp-report":' * (depth // 8 or 1) + "1" + "}" * (depth // 8 or 1),
    ):
        response = client.post(reverse("csp-report"), text, content_type="application/csp-report")
        assert response.status_code in {204, 400, 413}


@pytest.mark.parametrize(
    "sent",
    [b"", b"\xff", b"null", b"3", b'"x"', b"[1,null,[]]", b'{"csp-report":3}', b'[{"body":[1]}]',
     b'{"csp-report":{"blocked-uri":{"a":1},"line-number":1e999}}', b"9" * 5000],
)  # fmt: skip
def test_reports_of_any_shape(client: Client, db: None, sent: bytes) -> None:
    response = client.post(reverse("csp-report"), sent, content_type="application/csp-report")
    assert response.status_code in {204, 400}


def test_a_report_is_logged_without_query_strings(client: Client, db: None, caplog) -> None:
    report = {
        "document-uri": "https://portal.example/kindergartens/?q=canary",
        "effective-directive": "script-src-elem",
        "blocked-uri": "https://evil.example/x.js?canary",
        "script-sample": "canary",
    }
    response = client.post(
        reverse("csp-report"),
        json.dumps({"csp-report": report}),
        content_type="application/csp-report",
    )
    assert response.status_code == 204
    [record] = [r for r in caplog.records if r.getMessage() == "Content policy violation"]
    assert record.report["blocked-uri"] == "https://evil.example/x.js"
    assert "canary" not in str(record.report)


def test_a_large_report_is_not_read(client: Client, db: None) -> None:
    response = client.post(
        reverse("csp-report"), "[" + "1," * 50_000 + "1]", content_type="application/csp-report"
    )
    assert response.status_code == 413
