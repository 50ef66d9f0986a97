"""What the demo shows of incidents and of joint campaigns."""

from __future__ import annotations

import pytest

from accounts.models import User
from inspections.campaigns.selectors import board
from inspections.models import Campaign
from kindergartens.models import Procedure
from kindergartens.procedures import beside
from safety.incidents.rules import BAR
from safety.incidents.selectors import CaseFilter, effects_in_force, listed
from tests.conftest import acting
from tests.demo.loaded.days import NOW, TODAY

pytestmark = pytest.mark.django_db


def test_one_is_late_one_closed_and_one_vetoes() -> None:
    officer = acting(User.objects.get(username="kundulun-officer"))
    for state, kinds in (("late", {"food"}), ("closed", {"injury", "violation"})):
        assert {case.kind for case in listed(officer, CaseFilter(state=state), NOW)} == kinds
    assert {one.brought.consequence.effect for one in effects_in_force(officer, TODAY)} == {BAR}
    checks = Procedure.objects.visible_to(officer).open().filter(kind="annual_check")
    assert ["一票否决" in beside.said_of(check, TODAY) for check in checks] == [True]


def test_one_campaign_is_over_and_one_under_way() -> None:
    officer = acting(User.objects.get(username="kundulun-officer"))
    over = Campaign.objects.visible_to(officer).get()
    assert over.circulars.count() == 1
    assert board(officer, over).total.left == 0
    department = acting(User.objects.get(username="wuqing-fire"))
    running = board(department, Campaign.objects.visible_to(department).get())
    assert [part.department for part in running.parts] == [department.acting.organisation]
    assert 0 < running.total.done < running.total.due
