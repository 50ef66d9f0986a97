from .births import BirthCount
from .columns import ColumnChoice
from .filing import ClassCount, FilingAttachment, FilingEvent, FilingVersion, MonthlyFiling
from .former_name import FormerName
from .group import Group, GroupMember
from .kindergarten import Kindergarten, KindergartenStatus
from .period import ReportingPeriod
from .population import Population
from .procedure import Placement, Procedure, ProcedureDocument, ProcedureEvent
from .record import InstitutionType
from .record_proposal import RecordProposal
from .saved_view import SavedView
from .status_change import StatusChange, StatusDocument

__all__ = [
    "BirthCount",
    "ClassCount",
    "ColumnChoice",
    "FilingAttachment",
    "FilingEvent",
    "FilingVersion",
    "FormerName",
    "Group",
    "GroupMember",
    "InstitutionType",
    "Kindergarten",
    "KindergartenStatus",
    "MonthlyFiling",
    "Placement",
    "Population",
    "Procedure",
    "ProcedureDocument",
    "ProcedureEvent",
    "RecordProposal",
    "ReportingPeriod",
    "SavedView",
    "StatusChange",
    "StatusDocument",
]
