from .access_record import AccessRecord
from .account_request import AccountBatch, AccountEvent, AccountRequest
from .api_token import ApiToken, ApiTokenUse
from .export_request import ExportRequest
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
from .import_batch import ImportBatch
from .job import Job
from .kept_input import KeptInput
from .notice import Notice, NoticeDelivery, NoticeMailbox, NoticeReading
from .organisation import Organisation
from .region import Region
from .request_bucket import RequestBucket
from .sign_in import (
    Authenticator,
    AuthenticatorKey,
    KnownDevice,
    PastPassword,
    RecoveryCode,
    Session,
)
from .stored_file import Attachment, StoredFile
from .user import Membership, User

__all__ = [
    "AccessRecord",
    "AccountBatch",
    "AccountEvent",
    "AccountRequest",
    "ApiToken",
    "ApiTokenUse",
    "Attachment",
    "Authenticator",
    "AuthenticatorKey",
    "ExportRequest",
    "HistoryAnchor",
    "HistoryArchive",
    "HistoryBlock",
    "HistoryCheck",
    "HistoryEntry",
    "HistoryHead",
    "HistoryOpen",
    "HistoryShape",
    "ImportBatch",
    "Job",
    "KeptInput",
    "KnownDevice",
    "Membership",
    "Notice",
    "NoticeDelivery",
    "NoticeMailbox",
    "NoticeReading",
    "Organisation",
    "PastPassword",
    "RecoveryCode",
    "Region",
    "RequestBucket",
    "Session",
    "StoredFile",
    "User",
]
