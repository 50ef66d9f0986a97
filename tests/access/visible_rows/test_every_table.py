"""No scoped table is left out, and what history keeps of one is seen as its rows are."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.apps import apps

from accounts.history.tracking import TRACKED
from accounts.models import (
    AccessRecord,
    AccountBatch,
    AccountEvent,
    AccountRequest,
    ApiToken,
    ApiTokenUse,
    ExportRequest,
    ImportBatch,
    Job,
    Membership,
    Notice,
    NoticeDelivery,
    NoticeMailbox,
    NoticeReading,
    User,
)
from indicators.models import (
    AggregateReturn,
    FigureDrift,
    Policy,
    Publication,
    PublicationDraft,
    RecognitionSurvey,
    RecomputeRun,
    RegionFacts,
)
from inspections import models as campaign_models
from kindergartens import models as building_models
from kindergartens.models import (
    Group,
    GroupMember,
    PeriodRule,
    PreReviewRule,
    ReplacedDraft,
    ReportingPeriod,
    SavedView,
    UploadedWorkbook,
)
from reports.documents.models import PrintedDocument
from reports.filings.board.models import BulkAcceptance, FollowUp
from reports.reconciling.models import DifferenceNote, ListNote
from safety.models import PatrolCircular, SafetyMeasure
from staffing.models import (
    EmploymentBan,
    RecruitmentLine,
    Secondment,
    StaffingStandard,
)
from tests.access.visible_rows.scene import EVERYBODY, Scene
from tests.access.visible_rows.test_accounts import OWN
from tests.access.visible_rows.test_kindergartens import FEW, KINDERGARTEN_PATHS, UNLICENSED

COPIES = {tracked.event: model for model, tracked in TRACKED.items()}


@pytest.mark.parametrize("role", EVERYBODY)
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
CAMPAIGNS = (
    campaign_models.Campaign,
    campaign_models.CampaignCheck,
    campaign_models.CampaignCircular,
    campaign_models.CampaignHazard,
    campaign_models.CampaignPart,
    campaign_models.CampaignPlace,
)
# Scoped tables whose rows are asked elsewhere, one line each.
ELSEWHERE: dict[type[Any], str] = {
    SafetyMeasure: "tests/safety",
    StaffingStandard: "tests/kindergartens",
    **dict.fromkeys(CAMPAIGNS, "tests/inspections"),
    FigureDrift: "tests/indicators",
    RecomputeRun: "tests/indicators",
    EmploymentBan: "tests/staffing",
    RecruitmentLine: "tests/staffing",
    AggregateReturn: "tests/indicators",
    RecognitionSurvey: "tests/indicators",
    Secondment: "tests/staffing/secondments",
    building_models.AnnualStatistics: "tests/reports/reconciling",
    building_models.PublishedKindergarten: "tests/reports/reconciling",
    DifferenceNote: "tests/reports/reconciling",
    ListNote: "tests/reports/reconciling",
    PatrolCircular: "tests/safety/patrols",
    **dict.fromkeys((Publication, PublicationDraft), "tests/indicators"),
    AccountRequest: "tests/accounts/people",
    ApiToken: "tests/accounts",
    ApiTokenUse: "tests/accounts",
    ExportRequest: "tests/accounts/people",
    ImportBatch: "tests/accounts/exchange",
    Job: "tests/accounts/jobs",
    ReplacedDraft: "tests/reports/filings",
    UploadedWorkbook: "tests/reports/filings",
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
    *FEW,
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
    PreReviewRule,
    PrintedDocument,
    RegionFacts,
    ReportingPeriod,
    User,
}


def test_every_scoped_table_is_in_this_folder_or_says_where() -> None:
    scoped = {
        model
        for model in apps.get_models()
        if hasattr(getattr(model, "objects", None), "visible_to")
    }
    assert scoped == HERE | ELSEWHERE.keys()
    root = Path(__file__).parents[3]
    for model, folder in ELSEWHERE.items():
        assert any(
            f"{model.__name__}.objects.visible_to" in file.read_text()
            for file in (root / folder).rglob("test_*.py")
        ), model
