"""Published tables among the portal's own figures: who answers, who sees and keeps them."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, connection, transaction

from accounts.exchange.checking import check_table
from accounts.exchange.services import context_of
from accounts.files.table import ReadTable
from accounts.models import ImportBatch, Region, User
from config.demo.aggregates import write_aggregates
from indicators.aggregates.importable import AGGREGATES_TABLE
from indicators.aggregates.rules import Agreement
from indicators.aggregates.services import Entry, enter_aggregates, withdraw_aggregate
from indicators.models import AggregateReturn
from indicators.selectors import child_figures, figures, trend
from tests.small_county import NOW, OCTOBER, SmallCounty

pytestmark = pytest.mark.django_db
THE_PAST = dt.date(2020, 12, 31)
SHARE = "public_enrolment_share"


def entry(region: Region | None, day: dt.date = THE_PAST, **counts: int) -> Entry:
    return Entry(
        region=region, reference_date=day, source="示例年鉴", sponsor="", kind="yearbook",
        place="表1", scope="", explanation="", counts=counts, printed={}, published={},
    )  # fmt: skip


def acting(user: User) -> User:
    user.acting = user.memberships.get()
    return user


def enter(*entries: Entry, by=None) -> int:
    return enter_aggregates(entries=entries, reason="示例导入", by=by, now=NOW)


@pytest.fixture
def place() -> SmallCounty:
    """A county with one month of its own, and tables of years before and of that month."""
    county = SmallCounty()
    town = county.town("甲镇")
    county.file(county.kindergarten(town, "示例一园"), 30)
    county.settle(OCTOBER)
    enter(
        entry(county.county, enrolled_children=200, public_children=90),
        entry(county.county, dt.date(2019, 12, 31), enrolled_children=200, public_children=80),
        entry(county.county, dt.date(2026, 10, 31), enrolled_children=9, public_children=0),
        entry(county.other_county, enrolled_children=10, public_children=5),
        entry(town, enrolled_children=4, public_children=4),
        entry(county.city, enrolled_children=210, public_children=95),
        entry(county.city.province, enrolled_children=210, public_children=95),
        entry(None, enrolled_children=1000, public_children=500),
    )
    return county


def test_the_portal_answers_where_it_has_a_row_and_a_table_before(place):
    (own,) = figures(place.county, OCTOBER, [SHARE])
    assert (own.source, own.numerator, own.denominator) == ("", 30, 30)
    (past,) = figures(place.county, dt.date(2020, 12, 1), [SHARE])
    assert (past.source, past.numerator, past.denominator) == ("示例年鉴 表1", 90, 200)
    assert (past.value, past.reference_date, past.provisional) == (
        Decimal("0.45"), THE_PAST, False,
    )  # fmt: skip
    (nothing,) = figures(place.county, dt.date(2020, 11, 1), [SHARE])
    assert (nothing.value, nothing.source, nothing.computed_at) == (None, "", None)


def test_a_published_rate_is_held_against_a_computed_nothing(place):
    """0 of 10 is a rate like any other; and of a bare rate nobody knows what was divided by what."""
    day = dt.date(2018, 12, 31)
    gross = "gross_enrolment_rate"
    enter(
        replace(
            entry(place.county, day, enrolled_children=10, public_children=0),
            published={SHARE: "5.0", gross: "93.1"},
        )
    )
    share, bare = figures(place.county, day.replace(day=1), [SHARE, gross])
    assert share.value == 0
    assert share.aggregate.agreement is Agreement.DIFFERS
    assert (bare.value, bare.base) == (Decimal("0.931"), "来源没有写明口径")


def test_a_trend_shows_the_years_before_labelled(place):
    points = trend(place.county, SHARE, OCTOBER, 3, years_before=10)
    assert [(point.month, point.value, point.source) for point in points] == [
        (dt.date(2019, 12, 1), Decimal("0.4"), "示例年鉴 表1"),
        (dt.date(2020, 12, 1), Decimal("0.45"), "示例年鉴 表1"),
        (dt.date(2026, 8, 1), None, ""),
        (dt.date(2026, 9, 1), None, ""),
        # What was published of a month with returns stands aside.
        (OCTOBER, Decimal(1), ""),
    ]
    (point,) = trend(place.county, SHARE, dt.date(2020, 12, 1), 1)
    assert (point.value, point.reported, point.source) == (Decimal("0.45"), True, "示例年鉴 表1")


def test_the_rows_below_a_region_come_from_tables_where_it_has_none(
    place, django_assert_num_queries
):
    past = dt.date(2020, 12, 1)
    with django_assert_num_queries(10):
        rows = child_figures(place.city, past, [SHARE])
    assert [(row.region.name, row.figures[0].value, row.figures[0].source) for row in rows] == [
        ("甲县", Decimal("0.45"), "示例年鉴 表1"),
        ("乙县", Decimal("0.5"), "示例年鉴 表1"),
    ]
    assert {row.facts.expected for row in rows} == {0}


def test_a_withdrawn_row_answers_no_more_and_may_be_entered_again(place):
    row = AggregateReturn.objects.get(region=place.county, reference_date=THE_PAST)
    officer = acting(place.officer())
    with pytest.raises(PermissionDenied):
        withdraw_aggregate(
            pk=AggregateReturn.objects.get(region=place.city).pk, reason="示例", by=officer, now=NOW
        )
    withdraw_aggregate(pk=row.pk, reason="表号抄错", by=officer, now=NOW)
    (past,) = figures(place.county, dt.date(2020, 12, 1), [SHARE])
    assert past.value is None
    assert enter(entry(place.county, enrolled_children=200, public_children=91), by=officer) == 1
    assert enter(entry(place.county, enrolled_children=200, public_children=91), by=officer) == 0
    assert AggregateReturn.objects.filter(region=place.county, reference_date=THE_PAST).count() == 2
    with pytest.raises(IntegrityError, match="aggregate_once_in_a_source"), transaction.atomic():
        AggregateReturn.objects.create(
            reference_date=THE_PAST, source="示例年鉴", kind="yearbook", entered_at=NOW
        )


def test_those_of_the_own_area_and_above_are_seen_and_the_own_ones_kept(place):
    town = place.county.children.get()
    officer, town_office = acting(place.officer()), acting(place.officer(town, "town_officer"))
    seen = AggregateReturn.objects.visible_to(officer)
    assert {row.region_name for row in seen} == {"甲县", "甲镇", "示例市", "示例省", "全国"}
    seen = AggregateReturn.objects.visible_to(town_office)
    assert {row.region_name for row in seen} == {"甲县", "甲镇", "示例市", "示例省", "全国"}
    for refused, by in (
        (entry(place.other_county, books=1), officer),
        (entry(None, books=1), officer),
        (entry(town, books=1), town_office),
    ):
        with pytest.raises(PermissionDenied):
            enter(refused, by=by)


def test_history_keeps_why(place):
    with connection.cursor() as cursor:
        cursor.execute("SELECT pgh_context->>'reason' FROM indicators_aggregatereturnchange")
        assert {reason for (reason,) in cursor.fetchall()} == {"示例导入"}


def test_an_officer_imports_the_own_county_by_table_and_no_other_place(place):
    officer = acting(place.officer())
    heads = ["地区", "年份", "来源", "在园幼儿"]

    def checked(*rows: list[str]):
        context = context_of(AGGREGATES_TABLE, officer, NOW)
        return context, check_table(AGGREGATES_TABLE, ReadTable([heads, *rows], "表"), context)

    _, refused = checked(["654322", "2018", "示例年鉴", "1"], ["CN", "2018", "示例年鉴", "1"])
    assert [fault.row for fault in refused.faults] == [2, 3]
    context, good = checked(["甲县", "2018", "示例年鉴", "120"], ["甲镇", "2018", "示例年鉴", "20"])
    assert (len(good.plan.new), good.fault_count) == (2, 0)
    AGGREGATES_TABLE.write(context, good.plan, ImportBatch(name="表.xlsx"))
    row = AggregateReturn.objects.get(region=place.county, reference_date=dt.date(2018, 12, 31))
    assert row.enrolled_children == 120


def test_a_place_that_cannot_stand_says_why_and_a_full_name_with_its_unit_is_read(place):
    first, second = place.town("同名镇"), place.town("同名镇")
    heads = ["地区", "年份", "来源", "在园幼儿", "学前三年毛入园率(%)"]
    rows = [
        [name, "2018", "示例年鉴", count, "91.5"]
        for name, count in (
            ("同名镇", "1"), ("同名", "1"), (place.other_county.code, "1"), ("甲县", "1000001"),
        )
    ]  # fmt: skip
    context = context_of(AGGREGATES_TABLE, acting(place.officer()), NOW)
    checked = check_table(AGGREGATES_TABLE, ReadTable([heads, *rows], "表"), context)
    said = [fault.text for fault in checked.faults]
    assert (
        said[0] == f"叫同名镇的地区有2个：{first.code}（甲县）、{second.code}（甲县）。请填代码。"
    )
    assert f"是不是同名镇（{first.code}）" in said[1]
    assert "不在您的范围内" in said[2]
    assert said[3].startswith("1,000,001人，超过这一级地区可能有的1,000,000人")
    assert not [text for text in checked.notices if "没有读取" in text]


def test_the_demos_years_keep_the_portals_own_rules(place):
    assert write_aggregates(place.county.code, NOW) == "历年数5条"
    points = trend(place.county, SHARE, OCTOBER, 1, years_before=10)
    assert sum(point.source.startswith("示例区教育统计资料") for point in points) == 5
