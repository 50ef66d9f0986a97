"""The content policy in a real browser: every main page works and violates nothing (WH-02)."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import time_machine
from django.urls import reverse
from playwright.sync_api import Page

from accounts.hardening import limits
from accounts.hardening.middleware import LIMIT_OF_ROUTE
from accounts.models import User
from tests.access.routes import CASES, World
from tests.hardening.routes import address
from tests.journey.conftest import PASSWORD, visit  # noqa: F401
from tests.small_county import NOW, SmallCounty

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

# Heard before any script of the page; the browser reports here what the policy stopped.
LISTEN = """
    globalThis.violations = [];
    document.addEventListener("securitypolicyviolation",
        (event) => violations.push(`${event.effectiveDirective} ${event.blockedURI}`));
"""
# Until the browser has nothing more to do for the page.
IDLE = "() => new Promise((done) => requestIdleCallback(done, {timeout: 2000}))"
# Routes that answer with a file, not a page.
LIMITED_AS_FILES = {
    route
    for (route, method), limit in LIMIT_OF_ROUTE.items()
    if method == "GET" and limit in (limits.DOWNLOAD, limits.EXPORT, limits.FIGURES, limits.PRINT)
}
NAMED_AS_FILES = ("-export", "-template")
OPENED_ONCE = 4
WALKS = {
    "bureau_officer": 3,
    "director": 2,
    "system_administrator": 1,
}


@pytest.fixture
def running(small: SmallCounty, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("accounts.jobs.bell.ring", lambda *args, **kwargs: None)
    with time_machine.travel(NOW, tick=True):
        made = World(small)
        made.small.file(made.small.kindergarten(made.town, "示例二园"), 20, state="accepted")
        User.objects.update(password=_hashed())
        yield made


def _hashed() -> str:
    from django.contrib.auth.hashers import make_password

    return make_password(PASSWORD)


@pytest.mark.parametrize("role", WALKS)
def test_no_page_violates_the_policy(
    running: World,
    visit: Callable[..., Page],  # noqa: F811
    role: str,
) -> None:
    page = visit(running.people[role], provokes=("404", "403", "400", "409"))
    page.context.add_init_script(LISTEN)
    requested: set[str] = set()
    page.on("request", lambda request: requested.add(request.url))
    opened = 0
    for number, case in enumerate(CASES):
        if (
            case.method != "get"
            or case.status != 200
            or case.route in LIMITED_AS_FILES
            or case.route.endswith(NAMED_AS_FILES)
        ):
            continue
        if role not in case.allowed:
            continue
        # What the officer opens is built of the same parts: in the director's frame some of it is.
        if role == "director" and "bureau_officer" in case.allowed and number % OPENED_ONCE:
            continue
        response = page.goto(address(case.route, running))
        if page.locator("[hx-trigger*=load], [data-chart]").count():
            page.wait_for_load_state("networkidle")  # what it fetches once it is there
        page.evaluate(IDLE)
        assert page.evaluate("globalThis.violations") == [], case.route
        opened += bool(response and response.ok)
        if page.locator("#charts-module").count() and page.locator("[data-chart]").count():
            page.wait_for_function("globalThis.echarts !== undefined")
    assert opened >= WALKS[role]
    home = page.evaluate("location.origin")
    assert {url for url in requested if not url.startswith((home, "data:", "blob:"))} == set()


def test_the_director_form_works_under_the_policy(
    running: World,
    visit: Callable[..., Page],  # noqa: F811
) -> None:
    """Its module imports another: both run with the one nonce."""
    page = visit(running.people["director"])
    page.context.add_init_script(LISTEN)
    filing = running.filing
    filing.state = "returned"
    filing.save()
    page.goto(reverse("filing-edit", args=[filing.pk]))
    page.wait_for_load_state("networkidle")
    assert page.evaluate("globalThis.violations") == []
    assert page.evaluate("typeof htmx") == "object"


def test_the_policy_stops_what_it_should(
    running: World,
    visit: Callable[..., Page],  # noqa: F811
) -> None:
    """The negative control: injected markup does not run, and the browser says so."""
    page = visit(running.people["bureau_officer"], provokes=("Content Security Policy", "violates"))
    page.context.add_init_script(LISTEN)
    page.goto(reverse("jobs"))
    page.evaluate("""() => {
        const holder = document.createElement("div");
        holder.innerHTML = '<img src="/favicon.ico" onload="globalThis.ran = true">'
            + '<p style="color:red">x</p>';
        document.body.append(holder);
        const frame = document.createElement("iframe");
        frame.src = "/jobs/";
        document.body.append(frame);
    }""")
    page.wait_for_function("globalThis.violations.length >= 3")
    assert page.evaluate("globalThis.ran") is None
    stopped = {line.split()[0] for line in page.evaluate("globalThis.violations")}
    assert {"script-src-attr", "style-src-attr", "frame-src"} <= stopped
