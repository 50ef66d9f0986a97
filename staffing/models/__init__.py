from staffing.models.appointments import Appointment, Duty, EndReason, Establishment, Post
from staffing.models.bans import EmploymentBan
from staffing.models.certificates import Certificate
from staffing.models.contracts import BackgroundQuery, Contract, EthicsRecord, Insurance
from staffing.models.counts import StaffCount
from staffing.models.establishment import PayRecord, PostQuota
from staffing.models.papers import HealthCheck, Training
from staffing.models.people import Education, IdentifierType, Sex, StaffMember, Title
from staffing.models.recruitment import RecruitmentLine
from staffing.models.secondments import Secondment
from staffing.models.standards import StaffingStandard

__all__ = [
    "Appointment",
    "BackgroundQuery",
    "Certificate",
    "Contract",
    "Duty",
    "Education",
    "EmploymentBan",
    "EndReason",
    "Establishment",
    "EthicsRecord",
    "HealthCheck",
    "IdentifierType",
    "Insurance",
    "PayRecord",
    "Post",
    "PostQuota",
    "RecruitmentLine",
    "Secondment",
    "Sex",
    "StaffCount",
    "StaffMember",
    "StaffingStandard",
    "Title",
    "Training",
]
