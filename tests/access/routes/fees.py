"""Fee schedules: read where the kindergarten is, kept by its county."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from fees.filing.selectors import stamp
from fees.models import (
    CostSheet,
    FeeCeiling,
    LocalFeeItem,
    ProposedFee,
    ScheduledFee,
    ScheduleFiling,
    ScheduleFilingEvent,
)
from fees.services import FEE_FACTS
from kindergartens.stamps import stamp_of
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
from tests.small_county import NOW, SINCE

CARE: dict[str, Any] = {
    "item": "care_education_fee", "scope": "all", "hours": "any", "amount": "600",
    "entrants": "all", "unit": "month", "valid_from": "2026-09-01", "document": "示例文号",
}  # fmt: skip


def furnish(world: World) -> None:
    officer = world.people["bureau_officer"].memberships.get()
    world.fee = ScheduledFee.objects.create(
        kindergarten=world.kindergarten, item="collected_on_behalf_fee", name="伙食费",
        scope="all", amount=Decimal("15.00"), unit="day", valid_from=SINCE, document="示例文件",
        published_on=dt.date(2021, 8, 20), entered_as=officer, entered_at=NOW,
    )  # fmt: skip
    world.fee_ceiling = FeeCeiling.objects.create(
        region=world.small.county, scope="public", yuan_per_month=600, document="示例限价文件",
        valid_from=SINCE,
    )  # fmt: skip
    # Not in force yet, so that lines are held to nothing.
    world.local_fee = LocalFeeItem.objects.create(
        region=world.small.county, item="service_fee", name="延时服务", document="示例清单文件",
        valid_from=dt.date(2027, 1, 1),
    )  # fmt: skip

    world.schedule_filing = a_filing(world.kindergarten, world.people["director"])


def a_filing(kindergarten: Any, director: Any) -> ScheduleFiling:
    """Sent back, with its costs: so it may be typed into, filed again and withdrawn."""
    post = director.memberships.get()
    filing = ScheduleFiling.objects.create(
        kindergarten=kindergarten, state="returned", note="示例说明", drafted_as=post, drafted_at=NOW,
        filed_as=post, filed_at=NOW,
    )  # fmt: skip
    ProposedFee.objects.create(
        filing=filing, position=1, item="service_fee", name="延时服务", scope="all",
        amount=Decimal(120), unit="month", valid_from=dt.date(2026, 12, 1), content="示例服务",
        basis="示例文件",
    )  # fmt: skip
    costs = dict.fromkeys(
        ("staff", "activities", "office", "premises", "utilities", "other"), Decimal(1000)
    )
    CostSheet.objects.create(
        filing=filing, year=2025, public_input=0, donations=0, children=10, months=10, **costs
    )
    ScheduleFilingEvent.objects.create(
        filing=filing, action="returned", at=NOW, done_as=post, reason="示例原因"
    )
    return filing


def fee(world: World) -> list[Any]:
    return [world.fee.pk]


def ceiling(world: World) -> list[Any]:
    return [world.fee_ceiling.pk]


def listed(world: World) -> list[Any]:
    return [world.local_fee.pk]


def schedule_filing(world: World) -> list[Any]:
    return [world.schedule_filing.pk]


# Filings under law are the director's in a kindergarten.
PROCEDURE_READERS = RETURN_READERS - {"kindergarten_clerk"}


def corrected(world: World) -> dict[str, Any]:
    row = ScheduledFee.objects.unscoped("the table's own").get(pk=world.fee.pk)
    typed = {name: getattr(row, name) or "" for name in FEE_FACTS}
    # Words are those a person types; what stands in the row may be somebody else's mark.
    words = {
        "name": "伙食费", "document": "示例文件", "content": "示例内容", "reason": "示例原因",
    }  # fmt: skip
    return typed | words | {"seen": stamp_of(row, FEE_FACTS)}


CASES = [
    Case("kindergarten-fees", RETURN_READERS, kindergarten()),
    Case("fee-sheet", RETURN_READERS, kindergarten()),
    Case("fee-new", BUREAU, kindergarten()),
    Case(
        "fee-new", BUREAU, kindergarten(), method="post", data=lambda w: CARE, status=302
    ),
    Case("fees-history", HISTORY_READERS, kindergarten()),
    Case("fee-correct", BUREAU, fee),
    Case("fee-correct", BUREAU, fee, method="post", data=corrected, status=302),
    Case("fee-withdraw", BUREAU, fee),
    Case(
        "fee-withdraw", BUREAU, fee, method="post", data=lambda w: {"reason": "示例原因"}, status=302
    ),
    Case("fee-end", BUREAU, fee),
    Case(
        "fee-end", BUREAU, fee, method="post",
        data=lambda w: {"on": "2026-11-01", "reason": "示例原因"}, status=302,
    ),
    Case("fee-items", RETURN_READERS, strangers=200),
    # The own county's ceilings
    Case("fee-ceilings", RETURN_READERS - FILERS, strangers=200),
    Case("fee-ceilings-history", HISTORY_READERS - FILERS, strangers=200),
    Case("fee-ceiling-new", BUREAU, strangers=200),
    Case("fee-ceiling-new", BUREAU, method="post", status=422, strangers=422),
    Case("fee-ceiling-correct", BUREAU, ceiling),
    Case("fee-ceiling-correct", BUREAU, ceiling, method="post", status=422),
    Case("fee-ceiling-end", BUREAU, ceiling),
    Case(
        "fee-ceiling-end", BUREAU, ceiling, method="post",
        data=lambda w: {"on": "2026-11-01", "reason": "示例原因"}, status=302,
    ),
    # The own county's list
    Case("local-fees", RETURN_READERS, strangers=200),
    Case("local-fees-history", HISTORY_READERS, strangers=200),
    Case("local-fee-new", BUREAU, strangers=200),
    Case("local-fee-new", BUREAU, method="post", status=422, strangers=422),
    Case("local-fee-correct", BUREAU, listed),
    Case("local-fee-correct", BUREAU, listed, method="post", status=422),
    Case("local-fee-end", BUREAU, listed),
    Case(
        "local-fee-end", BUREAU, listed, method="post",
        data=lambda w: {"on": "2027-06-01", "reason": "示例原因"}, status=302,
    ),


    # What kindergartens file
    Case("fee-filings", PROCEDURE_READERS, strangers=200),
    Case(
        "fee-filing-new", frozenset({"director"}), kindergarten(), method="post", status=302
    ),
    Case("fee-filing", PROCEDURE_READERS, schedule_filing),
    Case("fee-filing-lines", frozenset({"director"}), schedule_filing),
    Case(
        "fee-filing-lines", frozenset({"director"}), schedule_filing, method="post",
        data=lambda w: {"rows": "1", "1-item": "service_fee"}, status=422,
    ),
    Case("fee-filing-costs", frozenset({"director"}), schedule_filing),
    Case(
        "fee-filing-costs", frozenset({"director"}), schedule_filing, method="post", status=422
    ),
    # Who reads it may not take it back.
    Case(
        "fee-filing-act", PROCEDURE_READERS, schedule_filing, method="post", status=403,
        data=lambda w: {
            "act": "withdraw", "reason": "示例原因", "seen": stamp(w.schedule_filing)
        },
        except_for={"director": 302},
    ),
    Case("fee-filing-history", PROCEDURE_READERS, schedule_filing),
    # Above them
    Case("fee-figures", RETURN_READERS - FILERS, strangers=200),
    Case("fee-figures-region", RETURN_READERS - FILERS, county(), except_for=NOT_THE_TOWN),
    Case("fee-figures-export", EXPORTERS, county("xlsx"), except_for=NOT_THE_TOWN),
    Case("overcharging", RETURN_READERS - FILERS, strangers=200),
    Case("overcharging-region", RETURN_READERS - FILERS, county(), except_for=NOT_THE_TOWN),
    Case("overcharging-export", EXPORTERS, county("xlsx"), except_for=NOT_THE_TOWN),
]  # fmt: skip
