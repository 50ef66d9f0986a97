from .access_record import AccessRecord
from .job import Job
from .organisation import Organisation
from .region import Region
from .user import Membership, User

__all__ = ["AccessRecord", "Job", "Membership", "Organisation", "Region", "User"]
