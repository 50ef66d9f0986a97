"""What people do about a hazard. Each is one transaction that locks it, checks, and keeps an event."""

from safety.hazards.services.reporting import Found, report_hazard
from safety.hazards.services.steps import HazardRefused

__all__ = ["Found", "HazardRefused", "report_hazard"]
