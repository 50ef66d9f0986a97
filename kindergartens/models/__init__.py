from .filing import ClassCount, FilingAttachment, FilingEvent, FilingVersion, MonthlyFiling
from .group import Group, GroupMember
from .kindergarten import Kindergarten, KindergartenStatus
from .period import ReportingPeriod
from .population import Population
from .procedure import Placement, Procedure, ProcedureDocument, ProcedureEvent
from .status_change import StatusChange, StatusDocument

__all__ = [
    "ClassCount",
    "FilingAttachment",
    "FilingEvent",
    "FilingVersion",
    "Group",
    "GroupMember",
    "Kindergarten",
    "KindergartenStatus",
    "MonthlyFiling",
    "Placement",
    "Population",
    "Procedure",
    "ProcedureDocument",
    "ProcedureEvent",
    "ReportingPeriod",
    "StatusChange",
    "StatusDocument",
]
