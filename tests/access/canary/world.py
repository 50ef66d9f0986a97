"""Three counties in two cities, with every role, every state of a return, and a mark in each row.

A tenant is one county as `tests.access.routes.World` builds it, so that the rows of the table
there (their `args` and `data`) address every tenant's objects. Variants of a tenant are the same
county seen through another of its returns: draft, returned, accepted, locked, of a closed
kindergarten, of a neighbour.
"""

from __future__ import annotations

import copy
import datetime as dt
import logging
import random
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import pytest
import time_machine
from django.conf import settings
from django.db import connection, models, transaction

from accounts.models import Region, User
from kindergartens.models import FilingEvent, Kindergarten, MonthlyFiling, ReportingPeriod
from reports.filings.submitted import as_draft
from tests.access.canary import rows
from tests.access.canary.planting import Marks, plant
from tests.access.routes import World
from tests.access.routes.world import FILERS
from tests.small_county import NOW, OCTOBER, SEPTEMBER, SmallCounty, moment

STATES = ("submitted", "draft", "returned", "accepted", "locked", "closed", "neighbour")


@dataclass
class Tenant:
    """One county: the table's World, and the same World looking at other returns."""

    letter: str
    world: World
    variants: dict[str, World] = field(default_factory=dict)
    neighbours: dict[str, User] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.letter


@dataclass
class Planted:
    """All tenants, everybody who can ask, and the marks in their rows."""

    tenants: list[Tenant]
    people: dict[str, User]
    marks: Marks = field(default_factory=Marks)


def second_city(first: SmallCounty) -> SmallCounty:
    """Another city of the same province, with two counties and the same periods."""
    province = first.city.province
    city = Region.objects.create(
        code="654500", name="邻市", level=2, parent=province, province=province, is_active=True
    )
    view = copy.copy(first)
    view.city = city
    view.county, view.other_county = (
        Region.objects.create(
            code=code, name=name, level=3, parent=city, province=province, city=city,
            is_active=True,
        )
        for code, name in (("654521", "丙县"), ("654522", "丁县"))
    )  # fmt: skip
    for county in (view.county, view.other_county):
        for month, day, due in ((9, 30, (2026, 10, 9)), (10, 31, (2026, 11, 6))):
            ReportingPeriod.objects.create(
                county=county,
                month=dt.date(2026, month, 1),
                reference_date=dt.date(2026, month, day),
                opens_at=moment(2026, month, 25),
                due_at=moment(*due, 18),
                locks_at=moment(2026, month + 1, 20),
            )
    return view


def swapped(first: SmallCounty) -> SmallCounty:
    """The other county of the same city, seen as the own one."""
    view = copy.copy(first)
    view.county, view.other_county = first.other_county, first.county
    return view


class Builder:
    """Fills a tenant with kindergartens in two towns, one for each state of a return."""

    def __init__(self) -> None:
        # Five digits without a pattern, so that no sum or difference of some is another.
        self.heads = iter(random.Random(20_261_105).sample(range(20_000, 32_000), 200))

    def tenant(self, letter: str, small: SmallCounty) -> Tenant:
        world = World(small)
        tenant = Tenant(letter, world)
        second_town = small.town(f"{letter}二镇")
        closed = small.kindergarten(second_town, f"{letter}撤销园", state="operating")
        locked = self._seen(world, closed, month=SEPTEMBER)
        tenant.variants = {
            "submitted": world,
            "draft": self._begun(world, small.kindergarten(world.town, f"{letter}填报园")),
            "returned": self._sent_back(world, small.kindergarten(second_town, f"{letter}退回园")),
            "accepted": self._seen(world, small.kindergarten(world.town, f"{letter}接收园")),
            "locked": self._seen(
                world, small.kindergarten(second_town, f"{letter}锁定园"), month=SEPTEMBER
            ),
            "closed": locked,
        }
        tenant.variants["neighbour"] = self._seen(
            world, small.kindergarten(second_town, f"{letter}邻园"), state="submitted"
        )
        close(closed)
        # Not the only one: a sum over what was closed is then not one kindergarten's number.
        another = small.kindergarten(second_town, f"{letter}撤销二园")
        self._seen(world, another, month=SEPTEMBER)
        close(another)
        neighbour = tenant.variants["neighbour"].kindergarten
        tenant.neighbours = {
            role: small.person(role, neighbour.organisation, role) for role in sorted(FILERS)
        } | {"town_officer": small.officer(second_town, "town_officer")}
        # A second one that is not counted yet: sums over those are then of more than one.
        self._begun(world, small.kindergarten(second_town, f"{letter}填报二园"))
        rows.furnish(world)
        return tenant

    def _seen(
        self, world: World, kindergarten: Kindergarten, *, state: str = "accepted",
        month: dt.date = OCTOBER,
    ) -> World:  # fmt: skip
        filing = world.small.file(kindergarten, next(self.heads), state=state, month=month)
        officer = world.people["bureau_officer"].memberships.get()
        if state != "submitted":
            FilingEvent.objects.create(
                filing=filing, action="accepted", version=1, at=NOW, done_as=officer, reason="意见"
            )
        return self._view(world, filing)

    def _begun(self, world: World, kindergarten: Kindergarten) -> World:
        world.small.file(kindergarten, next(self.heads), month=SEPTEMBER)
        return self._view(world, self._draft(kindergarten, "draft"))

    def _sent_back(self, world: World, kindergarten: Kindergarten) -> World:
        filing = world.small.file(kindergarten, next(self.heads), state="submitted")
        filing.state, filing.draft = "returned", as_draft(None) | {"remarks": "备注"}
        filing.save()
        FilingEvent.objects.create(
            filing=filing,
            action="returned",
            version=1,
            at=NOW,
            done_as=world.people["bureau_officer"].memberships.get(),
            reason="原因",
            field_reasons={"class:小一班:boys": "原因"},
        )
        return self._view(world, filing)

    def _draft(self, kindergarten: Kindergarten, state: str) -> MonthlyFiling:
        town = kindergarten.organisation.region
        return MonthlyFiling.objects.create(
            kindergarten=kindergarten,
            period=ReportingPeriod.objects.get(county=town.county, month=OCTOBER),
            month=OCTOBER,
            town=town,
            state=state,
            draft=as_draft(None) | {"remarks": "备注"},
            updated_at=NOW,
        )

    def _view(self, world: World, filing: MonthlyFiling) -> World:
        view = copy.copy(world)
        view.filing, view.kindergarten = filing, filing.kindergarten
        view.period, view.town = filing.period, filing.town
        return view


def close(kindergarten: Kindergarten) -> None:
    status = kindergarten.statuses.get()
    status.valid_to = dt.date(2026, 10, 5)
    status.save()
    status.pk, status.valid_from, status.valid_to = None, status.valid_to, None
    status.operating_state, status.reason = "closed", "撤销"
    status.save()


def everybody(tenants: list[Tenant]) -> dict[str, User]:
    """Who can ask: every role of every tenant, neighbours, and people who may do nothing."""
    people = {
        f"{tenant}:{role}": user for tenant in tenants for role, user in tenant.world.people.items()
    }
    for tenant in tenants:
        people |= {f"{tenant}:neighbour:{role}": user for role, user in tenant.neighbours.items()}
    small = tenants[0].world.small
    bureau = tenants[0].world.people["bureau_officer"].memberships.get().organisation
    ended = small.person("离任", bureau, "bureau_officer")
    ended.memberships.update(valid_to=dt.date(2026, 10, 1))
    disabled = small.person("停用", bureau, "bureau_officer")
    disabled.is_active = False
    disabled.save()
    without = User.objects.create(username="without", full_name="无岗位")
    return people | {"ended post": ended, "disabled": disabled, "without post": without}


def build() -> Planted:
    first = SmallCounty()
    builder = Builder()
    tenants = [
        builder.tenant("A", first),
        builder.tenant("B", swapped(first)),
        builder.tenant("C", second_city(first)),
    ]
    first.settle(SEPTEMBER, OCTOBER)
    planted = Planted(tenants, everybody(tenants))
    planted.marks = plant()
    # Seen fresh from the database: names are marks now.
    for name, user in planted.people.items():
        planted.people[name] = User.objects.get(pk=user.pk)
    # And the rows that cases name: what a form was shown is said by its rows as they are.
    for tenant in tenants:
        for row in vars(tenant.world).values():
            if isinstance(row, models.Model):
                row.refresh_from_db()
    return planted


@contextmanager
def planted_world() -> Iterator[Planted]:
    """The world in one transaction that is undone at the end; requests go into savepoints."""
    patch = pytest.MonkeyPatch()
    # Nobody listens to the bell here.
    patch.setattr("accounts.jobs.bell.ring", lambda *args, **kwargs: 0)
    # The clock goes on for some minutes, and what a request notes of its time is undone: nobody
    # is to become idle or stale meanwhile.
    for minutes in (
        "SESSION_IDLE_MINUTES",
        "SESSION_IDLE_MINUTES_PRIVILEGED",
        "FRESH_AUTHENTICATION_MINUTES",
    ):
        patch.setattr(settings, minutes, 300)
    # Thousands of refusals are asked for here; each would be written down with its traceback.
    logging.disable(logging.WARNING)
    try:
        with time_machine.travel(NOW, tick=True), transaction.atomic():
            with connection.cursor() as cursor:
                # One transaction for some minutes, on a machine that may be busy.
                cursor.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
                cursor.execute("SET LOCAL statement_timeout = '60s'")
            planted = build()
            with connection.cursor() as cursor:
                # Or the planner goes by what the tests before left behind.
                tables = connection.introspection.table_names(cursor)
                cursor.execute(f"ANALYZE {', '.join(tables)}")
            yield planted
            transaction.set_rollback(True)
    finally:
        logging.disable(logging.NOTSET)
        patch.undo()
