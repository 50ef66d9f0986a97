"""What registers beside the staff's say on the statistical date: frozen, summed, looked at again."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from accounts.models import Region
from fees.overcharging.selectors import overcharges
from indicators.models import KindergartenFacts, Policy, RegionFacts, Target
from indicators.selectors import explanation, figures, filing_progress, kindergarten_figures
from indicators.services import registers, rulings
from kindergartens.models import (
    Kindergarten,
    MonthlyFiling,
    PremisesStandard,
    ProjectPayment,
    UnlicensedKindergarten,
)
from kindergartens.premises.selectors import overview
from reports.safety_measures.selectors import of_area
from staffing.models import Appointment
from tests.buildings import count_of, project_of, site_of, standard_of
from tests.conftest import acting
from tests.registers import employed
from tests.reports.overcharging.test_page import ceiling, charge, schedule
from tests.safety.measured import a_measure, evidenced
from tests.small_county import NOW, OCTOBER, SEPTEMBER, SmallCounty, moment
from tests.staffing_standard import the_nation_asks

pytestmark = pytest.mark.django_db
DAY = dt.date(2026, 10, 31)
AREAS = {"outdoor_area_m2": 4, "activity_room_area_m2": "8.17", "floor_area_m2": "10.44"}


@pytest.fixture
def posts(small: SmallCounty):
    officer = small.officer()
    clerk = small.person("示例填报人", officer.memberships.get().organisation, "bureau_officer")
    return officer.memberships.get(), clerk.memberships.get()


def frozen(name: str, month: dt.date = OCTOBER) -> KindergartenFacts:
    return KindergartenFacts.objects.current().get(kindergarten__name=name, month=month)


def numbers(region: Region, *codes: str, month: dt.date = OCTOBER) -> list[tuple]:
    return [(one.numerator, one.denominator) for one in figures(region, month, codes)]


def test_areas_and_books_are_of_the_confirmed_counts_of_all_sites(small, posts) -> None:
    officer, clerk = posts
    town = small.town("甲镇")
    for measure, least in AREAS.items():
        standard_of(small.county, measure, str(least))
    # The nation asks for more: the nearest place's row holds.
    standard_of(None, "outdoor_area_m2", "40")
    whole, part, old, silent = (
        small.kindergarten(town, f"示例{name}园") for name in ("全", "半", "旧", "没量")
    )
    sites = [
        site_of(one, designed_in=year) for one, year in ((whole, 2018), (part, None), (old, 2016))
    ]
    branch = site_of(part, "分园", is_main=False)
    count_of(sites[0], clerk, officer, outdoor_area_m2="80.05", activity_room_area_m2="163.39",
             floor_area_m2=300, books=99)  # fmt: skip
    # Newer, but of after the day, or not confirmed: neither holds.
    count_of(sites[0], clerk, officer, day=dt.date(2026, 11, 1), outdoor_area_m2=1)
    count_of(sites[0], clerk, outdoor_area_m2=2)
    count_of(sites[1], clerk, officer, outdoor_area_m2=50, books=40)
    count_of(branch, clerk, officer, outdoor_area_m2=30)
    count_of(sites[2], clerk, officer, outdoor_area_m2="79.99")
    for one in (whole, part, old, silent):
        small.file(one, 20)
    row = frozen("示例全园")
    assert (row.outdoor_area_dm2, row.activity_room_area_dm2, row.books) == (8005, 16339, 99)
    assert (row.outdoor_area_met, row.activity_room_area_met, row.floor_area_met) == (
        True,
        False,
        True,
    )
    assert (row.new_design, frozen("示例半园").new_design, frozen("示例旧园").new_design) == (
        True, None, False,
    )  # fmt: skip
    # The branch counted no books: then nobody knows them.
    assert (frozen("示例半园").outdoor_area_dm2, frozen("示例半园").books) == (8000, None)
    assert frozen("示例没量园").outdoor_area_dm2 is None
    small.settle()
    for region in (small.county, small.city, town):
        assert numbers(
            region, "outdoor_area_per_child_m2", "books_per_child",
            "outdoor_area_new_kindergarten_share", "outdoor_area_old_kindergarten_share",
            "activity_room_area_old_kindergarten_share",
        ) == [(24_004, 60), (99, 20), (1, 1), (0, 1), (0, 0)]  # fmt: skip
    [figure] = figures(small.county, OCTOBER, ["outdoor_area_per_child_m2"])
    assert figure.value == Decimal(24_004) / 6000
    assert explanation(small.county, "outdoor_area_per_child_m2", OCTOBER).sums_match
    # As the page of buildings says it.
    sums = {
        one.standard.measure: one
        for one in overview(acting(officer.user), small.county, DAY).measures
    }
    assert (sums["outdoor_area_m2"].new.met, sums["outdoor_area_m2"].old.unmet) == (1, 1)
    assert sums["activity_room_area_m2"].new.unmet == 1

    policy = Policy.objects.create(slug="nation", title="示例")
    Target.objects.create(
        policy=policy, indicator="outdoor_area_per_child_m2", operator=">=", value=4,
        levels=["kindergarten"],
    )  # fmt: skip
    verdicts = [
        kindergarten_figures(frozen(f"示例{name}园"), ["outdoor_area_per_child_m2"])[0].verdicts[0]
        for name in ("全", "旧", "没量")
    ]
    assert [(one.verdict, one.gap) for one in verdicts] == [
        ("met", None), ("unmet", 1), ("unavailable", None),
    ]  # fmt: skip

    PremisesStandard.objects.filter(region=small.county, measure="outdoor_area_m2").update(
        at_least=3
    )
    assert registers.look_again(month=OCTOBER, county=small.county) == 1
    assert frozen("示例旧园").outdoor_area_met is True


@pytest.mark.parametrize("host_first", [True, False])
def test_guards_are_counted_for_both_whichever_return_is_accepted_first(
    small, posts, host_first
) -> None:
    """One guard is enough for the 50 of the host, not for those and its class of 120."""
    officer, _ = posts
    the_nation_asks()
    a_measure(small.city, "guards", judged_by="guards")
    town = small.town("甲镇")
    host, attached = (small.kindergarten(town, f"示例{name}") for name in ("本园", "附设班"))
    Kindergarten.objects.filter(pk=attached.pk).update(institution_type="attached", host=host)
    Kindergarten.objects.all().update(boarding=False)
    made = employed(host, officer, 1, on=False, post="service_staff")
    Appointment.objects.filter(pk__in=[one.pk for one in made]).update(duty="guard")
    small.file(attached, 10, month=SEPTEMBER)
    small.file(host, 50, month=SEPTEMBER)
    returns = [(host, 50), (attached, 120)]
    for one, children in returns if host_first else returns[::-1]:
        small.file(one, children)
    assert frozen("示例本园").guards == "unmet"
    assert KindergartenFacts.objects.get(month=SEPTEMBER, kindergarten=host).guards == "met"


def test_the_four_hundreds_are_frozen_as_their_page_has_them(small, posts) -> None:
    officer, clerk = posts
    the_nation_asks()
    a_measure(small.city, "guards", judged_by="guards")
    alarm, closed = a_measure(small.city), a_measure(small.city, "closed-site", position=3)
    elsewhere = small.town("乙镇", county=small.other_county)
    town = small.town("甲镇")
    gardens = [small.kindergarten(town, f"示例{name}园") for name in "一二三"]
    attached = small.kindergarten(town, "示例附设班")
    Kindergarten.objects.filter(pk=attached.pk).update(institution_type="attached", host=gardens[0])
    Kindergarten.objects.all().update(boarding=False)
    for number, people in enumerate((9, 1)):
        made = employed(gardens[number], officer, people, on=False, post="service_staff")
        Appointment.objects.filter(pk__in=[one.pk for one in made]).update(duty="guard")
    evidenced(gardens[0], clerk, alarm, by=officer)
    evidenced(gardens[1], clerk, alarm, by=officer, valid_until=dt.date(2026, 10, 30))
    evidenced(gardens[2], clerk, closed)
    far = small.kindergarten(elsewhere, "示例别县园")
    for one in (attached, *gardens, far):
        small.file(one, 120)
    small.settle()
    columns = {"guards": "guards", "alarm": "alarm", "closed-site": "closed_site"}
    rows = of_area(acting(officer.user), small.county, DAY)
    assert len(rows) == 3
    for one in rows:
        facts = frozen(one.kindergarten.name)
        for line in one.lines:
            assert getattr(facts, columns[line.measure.code]) == line.found.standing
        assert facts.video == ""
    # A class in its host's house owes nothing of its own, and its place has a list.
    assert (frozen("示例附设班").alarm, frozen("示例别县园").alarm) == ("", "no_record")
    codes = [
        "full_time_guard_share",
        "one_key_alarm_share",
        "video_surveillance_share",
        "closed_campus_share",
    ]
    assert numbers(small.county, *codes) == [(1, 3), (1, 3), (0, 0), (0, 3)]
    policy = Policy.objects.create(slug="city", title="示例", region=small.city)
    for code in codes:
        Target.objects.create(
            policy=policy, indicator=code, operator=">=", value=1, levels=["county"]
        )
    # One is known to have no alarm; of closed sites nobody is known to lack one.
    assert [one.verdict for one in figures(small.county, OCTOBER, codes)] == [
        "unmet", "unmet", "unavailable", "pending",
    ]  # fmt: skip
    # And of one kindergarten the same.
    Target.objects.filter(policy=policy).update(levels=["kindergarten"])
    assert [
        [one.verdicts[0].verdict for one in kindergarten_figures(frozen(name), codes[1:2])]
        for name in ("示例一园", "示例二园", "示例三园")
    ] == [["met"], ["unmet"], ["pending"]]
    row = frozen("示例二园")
    evidenced(gardens[1], clerk, closed, by=officer, entered_at=NOW + dt.timedelta(hours=1))
    assert rulings.look_again(month=OCTOBER, county=small.other_county) == 0
    assert rulings.look_again(month=OCTOBER) == 1
    assert frozen("示例二园").closed_site == "met"
    assert (
        row.changes.order_by("pgh_id").last().pgh_context["reason"].startswith("按登记的安全防范")
    )
    assert explanation(small.county, "one_key_alarm_share", OCTOBER).sums_match


def test_charges_are_frozen_as_overcharging_finds_them(
    small, posts, django_assert_num_queries
) -> None:
    officer, _ = posts
    town = small.town("甲镇")
    ceiling(small.county, 500)
    for name, amount, with_schedule in (
        ("守", 500, True), ("超", 650, True), ("没公示", 400, False), ("没报", None, True),
    ):  # fmt: skip
        garden = small.kindergarten(town, f"示例{name}园")
        small.file(garden, 20)
        filing = MonthlyFiling.objects.get(kindergarten=garden, month=OCTOBER)
        if amount is not None:
            charge(filing, amount, 500 if with_schedule else None)
        if with_schedule:
            schedule(filing)
    by_day = small.kindergarten(town, "示例按天园")
    small.file(by_day, 20)
    filing = MonthlyFiling.objects.get(kindergarten=by_day, month=OCTOBER)
    charge(filing, 25, 20, unit="day")
    rulings.look_again(month=OCTOBER)
    assert [
        (
            frozen(f"示例{name}园").charges_within_limits,
            frozen(f"示例{name}园").overcharged_yuan,
            frozen(f"示例{name}园").overcharge_uncounted,
        )
        for name in ("守", "超", "没公示", "没报", "按天")
    ] == [
        (True, 0, False), (False, 3000, False), (None, None, None), (None, None, None),
        (False, 0, True),
    ]  # fmt: skip
    small.settle()
    assert numbers(small.county, "charges_within_limits_share", "overcharged_yuan") == [
        (1, 3), (3000, None),
    ]  # fmt: skip
    found = overcharges(acting(officer.user), small.county, OCTOBER)
    assert sum(one.excess.refund or 0 for one in found) == 3000


def test_a_place_counts_what_is_registered_of_it_whoever_has_filed(small, posts) -> None:
    officer, _ = posts
    town, other = small.town("甲镇"), small.town("乙镇")
    small.kindergarten(other, "示例没报园")
    for place, found_on, closed_on in (
        (town, "2026-10-31", None), (town, "2026-03-01", "2026-11-01"), (other, "2026-03-01", None),
        (town, "2026-11-01", None), (town, "2026-03-01", "2026-10-31"),
    ):  # fmt: skip
        UnlicensedKindergarten.objects.create(
            town=place, name=f"示例看护点{found_on}{closed_on}", address="示例路", found_on=found_on, found_as=officer,
            closed_on=closed_on, outcome="closed" if closed_on else "",
        )  # fmt: skip
    for place, day, seats in (
        (town, "2026-01-01", 360), (None, "2026-10-31", 90), (town, "2025-12-31", 500),
        (town, "2026-11-01", 70), (town, None, None),
    ):  # fmt: skip
        project = project_of(
            small.county, f"示例{day}项目", town=place, delivered_on=day, seats_delivered=seats
        )
        for paid_on, yuan in (("2026-02-01", "100.55"), ("2025-12-31", "7"), ("2026-11-01", "7")):
            ProjectPayment.objects.create(
                project=project, paid_on=paid_on, yuan=Decimal(yuan), document="示例",
                entered_as=officer, entered_at=NOW,
            )  # fmt: skip
    small.settle()
    codes = ["unlicensed_kindergarten_count", "kindergartens_built_or_expanded", "seats_added"]
    assert numbers(small.county, *codes) == [(3, None), (2, None), (450, None)]
    # What is of the county alone is in no town.
    assert numbers(town, *codes) == [(2, None), (1, None), (360, None)]
    assert numbers(small.city, *codes) == numbers(small.county, *codes)
    [money] = figures(small.county, OCTOBER, ["investment_yuan"])
    assert (money.numerator, money.value, money.provisional) == (50_275, Decimal("502.75"), False)
    # Known although no return is counted; a rate of children is not.
    assert figures(small.county, OCTOBER, ["public_enrolment_share"])[0].value is None
    assert explanation(small.county, "seats_added", OCTOBER).sums_match


def test_completeness_and_timeliness_are_of_all_who_owe(small) -> None:
    town = small.town("甲镇")
    due = moment(2026, 11, 6, 18)
    for name, state, after in (
        ("一", "accepted", 0), ("二", "accepted", 1), ("三", "submitted", -1), ("四", "returned", 1),
        ("五", "draft", -1),
    ):  # fmt: skip
        garden = small.kindergarten(town, f"示例{name}园")
        small.file(garden, 20, state=state)
        at = due + dt.timedelta(seconds=after)
        MonthlyFiling.objects.filter(kindergarten=garden, month=OCTOBER).update(
            first_submitted_at=None if state == "draft" else at
        )
    registers.look_again(month=OCTOBER)
    small.settle()
    for region in (small.county, town, small.city):
        assert numbers(region, "filing_completeness", "filing_timeliness") == [(4, 5), (2, 5)]
    row = RegionFacts.objects.get(region=small.county, month=OCTOBER)
    progress = filing_progress(small.county, OCTOBER)
    assert row.filed - row.on_time == progress.late
    policy = Policy.objects.create(slug="own", title="示例")
    for code in ("filing_completeness", "filing_timeliness"):
        Target.objects.create(
            policy=policy, indicator=code, operator=">=", value=1, levels=["county"]
        )
    # The fifth can still come; not those that were late.
    assert [
        one.verdict
        for one in figures(small.county, OCTOBER, ["filing_completeness", "filing_timeliness"])
    ] == ["pending", "unmet"]


def test_model_kindergartens_are_of_their_level_on_the_day(small) -> None:
    garden = small.kindergarten(small.town("甲镇"), "示例一园")
    garden.statuses.update(level="province_model")
    small.file(garden, 20, month=SEPTEMBER)
    garden.statuses.update(level="county_model")
    small.file(garden, 20)
    small.settle(SEPTEMBER, OCTOBER)
    assert numbers(small.county, "model_kindergarten_count") == [(0, None)]
    assert numbers(small.county, "model_kindergarten_count", month=SEPTEMBER) == [(1, None)]
