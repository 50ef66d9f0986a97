from .births import BirthCount
from .columns import ColumnChoice
from .construction import (
    ConstructionPlan,
    ConstructionProject,
    ProjectPayment,
    ProjectStage,
)
from .estate import (
    EstateOperator,
    EstateProblem,
    EstateProject,
    EstateRule,
    EstateStep,
)
from .explanation import FilingExplanation
from .extension import FilingExtension
from .extension_request import ExtensionRequest
from .filing import ClassCount, FilingAttachment, FilingEvent, FilingVersion, MonthlyFiling
from .former_name import FormerName
from .group import Group, GroupMember
from .kindergarten import Kindergarten, KindergartenStatus
from .period import PeriodRule, PreReviewRule, ReportingPeriod
from .population import Population
from .premises import (
    EquipmentCount,
    EquipmentItem,
    FireAcceptance,
    Measure,
    PremisesCount,
    PremisesFigure,
    PremisesStandard,
    Site,
)
from .procedure import Placement, Procedure, ProcedureDocument, ProcedureEvent
from .published import PublishedKindergarten
from .record import InstitutionType
from .record_proposal import RecordProposal
from .replaced_draft import ReplacedDraft
from .saved_view import SavedView
from .statistics import AnnualStatistics
from .status_change import StatusChange, StatusDocument
from .unlicensed import (
    UnlicensedCheck,
    UnlicensedDocument,
    UnlicensedKindergarten,
    UnlicensedPlacement,
    UnlicensedPlan,
)
from .uploaded_workbook import UploadedWorkbook
from .urge import FilingUrge

__all__ = [
    "AnnualStatistics",
    "BirthCount",
    "ClassCount",
    "ColumnChoice",
    "ConstructionPlan",
    "ConstructionProject",
    "EquipmentCount",
    "EquipmentItem",
    "EstateOperator",
    "EstateProblem",
    "EstateProject",
    "EstateRule",
    "EstateStep",
    "ExtensionRequest",
    "FilingAttachment",
    "FilingEvent",
    "FilingExplanation",
    "FilingExtension",
    "FilingUrge",
    "FilingVersion",
    "FireAcceptance",
    "FormerName",
    "Group",
    "GroupMember",
    "InstitutionType",
    "Kindergarten",
    "KindergartenStatus",
    "Measure",
    "MonthlyFiling",
    "PeriodRule",
    "Placement",
    "Population",
    "PreReviewRule",
    "PremisesCount",
    "PremisesFigure",
    "PremisesStandard",
    "Procedure",
    "ProcedureDocument",
    "ProcedureEvent",
    "ProjectPayment",
    "ProjectStage",
    "PublishedKindergarten",
    "RecordProposal",
    "ReplacedDraft",
    "ReportingPeriod",
    "SavedView",
    "Site",
    "StatusChange",
    "StatusDocument",
    "UnlicensedCheck",
    "UnlicensedDocument",
    "UnlicensedKindergarten",
    "UnlicensedPlacement",
    "UnlicensedPlan",
    "UploadedWorkbook",
]
