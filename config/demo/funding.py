"""The demo's public money: standards, payments and aid of invented kindergartens.

No source says what any kindergarten was paid there: amounts and documents are invented, and a
kindergarten with a real name has nothing recorded.
"""

from __future__ import annotations

import datetime as dt
import random
from decimal import Decimal
from typing import Any

from django.utils import timezone

from accounts.access.roles import RoleCode
from accounts.models import Membership, Region
from config.demo.roster import EVERYBODY
from fees.funding.selectors import entries
from fees.models import AidCount, FundingPayment, FundingStandard
from kindergartens.models import Kindergarten

Scope = FundingStandard.Scope
Kind = FundingPayment.Kind
COUNTY_DOCUMENT = "示例文件：区财政局、教育局关于生均公用经费和补助的通知"
PROVINCE_DOCUMENT = "示例文件：自治区关于幼儿园生均经费标准的通知"
# Paid in two parts; of every so many one got the first only, one more than is due, one nothing.
PARTS = ((3, 20), (9, 10))
SHORT, OVER, UNTOLD = 7, 11, 9
# Every so many kindergartens one has not filed its aid.
SILENT = 6
MOST_AIDED = {
    AidCount.Kind.HARDSHIP: 6,
    AidCount.Kind.ORPHAN: 1,
    AidCount.Kind.DISABLED: 2,
    AidCount.Kind.LEFT_BEHIND: 3,
    AidCount.Kind.OTHER: 0,
}
AID_OF_HALF = 750
# Scope, yuan, yuan for children with disabilities, from, until.
Row = tuple[Scope, int, int | None, dt.date, dt.date | None]


def write_funding(rng: random.Random, county_code: str, anchor: dt.date) -> str:
    """Standards, what was paid last year and this year until `anchor`, and aid of half-years begun."""
    county, year = Region.objects.of_code(county_code), anchor.year
    _write_standards(county, year)
    officer = (
        Membership.objects.filter(
            organisation__region__code=county_code, role=RoleCode.BUREAU_OFFICER
        )
        .order_by("pk")[:1]
        .get()
    )
    at = timezone.make_aware(dt.datetime.combine(anchor, dt.time(9)))
    invented = Kindergarten.objects.unscoped(EVERYBODY).filter(
        organisation__region__county=county, is_example=True
    )
    payments: list[FundingPayment] = []
    aid: list[AidCount] = []
    for of_year in (year - 1, year):
        for number, entry in enumerate(entries(invented, of_year, anchor)):
            who: dict[str, Any] = {"kindergarten_id": entry.pk, "year": of_year}
            who |= {"entered_as": officer, "entered_at": at}
            payments += _payments(number, entry.money.due.yuan, who, of_year, anchor)
            if of_year == year and number % SILENT != SILENT - 1:
                aid += _aid(rng, who, anchor)
    if payments:
        payments[-1].withdrawn_at, payments[-1].withdrawn_reason = at, "登记错了园"
    FundingPayment.objects.bulk_create(payments, batch_size=2000)
    AidCount.objects.bulk_create(aid, batch_size=2000)
    return f"拨付{len(payments)}笔，资助{len(aid)}行"


def _payments(
    number: int, due: Decimal | None, who: dict[str, Any], year: int, anchor: dt.date
) -> list[FundingPayment]:
    return [
        FundingPayment(
            kind=kind, paid_on=dt.date(year, *PARTS[part]), yuan=yuan,
            document=f"示例文件：{year}年第{part + 1}批学前教育经费", **who,
        )
        for kind, part, yuan in _paid(number, due)
        if dt.date(year, *PARTS[part]) <= anchor
    ]  # fmt: skip


def _paid(number: int, due: Decimal | None) -> list[tuple[Kind, int, Decimal]]:
    """(kind, which part, yuan) of one kindergarten."""
    if due is None or not due or number % UNTOLD == UNTOLD - 1:
        return []
    half = (due / 2).quantize(Decimal("0.01"))
    paid = [(Kind.PER_CHILD, 0, half)]
    if number % SHORT != SHORT - 1:
        more = Decimal(6_000) if number % OVER == OVER - 1 else Decimal(0)
        paid.append((Kind.PER_CHILD, 1, due - half + more))
    if number % OVER == 0:
        paid.append((Kind.REWARD, 1, Decimal(30_000)))
    return paid


def _aid(rng: random.Random, who: dict[str, Any], anchor: dt.date) -> list[AidCount]:
    halves = [AidCount.Half.FIRST] + ([AidCount.Half.SECOND] if anchor.month > 6 else [])
    made = []
    for half in halves:
        for kind, most in MOST_AIDED.items():
            children = rng.randint(0, most)
            made.append(
                AidCount(
                    half=half, kind=kind, children=children, yuan=children * AID_OF_HALF, **who
                )
            )
    return made


def _write_standards(county: Region, year: int) -> None:
    """The returns of the demo begin a year ago: both years are paid by the children of last December."""
    last, now, coming = (dt.date(one, 1, 1) for one in (year - 1, year, year + 1))
    places = ((county, COUNTY_DOCUMENT), (county.province, PROVINCE_DOCUMENT))
    public, inclusive = Scope.PUBLIC, Scope.INCLUSIVE
    county_rows: list[Row] = [
        (public, 550, None, last, now),
        (public, 600, None, now, coming),
        (public, 700, 2_100, coming, None),
        (inclusive, 450, None, last, now),
        (inclusive, 500, None, now, None),
    ]
    province_rows: list[Row] = [(public, 500, None, last, now), (public, 500, None, now, None)]
    FundingStandard.objects.bulk_create(
        FundingStandard(
            region=region, scope=scope, yuan_per_year=yuan, disabled_yuan_per_year=disabled,
            counted_year_before=since != last, counted_month=12, valid_from=since, valid_to=until,
            document=document,
        )
        for (region, document), rows in zip(places, (county_rows, province_rows), strict=True)
        for scope, yuan, disabled, since, until in rows
    )  # fmt: skip
