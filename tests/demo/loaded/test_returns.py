"""The demo's returns are such as the portal itself would have taken."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db.models import Count, F

from accounts.models import Membership
from config.demo.calendar import at_time
from indicators.models import KindergartenFacts, RegionFacts
from kindergartens.models import (
    FilingEvent,
    FilingVersion,
    Group,
    KindergartenStatus,
    MonthlyFiling,
    ReportingPeriod,
)
from reports.filings.reviewing import review_beside
from reports.filings.submitted import flows_add_up, last_submitted
from tests.demo.loaded.days import NOW, OCTOBER, SEPTEMBER, TODAY

pytestmark = pytest.mark.django_db


def test_the_director_can_begin_this_month_from_the_last() -> None:
    post = Membership.objects.get(user__username="wuqing-director")
    kindergarten = post.organisation.kindergarten
    assert kindergarten.name == "王庆坨镇春芽幼儿园"
    last = kindergarten.filings.get(period__month=SEPTEMBER)
    assert last.state == "accepted"
    assert last.versions.get().submitted_as == post
    assert last.versions.get().facts.enrolled_children == 226
    assert not kindergarten.filings.filter(period__month=OCTOBER).exists()
    assert ReportingPeriod.objects.get(county__code="120114", month=OCTOBER).is_open(NOW)
    other = Membership.objects.get(user__username="kundulun-director").organisation.kindergarten
    assert other.filings.get(period__month=SEPTEMBER).state == "accepted"
    assert not other.filings.filter(period__month=OCTOBER).exists()


def test_the_past_year_has_late_missing_returned_and_corrected_returns() -> None:
    past = MonthlyFiling.objects.filter(period__county__code="120114", period__month__lt=OCTOBER)
    assert past.filter(first_submitted_at__gt=F("period__due_at")).exists()
    assert past.filter(state="draft").exists()
    assert past.filter(state="accepted", version=2).exists()
    assert FilingEvent.objects.filter(filing__in=past, action="returned").exists()
    assert FilingEvent.objects.filter(filing__in=past, action="reopened").exists()
    assert KindergartenFacts.objects.filter(
        superseded_at__isnull=False, county__code="120114"
    ).exists()
    owed = RegionFacts.objects.filter(region__code="120114", region__level=3)
    assert owed.filter(expected__gt=F("accepted"), month__lt=OCTOBER).exists()
    incomplete = {row.month for row in owed if row.expected > row.accepted}
    assert len(incomplete) == 4
    assert OCTOBER in incomplete
    assert SEPTEMBER not in incomplete


def test_events_of_a_return_are_in_order_and_not_after_the_day_of_loading() -> None:
    allowed = {
        None: {"submitted"},
        "submitted": {"accepted", "returned"},
        "accepted": {"reopened"},
        "returned": {"submitted"},
        "reopened": {"submitted"},
    }
    last: dict[int, FilingEvent] = {}
    for event in FilingEvent.objects.select_related(
        "filing__period", "filing__kindergarten"
    ).order_by("at", "pk"):
        before = last.get(event.filing_id)
        assert event.action in allowed[before.action if before else None]
        assert before is None or before.at < event.at
        assert event.filing.period.opens_at < event.at < event.filing.period.locks_at
        assert event.at < at_time(TODAY, dt.time(0, 0))
        last[event.filing_id] = event
    assert len(last) == FilingVersion.objects.values("filing").distinct().count()
    submitters = {"director", "kindergarten_clerk"}
    for action, role in FilingEvent.objects.values_list("action", "done_as__role").distinct():
        assert (role in submitters) == (action == "submitted")


def test_submitted_returns_pass_the_checks_of_the_form() -> None:
    versions = (
        FilingVersion.objects.filter(
            filing__kindergarten__organisation__region__county__code="120114",
            filing__period__month__gte=dt.date(2026, 7, 1),
            version=F("filing__version"),
            # Months before were asked for less than the form asks for now.
            days_open__isnull=False,
        )
        .select_related("filing__period")
        .order_by("filing__kindergarten", "filing__period__month")
        .prefetch_related("classes")
    )
    checked = followed = in_september = 0
    for version in versions:
        filing = version.filing
        last = last_submitted(filing.kindergarten, filing.month)
        seen = review_beside(last, filing.month, filing.draft, peers={})
        assert seen.problems == [], filing
        assert seen.may_be_submitted, filing
        assert seen.enrolled_children == sum(
            row.children for row in version.classes.all() if row.grade != "nursery"
        )
        checked += 1
        followed += flows_add_up(last, filing.month)
        in_september += flows_add_up(last, filing.month) and filing.month.month == 9
    assert checked > 250
    assert followed > in_september > 50


def test_status_rows_fit_their_returns() -> None:
    closed = KindergartenStatus.objects.on(TODAY).get(operating_state="closed")
    filed = closed.kindergarten.filings.aggregate(last=Count("pk"))["last"]
    assert 0 < filed <= 6
    assert KindergartenStatus.objects.filter(reason="示例：认定为普惠性民办园").count() == 2
    assert Group.objects.filter(county__code="120114").count() == 8
    clusters = Group.objects.filter(kind="town_cluster")
    assert sum(group.members.count() for group in clusters) == 24
