"""A county in which every state of a month's return occurs."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import pytest
from time_machine import travel

from kindergartens.models import FilingExtension, Kindergarten, MonthlyFiling, ReportingPeriod
from tests.small_county import NOW, OCTOBER, SEPTEMBER, SmallCounty, moment

# After the deadline (6 November, a Friday), before the lock on the 20th.
OVERDUE = moment(2026, 11, 11)
LOCKED = moment(2026, 11, 23)


class Scene:
    """Two towns: 甲镇 with one kindergarten for each state, 乙镇 with one that has begun nothing."""

    def __init__(self) -> None:
        self.small = small = SmallCounty()
        self.town, self.second = small.town("甲镇"), small.town("乙镇")
        self.period = ReportingPeriod.objects.get(county=small.county, month=OCTOBER)
        self.named: dict[str, Kindergarten] = {
            name: small.kindergarten(self.town, name)
            for name in ("接收园", "迟报园", "退回园", "填报园", "更正园", "撤回园")
        }
        self.named["未报园"] = small.kindergarten(self.second, "未报园")
        self.file("接收园", 30)
        self.file("迟报园", 20, state="submitted")
        MonthlyFiling.objects.filter(kindergarten=self.named["迟报园"], month=OCTOBER).update(
            first_submitted_at=moment(2026, 11, 10)
        )
        self.file("退回园", 25, state="returned")
        self.file("更正园", 40)
        # Sent back after it was accepted: it goes on counting.
        MonthlyFiling.objects.filter(kindergarten=self.named["更正园"], month=OCTOBER).update(
            state="returned"
        )
        self.draft("填报园")
        # Submitted in time and taken back: not filed.
        self.file("撤回园", 10, state="submitted")
        MonthlyFiling.objects.filter(kindergarten=self.named["撤回园"], month=OCTOBER).update(
            state="draft"
        )
        # Neither owes a return: one is closed, one lies in the next county.
        small.kindergarten(self.town, "撤销园", state="closed")
        small.kindergarten(small.town("丙镇", county=small.other_county), "邻县园")
        self.officer = small.officer()

    def file(self, name: str, children: int, *, state: str = "accepted") -> MonthlyFiling:
        self.small.file(self.named[name], children - 2, month=SEPTEMBER)
        return self.small.file(self.named[name], children, state=state)

    def draft(self, name: str, at: dt.datetime = NOW) -> MonthlyFiling:
        return MonthlyFiling.objects.create(
            kindergarten=self.named[name], period=self.period, month=OCTOBER, town=self.town,
            updated_at=at,
        )  # fmt: skip

    def filing(self, name: str) -> MonthlyFiling:
        return MonthlyFiling.objects.get(kindergarten=self.named[name], month=OCTOBER)

    def extend(self, name: str, until: dt.datetime) -> FilingExtension:
        kindergarten = self.named[name]
        return FilingExtension.objects.create(
            kindergarten=kindergarten, period=self.period,
            town=kindergarten.organisation.region, until=until, reason="停电",
            granted_as=self.officer.memberships.get(), granted_at=self.period.locks_at,
        )  # fmt: skip


@pytest.fixture
def scene(db: None) -> Iterator[Scene]:
    with travel(OVERDUE, tick=False):
        yield Scene()
