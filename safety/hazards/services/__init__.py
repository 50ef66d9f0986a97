"""What people do about a hazard. Each is one transaction that locks it, checks, and keeps an event."""

from safety.hazards.policies import HazardRefused
from safety.hazards.services.deciding import Settled, delist, extend, grade, hang, set_stop
from safety.hazards.services.mending import mend, recheck
from safety.hazards.services.reporting import Found, report_hazard
from safety.hazards.services.steps import stamp
from safety.hazards.services.withdrawing import withdraw_hazard

__all__ = [
    "Found",
    "HazardRefused",
    "Settled",
    "delist",
    "extend",
    "grade",
    "hang",
    "mend",
    "recheck",
    "report_hazard",
    "set_stop",
    "stamp",
    "withdraw_hazard",
]
