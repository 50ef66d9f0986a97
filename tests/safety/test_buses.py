"""School buses: what a bus lacks on a day, and a register in which a plate stands once."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
import time_machine
from django.urls import reverse

from kindergartens.dated.services import RowRefused
from kindergartens.stamps import CHANGED_SINCE, stamp_of
from safety.buses import services
from safety.buses.rules import bus_problem, lacks, plain_plate
from safety.models import SchoolBus
from tests.conftest import acting
from tests.safety.measured import a_bus
from tests.signing_in import client_of
from tests.small_county import NOW, SmallCounty

D = dt.date
TODAY = NOW.date()  # 5 November 2026


@pytest.mark.parametrize(
    ("permit", "driver", "check", "found"),
    [
        (D(2027, 11, 5), D(2027, 11, 5), "record", []),
        # The last day is good, and lies within the warning.
        (D(2026, 11, 5), D(2027, 11, 5), "device", [("permit", 0, False)]),
        (D(2026, 11, 4), D(2027, 1, 4), "device", [("permit", -1, True), ("driver", 60, False)]),
        (D(2027, 11, 5), D(2027, 1, 5), "device", []),
        (None, None, "none", [("permit", None, True), ("driver", None, True), ("last_check", None, True)]),
    ],
)  # fmt: skip
def test_what_a_bus_lacks(permit, driver, check, found) -> None:
    said = lacks(permit_until=permit, driver_until=driver, last_check=check, day=TODAY)
    assert [(one.paper, one.days_left, one.is_breach) for one in said] == found


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({}, None),
        ({"plate": "蒙BD12345"}, None),
        ({"plate": "B12345"}, "plate"),
        ({"plate": "蒙B1234"}, "plate"),
        ({"permit": ""}, "permit"),
        ({"permit_until": None}, "permit_until"),
        ({"permit_until": D(2062, 1, 1)}, "permit_until"),
        ({"driver_until": D(1990, 1, 1)}, "driver_until"),
        ({"checked_on": D(2026, 11, 6)}, "checked_on"),
        ({"rechecked_on": D(2026, 1, 1), "checked_on": None}, "rechecked_on"),
        ({"rechecked_on": D(2026, 1, 1), "checked_on": D(2026, 2, 1)}, "rechecked_on"),
    ],
)
def test_what_cannot_be_of_a_bus(typed, field) -> None:
    right: dict[str, Any] = {
        "plate": plain_plate(" 蒙b·12345 "), "permit": "1", "permit_until": D(2027, 1, 1),
        "driver_until": D(2028, 5, 1), "checked_on": D(2026, 3, 1), "rechecked_on": None,
    }  # fmt: skip
    problem = bus_problem(**right | typed, today=TODAY)
    assert (problem and problem[0]) == field


@pytest.mark.django_db
def test_a_plate_stands_once_until_the_bus_is_out_of_use(small: SmallCounty) -> None:
    town = small.town("甲镇")
    mine, other = small.kindergarten(town, "示例园"), small.kindergarten(town, "示例二园")
    director = acting(small.person("园长", mine.organisation, "director"))
    bus = a_bus(other, director.memberships.get(), plate="蒙B12345")
    values = {name: getattr(bus, name) for name in services.TYPED} | {"plate": "蒙B 12345"}
    ask: dict[str, Any] = {"kindergarten": mine, "by": director, "now": NOW, "today": TODAY}
    with pytest.raises(RowRefused, match="已经登记在用") as refusal:
        services.register_bus(values=values, **ask)
    assert refusal.value.field == "plate"
    officer = acting(small.officer())
    with pytest.raises(RowRefused, match="还没到"):
        services.end_bus(bus_id=bus.pk, on=D(2026, 11, 6), reason="报废", by=officer, today=TODAY)
    services.end_bus(bus_id=bus.pk, on=TODAY, reason="报废", by=officer, today=TODAY)
    mine_now = services.register_bus(values=values, **ask)
    assert mine_now.plate == "蒙B12345"
    told: dict[str, Any] = {"bus_id": mine_now.pk, "reason": "续期", "by": director, "today": TODAY}
    seen = stamp_of(SchoolBus.objects.get(pk=mine_now.pk), services.TYPED)
    services.correct_bus(values=values | {"permit_until": D(2026, 11, 1)}, seen=seen, **told)
    with pytest.raises(RowRefused, match=CHANGED_SINCE[:6]):
        services.correct_bus(values=values, seen=seen, **told)
    with time_machine.travel(NOW, tick=True):
        page = client_of(officer).get(reverse("school-buses")).content.decode()
        assert "1辆缺许可、资格或最后一人检查" in page
        assert "使用许可已于2026年11月1日到期" in page
        own = client_of(director).get(reverse("kindergarten-buses", args=[mine.code]))
        assert "蒙B12345" in own.content.decode()
