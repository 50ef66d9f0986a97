from .access_record import AccessRecord
from .account_request import AccountBatch, AccountEvent, AccountRequest
from .export_request import ExportRequest
from .job import Job
from .organisation import Organisation
from .region import Region
from .sign_in import Authenticator, KnownDevice, PastPassword, RecoveryCode, Session
from .user import Membership, User

__all__ = [
    "AccessRecord",
    "AccountBatch",
    "AccountEvent",
    "AccountRequest",
    "Authenticator",
    "ExportRequest",
    "Job",
    "KnownDevice",
    "Membership",
    "Organisation",
    "PastPassword",
    "RecoveryCode",
    "Region",
    "Session",
    "User",
]
