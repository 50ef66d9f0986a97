"""Freezing accepted returns: what is written, what is superseded, what is refused."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import IntegrityError, transaction

from indicators.models import KindergartenFacts
from indicators.selectors import figures
from indicators.selectors.kindergarten import kindergarten_counts
from indicators.services import staffing
from indicators.services.freeze import freeze_facts
from indicators.services.staffing import judge_again
from kindergartens.models import ClassCount, FilingVersion
from kindergartens.policies import NotAllowedNow
from staffing.models import StaffingStandard
from tests.indicators.world import NOW, World, facts_of
from tests.small_county import OCTOBER, SmallCounty
from tests.staffing_standard import the_nation_asks

pytestmark = pytest.mark.django_db
LATER = NOW + dt.timedelta(days=1)


def next_version(filing, children: int) -> FilingVersion:
    version = FilingVersion.objects.create(
        filing=filing, version=filing.versions.count() + 1, submitted_at=NOW,
        submitted_as=filing.versions.first().submitted_as,
    )  # fmt: skip
    ClassCount.objects.create(
        filing_version=version, position=1, name="中一班", grade="middle",
        boys=children, girls=0, age4=children,
    )  # fmt: skip
    return version


def test_every_frozen_row_says_what_its_version_says():
    world = World(20)
    rows = KindergartenFacts.objects.select_related("filing_version__filing__period")
    assert rows.count() > 20
    for row in rows:
        version = row.filing_version
        assert {name: getattr(row, name) for name in facts_of(version)} == facts_of(version)
        status = world.status_on(version.filing.kindergarten, version.filing.period.reference_date)
        for name in (
            "town_id", "ownership", "sponsor_type", "counts_enrolment", "counts_public",
            "counts_inclusive", "counts_staff", "level", "urban_rural",
        ):  # fmt: skip
            assert getattr(row, name) == getattr(status, name)
        assert (row.county_id, row.city_id) == (status.town.county_id, status.town.city_id)


def test_class_size_limits_and_nursery(small: SmallCounty):
    town = small.town("甲镇")
    filing = small.file(small.kindergarten(town, "示例一园"), 20, state="submitted", nursery=9)
    version = filing.versions.get()
    # V7: the limit itself complies, one more does not.
    sizes = {"small": 25, "middle": 30, "large": 35, "mixed": 30}
    for position, (grade, most) in enumerate(sizes.items(), start=10):
        for extra in (0, 1):
            ClassCount.objects.create(
                filing_version=version, position=position, name=f"{grade}{extra}", grade=grade,
                boys=most + extra, girls=0, age4=most, age6=extra,
            )  # fmt: skip
    assert freeze_facts(version_ids=[version.pk], accepted_at=NOW) == 1
    row = KindergartenFacts.objects.get()
    assert (row.classes, row.compliant_classes) == (9, 5)
    assert (row.nursery_children, row.over_age_children) == (9, 4)
    assert row.enrolled_children == 20 + sum(2 * most + 1 for most in sizes.values())


def test_a_later_version_supersedes_and_the_old_row_stays(small: SmallCounty):
    filing = small.file(small.kindergarten(small.town("甲镇"), "示例一园"), 20)
    second = next_version(filing, 24)
    assert freeze_facts(version_ids=[second.pk], accepted_at=LATER) == 1
    old, new = KindergartenFacts.objects.order_by("filing_version__version")
    assert (old.enrolled_children, old.superseded_at) == (20, LATER)
    assert (new.enrolled_children, new.superseded_at) == (24, None)
    assert list(KindergartenFacts.objects.current()) == [new]


def test_freezing_again_writes_nothing(small: SmallCounty):
    filing = small.file(small.kindergarten(small.town("甲镇"), "示例一园"), 20)
    before = list(KindergartenFacts.objects.values())
    version = filing.versions.get().pk
    assert freeze_facts(version_ids=[version], accepted_at=LATER) == 0
    assert freeze_facts(version_ids=[], accepted_at=LATER) == 0
    assert list(KindergartenFacts.objects.values()) == before


def test_an_older_version_never_replaces_a_newer(small: SmallCounty):
    filing = small.file(small.kindergarten(small.town("甲镇"), "示例一园"), 20, state="submitted")
    first, second = filing.versions.get(), next_version(filing, 24)
    freeze_facts(version_ids=[second.pk], accepted_at=NOW)
    with pytest.raises(ValueError, match="更新的版本"):
        freeze_facts(version_ids=[first.pk], accepted_at=LATER)
    assert KindergartenFacts.objects.current().get().enrolled_children == 24


def test_refuses_two_versions_of_one_return_and_unknown_ones(small: SmallCounty):
    filing = small.file(small.kindergarten(small.town("甲镇"), "示例一园"), 20, state="submitted")
    both = [filing.versions.get().pk, next_version(filing, 24).pk]
    for versions in (both, [10**9]):
        with pytest.raises(ValueError, match="版本"):
            freeze_facts(version_ids=versions, accepted_at=NOW)
    assert not KindergartenFacts.objects.exists()


@pytest.mark.parametrize(
    "status",
    [
        {"valid_from": dt.date(2026, 11, 1)},
        {"valid_to": dt.date(2026, 10, 31)},  # its first day without, the statistical date
        {"operating_state": "closed"},
        {"counts_enrolment": False},
    ],
    ids=["later", "ended", "closed", "not counted"],
)
def test_refuses_a_kindergarten_that_owed_nothing_and_keeps_what_was(small: SmallCounty, status):
    kindergarten = small.kindergarten(small.town("甲镇"), "示例一园")
    filing = small.file(kindergarten, 20)
    second = next_version(filing, 24)
    kindergarten.statuses.update(**status)
    with pytest.raises(NotAllowedNow, match="有1所幼儿园在统计时点没有登记、不在办或不计入"):
        freeze_facts(version_ids=[second.pk], accepted_at=LATER)
    assert KindergartenFacts.objects.current().get().enrolled_children == 20


def test_a_change_of_status_does_not_move_a_frozen_row(small: SmallCounty):
    kindergarten = small.kindergarten(small.town("甲镇"), "示例一园")
    small.file(kindergarten, 20)
    kindergarten.statuses.update(
        ownership="inclusive_private", counts_public=False, sponsor_type="private"
    )
    row = KindergartenFacts.objects.get()
    assert (row.ownership, row.counts_public) == ("public", True)
    assert kindergarten_counts(row)["public_children"] == 20


def test_the_database_holds_one_current_row(small: SmallCounty):
    filing = small.file(small.kindergarten(small.town("甲镇"), "示例一园"), 20)
    row = KindergartenFacts.objects.get()
    row.pk, row.filing_version = None, next_version(filing, 20)
    with pytest.raises(IntegrityError, match="one_current_facts_row"), transaction.atomic():
        row.save()
    assert KindergartenFacts.objects.filter(month=OCTOBER).count() == 1


@pytest.mark.parametrize(
    ("wrong", "constraint"),
    [
        ({"certified_principals_and_teachers": 5}, "certified_within_principals_and_teachers"),
        ({"counts_inclusive": False}, "public_facts_are_inclusive"),
        ({"month": dt.date(2026, 10, 2)}, "facts_month_is_first_day"),
        ({"filing_version": None}, "filing_version_id"),
    ],
)
def test_the_database_refuses_facts_that_contradict_themselves(
    small: SmallCounty, wrong, constraint
):
    small.file(small.kindergarten(small.town("甲镇"), "示例一园"), 20)
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        KindergartenFacts.objects.update(**wrong)


def with_staff(small: SmallCounty, name: str, **people: int):
    """A submitted return of 105 children in 3 classes, with just these people."""
    kindergarten = small.kindergarten(small.town(f"{name}镇"), name)
    filing = small.file(kindergarten, 35, state="submitted", classes=3, staff=people)
    return filing.versions.get()


ENOUGH = {
    "principal": 1, "full_time_teacher": 9, "childcare_worker": 3, "health_staff": 1,
    "service_staff": 1,
}  # fmt: skip


@pytest.fixture
def national(db):
    the_nation_asks()


@pytest.mark.parametrize(
    ("changed", "verdict"),
    [
        ({}, True),
        ({"service_staff": 0}, False),
        ({"full_time_teacher": 9, "childcare_worker": 2, "service_staff": 9}, False),
        ({"full_time_teacher": 5, "childcare_worker": 7}, False),
        ({"full_time_teacher": 12, "childcare_worker": 0}, True),
        ({"health_staff": 0, "service_staff": 2}, False),
        ({"principal": 0, "service_staff": 2}, False),
    ],
)
def test_a_row_is_frozen_with_whether_it_is_fully_staffed(small, national, changed, verdict):
    version = with_staff(small, "示例一园", **ENOUGH | changed)
    freeze_facts(version_ids=[version.pk], accepted_at=NOW)
    assert KindergartenFacts.objects.get().fully_staffed is verdict


def test_the_own_place_and_the_statistical_date_choose_the_standard(small, national):
    StaffingStandard.objects.create(
        demand="staff", day="full", most=6, document="本县", region=small.county,
        valid_from=dt.date(2026, 11, 1),
    )  # fmt: skip
    StaffingStandard.objects.create(
        demand="staff", day="full", most=6, document="别县", region=small.other_county
    )
    version = with_staff(small, "示例一园", **ENOUGH)
    freeze_facts(version_ids=[version.pk], accepted_at=NOW)
    assert KindergartenFacts.objects.get().fully_staffed is True
    StaffingStandard.objects.filter(document="本县").update(valid_from=dt.date(2026, 10, 31))
    assert judge_again(month=OCTOBER, county=small.county) == 1
    assert KindergartenFacts.objects.get().fully_staffed is False


def test_a_return_accepted_while_a_month_is_judged_again_is_judged_too(
    small, national, monkeypatch
):
    first, second = (with_staff(small, name, **ENOUGH) for name in ("示例一园", "示例二园"))
    freeze_facts(version_ids=[first.pk], accepted_at=NOW)
    StaffingStandard.objects.filter(demand="staff", day="full").update(most=6)

    def slowly(counted):
        freeze_facts(version_ids=[second.pk], accepted_at=NOW)
        monkeypatch.undo()
        return staffing.judge_staffing(counted)

    monkeypatch.setattr(staffing, "judge_staffing", slowly)
    assert judge_again(month=OCTOBER) == 1
    rows = KindergartenFacts.objects.all()
    assert {row.fully_staffed for row in rows} == {False}
    changed = rows.get(filing_version=first).changes.order_by("pgh_id").last()
    assert changed.pgh_context["reason"] == "按现行标准重新判定"


def test_without_a_standard_or_counted_staff_nobody_is_judged(small):
    version = with_staff(small, "示例一园", **ENOUGH)
    freeze_facts(version_ids=[version.pk], accepted_at=NOW)
    row = KindergartenFacts.objects.get()
    assert row.fully_staffed is None
    assert kindergarten_counts(row)["staff_judged_kindergartens"] == 0
    small.settle()
    [share] = figures(small.county, OCTOBER, ["fully_staffed_kindergarten_share"])
    assert (share.numerator, share.denominator, share.value) == (0, 0, None)


def test_the_share_is_of_all_kindergartens_and_judging_takes_as_many_queries(
    small, national, django_assert_num_queries
):
    versions = [
        with_staff(small, f"示例{at}园", **ENOUGH | {"service_staff": at}) for at in range(3)
    ]
    freeze_facts(version_ids=[v.pk for v in versions], accepted_at=NOW)
    small.settle()
    [share] = figures(small.county, OCTOBER, ["fully_staffed_kindergarten_share"])
    assert (share.numerator, share.denominator) == (2, 3)
    # Savepoint and its end, counts, standards: the same for one and for many.
    with django_assert_num_queries(4):
        assert judge_again(month=OCTOBER) == 0


def test_a_kindergarten_whose_staff_is_not_counted_is_not_judged(small, national):
    version = with_staff(small, "示例一园", **ENOUGH)
    version.filing.kindergarten.statuses.update(counts_staff=False)
    freeze_facts(version_ids=[version.pk], accepted_at=NOW)
    assert KindergartenFacts.objects.get().fully_staffed is None
