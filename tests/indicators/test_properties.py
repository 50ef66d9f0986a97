"""What must hold whatever the kindergartens are: parts add up, nobody counts twice, order is nothing."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import Region
from indicators.models import KindergartenFacts, RegionFacts
from indicators.selectors.group import SUM_OF_KINDERGARTENS
from indicators.selectors.kindergarten import kindergarten_counts
from indicators.services.freeze import freeze_facts
from indicators.services.recompute import recompute
from indicators.services.statements import COUNTS, COVERAGE
from indicators.sums import OF_PLACES, SUMS
from kindergartens.models import FilingVersion, KindergartenStatus, MonthlyFiling
from tests.indicators.world import NOW, World, stored_rows
from tests.small_county import OCTOBER, SmallCounty

pytestmark = pytest.mark.django_db

FEW = settings(
    max_examples=6,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
# A kindergarten: town, ownership from the start, children, and what becomes of it in mid-October.
GARDEN = st.tuples(
    st.integers(0, 2),
    st.sampled_from(["public", "inclusive_private", "non_inclusive_private"]),
    st.integers(0, 40),
    st.sampled_from(["stays", "turns public", "moves", "closes"]),
)


def built(small: SmallCounty, gardens: list[tuple[int, str, int, str]]) -> list[FilingVersion]:
    """Returns of October, submitted; statuses change on the fifteenth."""
    towns = list(Region.objects.filter(level=4, county=small.county).order_by("code"))
    versions = []
    for number, (town, ownership, children, becomes) in enumerate(gardens):
        garden = small.kindergarten(towns[town], f"示例{number}园", ownership=ownership)
        if becomes != "stays":
            day = dt.date(2026, 10, 15)
            was = KindergartenStatus.objects.get(kindergarten=garden)
            KindergartenStatus.objects.filter(pk=was.pk).update(valid_to=day)
            was.pk, was.valid_from = None, day
            if becomes == "turns public":
                was.ownership, was.sponsor_type = "public", "education"
                was.counts_public = was.counts_inclusive = True
                was.for_profit = False
            elif becomes == "moves":
                was.town = towns[(town + 1) % 3]
            else:
                was.operating_state = "closed"
            was.save()
        small.file(garden, children, state="submitted")
        filing = MonthlyFiling.objects.get(kindergarten=garden, month=OCTOBER)
        versions.append(filing.versions.get())
    return versions


def accept(versions: list[FilingVersion]) -> None:
    MonthlyFiling.objects.filter(pk__in=[one.filing_id for one in versions]).update(
        state="accepted", accepted_version=1
    )
    freeze_facts(version_ids=[one.pk for one in versions], accepted_at=NOW)


@FEW
@given(gardens=st.lists(GARDEN, min_size=1, max_size=6), data=st.data())
def test_any_order_of_acceptance_gives_the_same_rows_and_parts_add_up(
    small: SmallCounty, gardens: list[tuple[int, str, int, str]], data: Any
) -> None:
    with transaction.atomic():
        for name in ("甲镇", "乙镇", "丙镇"):
            small.town(name)
        versions = built(small, gardens)
        running = [v for v, g in zip(versions, gardens, strict=True) if g[3] != "closes"]
        order = data.draw(st.permutations(running))
        for one in order:
            accept([one])
            recompute(month=OCTOBER, now=NOW, county=small.county)
        step_by_step = stored_rows(OCTOBER)
        # All at once gives the same, and so does forgetting all and summing the nation.
        RegionFacts.objects.all().delete()
        recompute(month=OCTOBER, now=NOW)
        rows = stored_rows(OCTOBER)
        assert {pk: rows[pk] for pk in step_by_step} == step_by_step
        county = rows[small.county.pk]
        towns = [rows[pk] for pk in small.county.children.values_list("pk", flat=True)]
        for name in COUNTS:
            assert county[name] == sum(town[name] for town in towns), name
        # Everybody who runs on the day counts once, with the status of that day.
        assert county["kindergartens"] == county["expected"] == len(running)
        assert county["enrolled_children"] == sum(g[2] for g in gardens if g[3] != "closes")
        assert county["public_children"] == sum(
            g[2] for g in gardens
            if g[3] == "turns public" or (g[1] == "public" and g[3] != "closes")
        )  # fmt: skip
        # Nothing of an example is left for the next.
        transaction.set_rollback(True)


def test_one_kindergarten_adds_in_python_what_the_database_sums() -> None:
    World(30)
    rows = KindergartenFacts.objects.current().filter(counts_enrolment=True)
    assert rows.count() > 20
    for facts in rows:
        with connection.cursor() as cursor:
            cursor.execute(
                SUM_OF_KINDERGARTENS,
                {"month": facts.month, "kindergartens": [facts.kindergarten_id]},
            )
            summed = dict(zip(["at", *SUMS], cursor.fetchone(), strict=True))
        added = kindergarten_counts(facts)
        assert {name: summed[name] for name in added} == added
    assert set(SUMS) - set(added) == {
        "education_kindergartens", "nursery_children", "over_age_children",
    }  # fmt: skip


def test_every_column_of_a_region_is_written_by_recompute() -> None:
    numbers = {
        field.name
        for field in RegionFacts._meta.fields
        if field.name not in {"id", "region", "month", "computed_at", "population_date"}
        and not field.name.endswith("population_3_5")
    }
    assert numbers == set(COUNTS)
    assert {*COVERAGE, *SUMS, *OF_PLACES} <= numbers
