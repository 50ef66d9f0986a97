"""Two people record what was given back of one charge at once, over two connections."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
import time_machine

from fees.models import Repayment
from fees.overcharging import services
from fees.overcharging.selectors import overcharges_of
from fees.overcharging.services import RepaymentFacts, repaid_stamp
from fees.services import FeeRefused
from kindergartens.models import MonthlyFiling
from tests.access.races.course import Course
from tests.conftest import acting
from tests.reports.overcharging.test_page import charge
from tests.small_county import NOW, SmallCounty

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("held", [True, False], ids=["as built", "without the lock"])
def test_both_together_are_never_more_than_owed(
    monkeypatch: pytest.MonkeyPatch, held: bool
) -> None:
    with time_machine.travel(NOW, tick=True):
        small = SmallCounty()
        garden = small.kindergarten(small.town("甲镇"), "示例一园")
        charge(small.file(garden, 20), 650, 600)
        officer = acting(small.officer())
        director = acting(small.person("园长", garden.organisation, "director"))
        [one] = overcharges_of(officer, garden)
        facts = RepaymentFacts(dt.date(2026, 11, 5), 20, Decimal(1000), "示例收据")

        def give(by: Any) -> Any:
            return lambda: services.record_repayment(
                charge_id=one.charge.pk, facts=facts, seen=repaid_stamp(one), by=by, now=NOW
            )

        if not held:
            monkeypatch.setattr("fees.overcharging.services._locked", _unlocked)
        course = Course(monkeypatch, "fees.overcharging.services.overcharges_of")
        course.run(give(director), give(officer))
    assert [type(failure) for failure in course.failures] == ([FeeRefused] if held else [])
    assert Repayment.objects.unscoped("the test's own").count() == (1 if held else 2)


def _unlocked(filing_id: int, by: Any) -> MonthlyFiling:
    return MonthlyFiling.objects.visible_to(by).select_related("kindergarten").get(pk=filing_id)
