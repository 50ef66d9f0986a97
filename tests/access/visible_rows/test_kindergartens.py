"""Which rows of kindergartens, their places and their papers each role sees."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from accounts.access.roles import ADMINISTRATORS
from accounts.access.scope import home_region
from accounts.models import Region, StoredFile
from fees.models import (
    AidCount,
    Charge,
    CostSheet,
    FundingPayment,
    MealAccount,
    MealEntry,
    ProposedFee,
    Repayment,
    ScheduledFee,
    ScheduleFiling,
    ScheduleFilingEvent,
    SubsidyClaim,
    SubsidyPayment,
)
from indicators.models import KindergartenFacts, Policy, RegionFacts
from inspections.models import RectificationItem
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
    PreReviewRule,
    Procedure,
    ProcedureDocument,
    ProcedureEvent,
    RecordProposal,
    ReportingPeriod,
    StatusChange,
    StatusDocument,
    UnlicensedCheck,
    UnlicensedDocument,
    UnlicensedKindergarten,
    UnlicensedPlacement,
    UnlicensedPlan,
)
from reports.documents.models import PrintedDocument
from safety.models import (
    DeviceFault,
    Drill,
    Hazard,
    HazardEvent,
    HazardPhoto,
    HazardPlate,
    Incident,
    IncidentCase,
    IncidentFinding,
    IncidentReport,
    KitchenLicence,
    LiabilityPolicy,
    MeasureDocument,
    MeasureEvidence,
    PatrolFinding,
    PatrolLook,
    PatrolTalk,
    SafetyAnswer,
    SafetyTraining,
    SchoolBus,
    SelfCheck,
    SelfCheckPhoto,
    SelfCheckProblem,
    VideoDevice,
    VideoPatrol,
)
from staffing.models import (
    Appointment,
    BackgroundQuery,
    Certificate,
    Contract,
    EthicsRecord,
    HealthCheck,
    Insurance,
    PayRecord,
    PostQuota,
    StaffCount,
    StaffMember,
    Training,
)
from tests.access.visible_rows.scene import EVERYBODY, FILERS, LOOKERS, Scene, names
from tests.small_county import NOW

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
    MeasureEvidence: "kindergarten__name",
    SchoolBus: "kindergarten__name",
    MeasureDocument: "evidence__kindergarten__name",
    SafetyAnswer: "filing_version__filing__kindergarten__name",
    Incident: "filing_version__filing__kindergarten__name",
    Hazard: "kindergarten__name",
    HazardEvent: "hazard__kindergarten__name",
    HazardPhoto: "hazard__kindergarten__name",
    HazardPlate: "hazard__kindergarten__name",
    RectificationItem: "kindergarten__name",
    VideoDevice: "kindergarten__name",
    VideoPatrol: "looks__kindergarten__name",
    PatrolLook: "kindergarten__name",
    DeviceFault: "look__kindergarten__name",
    PatrolFinding: "look__kindergarten__name",
    PatrolTalk: "kindergarten__name",
    SelfCheck: "kindergarten__name",
    Drill: "kindergarten__name",
    SafetyTraining: "kindergarten__name",
    LiabilityPolicy: "kindergarten__name",
    KitchenLicence: "kindergarten__name",
    SelfCheckProblem: "self_check__kindergarten__name",
    SelfCheckPhoto: "problem__self_check__kindergarten__name",
    KindergartenFacts: "kindergarten__name",
    ScheduledFee: "kindergarten__name",
    MealAccount: "kindergarten__name",
    MealEntry: "account__kindergarten__name",
    SubsidyClaim: "kindergarten__name",
    SubsidyPayment: "claim__kindergarten__name",
    FundingPayment: "kindergarten__name",
    AidCount: "kindergarten__name",
    ScheduleFiling: "kindergarten__name",
    ProposedFee: "filing__kindergarten__name",
    CostSheet: "filing__kindergarten__name",
    ScheduleFilingEvent: "filing__kindergarten__name",
    Charge: "filing_version__filing__kindergarten__name",
    Repayment: "charge__filing_version__filing__kindergarten__name",
    Appointment: "kindergarten__name",
    StaffMember: "appointments__kindergarten__name",
    Certificate: "person__appointments__kindergarten__name",
    HealthCheck: "person__appointments__kindergarten__name",
    Training: "person__appointments__kindergarten__name",
    Contract: "appointment__kindergarten__name",
    Insurance: "appointment__kindergarten__name",
    BackgroundQuery: "appointment__kindergarten__name",
    PayRecord: "kindergarten__name",
    PostQuota: "kindergarten__name",
}
# Who may read of conduct, and whose they see.
# What few read, and the way to whose it is.
FEW = {
    EthicsRecord: "appointment__kindergarten__name",
    IncidentCase: "kindergarten__name",
    IncidentReport: "case__kindergarten__name",
    IncidentFinding: "case__kindergarten__name",
}
CONDUCT = {
    "bureau_officer": {"一", "二", "邻"},
    "bureau_leader": {"一", "二", "邻"},
    "director": {"一"},
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
    assert names(PreReviewRule, user, "county__name") == counties
    printed = {region for region in regions if not region.endswith("镇")}
    assert names(PrintedDocument, user, "region__name") == printed


@pytest.mark.parametrize("role", FILERS)
def test_a_kindergarten_sees_its_own_rows(scene: Scene, role: str) -> None:
    user = scene.looker(role)
    for model, path in KINDERGARTEN_PATHS.items():
        assert names(model, user, path) == {"一"}, model
    assert names(ReportingPeriod, user, "county__name") == {"甲县"}
    assert names(PeriodRule, user, "county__name") == {"甲县"}
    assert names(PreReviewRule, user, "county__name") == {"甲县"}
    assert names(PrintedDocument, user, "region__name") == set()


@pytest.mark.parametrize("role", EVERYBODY)
def test_conduct_and_incidents_are_read_by_few(scene: Scene, role: str | None) -> None:
    looker = scene.looker(role)
    for model, path in FEW.items():
        assert names(model, looker, path) == CONDUCT.get(str(role), set()), model


@pytest.mark.parametrize("role", EVERYBODY)
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


@pytest.mark.parametrize("role", EVERYBODY)
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


def test_an_administrator_of_the_system_has_no_region(scene: Scene) -> None:
    assert home_region(scene.looker("system_administrator")) is None
    assert home_region(scene.looker("bureau_officer")) == Region.objects.get(name="甲县")


@pytest.mark.parametrize("role", EVERYBODY)
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
