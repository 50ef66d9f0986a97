"""The columns of the record: written, changed, left alone where empty, and back again."""

from __future__ import annotations

import datetime as dt
import io
from contextlib import suppress
from decimal import Decimal
from typing import Any

import openpyxl
import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from hypothesis import given, settings
from hypothesis import strategies as st

from accounts.exchange import reports
from accounts.history.tracking import TRACKED
from accounts.models import ImportBatch, User
from kindergartens.models import InstitutionType, Kindergarten
from kindergartens.models.record import Inclusion, MealService, PartyBody
from kindergartens.record.policies import NeedsMending
from kindergartens.record.services.correcting import correct_records
from kindergartens.registering.columns import HEADS as HEAD_OF
from kindergartens.registering.columns import RECORD
from kindergartens.registering.importable import REGISTRY_TABLE
from tests.accounts.exchange.conftest import checked, written
from tests.accounts.exchange.tables import excel
from tests.signing_in import client_of
from tests.small_county import NOW, SmallCounty

pytestmark = pytest.mark.django_db

RIGHT, OTHER = "91350200776049653A", "911100001000013428"
FULL: dict[str, Any] = {
    "uscc": RIGHT,
    "institution_type": "attached",
    "host_name": "示例小学",
    "sponsor_name": "示例区教育局",
    "licence_number": "教民165432110000001号",
    "licence_from": dt.date(2024, 9, 1),
    "licence_until": dt.date(2027, 8, 31),
    "address": "示例路1号（北门）",
    "longitude": Decimal("87.617700"),
    "latitude": Decimal("43.792800"),
    "landline": "0991-2999000",
    "opened_on": dt.date(2011, 9, 1),
    "boarding": False,
    "arrival": dt.time(7, 30),
    "leaving_summer": dt.time(17, 30),
    "leaving_winter": dt.time(17, 0),
    "meal_service": "two_meals",
    "school_buses": 0,
    "after_hours": True,
    "nursery_classes": False,
    "inclusion": "in_classes",
    "party_body": "joint",
    "party_organisation": "示例联合党支部",
    "parent_committee": True,
}


@pytest.fixture
def one(officer: User, small: SmallCounty) -> Kindergarten:
    return small.kindergarten(small.county.children.get(name="甲镇"), "小太阳幼儿园")


def shown(name: str, value: Any) -> Any:
    cell = REGISTRY_TABLE.column(name).kind.show(value)
    return float(cell) if isinstance(cell, Decimal) else cell


def table(kindergarten: Kindergarten, values: dict[str, Any]) -> bytes:
    heads = ["学校标识码", "园名", "乡镇街道", "办别", "办园性质", "建园日期", "状态起始日期"]
    present = {**dict.fromkeys(heads), "学校标识码": kindergarten.code}
    present |= {HEAD_OF[name]: shown(name, value) for name, value in values.items()}
    return excel([list(present), list(present.values())])


def texts(batch: ImportBatch) -> list[tuple[str, str]]:
    return [(one.head, one.text) for one in reports.unpack(REGISTRY_TABLE, batch).faults]


def stored(kindergarten: Kindergarten) -> dict[str, Any]:
    return Kindergarten.objects.values(*RECORD).get(pk=kindergarten.pk)


def current(officer: User) -> bytes:
    answer = client_of(officer).get(reverse("import-current", args=["registry"]))
    assert answer.status_code == 200
    return b"".join(answer.streaming_content)


def test_every_field_is_written_once_and_comes_back_the_same(
    officer: User, one: Kindergarten
) -> None:
    assert set(FULL) == set(RECORD)
    content = table(one, FULL)
    batch = written(officer, checked(officer, content))
    assert (batch.state, batch.changed_count, texts(batch)) == ("written", 1, [])
    assert stored(one) == FULL
    one.refresh_from_db()
    assert RIGHT.lower() in one.search_text
    assert one.statuses.count() == 1
    for again in (content, current(officer)):
        batch = checked(officer, again)
        assert (batch.state, batch.same_count, texts(batch)) == ("unchanged", 1, [])


def test_who_changed_what_and_why_is_kept(officer: User, one: Kindergarten) -> None:
    batch = written(officer, checked(officer, table(one, {"address": "新路2号"})))
    change: Any = TRACKED[Kindergarten].copies("what a test has just written").latest("pgh_id")
    assert (change.pgh_label, change.address) == ("update", "新路2号")
    assert change.pgh_context["reason"] == f"表格导入：{batch.name}"


def test_an_empty_cell_leaves_what_is_there(officer: User, one: Kindergarten) -> None:
    written(officer, checked(officer, table(one, FULL)))
    batch = checked(officer, table(one, dict.fromkeys(FULL)))
    assert (batch.state, batch.same_count) == ("unchanged", 1)
    batch = written(
        officer, checked(officer, table(one, {**dict.fromkeys(FULL), "address": "新路2号"}))
    )
    assert batch.state == "written"
    assert stored(one) == {**FULL, "address": "新路2号"}
    for column in REGISTRY_TABLE.columns:
        if column.name in RECORD and column.name != "opened_on":
            assert "空着不改" in column.note


CELLS: dict[str, tuple[str, Any, Any]] = {
    "time of a spreadsheet": ("arrival", 0.3125, dt.time(7, 30)),
    "full-width time": ("arrival", "７：３０", dt.time(7, 30)),
    "time with seconds": ("arrival", "07:30:00", dt.time(7, 30)),
    "Chinese time": ("arrival", "7点30分", dt.time(7, 30)),
    "landline without a hyphen": ("landline", "09912999000", "0991-2999000"),
    "landline in brackets": ("landline", "（0991）2999000", "0991-2999000"),
    "credit code with blanks": ("uscc", " 9135 0200 7760 4965 3a", RIGHT),
    "buses with their word": ("school_buses", "3辆", 3),
    "yes": ("boarding", "√", True),
}


@pytest.mark.parametrize("case", CELLS)
def test_what_people_write_is_understood(officer: User, one: Kindergarten, case: str) -> None:
    name, cell, value = CELLS[case]
    content = excel([["学校标识码", HEAD_OF[name], *NEEDED], [one.code, cell]])
    batch = written(officer, checked(officer, content))
    assert (batch.state, texts(batch)) == ("written", [])
    assert stored(one)[name] == value


NEEDED = [HEAD_OF[column.name] for column in REGISTRY_TABLE.columns if column.required][1:]
FAULTY: dict[str, tuple[dict[str, Any], str, str]] = {
    "no time": ({"arrival": "早上"}, "入园时间", "看不出是几点几分"),
    "credit code too short": ({"uscc": "9135"}, "统一社会信用代码", "18位数字和大写字母"),
    "check digit": ({"uscc": "91350203M0001QAY9B"}, "统一社会信用代码", "写在“信用代码的说明”一栏"),
    "mobile": ({"landline": "13800001234"}, "联系电话（座机）", "个人手机号"),
    "turned round": ({"latitude": 87.6, "longitude": 43.8}, "纬度", "填反了"),
    "half of it": ({"longitude": 87.6}, "纬度", "没有填纬度"),
    "licence": (
        {"licence_from": "2027-01-01", "licence_until": "2026-01-01"}, "许可证有效期止", "早于",
    ),
    "no such kind": ({"institution_type": "大学"}, "办学类型", "没有这个选项"),
    "too many buses": ({"school_buses": 501}, "校车", "应在0和500之间"),
    "leaving before coming": ({"arrival": "08:00", "leaving_winter": "7:59"}, "冬季离园时间", "不晚于"),
}  # fmt: skip


@pytest.mark.parametrize("case", FAULTY)
def test_a_bad_cell_of_one_that_is_there_is_named(
    officer: User, one: Kindergarten, case: str
) -> None:
    cells, head, words = FAULTY[case]
    heads = ["学校标识码", *NEEDED, *(HEAD_OF[name] for name in cells)]
    row = [one.code, *(None for _ in NEEDED), *cells.values()]
    batch = checked(officer, excel([heads, row]))
    assert batch.state == "faulty"
    found = texts(batch)
    assert [at for at, _ in found] == [head]
    assert words in found[0][1]


def test_a_check_digit_is_overridden_with_a_reason_that_goes_when_it_is_right(
    officer: User, one: Kindergarten
) -> None:
    wrong = {"uscc": "91350203M0001QAY9B", "uscc_reason": "证书上确实如此"}
    batch = written(officer, checked(officer, table(one, wrong)))
    assert batch.state == "written"
    one.refresh_from_db()
    assert (one.uscc, one.uscc_reason) == (wrong["uscc"], wrong["uscc_reason"])
    assert checked(officer, table(one, wrong)).state == "unchanged"
    right = {**wrong, "uscc": RIGHT}
    assert written(officer, checked(officer, table(one, right))).state == "written"
    one.refresh_from_db()
    assert (one.uscc, one.uscc_reason) == (RIGHT, "")
    assert checked(officer, table(one, right)).state == "unchanged"
    assert checked(officer, current(officer)).state == "unchanged"


def test_a_credit_code_of_another_is_not_taken(
    officer: User, one: Kindergarten, small: SmallCounty
) -> None:
    other = small.kindergarten(small.other_county.children.get(name="外镇"), "外镇幼儿园")
    Kindergarten.objects.filter(pk=other.pk).update(uscc=RIGHT)
    batch = checked(officer, table(one, {"uscc": RIGHT}))
    assert texts(batch)[0][0] == "统一社会信用代码"
    assert "乙县外镇的外镇幼儿园" in texts(batch)[0][1]


def test_a_site_keeps_its_host(officer: User, one: Kindergarten, small: SmallCounty) -> None:
    site = small.kindergarten(small.county.children.get(name="甲镇"), "小太阳幼儿园东园")
    Kindergarten.objects.filter(pk=site.pk).update(institution_type="branch", host=one)
    batch = checked(officer, table(site, {"institution_type": "independent"}))
    assert [head for head, _ in texts(batch)] == ["办学类型"]
    assert "所属园" in texts(batch)[0][1]
    assert checked(officer, table(site, {"institution_type": "teaching_point"})).state == "ready"


def test_a_schools_code_does_not_stay_on_what_is_no_class_of_a_school(
    officer: User, one: Kindergarten, small: SmallCounty
) -> None:
    attached = small.kindergarten(small.county.children.get(name="甲镇"), "示例小学附设班")
    attached.code, attached.institution_type = "2165900001", "attached"
    attached.save(update_fields=["code", "institution_type"])
    batch = checked(officer, table(attached, {"institution_type": "independent"}))
    assert [head for head, _ in texts(batch)] == ["办学类型"]
    assert "幼儿园以11开头" in texts(batch)[0][1]
    assert "请到幼儿园的页面改" in texts(batch)[0][1]
    with pytest.raises(NeedsMending, match="以11开头"):
        correct_records({attached.pk: {"institution_type": "independent"}}, by=officer, now=NOW)
    # The rest of it is nobody's matter, and a code that begins with 11 may stay on either.
    batch = written(officer, checked(officer, table(attached, {"address": "示例路1号"})))
    assert batch.state == "written"
    for kind in ("attached", "independent"):
        batch = written(officer, checked(officer, table(one, {"institution_type": kind})))
        assert (batch.state, batch.changed_count) == ("written", 1)


def test_somebody_elses_credit_code_found_while_writing_stops_the_table(
    officer: User, one: Kindergarten, small: SmallCounty
) -> None:
    other = small.kindergarten(small.other_county.children.get(name="外镇"), "外镇幼儿园")
    Kindergarten.objects.filter(pk=other.pk).update(uscc=RIGHT)
    second = small.kindergarten(small.county.children.get(name="甲镇"), "第二幼儿园")
    wanted = {one.pk: {"address": "示例路3号"}, second.pk: {"uscc": RIGHT}}
    with pytest.raises(NeedsMending, match="已经登记给") as refusal:
        correct_records(wanted, by=officer, now=NOW)
    assert refusal.value.number == 1
    assert stored(one)["address"] == ""


def test_many_records_are_put_right_in_as_many_queries_as_one(
    officer: User, small: SmallCounty
) -> None:
    town = small.county.children.get(name="甲镇")
    every = [small.kindergarten(town, f"第{number}幼儿园").pk for number in range(30)]
    counts = []
    for number, some in enumerate((every[:1], every)):
        wanted = {key: {"address": f"{number}号", "school_buses": number} for key in some}
        with CaptureQueriesContext(connection) as queries, transaction.atomic():
            assert correct_records(wanted, by=officer, now=NOW) == len(some)
        counts.append(len(queries))
    assert counts[0] == counts[1]
    assert set(Kindergarten.objects.values_list("address", flat=True)) == {"1号"}
    assert correct_records({key: {"address": "1号"} for key in every}, by=officer, now=NOW) == 0


def test_one_of_another_county_is_not_put_right(officer: User, small: SmallCounty) -> None:
    other = small.kindergarten(small.other_county.children.get(name="外镇"), "外镇幼儿园")
    with pytest.raises(PermissionDenied):
        correct_records({other.pk: {"address": "示例路3号"}}, by=officer, now=NOW)


TEXTS = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cs", "Cc", "Cf", "Co", "Zl", "Zp"]),
    max_size=20,
).map(str.strip)
RECORDS = st.fixed_dictionaries(
    {},
    optional={
        "institution_type": st.sampled_from(InstitutionType.values),
        "host_name": TEXTS,
        "sponsor_name": TEXTS,
        "licence_number": TEXTS,
        "licence_until": st.dates(dt.date(2000, 1, 1), dt.date(2090, 1, 1)),
        "address": TEXTS,
        "landline": st.sampled_from(["", "0991-2999000", "010-65000000-12"]),
        "boarding": st.sampled_from([None, True, False]),
        "arrival": st.none()
        | st.times(dt.time(6), dt.time(9)).map(lambda time: time.replace(second=0, microsecond=0)),
        "meal_service": st.sampled_from(["", *MealService.values]),
        "school_buses": st.none() | st.integers(0, 500),
        "inclusion": st.sampled_from(["", *Inclusion.values]),
        "party_body": st.sampled_from(["", *PartyBody.values]),
        "uscc": st.sampled_from([None, RIGHT]),
    },
)
POSITIONS = st.none() | st.tuples(
    st.integers(4_000_000, 53_000_000), st.integers(74_000_000, 135_000_000)
).map(lambda pair: tuple(Decimal(part) / 1_000_000 for part in pair))


class Undone(Exception):
    pass


def test_whatever_the_registry_holds_exported_and_sent_again_changes_nothing(
    officer: User, one: Kindergarten, small: SmallCounty
) -> None:
    second = small.kindergarten(
        small.county.children.get(name="乙镇"), "=示例+园", ownership="inclusive_private"
    )

    @settings(max_examples=25)
    @given(RECORDS, POSITIONS)
    def round_trip(record: dict[str, Any], position: Any) -> None:
        with suppress(Undone), transaction.atomic():
            if position is not None:
                record = {**record, "latitude": position[0], "longitude": position[1]}
            Kindergarten.objects.filter(pk=one.pk).update(**record)
            rest = {name: value for name, value in record.items() if name != "uscc"}
            Kindergarten.objects.filter(pk=second.pk).update(**rest)
            before = list(Kindergarten.objects.order_by("pk").values())
            batch = checked(officer, current(officer))
            assert (batch.state, batch.same_count, texts(batch)) == ("unchanged", 2, [])
            assert list(Kindergarten.objects.order_by("pk").values()) == before
            raise Undone

    round_trip()


def test_a_town_that_was_given_up_still_holds_its_kindergartens(
    officer: User, one: Kindergarten, small: SmallCounty
) -> None:
    town = small.county.children.get(name="甲镇")
    town.is_active = False
    town.save()
    assert checked(officer, current(officer)).state == "unchanged"
    new = excel([
        ["学校标识码", *NEEDED],
        ["1165900001", "春芽幼儿园", "甲镇", "教育部门", "公办", "2012-09-01", "2026-10-01"],
    ])  # fmt: skip
    batch = checked(officer, new)
    assert [(head, text) for head, text in texts(batch)] == [
        ("乡镇街道", "甲镇不是在用的乡镇街道，请另选。")
    ]


def test_the_template_offers_the_choices_and_no_person(officer: User) -> None:
    answer = client_of(officer).get(reverse("import-template", args=["registry"]))
    book = openpyxl.load_workbook(io.BytesIO(b"".join(answer.streaming_content)))
    heads = [cell.value.rstrip("*") for cell in book["幼儿园名册"][1]]
    assert heads == [column.head for column in REGISTRY_TABLE.columns]
    assert not {"法定代表人", "责任督学", "园长"} & set(heads)
    lists = {
        str(rule.sqref).split("2:")[0]
        for rule in book["幼儿园名册"].data_validations.dataValidation
    }
    offered = {
        column.name
        for number, column in enumerate(REGISTRY_TABLE.columns, start=1)
        if openpyxl.utils.get_column_letter(number) in lists
    }
    assert {"institution_type", "meal_service", "boarding", "party_body", "town"} <= offered
