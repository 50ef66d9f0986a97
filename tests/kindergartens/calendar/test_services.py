"""Opening months, moving their dates, and letting one kindergarten file later."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction

from accounts.history.tracking import TRACKED
from accounts.models import Job, User
from kindergartens import policies
from kindergartens.calendar import selectors, services
from kindergartens.calendar.rules import PeriodTimes
from kindergartens.calendar.services import PeriodRefused
from kindergartens.models import FilingExtension, Kindergarten, PeriodRule, ReportingPeriod
from kindergartens.policies import NotAllowedNow
from kindergartens.stamps import stamp_of
from tests.conftest import acting
from tests.small_county import NOW, OCTOBER, SEPTEMBER, SmallCounty, moment

NOVEMBER, DECEMBER = dt.date(2026, 11, 1), dt.date(2026, 12, 1)
AFTER_LOCK = moment(2026, 11, 23)
REASON = "园长住院，没有人填报"


class Scene:
    def __init__(self, small: SmallCounty) -> None:
        self.small = small
        self.town = small.town("甲镇")
        self.kindergarten: Kindergarten = small.kindergarten(self.town, "示例一园")
        self.officer: User = acting(small.officer())
        self.period = ReportingPeriod.objects.get(county=small.county, month=OCTOBER)

    def open(self, until: dt.date = NOVEMBER, now: dt.datetime = NOW, **changes: Any) -> Any:
        days = services.proposed(self.small.county, now.date())
        asked = {"until": until, "seen": services.days_stamp(days), "by": self.officer} | changes
        return services.open_periods(county=self.small.county, now=now, **asked)

    def change(self, now: dt.datetime = NOW, seen: str | None = None, **changes: Any) -> Any:
        return services.change_period(
            period_id=self.period.pk,
            wanted=replace(services.dates_of(self.period), **changes),
            reason="系统维护一天",
            seen=stamp_of(self.period, services.DATES) if seen is None else seen,
            by=self.officer,
            now=now,
        )

    def extend(
        self, until: dt.datetime | None = None, now: dt.datetime = AFTER_LOCK, **changes: Any
    ) -> FilingExtension:
        asked = {
            "period_id": self.period.pk, "kindergarten": self.kindergarten, "by": self.officer,
            "until": until or now + dt.timedelta(days=3), "reason": REASON,
        } | changes  # fmt: skip
        return services.grant_extension(now=now, **asked)


@pytest.fixture
def scene(small: SmallCounty) -> Scene:
    return Scene(small)


# ---- opening ------------------------------------------------------------------------------------


def test_months_are_opened_as_they_were_seen(scene: Scene) -> None:
    scene.open(DECEMBER)
    november = ReportingPeriod.objects.get(county=scene.small.county, month=NOVEMBER)
    assert november.reference_date == dt.date(2026, 11, 30)
    assert november.opens_at == moment(2026, 11, 25, 8)
    assert november.due_at == moment(2026, 12, 7, 18)
    assert november.locks_at == moment(2026, 12, 16, 18)
    assert ReportingPeriod.objects.filter(county=scene.small.county).count() == 4
    assert not ReportingPeriod.objects.filter(
        county=scene.small.other_county, month=NOVEMBER
    ).exists()
    # Nothing opens today, so no figure moves.
    assert not Job.objects.exists()
    change = TRACKED[ReportingPeriod].event.objects.filter(month=NOVEMBER).get()
    assert change.pgh_context["reason"] == "按规则开设"


def test_a_month_that_is_late_opens_at_once_and_is_counted(scene: Scene) -> None:
    now = moment(2026, 12, 10)
    [november] = scene.open(now=now)
    assert (november.opens_at, november.due_at) == (now, moment(2026, 12, 17, 18))
    assert november.reference_date == dt.date(2026, 11, 30)
    assert Job.objects.get().kind == "recompute-figures"


def test_what_a_colleague_opened_is_not_opened_again(scene: Scene) -> None:
    seen = services.days_stamp(services.proposed(scene.small.county, NOW.date()))
    scene.open()
    with pytest.raises(PeriodRefused, match="有了变化"):
        scene.open(seen=seen)
    with pytest.raises(PeriodRefused, match="开设到哪个月"):
        scene.open(dt.date(2027, 6, 1))


def test_the_countys_own_rule_makes_the_dates(scene: Scene) -> None:
    county = scene.small.county
    seen = services.rule_stamp(selectors.times_of(county))
    times = PeriodTimes(20, 10, 3, 0)
    rule: dict[str, Any] = {"county": county, "reason": "区里规定20日统计", "by": scene.officer}
    services.set_rule(times=times, seen=seen, **rule)
    [november] = scene.open()
    assert november.reference_date == dt.date(2026, 11, 20)
    assert november.due_at == november.locks_at == moment(2026, 11, 25, 18)
    with pytest.raises(PeriodRefused, match="别人改过"):
        services.set_rule(times=PeriodTimes(), seen=seen, **rule)
    with pytest.raises(PeriodRefused, match="不能晚于统计时点"):
        services.set_rule(times=PeriodTimes(10, 20, 3, 0), seen=services.rule_stamp(times), **rule)
    assert PeriodRule.objects.count() == 1
    # Months that are there keep their dates.
    scene.period.refresh_from_db()
    assert scene.period.reference_date == dt.date(2026, 10, 31)


@pytest.mark.parametrize("role", ["bureau_leader", "inspector", "town_officer", "city_officer"])
def test_others_set_nothing(scene: Scene, role: str) -> None:
    place = {"town_officer": scene.town, "city_officer": scene.small.city}
    other = acting(scene.small.officer(place.get(role, scene.small.county), role))
    with pytest.raises(PermissionDenied):
        scene.open(by=other)
    with pytest.raises(PermissionDenied):
        scene.extend(by=other)


def test_another_countys_officer_sets_nothing_here(scene: Scene) -> None:
    stranger = acting(scene.small.officer(scene.small.other_county))
    with pytest.raises(PermissionDenied):
        scene.open(by=stranger)
    with pytest.raises(ReportingPeriod.DoesNotExist):
        scene.extend(by=stranger)


# ---- moving dates -------------------------------------------------------------------------------


def test_a_running_month_is_given_longer(scene: Scene) -> None:
    scene.change(due_at=moment(2026, 11, 9, 18), locks_at=moment(2026, 11, 25, 18))
    scene.period.refresh_from_db()
    assert scene.period.due_at == moment(2026, 11, 9, 18)
    change = TRACKED[ReportingPeriod].event.objects.filter(pgh_label="update").latest("pgh_id")
    assert change.pgh_context["reason"] == "系统维护一天"


@pytest.mark.parametrize(
    ("changes", "now", "says"),
    [
        ({"due_at": moment(2026, 11, 5, 10)}, NOW, "晚于现在"),
        ({"reference_date": dt.date(2026, 10, 30)}, NOW, "统计时点不能再改"),
        ({"locks_at": moment(2026, 12, 20)}, AFTER_LOCK, "已经锁定"),
        ({"due_at": moment(2026, 11, 21)}, NOW, "锁定时间不能早于"),
    ],
)
def test_dates_that_do_not_move(
    scene: Scene, changes: dict[str, Any], now: dt.datetime, says: str
) -> None:
    with pytest.raises(PeriodRefused, match=says):
        scene.change(now=now, **changes)


def test_two_officers_do_not_overwrite_each_other(scene: Scene) -> None:
    seen = stamp_of(scene.period, services.DATES)
    scene.change(due_at=moment(2026, 11, 9, 18))
    with pytest.raises(PeriodRefused, match="别人改过"):
        scene.change(seen=seen, due_at=moment(2026, 11, 8, 18))


# ---- one kindergarten's month -------------------------------------------------------------------


def is_open(scene: Scene, now: dt.datetime, kindergarten: Kindergarten | None = None) -> bool:
    whose = kindergarten or scene.kindergarten
    try:
        policies.check_period_open(scene.period, now, kindergarten_id=whose.pk)
    except NotAllowedNow:
        return False
    return True


def test_an_extension_opens_one_month_of_one_kindergarten_until_its_end(scene: Scene) -> None:
    neighbour = scene.small.kindergarten(scene.town, "示例二园")
    assert not is_open(scene, AFTER_LOCK)
    extension = scene.extend()
    assert is_open(scene, AFTER_LOCK)
    assert not is_open(scene, AFTER_LOCK, neighbour)
    assert is_open(scene, extension.until - dt.timedelta(seconds=1))
    assert not is_open(scene, extension.until)
    september = ReportingPeriod.objects.get(county=scene.small.county, month=SEPTEMBER)
    with pytest.raises(NotAllowedNow):
        policies.check_period_open(september, AFTER_LOCK, kindergarten_id=scene.kindergarten.pk)


def test_the_lock_says_why_since_when_and_who_lifts_it(scene: Scene) -> None:
    with pytest.raises(NotAllowedNow) as refusal:
        policies.check_period_open(scene.period, AFTER_LOCK, kindergarten_id=scene.kindergarten.pk)
    said = str(refusal.value)
    assert "2026年10月月报已于11月20日12:00锁定" in said
    assert "甲县教育局月报经办人办理延期" in said


def test_a_later_extension_goes_further_and_each_stays(scene: Scene) -> None:
    first = scene.extend()
    with pytest.raises(PeriodRefused, match="已有的延期"):
        scene.extend(first.until)
    second = scene.extend(first.until + dt.timedelta(days=1))
    assert is_open(scene, first.until)
    services.revoke_extension(
        extension_id=second.pk, reason="已报", by=scene.officer, now=AFTER_LOCK
    )
    assert is_open(scene, AFTER_LOCK)
    assert not is_open(scene, first.until)
    with pytest.raises(PeriodRefused, match="撤销"):
        services.revoke_extension(
            extension_id=second.pk, reason="再撤", by=scene.officer, now=AFTER_LOCK
        )
    assert FilingExtension.objects.count() == 2


@pytest.mark.parametrize(
    ("status", "says"),
    [
        ({"operating_state": "suspended"}, "停办整顿"),
        ({"counts_enrolment": False}, "不计入"),
        ({"valid_to": dt.date(2026, 10, 15)}, "没有在册"),
    ],
)
def test_never_for_a_kindergarten_that_owes_nothing(
    scene: Scene, status: dict[str, Any], says: str
) -> None:
    scene.kindergarten.statuses.update(**status)
    with pytest.raises(PeriodRefused, match=says):
        scene.extend()


def test_never_for_a_kindergarten_of_another_county(scene: Scene) -> None:
    town = scene.small.town("乙镇", county=scene.small.other_county)
    with pytest.raises(PeriodRefused, match="不能延期"):
        scene.extend(kindergarten=scene.small.kindergarten(town, "示例乙园"))


def test_not_before_the_month_opens(scene: Scene) -> None:
    with pytest.raises(PeriodRefused, match="才开放"):
        scene.extend(moment(2026, 11, 25), now=moment(2026, 10, 20))


def test_the_database_keeps_who_and_why(scene: Scene) -> None:
    extension = scene.extend()
    for wrong in ({"reason": ""}, {"revoked_at": NOW}, {"until": NOW}):
        with pytest.raises(IntegrityError), transaction.atomic():
            FilingExtension.objects.filter(pk=extension.pk).update(**wrong)


# ---- counting -----------------------------------------------------------------------------------


def test_late_is_counted_apart_from_missing(scene: Scene, django_assert_num_queries: Any) -> None:
    small = scene.small
    late = small.file(scene.kindergarten, 24)
    late.first_submitted_at = moment(2026, 11, 10)
    late.save()
    small.file(small.kindergarten(scene.town, "示例二园"), 20, state="submitted")
    missing = small.kindergarten(scene.town, "示例三园")
    small.kindergarten(scene.town, "示例停园", state="suspended")
    withdrawn = small.file(small.kindergarten(scene.town, "示例四园"), 20, state="submitted")
    withdrawn.state = "draft"
    withdrawn.save()
    scene.extend(kindergarten=missing)
    with django_assert_num_queries(1):
        october = next(
            row
            for row in selectors.period_list(scene.officer, now=AFTER_LOCK)
            if row.month == OCTOBER
        )
    assert (october.expected, october.filed, october.late) == (4, 2, 1)
    assert october.extended == 1
    counts = selectors.month_counts(scene.officer, OCTOBER, now=AFTER_LOCK)
    assert (counts.expected, counts.filed, counts.late, counts.missing) == (4, 2, 1, 2)
    rows = selectors.owed_returns(scene.officer, scene.period, now=AFTER_LOCK)
    assert {row.kindergarten.name: row.progress for row in rows} == {
        "示例一园": "accepted", "示例二园": "submitted", "示例三园": "missing",
        "示例四园": "missing",
    }  # fmt: skip
    assert selectors.tab_numbers(rows) == {
        "n_": 4, "n_open": 2, "n_late": 1, "n_filed": 2, "n_extended": 1,
    }  # fmt: skip
    before = selectors.owed_returns(scene.officer, scene.period, now=NOW)
    assert {row.kindergarten.name: row.progress for row in before}["示例四园"] == "draft"


def test_status_changed_later_moves_no_count_of_before(scene: Scene) -> None:
    """Who is expected follows the status on the statistical date."""
    status = scene.kindergarten.statuses.get()
    status.valid_to = dt.date(2026, 11, 1)
    status.save()
    status.pk, status.valid_from, status.valid_to = None, dt.date(2026, 11, 1), None
    status.operating_state, status.reason = "closed", "撤销"
    status.save()
    assert selectors.month_counts(scene.officer, OCTOBER, now=AFTER_LOCK).expected == 1
