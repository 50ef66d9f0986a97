"""A list costs everyone the same number of queries, however wide the area and whatever the rows.

How long it takes is measured by benchmarks/scoped_list.py; tests assert no times.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import User
from tests.signing_in import client_of
from tests.small_county import NOW, SmallCounty

# Lists that several kinds of office open, and their arguments.
LISTS: dict[str, list[str]] = {
    "kindergarten-list": [],
    "dashboard-region": ["654321"],
    "jobs": [],
}
PRINTED = {"documents": []}


@pytest.fixture(autouse=True)
def now() -> Iterator[None]:
    with time_machine.travel(NOW, tick=True):
        yield


def queries(user: User, route: str, args: list[str]) -> int:
    client = client_of(user)
    address = reverse(route, args=args)
    assert client.get(address).status_code == 200
    with CaptureQueriesContext(connection) as captured:
        assert client.get(address).status_code == 200
    return len(captured)


@pytest.mark.parametrize("route", LISTS | PRINTED)
def test_as_many_queries_for_the_county_as_for_the_city(small: SmallCounty, route: str) -> None:
    for name in ("一", "二"):
        town = small.town(f"{name}镇")
        for number in range(3):
            small.file(small.kindergarten(town, f"{name}{number}园"), 24)
    other = small.town("乙镇", county=small.other_county)
    small.file(small.kindergarten(other, "乙园"), 24)
    small.settle()
    args = (LISTS | PRINTED)[route]
    ordinary = [small.officer(role=role) for role in ("bureau_leader", "inspector")]
    widest = queries(small.officer(small.city, "city_officer"), route, args)
    assert {queries(user, route, args) for user in ordinary} == {widest}


def test_rows_of_others_cost_no_query(small: SmallCounty) -> None:
    small.file(small.kindergarten(small.town("一镇"), "一园"), 24)
    small.settle()
    officer = small.officer()
    before = queries(officer, "kindergarten-list", [])
    other = small.town("乙镇", county=small.other_county)
    for number in range(5):
        small.file(small.kindergarten(other, f"乙{number}园"), 24)
    assert queries(officer, "kindergarten-list", []) == before
