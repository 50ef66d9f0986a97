from .access_record import AccessRecord
from .history import (
    HistoryAnchor,
    HistoryArchive,
    HistoryBlock,
    HistoryCheck,
    HistoryEntry,
    HistoryHead,
    HistoryOpen,
    HistoryShape,
)
from .job import Job
from .organisation import Organisation
from .region import Region
from .user import Membership, User

__all__ = [
    "AccessRecord",
    "HistoryAnchor",
    "HistoryArchive",
    "HistoryBlock",
    "HistoryCheck",
    "HistoryEntry",
    "HistoryHead",
    "HistoryOpen",
    "HistoryShape",
    "Job",
    "Membership",
    "Organisation",
    "Region",
    "User",
]
