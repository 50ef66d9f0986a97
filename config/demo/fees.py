"""Fee schedules of the demo: what each invented kindergarten has published that it charges.

A kindergarten with a real name gets none: no source says what it charges, and its page says that
nothing is recorded.
"""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from django.utils import timezone

from accounts.access.roles import RoleCode
from accounts.models import Membership, Region
from config.demo.calendar import PeriodPlan
from config.demo.plan import CountyPlan, KindergartenPlan, Ownership
from config.demo.registry import FEE_CEILINGS
from fees.catalogue.rules import NURSERY_CARE_FROM
from fees.models import FeeCeiling, FeeItem, FeeScope, FeeUnit, LocalFeeItem, ScheduledFee
from kindergartens.models import Kindergarten

PUBLIC_FEES = (Decimal(380), Decimal(420), Decimal(480), Decimal(500))
INCLUSIVE_FEES = (Decimal(650), Decimal(700), Decimal(800), Decimal(880))
MARKET_FEES = (Decimal(1500), Decimal(1880), Decimal(2600), Decimal(3200))
# 国办发〔2025〕27号: the last year before school is free of 保教费 in public kindergartens, and
# reduced by the public standard, the highest of theirs, in the others.
FREE_FROM = dt.date(2025, 9, 1)
FREE_BY = "国办发〔2025〕27号"
FREE_STANDARD = PUBLIC_FEES[-1]
PUBLIC_DOCUMENT = "示例文件：公办幼儿园收费标准的批复"
PRIVATE_DOCUMENT = "示例文件：民办幼儿园收费备案表"
CARE_CONTENT = "每周五天的保育和教育，含活动材料"
LIST_DOCUMENT = "示例文件：幼儿园服务性收费和代收费目录清单"
LIST_FROM = dt.date(2026, 3, 1)
LIST = (
    (FeeItem.SERVICE, "延时服务", FeeUnit.MONTH, Decimal(200), "离园后由教师看护，不超过2小时"),
    (FeeItem.SERVICE, "假期看护", FeeUnit.DAY, None, "寒暑假由家长自愿选择的看护"),
    (FeeItem.ON_BEHALF, "伙食费", FeeUnit.DAY, None, "正餐和两次点心，按实际用餐天数结算"),
    (FeeItem.ON_BEHALF, "校车费", "", None, "由有资质的单位提供，按实际乘坐结算"),
)
# Every so many kindergartens one has not handed in its schedule yet.
NOT_HANDED_IN = 29


@dataclass(frozen=True)
class Line:
    item: FeeItem
    amount: Decimal
    unit: FeeUnit
    valid_from: dt.date
    name: str = ""
    scope: FeeScope = FeeScope.ALL
    valid_to: dt.date | None = None
    document: str = ""
    before_waiver: Decimal | None = None
    content: str = CARE_CONTENT


def write_fees(rng: random.Random, plan: CountyPlan, periods: list[PeriodPlan]) -> str:
    """The schedules of a county, in force since the school year before the first month."""
    first = periods[0].month
    since = dt.date(first.year - (1 if first.month < 9 else 0), 9, 1)
    officer = (
        Membership.objects.filter(
            organisation__region__code=plan.code, role=RoleCode.BUREAU_OFFICER
        )
        .order_by("pk")[:1]
        .get()
    )
    at = timezone.make_aware(dt.datetime.combine(since, dt.time(10, 20)))
    kindergartens = Kindergarten.objects.filter(
        organisation__region__county__code=plan.code
    ).order_by("code")
    made: list[ScheduledFee] = []
    for number, (planned, kindergarten) in enumerate(
        zip(plan.kindergartens, kindergartens, strict=True)
    ):
        # Whose director one can sign in as has one: there is nothing to try without.
        misses = number % NOT_HANDED_IN == NOT_HANDED_IN - 1 and not planned.key
        if not planned.is_example or misses:
            continue
        made += [
            ScheduledFee(
                kindergarten=kindergarten,
                published_on=line.valid_from - dt.timedelta(days=12),
                entered_as=officer,
                entered_at=at,
                **vars(line),
            )
            for line in _lines(
                rng,
                planned,
                since,
                last=periods[-1].month,
                over=20 + 10 * number if number < plan.over_ceiling else 0,
            )
        ]
    ScheduledFee.objects.bulk_create(made, batch_size=2000)
    _write_list(plan.code)
    return f"{len(made)}条"


def _write_list(county: str) -> None:
    """The county's list of services and collections, as its first document of 2026 set it."""
    region = Region.objects.get(code=county)
    LocalFeeItem.objects.bulk_create(
        LocalFeeItem(
            region=region, item=item, name=name, unit=unit, most=most, content=content,
            document=LIST_DOCUMENT, valid_from=LIST_FROM,
        )
        for item, name, unit, most, content in LIST
    )  # fmt: skip


def _lines(
    rng: random.Random, planned: KindergartenPlan, since: dt.date, *, last: dt.date, over: int
) -> Iterator[Line]:
    """`over`: by how many yuan a month a public one charges more than the ceiling."""
    public = planned.ownership == Ownership.PUBLIC
    document = PUBLIC_DOCUMENT if public else PRIVATE_DOCUMENT
    fee = rng.choice(_fees_of(planned.ownership))
    if over:
        fee = FEE_CEILINGS[FeeCeiling.Scope.PUBLIC] + over
    item = FeeItem.CARE_EDUCATION
    if rng.random() < 0.3:
        # What stood before the last change.
        earlier = dt.date(since.year - 3, 9, 1)
        yield Line(item, fee - 60, FeeUnit.MONTH, earlier, valid_to=since, document=document)
    yield Line(item, fee, FeeUnit.MONTH, since, document=document)
    if last >= FREE_FROM:
        left = max(fee - FREE_STANDARD, Decimal(0)) if not public else Decimal(0)
        yield Line(
            item, left, FeeUnit.MONTH, max(since, FREE_FROM), scope=FeeScope.LARGE,
            document=FREE_BY, before_waiver=fee,
        )  # fmt: skip
    if planned.nursery:
        if since < NURSERY_CARE_FROM:
            yield Line(
                item, fee + 400, FeeUnit.MONTH, since, scope=FeeScope.NURSERY,
                valid_to=NURSERY_CARE_FROM, document=document,
            )  # fmt: skip
        yield Line(
            FeeItem.NURSERY_CARE, fee + 400, FeeUnit.MONTH, max(since, NURSERY_CARE_FROM),
            scope=FeeScope.NURSERY, document=document,
        )  # fmt: skip
    yield Line(
        FeeItem.ON_BEHALF, Decimal(rng.choice(["12.00", "13.50", "15.00", "16.50"])), FeeUnit.DAY,
        since, name="伙食费", content="早餐、午餐和两次点心",
    )  # fmt: skip
    if rng.random() < 0.45:
        yield Line(
            FeeItem.SERVICE, Decimal(rng.choice([120, 160, 200])), FeeUnit.MONTH, since,
            name="延时服务", content="",  # as the county's list says
        )  # fmt: skip


def _fees_of(ownership: Ownership) -> tuple[Decimal, ...]:
    if ownership == Ownership.PUBLIC:
        return PUBLIC_FEES
    return INCLUSIVE_FEES if ownership == Ownership.INCLUSIVE_PRIVATE else MARKET_FEES
