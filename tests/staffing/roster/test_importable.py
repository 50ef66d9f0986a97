"""The roster as a table: read once, masked, and nowhere kept readable."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest

from accounts.exchange import reports
from accounts.models import ImportBatch
from staffing.models import Appointment, StaffMember
from staffing.roster.importable import STAFF_TABLE
from tests.access.routes import World
from tests.accounts.exchange.conftest import checked, written
from tests.accounts.exchange.tables import excel
from tests.conftest import acting
from tests.signing_in import client_of
from tests.staffing.roster.making import BORN_THERE, a_name, a_number

HEADS = ["学校标识码", "姓名", "证件号码", "岗位", "分工", "全职或兼职", "用人方式", "所带班级",
         "任职日期", "离任日期", "离任原因", "学历", "证书", "学段", "证书编号", "发证日期"]  # fmt: skip
SEPTEMBER = dt.date(2026, 9, 1)
PAPER = ["教师资格证", "幼儿园", "20206543210000123", dt.date(2020, 7, 1)]


def row(code: str, serial: int, **cells: Any) -> list[Any]:
    given = dict(zip(HEADS, [
        code, a_name(serial), a_number(serial), "专任教师", None, "全职", "在编", "小一班",
        SEPTEMBER, None, None, "大学本科", *PAPER[:2], f"2020654321{serial:07}", PAPER[3],
    ], strict=True))  # fmt: skip
    return list((given | cells).values())


@pytest.fixture
def files(tmp_path: Path, settings: Any) -> Path:
    settings.FILES_ROOT = tmp_path
    return tmp_path


def faults(batch: ImportBatch) -> list[tuple[str, str]]:
    return [(one.head, one.text) for one in reports.unpack(STAFF_TABLE, batch).faults]


def test_a_table_is_read_once(world: World, files: Path) -> None:
    officer = acting(world.people["bureau_officer"])
    code = world.kindergarten.code
    table = [
        HEADS,
        row(code, 1),
        row(code, 2, 岗位="工勤人员", 分工="炊事", 所带班级=None),
        # Of the same person: a post that is over, and the one after it.
        row(code, 3, 任职日期=dt.date(2024, 9, 1), 离任日期=SEPTEMBER, 离任原因="转岗"),
        row(code, 3, 岗位="行政人员", 所带班级=None),
    ]  # fmt: skip
    batch = checked(officer, excel(table), kind="staff")
    assert (batch.fault_count, batch.new_count, faults(batch)) == (0, 4, [])
    batch = written(officer, batch)
    assert (batch.state, bytes(batch.report)) == ("written", b"")
    posts = Appointment.objects.filter(person__name="第三人").order_by("started_on")
    assert [(one.post, one.ended_on, one.end_reason) for one in posts] == [
        ("full_time_teacher", SEPTEMBER, "other_post"), ("administrative", None, ""),
    ]  # fmt: skip
    assert StaffMember.objects.get(name="第一人").certificates.get().stage == "kindergarten"
    without_papers = [HEADS[:12], *(line[:12] for line in table[1:])]
    again = checked(officer, excel(without_papers), kind="staff")
    assert (again.new_count, again.changed_count, again.same_count) == (0, 0, 4)
    left = [HEADS[:12], row(code, 1, 离任日期=dt.date(2026, 10, 1), 离任原因="辞职")[:12]]
    batch = written(officer, checked(officer, excel(left), kind="staff"))
    post = Appointment.objects.get(person__name="第一人")
    assert (post.ended_on, post.end_reason) == (dt.date(2026, 10, 1), "resigned")


def test_what_is_wrong_is_said_at_its_cell(world: World, files: Path) -> None:
    officer = acting(world.people["bureau_officer"])
    code = world.kindergarten.code
    wrong_number = a_number(4)[:-1] + ("0" if a_number(4)[-1] != "0" else "1")
    there = {"姓名": "别名", "证件号码": _there(world)}
    table = [
        HEADS,
        row("9999999999", 1),
        row(code, 2, 证件号码=wrong_number),
        row(code, 3, 分工="炊事"),
        row(code, 5, 离任日期=dt.date(2026, 10, 1)),
        row(code, 6, 学历=None),
        row(code, 7, 学段=None),
        row(code, 8, **there),
        row(code, 9, 证件号码="123"),
    ]  # fmt: skip
    batch = checked(officer, excel(table), kind="staff")
    assert [head for head, _ in faults(batch)] == [
        "学校标识码", "证件号码", "分工", "离任原因", "学历", "学段", "姓名", "证件号码",
    ]  # fmt: skip
    typed = [one.typed for one in reports.unpack(STAFF_TABLE, batch).faults]
    assert wrong_number not in "".join(typed)
    assert batch.marked is None


def test_what_writing_would_refuse_is_said_before(world: World, files: Path) -> None:
    officer = acting(world.people["bureau_officer"])
    code = world.kindergarten.code
    there = {"姓名": "示例在册", "证件号码": _there(world), "学历": None, "所带班级": None}
    table = [
        HEADS,
        row(code, 1, 证件号码=a_number(1, dt.date(2011, 9, 2)), **dict.fromkeys(HEADS[12:])),
        # Two full-time posts at once, and no row of them is there yet.
        row(code, 2),
        row(code, 2, 岗位="行政人员", 所带班级=None, 任职日期=dt.date(2026, 10, 1)),
        row(code, 3, 岗位="园长", 所带班级=None),
        row(code, 4),
        row(code, 8, **there, 岗位="行政人员"),
        row(code, 9, 离任日期=dt.date(2062, 9, 1), 离任原因="辞职"),
        # Another person's certificate, who stands in the table too.
        row(code, 7, 证书编号="20206543210000009"),
    ]  # fmt: skip
    people, posts = StaffMember.objects.count(), Appointment.objects.count()
    batch = checked(officer, excel(table), kind="staff")
    assert [(head, text[:8]) for head, text in faults(batch)] == [
        ("任职日期", "任职时14周岁，"), ("全职或兼职", "第二人2026年"), ("例外说明", "任园长的条件（学"),
        ("全职或兼职", "示例在册2020"), ("离任日期", "离任日期在一年以"),
        ("证书编号", "这张表里另一个人"),
    ]  # fmt: skip
    assert (StaffMember.objects.count(), Appointment.objects.count()) == (people, posts)


def test_what_is_done_to_a_post_is_rehearsed_too(world: World, files: Path) -> None:
    officer = acting(world.people["bureau_officer"])
    code = world.kindergarten.code
    full = [HEADS, row(code, 2, 全职或兼职="兼职"), row(code, 2, 岗位="行政人员", 所带班级=None)]
    written(officer, checked(officer, excel(full), kind="staff"))
    cells = [line[:12] for line in (HEADS, row(code, 2))]
    batch = checked(officer, excel(cells), kind="staff")
    assert (batch.changed_count, [head for head, _ in faults(batch)]) == (0, ["全职或兼职"])
    assert not Appointment.objects.get(person__name="第二人", post="full_time_teacher").full_time


def test_a_director_imports_the_own_roster_and_nobody_elses(world: World, files: Path) -> None:
    director = acting(world.people["director"])
    own, other = world.kindergarten.code, world.second_kindergarten.code
    batch = checked(director, excel([HEADS, row(own, 1), row(other, 2)]), kind="staff")
    [fault] = reports.unpack(STAFF_TABLE, batch).faults
    assert (fault.row, fault.head) == (3, "学校标识码")
    assert "不在您的范围内" in fault.text
    batch = written(director, checked(director, excel([HEADS, row(own, 1)]), kind="staff"))
    assert batch.state == "written"
    assert Appointment.objects.get(person__name="第一人").kindergarten == world.kindergarten


def _there(world: World) -> str:
    return str(world.staff_post.person.number)


def test_numbers_are_nowhere_readable(world: World, files: Path) -> None:
    officer = acting(world.people["bureau_officer"])
    code = world.kindergarten.code
    batch = checked(officer, excel([HEADS, row(code, 1)]), kind="staff")
    number = a_number(1)
    assert a_number(1, BORN_THERE) != number
    kept = b"".join(path.read_bytes() for path in files.rglob("*") if path.is_file())
    assert kept
    assert not kept.startswith(b"PK")
    assert number.encode() not in kept + bytes(batch.report)
    client = client_of(officer)
    page = client.get(f"/imports/batches/{batch.pk}/?view=new")
    shown = page.content.decode()
    assert (page.status_code, "第一人" in shown, number in shown) == (200, True, False)
    for address in (f"/imports/batches/{batch.pk}/original", "/imports/staff/current.xlsx"):
        assert client.get(address).status_code == 404, address
