from fees.models.ceiling import FeeCeiling
from fees.models.schedule import FeeHours, FeeItem, FeeScope, FeeUnit, ScheduledFee

__all__ = ["FeeCeiling", "FeeHours", "FeeItem", "FeeScope", "FeeUnit", "ScheduledFee"]
