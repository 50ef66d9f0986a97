"""The nine public kindergartens that charge more than their document allows, in yuan."""

from __future__ import annotations

import pytest
from django.db import connection

from accounts.models import Membership, Region
from config.demo.kundulun import CODE, OVER_CEILING
from fees.free_year.rules import Standing
from fees.free_year.selectors import months_of_region
from fees.funding.rules import State
from fees.funding.selectors import entries, within
from fees.models import Charge, SubsidyClaim
from fees.overcharging.rules import Breach
from fees.overcharging.selectors import overcharges
from indicators.selectors import figures
from kindergartens.models import Kindergarten
from tests.conftest import acting

pytestmark = pytest.mark.django_db

# Read another way: the newest month, the care and education fee of public kindergartens, 600 yuan.
BY_HAND = """
SELECT f.kindergarten_id, sum((c.amount - 600) * c.payers)
FROM fees_charge c
JOIN kindergartens_filingversion v ON v.id = c.filing_version_id
JOIN kindergartens_monthlyfiling f ON f.id = v.filing_id AND f.accepted_version = v.version
JOIN accounts_region t ON t.id = f.town_id
JOIN kindergartens_kindergartenstatus s
    ON s.kindergarten_id = f.kindergarten_id AND s.ownership = 'public' AND s.valid_to IS NULL
WHERE t.county_id = %s AND f.month = %s AND c.item = 'care_education_fee' AND c.amount > 600
GROUP BY f.kindergarten_id
"""


def test_nine_are_found_with_the_exact_yuan() -> None:
    county = Region.objects.of_code(CODE)
    officer = Membership.objects.unscoped("the test's own").filter(
        organisation__region=county, role="bureau_officer"
    )
    by = acting(officer.earliest("pk").user)
    newest = Charge.objects.visible_to(by).latest("filing_version__filing__month")
    month = newest.filing_version.filing.month
    found = [
        one for one in overcharges(by, county, month) if Breach.OVER_CEILING in one.excess.breaches
    ]
    assert len({one.kindergarten_id for one in found}) == OVER_CEILING == 9
    with connection.cursor() as cursor:
        cursor.execute(BY_HAND, [county.pk, month])
        by_hand = dict(cursor.fetchall())
    sums: dict[int, object] = dict.fromkeys(by_hand, 0)
    for one in found:
        sums[one.kindergarten_id] += one.excess.refund  # type: ignore[operator]
    assert sums == by_hand
    assert {one.excess.per_child for one in found} == {20 + 10 * number for number in range(9)}
    assert all("203号" in one.excess.ceiling.document for one in found if one.excess.ceiling)


def test_one_gave_everything_back_and_one_a_part() -> None:
    county = Region.objects.of_code(CODE)
    officer = Membership.objects.unscoped("the test's own").filter(
        organisation__region=county, role="bureau_officer"
    )
    by = acting(officer.earliest("pk").user)
    newest = Charge.objects.visible_to(by).latest("filing_version__filing__month")
    found = overcharges(by, county, newest.filing_version.filing.month)
    lefts = [one.left for one in found if one.repayments]
    assert len(lefts) == 2
    assert min(lefts) == 0 < max(lefts)  # type: ignore[type-var, operator]
    assert any(Breach.BANNED in one.excess.breaches for one in found)


def test_claims_of_the_free_year_stand_in_every_state() -> None:
    """Among them a private kindergarten that asks 800 where the standard is 500: parents pay 300."""
    county = Region.objects.of_code(CODE)
    officer = Membership.objects.unscoped("the test's own").filter(
        organisation__region=county, role="bureau_officer"
    )
    by = acting(officer.earliest("pk").user)
    months = SubsidyClaim.objects.visible_to(by).order_by("month").values_list("month", flat=True)
    found = months_of_region(by, county, set(months))
    states = {str(one.claim.state) for one in found if one.claim is not None}
    assert states == {"filed", "returned", "approved", "part_paid", "paid"}
    assert any(one.claim is None and one.computed for one in found)
    assert not any(one.differs for one in found)
    asked = {
        (one.waiver.fee, one.waiver.waived, one.waiver.parents_pay)
        for one in found
        if one.waiver is not None and one.facts.standing != Standing.PUBLIC
    }
    assert (800, 500, 300) in asked


def test_public_money_stands_in_every_state() -> None:
    county = Region.objects.of_code(CODE)
    month = Charge.objects.unscoped("the test's own").latest("filing_version__filing__month")
    day = month.filing_version.filing.period.reference_date
    rows = entries(
        Kindergarten.objects.unscoped("the test's own").filter(within(county)), day.year, day
    )
    assert {row.money.state for row in rows} >= {State.PAID, State.SHORT, State.UNTOLD}
    assert any(row.money.over and row.money.over > 0 for row in rows)
    codes = ["per_child_operating_funding", "inclusive_subsidy_per_child"]
    for figure, least in zip(figures(county, day.replace(day=1), codes), (450, 350), strict=True):
        assert figure.value is not None, figure.reason
        assert least < figure.value < 600
