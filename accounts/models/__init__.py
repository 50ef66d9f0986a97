from .access_record import AccessRecord
from .job import Job
from .organisation import Organisation
from .region import Region
from .stored_file import Attachment, StoredFile
from .user import Membership, User

__all__ = [
    "AccessRecord",
    "Attachment",
    "Job",
    "Membership",
    "Organisation",
    "Region",
    "StoredFile",
    "User",
]
