"""One county with a town and a kindergarten, and every role in it; another county beside."""

from __future__ import annotations

from dataclasses import dataclass, field
from importlib import import_module
from typing import TYPE_CHECKING, Any

from accounts.models import Job, User
from kindergartens.models import Kindergarten, MonthlyFiling, ReportingPeriod
from tests.small_county import NOW, OCTOBER, SmallCounty

ROLES = (
    "system_administrator",
    "security_administrator",
    "audit_administrator",
    "bureau_officer",
    "bureau_leader",
    "inspector",
    "town_officer",
    "city_officer",
    "department_officer",
    "director",
    "kindergarten_clerk",
)
FILERS = frozenset({"director", "kindergarten_clerk"})


@dataclass
class World:
    """The own county's people and objects; `strangers` are the same roles in the next county."""

    small: SmallCounty
    people: dict[str, User] = field(default_factory=dict)
    strangers: dict[str, User] = field(default_factory=dict)

    if TYPE_CHECKING:
        # What the parts furnish is known by its name alone.
        def __getattr__(self, name: str) -> Any: ...

    def __post_init__(self) -> None:
        small = self.small
        self.town = small.town("甲镇")
        other_town = small.town("乙镇", county=small.other_county)
        small.populate(small.county, 300)
        self.kindergarten: Kindergarten = small.kindergarten(self.town, "示例一园")
        self.filing: MonthlyFiling = small.file(self.kindergarten, 24, state="submitted")
        other = small.kindergarten(other_town, "示例乙园")
        small.file(other, 20)
        small.settle()
        self.period = ReportingPeriod.objects.get(county=small.county, month=OCTOBER)
        for people, county, town, kindergarten in (
            (self.people, small.county, self.town, self.kindergarten),
            (self.strangers, small.other_county, other_town, other),
        ):
            for role in ROLES:
                if role in FILERS:
                    people[role] = small.person(role, kindergarten.organisation, role)
                elif role == "town_officer":
                    people[role] = small.officer(town, role)
                elif role == "city_officer":
                    people[role] = small.officer(small.city, role)
                else:
                    people[role] = small.officer(county, role)
        self.attachment = small.attach(self.filing)
        # From New Year on: planned, so that it may be withdrawn.
        self.change, self.paper = small.plan_change(
            self.kindergarten, self.people["bureau_officer"]
        )
        self.job = Job.objects.create(
            kind="recompute-figures",
            key="k",
            title="重算",
            requested_as=self.people["bureau_officer"].memberships.get(),
            queued_at=NOW,
            state="failed",
            finished_at=NOW,
        )
        # Imported here: the parts are written in terms of the world.
        for part in import_module("tests.access.routes").PARTS:
            if hasattr(part, "furnish"):
                part.furnish(self)
