from .access_record import AccessRecord
from .job import Job
from .organisation import Organisation
from .region import Region
from .request_bucket import RequestBucket
from .user import Membership, User

__all__ = ["AccessRecord", "Job", "Membership", "Organisation", "Region", "RequestBucket", "User"]
