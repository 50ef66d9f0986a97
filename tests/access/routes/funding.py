"""Public money: standards of the county, payments and aid of a kindergarten, the list by year."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from fees.models import AidCount, FundingStandard
from tests.access.routes.case import (
    BUREAU,
    EXPORTERS,
    FILERS,
    HISTORY_READERS,
    NOT_THE_TOWN,
    RETURN_READERS,
    Case,
    county,
    kindergarten,
)
from tests.access.routes.world import World
from tests.registers import aided, granted
from tests.small_county import SINCE

DIRECTOR = frozenset({"director"})


def furnish(world: World) -> None:
    officer = world.people["bureau_officer"].memberships.get()
    world.funding_standard = FundingStandard.objects.create(
        region=world.small.county, scope="public", yuan_per_year=600, document="示例标准文件",
        valid_from=SINCE,
    )  # fmt: skip
    world.funding_payment = granted(world.kindergarten, officer, Decimal(20_000))
    aided(world.kindergarten, officer)


def standard(world: World) -> list[Any]:
    return [world.funding_standard.pk]


def payment(world: World) -> list[Any]:
    return [world.funding_payment.pk]


def aid(world: World) -> dict[str, Any]:
    typed = {f"{kind}-children": "0" for kind in AidCount.Kind.values}
    return typed | {"seen": "", "reason": "示例原因"}


CASES = [
    Case("funding-standards", RETURN_READERS - FILERS, strangers=200),
    Case("funding-standards-history", HISTORY_READERS - FILERS, strangers=200),
    Case("funding-standard-new", BUREAU, strangers=200),
    Case("funding-standard-new", BUREAU, method="post", status=422, strangers=422),
    Case("funding-standard-correct", BUREAU, standard),
    Case("funding-standard-correct", BUREAU, standard, method="post", status=422),
    Case("funding-standard-end", BUREAU, standard),
    Case(
        "funding-standard-end", BUREAU, standard, method="post",
        data=lambda w: {"on": "2026-11-01", "reason": "示例原因"}, status=302,
    ),
    # Of one kindergarten
    Case("kindergarten-funding", RETURN_READERS, kindergarten()),
    Case("kindergarten-funding-history", HISTORY_READERS, kindergarten()),
    Case("funding-payment-new", BUREAU, kindergarten()),
    Case("funding-payment-new", BUREAU, kindergarten(), method="post", status=422),
    Case("funding-payment-withdraw", BUREAU, payment),
    Case(
        "funding-payment-withdraw", BUREAU, payment, method="post",
        data=lambda w: {"reason": "示例原因"}, status=302,
    ),
    Case("kindergarten-aid", DIRECTOR, kindergarten(2025, "first")),
    Case(
        "kindergarten-aid", DIRECTOR, kindergarten(2025, "first"), method="post", data=aid,
        status=422,
    ),
    # Of an area
    Case("funding", RETURN_READERS - FILERS, strangers=200),
    Case("funding-region", RETURN_READERS - FILERS, county(), except_for=NOT_THE_TOWN),
    Case("funding-export", EXPORTERS, county("xlsx"), except_for=NOT_THE_TOWN),
]  # fmt: skip
