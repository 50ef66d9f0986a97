"""Every route × every role × the status to expect, in one table.

A route that is missing here fails the run. People of another county meet 404 for every object,
as if it did not exist; people without the permission meet 403 before anything is looked up.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import pytest
import time_machine
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from accounts.access.roles import ADMINISTRATORS
from accounts.models import AccountBatch, AccountRequest, ExportRequest, Job, User
from kindergartens.models import Kindergarten, MonthlyFiling, ReportingPeriod
from reports.documents.models import PrintedDocument
from tests.signing_in import shown_who_they_are
from tests.small_county import NOW, OCTOBER, SmallCounty

ROLES = (
    "system_administrator",
    "security_administrator",
    "audit_administrator",
    "bureau_officer",
    "bureau_leader",
    "inspector",
    "town_officer",
    "city_officer",
    "department_officer",
    "director",
    "kindergarten_clerk",
)
EVERYONE = frozenset(ROLES)
FILERS = frozenset({"director", "kindergarten_clerk"})
READERS = EVERYONE - ADMINISTRATORS - FILERS
RETURN_READERS = READERS - {"department_officer"} | FILERS
SECURITY = frozenset({"security_administrator"})
PRINTERS = frozenset({"bureau_officer", "bureau_leader", "inspector", "city_officer"})
HISTORY_READERS = READERS - {"department_officer"} | FILERS
BUREAU = frozenset({"bureau_officer"})
AUDITORS = frozenset({"audit_administrator"})
EXPORTERS = frozenset({"bureau_officer", "bureau_leader", "town_officer", "city_officer"})


@dataclass
class World:
    """One county with a town and a kindergarten, and every role in it; another county beside."""

    small: SmallCounty
    people: dict[str, User] = field(default_factory=dict)
    strangers: dict[str, User] = field(default_factory=dict)

    def __post_init__(self) -> None:
        small = self.small
        self.town = small.town("甲镇")
        other_town = small.town("乙镇", county=small.other_county)
        small.populate(small.county, 300)
        self.kindergarten: Kindergarten = small.kindergarten(self.town, "示例一园")
        self.filing: MonthlyFiling = small.file(self.kindergarten, 24, state="submitted")
        other = small.kindergarten(other_town, "示例乙园")
        small.file(other, 20)
        small.settle()
        self.period = ReportingPeriod.objects.get(county=small.county, month=OCTOBER)
        for people, county, town, kindergarten in (
            (self.people, small.county, self.town, self.kindergarten),
            (self.strangers, small.other_county, other_town, other),
        ):
            for role in ROLES:
                if role in FILERS:
                    people[role] = small.person(role, kindergarten.organisation, role)
                elif role == "town_officer":
                    people[role] = small.officer(town, role)
                elif role == "city_officer":
                    people[role] = small.officer(small.city, role)
                else:
                    people[role] = small.officer(county, role)
        officer = self.people["bureau_officer"].memberships.get()
        self.attachment = small.attach(self.filing)
        # From New Year on: planned, so that it may be withdrawn.
        self.change, self.paper = small.plan_change(
            self.kindergarten, self.people["bureau_officer"]
        )
        self.job = Job.objects.create(
            kind="recompute-figures",
            key="k",
            title="重算",
            requested_as=officer,
            queued_at=NOW,
            state="failed",
            finished_at=NOW,
        )
        director = self.people["director"].memberships.get()
        self.batch = AccountBatch.objects.create(
            digest="0" * 64,
            rows=[
                {
                    "row": 2,
                    "full_name": "示例表中人",
                    "username": f"listed{small.county.code}",
                    "organisation": director.organisation_id,
                    "role": "kindergarten_clerk",
                    "valid_from": NOW.date().isoformat(),
                }
            ],
            uploaded_as=director,
            uploaded_at=NOW,
        )
        self.account_request = AccountRequest.objects.create(
            full_name="示例新人",
            username=f"newcomer{small.county.code}",
            organisation=director.organisation,
            role="kindergarten_clerk",
            valid_from=NOW.date(),
            reason="新来的资料员",
            requested_by=director.user,
            requested_as=director,
            requested_at=NOW,
        )
        security = self.people["security_administrator"].memberships.get()
        self.export = ExportRequest.objects.create(
            kind="people",
            title="人员账号",
            ending="xlsx",
            filters={},
            persons=60,
            reason="核对名册",
            requested_by=security.user,
            requested_as=security,
            requested_at=NOW,
            expires_at=NOW + dt.timedelta(days=7),
        )
        self.document = PrintedDocument.objects.create(
            kind="monthly_rates",
            region=small.county,
            month=OCTOBER,
            job=self.job,
            printed_as=officer,
            printed_at=NOW,
            figures={},
            pages=1,
            sha256="0" * 64,
            content=b"%PDF-1.7",
        )


@dataclass(frozen=True)
class Case:
    route: str
    allowed: frozenset[str]
    args: Callable[[World], list[Any]] = lambda world: []
    method: str = "get"
    data: Callable[[World], dict[str, Any]] = lambda world: {}
    status: int = 200
    # What people of the other county meet where their role would be allowed at home.
    strangers: int = 404
    # Roles whose own scope answers otherwise than `status` says.
    except_for: dict[str, int] = field(default_factory=dict)
    public: bool = False
    # The person has just shown who they are, as these acts demand.
    fresh: bool = False
    # What a public route answers to somebody who is not signed in, if not 200.
    anonymous: int = 0


def filing(world: World) -> list[Any]:
    return [world.filing.pk]


def county(*rest: Any) -> Callable[[World], list[Any]]:
    return lambda world: [world.small.county.code, *rest]


def kindergarten(*rest: Any) -> Callable[[World], list[Any]]:
    return lambda world: [world.kindergarten.code, *rest]


def someone(world: World) -> list[Any]:
    return [world.people["director"].pk]


def reason(form: str) -> Callable[[World], dict[str, Any]]:
    return lambda world: {f"{form}-reason": "示例原因"}


fresh_post: dict[str, Any] = {"method": "post", "fresh": True}
REGISTRY_READERS = RETURN_READERS
SECURITY = frozenset({"security_administrator"})
REQUESTERS = frozenset({"system_administrator", "director"})
# A town's officer may not look at the whole county.
NOT_THE_TOWN = {"town_officer": 404}
PUBLIC_SHARE = ("public_enrolment_share", OCTOBER)


CASES = [
    Case("login", EVERYONE, status=302, strangers=302, public=True),
    Case("logout", EVERYONE, method="post", status=302, strangers=302),
    Case("health", EVERYONE, strangers=200, public=True),
    # Sent by browsers on their own; an empty one is refused, whoever sends it.
    Case(
        "csp-report", EVERYONE, method="post", status=400, strangers=400, public=True, anonymous=400
    ),
    Case("home", EVERYONE, status=302, strangers=302),
    Case("choose-post", EVERYONE, method="post", status=302, strangers=302),
    # One's own account; what needs a fresh proof asks for it.
    Case("sign-in-code", EVERYONE, status=302, strangers=302),
    Case("authenticate-again", EVERYONE, strangers=200),
    Case("session-state", EVERYONE, strangers=200),
    Case("account-security", EVERYONE, strangers=200),
    Case("change-password", EVERYONE, strangers=200),
    Case("second-factor", EVERYONE, status=302, strangers=302),
    Case("recovery-codes", EVERYONE, method="post", status=401, strangers=401),
    Case("second-factor-off", EVERYONE, method="post", status=401, strangers=401),
    Case("end-session", EVERYONE, method="post", status=302, strangers=302),
    Case("kept-input", EVERYONE, strangers=200),
    Case("kept-input-discard", EVERYONE, method="post", status=302, strangers=302),
    Case("gallery", frozenset({"system_administrator"}), strangers=200),
    # People, posts and requests
    Case("roles", EVERYONE, strangers=200),
    Case("people", SECURITY, strangers=200),
    Case("person", SECURITY, someone),
    Case("person-disable", SECURITY, someone, **fresh_post, data=reason("disable"), status=302),
    Case("person-enable", SECURITY, someone, **fresh_post, data=reason("enable"), status=302),
    Case("person-password", SECURITY, someone, **fresh_post, data=reason("password")),
    Case("person-unlock", SECURITY, someone, **fresh_post, data=reason("unlock"), status=302),
    Case(
        "person-second-factor",
        SECURITY,
        someone,
        **fresh_post,
        data=reason("second_factor"),
        status=302,
    ),
    Case("person-sign-out", SECURITY, someone, **fresh_post, data=reason("sign_out"), status=302),
    Case(
        "post-hand-over",
        SECURITY,
        lambda w: [w.people["director"].memberships.get().pk],
        fresh=True,
    ),
    Case("account-requests", REQUESTERS, strangers=200),
    Case("account-request-new", REQUESTERS, strangers=200),
    Case(
        "account-request-withdraw",
        REQUESTERS,
        lambda w: [w.account_request.pk],
        method="post",
        status=302,
        strangers=302,
    ),
    Case("account-batch-upload", REQUESTERS, strangers=200),
    Case("account-batch-template", REQUESTERS, strangers=200),
    Case(
        "account-batch",
        REQUESTERS,
        lambda w: [w.batch.pk],
        except_for={"system_administrator": 404},
    ),
    Case(
        "account-batch-confirm",
        REQUESTERS,
        lambda w: [w.batch.pk],
        **fresh_post,
        status=302,
        strangers=302,
    ),
    Case("kindergarten-accounts", frozenset({"bureau_officer"}), strangers=200),
    Case(
        "kindergarten-accounts-decide",
        frozenset({"bureau_officer"}),
        **fresh_post,
        data=lambda w: {"request": w.account_request.pk, "act": "approve"},
        strangers=302,
    ),
    Case("office-accounts", SECURITY, strangers=200),
    Case(
        "office-accounts-decide",
        SECURITY,
        **fresh_post,
        data=lambda w: {"request": w.account_request.pk, "act": "approve"},
        status=302,
        strangers=302,
    ),
    Case("deputies", EVERYONE - ADMINISTRATORS - {"kindergarten_clerk"}, strangers=200),
    Case(
        "deputy-end",
        EVERYONE - ADMINISTRATORS - {"kindergarten_clerk"},
        lambda w: [w.people["director"].memberships.get().pk],
        method="post",
        status=302,
        strangers=302,
    ),
    # Exports of persons
    Case("people-export", SECURITY, lambda w: ["xlsx"], strangers=200, fresh=True),
    Case("people-export-ask", SECURITY, strangers=200),
    Case("my-exports", SECURITY, strangers=200),
    Case("export-download", SECURITY, lambda w: [w.export.pk], **fresh_post, status=302),
    Case("export-approvals", frozenset({"bureau_leader"}), strangers=200),
    Case(
        "export-decide",
        frozenset({"bureau_leader"}),
        lambda w: [w.export.pk],
        **fresh_post,
        data=lambda w: {"act": "approve"},
        status=302,
    ),
    # Jobs
    Case("jobs", READERS | {"system_administrator"}, strangers=200),
    Case(
        "job-progress",
        READERS | {"system_administrator"},
        lambda w: [w.job.pk],
        except_for=dict.fromkeys(READERS - {"bureau_officer"}, 404),
    ),
    Case(
        "job-retry",
        READERS | {"system_administrator"},
        lambda w: [w.job.pk],
        method="post",
        status=302,
        except_for=dict.fromkeys(READERS - {"bureau_officer"}, 404),
    ),
    # Returns
    Case("my-filings", FILERS, strangers=200),
    Case("filing-open", FILERS, method="post", data=lambda w: {"period": w.period.pk}, status=302),
    Case("filing-edit", FILERS, filing, status=302),
    Case("filing-withdraw", FILERS, filing, method="post", status=302),
    # Nothing sent: refused with a sentence, and nobody else gets that far.
    Case("filing-attach", FILERS, filing, method="post", status=422),
    Case("filing-attachment", RETURN_READERS, lambda w: [w.filing.pk, w.attachment.pk]),
    Case("filing-version", RETURN_READERS, lambda w: [w.filing.pk, 1]),
    Case("filing-queue", frozenset({"bureau_officer"}), strangers=200),
    Case("filing-review", frozenset({"bureau_officer"}), filing),
    Case(
        "filing-accept",
        frozenset({"bureau_officer"}),
        filing,
        method="post",
        data=lambda w: {"version": 1},
        status=302,
    ),
    Case(
        "filing-return",
        frozenset({"bureau_officer"}),
        filing,
        method="post",
        data=lambda w: {"version": 1, "reason": "请核对"},
        status=302,
    ),
    # Figures
    Case("dashboard", READERS, strangers=200),
    Case("dashboard-region", READERS, county(), except_for=NOT_THE_TOWN),
    Case("dashboard-fresh", READERS, county(), status=204, except_for=NOT_THE_TOWN),
    Case("dashboard-export", EXPORTERS, county("xlsx"), except_for=NOT_THE_TOWN),
    Case("figure-explain", READERS, county(*PUBLIC_SHARE), except_for=NOT_THE_TOWN),
    Case(
        "figure-contributions",
        READERS - {"department_officer"},
        lambda w: [w.small.county.code, *PUBLIC_SHARE, w.town.code],
        except_for=NOT_THE_TOWN,
    ),
    Case("figure-export", EXPORTERS, county(*PUBLIC_SHARE, "xlsx"), except_for=NOT_THE_TOWN),
    # Registry
    Case(
        "kindergarten-list",
        REGISTRY_READERS,
        strangers=200,
        except_for=dict.fromkeys(FILERS, 302),
    ),
    Case("kindergarten-export", EXPORTERS, lambda w: ["xlsx"], strangers=200),
    Case("kindergarten-detail", REGISTRY_READERS, kindergarten()),
    Case("kindergarten-ratios", REGISTRY_READERS, kindergarten()),
    Case("status-document", REGISTRY_READERS, lambda w: [w.paper.pk]),
    Case("status-change-withdraw", BUREAU, lambda w: [w.change.pk]),
    # Personal data
    Case("own-phone", EVERYONE, strangers=200),
    Case("reveal-phone", frozenset({"bureau_officer"}), someone, fresh=True),
    # History
    Case("kindergarten-history", REGISTRY_READERS, kindergarten()),
    Case("period-history", HISTORY_READERS, strangers=200),
    Case("policy-history", HISTORY_READERS, strangers=200),
    Case("filing-history", HISTORY_READERS, filing),
    Case(
        "account-history",
        HISTORY_READERS,
        lambda w: [w.people["director"].pk],
    ),
    Case("audit", AUDITORS, strangers=200),
    Case("audit-export", AUDITORS, lambda w: ["xlsx"], strangers=200, fresh=True),
    Case("audit-changes", AUDITORS, strangers=200),
    Case("audit-changes-export", AUDITORS, lambda w: ["csv"], strangers=200, fresh=True),
    Case("audit-verify", AUDITORS, method="post", status=302, strangers=302),
    # Documents
    Case("documents", PRINTERS, strangers=200),
    Case(
        "document-print",
        PRINTERS,
        method="post",
        status=302,
        strangers=422,
        data=lambda w: {"kind": "monthly_rates", "region": w.small.county.code, "month": "2026-10"},
    ),
    Case("document-download", PRINTERS, lambda w: [w.document.pk]),
]


def routes() -> Iterator[str]:
    def walk(patterns: list[URLPattern | URLResolver]) -> Iterator[str]:
        for pattern in patterns:
            if isinstance(pattern, URLResolver):
                yield from walk(pattern.url_patterns)
            else:
                yield pattern.name or str(pattern.pattern)

    yield from walk(get_resolver().url_patterns)


def test_every_route_is_in_the_table_once() -> None:
    assert sorted(routes()) == sorted(case.route for case in CASES)


@pytest.fixture
def world(small: SmallCounty, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    # Nobody listens to the bell here, and it need not be waited for.
    monkeypatch.setattr("accounts.jobs.bell.ring", lambda *args, **kwargs: None)
    with time_machine.travel(NOW, tick=True):
        yield World(small)


def call(world: World, case: Case, user: User | None) -> int:
    client = Client()
    if user is not None:
        client.force_login(user)
        if case.fresh:
            shown_who_they_are(client)
    url = reverse(case.route, args=case.args(world))
    response = getattr(client, case.method)(url, case.data(world))
    return response.status_code


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.route)
def test_who_meets_what(world: World, case: Case) -> None:
    met = {role: undone(world, case, world.people[role]) for role in ROLES}
    assert met == {
        role: case.except_for.get(role, case.status) if role in case.allowed else 403
        for role in ROLES
    }
    # The city officer sees both counties; the system administrator has no area.
    abroad = {
        role: undone(world, case, world.strangers[role])
        for role in ROLES
        if role not in {"system_administrator", "city_officer"}
    }
    assert abroad == {role: _abroad(case, role) for role in abroad}
    assert call(world, case, None) == ((case.anonymous or 200) if case.public else 302)


def _abroad(case: Case, role: str) -> int:
    if role not in case.allowed:
        return 403
    # A page about one's own place answers as at home.
    return case.except_for.get(role, case.strangers) if case.strangers == 200 else case.strangers


class Undo(Exception):
    """Ends a savepoint without keeping it."""


def undone(world: World, case: Case, user: User) -> int:
    """Call in a savepoint, so that one role's effect is not the next one's state."""
    status = 0
    with suppress(Undo), transaction.atomic():
        status = call(world, case, user)
        raise Undo
    return status
