"""The county's list: what is on it from when, and what is refused of a line that is not."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied

from accounts.history.tracking import TRACKED
from fees.local_list.rules import listing_problem, most_problem
from fees.local_list.standards import LOCAL_ITEM
from fees.models import LocalFeeItem
from fees.rules import FeeFacts
from fees.services import FeeRefused, correct_fee, record_fee
from kindergartens.dated.services import RowRefused, correct_row, end_row, set_row
from kindergartens.stamps import stamp_of
from tests.accounts.exchange.conftest import checked, written
from tests.accounts.exchange.tables import excel
from tests.conftest import acting
from tests.small_county import NOW, SmallCounty

MARCH, OCTOBER = dt.date(2026, 3, 1), dt.date(2026, 10, 1)
MEALS = FeeFacts(
    item="collected_on_behalf_fee", name="伙食费", scope="all", hours="any", amount=Decimal(15),
    unit="day", valid_from=OCTOBER, document="示例文号",
)  # fmt: skip


@pytest.mark.parametrize(
    ("item", "name", "listed", "said"),
    [
        ("service_fee", "延时服务", {"延时服务"}, ""),
        ("service_fee", "兴趣班", {"延时服务", "假期看护"}, "有假期看护、延时服务。"),
        ("service_fee", "兴趣班", {f"项目{n:02d}" for n in range(20)}, "等20项"),
        # No list is nobody's fault; the three items of the law are on none.
        ("service_fee", "兴趣班", set(), ""),
        ("care_education_fee", "", {"延时服务"}, ""),
    ],
)
def test_a_name_is_on_the_list_of_its_class(
    item: str, name: str, listed: set[str], said: str
) -> None:
    problem = listing_problem(item=item, name=name, listed=listed)
    assert said in problem
    assert bool(problem) == bool(said)


def test_a_highest_amount_is_of_a_unit() -> None:
    assert most_problem(most=Decimal(1), unit="")
    assert not most_problem(most=Decimal(1), unit="day")
    assert not most_problem(most=None, unit="")


def put(by: Any, name: str, since: dt.date, **more: Any) -> LocalFeeItem:
    facts: dict[str, Any] = {
        "item": "collected_on_behalf_fee", "unit": "", "most": None, "content": "",
        "document": "示例清单",
    }  # fmt: skip
    values = facts | more | {"name": name, "valid_from": since}
    row: LocalFeeItem = set_row(kind=LOCAL_ITEM, values=values, by=by, today=NOW.date())
    return row


def names(day: dt.date) -> list[str]:
    return sorted(LocalFeeItem.objects.in_force(day).values_list("name", flat=True))


@pytest.mark.django_db
def test_a_later_row_ends_the_former_and_a_correction_has_a_reason(small: SmallCounty) -> None:
    by = acting(small.officer())
    first = put(by, "伙食费", MARCH, unit="day", most=Decimal(15))
    row = put(by, "伙食费", OCTOBER, unit="day", most=Decimal(18))
    first.refresh_from_db()
    assert first.valid_to == OCTOBER
    with pytest.raises(RowRefused, match="更晚的一天"):
        put(by, "伙食费", OCTOBER)
    row.refresh_from_db()
    seen = stamp_of(row, LOCAL_ITEM.corrected)
    values = {name: getattr(row, name) for name in LOCAL_ITEM.corrected} | {"most": Decimal(20)}
    ask: dict[str, Any] = {
        "kind": LOCAL_ITEM,
        "pk": row.pk,
        "reason": "写错",
        "by": by,
        "today": NOW.date(),
    }
    with pytest.raises(RowRefused, match="另一条") as refusal:
        correct_row(values=values | {"valid_from": MARCH}, seen=seen, **ask)
    assert refusal.value.field == "valid_from"
    with pytest.raises(RowRefused, match="计费单位"):
        correct_row(values=values | {"unit": ""}, seen=seen, **ask)
    correct_row(values=values, seen=seen, **ask)
    with pytest.raises(RowRefused, match="别人改过"):
        correct_row(values=values, seen=seen, **ask)
    last = TRACKED[LocalFeeItem].copies("the test's own row").filter(pgh_obj_id=row.pk).last()
    assert (last.most, last.pgh_context["reason"]) == (20, "写错")
    end_row(kind=LOCAL_ITEM, pk=row.pk, on=dt.date(2026, 11, 1), reason="停止", by=by)
    assert (names(OCTOBER), names(dt.date(2026, 11, 1))) == (["伙食费"], [])
    stranger = acting(small.officer(small.other_county))
    with pytest.raises(LocalFeeItem.DoesNotExist):
        end_row(kind=LOCAL_ITEM, pk=first.pk, on=OCTOBER, reason="x", by=stranger)
    with pytest.raises(PermissionDenied):
        put(acting(small.officer(role="bureau_leader")), "校车费", MARCH)


@pytest.mark.django_db
def test_a_line_is_held_to_its_own_countys_list_of_its_first_day(small: SmallCounty) -> None:
    by = acting(small.officer())
    kindergarten = small.kindergarten(small.town("甲镇"), "示例园")
    put(acting(small.officer(small.other_county)), "校车费", MARCH)
    ask: dict[str, Any] = {"kindergarten": kindergarten, "by": by, "now": NOW}
    # Without a list of the own county, and before the list of it began, nothing is refused.
    early = record_fee(facts=MEALS, **ask)
    put(by, "校车费", OCTOBER)
    record_fee(facts=replace(MEALS, item="service_fee", name="延时服务"), **ask)
    bedding = replace(MEALS, name="被褥费")
    with pytest.raises(FeeRefused, match="没有“被褥费”，有校车费") as refusal:
        record_fee(facts=bedding, **ask)
    assert refusal.value.field == "name"
    record_fee(facts=replace(bedding, valid_from=MARCH, valid_to=OCTOBER), **ask)
    # Nor is a line taken that is above what the list sets for the same unit.
    put(by, "伙食费", OCTOBER, unit="day", most=Decimal(20))
    dear = replace(MEALS, scope="large", amount=Decimal("20.5"))
    with pytest.raises(FeeRefused, match="最高标准20元/天（示例清单）") as refusal:
        record_fee(facts=dear, **ask)
    assert refusal.value.field == "amount"
    cheap = record_fee(facts=replace(dear, amount=Decimal(20)), **ask)
    with pytest.raises(FeeRefused, match="最高标准20元/天"):
        correct_fee(fee_id=cheap.pk, facts=dear, reason="写错", seen=None, by=by)
    LocalFeeItem.objects.filter(region=small.county, name="伙食费").update(name="示例改名")
    # A line that stands is put right all the same, as long as it stays the line it is.
    dearer = replace(MEALS, amount=Decimal(16))
    correct_fee(fee_id=early.pk, facts=dearer, reason="写错", seen=None, by=by)
    with pytest.raises(FeeRefused, match="目录清单"):
        correct_fee(fee_id=early.pk, facts=bedding, reason="写错", seen=None, by=by)


@pytest.mark.django_db
def test_a_list_is_imported_once_and_a_line_off_it_is_said_at_its_cell(
    small: SmallCounty, tmp_path: Any, settings: Any
) -> None:
    settings.FILES_ROOT = tmp_path
    by = acting(small.officer())
    kindergarten = small.kindergarten(small.town("甲镇"), "示例园")
    heads = ["收费类别", "项目名称", "计费单位", "最高标准", "依据文件", "起始日期"]
    rows = [
        ["代收费", "伙食费", "元/天", 18, "示例清单", MARCH],
        ["服务性收费", "延时服务", "", "", "示例清单", MARCH],
    ]
    wrong = [["代收费", "校车费", "", 9, "示例清单", MARCH]]
    assert checked(by, excel([heads, *wrong]), kind="local-fees").fault_count == 1
    written(by, checked(by, excel([heads, *rows]), kind="local-fees"))
    assert names(MARCH) == ["伙食费", "延时服务"]
    again = checked(by, excel([heads, *rows]), kind="local-fees")
    assert (again.new_count, again.changed_count, again.same_count) == (0, 0, 2)
    fees = ["学校标识码", "收费类别", "收费项目", "收费对象", "作息", "标准", "计费单位",
            "起始日期", "批准或备案文件"]  # fmt: skip
    line = [kindergarten.code, "代收费", "被褥费", "全园", "不区分", 180, "元/次", OCTOBER, "示例"]
    found = checked(by, excel([fees, line]), kind="fees")
    assert found.fault_count == 1
    listed = [*line[:2], "伙食费", *line[3:]]
    assert checked(by, excel([fees, listed]), kind="fees").fault_count == 0
