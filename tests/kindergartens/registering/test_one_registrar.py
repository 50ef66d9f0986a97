"""The page and the table register by the same rules; a list of one is written as thousands are."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.exchange import reports
from accounts.models import Job, Organisation, User
from kindergartens.changes.policies import ChangeRefused
from kindergartens.models import Kindergarten, KindergartenStatus, StatusChange
from kindergartens.record.policies import NeedsMending, Refused
from kindergartens.record.services.registering import (
    Registration,
    register_kindergarten,
    register_kindergartens,
)
from kindergartens.registering.columns import HEADS as HEAD_OF
from kindergartens.registering.importable import REGISTRY_TABLE
from tests.accounts.exchange.conftest import checked, written
from tests.accounts.exchange.tables import HEADS, excel, kindergarten_row
from tests.small_county import NOW, SmallCounty

pytestmark = pytest.mark.django_db

DAY = dt.date(2026, 10, 1)
OPENED = dt.date(2012, 9, 1)
PRIVATE = {"sponsor_type": "private", "ownership": "non_inclusive_private", "for_profit": True}
PUBLIC = {"sponsor_type": "education", "ownership": "public", "for_profit": False}
RIGHT, WRONG = "91350200776049653A", "91350203M0001QAY9B"


def by_page(officer: User, small: SmallCounty, values: dict[str, Any], status: dict[str, Any]):
    record = {"name": "春芽幼儿园", "code": "1165900001", "opened_on": OPENED, **values}
    return register_kindergarten(
        town=small.county.children.get(name="甲镇"),
        values=record,
        status=status,
        valid_from=DAY,
        reason="新设",
        document_number="甲教审〔2026〕9号",
        by=officer,
        now=NOW,
    )


def table(values: dict[str, Any], status: dict[str, Any]) -> bytes:
    said: dict[str, Any] = {
        "name": "春芽幼儿园", "code": "1165900001", "opened_on": OPENED, "town": "甲镇",
        "valid_from": DAY, **status, **values,
    }  # fmt: skip
    heads = [HEAD_OF[name] for name in said]
    cells = []
    for name, value in said.items():
        shown = REGISTRY_TABLE.column(name).kind.show(value)
        cells.append(float(shown) if name in {"latitude", "longitude"} else shown)
    return excel([heads, cells])


# What is said, at which field, what the finding says: "" where it is registered.
RULES: dict[str, tuple[dict[str, Any], dict[str, Any], str, str]] = {
    "plain": ({}, PRIVATE, "", ""),
    "put in front": (
        {"name": "国际春芽幼儿园", "opened_on": dt.date(2024, 9, 1)}, PRIVATE, "name", "不能冠以“国际”",
    ),
    "no room for a reason": (
        {"name": "国际春芽幼儿园", "opened_on": dt.date(2024, 9, 1), "name_reason": "批复如此"},
        PRIVATE, "name", "不能冠以“国际”",
    ),
    "older name": ({"name": "国际春芽幼儿园"}, PRIVATE, "name", "不能冠以“国际”"),
    "older name with a reason": (
        {"name": "国际春芽幼儿园", "name_reason": "批复如此"}, PRIVATE, "", "",
    ),
    "a course": ({"name": "春芽双语幼儿园"}, PUBLIC, "name", "双语"),
    "a public one's name": ({"name": "甲镇中心幼儿园春芽分园"}, PRIVATE, "name", "甲镇中心幼儿园"),
    "a public one may": ({"name": "甲镇中心幼儿园春芽分园"}, PUBLIC, "", ""),
    "taken": ({"name": "甲镇·中心 幼儿园"}, PUBLIC, "name", "已经登记给甲县甲镇的甲镇中心幼儿园"),
    "taken by an older name": ({"name": "旧名幼儿园"}, PUBLIC, "name", "已经登记给"),
    "taken in another town": ({"name": "乙镇幼儿园"}, PUBLIC, "name", "已经登记给甲县乙镇的"),
    "another county's": ({"name": "外镇幼儿园"}, PUBLIC, "", ""),
    "another province": ({"code": "1112900001"}, PUBLIC, "code", "本省是65"),
    "another province with a reason": (
        {"code": "1112900001", "code_reason": "迁入"}, PUBLIC, "", "",
    ),
    "check digit": ({"uscc": WRONG}, PUBLIC, "uscc", "校验位不对"),
    "check digit with a reason": ({"uscc": WRONG, "uscc_reason": "证书如此"}, PUBLIC, "", ""),
    "credit code taken": ({"uscc": RIGHT}, PUBLIC, "uscc", "已经登记给甲县甲镇的甲镇中心幼儿园"),
    "mobile": ({"landline": "13800001234"}, PUBLIC, "landline", "个人手机号"),
    "half a position": ({"latitude": 43.5}, PUBLIC, "longitude", "没有填经度"),
    "abroad": ({"latitude": 60.1, "longitude": 24.9}, PUBLIC, "latitude", "不在中国境内"),
    "far": ({"latitude": 23.1, "longitude": 113.3}, PUBLIC, "latitude", "公里"),
    "far with a reason": (
        {"latitude": 23.1, "longitude": 113.3, "position_reason": "飞地"}, PUBLIC, "", "",
    ),
    "licence": (
        {"licence_from": dt.date(2025, 1, 1), "licence_until": dt.date(2024, 1, 1)},
        PUBLIC, "licence_until", "早于有效期起",
    ),
    "hours": (
        {"arrival": dt.time(8), "leaving_summer": dt.time(7)}, PUBLIC, "leaving_summer", "不晚于",
    ),
    "against the law": (
        {}, {**PRIVATE, "ownership": "public", "for_profit": False}, "ownership", "对不上",
    ),
}  # fmt: skip


@pytest.fixture
def there(officer: User, small: SmallCounty) -> Kindergarten:
    towns = small.county.children
    one = small.kindergarten(towns.get(name="甲镇"), "甲镇中心幼儿园")
    one.uscc, one.former_names = RIGHT, "旧名幼儿园"
    one.save()
    small.kindergarten(towns.get(name="乙镇"), "乙镇幼儿园")
    small.kindergarten(small.other_county.children.get(name="外镇"), "外镇幼儿园")
    for number in range(3):
        near = small.kindergarten(towns.get(name="乙镇"), f"近处{number}园")
        Kindergarten.objects.filter(pk=near.pk).update(latitude="43.9", longitude=f"87.{number}")
    return one


@pytest.mark.parametrize("case", RULES)
def test_page_and_table_refuse_and_take_the_same(
    officer: User, there: Kindergarten, small: SmallCounty, case: str
) -> None:
    values, status, field, words = RULES[case]
    batch = checked(officer, table(values, status))
    faults = [(fault.head, fault.text) for fault in reports.unpack(REGISTRY_TABLE, batch).faults]
    if words:
        with pytest.raises((NeedsMending, ChangeRefused), match=words) as refusal:
            by_page(officer, small, values, status)
        if isinstance(refusal.value, NeedsMending):
            assert [one.field for one in refusal.value.findings] == [field]
        assert batch.state == "faulty"
        assert {head for head, _ in faults} == {HEAD_OF[field]}
        assert any(words in text for _, text in faults), faults
        assert not Kindergarten.objects.filter(
            opened_on__gte=OPENED, code__endswith="900001"
        ).exists()
        return
    assert (batch.state, faults) == ("ready", [])
    assert written(officer, batch).state == "written"
    record = {"name": "春芽幼儿园", "code": "1165900001", "opened_on": OPENED, **values}
    for name, value in record.items():
        stored = getattr(Kindergarten.objects.get(code=record["code"]), name)
        assert (float(stored) if isinstance(value, float) else stored) == value


def everything(kindergarten: Kindergarten) -> dict[str, Any]:
    """All that was written of it but keys and what differs by its own name and code."""
    place = Organisation.objects.values("kind", "region", "parent").get(
        pk=kindergarten.organisation_id
    )
    record = Kindergarten.objects.values().get(pk=kindergarten.pk)
    for name in ("id", "organisation_id", "name", "code", "search_text"):
        record.pop(name)
    statuses = [
        {name: value for name, value in row.items() if name not in {"id", "kindergarten_id"}}
        for row in kindergarten.statuses.values()
    ]
    changes = [
        {name: value for name, value in row.items() if name not in {"id", "kindergarten_id"}}
        for row in kindergarten.status_changes.values()
    ]
    return {"place": place, "record": record, "statuses": statuses, "changes": changes}


@pytest.mark.parametrize("kind", ["independent", "care_point", "child_centre", "community_site"])
def test_page_and_table_write_the_same(officer: User, small: SmallCounty, kind: str) -> None:
    values = {"institution_type": kind, "sponsor_name": "示例举办者", "address": "示例路1号"}
    one = by_page(officer, small, {**values, "name": "冬青幼儿园", "code": "1165900002"}, PRIVATE)
    paper = {"reason": "新设", "document_number": "甲教审〔2026〕9号"}
    batch = checked(officer, table({**values, **paper}, PRIVATE))
    assert written(officer, batch).state == "written"
    other = Kindergarten.objects.get(code="1165900001")
    assert everything(one) == everything(other)
    assert other.statuses.get().counts_enrolment == (kind != "care_point")
    assert "chunyayoueryuan" in other.search_text


def test_a_table_is_the_paper_where_it_names_none(officer: User, small: SmallCounty) -> None:
    batch = written(officer, checked(officer, table({}, PRIVATE)))
    change = StatusChange.objects.get()
    assert (change.document_number, change.reason) == (
        f"名册表格“{batch.name}”", f"表格登记：{batch.name}",
    )  # fmt: skip
    assert change.made_as == officer.acting


def registrations(small: SmallCounty, count: int, **more: Any) -> list[Registration]:
    town = small.county.children.get(name="甲镇")
    return [
        Registration(
            town, DAY,
            {"name": f"示例{n}幼儿园", "code": f"11659{n:05d}", "opened_on": OPENED, **more},
            PUBLIC, "示教〔2026〕1号",
        )
        for n in range(1, count + 1)
    ]  # fmt: skip


def test_many_take_as_many_queries_as_one(officer: User, small: SmallCounty) -> None:
    rows = registrations(small, 41)
    counts = []
    for some in (rows[:1], rows[1:]):
        with CaptureQueriesContext(connection) as queries:
            keys = register_kindergartens(some, reason="示例", by=officer, now=NOW)
        counts.append(len(queries))
        assert KindergartenStatus.objects.filter(kindergarten__in=keys).count() == len(some)
    # The second finds the job that waits already and makes none.
    assert counts[1] <= counts[0] <= 36


def test_the_one_that_is_wrong_is_told_by_its_number_and_none_is_written(
    officer: User, small: SmallCounty
) -> None:
    rows = registrations(small, 3)
    rows[2] = Registration(
        rows[2].town, DAY, {**rows[2].record, "name": "示例1 幼儿园"}, PUBLIC, "1号"
    )
    with pytest.raises(NeedsMending, match="已经登记给") as refusal:
        register_kindergartens(rows, reason="示例", by=officer, now=NOW)
    assert refusal.value.number == 2
    rows[2] = Registration(rows[1].town, DAY, registrations(small, 3)[2].record, PUBLIC, " ")
    with pytest.raises(ChangeRefused, match="批准文号") as missing:
        register_kindergartens(rows, reason="示例", by=officer, now=NOW)
    assert missing.value.number == 2
    elsewhere = small.other_county.children.get(name="外镇")
    rows[2] = Registration(elsewhere, DAY, registrations(small, 3)[2].record, PUBLIC, "1号")
    with pytest.raises(Refused, match="由那里的教育局登记") as outside:
        register_kindergartens(rows, reason="示例", by=officer, now=NOW)
    assert outside.value.number == 2
    assert not Kindergarten.objects.exists()
    assert not Organisation.objects.filter(kind="kindergarten").exists()


def test_the_first_open_month_is_computed_again(officer: User, small: SmallCounty) -> None:
    register_kindergartens(registrations(small, 2), reason="示例", by=officer, now=NOW)
    job = Job.objects.get(kind="recompute-figures")
    assert job.arguments == {"county": small.county.pk, "month": "2026-10-01"}


def test_within_one_table_names_and_credit_codes_are_told_by_row(officer: User) -> None:
    rows = [[*kindergarten_row(number), RIGHT] for number in range(1, 4)]
    rows[1][-1], rows[2][1] = None, "示例第1 幼儿园"
    batch = checked(officer, excel([[*HEADS, "统一社会信用代码"], *rows]))
    found = [(f.cell, f.text) for f in reports.unpack(REGISTRY_TABLE, batch).faults]
    assert found == [
        ("B4", "和第2行同名。请核对。"), ("I4", "和第2行的统一社会信用代码相同。请核对。"),
    ]  # fmt: skip
