"""Every route × every method × everybody: own, neighbour's, other county's, other city's, nobody.

Made from the URL resolver and the table in tests/access/routes; a route that is missing there fails. What
a refused request leaves behind is asked too: nothing may be written.
"""

from __future__ import annotations

import copy
import logging
import re
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import pytest
from django.conf import settings
from django.db import connection, transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.urls.resolvers import RegexPattern

from accounts.access.roles import ROLES, RoleCode
from tests.access.canary.asking import Asker, askers
from tests.access.canary.world import Planted, planted_world
from tests.access.routes import BY_ROUTE, CASES, Case
from tests.access.routes.case import EVERYONE
from tests.access.undoing import Undo

# Within the planted world's transaction.
pytestmark = pytest.mark.django_db

METHODS = ("get", "head", "post", "put", "patch", "delete", "options")

# What each route answers, and how; any other method is met by 405, whoever asks.
ROWS: dict[str, dict[str, Case]] = {route: {} for route in BY_ROUTE}
for _case in CASES:
    ROWS[_case.route][_case.method] = _case
# Who is signed in already is sent on from here.
SENDS_ON = {"login": 302}
# About the county, not about one kindergarten of it: neighbours meet what the own people meet.
OF_THE_COUNTY = {"filing-open"}
# Before one is signed in, and only half way in: everybody else is sent to the beginning.
OF_THE_DOOR = {"sign-in-code"}
# Pages for everyone that answer otherwise where a person has no post in force.
WITHOUT_POST = {"home": 403}
# Tables that a refused request, or a page that is only read, may write to.
NO_EFFECT = {
    "accounts_session",
    "accounts_accessrecord",
    "accounts_requestbucket",
    "axes_accessattempt",
    "axes_accesslog",
    # A wrong proof is counted, whoever gives it.
    "axes_accessfailurelog",
}
WRITES = re.compile(r'^\s*(?:INSERT INTO|UPDATE|DELETE FROM)\s+"?([a-z_]+)', re.IGNORECASE)

# Who is asked of another city: one of each kind of scope.
FAR = {"city_officer", "bureau_officer", "director", "security_administrator"}

asked: Counter[str] = Counter()
AT_LEAST = 10_000


@pytest.fixture(scope="module")
def planted(django_db_setup: None, django_db_blocker: Any) -> Iterator[Planted]:
    with django_db_blocker.unblock(), planted_world() as world:
        yield world


@pytest.fixture(scope="module")
def people(planted: Planted) -> dict[str, Asker]:
    """The own county's people, the next county's, and some of another city: far is far."""
    return {
        name: asker
        for name, asker in askers(planted).items()
        if ":neighbour:" not in name or name.startswith("A:")
        if not name.startswith("C:") or name.removeprefix("C:") in FAR
    }


def patterns() -> Iterator[URLPattern]:
    def walk(of: list[URLPattern | URLResolver]) -> Iterator[URLPattern]:
        for pattern in of:
            if isinstance(pattern, URLResolver):
                yield from walk(pattern.url_patterns)
            else:
                yield pattern

    yield from walk(get_resolver().url_patterns)


@contextmanager
def written() -> Iterator[set[str]]:
    """The tables a request writes to."""
    tables: set[str] = set()

    def note(execute: Any, sql: str, *rest: Any) -> Any:
        found = WRITES.match(sql)
        if found:
            tables.add(found[1])
        return execute(sql, *rest)

    with connection.execute_wrapper(note):
        yield tables


def call(planted: Planted, asker: Asker, route: str, method: str) -> tuple[int, set[str]]:
    world = planted.tenants[0].world
    case = ROWS[route].get(method, BY_ROUTE[route])
    path = reverse(route, args=case.args(world))
    data = case.data(world) if method == case.method else {}
    client = asker.fresh if case.fresh else asker.client
    cookies = copy.deepcopy(client.cookies)
    status = 0
    with written() as tables, suppress(Undo), transaction.atomic():
        status = getattr(client, method)(path, data).status_code
        raise Undo
    client.cookies = cookies
    return status, tables - NO_EFFECT


def expected(route: str, name: str, method: str) -> int | None:
    """The status to meet; None where the route answers and the table says no more."""
    role = name.rsplit(":", 1)[-1]
    case = ROWS[route].get(method)
    if role in {"anonymous", "disabled"}:
        # The session of a disabled account is nobody's.
        if not BY_ROUTE[route].public and route not in OF_THE_DOOR:
            return 302
        if case is None:
            return 405
        return 302 if route in OF_THE_DOOR else case.anonymous or None
    if case is None:
        return 405
    if route in SENDS_ON:
        return SENDS_ON[route]
    if role in {"without post", "ended post"}:
        if case.allowed != EVERYONE or route in WITHOUT_POST:
            return WITHOUT_POST.get(route, 403)
        return case.status
    if role not in case.allowed:
        return 403
    neighbour = ":neighbour:" in name and route not in OF_THE_COUNTY
    at_home = name.startswith("A:") and not neighbour
    # The city's officers see both counties; the system administrator has no area: what may be seen
    # of jobs and requests is seen from wherever one sits.
    if at_home or name == "B:city_officer" or role == "system_administrator":
        return case.except_for.get(role, case.status)
    return case.abroad(role)


@pytest.mark.parametrize("route", ROWS)
def test_everybody_and_every_method(planted: Planted, people: dict[str, Asker], route: str) -> None:
    wrong: dict[str, Any] = {}
    for name, asker in people.items():
        for method in METHODS:
            asked["cases"] += 1
            status, tables = call(planted, asker, route, method)
            wanted = expected(route, name, method)
            if status != wanted and (wanted is not None or status >= 500 or status == 405):
                wrong[f"{method} as {name}"] = (status, wanted)
            if tables and (status >= 400 or method in {"get", "head", "options"}):
                wrong[f"{method} as {name} wrote"] = tables
    assert wrong == {}


def test_as_many_cases_as_ever(planted: Planted, people: dict[str, Asker]) -> None:
    cases = len(ROWS) * len(METHODS) * len(people)
    print(f"matrix: {len(ROWS)} routes × {len(METHODS)} methods × {len(people)} = {cases}")
    assert cases >= AT_LEAST


def test_the_table_grants_no_more_than_the_roles_do() -> None:
    """A view's permission and the table's roles are written in two places; they agree."""
    views = {pattern.name: pattern.callback for pattern in patterns()}
    for case in CASES:
        permission = getattr(views[case.route], "required_permission", None)
        if permission is None:
            assert case.allowed == EVERYONE or case.public, (
                f"{case.route}: say who may, by @requires"
            )
            continue
        holders = {role for role in RoleCode if permission in ROLES[role].permissions}
        assert set(case.allowed) <= {str(role) for role in holders}, case.route


def test_every_part_of_an_address_has_a_type() -> None:
    """A path that takes anything would take `../` and other people's names."""
    for pattern in patterns():
        assert not isinstance(pattern.pattern, RegexPattern), pattern
        for name, converter in pattern.pattern.converters.items():
            assert type(converter).__name__ != "PathConverter", (pattern.name, name)


@pytest.mark.parametrize(
    "path",
    [
        "/admin/",
        "/media/",
        "/media/1.pdf",
        "/static/",
        "/static/../config/settings.py",
        "/static/..%2fconfig/settings.py",
        "/static/%2e%2e/manage.py",
        "/documents/..%2f..%2fetc/passwd",
        "/documents/%00/",
        "/no-such-page/",
        "/.env",
        "/.git/config",
    ],
)
def test_what_is_not_a_route_is_nothing(people: dict[str, Asker], path: str) -> None:
    for name in ("anonymous", "A:bureau_officer", "A:system_administrator"):
        response = people[name].client.get(path)
        assert response.status_code in {400, 404}, name


def test_every_error_page_says_nothing_of_anybody(planted: Planted, rf: Any) -> None:
    resolver = get_resolver()
    for status in (400, 403, 404, 500):
        handler = resolver.resolve_error_handler(status)
        for user in (planted.people["A:director"], planted.people["A:bureau_officer"]):
            request = rf.get("/")
            request.user = user
            response = handler(request) if status == 500 else handler(request, Exception())
            assert response.status_code == status
            words = planted.marks.in_text(response.content.decode())
            own = {user.full_name, user.memberships.get().organisation.name}
            assert words.keys() <= own


def test_the_table_is_asked_with_every_middleware(people: dict[str, Asker]) -> None:
    """Nothing is switched off for tests: the wall and the denial by default are on."""
    assert "accounts.middleware.ScopeMiddleware" in settings.MIDDLEWARE
    assert "django.contrib.auth.middleware.LoginRequiredMiddleware" in settings.MIDDLEWARE
    assert isinstance(people["anonymous"].client, Client)
    assert logging.root.manager.disable >= logging.WARNING
