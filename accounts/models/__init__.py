from .access_record import AccessRecord
from .account_request import AccountBatch, AccountEvent, AccountRequest
from .export_request import ExportRequest
from .job import Job
from .organisation import Organisation
from .region import Region
from .user import Membership, User

__all__ = [
    "AccessRecord",
    "AccountBatch",
    "AccountEvent",
    "AccountRequest",
    "ExportRequest",
    "Job",
    "Membership",
    "Organisation",
    "Region",
    "User",
]
