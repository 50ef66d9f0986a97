from staffing.models.appointments import Appointment, Duty, EndReason, Establishment, Post
from staffing.models.certificates import Certificate
from staffing.models.counts import StaffCount
from staffing.models.people import Education, IdentifierType, Sex, StaffMember, Title
from staffing.models.recruitment import RecruitmentLine
from staffing.models.standards import StaffingStandard

__all__ = [
    "Appointment",
    "Certificate",
    "Duty",
    "Education",
    "EndReason",
    "Establishment",
    "IdentifierType",
    "Post",
    "RecruitmentLine",
    "Sex",
    "StaffCount",
    "StaffMember",
    "StaffingStandard",
    "Title",
]
