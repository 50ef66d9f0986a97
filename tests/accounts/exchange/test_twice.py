"""Whatever a readable table holds: written once, the second time it changes nothing."""

from __future__ import annotations

import datetime as dt
from contextlib import suppress

import pytest
from django.db import transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from accounts.models import User
from kindergartens.models import Kindergarten
from tests.accounts.exchange.conftest import checked, written
from tests.accounts.exchange.tables import HEADS, as_csv, excel, wps

pytestmark = pytest.mark.django_db

DAY = dt.date(2012, 9, 1)
NOTATIONS = [DAY, "2012-9-1", "2012/09/01", "2012.9.1", "20120901", "2012年9月1日", 41153]
KINDS = [("教育部门", "公办", "否"), ("民办", "普惠性民办", "否"), ("民办", "非普惠民办", "是")]
ROWS = st.lists(
    st.tuples(
        st.integers(1, 99_999),
        st.sampled_from(["甲镇", " 乙镇", "乙镇\u3000"]),
        st.sampled_from(KINDS),
        st.sampled_from(NOTATIONS),
    ),
    min_size=1,
    max_size=5,
    unique_by=lambda row: row[0],
)


class Undone(Exception):
    pass


def test_a_table_sent_twice_changes_nothing_the_second_time(officer: User):
    @settings(max_examples=12)
    @given(ROWS, st.sampled_from([excel, wps, as_csv]))
    def twice(rows, save) -> None:
        table = [
            HEADS,
            *(
                [f"11659{number:05d}", f"示例第{number:05d}园", town, *kind, opened, "2026-10-01"]
                for number, town, kind, opened in rows
            ),
        ]
        content, name = save(table), "名册.csv" if save is as_csv else "名册.xlsx"
        with suppress(Undone), transaction.atomic():
            first = checked(officer, content, name)
            assert (first.state, first.new_count) == ("ready", len(rows)), first.refusal
            written(officer, first)
            before = list(Kindergarten.objects.order_by("code").values())
            again = checked(officer, content, name)
            assert (again.state, again.same_count) == ("unchanged", len(rows))
            assert list(Kindergarten.objects.order_by("code").values()) == before
            raise Undone

    twice()
