"""What the demo shows of hazards: one under a plate, one overdue, one closed, three in the ledger."""

from __future__ import annotations

import pytest

from accounts.models import User
from inspections.ledger.selectors import entries
from safety.hazards.presenters import points
from safety.hazards.selectors import HazardFilter, hazard_rows, standing
from tests.conftest import acting
from tests.demo.loaded.days import TODAY

pytestmark = pytest.mark.django_db


def test_a_major_one_hangs_and_its_neighbours_are_late_closed_and_stopped() -> None:
    officer = acting(User.objects.get(username="kundulun-officer"))
    found = standing(officer, TODAY, HazardFilter())
    assert [found.major, found.plated, found.overdue, found.closed] == [2, 1, 1, 1]
    assert found.stopped == 2
    [plated] = hazard_rows(officer, HazardFilter(plated=True), TODAY)
    assert len([said for _, said in points(plated) if said]) == 5
    assert plated.photos.count() == 1
    assert {entry.hazard.state for entry in entries(officer)} == {"mending", "closed"}
