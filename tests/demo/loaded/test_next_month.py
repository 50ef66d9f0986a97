"""A change from next month on, over everything the demo holds."""

from __future__ import annotations

import datetime as dt

import pytest

from accounts.access.acting import choose_membership
from accounts.models import Region, User
from config.demo.calendar import at_time
from indicators.models import KindergartenFacts, RegionFacts
from indicators.selectors.figures import figures
from indicators.services.freeze import freeze_facts
from indicators.services.recompute import recompute
from kindergartens.models import FilingVersion, Kindergarten, MonthlyFiling, ReportingPeriod
from reports.planning.services import Proposal, confirm, preview
from tests.demo.loaded.days import NOW, OCTOBER, TODAY

pytestmark = pytest.mark.django_db

DECEMBER = dt.date(2026, 12, 1)


def everything_of_earlier_months() -> list[dict[str, object]]:
    """All sums and frozen facts before December, whole rows, as they lie in the tables."""
    regions = RegionFacts.objects.filter(month__lt=DECEMBER).order_by("month", "region").values()
    facts = KindergartenFacts.objects.filter(month__lt=DECEMBER).order_by("pk").values()
    return [*regions, *facts]


def filed_again(county: Region, month: dt.date, since: dt.date) -> None:
    """Every return counted in a month, filed and accepted a later month with the same heads."""
    period = ReportingPeriod.objects.create(
        county=county, month=month, reference_date=month.replace(day=31),
        opens_at=at_time(month.replace(day=25), dt.time(0)),
        due_at=at_time(dt.date(2027, 1, 6), dt.time(18)),
        locks_at=at_time(dt.date(2027, 1, 20), dt.time(0)),
    )  # fmt: skip
    counted = MonthlyFiling.objects.filter(
        period__county=county, month=since, accepted_version__isnull=False
    )
    copies = []
    for filing in counted.prefetch_related("versions__classes", "versions__staff_counts"):
        old = filing.versions.get(version=filing.accepted_version)
        new = MonthlyFiling.objects.create(
            kindergarten=filing.kindergarten, period=period, month=month, town=filing.town,
            state="accepted", version=1, accepted_version=1, first_submitted_at=period.opens_at,
            updated_at=period.opens_at,
        )  # fmt: skip
        version = FilingVersion.objects.create(
            filing=new, version=1, submitted_at=period.opens_at, submitted_as=old.submitted_as
        )
        for part in (old.classes, old.staff_counts):
            rows = list(part.all())
            for row in rows:
                row.pk, row.filing_version = None, version
            part.model.objects.bulk_create(rows)
        copies.append(version.pk)
    freeze_facts(version_ids=copies, accepted_at=period.due_at)


def test_inclusive_from_next_month_moves_no_earlier_rate_and_the_next_as_shown() -> None:
    """Done when: every earlier rate of town, county, city and province stays to the last digit."""
    county = Region.objects.of_code("150203")
    officer = User.objects.get(username="kundulun-officer")
    choose_membership(officer, None, today=TODAY)
    kindergarten = Kindergarten.objects.filter(
        facts__month=OCTOBER,
        facts__county=county,
        facts__superseded_at__isnull=True,
        facts__ownership="non_inclusive_private",
    ).order_by("code")[0]
    kindergarten.statuses.update(for_profit=False)
    town = kindergarten.organisation.region
    # City and province are made of this one county here: they would repeat its row.
    regions = [town, county]
    before = everything_of_earlier_months()
    assert len(before) > 6000

    shown = preview(
        proposal=Proposal(
            kindergarten=kindergarten.pk, valid_from=DECEMBER, reason="认定",
            values={"ownership": "inclusive_private"}, document_number="示例文号",
        ),
        by=officer, now=NOW,
    )  # fmt: skip
    confirm(token=shown.token, by=officer, now=NOW)
    filed_again(county, DECEMBER, OCTOBER)
    months = ReportingPeriod.objects.order_by("month").values_list("month", flat=True).distinct()
    for month in list(months):
        recompute(month=month, now=at_time(dt.date(2027, 1, 7), dt.time(2)))
    assert everything_of_earlier_months() == before

    assert shown.effect is not None
    for region, said in zip(regions, shown.effect.regions, strict=True):
        real = figures(region, DECEMBER)
        assert said.region == region
        assert [(f.numerator, f.denominator, f.value, f.verdict) for f in said.after] == [
            (f.numerator, f.denominator, f.value, f.verdict) for f in real
        ]
        assert [(f.numerator, f.denominator, f.value) for f in said.before] == [
            (f.numerator, f.denominator, f.value) for f in figures(region, OCTOBER)
        ]
        assert real[1].value is not None
        assert real[1].value > figures(region, OCTOBER)[1].value
