"""Which rows of every scoped table each role sees: the rows themselves, not only a status."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps

from accounts.access.roles import ADMINISTRATORS
from accounts.access.scope import home_region
from accounts.history.recording import Action, record_access
from accounts.history.tracking import TRACKED
from accounts.models import (
    AccessRecord,
    AccountBatch,
    AccountEvent,
    AccountRequest,
    Authenticator,
    AuthenticatorKey,
    ExportRequest,
    ImportBatch,
    Job,
    KeptInput,
    KnownDevice,
    Membership,
    Notice,
    NoticeDelivery,
    NoticeMailbox,
    NoticeReading,
    Organisation,
    PastPassword,
    RecoveryCode,
    Region,
    Session,
    StoredFile,
    User,
)
from indicators.models import KindergartenFacts, Policy, RegionFacts
from kindergartens import models as building_models
from kindergartens.models import (
    ClassCount,
    ExtensionRequest,
    FilingAttachment,
    FilingEvent,
    FilingExplanation,
    FilingExtension,
    FilingUrge,
    FilingVersion,
    FormerName,
    Group,
    GroupMember,
    Kindergarten,
    KindergartenStatus,
    MonthlyFiling,
    PeriodRule,
    Placement,
    Procedure,
    ProcedureDocument,
    ProcedureEvent,
    RecordProposal,
    ReplacedDraft,
    ReportingPeriod,
    SavedView,
    StatusChange,
    StatusDocument,
    UnlicensedCheck,
    UnlicensedDocument,
    UnlicensedKindergarten,
    UnlicensedPlacement,
    UnlicensedPlan,
)
from reports.documents.models import PrintedDocument
from reports.filings.board.models import BulkAcceptance, FollowUp
from staffing.models import StaffCount
from tests.conftest import acting
from tests.small_county import NOW, OCTOBER, SINCE, SmallCounty

# Who looks, and what lies in their view: of kindergartens 一 and 二 in two towns of 甲县 and 乙 in
# 乙县, and of the regions.
LOOKERS = {
    "city_officer": ({"一", "二", "乙"}, {"示例市", "甲县", "乙县", "一镇", "二镇", "乙镇"}),
    "bureau_officer": ({"一", "二"}, {"甲县", "一镇", "二镇"}),
    "bureau_leader": ({"一", "二"}, {"甲县", "一镇", "二镇"}),
    "inspector": ({"一", "二"}, {"甲县", "一镇", "二镇"}),
    "department_officer": ({"一", "二"}, {"甲县", "一镇", "二镇"}),
    "town_officer": ({"一"}, {"一镇"}),
    "system_administrator": (set(), set()),
    "security_administrator": (set(), set()),
    "audit_administrator": (set(), set()),
    None: (set(), set()),
}
FILERS = ("director", "kindergarten_clerk")


class Scene:
    def __init__(self, small: SmallCounty) -> None:
        self.small = small
        self.towns = {
            "一": small.town("一镇"),
            "二": small.town("二镇"),
            "乙": small.town("乙镇", county=small.other_county),
        }
        self.kindergartens = {
            name: small.kindergarten(town, name) for name, town in self.towns.items()
        }
        # Another in the first town, so that a director's own is less than the town's.
        self.neighbour = small.kindergarten(self.towns["一"], "邻")
        for kindergarten in [*self.kindergartens.values(), self.neighbour]:
            filing = small.file(kindergarten, 24)
            FilingEvent.objects.create(
                filing=filing, action="submitted", version=1, at=NOW,
                done_as=filing.versions.get().submitted_as,
            )  # fmt: skip
            FilingExplanation.objects.create(
                version=filing.versions.get(), code="class_size", place="小一班", says="x", text="y"
            )
            small.attach(filing)
            town = kindergarten.organisation.region
            small.plan_change(kindergarten, small.officer(town.county))
            procedure = small.procedure(
                kindergarten, small.person("园长", kindergarten.organisation, "director")
            )
            FilingExtension.objects.create(
                kindergarten=kindergarten, period=filing.period, town=town, reason="补报",
                until=NOW + dt.timedelta(days=30), granted_as=filing.versions.get().submitted_as,
                granted_at=NOW,
            )  # fmt: skip
            ExtensionRequest.objects.create(
                kindergarten=kindergarten, period=filing.period, town=town, reason="补报",
                asked_as=filing.versions.get().submitted_as, asked_at=NOW,
            )  # fmt: skip
            post = filing.versions.get().submitted_as
            notice = Notice.objects.create(
                organisation=kindergarten.organisation, kind="urge", title="催报", text="请提交",
                link="/returns/", sent_as=post, sent_at=NOW,
            )  # fmt: skip
            NoticeDelivery.objects.create(notice=notice, channel="email", queued_at=NOW)
            NoticeMailbox.objects.create(organisation=kindergarten.organisation, set_as=post)
            NoticeReading.objects.create(notice=notice, user=post.user, read_as=post, read_at=NOW)
            FilingUrge.objects.create(
                kindergarten=kindergarten, period=filing.period, town=town, day=NOW.date(),
                notice=notice, urged_as=post, urged_at=NOW,
            )  # fmt: skip
            FollowUp.objects.create(
                filing=filing, version=1, note="核实", opened_as=post, opened_at=NOW
            )
            Placement.objects.create(procedure=procedure, destination="school", children=3)
            FormerName.objects.create(
                kindergarten=kindergarten, name="旧名", reason="更名",
                valid_from=SINCE, valid_to=NOW.date(),
            )  # fmt: skip
            RecordProposal.objects.create(
                kindergarten=kindergarten, section="licence", wanted={}, reason="换证",
                proposed_as=filing.versions.get().submitted_as, proposed_at=NOW,
            )  # fmt: skip
        for county in (small.county, small.other_county):
            PeriodRule.objects.create(
                county=county, reference_day=31, opens_day=25, due_after=5, locks_after=7
            )
        small.settle()
        post = small.officer(small.city, "city_officer").memberships.get()
        for region in [small.city, small.county, small.other_county]:
            job = Job.objects.create(
                kind="print-document", key=region.code, title="打印", requested_as=post,
                queued_at=NOW, state="done", finished_at=NOW,
            )  # fmt: skip
            PrintedDocument.objects.create(
                job=job, kind="monthly_rates", region=region, month=OCTOBER, printed_as=post,
                printed_at=NOW, figures={}, pages=1, sha256="0" * 64, content=b"%PDF",
            )  # fmt: skip

    def looker(self, role: str | None) -> User:
        if role is None:
            return acting(User.objects.create(username="nobody", full_name="无岗位"))
        if role in FILERS:
            return acting(self.small.person(role, self.kindergartens["一"].organisation, role))
        region = {"city_officer": self.small.city, "town_officer": self.towns["一"]}.get(
            role, self.small.county
        )
        return acting(self.small.officer(region, role))


@pytest.fixture
def scene(small: SmallCounty) -> Scene:
    return Scene(small)


def names(model: Any, user: User, path: str) -> set[str]:
    return set(model.objects.visible_to(user).values_list(path, flat=True))


KINDERGARTEN_PATHS = {
    Kindergarten: "name",
    KindergartenStatus: "kindergarten__name",
    Procedure: "kindergarten__name",
    ProcedureEvent: "procedure__kindergarten__name",
    ProcedureDocument: "procedure__kindergarten__name",
    Placement: "procedure__kindergarten__name",
    StatusChange: "kindergarten__name",
    StatusDocument: "change__kindergarten__name",
    MonthlyFiling: "kindergarten__name",
    FormerName: "kindergarten__name",
    RecordProposal: "kindergarten__name",
    ExtensionRequest: "kindergarten__name",
    FilingAttachment: "filing__kindergarten__name",
    FilingVersion: "filing__kindergarten__name",
    FilingEvent: "filing__kindergarten__name",
    FilingExplanation: "version__filing__kindergarten__name",
    FilingExtension: "kindergarten__name",
    FilingUrge: "kindergarten__name",
    ClassCount: "filing_version__filing__kindergarten__name",
    StaffCount: "filing_version__filing__kindergarten__name",
    KindergartenFacts: "kindergarten__name",
}


@pytest.mark.parametrize("role", LOOKERS)
def test_officers_see_the_rows_of_their_region(scene: Scene, role: str | None) -> None:
    user = scene.looker(role)
    kindergartens, regions = LOOKERS[role]
    with_neighbour = kindergartens | ({"邻"} if "一" in kindergartens else set())
    for model, path in KINDERGARTEN_PATHS.items():
        assert names(model, user, path) == with_neighbour, model
    assert names(RegionFacts, user, "region__name") == regions
    # Periods and documents are of counties and cities; a town works by its county's periods.
    counties = {"甲县"} if role == "town_officer" else {r for r in regions if r.endswith("县")}
    assert names(ReportingPeriod, user, "county__name") == counties
    assert names(PeriodRule, user, "county__name") == counties
    printed = {region for region in regions if not region.endswith("镇")}
    assert names(PrintedDocument, user, "region__name") == printed


@pytest.mark.parametrize("role", FILERS)
def test_a_kindergarten_sees_its_own_rows(scene: Scene, role: str) -> None:
    user = scene.looker(role)
    for model, path in KINDERGARTEN_PATHS.items():
        assert names(model, user, path) == {"一"}, model
    assert names(ReportingPeriod, user, "county__name") == {"甲县"}
    assert names(PeriodRule, user, "county__name") == {"甲县"}
    assert names(PrintedDocument, user, "region__name") == set()


@pytest.mark.parametrize("role", [*LOOKERS, *FILERS])
def test_groups_are_the_countys(scene: Scene, role: str | None) -> None:
    small = scene.small
    for county, town in ((small.county, "二"), (small.other_county, "乙")):
        group = Group.objects.create(
            county=county, kind="area", name=county.name, valid_from=dt.date(2026, 1, 1)
        )
        GroupMember.objects.create(
            group=group, kind="area", town=scene.towns[town], valid_from=dt.date(2026, 1, 1)
        )
    looker = scene.looker(role)
    seen = {"甲县", "乙县"} if role == "city_officer" else {"甲县"}
    if role is None or role in ADMINISTRATORS:
        seen = set()
    assert names(Group, looker, "name") == seen
    assert names(GroupMember, looker, "group__name") == seen


UNLICENSED = {
    UnlicensedKindergarten: "town__name",
    UnlicensedCheck: "place__town__name",
    UnlicensedPlan: "place__town__name",
    UnlicensedPlacement: "place__town__name",
    UnlicensedDocument: "place__town__name",
}


@pytest.mark.parametrize("role", [*LOOKERS, *FILERS])
def test_unlicensed_places_are_the_officers(scene: Scene, role: str | None) -> None:
    """Those of their region; a kindergarten's people see none."""
    post = scene.small.officer().memberships.get()
    by: dict[str, Any] = {"made_as": post, "made_at": NOW}
    day = dt.date(2026, 10, 1)
    stored = StoredFile.objects.create(
        sha256="0" * 64, size=1, content_type="application/pdf", storage_name="0" * 64,
        state="ready", uploaded_as=post, uploaded_at=NOW,
    )  # fmt: skip
    for town in scene.towns.values():
        place = UnlicensedKindergarten.objects.create(
            town=town, name="无证", address="路", found_on=day, found_as=post
        )
        UnlicensedCheck.objects.create(place=place, day=day, **by)
        UnlicensedPlan.objects.create(
            place=place, route="ban", lead=post.organisation, decided_on=day, deadline=day,
            reason="x", **by,
        )  # fmt: skip
        UnlicensedPlacement.objects.create(
            place=place, day=day, destination="home", children=1, note="x", **by
        )
        UnlicensedDocument.objects.create(
            place=place, file=stored, name="x", added_as=post, added_at=NOW
        )
    regions = LOOKERS[role][1] if role in LOOKERS else set()
    towns = {town.name for town in scene.towns.values()} & regions
    looker = scene.looker(role)
    for model, path in UNLICENSED.items():
        assert names(model, looker, path) == towns, model


@pytest.mark.parametrize("role", [*LOOKERS, *FILERS])
def test_messages_are_the_addressees(scene: Scene, role: str | None) -> None:
    """An office reads what was sent to itself, and nothing of what was sent below it."""
    looker = scene.looker(role)
    seen = {"一"} if role in FILERS else set()
    assert names(Notice, looker, "organisation__name") == seen
    assert names(NoticeReading, looker, "notice__organisation__name") == seen
    assert names(NoticeMailbox, looker, "organisation__name") == seen
    assert names(NoticeDelivery, looker, "notice__organisation__name") == seen


@pytest.mark.parametrize("role", [*LOOKERS, *FILERS])
def test_follow_ups_are_the_officers(scene: Scene, role: str | None) -> None:
    """What an officer wonders about is not for the kindergarten to read."""
    seen = set() if role in FILERS else LOOKERS[role][0]
    seen |= {"邻"} if "一" in seen else set()
    assert names(FollowUp, scene.looker(role), "filing__kindergarten__name") == seen


@pytest.mark.parametrize("role", [*LOOKERS, *FILERS])
def test_what_was_accepted_together_is_the_offices(scene: Scene, role: str | None) -> None:
    own, other = (scene.small.officer(county) for county in (
        scene.small.county, scene.small.other_county,
    ))  # fmt: skip
    for officer in (own, other):
        post = officer.memberships.get()
        job = Job.objects.create(
            kind="accept-returns", key=str(post.pk), title="接收", requested_as=post,
            queued_at=NOW, state="done", finished_at=NOW,
        )  # fmt: skip
        BulkAcceptance.objects.create(
            job=job, month=OCTOBER, accepted_as=post, accepted_at=NOW, results=[]
        )
    looker = scene.looker(role)
    there = {"bureau_officer", "bureau_leader", "inspector", "department_officer"}
    seen = {"甲县教育局"} if role in there else set()
    assert names(BulkAcceptance, looker, "accepted_as__organisation__name") == seen


def test_an_administrator_of_the_system_has_no_region(scene: Scene) -> None:
    assert home_region(scene.looker("system_administrator")) is None
    assert home_region(scene.looker("bureau_officer")) == Region.objects.get(name="甲县")


@pytest.mark.parametrize("role", [*LOOKERS, *FILERS])
def test_documents_hold_where_one_works(scene: Scene, role: str | None) -> None:
    for slug, region in (
        ("nation", None), ("city", scene.small.city), ("own", scene.small.county),
        ("town", scene.towns["一"]), ("other", scene.small.other_county),
    ):  # fmt: skip
        Policy.objects.create(slug=slug, title=slug, region=region)
    seen = names(Policy, scene.looker(role), "slug")
    if role is None or role in ADMINISTRATORS:
        assert seen == set()
    elif role == "city_officer":
        assert seen == {"nation", "city", "own", "town", "other"}
    else:
        assert seen == {"nation", "city", "own", "town"}


@pytest.mark.parametrize("role", [*LOOKERS, *FILERS])
def test_acts_are_the_audit_administrators_own_countys(scene: Scene, role: str | None) -> None:
    small = scene.small
    for rows, person in (
        (1, acting(small.officer())),
        (2, acting(small.person("园长", scene.kindergartens["二"].organisation, "director"))),
        (3, acting(small.officer(small.other_county))),
        (4, None),
        (5, small.officer()),  # signed in, acting in nothing yet
    ):
        record_access(Action.EXPORT, by=person, at=NOW, rows=rows)
    seen = names(AccessRecord, scene.looker(role), "rows")
    assert seen == ({1, 2, 4, 5} if role == "audit_administrator" else set())


@pytest.mark.parametrize("role", [*LOOKERS, *FILERS])
def test_posts_and_people_are_seen_by_who_looks_after_them(scene: Scene, role: str | None) -> None:
    user = scene.looker(role)
    own = {post.organisation.name for post in user.memberships.all()}
    there = {
        "security_administrator": set(
            Organisation.objects.filter(region__name__in=["甲县", "一镇", "二镇"])
            .filter(memberships__isnull=False)
            .values_list("name", flat=True)
        ),
        "director": {"一"},
    }.get(str(role), own)
    assert names(Membership, user, "organisation__name") == there
    people = set(User.objects.filter(memberships__organisation__name__in=there)) if there else set()
    if role not in {"security_administrator", "director"}:
        people = {user} if role else set()
    assert set(User.objects.visible_to(user)) == people
    if role == "security_administrator":
        assert {"一", "二", "邻"} < there
        assert "乙" not in there


def test_a_workbook_is_seen_in_the_post_it_was_uploaded_in(scene: Scene) -> None:
    """Not by a colleague in the same place, nor by its uploader in another post."""
    place = scene.kindergartens["一"].organisation
    author, colleague = (acting(scene.small.person("园长", place, "director")) for _ in range(2))
    batch = AccountBatch.objects.create(
        digest="0" * 64, rows=[], uploaded_as=author.acting, uploaded_at=NOW
    )
    assert list(AccountBatch.objects.visible_to(author)) == [batch]
    assert not AccountBatch.objects.visible_to(colleague).exists()
    author.acting = colleague.acting
    assert not AccountBatch.objects.visible_to(author).exists()


def test_what_happened_to_accounts_is_seen_by_who_looks_after_them(scene: Scene) -> None:
    at_home, abroad = scene.small.officer(), scene.small.officer(scene.small.other_county)
    for account in (at_home, abroad):
        AccountEvent.objects.create(account=account, action="enabled", at=NOW, reason="恢复")
    for role in (*LOOKERS, *FILERS):
        seen = names(AccountEvent, scene.looker(role), "account")
        assert seen == ({at_home.pk} if role == "security_administrator" else set()), role


OWN = {
    Session: lambda user: Session(
        session_key=f"k{user.pk}", user=user, expire_date=NOW, session_data=""
    ),
    PastPassword: lambda user: PastPassword(user=user, password="x", replaced_at=NOW),
    Authenticator: lambda user: Authenticator(user=user, name="x", key="x"),
    AuthenticatorKey: lambda user: AuthenticatorKey(
        device=Authenticator.objects.create(user=user, name="x", key=""), user=user, key="ab"
    ),
    RecoveryCode: lambda user: RecoveryCode(user=user, digest="x"),
    KeptInput: lambda user: KeptInput(
        user=user, digest=f"x{user.pk}", path="/", sealed="x", kept_at=NOW, expires_at=NOW
    ),
    KnownDevice: lambda user: KnownDevice(user=user, digest=f"x{user.pk}", used_at=NOW),
}


@pytest.mark.parametrize("model", OWN, ids=lambda model: model.__name__)
def test_what_lets_one_in_is_ones_own_alone(scene: Scene, model: Any) -> None:
    """Not even the security administrator sees another's."""
    people = [scene.looker(role) for role in ("security_administrator", "director", None)]
    for person in people:
        OWN[model](person).save()
    for person in people:
        assert names(model, person, "user") == {person.pk}
    assert not model.objects.visible_to(User()).exists()


COPIES = {tracked.event: model for model, tracked in TRACKED.items()}


@pytest.mark.parametrize("role", [*LOOKERS, *FILERS])
def test_copies_are_seen_of_the_rows_that_are(scene: Scene, role: str | None) -> None:
    """What history keeps of a row is seen by whoever sees the row, and by nobody else."""
    user = scene.looker(role)
    copied = 0
    for event, model in COPIES.items():
        seen = set(event._default_manager.visible_to(user).values_list("pgh_obj_id", flat=True))
        rows = getattr(model._default_manager, "visible_to", None)
        assert seen == (set(rows(user).values_list("pk", flat=True)) if rows else set()), event
        copied += len(seen)
    assert copied or role is None


BUILDINGS = (
    building_models.ConstructionPlan,
    building_models.ConstructionProject,
    building_models.EquipmentCount,
    building_models.EquipmentItem,
    building_models.EstateOperator,
    building_models.EstateProblem,
    building_models.EstateProject,
    building_models.EstateRule,
    building_models.EstateStep,
    building_models.FireAcceptance,
    building_models.PremisesCount,
    building_models.PremisesFigure,
    building_models.PremisesStandard,
    building_models.ProjectPayment,
    building_models.ProjectStage,
    building_models.Site,
)
# Scoped tables whose rows are asked elsewhere, one line each.
ELSEWHERE: dict[type[Any], str] = {
    AccountRequest: "tests/accounts/people",
    ExportRequest: "tests/accounts/people",
    ImportBatch: "tests/accounts/exchange",
    Job: "tests/accounts/jobs",
    ReplacedDraft: "tests/reports/filings",
    SavedView: "tests/kindergartens/search",
    **dict.fromkeys(BUILDINGS, "tests/kindergartens"),
}
HERE = {
    *KINDERGARTEN_PATHS,
    *OWN,
    *UNLICENSED,
    *COPIES,
    AccessRecord,
    AccountBatch,
    AccountEvent,
    BulkAcceptance,
    FollowUp,
    Group,
    GroupMember,
    Membership,
    Notice,
    NoticeDelivery,
    NoticeMailbox,
    NoticeReading,
    PeriodRule,
    Policy,
    PrintedDocument,
    RegionFacts,
    ReportingPeriod,
    User,
}


def test_every_scoped_table_is_in_this_file_or_says_where() -> None:
    scoped = {
        model
        for model in apps.get_models()
        if hasattr(getattr(model, "objects", None), "visible_to")
    }
    assert scoped == HERE | ELSEWHERE.keys()
    root = Path(__file__).parents[2]
    for model, folder in ELSEWHERE.items():
        assert any(
            f"{model.__name__}.objects.visible_to" in file.read_text()
            for file in (root / folder).rglob("test_*.py")
        ), model
