"""Whatever a table changes of kindergartens that are there: the second time it changes nothing."""

from __future__ import annotations

import datetime as dt
from contextlib import suppress
from typing import Any

import pytest
from django.db import transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from accounts.exchange import reports
from accounts.models import User
from kindergartens.models import Kindergarten, KindergartenStatus, StatusChange
from kindergartens.registering.columns import HEADS as HEAD_OF
from kindergartens.registering.importable import REGISTRY_TABLE
from tests.accounts.exchange.conftest import checked, written
from tests.accounts.exchange.tables import as_csv, excel, wps
from tests.small_county import SmallCounty

pytestmark = pytest.mark.django_db

YES_NO = st.sampled_from([None, "是", "否"])
CHANGES = st.fixed_dictionaries(
    {
        # What the rates count by is refused whatever it says: tests/accounts/exchange.
        "level": st.sampled_from([None, "一级园", "省级示范园"]),
        "half_day": YES_NO,
        "urban_rural": st.sampled_from([None, "121镇中心区", "220村庄"]),
        "town": st.sampled_from([None, "甲镇"]),
        "address": st.sampled_from([None, "示例路1号", "示例路2号 "]),
        "uscc": st.sampled_from([None, "91350200776049653A", "91350203M0001QAY9B"]),
        "uscc_reason": st.sampled_from(["证书上确实如此"]),
        "arrival": st.sampled_from([None, "7:30", "08:00"]),
        "boarding": YES_NO,
        "school_buses": st.sampled_from([None, 0, 2]),
        "institution_type": st.sampled_from([None, "独立幼儿园", "社区办园点"]),
        "valid_from": st.sampled_from([dt.date(2026, 11, 1), "2026/11/2", "2026年12月1日"]),
    }
)


class Undone(Exception):
    pass


def everything() -> list[Any]:
    return [
        list(model.objects.order_by("pk").values())
        for model in (Kindergarten, KindergartenStatus, StatusChange)
    ]


def test_changes_sent_twice_change_once(officer: User, small: SmallCounty) -> None:
    there = [
        small.kindergarten(small.county.children.get(name="甲镇"), f"示例{number}幼儿园")
        for number in range(3)
    ]

    @settings(max_examples=25)
    @given(st.lists(CHANGES, min_size=1, max_size=3), st.sampled_from([excel, wps, as_csv]))
    def twice(rows: list[dict[str, Any]], save: Any) -> None:
        names = list(rows[0])
        heads = ["学校标识码", "园名", "办别", "办园性质", "建园日期", "变更原因", "依据文号"]
        table = [[*heads, *(HEAD_OF[name] for name in names)]]
        used: set[str] = set()
        for kindergarten, row in zip(there, rows, strict=False):
            if row["uscc"] in used:
                row["uscc"] = None
            used |= {row["uscc"]} - {None}
            key = [
                kindergarten.code,
                kindergarten.name,
                "教育部门",
                "公办",
                None,
                "示例原因",
                "示教〔2026〕1号",
            ]
            table.append([*key, *(row[name] for name in names)])
        content, name = save(table), "名册.csv" if save is as_csv else "名册.xlsx"
        with suppress(Undone), transaction.atomic():
            first = checked(officer, content, name)
            faults = [(one.cell, one.text) for one in reports.unpack(REGISTRY_TABLE, first).faults]
            assert faults == []
            if first.state == "ready":
                assert written(officer, first).state == "written"
            before = everything()
            again = checked(officer, content, name)
            assert (again.state, again.same_count) == ("unchanged", len(table) - 1)
            assert everything() == before
            raise Undone

    twice()
