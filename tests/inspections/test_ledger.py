"""A hazard is offered to the ledger with every column filled, and is in it once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from inspections.ledger import rules, selectors, services
from inspections.ledger.services import LedgerRefused
from inspections.models import RectificationItem
from safety.hazards.services import extend, stamp
from safety.models import Hazard
from tests.conftest import acting
from tests.registers import a_hazard
from tests.signing_in import client_of
from tests.small_county import NOW, SmallCounty

TODAY = NOW.date()


class Desk:
    """A kindergarten, its director and an officer; an officer of the next county."""

    def __init__(self, small: SmallCounty) -> None:
        self.kindergarten = small.kindergarten(small.town("甲镇"), "示例一园")
        self.director = acting(small.person("园长", self.kindergarten.organisation, "director"))
        self.officer, self.stranger = (
            acting(small.officer(county)) for county in (small.county, small.other_county)
        )

    def hazard(self, **more: Any) -> Hazard:
        return a_hazard(self.kindergarten, self.director.memberships.get(), **more)

    def enter(self, hazard: Hazard, by: Any = None) -> RectificationItem:
        return services.take_in(number=hazard.number, by=by or self.officer, now=NOW)


@pytest.fixture
def desk(small: SmallCounty) -> Iterator[Desk]:
    with time_machine.travel(NOW, tick=True):
        yield Desk(small)


@pytest.mark.parametrize(
    ("found", "deadline", "kind"),
    [(TODAY, TODAY, "immediate"), (TODAY, TODAY + dt.timedelta(days=1), "dated")],
)
def test_on_the_day_is_at_once(found: dt.date, deadline: dt.date, kind: str) -> None:
    assert rules.kind_of(found, deadline) == kind


def test_what_is_offered(desk: Desk) -> None:
    director = desk.director.memberships.get()
    dated, major = desk.hazard(), desk.hazard(grade="major")
    spot = desk.hazard(
        fixed_on_spot=True, deadline=None, state="mended", mended_as=director, mended_at=NOW
    )
    closed = desk.hazard(state="closed", by=desk.officer.memberships.get())
    assert list(selectors.offered(desk.officer)) == [major, dated]
    withdrawn = desk.hazard(state="withdrawn", withdrawn_reason="选错")
    for one in (spot, closed, withdrawn):
        with pytest.raises(LedgerRefused):
            desk.enter(one)
    with pytest.raises(PermissionDenied):
        desk.enter(dated, desk.director)
    with pytest.raises(LedgerRefused):
        desk.enter(dated, desk.stranger)


def test_every_column_is_filled_and_the_state_is_the_hazards(desk: Desk) -> None:
    hazard = desk.hazard(requirement="", responsible="", deadline=TODAY + dt.timedelta(days=3))
    with CaptureQueriesContext(connection) as captured:
        item = desk.enter(hazard)
    # Nobody closes or withdraws it meanwhile.
    assert any("FOR NO KEY UPDATE" in one["sql"] for one in captured)
    assert [item.county, item.kindergarten] == [hazard.county, hazard.kindergarten]
    assert [item.kind, item.problem, item.requirement, item.responsible, item.deadline] == [
        "dated", "示例厨房：示例灭火器压力不足", rules.USUAL_REQUIREMENT, "园长", hazard.deadline,
    ]  # fmt: skip
    later = TODAY + dt.timedelta(days=60)
    extend(
        hazard_id=hazard.pk, deadline=later, reason="等配件", seen=stamp(hazard), by=desk.officer,
        now=NOW,
    )  # fmt: skip
    client = client_of(desk.officer)

    def page(**query: str) -> tuple[str, int]:
        with CaptureQueriesContext(connection) as captured:
            text = client.get(reverse("ledger"), query).content.decode()
        return text, len(captured)

    page()
    text, before = page()
    assert item.number in text
    assert "入账时2026年11月8日" in text
    for _ in range(3):
        desk.enter(desk.hazard())
    assert page()[1] == before
    waits = desk.hazard()
    assert waits.number in page(tab="offered")[0]
    answer = client.post(reverse("ledger-take-in"), {"number": [waits.number]}, follow=True)
    assert "1条已入账" in answer.content.decode()
    assert waits.number not in page(tab="offered")[0]


def test_of_two_at_once_the_second_finds_the_firsts_entry(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither saw the other's: the database lets the hazard in once."""
    hazard = desk.hazard()
    first = desk.enter(hazard)
    assert desk.enter(hazard) == first
    monkeypatch.setattr(services, "_entry_of", lambda hazard: None)
    assert desk.enter(hazard) == first
    assert RectificationItem.objects.unscoped("the test's own").filter(hazard=hazard).count() == 1
    another = desk.enter(desk.hazard())
    assert int(another.number[-4:]) == int(first.number[-4:]) + 1
