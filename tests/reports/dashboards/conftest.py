"""A county whose four towns stand differently, and the clock at which it is looked at."""

import datetime as dt
from decimal import Decimal

import pytest
from time_machine import travel

from indicators.models import Policy, Target
from tests.small_county import NOW, OCTOBER, SEPTEMBER, SmallCounty

RATES = ("gross_enrolment_rate", "inclusive_enrolment_share", "public_enrolment_share")


@pytest.fixture(autouse=True)
def _clock():
    with travel(NOW, tick=False):
        yield


def demand(small: SmallCounty) -> None:
    """A county document: 85 %, 85 %, 50 % for the county and its towns."""
    policy = Policy.objects.create(
        slug="county", title="甲县学前教育攻坚方案", document_number="甲教〔2026〕1号",
        region=small.county, valid_from=dt.date(2026, 1, 1),
    )  # fmt: skip
    for code, value in zip(RATES, ("0.85", "0.85", "0.50"), strict=True):
        Target.objects.create(
            policy=policy, indicator=code, operator=">=", value=Decimal(value),
            levels=["county", "town"], clause="第二条",
        )  # fmt: skip


@pytest.fixture
def county(small):
    """东镇 falls short with one return to review, 南镇 meets all, 西镇 has no population."""
    demand(small)
    small.east, small.south = small.town("东镇", people=150), small.town("南镇", people=90)
    small.west = small.town("西镇", people=None)
    small.street = small.town("河滨街道", people=90, street=True)
    small.populate(small.county, 420)
    public = small.kindergarten(small.east, "东镇一园")
    private = small.kindergarten(small.east, "东镇二园", ownership="non_inclusive_private")
    small.open = small.kindergarten(small.east, "东镇三园")
    small.file(public, 30, month=SEPTEMBER)
    small.file(public, 32)
    small.file(private, 60)
    small.file(small.open, 20, month=SEPTEMBER)
    small.file(small.open, 21, state="submitted")
    small.file(small.kindergarten(small.south, "南镇园"), 88)
    small.file(small.kindergarten(small.west, "西镇园"), 40)
    small.file(small.kindergarten(small.street, "街道园", ownership="inclusive_private"), 50)
    small.settle(SEPTEMBER, OCTOBER)
    return small


def page_of(response) -> str:
    assert response.status_code == 200
    return response.content.decode()
