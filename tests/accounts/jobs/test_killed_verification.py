"""Verification through a real worker and broker: killed in the middle it goes on, and two agree."""

from __future__ import annotations

import datetime as dt

import psycopg2
import pytest
from django.utils import timezone

from accounts.models import Job
from indicators.models import FigureDrift, RecomputeRun, RegionFacts
from indicators.services import runs
from indicators.services.recompute import _month_key
from tests.conftest import test_database_url
from tests.small_county import OCTOBER, SEPTEMBER, SmallCounty

from .conftest import Workers
from .test_killed_import import kill_children

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_killed_verification_goes_on_and_two_beside_each_other_agree(
    workers: Workers, small: SmallCounty
):
    town = small.town("甲镇")
    kindergarten = small.kindergarten(town, "示例一园")
    for month in (SEPTEMBER, OCTOBER):
        small.file(kindergarten, 24, month=month, state="accepted")
    small.settle()
    small.settle(SEPTEMBER)
    RegionFacts.objects.filter(region=town, month=SEPTEMBER).update(enrolled_children=99)
    # Both find the row of September; the lock is long past for the worker's clock, or not yet.
    holding = psycopg2.connect(test_database_url())
    with holding.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [_month_key(OCTOBER)])
    nation = runs.start_verification(now=timezone.now())
    jobs = Job.objects.filter(kind=runs.KIND, arguments__run=nation.pk)
    workers.wait(jobs.filter(state="done").exists)
    workers.wait(jobs.filter(state="running").exists)
    kill_children(workers)
    province = runs.start_verification(now=timezone.now(), province=small.city.province)
    jobs.filter(state="running").update(lease_until=timezone.now() - dt.timedelta(seconds=1))
    holding.close()
    both = RecomputeRun.objects.filter(pk__in=[nation.pk, province.pk])
    workers.wait(lambda: both.filter(state="done").count() == 2)
    assert list(both.values_list("done", flat=True)) == [2, 2]
    # September was verified once by the run that was killed: it began with October again.
    assert jobs.filter(state="done").count() == 2
    drift = FigureDrift.objects.filter(region=town, month=SEPTEMBER)
    assert drift.exclude(ending="agrees").count() == 1
    assert drift.first().differences == {"enrolled_children": [99, 24]}
