"""A county with everything a report shows, and ways to read a PDF back."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
from django.db import connection

from accounts.models import Region, User
from fees.models import FeeCeiling
from indicators.models import Policy, Target
from reports.documents.models import PrintedDocument
from reports.documents.services import Paper, print_document, request_document
from tests.conftest import acting
from tests.small_county import NOW, OCTOBER, SEPTEMBER, SmallCounty

ORIGIN = "https://portal.example"


@pytest.fixture
def county(small: SmallCounty) -> SmallCounty:
    """甲县: a town that reaches its targets, one that does not, a street; one return missing.

    甲镇 240 children of 300 (公办 200, 普惠 40); 乙镇 100 of 300, all 非普惠; 丙街道 60 public.
    乙镇 owes one more return, which had 30 children in September.
    """
    first = small.town("甲镇")
    second = small.town("乙镇")
    street = small.town("丙街道", street=True)
    small.populate(small.county, 900)
    small.file(small.kindergarten(first, "甲镇示例一园"), 200)
    small.file(
        small.kindergarten(first, "甲镇示例二园", ownership="inclusive_private"), 40, nursery=9
    )
    small.file(small.kindergarten(second, "乙镇示例一园", ownership="non_inclusive_private"), 100)
    owing = small.kindergarten(second, "乙镇示例二园")
    small.file(owing, 30, month=SEPTEMBER)
    small.file(small.kindergarten(street, "丙街道示例园"), 60)
    policy = Policy.objects.create(
        slug="jia", title="甲县三年行动方案", document_number="甲政〔2024〕1号", region=small.county
    )
    for indicator, value in (
        ("gross_enrolment_rate", "0.93"),
        ("inclusive_enrolment_share", "0.70"),
        ("public_enrolment_share", "0.50"),
    ):
        Target.objects.create(
            policy=policy,
            indicator=indicator,
            operator=">=",
            value=value,
            levels=["county", "town"],
            clause="二（一）",
        )
    for scope, yuan in (("public", "380"), ("inclusive_a", "620.50")):
        FeeCeiling.objects.create(
            region=small.city,
            scope=scope,
            yuan_per_month=yuan,
            document="示例文件",
            valid_from=dt.date(2024, 9, 1),
        )
    small.settle(SEPTEMBER, OCTOBER)
    return small


def paper(kind: str, region: Region, month: dt.date = OCTOBER) -> Paper:
    return Paper(PrintedDocument.Kind(kind), region, month, ORIGIN)


def request_and_print(wanted: Paper, by: User) -> PrintedDocument:
    """What the worker does, without its process."""
    with connection.cursor() as cursor:
        # As the worker sets it for the job's transaction: setting the page takes seconds.
        cursor.execute("SET LOCAL idle_in_transaction_session_timeout = '120s'")
    job = request_document(paper=wanted, by=by, now=NOW)
    return print_document(job=job, paper=wanted, by=by, now=NOW, progress=lambda *steps: None)


@pytest.fixture
def printed(county: SmallCounty) -> Callable[..., PrintedDocument]:
    """Print a kind for 甲县, or for another region."""

    def make(kind: str, region: Region | None = None, by: User | None = None) -> PrintedDocument:
        region = region or county.county
        return request_and_print(paper(kind, region), by or acting(county.officer(region)))

    return make
