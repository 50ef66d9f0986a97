from .filing import ClassCount, FilingAttachment, FilingEvent, FilingVersion, MonthlyFiling
from .group import Group, GroupMember
from .kindergarten import Kindergarten, KindergartenStatus
from .period import ReportingPeriod
from .population import Population
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
    "Population",
    "ReportingPeriod",
    "StatusChange",
    "StatusDocument",
]
