"""Charges above what may be charged: which are found, whose they are, what they come to."""

from __future__ import annotations

import datetime as dt
import io
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from openpyxl import load_workbook

from accounts.models import Region
from fees.models import Charge, FeeCeiling, LocalFeeItem, ScheduledFee
from fees.overcharging.rules import Breach
from fees.overcharging.selectors import Coverage, coverage, overcharges
from kindergartens.models import Kindergarten, KindergartenStatus, MonthlyFiling
from tests.conftest import acting
from tests.signing_in import client_of
from tests.small_county import OCTOBER, SINCE, SmallCounty

pytestmark = pytest.mark.django_db
D = Decimal


def ceiling(region: Region, yuan: int, scope: str = "public", **more: object) -> FeeCeiling:
    return FeeCeiling.objects.create(
        region=region, scope=scope, yuan_per_month=yuan,
        **{"document": f"{region.name}示例限价", "valid_from": SINCE} | more,
    )  # fmt: skip


def charge(
    filing: MonthlyFiling, amount: int, scheduled: int | None = None, **more: object
) -> None:
    version = filing.versions.get(version=filing.version)
    Charge.objects.create(
        **{
            "filing_version": version, "position": version.charges.count() + 1,
            "item": "care_education_fee", "scope": "all", "hours": "any", "unit": "month",
            "amount": amount, "payers": 20, "scheduled": scheduled,
        } | more
    )  # fmt: skip


def schedule(filing: MonthlyFiling, *, days: int = -1) -> None:
    """A line of the kindergarten's, recorded so many days after its return was submitted."""
    at = filing.first_submitted_at + dt.timedelta(days=days)
    ScheduledFee.objects.create(
        kindergarten=filing.kindergarten, item="care_education_fee", scope="all", amount=600,
        unit="month", valid_from=SINCE, document="示例文件", entered_at=at,
        entered_as=filing.versions.first().submitted_as,
    )  # fmt: skip


def garden(
    small: SmallCounty, name: str, ownership: str = "public", town: str = "甲镇"
) -> Kindergarten:
    place = Region.objects.filter(name=town, county=small.county).first() or small.town(town)
    return small.kindergarten(place, name, ownership=ownership)


def found(small: SmallCounty, by: object) -> list[tuple[str, D, D | None, set[Breach]]]:
    return [
        (
            one.charge.filing_version.filing.kindergarten.name, one.excess.per_child,
            one.excess.refund, {*one.excess.breaches},
        )
        for one in overcharges(by, small.county, OCTOBER)  # type: ignore[arg-type]
    ]  # fmt: skip


def test_the_stricter_of_two_documents_and_only_those_of_the_day(small: SmallCounty) -> None:
    filing = small.file(garden(small, "示例一园"), 20)
    day = filing.period.reference_date
    ceiling(small.county, 700)
    stricter = ceiling(small.city, 600)
    ceiling(small.county, 300, "inclusive_a")
    charge(filing, 650, 650)
    by = acting(small.officer())
    assert found(small, by) == [("示例一园", D(50), D(1000), {Breach.OVER_CEILING})]
    [one] = overcharges(by, small.county, OCTOBER)
    assert one.excess.ceiling is not None
    assert one.excess.ceiling.place == small.city.name
    # The first day without it, and the day before it began.
    FeeCeiling.objects.filter(pk=stricter.pk).update(valid_to=day)
    assert found(small, by) == []
    FeeCeiling.objects.filter(pk=stricter.pk).update(
        valid_from=day + dt.timedelta(days=1), valid_to=None
    )
    assert found(small, by) == []
    FeeCeiling.objects.filter(pk=stricter.pk).update(valid_from=day)
    assert len(found(small, by)) == 1


def test_services_are_held_to_the_countys_list_of_the_day(small: SmallCounty) -> None:
    filing = small.file(garden(small, "示例一园"), 20)
    day = filing.period.reference_date
    service = {"item": "service_fee", "unit": "month"}
    charge(filing, 160, 160, name="示例兴趣", **service)
    charge(filing, 260, 260, name="延时服务", **service)
    charge(filing, 15, 15, name="伙食费", item="collected_on_behalf_fee", unit="day")
    by = acting(small.officer())

    def listed(region: Region, name: str, **more: object) -> LocalFeeItem:
        facts = {"item": "service_fee", "document": "示例清单", "valid_from": SINCE} | more
        return LocalFeeItem.objects.create(region=region, name=name, **facts)

    # Another county's list, one that begins later, and none for the canteen: nothing is broken.
    listed(small.other_county, "其他")
    row = listed(small.county, "延时服务", valid_from=day + dt.timedelta(days=1))
    assert found(small, by) == []
    LocalFeeItem.objects.filter(pk=row.pk).update(valid_from=day, unit="month", most=200)
    assert found(small, by) == [
        ("示例一园", D(160), D(3200), {Breach.OFF_LIST}),
        ("示例一园", D(60), D(1200), {Breach.OVER_LIST}),
    ]
    page = client_of(by).get(reverse("overcharging") + "?month=2026-10").content.decode()
    assert "当地目录清单没有这一项，不得收取" in page
    assert "当地目录清单最高200元/月（示例清单）" in page
    # Set for another unit it is no limit of this one.
    LocalFeeItem.objects.filter(pk=row.pk).update(unit="day")
    assert len(found(small, by)) == 1


def test_under_a_banned_name_all_is_given_back_but_what_the_county_lists(
    small: SmallCounty,
) -> None:
    filing = small.file(garden(small, "示例一园"), 20)
    service = {"item": "service_fee", "unit": "month"}
    charge(filing, 300, 300, name="英语兴趣班", **service)
    charge(filing, 160, 160, name="课后延时服务", **service)
    by = acting(small.officer())
    assert found(small, by) == [("示例一园", D(300), D(6000), {Breach.BANNED})]
    page = client_of(by).get(reverse("overcharging") + "?month=2026-10").content.decode()
    assert "一律不得收取" in page
    assert "以“兴趣班”为名不得收费，已收的全部退还（《关于完善幼儿园收费政策的通知》" in page
    # In force on the statistical day, though as a collection on behalf.
    row = LocalFeeItem.objects.create(
        region=small.county, item="collected_on_behalf_fee", name="英语兴趣班",
        document="示例清单", valid_from=SINCE,
    )  # fmt: skip
    assert found(small, by) == []
    LocalFeeItem.objects.filter(pk=row.pk).update(valid_to=filing.period.reference_date)
    assert len(found(small, by)) == 1


def test_a_recognised_one_is_held_to_the_higher_class_and_a_market_one_to_none(
    small: SmallCounty,
) -> None:
    ceiling(small.county, 700, "inclusive_b")
    ceiling(small.county, 900, "inclusive_a")
    ceiling(small.county, 500)
    for name, ownership, amount in (
        ("示例普惠一园", "inclusive_private", 880),
        ("示例普惠二园", "inclusive_private", 950),
        ("示例民办园", "non_inclusive_private", 3000),
    ):
        charge(small.file(garden(small, name, ownership), 20), amount, amount)
    by = acting(small.officer())
    assert found(small, by) == [("示例普惠二园", D(50), D(1000), {Breach.OVER_CEILING})]
    # Of one class alone nobody knows whether it is theirs, in the county as in the city.
    ceiling(small.city, 600, "inclusive_b")
    assert len(found(small, by)) == 1
    FeeCeiling.objects.filter(region=small.county, scope="inclusive_a").update(
        valid_to=SINCE + dt.timedelta(days=1)
    )
    assert found(small, by) == []


def test_a_non_profit_one_has_a_ceiling_of_its_own_since_it_is_guided(small: SmallCounty) -> None:
    ceiling(small.county, 500)
    ceiling(small.county, 1500, "non_profit", valid_from=dt.date(2026, 1, 1))
    for name in ("示例非营利园", "示例营利园"):
        charge(small.file(garden(small, name, "non_inclusive_private"), 20), 1600, 1600)
    KindergartenStatus.objects.unscoped("the test's own").filter(
        kindergarten__name="示例非营利园"
    ).update(for_profit=False)
    by = acting(small.officer())
    assert found(small, by) == [("示例非营利园", D(100), D(2000), {Breach.OVER_CEILING})]
    with pytest.raises(IntegrityError, match="since_guided"), transaction.atomic():
        ceiling(small.city, 1500, "non_profit", valid_from=dt.date(2025, 12, 31))


def test_only_what_a_return_counts(small: SmallCounty) -> None:
    """Not what waits, nor what was typed before a correction; unlisted needs a schedule beside."""
    waiting = small.file(garden(small, "示例一园"), 20, state="submitted")
    charge(waiting, 900, 600)
    corrected = small.file(garden(small, "示例二园"), 20)
    charge(corrected, 900, 600)
    first = corrected.versions.get()
    first.pk, first.version = None, 2
    first.save()
    MonthlyFiling.objects.unscoped("the test's own").filter(pk=corrected.pk).update(
        version=2, accepted_version=2
    )
    corrected.refresh_from_db()
    charge(corrected, 600, 600)
    bedding = {"item": "collected_on_behalf_fee", "name": "被褥费", "unit": "time", "payers": 6}
    charge(corrected, 180, None, **bedding)
    schedule(corrected)
    # Its schedule came after the return: what it lacked then says nothing.
    late = small.file(garden(small, "示例三园"), 20)
    charge(late, 180, None, **bedding)
    schedule(late, days=1)
    small.file(garden(small, "示例四园"), 20)
    by = acting(small.officer())
    assert found(small, by) == [("示例二园", D(180), None, {Breach.UNLISTED})]
    assert coverage(by, small.county, OCTOBER) == Coverage(3, silent=1, without_schedule=1)
    page = client_of(small.officer()).get(reverse("overcharging") + "?month=2026-10")
    assert "1份月报没有填收费" in page.content.decode()


def test_the_page_sums_leads_back_and_asks_few_questions(small: SmallCounty) -> None:
    ceiling(small.county, 600)
    charge(small.file(garden(small, "示例一园"), 20), 650, 650)
    other = small.town("邻镇", county=small.other_county)
    strange = small.file(small.kindergarten(other, "邻县园"), 20)
    charge(strange, 900, 600)
    client = client_of(small.officer())
    url = reverse("overcharging") + "?month=2026-10"
    client.get(url)
    with CaptureQueriesContext(
        connection,
    ) as before:
        page = client.get(url).content.decode()
    assert "1所幼儿园的1项收费超标，应退1,000元" in page
    assert "邻县园" not in page
    assert (
        reverse(
            "filing-version",
            args=[
                MonthlyFiling.objects.unscoped("the test's own")
                .get(kindergarten__organisation__name="示例一园")
                .pk,
                1,
            ],
        )
        in page
    )
    for number in range(4):
        filing = small.file(garden(small, f"示例新{number}园", town="乙镇"), 20)
        charge(filing, 700 + number, 700)
        charge(filing, 20, 15, item="collected_on_behalf_fee", name="伙食费", unit="day")
    with CaptureQueriesContext(connection) as after:
        page = client.get(url).content.decode()
    assert len(after) == len(before)
    # 1,000 and four of 2,000 + 20 × (0…3); what is paid by the day is not guessed.
    assert "5所幼儿园的9项收费超标，应退至少9,120元" in page
    assert "另有4项按天、按餐或按次收" in page
    sheet = load_workbook(
        io.BytesIO(
            b"".join(
                client.get(
                    reverse("overcharging-export", args=[small.county.code, "xlsx"])
                    + "?month=2026-10"
                ).streaming_content
            )
        )
    ).active
    assert sheet is not None
    rows = list(sheet.iter_rows(values_only=True))
    at = next(number for number, row in enumerate(rows) if row[0] == "区县")
    refunds = [row[11] for row in rows[at + 1 :] if row[0] == small.county.name]
    assert len(refunds) == 9
    assert sum(one for one in refunds if one is not None) == 9120
    town = Region.objects.get(name="乙镇", county=small.county)
    of_town = client.get(reverse("overcharging-region", args=[town.code]) + "?month=2026-10")
    assert "4所幼儿园的8项收费超标，应退至少8,120元" in of_town.content.decode()
