"""The same list for an ordinary person and for the widest one: `python -m benchmarks.scoped_list`.

A city of one county, so that the county's officer and the city's see the same kindergartens: what
differs is the filter that says so. Wall-clock medians of alternating rounds through the whole
portal, session and page included; the number of queries is the same.
"""

from __future__ import annotations

import datetime as dt
import os
from statistics import median
from time import perf_counter
from typing import Any

import django

from benchmarks.county import make_county

GOAL = 1.10
ROUNDS = 60
KINDERGARTENS = 2_000
TOWNS = 20
# Lists that show both the same rows.
ROUTES: dict[str, list[str]] = {"kindergarten-list": [], "dashboard-region": ["990101"]}
OCTOBER = dt.date(2026, 10, 1)
SINCE = dt.date(2020, 1, 1)
NOON = dt.datetime(2026, 11, 2, 12, tzinfo=dt.UTC)


def measure() -> list[str]:
    """One line for each list."""
    ordinary, widest = _clients()
    return [_compare(route, ordinary, widest) for route in ROUTES]


def _compare(route: str, ordinary: Any, widest: Any) -> str:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext
    from django.urls import reverse

    address = f"{reverse(route, args=ROUTES[route])}?month=2026-10"
    queries = []
    for client in (ordinary, widest):
        client.get(address)  # warm
        with CaptureQueriesContext(connection) as captured:
            if client.get(address).status_code != 200:
                raise RuntimeError(f"{address} is not the list")
        queries.append(len(captured))
    theirs, floor = [], []
    pair = [(ordinary, theirs), (widest, floor)]
    for _ in range(ROUNDS):
        for client, times in pair:
            started = perf_counter()
            client.get(address)
            times.append(perf_counter() - started)
        # Whoever comes first finds other things in the caches.
        pair.reverse()
    ratio = median(theirs) / median(floor)
    return (
        f"scoped_list {route}: {ratio:.2f}x (goal {GOAL:.2f}x) of the widest user's time, "
        f"{median(theirs) * 1000:.0f} ms against {median(floor) * 1000:.0f} ms, "
        f"{queries[0]} against {queries[1]} queries, {KINDERGARTENS} kindergartens, {ROUNDS} rounds"
    )


def _clients() -> tuple[Any, Any]:
    from django.test import Client

    from accounts.models import Membership, Organisation, User

    city, county = _county()
    clients = []
    for kind, region, role in (
        ("bureau", county, "bureau_officer"),
        ("city_bureau", city, "city_officer"),
    ):
        office = Organisation.objects.create(name=f"示例{role}", kind=kind, region=region)
        user = User.objects.create(username=role, full_name="示例")
        Membership.objects.create(user=user, organisation=office, role=role, valid_from=SINCE)
        client = Client()
        client.force_login(user)
        clients.append(client)
    return clients[0], clients[1]


def _county() -> tuple[Any, Any]:
    """A county of twenty towns whose kindergartens have all filed, as rows."""
    from django.db import connection

    from accounts.models import Organisation
    from indicators.services.freeze import freeze_facts
    from indicators.services.recompute import recompute
    from kindergartens.models import (
        ClassCount,
        FilingVersion,
        Kindergarten,
        KindergartenStatus,
        MonthlyFiling,
        ReportingPeriod,
    )

    county, towns = make_county(TOWNS)
    period = ReportingPeriod.objects.create(
        county=county, month=OCTOBER, reference_date=dt.date(2026, 10, 31),
        opens_at=NOON - dt.timedelta(days=8), due_at=NOON + dt.timedelta(days=4),
        locks_at=NOON + dt.timedelta(days=18),
    )  # fmt: skip
    places = [towns[n % TOWNS] for n in range(KINDERGARTENS)]
    organisations = Organisation.objects.bulk_create(
        Organisation(name=f"示例{n}园", kind="kindergarten", region=town)
        for n, town in enumerate(places)
    )
    kindergartens = Kindergarten.objects.bulk_create(
        Kindergarten(
            organisation=one, name=one.name, code=f"1199{n:06d}", is_example=True, opened_on=SINCE
        )
        for n, one in enumerate(organisations)
    )
    KindergartenStatus.objects.bulk_create(
        KindergartenStatus(
            kindergarten=one, valid_from=SINCE, town=town, sponsor_type="education",
            ownership="public", counts_public=True, counts_inclusive=True,
        )
        for one, town in zip(kindergartens, places, strict=True)
    )  # fmt: skip
    clerk = _clerk(organisations[0])
    filings = MonthlyFiling.objects.bulk_create(
        MonthlyFiling(
            kindergarten=one, period=period, month=OCTOBER, town=town, state="accepted", version=1,
            accepted_version=1, first_submitted_at=NOON, updated_at=NOON,
        )
        for one, town in zip(kindergartens, places, strict=True)
    )  # fmt: skip
    versions = FilingVersion.objects.bulk_create(
        FilingVersion(filing=one, version=1, submitted_at=NOON, submitted_as=clerk)
        for one in filings
    )
    ClassCount.objects.bulk_create(
        ClassCount(
            filing_version=one, position=1, name="小一班", grade="small", boys=10, girls=10, age3=20
        )
        for one in versions
    )
    freeze_facts(version_ids=[one.pk for one in versions], accepted_at=NOON)
    recompute(month=OCTOBER, now=NOON)
    with connection.cursor() as cursor:
        # So that plans are made from what is there, as after some hours in use.
        cursor.execute("ANALYZE")
    return county.city, county


def _clerk(organisation: Any) -> Any:
    from accounts.models import Membership, User

    user = User.objects.create(username="clerk", full_name="示例")
    return Membership.objects.create(
        user=user, organisation=organisation, role="kindergarten_clerk", valid_from=SINCE
    )


def main() -> None:
    """Measure in a scratch database, which is gone afterwards."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    os.environ.setdefault("PLAIN_STATIC", "1")
    # The pages are measured, not the way to them.
    os.environ.setdefault("SECOND_FACTOR_ROLES", "none")
    django.setup()
    from django.conf import settings
    from django.db import connection

    settings.ALLOWED_HOSTS.append("testserver")
    name = connection.settings_dict["NAME"]
    connection.creation.create_test_db(verbosity=0, autoclobber=True)
    try:
        print("\n".join(measure()))
    finally:
        connection.creation.destroy_test_db(name, verbosity=0)


if __name__ == "__main__":
    main()
