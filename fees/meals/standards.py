"""What a county sets about meal fees: one fee for all, and how far accounts may lie apart."""

from __future__ import annotations

from fees.meals.rules import MEALS
from fees.models import MealFee, MealSurplusLimit
from kindergartens.dated.services import Kind

KINDS = {
    "fee": Kind(
        "统一伙食费",
        MealFee,
        ("scope", "unit"),
        ("amount", *MEALS, "document", "valid_from", "valid_to"),
    ),
    "limit": Kind(
        "盈亏上限",
        MealSurplusLimit,
        (),
        ("percent", "document", "valid_from", "valid_to"),
    ),
}
