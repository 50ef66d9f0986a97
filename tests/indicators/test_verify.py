"""A stored row that does not say what its facts say is found, named, and mended or listed."""

from __future__ import annotations

import datetime as dt
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import connection, transaction

from accounts.jobs.registry import JobRun
from accounts.models import Job, Region
from indicators.models import FigureDrift, KindergartenFacts, RecomputeRun, RegionFacts
from indicators.services import runs
from indicators.services.recompute import recompute
from indicators.services.verify import compare, repair
from indicators.tasks import recompute_figures
from indicators.verification.presenters import told, why
from kindergartens.recompute import ask_for_figures
from tests.conftest import acting
from tests.indicators.world import MONTHS, World, expected_rows, stored_rows
from tests.small_county import NOW, OCTOBER, SEPTEMBER, SmallCounty

pytestmark = pytest.mark.django_db

# After September's lock (20 October) and before October's (20 November).
BETWEEN = NOW
LATER = NOW + dt.timedelta(hours=1)


def counted_county(small: SmallCounty) -> SmallCounty:
    for county in (small.county, small.other_county):
        town = small.town(f"{county.name}镇", county=county)
        kindergarten = small.kindergarten(town, f"{county.name}园")
        small.file(kindergarten, 24, month=SEPTEMBER, state="accepted")
        small.file(kindergarten, 26, month=OCTOBER, state="accepted")
    for month in (SEPTEMBER, OCTOBER):
        recompute(month=month, now=NOW)
    return small


def spoil(region: Region, month: dt.date, **values: int) -> None:
    with connection.cursor() as cursor:
        for name, value in values.items():
            cursor.execute(
                f"UPDATE indicators_regionfacts SET {name} = %s"  # noqa: S608
                " WHERE region_id = %s AND month = %s",
                [value, region.pk, month],
            )


def verify(now: dt.datetime = BETWEEN, province: Region | None = None) -> RecomputeRun:
    run = runs.start_verification(now=now, province=province)
    while run.state == RecomputeRun.State.RUNNING:
        run = runs.take_step(run_id=run.pk, now=now)
    return run


@pytest.mark.parametrize("seed", [0, 3])
def test_nothing_differs_after_a_run_and_a_province_alone_sees_the_same(seed):
    World(seed)
    for month in MONTHS:
        recompute(month=month, now=NOW)
    province = Region.objects.filter(level=1).order_by("code").first()
    # A month in which nobody of the province has a period is one with nothing to compare.
    for month in (*MONTHS, dt.date(2001, 1, 1)):
        with transaction.atomic():
            assert compare(month=month) == []
        with transaction.atomic():
            assert compare(month=month, province=province) == []


def test_rows_set_wrong_missing_and_too_many_are_found_in_one_statement_a_month(small):
    counted_county(small)
    town = Region.objects.filter(level=4, county=small.county).get()
    spoil(town, OCTOBER, enrolled_children=27)
    RegionFacts.objects.filter(region=small.other_county, month=OCTOBER).delete()
    stray = Region.objects.create(
        code="659900", name="他市", level=2, parent=small.city.province,
        province=small.city.province,
    )  # fmt: skip
    row = RegionFacts.objects.get(region=small.city, month=OCTOBER)
    row.pk, row.region = None, stray
    row.save(force_insert=True)
    with transaction.atomic():
        found = {one.region: one for one in compare(month=OCTOBER)}
    assert {pk: one.kind for pk, one in found.items()} == {
        town.pk: "changed",
        small.other_county.pk: "missing",
        stray.pk: "extra",
    }
    assert found[town.pk].values == {"enrolled_children": [27, 26]}
    assert told(found[town.pk].values) == "在园幼儿：存着27，重算26"
    assert found[small.other_county.pk].values["expected"] == [None, 1]


def test_open_months_are_mended_and_locked_ones_only_listed(small):
    counted_county(small)
    town = Region.objects.filter(level=4, county=small.county).get()
    for month in (SEPTEMBER, OCTOBER):
        spoil(town, month, enrolled_children=99, nursery_children=7)
    before = stored_rows(SEPTEMBER)
    run = verify()
    assert (run.state, run.done, run.drifted) == ("done", 2, 2)
    assert stored_rows(OCTOBER) == expected_rows(OCTOBER)
    assert stored_rows(SEPTEMBER) == before
    listed, mended = FigureDrift.objects.order_by("month")
    assert (listed.region, listed.month, listed.ending) == (town, SEPTEMBER, "")
    assert listed.differences == {"enrolled_children": [99, 24], "nursery_children": [7, 0]}
    assert (mended.month, mended.ending) == (OCTOBER, "open_month")
    # The next night it is the same row, not another one.
    verify(LATER)
    assert FigureDrift.objects.standing().get().pk == listed.pk


def test_a_locked_month_is_repaired_by_a_person_with_a_reason(small):
    counted_county(small)
    town = Region.objects.filter(level=4, county=small.county).get()
    spoil(town, SEPTEMBER, enrolled_children=99)
    verify()
    drift = FigureDrift.objects.get()
    officer = small.officer().memberships.get()
    assert repair(drift=drift, reason="查过，存错了", asked_as=officer, now=LATER) == 1
    drift.refresh_from_db()
    assert (drift.ending, drift.reason, drift.settled_as) == ("repaired", "查过，存错了", officer)
    assert stored_rows(SEPTEMBER) == expected_rows(SEPTEMBER)
    run = RecomputeRun.objects.get(purpose="repair")
    assert (run.rows, run.asked_as) == (1, officer)


def test_what_others_put_right_is_not_settled_under_the_name_of_who_repairs(small):
    counted_county(small)
    for county in (small.county, small.other_county):
        spoil(county, SEPTEMBER, enrolled_children=99)
    verify()
    recompute(month=SEPTEMBER, now=LATER, county=small.other_county)
    own, other = FigureDrift.objects.order_by("region__code")
    officer = small.officer().memberships.get()
    assert repair(drift=own, reason="查过，存错了", asked_as=officer, now=LATER) == 2
    own.refresh_from_db()
    other.refresh_from_db()
    assert (own.ending, own.settled_as, own.reason) == ("repaired", officer, "查过，存错了")
    assert (other.ending, other.settled_as, other.reason) == ("agrees", None, "")


def test_rows_of_places_without_a_period_are_repaired(small):
    counted_county(small)
    above = {"parent": small.city, "city": small.city, "province": small.city.province}
    silent = Region.objects.create(code="654323", name="丙县", level=3, is_active=True, **above)
    # It runs a kindergarten, so it owes a return though it has no period.
    small.kindergarten(small.town("丙镇", county=silent, people=None), "示例丙园")
    for month in (SEPTEMBER, OCTOBER):
        recompute(month=month, now=NOW)
    stray = Region.objects.create(
        code="659900", name="他市", level=2, parent=small.city.province,
        province=small.city.province,
    )  # fmt: skip
    row = RegionFacts.objects.get(region=small.city, month=SEPTEMBER)
    row.pk, row.region = None, stray
    row.save(force_insert=True)
    RegionFacts.objects.filter(region=silent, month=SEPTEMBER).delete()
    verify()
    officer = small.officer().memberships.get()
    drifts = FigureDrift.objects.order_by("region__code")
    assert [(one.region, one.kind) for one in drifts] == [(silent, "missing"), (stray, "extra")]
    for drift in drifts:
        assert repair(drift=drift, reason="补登", asked_as=officer, now=LATER) == 1
    assert not FigureDrift.objects.standing().exists()
    with transaction.atomic():
        assert compare(month=SEPTEMBER) == []
    assert RecomputeRun.objects.filter(purpose="repair", rows=1).count() == 2


def test_a_late_population_is_drift_of_a_locked_month_and_says_so(small):
    counted_county(small)
    small.populate(small.county, 600)
    recompute(month=OCTOBER, now=NOW)
    verify()
    found = FigureDrift.objects.standing().filter(region=small.county).get()
    assert found.month == SEPTEMBER
    assert "人口" in why(found)


def test_frozen_facts_changed_by_sql_are_named_and_set_back_to_their_version(small):
    counted_county(small)
    facts = KindergartenFacts.objects.get(month=OCTOBER, county=small.county)
    KindergartenFacts.objects.filter(pk=facts.pk).update(enrolled_children=40)
    run = verify()
    drift = FigureDrift.objects.get(kind="frozen")
    assert drift.kindergarten == facts.kindergarten
    assert drift.differences == {"enrolled_children": [40, 26]}
    # It was never mended by itself, though the month is open.
    assert drift.settled_at is None
    assert run.drifted >= 1
    repair(
        drift=drift, reason="改回月报的数", asked_as=small.officer().memberships.get(), now=LATER
    )
    facts.refresh_from_db()
    assert facts.enrolled_children == 26
    assert stored_rows(OCTOBER) == expected_rows(OCTOBER)
    assert not FigureDrift.objects.standing().exists()


def test_what_still_waits_to_be_summed_is_no_drift(small):
    counted_county(small)
    town = Region.objects.filter(level=4, county=small.county).get()
    spoil(town, OCTOBER, enrolled_children=99)
    job = ask_for_figures(county=small.county, month=OCTOBER, now=NOW)
    assert verify().drifted == 0
    Job.objects.filter(pk=job.pk).update(state="done", finished_at=NOW)
    assert verify(LATER).drifted == 1


def test_a_run_goes_on_where_it_stopped_and_one_is_under_way_at_a_time(small):
    counted_county(small)
    first = runs.start_verification(now=NOW)
    runs.take_step(run_id=first.pk, now=NOW)
    runs.give_up(run_id=first.pk, reason="连续中断", now=NOW)
    again = runs.start_verification(now=LATER)
    assert (again.pk, again.done, again.state, again.error) == (first.pk, 1, "running", "")
    assert runs.start_verification(now=LATER).pk == first.pk
    assert runs.take_step(run_id=first.pk, now=LATER).state == "done"
    # A step that is delivered once more does nothing.
    assert runs.take_step(run_id=first.pk, now=LATER).done == 2
    # Another day begins anew.
    assert runs.start_verification(now=NOW + dt.timedelta(days=2)).pk != first.pk


def test_the_command_prints_the_drift_and_fails(small):
    counted_county(small)
    town = Region.objects.filter(level=4, county=small.county).get()
    spoil(town, SEPTEMBER, enrolled_children=99)
    out = StringIO()
    for arguments in (["--only-look"], ["--province", "650000"]):
        with pytest.raises(SystemExit) as ended:
            call_command("verify_figures", "--month", "2026-09", *arguments, stdout=out)
        assert ended.value.code == 1
    assert out.getvalue().count("在园幼儿：存着99，重算24") == 2
    call_command("verify_figures", "--month", "2026-10", stdout=out)
    assert "1个月全部一致" in out.getvalue()


def test_each_sees_differences_of_the_own_place_and_who_runs_the_portal_only_the_runs(small):
    counted_county(small)
    for county in (small.county, small.other_county):
        spoil(county, SEPTEMBER, enrolled_children=99)
    run = verify()
    officer, city = acting(small.officer()), acting(small.officer(small.city, "city_officer"))
    system = acting(small.officer(role="system_administrator"))
    seen = [
        sorted(FigureDrift.objects.visible_to(user).values_list("region__name", flat=True))
        for user in (officer, city, system)
    ]
    assert seen == [["甲县"], ["乙县", "甲县"], []]
    for purpose, region in (
        ("event", small.other_county), ("verification", small.city.province)
    ):  # fmt: skip
        RecomputeRun.objects.create(
            purpose=purpose, region=region, months=[], began_at=NOW, finished_at=NOW, state="done"
        )
    runs_seen = [RecomputeRun.objects.visible_to(user).count() for user in (officer, city, system)]
    assert (runs_seen, run.drifted) == ([2, 3, 3], 2)


def test_each_recomputation_is_one_row_and_old_ones_go(small):
    counted_county(small)
    job = ask_for_figures(county=small.county, month=SEPTEMBER, now=NOW)
    recompute_figures(JobRun(job, now=NOW, report=lambda *_: None))
    run = RecomputeRun.objects.get()
    assert (run.purpose, run.region, run.months) == ("event", small.county, [SEPTEMBER, OCTOBER])
    assert runs.forget_old(now=NOW + dt.timedelta(days=90)) == 0
    assert runs.forget_old(now=NOW + dt.timedelta(days=93)) == 1
