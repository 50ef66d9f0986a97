"""Region rows against a slow oracle, and against themselves: twice, late, in parallel."""

from __future__ import annotations

import datetime as dt
import threading

import pytest
from django.db import IntegrityError, connection, connections, transaction

from accounts.models import Region
from indicators.models import KindergartenFacts, RegionFacts
from indicators.selectors import figures, filing_progress, months_available
from indicators.services.freeze import freeze_facts
from indicators.services.recompute import recompute, recompute_from
from kindergartens.models import Kindergarten, MonthlyFiling, Population, ReportingPeriod
from tests.acting_role import as_owner
from tests.indicators.world import COLUMNS, MONTHS, NOW, World, expected_rows, stored_rows
from tests.small_county import OCTOBER, SmallCounty, moment

LATER = NOW + dt.timedelta(hours=1)


@pytest.mark.django_db
@pytest.mark.parametrize("seed", range(4))
def test_every_row_equals_the_oracle(seed):
    World(seed)
    for month in MONTHS:
        written = recompute(month=month, now=NOW)
        expected = expected_rows(month)
        assert stored_rows(month) == expected
        assert written == len(expected) > 10


@pytest.mark.django_db
def test_the_worlds_hold_what_the_oracle_should_meet():
    World(0)
    for month in MONTHS:
        recompute(month=month, now=NOW)
    rows = RegionFacts.objects
    assert rows.filter(pending_enrolled_children__gt=0).exists()
    assert rows.filter(resident_population_3_5=None, registered_population_3_5__gt=0).exists()
    assert rows.filter(population_date__year=2025).exists()
    assert rows.filter(population_date__year=2026).exists()
    assert rows.filter(filed__gt=0, accepted=0).exists()


@pytest.mark.django_db
def test_a_second_run_touches_nothing():
    World(1)
    recompute(month=MONTHS[1], now=NOW)
    assert recompute(month=MONTHS[1], now=LATER) == 0
    assert set(RegionFacts.objects.values_list("computed_at", flat=True)) == {NOW}


@pytest.mark.django_db
@pytest.mark.parametrize("seed", [2, 3])
def test_county_by_county_in_any_order_is_the_same_as_all_at_once(seed):
    world = World(seed)
    counties = [c for c in world.counties if (c.pk, MONTHS[2]) in world.periods]
    world.random.shuffle(counties)
    for county in counties:
        recompute(month=MONTHS[2], now=NOW, county=county)
    piecemeal = stored_rows(MONTHS[2])
    RegionFacts.objects.all().delete()
    recompute(month=MONTHS[2], now=NOW)
    assert stored_rows(MONTHS[2]) == piecemeal == expected_rows(MONTHS[2])


@pytest.mark.django_db
@pytest.mark.parametrize("seed", [0, 4])
def test_one_county_alone_leaves_city_and_province_as_a_full_run_would(seed):
    world = World(seed)
    recompute(month=MONTHS[2], now=NOW)
    filing = MonthlyFiling.objects.filter(
        period__month=MONTHS[2], state__in=["submitted", "draft"]
    ).select_related("period__county").first()  # fmt: skip
    version = world.version(filing, 2)
    freeze_facts(version_ids=[version.pk], accepted_at=NOW)
    county = filing.period.county

    changed = recompute(month=MONTHS[2], now=LATER, county=county)
    touched = set(RegionFacts.objects.filter(computed_at=LATER).values_list("region_id", flat=True))
    assert changed == len(touched)
    assert {filing.town_id, county.pk, county.city_id, county.province_id} >= touched
    assert filing.town_id in touched
    assert recompute(month=MONTHS[2], now=LATER) == 0
    assert stored_rows(MONTHS[2]) == expected_rows(MONTHS[2])


@pytest.mark.django_db
def test_towns_add_up_to_their_county_and_counties_to_their_city():
    World(5)
    recompute(month=MONTHS[2], now=NOW)
    rows = {r.region_id: r for r in RegionFacts.objects.filter(month=MONTHS[2])}
    counts = [c for c in COLUMNS if not c.endswith("_3_5") and c != "population_date"]
    for region in Region.objects.filter(level__in=[1, 2, 3], pk__in=rows):
        below = [rows[pk] for pk in region.children.values_list("pk", flat=True) if pk in rows]
        for name in counts:
            assert getattr(rows[region.pk], name) == sum(getattr(r, name) for r in below), name


@pytest.mark.django_db
def test_rows_that_stand_for_nothing_any_more_go():
    world = World(6)
    recompute(month=MONTHS[1], now=NOW)
    gone = world.counties[0]
    Region.objects.filter(pk=gone.pk).update(is_active=False)
    ReportingPeriod.objects.filter(county=gone, month=MONTHS[1]).update(month=dt.date(2027, 1, 1))
    recompute(month=MONTHS[1], now=LATER)
    assert not RegionFacts.objects.filter(region__county=gone, month=MONTHS[1]).exists()
    assert not RegionFacts.objects.filter(region=gone, month=MONTHS[1]).exists()
    assert stored_rows(MONTHS[1]) == expected_rows(MONTHS[1])


@pytest.mark.django_db
def test_a_newer_population_reaches_later_months_only():
    world = World(7)
    county = world.counties[1]
    recompute(month=MONTHS[0], now=NOW)
    before = RegionFacts.objects.get(region=county, month=MONTHS[0]).resident_population_3_5
    for age in (3, 4, 5):
        Population.objects.update_or_create(
            region=county, reference_date=dt.date(2026, 10, 28), base="resident", age=age,
            defaults={"children": 1000, "source": "示例"},
        )  # fmt: skip
    for month in MONTHS:
        recompute(month=month, now=LATER)
    rows = RegionFacts.objects.filter(region=county).order_by("month")
    people = [row.resident_population_3_5 for row in rows]
    assert people[0] == before != 3000
    assert people[-1] == 3000
    assert rows.last().population_date == dt.date(2026, 10, 28)


@pytest.mark.django_db
def test_later_months_follow_an_earlier_correction():
    world = World(8)
    for month in MONTHS:
        recompute(month=month, now=NOW)
    last = MONTHS[2]
    filing = next(
        facts.filing_version.filing
        for facts in KindergartenFacts.objects.filter(month=MONTHS[0]).order_by("pk")
        if not KindergartenFacts.objects.filter(
            kindergarten=facts.kindergarten_id, month__gt=MONTHS[0]
        )
        and _owes(world, facts.kindergarten, last)
    )
    version = world.version(filing, 2)
    version.classes.create(position=9, name="新大班", grade="large", boys=90, girls=0, age5=90)
    freeze_facts(version_ids=[version.pk], accepted_at=NOW)
    assert stored_rows(last) != expected_rows(last)
    recompute_from(county=filing.period.county, month=MONTHS[0], now=LATER)
    assert stored_rows(last) == expected_rows(last)
    assert stored_rows(MONTHS[0]) == expected_rows(MONTHS[0])


def _owes(world: World, kindergarten: Kindergarten, month: dt.date) -> bool:
    """Whether it owes the month's return to a county it owed the first month's to."""
    status = world.status_on(kindergarten, month.replace(day=28))
    return (
        status is not None
        and status.owes_return
        and kindergarten.filings.get(month=MONTHS[0]).period.county_id == status.town.county_id
    )


@pytest.mark.django_db
def test_a_month_that_did_not_count_is_not_what_it_last_had():
    World(8)
    recompute(month=MONTHS[2], now=NOW)
    before = stored_rows(MONTHS[2])
    KindergartenFacts.objects.filter(month=MONTHS[0]).update(counts_enrolment=False)
    recompute(month=MONTHS[2], now=LATER)
    assert stored_rows(MONTHS[2]) == expected_rows(MONTHS[2]) != before


@pytest.mark.django_db
def test_the_first_county_of_a_month_brings_its_sisters_along():
    world = World(12)
    county = world.counties[0]
    recompute(month=MONTHS[2], now=NOW, county=county)
    stored, expected = stored_rows(MONTHS[2]), expected_rows(MONTHS[2])
    for pk in (county.pk, county.city_id, county.province_id):
        assert stored[pk] == expected[pk]
    assert expected[county.city_id]["expected"] > expected[county.pk]["expected"]


@pytest.mark.django_db
def test_a_sister_that_lost_its_period_is_added_no_more():
    world = World(6)
    recompute(month=MONTHS[2], now=NOW)
    gone, county = world.counties[:2]
    before = RegionFacts.objects.get(region=gone.city, month=MONTHS[2]).expected
    Region.objects.filter(pk=gone.pk).update(is_active=False)
    ReportingPeriod.objects.filter(county=gone, month=MONTHS[2]).update(month=dt.date(2027, 1, 1))
    recompute(month=MONTHS[2], now=LATER, county=county)
    stored, expected = stored_rows(MONTHS[2]), expected_rows(MONTHS[2])
    for pk in (county.pk, county.city_id, county.province_id):
        assert stored[pk] == expected[pk]
    assert stored[gone.city_id]["expected"] < before


@pytest.mark.django_db
def test_a_month_that_is_set_ahead_has_no_figures_before_it_opens(small: SmallCounty) -> None:
    small.file(small.kindergarten(small.town("甲镇"), "一园"), 24)
    november = dt.date(2026, 11, 1)
    ReportingPeriod.objects.create(
        county=small.county, month=november, reference_date=dt.date(2026, 11, 30),
        opens_at=moment(2026, 11, 25), due_at=moment(2026, 12, 7), locks_at=moment(2026, 12, 16),
    )  # fmt: skip
    recompute_from(county=small.county, month=OCTOBER, now=NOW)
    assert set(RegionFacts.objects.values_list("month", flat=True)) == {OCTOBER}
    recompute_from(county=small.county, month=OCTOBER, now=moment(2026, 11, 26))
    assert RegionFacts.objects.filter(month=november, region=small.county).exists()


def test_a_county_without_a_period_keeps_its_city_provisional(small: SmallCounty):
    """It owes everything as of the month's end, whichever county is computed."""
    small.file(small.kindergarten(small.town("甲镇"), "示例一园"), 20)
    other = small.town("乙镇", county=small.other_county)
    small.kindergarten(other, "示例二园")
    small.kindergarten(other, "示例停办", state="suspended")
    small.kindergarten(other, "示例后开", valid_from=dt.date(2026, 11, 1))
    with as_owner():  # the portal never deletes one
        ReportingPeriod.objects.filter(county=small.other_county, month=OCTOBER).delete()
    small.settle()
    for region, coverage in (
        (small.county, (1, 1, 1)), (small.other_county, (1, 0, 0)), (small.city, (2, 1, 1)),
        (small.city.province, (2, 1, 1)),
    ):  # fmt: skip
        row = RegionFacts.objects.get(region=region, month=OCTOBER)
        assert (row.expected, row.filed, row.accepted) == coverage, region
    (found,) = figures(small.city, OCTOBER, ["public_enrolment_share"])
    assert found.provisional
    progress = filing_progress(small.city, OCTOBER)
    assert (progress.expected, [row.name for row in progress.rows]) == (2, ["示例二园"])
    assert progress.rows[0].due_at is None
    # The months offered are those it set itself.
    assert months_available(small.other_county) == []
    assert months_available(small.city) == [OCTOBER]

    small.kindergarten(other, "示例三园")
    recompute(month=OCTOBER, now=LATER, county=small.county)
    assert RegionFacts.objects.get(region=small.city, month=OCTOBER).expected == 3
    Region.objects.filter(pk=small.other_county.pk).update(is_active=False)
    recompute(month=OCTOBER, now=LATER)
    assert RegionFacts.objects.get(region=small.city, month=OCTOBER).expected == 1
    assert filing_progress(small.city, OCTOBER).expected == 1


@pytest.mark.django_db
def test_a_month_in_which_nobody_reports_has_no_rows(small: SmallCounty):
    small.kindergarten(small.town("甲镇"), "示例一园")
    assert recompute(month=dt.date(2026, 8, 1), now=NOW) == 0


@pytest.mark.django_db
def test_the_time_of_a_row_never_goes_back(small: SmallCounty):
    """Two jobs overlap: the one that began first ends last."""
    small.file(small.kindergarten(small.town("甲镇"), "示例一园"), 20)
    small.settle(now=LATER)
    small.file(small.kindergarten(small.town("乙镇"), "示例二园"), 30)
    recompute(month=OCTOBER, now=NOW, county=small.county)
    for region in (small.county, small.city, small.city.province):
        row = RegionFacts.objects.get(region=region, month=OCTOBER)
        assert (row.enrolled_children, row.computed_at) == (
            50, LATER + dt.timedelta(microseconds=1),
        )  # fmt: skip


@pytest.mark.django_db
def test_education_kindergartens_are_a_part_of_the_public_ones(small: SmallCounty):
    town = small.town("甲镇")
    small.file(small.kindergarten(town, "示例一园"), 20)
    odd = small.kindergarten(town, "示例二园")
    odd.statuses.update(counts_public=False)
    small.file(odd, 20)
    small.settle()
    row = RegionFacts.objects.get(region=small.county, month=OCTOBER)
    assert (row.education_kindergartens, row.public_kindergartens, row.kindergartens) == (1, 1, 2)
    for wrong in ({"education_kindergartens": 2}, {"month": dt.date(2026, 10, 2)}):
        with pytest.raises(IntegrityError), transaction.atomic():
            RegionFacts.objects.filter(pk=row.pk).update(**wrong)


@pytest.mark.django_db
def test_a_county_without_a_period_is_refused():
    world = World(9)
    with pytest.raises(ValueError, match="没有2027-05的报送期"):
        recompute(month=dt.date(2027, 5, 1), now=NOW, county=world.counties[0])


@pytest.mark.django_db(transaction=True)
def test_parallel_recomputes_of_sister_counties_lose_nothing():
    world = World(10)
    recompute(month=MONTHS[2], now=NOW)
    sisters = [c for c in world.counties if c.city_id == world.counties[0].city_id]
    for filing in MonthlyFiling.objects.filter(period__month=MONTHS[2], period__county__in=sisters):
        version = world.version(filing, 2)
        freeze_facts(version_ids=[version.pk], accepted_at=LATER)

    errors: list[BaseException] = []
    barrier = threading.Barrier(5)

    def run(county: Region | None) -> None:
        try:
            barrier.wait(10)
            for _ in range(3):
                recompute(month=MONTHS[2], now=LATER, county=county)
        except BaseException as error:  # noqa: BLE001 - shown by the assertion below
            errors.append(error)
        finally:
            connections.close_all()

    threads = [
        threading.Thread(target=run, args=(county,)) for county in (*sisters, *sisters, None)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)

    assert errors == []
    assert stored_rows(MONTHS[2]) == expected_rows(MONTHS[2])


@pytest.mark.django_db(transaction=True)
def test_a_county_waits_for_its_sister_and_sees_what_it_wrote():
    """The second reads after the first has committed, though it began before."""
    world = World(11)
    recompute(month=MONTHS[2], now=NOW)
    sister, other = world.counties[:2]
    key = f"{MONTHS[2]:%Y%m}"
    with connection.cursor() as cursor:
        cursor.execute("BEGIN")
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [int(key), sister.province_id])
        done = threading.Event()

        def run() -> None:
            try:
                recompute(month=MONTHS[2], now=LATER, county=other)
            finally:
                done.set()
                connections.close_all()

        thread = threading.Thread(target=run)
        thread.start()
        assert not done.wait(0.3)
        RegionFacts.objects.filter(region=sister, month=MONTHS[2]).update(nursery_children=77_000)
        cursor.execute("COMMIT")
        thread.join(30)
    assert done.is_set()
    city = RegionFacts.objects.get(region=sister.city, month=MONTHS[2])
    assert city.nursery_children >= 77_000
