"""A county of five hundred kindergartens of twelve classes, a director each, whose September was accepted."""

from __future__ import annotations

import datetime as dt
from typing import Any

from benchmarks.county import make_county

KINDERGARTENS = 500
CLASSES = 12
TOWNS = 10
GRADES = ("small", "middle", "large")
PASSWORD = "Sieben-Schwalben-fliegen"  # noqa: S105 - nobody's


def build() -> tuple[int, list[int]]:
    """A county whose kindergartens filed September. The key of October's period, and theirs."""
    from django.contrib.auth.hashers import make_password
    from django.db import connection

    from accounts.models import Membership, Organisation, User
    from indicators.services.freeze import freeze_facts
    from kindergartens.models import (
        ClassCount,
        FilingVersion,
        Kindergarten,
        KindergartenStatus,
        MonthlyFiling,
        ReportingPeriod,
    )
    from staffing.models import StaffCount

    now = dt.datetime.now(dt.UTC)
    since = dt.date(2020, 1, 1)
    county, towns = make_county(TOWNS)
    last, this = (
        ReportingPeriod.objects.create(
            county=county, month=month, reference_date=month + dt.timedelta(days=27),
            opens_at=now + dt.timedelta(days=days), due_at=now + dt.timedelta(days=days + 30),
            locks_at=now + dt.timedelta(days=days + 35),
        )
        for month, days in ((dt.date(2026, 9, 1), -40), (dt.date(2026, 10, 1), -29))
    )  # fmt: skip
    places = [towns[n % TOWNS] for n in range(KINDERGARTENS)]
    organisations = Organisation.objects.bulk_create(
        Organisation(name=f"示例{n}园", kind="kindergarten", region=town)
        for n, town in enumerate(places)
    )
    kindergartens = Kindergarten.objects.bulk_create(
        Kindergarten(
            organisation=one, name=one.name, code=f"1199{n:06d}", is_example=True, opened_on=since
        )
        for n, one in enumerate(organisations)
    )
    KindergartenStatus.objects.bulk_create(
        KindergartenStatus(
            kindergarten=one, valid_from=since, town=town, sponsor_type="education",
            ownership="public", counts_public=True, counts_inclusive=True,
        )
        for one, town in zip(kindergartens, places, strict=True)
    )  # fmt: skip
    password = make_password(PASSWORD)
    users = User.objects.bulk_create(
        User(username=f"d{n}", full_name="示例园长", password=password)
        for n in range(KINDERGARTENS)
    )
    posts = Membership.objects.bulk_create(
        Membership(user=user, organisation=one, role="director", valid_from=since)
        for user, one in zip(users, organisations, strict=True)
    )
    at = last.due_at - dt.timedelta(days=2)
    filings = MonthlyFiling.objects.bulk_create(
        MonthlyFiling(
            kindergarten=one, period=last, month=last.month, town=town, state="accepted", version=1,
            accepted_version=1, first_submitted_at=at, updated_at=at,
        )
        for one, town in zip(kindergartens, places, strict=True)
    )  # fmt: skip
    versions = FilingVersion.objects.bulk_create(
        FilingVersion(filing=filing, version=1, submitted_at=at, submitted_as=post)
        for filing, post in zip(filings, posts, strict=True)
    )
    ClassCount.objects.bulk_create(
        ClassCount(filing_version=version, **_class(number))
        for version in versions
        for number in range(CLASSES)
    )
    StaffCount.objects.bulk_create(
        StaffCount(filing_version=version, post=post, people=2, certified=_certified(post))
        for version in versions
        for post in StaffCount.Post
    )
    freeze_facts(version_ids=[version.pk for version in versions], accepted_at=at)
    with connection.cursor() as cursor:
        # So that plans are made from what is there, as after some hours in use.
        cursor.execute("ANALYZE")
    return this.pk, [one.pk for one in kindergartens]


def _class(number: int) -> dict[str, Any]:
    grade = GRADES[number % len(GRADES)]
    return {
        "position": number, "name": f"{number + 1}班", "grade": grade, "boys": 10, "girls": 10,
        f"age{3 + number % len(GRADES)}": 20,
    }  # fmt: skip


def _certified(post: str) -> int | None:
    from staffing.models import StaffCount

    return 2 if post in StaffCount.CERTIFIED_POSTS else None
