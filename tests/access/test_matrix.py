"""Every route × every method × people: own, neighbour's, other county's, other city's, nobody.

Made from the URL resolver and the table in tests/access/routes; a route that is missing there fails. What
a refused request leaves behind is asked too: nothing may be written. Each answer carries the headers
that every answer carries, and none of the marks planted in other people's rows.
"""

from __future__ import annotations

import copy
import random
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.urls.resolvers import RegexPattern

from accounts.access.roles import ROLES, RoleCode
from accounts.hardening import limits
from tests.access import guarded
from tests.access.canary.asking import Asker, askers
from tests.access.canary.oracle import PUBLISHED, everything_in, not_theirs
from tests.access.canary.world import Planted, planted_world
from tests.access.routes import BY_ROUTE, CASES, Case
from tests.access.routes.case import EVERYONE
from tests.access.undoing import Undo
from tests.hardening.answers import check_headers, check_page

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
OF_THE_COUNTY = {"filing-open", "extension-ask", "group", "group-history", "policy"}
# Before one is signed in, and only half way in: everybody else is sent to the beginning.
OF_THE_DOOR = {"sign-in-code"}
# Pages for everyone that answer otherwise where a person has no post in force.
WITHOUT_POST = {"home": 403}
# What a form keeps though it refuses what was typed.
KEEPS = {
    # The key that is shown again, until a code of it is right.
    "second-factor": {"otp_totp_totpdevice", "accounts_authenticatorkey"},
}
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

# Where a mark stands in for a person's name: with digits in it, it is none, and nothing is approved.
REFUSES_A_MARK = {"kindergarten-accounts-decide": 302}

asked: Counter[str] = Counter()  # by route
# Never fewer; raise the number when rows are added to the table of routes.
AT_LEAST = 7_400
# Of those whose role may not, and of those of the next county whose role may: by a draw.
DRAWN = 3
# Never one alone: somebody without a post that is in force, and a few who are refused.
PEOPLE_AT_LEAST = 2 + DRAWN


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
        response = getattr(client, method)(path, data)
        status = response.status_code
        where = f"{method} {route} as {asker.name}"
        check_headers(response, where, kept=response.status_code == 200 and route in PUBLISHED)
        check_page(response, where)
        text = everything_in(response)
        assert not not_theirs(asker.viewer, planted.marks, text, route), where
        raise Undo
    client.cookies = cookies
    return status, tables - NO_EFFECT


def expected(route: str, name: str, method: str) -> int | None:
    """The status to meet; None where the route answers and the table says no more."""
    role = role_of(name)
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
    if at_home and route in REFUSES_A_MARK:
        return REFUSES_A_MARK[route]
    if at_home or name == "B:city_officer" or role == "system_administrator":
        return case.except_for.get(role, case.status)
    return case.abroad(role)


def role_of(name: str) -> str:
    return name.rsplit(":", 1)[-1]


def drawn(draw: random.Random, names: Iterable[str], many: int = DRAWN) -> list[str]:
    """So many of these, the same in every run."""
    return draw.sample(sorted(names), min(many, len({*names})))


def who_asks(people: dict[str, Asker], route: str, method: str) -> dict[str, Asker]:
    """Whoever's role may use the route at home, and some of the next county and of those farther off;
    of those whose role may not, a few, for one guard refuses them all (that it asks for the
    table's permission is held below). A method that is not answered is so before anybody is looked
    at: nobody signed in and one more. What is drawn is fixed by route and method.
    """
    draw = random.Random(f"{method} {route}")
    if method not in ROWS[route]:
        return {name: people[name] for name in ("anonymous", *drawn(draw, people, 1))}
    may = {name for name in people if role_of(name) in ROWS[route][method].allowed}
    far = {name for name in may if name.startswith("C:")}
    next_to = {name for name in may if name.startswith("B:")}
    nobody = {name for name in people if ":" not in name and name != "anonymous"}
    refused = people.keys() - may - nobody - {"anonymous"}
    names = [*(may - far - next_to), *drawn(draw, next_to), *drawn(draw, far, 1)]
    names += ["anonymous", *drawn(draw, nobody, 1)]
    return {name: people[name] for name in sorted([*names, *drawn(draw, refused)])}


@pytest.mark.parametrize("route", ROWS)
def test_everybody_and_every_method(planted: Planted, people: dict[str, Asker], route: str) -> None:
    wrong: dict[str, Any] = {}
    for method in METHODS:
        for name, asker in who_asks(people, route, method).items():
            asked[route] += 1
            status, tables = call(planted, asker, route, method)
            wanted = expected(route, name, method)
            if status != wanted and (wanted is not None or status >= 500 or status == 405):
                wrong[f"{method} as {name}"] = (status, wanted)
            tables -= KEEPS.get(route, set())
            if tables and (status >= 400 or method in {"get", "head", "options"}):
                wrong[f"{method} as {name} wrote"] = tables
    assert wrong == {}
    unanswered = len(METHODS) - len(ROWS[route])
    assert asked[route] >= PEOPLE_AT_LEAST * len(ROWS[route]) + unanswered


@pytest.fixture(scope="module", autouse=True)
def as_many_as_ever(people: dict[str, Asker]) -> Iterator[None]:
    """After the last route, wherever the shuffle put it; says nothing of a run of some routes."""
    yield
    if asked.keys() >= ROWS.keys():
        print(f"matrix: {len(ROWS)} routes × {len(METHODS)} × {len(people)} = {asked.total()}")
        assert asked.total() >= AT_LEAST


# ---- as it is run: second factor demanded, requests counted ------------------------------------------

# Own people, and who shares an area with none of them.
SOME = re.compile(r"A:[a-z_]+|B:(?:bureau_officer|director|security_administrator)|anonymous")
# Open although the second factor is still to be set up: to leave, to prove who one is, to set it up.
BEFORE_THE_FACTOR = {
    "second-factor", "session-state", "sign-in-code", "authenticate-again", "logout",
}  # fmt: skip


@pytest.mark.parametrize("route", ROWS)
def test_the_table_holds_with_every_guard_on(
    planted: Planted, people: dict[str, Asker], settings: Any, route: str
) -> None:
    """Whoever has a second factor meets what the table says; the first request is never one too many."""
    guarded.switch_on(settings, enrolled=True)
    fitting = [name for name in people if SOME.fullmatch(name)]
    assert len(fitting) >= 15
    # Somebody whose role may, for whom the guards must open, and somebody who is refused anyway.
    may = {
        name
        for name in fitting
        if name.startswith("A:") and role_of(name) in BY_ROUTE[route].allowed
    }
    draw = random.Random(route)
    others = {*fitting} - may - {"anonymous"}
    chosen = ["anonymous", *drawn(draw, may, 1), *drawn(draw, others, 1)]
    some = {name: people[name] for name in chosen}
    wrong: dict[str, Any] = {}
    # A method that is not answered is so for everybody: without the guards it is asked as well.
    unanswered = draw.choice(chosen)
    for name, asker in some.items():
        for method in {*ROWS[route], *(["put"] if name == unanswered else [])}:
            limits.forget_process_buckets()
            status, _ = call(planted, asker, route, method)
            wanted = expected(route, name, method)
            if wanted is not None and status != wanted:
                wrong[f"{method} as {name}"] = (status, wanted)
    assert wrong == {}


@pytest.mark.parametrize("route", ROWS)
def test_nothing_opens_before_the_second_factor_is_set_up(
    planted: Planted, people: dict[str, Asker], settings: Any, route: str
) -> None:
    guarded.switch_on(settings, enrolled=False)
    opens = BY_ROUTE[route].public or route in BEFORE_THE_FACTOR
    for role in drawn(random.Random(route), settings.SECOND_FACTOR_ROLES, 1):
        asker = people[f"A:{role}"]
        for method in ROWS[route]:
            case = ROWS[route][method]
            path = reverse(route, args=case.args(planted.tenants[0].world))
            cookies = copy.deepcopy(asker.client.cookies)
            with suppress(Undo), transaction.atomic():
                response = getattr(asker.client, method)(path, case.data(planted.tenants[0].world))
                is_sent_on = response.status_code == 302 and response["Location"] == reverse(
                    "second-factor"
                )
                assert is_sent_on or opens, (method, role, response.status_code)
                raise Undo
            # Signing out is undone in the database; the browser forgets it here.
            asker.client.cookies = cookies


def test_with_the_guards_on_requests_are_really_counted(
    planted: Planted, people: dict[str, Asker], settings: Any
) -> None:
    """The control: were limits off, the tests above would show nothing of them."""
    guarded.switch_on(settings, enrolled=True)
    path = reverse("kindergarten-export", args=["xlsx"])
    client = people["A:bureau_officer"].client
    most = limits.EXPORT.per_person.burst
    met: list[int] = []
    with suppress(Undo), transaction.atomic():
        while 429 not in met and len(met) < 4 * most:
            met.append(client.get(path).status_code)
        raise Undo
    assert met[:most] == [200] * most
    assert met[-1] == 429


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


# Without any of these the table would be asked of another portal than the one that is run.
GUARDS = {
    "accounts.middleware.ScopeMiddleware",
    "accounts.middleware.ActingAsMiddleware",
    "accounts.middleware.HistoryMiddleware",
    "accounts.sign_in.middleware.SignInMiddleware",
    "accounts.hardening.middleware.ErrorPagesMiddleware",
    "accounts.hardening.middleware.MalformedInputMiddleware",
    "accounts.hardening.middleware.RateLimitMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
}


def passed_through(client: Client) -> list[str]:
    """The middleware a request of this client really goes through, outermost first."""
    handler = client.handler
    if handler._middleware_chain is None:
        handler.load_middleware()
    found, layer = [], handler._middleware_chain
    while True:
        middleware = getattr(layer, "__wrapped__", layer)
        if not hasattr(middleware, "get_response"):
            return found
        found.append(f"{type(middleware).__module__}.{type(middleware).__qualname__}")
        layer = middleware.get_response


def test_the_table_is_asked_with_every_middleware(people: dict[str, Asker], settings: Any) -> None:
    """Nothing is switched off for tests: the wall, the denial by default, and what limits."""
    for asker in people.values():
        for client in (asker.client, asker.fresh):
            assert passed_through(client) == settings.MIDDLEWARE
            assert set(passed_through(client)) >= GUARDS
    for guard in GUARDS:
        settings.MIDDLEWARE = [one for one in settings.MIDDLEWARE if one != guard]
        assert guard not in passed_through(Client())


@pytest.mark.parametrize(
    ("guard", "path", "meant"),
    [
        ("django.contrib.auth.middleware.LoginRequiredMiddleware", "/roles/", 302),
        ("accounts.middleware.ActingAsMiddleware", "/kindergartens/", 200),
    ],
)
def test_a_missing_guard_changes_what_the_table_meets(
    people: dict[str, Asker], settings: Any, guard: str, path: str, meant: int
) -> None:
    name = "anonymous" if meant == 302 else "A:bureau_officer"
    assert people[name].client.get(path).status_code == meant
    settings.MIDDLEWARE = [one for one in settings.MIDDLEWARE if one != guard]
    without = Client(raise_request_exception=False)
    without.cookies = copy.deepcopy(people[name].client.cookies)
    assert without.get(path).status_code != meant
