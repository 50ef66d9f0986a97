"""Posts that say more than the form asks, come twice, or come from somebody whose post has ended."""

from __future__ import annotations

import datetime as dt
import random
import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import pytest
import time_machine
from django.db import connection, models, transaction
from django.http import HttpResponse
from django.urls import reverse

from accounts.jobs import runner
from accounts.models import Job, Membership, Organisation, Region, User
from kindergartens.models import FilingEvent, FilingVersion, MonthlyFiling, ReportingPeriod
from kindergartens.search.filters import FILTERS
from reports.documents import services as printing
from reports.documents.models import PrintedDocument
from reports.documents.pdf import Pdf
from reports.filings import services
from tests.access.canary.asking import foreign_keys
from tests.access.canary.planting import COPIES, own_models
from tests.access.canary.world import Tenant
from tests.access.routes import CASES, ROLES, Case, World
from tests.access.test_second_wall import Quiet
from tests.access.undoing import Undo
from tests.conftest import acting, as_owner
from tests.signing_in import client_of, shown_who_they_are
from tests.small_county import NOW, OCTOBER, SEPTEMBER, SmallCounty, type_attendance

# Fields that a route takes though the table's `data` leaves them out.
TAKES: dict[str, set[str]] = {
    # Accepting with a reason written is refused: the reason would be lost.
    "filing-accept": {"reason"},
    # Whether the page that was read showed an accepted return.
    "filing-return": {"accepted"},
    # Those that are ticked, all in the conditions, and what is written beside.
    "filing-urge": {"code", "who", "note"},
    # Every return that is ticked.
    "filings-accept": {"return"},
    "login": {"username", "password", "next"},
    # Whether an account is asked for, or a further post of one that is there.
    "account-request-new": {"adds_post"},
    # The list that is asked for is the one that was looked at, with its filters.
    "export-ask": {"organisation", "role", "state"},
    # What the officer says to the person who asked.
    "export-decide": {"reason"},
    # What the leader writes beside the decision, and the list's conditions kept with a view.
    "estate-operator-decide": {"note"},
    "premises-count-decide": {"note"},
    "procedure-act": {"reason"},
    "saved-view-save": {
        *("columns", "shared", "q", "region", "inspector", "group", "box", "sort"),
        *(listed.name for listed in FILTERS),
    },
}
# So much is more than the route reads at all: refused for its size, before it is looked at.
TOO_MUCH = {"csp-report": 413}
POSTS = [case for case in CASES if case.method == "post"]
Print = Callable[..., HttpResponse]


@pytest.fixture(autouse=True)
def standing_clock(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr("accounts.jobs.bell.ring", lambda *args, **kwargs: 0)
    monkeypatch.setattr("accounts.jobs.runner.Heartbeat", Quiet)
    # The same moment in both runs, so that the same rows come out.
    with time_machine.travel(NOW, tick=False):
        yield


# ---- mass assignment (T03, T06, AC-09) ------------------------------------------------------------


def every_field(other: Tenant) -> dict[str, Any]:
    """A value for each field of each model, taken from another tenant wherever it is a key."""
    keys = foreign_keys(other)
    values: dict[str, Any] = {}
    for model in own_models():
        for field in model._meta.concrete_fields:
            value = keys.get(field.name, keys["pk"] if field.is_relation else _forged(field))
            values |= {field.name: value, field.attname: value}
    return values | keys | {
        "is_staff": "1", "is_superuser": "1", "approved_by": keys["user"], "score": "100",
        "by": keys["user"], "done_as": keys["membership"], "acting": keys["membership"],
        "_method": "DELETE", "__proto__": "1",
    }  # fmt: skip


def _forged(field: models.Field) -> str:
    if field.choices:
        return str(field.choices[-1][0])
    if isinstance(field, models.BooleanField):
        return "1"
    if isinstance(field, models.DateTimeField):
        return "2020-01-01T00:00:00+08:00"
    if isinstance(field, models.DateField):
        return "2020-01-01"
    return "999"


# Written anew each time by chance, so that two runs of one act differ in it and in nothing else.
BY_CHANCE = {
    "accounts.AccessRecord": ["request_id"],
    "accounts.Session": ["session_data"],
    # Salted; a one-time password is drawn as well. Numbers are encrypted anew each time; their
    # digest is not.
    "accounts.User": ["password", "phone"],
    "accounts.UserChange": ["pgh_secrets"],
    "accounts.AuthenticatorKey": ["key"],
    "accounts.AuthenticatorKeyChange": ["pgh_secrets"],
    "accounts.RecoveryCode": ["digest"],
    "accounts.StoredFile": ["storage_name"],
}
# The chain over history repeats in digests, with chance in them, what the history rows say.
CHAIN = {
    "accounts.HistoryShape",
    "accounts.HistoryEntry",
    "accounts.HistoryOpen",
    "accounts.HistoryBlock",
    "accounts.HistoryHead",
}
# When a browser was last heard of is no effect of an act; that something was refused is kept once a
# minute, whoever asks how often.
PASSING = {"accounts.Session"}
NOT_REFUSED = {"accounts.AccessRecord": "WHERE action <> 'denied'"}


def everything_stored() -> dict[str, list[str]]:
    """Every row of every table of ours but for its own key and what is drawn by chance."""
    stored = {}
    with connection.cursor() as cursor:
        for model in own_models():
            label = model._meta.label
            if label in CHAIN | PASSING:
                continue
            without = [model._meta.pk.column, *BY_CHANCE.get(label, ())]
            if model in COPIES:
                key = COPIES[model]._meta.pk
                without += BY_CHANCE.get(COPIES[model]._meta.label, ())
                without += ["pgh_obj_id", key.column] if isinstance(key, models.UUIDField) else []
            # The number of the request is a history row's only word of chance.
            row = "(to_jsonb(t) #- '{pgh_context,request}'::text[])"
            kept = f"{model._meta.db_table} t {NOT_REFUSED.get(label, '')}"
            cursor.execute(
                f"SELECT ({row} - %s::text[])::text FROM {kept} ORDER BY 1",  # noqa: S608
                [without],
            )
            stored[label] = [row for (row,) in cursor.fetchall()]
    return stored


def rewind_keys() -> None:
    """A sequence goes on where a transaction is undone: let the same rows get the same keys."""
    with as_owner(), connection.cursor() as cursor:
        for model in own_models():
            table, key = model._meta.db_table, model._meta.pk.column
            cursor.execute("SELECT pg_get_serial_sequence(%s, %s)", [table, key])
            [sequence] = cursor.fetchone()
            if sequence:
                cursor.execute(
                    f'SELECT setval(%s, (SELECT coalesce(max("{key}"), 0) + 1 FROM "{table}"), false)',  # noqa: S608
                    [sequence],
                )


def after_posting(world: World, case: Case, user: User, data: dict[str, Any]) -> Any:
    left: Any = None
    rewind_keys()
    with suppress(Undo), transaction.atomic():
        client = client_of(user)
        if case.fresh:
            shown_who_they_are(client)
        response = client.post(reverse(case.route, args=case.args(world)), data)
        left = response.status_code, everything_stored()
        raise Undo
    return left


def some_of(case: Case) -> list[str]:
    """Three of those who may, by a fixed draw: what a form takes hangs on the form."""
    roles = sorted(case.allowed)
    return random.Random(str(case)).sample(roles, min(3, len(roles)))


def offered_by(world: World, case: Case, user: User) -> set[str]:
    """Names of the fields that the page of the form asks the person for, where it has a page."""
    page = next((row for row in CASES if row.route == case.route and row.method == "get"), None)
    names: set[str] = set()
    if page is None:
        return names
    with suppress(Undo), transaction.atomic():
        client = client_of(user)
        if page.fresh:
            shown_who_they_are(client)
        shown = client.get(reverse(page.route, args=page.args(world)), page.data(world))
        if shown.status_code == 200:
            names |= set(re.findall(r'name="([^"]+)"', shown.content.decode()))
        raise Undo
    return names


@pytest.mark.parametrize("case", POSTS, ids=str)
def test_fields_nobody_asked_for_change_nothing(small: SmallCounty, case: Case) -> None:
    world = World(small)
    other = small.kindergarten(small.town("他镇", county=small.other_county), "他园")
    strange = World.__new__(World)
    strange.__dict__ |= world.__dict__ | {
        "kindergarten": other,
        "filing": small.file(other, 22, state="submitted"),
        "people": world.strangers,
    }
    every = every_field(Tenant("B", strange))
    for role in some_of(case):
        offered = {*TAKES.get(case.route, ()), *offered_by(world, case, world.people[role])}
        extra = {name: value for name, value in every.items() if name not in offered}
        # Made anew for each: a file that was sent has been read to its end.
        plain = after_posting(world, case, world.people[role], case.data(world))
        forged = after_posting(world, case, world.people[role], {**extra, **case.data(world)})
        assert forged[0] == TOO_MUCH.get(case.route, plain[0]), role
        assert plain[1] == forged[1], role


def test_the_comparison_sees_a_single_changed_field(small: SmallCounty) -> None:
    filing = World(small).filing
    before = everything_stored()
    MonthlyFiling.objects.filter(pk=filing.pk).update(revision=2)
    assert everything_stored() != before


# ---- forged htmx headers --------------------------------------------------------------------------


def test_htmx_headers_open_nothing(small: SmallCounty) -> None:
    world = World(small)
    forged = {
        "HX-Request": "true", "HX-Boosted": "true", "HX-Target": "main",
        "HX-History-Restore-Request": "true", "HX-Current-URL": "http://testserver/admin/",
    }  # fmt: skip
    for case in CASES:
        if case.method != "get":
            continue
        # Five by a fixed draw: the matrix asks everybody, here only the headers differ.
        for role in random.Random(case.route).sample(sorted(ROLES), 5):
            client = client_of(world.strangers[role])
            url = reverse(case.route, args=case.args(world))
            plain, asked = client.get(url), client.get(url, headers=forged)
            assert status(plain) == status(asked), (case.route, role)


def status(response: HttpResponse) -> int:
    """To htmx a redirection of the whole page is said in a header."""
    return 302 if response.headers.get("HX-Redirect") else response.status_code


# ---- the same form once more ------------------------------------------------------------------------


class Scene:
    """A kindergarten with a return that waits, and everyone who acts on it."""

    def __init__(self, small: SmallCounty) -> None:
        self.small = small
        self.kindergarten = small.kindergarten(small.town("甲镇"), "示例一园")
        small.file(self.kindergarten, 24, month=SEPTEMBER)
        self.director = small.person("园长", self.kindergarten.organisation, "director")
        self.officer = small.officer()

    def submitted(self) -> MonthlyFiling:
        filing = self.small.file(self.kindergarten, 24, state="submitted")
        self.small.settle(SEPTEMBER, OCTOBER)
        return filing

    def post(self, user: User, route: str, *args: Any, **data: Any) -> HttpResponse:
        client = client_of(user)
        return client.post(reverse(route, args=args), data)


@pytest.fixture
def scene(small: SmallCounty) -> Scene:
    return Scene(small)


@pytest.mark.parametrize(
    ("who", "route", "data"),
    [
        ("officer", "filing-accept", {"version": 1}),
        ("officer", "filing-return", {"version": 1, "reason": "请核对"}),
        ("director", "filing-withdraw", {}),
    ],
)
def test_an_act_sent_again_is_done_once(
    scene: Scene, who: str, route: str, data: dict[str, Any]
) -> None:
    filing = scene.submitted()
    scene.post(getattr(scene, who), route, filing.pk, **data)
    first = everything_stored()
    assert FilingEvent.objects.count() == 1
    again = scene.post(getattr(scene, who), route, filing.pk, **data)
    assert again.status_code in {302, 409}
    assert everything_stored() == first


def test_a_return_submitted_again_from_the_old_page_is_one_version(scene: Scene) -> None:
    period = ReportingPeriod.objects.get(county=scene.small.county, month=OCTOBER)
    filing = type_attendance(
        services.open_filing(
            kindergarten=scene.kindergarten, period=period, by=acting(scene.director), now=NOW
        )
    )
    fields = {
        f"class-0-{name}": value
        for name, value in filing.draft["classes"][0].items()
        if name != "explanations"
    } | {"revision": 1, "action": "submit", "days_open": filing.draft["days_open"]}  # fmt: skip
    for post, row in filing.draft["staff"].items():
        fields |= {f"staff-{post}": row["people"], f"staff-{post}-certified": row["certified"]}
    assert scene.post(scene.director, "filing-edit", filing.pk, **fields).status_code == 302
    assert scene.post(scene.director, "filing-edit", filing.pk, **fields).status_code == 409
    assert FilingVersion.objects.filter(filing=filing).count() == 1


def test_a_print_asked_for_twice_is_one_job(scene: Scene) -> None:
    scene.submitted()
    asked = {"kind": "monthly_rates", "region": scene.small.county.code, "month": "2026-10"}
    for _ in range(2):
        assert scene.post(scene.officer, "document-print", **asked).status_code == 302
    assert Job.objects.filter(kind="print-document").count() == 1


# ---- a post that ends while its holder works -------------------------------------------------------

YESTERDAY = NOW.date() - dt.timedelta(days=1)


def end_post(user: User) -> None:
    user.memberships.update(valid_to=YESTERDAY)


def disable(user: User) -> None:
    User.objects.unscoped("the hand of somebody else meanwhile").filter(pk=user.pk).update(
        is_active=False
    )


def move_away(user: User) -> None:
    """The same role in another county."""
    end_post(user)
    county = Region.objects.get(name="乙县")
    bureau = Organisation.objects.create(name="乙县局", kind="bureau", region=county)
    Membership.objects.create(
        user=user, organisation=bureau, role="bureau_officer", valid_from=NOW.date()
    )


ENDINGS = {end_post: 403, disable: 302, move_away: 404}


@pytest.mark.parametrize("ending", ENDINGS, ids=lambda ending: ending.__name__)
def test_the_next_request_is_refused_and_changes_nothing(
    scene: Scene, ending: Callable[[User], None]
) -> None:
    filing = scene.submitted()
    client = client_of(scene.officer)
    review = reverse("filing-review", args=[filing.pk])
    assert client.get(review).status_code == 200
    ending(scene.officer)
    before = everything_stored()
    for route, data in (
        ("filing-accept", {"version": 1}),
        ("filing-return", {"version": 1, "reason": "请核对"}),
    ):
        response = client.post(reverse(route, args=[filing.pk]), data)
        assert response.status_code == ENDINGS[ending]
    assert client.get(review).status_code == ENDINGS[ending]
    assert everything_stored() == before


def test_another_post_chosen_in_a_second_window_binds_the_first(scene: Scene) -> None:
    """The form of the one post is refused in the other: what may be done is what one acts as now."""
    filing = scene.submitted()
    other = scene.small.officer(scene.small.other_county).memberships.get()
    elsewhere = Membership.objects.create(
        user=scene.officer, organisation=other.organisation, role="bureau_officer",
        valid_from=YESTERDAY,
    )  # fmt: skip
    client = client_of(scene.officer)
    assert client.get(reverse("filing-review", args=[filing.pk])).status_code == 200
    client.post(reverse("choose-post"), {"membership": elsewhere.pk})
    accepted = client.post(reverse("filing-accept", args=[filing.pk]), {"version": 1})
    assert accepted.status_code == 404
    filing.refresh_from_db()
    assert filing.state == "submitted"


def test_nobody_reviews_what_they_submitted_in_another_post(scene: Scene) -> None:
    """Role chaining (T07): a director who is also an officer accepts no return of their own."""
    filing = scene.submitted()
    author = filing.versions.get().submitted_as.user
    bureau = scene.officer.memberships.get().organisation
    post = Membership.objects.create(
        user=author, organisation=bureau, role="bureau_officer", valid_from=YESTERDAY
    )
    client = client_of(author)
    client.post(reverse("choose-post"), {"membership": post.pk})
    refused = client.post(reverse("filing-accept", args=[filing.pk]), {"version": 1})
    assert refused.status_code == 409
    assert not FilingEvent.objects.exists()


# ---- a print job whose requester loses the right ---------------------------------------------------


@pytest.fixture
def printed(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Job]:
    """Ask for a paper, do something, let the worker run; the paper itself is not set here."""

    def ask_and_run(
        *,
        between: Callable[[User], None] | None = None,
        while_setting: Callable[[User], None] | None = None,
    ) -> Job:
        scene.submitted()
        asked = {"kind": "monthly_rates", "region": scene.small.county.code, "month": "2026-10"}
        assert scene.post(scene.officer, "document-print", **asked).status_code == 302
        job = Job.objects.get(kind="print-document")
        if between is not None:
            between(scene.officer)

        def to_pdf(html: str) -> Pdf:
            if while_setting is not None:
                while_setting(scene.officer)
            return Pdf(content=b"%PDF-1.7", pages=1)

        monkeypatch.setattr(printing, "to_pdf", to_pdf)
        runner.run_job(job.pk, clock=lambda: NOW)
        job.refresh_from_db()
        return job

    return ask_and_run


def download(scene: Scene, job: Job) -> int:
    client = client_of(scene.officer)
    return client.get(reverse("document-download", args=[job.pk])).status_code


def test_a_paper_is_printed_and_downloaded_with_the_right(
    scene: Scene, printed: Callable[..., Job]
) -> None:
    job = printed()
    assert job.state == Job.State.DONE, job.error
    assert download(scene, job) == 200


def demote(user: User) -> None:
    """Still in the bureau, but in a role that prints nothing."""
    end_post(user)
    bureau = user.memberships.get().organisation
    department = Organisation.objects.create(name="单位", kind="department", region=bureau.region)
    Membership.objects.create(
        user=user, organisation=department, role="department_officer", valid_from=NOW.date()
    )


@pytest.mark.parametrize("ending", [end_post, disable, move_away, demote], ids=lambda e: e.__name__)
def test_a_right_that_ends_before_the_worker_starts_prints_nothing(
    printed: Callable[..., Job], ending: Callable[[User], None]
) -> None:
    job = printed(between=ending)
    assert job.state == Job.State.FAILED
    assert "岗位已经结束" in job.error
    assert not PrintedDocument.objects.exists()


@pytest.mark.parametrize("ending", [end_post, disable, move_away, demote], ids=lambda e: e.__name__)
def test_a_right_that_ends_while_the_paper_is_set_downloads_nothing(
    scene: Scene, printed: Callable[..., Job], ending: Callable[[User], None]
) -> None:
    job = printed(while_setting=ending)
    assert download(scene, job) in {302, 403, 404}
    client = client_of(scene.officer)
    progress = client.get(reverse("job-progress", args=[job.pk]))
    assert progress.status_code in {302, 403, 404}


def test_a_job_row_with_another_region_prints_nothing(
    scene: Scene, printed: Callable[..., Job]
) -> None:
    """Whoever can write a job row still prints nothing that its requester may not (T31)."""

    def elsewhere(user: User) -> None:
        job = Job.objects.get(kind="print-document")
        job.arguments["region"] = scene.small.other_county.pk
        job.save()

    job = printed(between=elsewhere)
    assert job.state == Job.State.FAILED
    assert "不在您的工作范围内" in job.error
