"""Rate limits with a fixed clock: who is counted, who is not, and what a refusal says."""

from __future__ import annotations

import datetime as dt
import inspect
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from types import CodeType, FunctionType, SimpleNamespace

import pytest
import time_machine
from django.db import OperationalError, connection
from django.test import Client
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from accounts.access.permissions import Permission
from accounts.hardening import limits
from accounts.hardening.limits import Limit, Rate, count_request, next_empty, wait_for
from accounts.hardening.middleware import LIMIT_OF_PERMISSION, LIMIT_OF_ROUTE, limit_for, spoken
from accounts.models import RequestBucket
from tests.access.routes import CASES, World
from tests.hardening.routes import ROUTES
from tests.small_county import NOW, OCTOBER, SmallCounty

# Why a view that reads files needs no limit of its own.
WITH_A_LIMIT_ELSEWHERE: dict[str, str] = {
    "filing-edit": "saves as one types, which must not be refused; a return takes ten files",
}
BUREAU = "203.0.113.7"


def seconds_to_wait(
    limit: Limit, *, person: int | None, address: str | None, now: dt.datetime
) -> int | None:
    refusal = count_request(limit, person=person, address=address, now=now)
    return refusal.seconds if refusal else None


@pytest.fixture(autouse=True)
def limited(settings) -> Iterator[None]:
    settings.RATE_LIMITS = True
    limits.forget_process_buckets()
    yield
    limits.forget_process_buckets()


@given(st.lists(st.floats(0, 30), max_size=60), st.integers(1, 8), st.floats(0.1, 10))
def test_no_window_ever_holds_more_than_the_rate(gaps: list[float], burst: int, every: float):
    rate = Rate(burst, every)
    now, empty_at, let_through = NOW, None, []
    for gap in gaps:
        now += dt.timedelta(seconds=gap)
        after = next_empty(empty_at, rate, now)
        if after is not None:
            empty_at = after
            let_through.append(now)
        else:
            wait = wait_for(empty_at, rate, now)
            assert next_empty(empty_at, rate, now + dt.timedelta(seconds=wait)) is not None
    for start, first in enumerate(let_through):
        for end in range(start, len(let_through)):
            seconds = (let_through[end] - first).total_seconds()
            assert end - start + 1 <= burst + seconds / every + 1e-3


@pytest.mark.parametrize("in_database", [True, False])
def test_a_bucket_fills_and_empties(db: None, in_database: bool) -> None:
    limit = Limit("try", "试", per_person=Rate(3, 10), kept_in_database=in_database)

    def ask(seconds: float, person: int = 1) -> int | None:
        moment = NOW + dt.timedelta(seconds=seconds)
        return seconds_to_wait(limit, person=person, address=None, now=moment)

    assert [ask(0), ask(0), ask(0), ask(0)] == [None, None, None, 10]
    assert ask(0, person=2) is None
    assert ask(4) == 6
    assert ask(10) is None
    assert ask(10) == 10
    assert [ask(1000), ask(1000), ask(1000), ask(1000)] == [None, None, None, 10]


def test_a_network_is_counted_as_one(db: None) -> None:
    limit = Limit("try", "试", per_network=Rate(3, 10), kept_in_database=False)
    asked = [
        seconds_to_wait(limit, person=None, address=f"2001:db8::{n:x}", now=NOW) for n in range(5)
    ]
    assert asked == [None, None, None, 10, 10]
    assert seconds_to_wait(limit, person=None, address="2001:db8:0:1::1", now=NOW) is None


def test_what_is_stored_names_nobody(db: None) -> None:
    seconds_to_wait(limits.SIGN_IN, person=None, address=BUREAU, now=NOW)
    [first, second] = RequestBucket.objects.all()
    for bucket in (first, second):
        assert len(bucket.key) == 32
        assert BUREAU not in bucket.key


def test_old_buckets_are_cleared_by_new_ones(db: None) -> None:
    RequestBucket.objects.bulk_create(
        RequestBucket(key=f"old{n}", empty_at=NOW - dt.timedelta(hours=2)) for n in range(30)
    )
    for n in range(3):
        seconds_to_wait(limits.EXPORT, person=n, address=None, now=NOW)
    assert not RequestBucket.objects.filter(key__startswith="old").exists()
    assert RequestBucket.objects.count() == 3


@pytest.mark.django_db(transaction=True)
def test_two_connections_cannot_share_the_last_place() -> None:
    limit = Limit("race", "试", per_person=Rate(5, 60))

    def ask(_: int) -> int | None:
        try:
            return seconds_to_wait(limit, person=1, address=None, now=NOW)
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(ask, range(40)))
    assert answers.count(None) == 5


def test_a_store_that_fails_lets_everybody_through(db: None, monkeypatch, caplog) -> None:
    monkeypatch.setattr(limits, "_TAKE", "SELECT no_such_column FROM accounts_requestbucket")
    limit = Limit("broken", "试", per_person=Rate(1, 60))
    for _ in range(3):
        assert seconds_to_wait(limit, person=1, address=None, now=NOW) is None
    assert "let through" in caplog.text
    assert RequestBucket.objects.count() == 0  # The connection still works.


def test_a_database_that_went_away_lets_everybody_through(monkeypatch, db: None) -> None:
    def away(*args: object, **kwargs: object) -> None:
        raise OperationalError("server closed the connection")

    monkeypatch.setattr("accounts.hardening.limits.transaction.atomic", away)
    limit = Limit("away", "试", per_person=Rate(1, 60))
    for _ in range(3):
        assert seconds_to_wait(limit, person=1, address=None, now=NOW) is None


def test_the_process_forgets_the_oldest_first() -> None:
    buckets = limits.ProcessBuckets(most=100)
    for n in range(1000):
        assert buckets.take(str(n), Rate(1, 60), NOW) is None
    assert len(buckets) == 100
    assert buckets.take("999", Rate(1, 60), NOW) == 60


# Through pages


@pytest.fixture
def world(small: SmallCounty, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    monkeypatch.setattr("accounts.jobs.bell.ring", lambda *args, **kwargs: None)
    with time_machine.travel(NOW, tick=False):
        yield World(small)


def client_of(world: World, role: str) -> Client:
    client = Client(REMOTE_ADDR=BUREAU)
    client.force_login(world.people[role])
    return client


def test_one_persons_exports_end_and_the_bureau_goes_on(world: World) -> None:
    url = reverse("kindergarten-export", args=["xlsx"])
    officer = client_of(world, "bureau_officer")
    statuses = [officer.get(url).status_code for _ in range(limits.EXPORT.per_person.burst + 3)]
    assert statuses == [200] * limits.EXPORT.per_person.burst + [429] * 3
    # Same address, another person, and other pages of the same person.
    assert client_of(world, "bureau_leader").get(url).status_code == 200
    assert officer.get(reverse("dashboard")).status_code == 200
    answer = officer.get(url)
    page = answer.content.decode()
    assert answer["Retry-After"] == "6"
    assert "导出的次数太多" in page
    assert "过6秒再试" in page
    assert "同一单位的其他人不受影响" in page
    assert answer["X-Request-ID"] in page
    with time_machine.travel(NOW + dt.timedelta(seconds=6), tick=False):
        assert officer.get(url).status_code == 200
        assert officer.get(url).status_code == 429


def test_charts_and_tables_of_all_pages_are_taken_in_a_row_and_wrong_addresses_cost_nothing(
    world: World,
) -> None:
    county = world.small.county.code
    officer = client_of(world, "bureau_officer")
    burst = limits.FIGURES.per_person.burst
    assert burst >= 7 * 4  # chart as SVG and PNG, table as xlsx and csv, of seven pages
    wrong = reverse("figures-file", args=[county, "nothing", "xlsx"])
    assert {officer.get(wrong).status_code for _ in range(3)} == {404}
    url = reverse("figures-file", args=[county, "all", "csv"])
    statuses = [officer.get(url).status_code for _ in range(burst + 1)]
    assert statuses == [200] * burst + [429]
    assert officer.get(wrong).status_code == 429
    assert officer.get(reverse("kindergarten-export", args=["xlsx"])).status_code == 200


def test_looking_at_what_was_asked_for_is_no_export(world: World) -> None:
    security = client_of(world, "security_administrator")
    pages = [reverse("my-exports"), reverse("export-ask", args=["people"])]
    burst = limits.EXPORT.per_person.burst
    answers = [security.get(url).status_code for _ in range(burst + 2) for url in pages]
    assert set(answers) == {200}
    # Asking for a file counts, and the refusal claims nothing about what was saved before.
    asked = [security.post(pages[1], {"ending": "xlsx"}).status_code for _ in range(burst + 1)]
    assert asked[-1] == 429
    assert 429 not in asked[:-1]
    page = security.post(pages[1], {"ending": "xlsx"}).content.decode()
    assert "没有保存" not in page


def test_papers_taken_one_after_another_end_and_the_pages_go_on(world: World) -> None:
    url = reverse("filing-attachment", args=[world.filing.pk, world.attachment.pk])
    officer = client_of(world, "bureau_officer")
    burst = limits.DOWNLOAD.per_person.burst
    statuses = [officer.get(url).status_code for _ in range(burst + 1)]
    assert statuses == [200] * burst + [429]
    assert "下载的次数太多" in officer.get(url).content.decode()
    assert client_of(world, "bureau_leader").get(url).status_code == 200
    assert officer.get(reverse("kindergarten-export", args=["xlsx"])).status_code == 200


def test_prints_are_counted_apart_from_exports(world: World) -> None:
    officer = client_of(world, "bureau_officer")
    data = {"kind": "monthly_rates", "region": world.small.county.code, "month": f"{OCTOBER:%Y-%m}"}
    burst = limits.PRINT.per_person.burst
    statuses = [officer.post(reverse("document-print"), data).status_code for _ in range(burst + 1)]
    assert statuses == [302] * burst + [429]
    assert officer.get(reverse("documents")).status_code == 200
    assert officer.get(reverse("kindergarten-export", args=["xlsx"])).status_code == 200


def test_sign_ins_of_an_address_and_of_a_network(world: World) -> None:
    url = reverse("login")
    burst = limits.SIGN_IN.per_address.burst
    answers = [Client(REMOTE_ADDR=BUREAU).post(url).status_code for _ in range(burst + 2)]
    assert [status == 429 for status in answers] == [False] * burst + [True] * 2
    page = Client(REMOTE_ADDR=BUREAU).post(url).content.decode()
    assert "这个网络里的所有人都算在内" in page
    assert "其他人不受影响" not in page
    # Looking at the page is not signing in.
    assert Client(REMOTE_ADDR=BUREAU).get(url).status_code == 200
    assert Client(REMOTE_ADDR="203.0.113.8").post(url).status_code == 200
    # Six hundred at once from one network, however many addresses it has.
    assert burst >= 300  # a whole bureau behind one address
    left = limits.SIGN_IN.per_network.burst - burst - 1
    many = [
        Client(REMOTE_ADDR=f"203.0.113.{100 + n % 100}").post(url).status_code
        for n in range(left + 2)
    ]
    assert many == [200] * left + [429] * 2
    assert Client(REMOTE_ADDR="203.0.114.8").post(url).status_code == 200


def test_reports_of_browsers_are_few(client: Client, db: None) -> None:
    with time_machine.travel(NOW, tick=False):
        burst = limits.CSP_REPORT.per_address.burst
        answers = [
            client.post(reverse("csp-report"), {}, content_type="application/csp-report")
            for _ in range(burst + 1)
        ]
    assert [a.status_code for a in answers] == [204] * burst + [429]
    assert RequestBucket.objects.count() == 0


def test_public_pages_and_the_health_check(client: Client, db: None) -> None:
    with time_machine.travel(NOW, tick=False):
        burst = limits.PUBLIC_PAGE.per_address.burst
        for _ in range(burst):
            assert client.get(reverse("login")).status_code == 200
        assert client.get(reverse("login")).status_code == 429
        assert client.get(reverse("health")).status_code == 200


def test_a_forged_address_does_not_help(client: Client, db: None, settings) -> None:
    settings.TRUSTED_PROXIES = 1
    with time_machine.travel(NOW, tick=False):
        for n in range(limits.CSP_REPORT.per_address.burst + 1):
            answer = client.post(
                reverse("csp-report"),
                {},
                content_type="application/csp-report",
                headers={"X-Forwarded-For": f"9.9.{n}.1, {BUREAU}"},
            )
    assert answer.status_code == 429


def test_every_export_permission_is_limited() -> None:
    exporting = {p for p in Permission if p.name.startswith("EXPORT_")}
    # Of persons each act is limited: to look at what was asked for takes nothing out.
    assert exporting == {*LIMIT_OF_PERMISSION, Permission.EXPORT_PERSONS}
    acts = {
        ("people-export", "GET"),
        ("staff-export", "GET"),
        ("export-ask", "POST"),
        ("export-download", "POST"),
    }
    assert {LIMIT_OF_ROUTE.get(act) for act in acts} == {limits.EXPORT}
    assert {case.route for case in CASES if case.route.endswith("-export")}


# What views call to hand a file out.
SENDS = {
    "download",
    "send_file",
    "release_response",
    "attachment_response",
    "stored_response",
    "pdf_response",
    "FileResponse",
    "content_disposition_header",
}


def names_in(function: FunctionType) -> set[str]:
    """What the code names, in its inner functions and in the private ones of its module too."""
    names: set[str] = set()
    codes, seen = [function.__code__], {function}
    while codes:
        code = codes.pop()
        names |= {*code.co_names}
        codes += [const for const in code.co_consts if isinstance(const, CodeType)]
        for name in code.co_names:
            helper = function.__globals__.get(name) if name.startswith("_") else None
            if isinstance(helper, FunctionType) and helper not in seen:
                seen.add(helper)
                codes.append(helper.__code__)
    return names


def test_whatever_sends_or_takes_rows_or_shows_a_number_is_limited(rf) -> None:
    """By the code: views that call what makes a file, reads an upload, or reveals."""
    found, unlimited = set(), set()
    for route in ROUTES:
        view = inspect.unwrap(route.view)
        names = names_in(view) if inspect.isfunction(view) else set()
        if not names & (SENDS | {"export_response", "FILES", "reveal_phone"}):
            continue
        found.add(route.name)
        if route.name in WITH_A_LIMIT_ELSEWHERE:
            continue
        method = "GET" if SENDS & names else "POST"
        requests = [rf.generic(m, "/") for m in {method, "POST"}]
        for request in requests:
            request.resolver_match = SimpleNamespace(url_name=route.name)
        if all(limit_for(request, route.view) is None for request in requests):
            unlimited.add(route.name)
    assert {
        *(
            "people-export",
            "staff-export",
            "audit-export",
            "audit-changes-export",
            "export-download",
        ),
        *(
            "filing-workbook",
            "filing-attach",
            "account-batch-upload",
            "reveal-phone",
            "import-upload",
        ),
        *("import-template", "import-current", "import-marked", "import-original"),
        *("filing-attachment", "status-document", "procedure-document", "unlicensed-document"),
        *("document-download", "fee-sheet", "dashboard-export", "figure-export"),
    } <= found
    assert unlimited == set()


def test_waiting_is_said_as_people_say_it() -> None:
    assert [spoken(n) for n in (1, 59, 60, 61, 600)] == ["1秒", "59秒", "1分钟", "2分钟", "10分钟"]
