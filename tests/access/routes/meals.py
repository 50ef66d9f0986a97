"""Meal accounts: kept by the kindergarten, answered by its county, which sets what they are held to."""

from __future__ import annotations

from typing import Any

from fees.meals.stamps import stamp_of_account
from fees.models import MealAccount, MealFee
from tests.access.routes.case import (
    BUREAU,
    EXPORTERS,
    FILERS,
    HISTORY_READERS,
    RETURN_READERS,
    Case,
    kindergarten,
)
from tests.access.routes.world import World
from tests.registers import meals_kept
from tests.small_county import SINCE

OPEN, HANDED_IN = (2026, "autumn"), (2025, "spring")
ENTRY: dict[str, Any] = dict.fromkeys(
    ("receipts", "food", "fuel", "other", "refunds", "child_days"), "0"
)


def furnish(world: World) -> None:
    post = world.people["director"].memberships.get()
    meals_kept(world.kindergarten, post, *OPEN)
    meals_kept(world.kindergarten, post, *HANDED_IN, state="submitted")
    world.meal_fee = MealFee.objects.create(
        region=world.small.county, scope="public", unit="day", amount=15, lunch=True,
        document="示例文件", valid_from=SINCE,
    )  # fmt: skip


def fee(world: World) -> list[Any]:
    return ["fee", world.meal_fee.pk]


def sent_back(world: World) -> dict[str, str]:
    """With the stamp of the account; "" where that term has none."""
    year, season = HANDED_IN
    rows = MealAccount.objects.unscoped("the test's own")
    kept = rows.filter(kindergarten=world.kindergarten, year=year, season=season)
    seen = [stamp_of_account(account, account.entries.all()) for account in kept]
    return {"reason": "示例原因", "seen": "".join(seen)}


CASES = [
    Case("kindergarten-meals", RETURN_READERS, kindergarten()),
    Case("kindergarten-meals-history", HISTORY_READERS, kindergarten()),
    Case("meal-account", RETURN_READERS, kindergarten(*OPEN)),
    Case("meal-opening", FILERS, kindergarten(*OPEN)),
    Case("meal-opening", FILERS, kindergarten(*OPEN), method="post", status=422),
    Case("meal-entry", FILERS, kindergarten(*OPEN, "2026-10")),
    Case(
        "meal-entry", FILERS, kindergarten(*OPEN, "2026-10"), method="post",
        data=lambda w: ENTRY, status=302,
    ),
    Case("meal-submit", FILERS, kindergarten(*OPEN)),
    Case("meal-submit", FILERS, kindergarten(*OPEN), method="post", status=422),
    Case("meal-accept", BUREAU, kindergarten(*HANDED_IN), method="post", status=302),
    Case("meal-return", BUREAU, kindergarten(*HANDED_IN)),
    Case(
        "meal-return", BUREAU, kindergarten(*HANDED_IN), method="post",
        data=sent_back, status=302,
    ),
    # The area's list, and what the county sets
    Case("meals", RETURN_READERS, strangers=200, except_for=dict.fromkeys(FILERS, 302)),
    Case("meals-export", EXPORTERS, lambda w: ["xlsx"], strangers=200),
    Case("meal-standards", RETURN_READERS - FILERS, strangers=200),
    Case("meal-standards-history", HISTORY_READERS - FILERS, strangers=200),
    Case("meal-standard-new", BUREAU, lambda w: ["fee"], strangers=200),
    Case("meal-standard-new", BUREAU, lambda w: ["limit"], method="post", status=422, strangers=422),
    Case("meal-standard-correct", BUREAU, fee),
    Case("meal-standard-correct", BUREAU, fee, method="post", status=422),
    Case("meal-standard-end", BUREAU, fee),
    Case(
        "meal-standard-end", BUREAU, fee, method="post",
        data=lambda w: {"on": "2026-11-01", "reason": "示例原因"}, status=302,
    ),
]  # fmt: skip
