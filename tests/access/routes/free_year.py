"""The free last year: standards of a place, claims of a kindergarten, the county's list."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from fees.free_year.selectors import months_of_kindergarten
from fees.free_year.stamps import claim_stamp, figures_stamp
from fees.models import FreeYearStandard, SubsidyClaim, SubsidyPayment
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
from tests.conftest import acting
from tests.small_county import NOW, OCTOBER, SEPTEMBER, SINCE

DIRECTOR = frozenset({"director"})


def furnish(world: World) -> None:
    world.free_standard = FreeYearStandard.objects.create(
        region=world.small.county, yuan_per_month=500, document="示例标准文件",
        months_rule="ten_months", months_document="示例补助办法", valid_from=SINCE,
    )  # fmt: skip
    version = world.filing.versions.get()
    figures: dict[str, Any] = {
        "kindergarten": world.kindergarten, "town": world.town, "filing_version": version,
        "children": 12, "fee": Decimal(650), "standard": Decimal(500), "waived": Decimal(500),
        "amount": Decimal(6000), "filed_as": world.people["director"].memberships.get(),
        "filed_at": NOW,
    }  # fmt: skip
    world.claim = SubsidyClaim.objects.create(month=OCTOBER, **figures)
    officer = world.people["bureau_officer"].memberships.get()
    world.approved_claim = SubsidyClaim.objects.create(
        month=SEPTEMBER, step="approved", decided_as=officer, decided_at=NOW,
        approved_children=12, approved_waived=Decimal(500), approved=Decimal(6000),
        paid=Decimal(100), **figures,
    )  # fmt: skip
    world.subsidy_payment = SubsidyPayment.objects.create(
        claim=world.approved_claim, paid_on=NOW.date(), amount=Decimal(100), document="示例凭证",
        entered_as=officer, entered_at=NOW,
    )  # fmt: skip


def standard(world: World) -> list[Any]:
    return [world.free_standard.pk]


def claim(world: World) -> list[Any]:
    return [world.claim.pk]


def approved(world: World) -> list[Any]:
    return [world.approved_claim.pk]


def payment(world: World) -> list[Any]:
    return [world.subsidy_payment.pk]


def decided(**typed: str) -> Any:
    """With the stamp of the claim as it stands."""

    def data(world: World) -> dict[str, Any]:
        row = SubsidyClaim.objects.unscoped("the table's own").get(pk=world.claim.pk)
        return typed | {"seen": claim_stamp(row)}

    return data


def approval(world: World) -> dict[str, Any]:
    """With the stamp of what is computed: nothing, because it has no schedule; "" where its return
    is not accepted.
    """
    by = acting(world.people["bureau_officer"])
    seen = [figures_stamp(one) for one in months_of_kindergarten(by, world.kindergarten, [OCTOBER])]
    return {"children": "12", "waived": "500", "reason": "示例原因", "seen": "".join(seen)}


def why(world: World) -> dict[str, Any]:
    return {"reason": "示例原因"}


CASES = [
    Case("free-year-standards", RETURN_READERS - FILERS, strangers=200),
    Case("free-year-standards-history", HISTORY_READERS - FILERS, strangers=200),
    Case("free-year-standard-new", BUREAU, strangers=200),
    Case("free-year-standard-new", BUREAU, method="post", status=422, strangers=422),
    Case("free-year-standard-correct", BUREAU, standard),
    Case("free-year-standard-correct", BUREAU, standard, method="post", status=422),
    Case("free-year-standard-end", BUREAU, standard),
    Case(
        "free-year-standard-end", BUREAU, standard, method="post",
        data=lambda w: {"on": "2026-11-01", "reason": "示例原因"}, status=302,
    ),
    # A kindergarten's months
    Case("kindergarten-free-year", RETURN_READERS, kindergarten()),
    Case("own-free-year", FILERS, strangers=200),
    Case("free-year-history", HISTORY_READERS, kindergarten()),
    Case("kindergarten-free-year-month", RETURN_READERS, kindergarten("2026-10")),
    Case("subsidy-claim-file", DIRECTOR, kindergarten("2026-10"), method="post", status=302),
    Case("subsidy-claim-withdraw", DIRECTOR, claim),
    Case("subsidy-claim-withdraw", DIRECTOR, claim, method="post", data=why, status=302),
    Case("subsidy-claim-return", BUREAU, claim),
    Case(
        "subsidy-claim-return", BUREAU, claim, method="post", data=decided(reason="示例原因"),
        status=302,
    ),
    Case("subsidy-claim-approve", BUREAU, claim),
    Case(
        "subsidy-claim-approve", BUREAU, claim, method="post", data=approval, status=302,
    ),
    Case("subsidy-claim-pay", BUREAU, approved),
    Case("subsidy-claim-pay", BUREAU, approved, method="post", status=422),
    Case("subsidy-payment-withdraw", BUREAU, payment),
    Case("subsidy-payment-withdraw", BUREAU, payment, method="post", data=why, status=302),
    # A region's kindergartens
    Case("free-year", RETURN_READERS - FILERS, strangers=200),
    Case("free-year-region", RETURN_READERS - FILERS, county(), except_for=NOT_THE_TOWN),
    Case("free-year-approve", BUREAU, county(), method="post", status=302),
    Case("free-year-export", EXPORTERS, county("xlsx"), except_for=NOT_THE_TOWN),
]  # fmt: skip
