"""Ceilings of the own county: set, corrected, ended; never written over, never another county's."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from accounts.history.tracking import TRACKED
from fees.ceilings.standards import CEILING
from fees.models import FeeCeiling
from kindergartens.dated.services import RowRefused, correct_row, end_row, set_row
from kindergartens.stamps import stamp_of
from tests.conftest import acting
from tests.signing_in import client_of
from tests.small_county import NOW, SmallCounty

pytestmark = pytest.mark.django_db
MARCH, OCTOBER = dt.date(2026, 3, 1), dt.date(2026, 10, 1)


def put(by: Any, yuan: int, since: dt.date, scope: str = "public") -> FeeCeiling:
    values = {
        "scope": scope, "yuan_per_month": Decimal(yuan), "document": "示例文件",
        "valid_from": since,
    }  # fmt: skip
    row: FeeCeiling = set_row(kind=CEILING, values=values, by=by, today=NOW.date())
    return row


def in_force(day: dt.date) -> list[tuple[str, Decimal]]:
    return sorted(FeeCeiling.objects.in_force(day).values_list("scope", "yuan_per_month"))


def test_a_new_one_ends_the_former_and_earlier_days_keep_theirs(small: SmallCounty) -> None:
    by = acting(small.officer())
    first = put(by, 500, MARCH)
    put(by, 700, MARCH, "inclusive_a")
    put(by, 600, OCTOBER)
    assert in_force(dt.date(2026, 9, 30)) == [("inclusive_a", 700), ("public", 500)]
    assert in_force(OCTOBER) == [("inclusive_a", 700), ("public", 600)]
    # Before one that stands, and on its very day: what was is never written over.
    for day in (MARCH, dt.date(2026, 8, 1), OCTOBER):
        with pytest.raises(RowRefused, match="更晚的一天") as refusal:
            put(by, 550, day)
        assert refusal.value.field == "valid_from"
    first.refresh_from_db()
    assert (first.yuan_per_month, first.valid_to) == (500, OCTOBER)


def test_a_non_profit_one_has_none_before_it_is_guided(small: SmallCounty) -> None:
    by = acting(small.officer())
    with pytest.raises(RowRefused, match="2026年1月1日起才按政府指导价") as refusal:
        put(by, 1500, dt.date(2025, 12, 31), "non_profit")
    assert refusal.value.field == "valid_from"
    assert put(by, 1500, dt.date(2026, 1, 1), "non_profit").pk


def test_a_correction_has_a_reason_and_overwrites_nobody(small: SmallCounty) -> None:
    by = acting(small.officer())
    put(by, 500, MARCH)
    # A wrong year, which ends the former then.
    with pytest.raises(RowRefused, match="核对年份"):
        put(by, 600, dt.date(2096, 10, 1))
    row = put(by, 6000, dt.date(2027, 10, 1))
    row.refresh_from_db()
    seen = stamp_of(row, CEILING.corrected)
    ask: dict[str, Any] = {"reason": "多写了一个零", "by": by, "today": NOW.date()}
    right = {
        "yuan_per_month": Decimal(600), "valid_from": dt.date(2027, 11, 1), "valid_to": None,
        "document": "示例文件",
    }  # fmt: skip
    with pytest.raises(RowRefused, match="另一条最高限价") as refusal:
        correct_row(
            kind=CEILING, pk=row.pk, values=right | {"valid_from": OCTOBER}, seen=seen, **ask
        )
    assert refusal.value.field == "valid_from"
    correct_row(kind=CEILING, pk=row.pk, values=right, seen=seen, **ask)
    with pytest.raises(RowRefused, match="别人改过"):
        correct_row(kind=CEILING, pk=row.pk, values=right, seen=seen, **ask)
    last = TRACKED[FeeCeiling].copies("the test's own row").filter(pgh_obj_id=row.pk).last()
    assert (last.yuan_per_month, last.pgh_context["reason"]) == (600, "多写了一个零")


@pytest.mark.parametrize(
    ("on", "refused"), [(MARCH, "要晚于"), (dt.date(2026, 3, 2), ""), (OCTOBER, "")]
)
def test_it_ends_after_it_began_and_once(small: SmallCounty, on: dt.date, refused: str) -> None:
    by = acting(small.officer())
    row = put(by, 600, MARCH)
    ask: dict[str, Any] = {"kind": CEILING, "pk": row.pk, "on": on, "reason": "文件废止", "by": by}
    if refused:
        with pytest.raises(RowRefused, match=refused):
            end_row(**ask)
        return
    end_row(**ask)
    assert in_force(on) == []
    assert in_force(on - dt.timedelta(days=1)) == [("public", 600)]
    with pytest.raises(RowRefused, match="已于"):
        end_row(**ask)


def test_only_the_own_countys_and_only_by_its_bureau(small: SmallCounty) -> None:
    row = put(acting(small.officer()), 600, MARCH)
    for person in (
        small.officer(small.county, "bureau_leader"),
        small.officer(small.city, "city_officer"),
    ):
        with pytest.raises(PermissionDenied):
            put(acting(person), 600, OCTOBER)
    stranger = acting(small.officer(small.other_county))
    with pytest.raises(FeeCeiling.DoesNotExist):
        end_row(kind=CEILING, pk=row.pk, on=OCTOBER, reason="不相干", by=stranger)
    client = client_of(small.officer())
    above = FeeCeiling.objects.create(
        region=small.city, scope="public", yuan_per_month=580, document="示例市文件",
        valid_from=MARCH,
    )  # fmt: skip
    page = client.get(reverse("fee-ceilings")).content.decode()
    assert "示例市文件" in page
    assert reverse("fee-ceiling-end", args=[row.pk]) in page
    assert reverse("fee-ceiling-end", args=[above.pk]) not in page
    assert client.get(reverse("fee-ceiling-end", args=[above.pk])).status_code == 404
    for typed, said in (("600元整", "数字"), ("-1", "0.01"), ("0", "0.01"), ("600.505", "小数")):
        answer = client.post(
            reverse("fee-ceiling-new"),
            {
                "scope": "inclusive_b",
                "yuan_per_month": typed,
                "document": "示例",
                "valid_from": "2026-09-01",
            },
        )
        assert answer.status_code == 422
        assert said in answer.content.decode()
        assert typed in answer.content.decode()
