"""The header of a dry run: every row that was read is right or wrong, new, changed or the same; and
what the new ones bring to the books."""

from __future__ import annotations

import datetime as dt
import re
from contextlib import suppress
from typing import Any

import hypothesis
import pytest
from django.db import transaction
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from accounts.exchange import reports, services
from accounts.models import ImportBatch, User
from kindergartens.models import InstitutionType
from kindergartens.registering.importable import REGISTRY_TABLE
from tests.accounts.exchange.conftest import checked, written
from tests.accounts.exchange.tables import HEADS, excel, kindergarten_row
from tests.signing_in import client_of
from tests.small_county import NOW, SmallCounty

pytestmark = pytest.mark.django_db

MORE = ["办园地址", "等级", "变更原因", "依据文号", "计入在园幼儿", "办园状态"]
DAY = dt.date(2026, 11, 1)


class Undone(Exception):
    pass


# What a row is, and whether it is "new", "changed", "same" or "wrong".
ROWS = st.lists(
    st.sampled_from(
        ["new", "changed", "same", "bad cell", "missing", "moved", "no code", "again", "no paper"]
    ),
    min_size=1,
    max_size=8,
)
WRONG = {"bad cell", "missing", "moved", "no code", "again", "no paper"}


def rows_of(kinds: list[str], there: list[Any]) -> list[list[Any]]:
    found: list[list[Any]] = []
    for number, (kind, one) in enumerate(zip(kinds, there, strict=False), start=1):
        new = [*kindergarten_row(number), *[None] * len(MORE)]
        old = [one.code, one.name, *[None] * (len(HEADS) - 3), DAY, *[None] * len(MORE)]
        if kind == "new":
            found.append(new)
        elif kind == "changed":
            found.append([*old[:-6], f"示例路{number}号", *old[-5:]])
        elif kind == "same":
            found.append(old)
        elif kind == "bad cell":
            found.append([*new[:3], "私立", *new[4:]])
        elif kind == "missing":
            found.append([*new[:2], None, *new[3:]])
        elif kind == "moved":
            found.append([*old[:2], "乙镇", *old[3:]])
        elif kind == "no code":
            found.append([None, *new[1:]])
        elif kind == "again":
            found.append([there[-1].code, there[-1].name, *old[2:]])
        else:
            found.append([*old[:-5], "一级园", *old[-4:]])
    return found


def counts(batch: ImportBatch) -> dict[str, int | None]:
    return {"new": batch.new_count, "changed": batch.changed_count, "same": batch.same_count}


def test_rows_are_right_or_wrong_and_add_up(officer: User, small: SmallCounty):
    town = small.county.children.get(name="甲镇")
    there = [small.kindergarten(town, f"现有{number}幼儿园") for number in range(9)]

    @hypothesis.settings(max_examples=25)
    @given(ROWS)
    def add_up(kinds: list[str]) -> None:
        table = [[*HEADS, *MORE], *rows_of(kinds, there)]
        # The first of those with the same code stands, every further one is wrong.
        repeated = max(0, kinds.count("again") - 1)
        right = {
            "new": kinds.count("new"),
            "changed": kinds.count("changed"),
            "same": kinds.count("same") + kinds.count("again") - repeated,
        }
        with suppress(Undone), transaction.atomic():
            batch = checked(officer, excel(table))
            assert batch.row_count == len(kinds)
            assert counts(batch) == right
            assert batch.right_count == sum(right.values())
            assert batch.wrong_count == len(kinds) - sum(right.values())
            assert (batch.wrong_count == 0) == (batch.state != "faulty")
            report = reports.unpack(REGISTRY_TABLE, batch)
            wrong = {fault.row for fault in report.faults}
            assert len(wrong) == batch.wrong_count
            shown = {line.row for line in report.new} | {one.line.row for one in report.changed}
            assert not shown & wrong
            raise Undone

    add_up()


def stats(page: str) -> dict[str, int]:
    pairs = re.findall(r"<dt>([^<]+)</dt><dd>(\d+)<small>", page)
    return {head: int(number) for head, number in pairs}


def test_the_page_says_what_was_read_and_what_of_it_is_right(officer: User, small: SmallCounty):
    town = small.county.children.get(name="甲镇")
    there = [small.kindergarten(town, f"现有{number}幼儿园") for number in range(6)]
    table = rows_of(["new", "bad cell", "same", "changed", "missing"], there)
    batch = checked(officer, excel([[*HEADS, *MORE], *table]))
    page = client_of(officer).get(reverse("import-batch", args=[batch.pk])).content.decode()
    assert stats(page) == {
        "读到": 5, "正确": 3, "有误": 2, "新增": 1, "有变化": 1, "没有变化": 1, "要改的格子": 2,
    }  # fmt: skip
    assert "写入后增加" not in page


def test_a_refusal_while_writing_makes_its_row_a_wrong_one(officer: User, monkeypatch):
    batch = checked(officer, excel([HEADS, kindergarten_row(1), kindergarten_row(2)]))

    def refusing(*_: Any) -> None:
        raise services.Refused("示例理由，请重新上传。", row=3)

    monkeypatch.setattr(type(REGISTRY_TABLE), "write", refusing)
    batch = written(officer, batch)
    batch.refresh_from_db()
    assert (batch.state, batch.new_count, batch.wrong_count) == ("faulty", 1, 1)


def test_what_new_ones_will_count_as_is_said_before_they_are_written(officer: User):
    heads = [*HEADS, "普惠认定文件", "办学类型", "办园状态", "计入教职工"]
    private = ["民办", "普惠性民办", "否"]
    rows = [
        [*kindergarten_row(1), None, None, None, None],
        [*kindergarten_row(2, town="乙镇"), None, None, "停办整顿", "否"],
        [
            *kindergarten_row(3)[:3],
            *private,
            *kindergarten_row(3)[6:],
            "示教〔2026〕1号",
            None,
            None,
            None,
        ],
        [
            *kindergarten_row(4)[:3],
            "民办",
            "非普惠民办",
            "是",
            *kindergarten_row(4)[6:],
            None,
            InstitutionType.CARE_POINT.label,
            None,
            None,
        ],
    ]
    batch = checked(officer, excel([heads, *rows]))
    assert batch.state == "ready", reports.unpack(REGISTRY_TABLE, batch).faults
    context = services.context_of(REGISTRY_TABLE, officer, NOW)
    said = REGISTRY_TABLE.adds(context, reports.unpack(REGISTRY_TABLE, batch).new)
    assert said == [
        "新登记4所：公办2、普惠性民办1、非普惠民办1。",
        "其中计入公办1所、计入普惠2所、不计入在园幼儿1所、不计入教职工2所、停办整顿1所。",
        "按乡镇街道：甲镇3、乙镇1。",
    ]
    url = reverse("import-batch", args=[batch.pk])
    page = client_of(officer).get(url).content.decode()
    for sentence in said:
        assert sentence in page
    assert written(officer, batch).state == "written"
    assert "写入后增加" not in client_of(officer).get(url).content.decode()


def test_every_column_that_is_filled_in_is_shown_of_new_rows(officer: User):
    heads = [*HEADS, "联系电话（座机）", "等级", "供餐"]
    rows = [
        [*kindergarten_row(1), "0991-2999000", None, None],
        [*kindergarten_row(2), None, "一级园", None],
    ]
    batch = checked(officer, excel([heads, *rows]))
    page = client_of(officer).get(reverse("import-batch", args=[batch.pk])).content.decode()
    shown = re.findall(r'<th scope="col">([^<]+)</th>', page)
    assert {"联系电话（座机）", "等级", "状态起始日期", "建园日期"} <= {*shown}
    assert "供餐" not in shown
    assert "0991-2999000" in page
    assert "一级园" in page
