"""Health checks and trainings as tables: of people on the roster, once, wrong cells named."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from accounts.exchange import reports
from accounts.models import User
from staffing.models import HealthCheck, Training
from staffing.papers.importable import HEALTH_TABLE
from tests.access.routes import World
from tests.accounts.exchange.conftest import checked, written
from tests.accounts.exchange.tables import excel
from tests.conftest import acting
from tests.staffing.roster.making import a_number, in_post

DAY = dt.date(2026, 11, 2)
HEALTH = ["姓名", "证件号码", "检查日期", "结果", "检查机构"]
TRAINING = ["姓名", "证件号码", "级别", "培训内容", "学时", "开始日期", "结束日期", "证书编号"]


@pytest.fixture
def officer(world: World, tmp_path: Path, settings: Any) -> User:
    settings.FILES_ROOT = tmp_path
    return acting(world.people["bureau_officer"])


def test_papers_of_many_are_read_once(world: World, officer: User) -> None:
    colleague = in_post(world.second_kindergarten, world.staff_post.entered_as, 97)
    numbers = [str(one.person.number) for one in (world.staff_post, colleague)]
    checks = [HEALTH, *(["示例在册", number, DAY, "合格", "示例医院"] for number in numbers)]
    batch = checked(officer, excel(checks), kind="health-checks")
    assert (batch.fault_count, batch.new_count) == (0, 2)
    assert written(officer, batch).state == "written"
    assert HealthCheck.objects.filter(checked_on=DAY, result="fit").count() == 2
    again = checked(officer, excel(checks), kind="health-checks")
    assert (again.new_count, again.same_count) == (0, 2)
    courses = [TRAINING, ["示例在册", numbers[0], "国培", "示例研修", 7.5, DAY, DAY, "示例001"]]
    written(officer, checked(officer, excel(courses), kind="trainings"))
    course = Training.objects.get(subject="示例研修")
    assert (course.hours, course.number) == (Decimal("7.5"), "示例001")
    assert checked(officer, excel(courses), kind="trainings").same_count == 1


def test_what_is_wrong_is_said_at_its_cell(world: World, officer: User) -> None:
    person = world.staff_post.person
    number, there = str(person.number), person.health_checks.get().checked_on
    table = [
        HEALTH,
        ["示例在册", a_number(98), DAY, "合格", "示例医院"],
        ["别名", number, DAY, "合格", "示例医院"],
        ["示例在册", number, dt.date(2027, 1, 1), "合格", "示例医院"],
        ["示例在册", number, there, "不合格", "示例医院"],
    ]
    batch = checked(officer, excel(table), kind="health-checks")
    assert [one.head for one in reports.unpack(HEALTH_TABLE, batch).faults] == [
        "证件号码", "姓名", "检查日期", "结果",
    ]  # fmt: skip
