from fees.models.ceiling import FeeCeiling
from fees.models.charge import Charge
from fees.models.claim import SubsidyClaim, SubsidyPayment
from fees.models.filing import CostSheet, ProposedFee, ScheduleFiling, ScheduleFilingEvent
from fees.models.free_year import FreeYearStandard
from fees.models.funding import AidCount, FundingPayment, FundingStandard
from fees.models.local_item import LocalFeeItem
from fees.models.meals import MealAccount, MealEntry, MealFee, MealSurplusLimit
from fees.models.refunds import RefundRule
from fees.models.repayment import Repayment
from fees.models.schedule import Entrants, FeeHours, FeeItem, FeeScope, FeeUnit, ScheduledFee

__all__ = [
    "AidCount",
    "Charge",
    "CostSheet",
    "Entrants",
    "FeeCeiling",
    "FeeHours",
    "FeeItem",
    "FeeScope",
    "FeeUnit",
    "FreeYearStandard",
    "FundingPayment",
    "FundingStandard",
    "LocalFeeItem",
    "MealAccount",
    "MealEntry",
    "MealFee",
    "MealSurplusLimit",
    "ProposedFee",
    "RefundRule",
    "Repayment",
    "ScheduleFiling",
    "ScheduleFilingEvent",
    "ScheduledFee",
    "SubsidyClaim",
    "SubsidyPayment",
]
