"""The demo adds up to what the sources print, and is written once.

Loading takes seconds, so the tests of this file share one load, rolled back at the end. It is
interrupted on purpose and run again: what is checked is the outcome of a resumed load.
"""

from __future__ import annotations

import datetime as dt
import io
import re
import time
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal

import psycopg2
import pytest
from django.contrib.auth import authenticate
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.db.models import Count, F, Sum
from django.test import override_settings
from pytest_django.plugin import DjangoDbBlocker

from accounts.access.acting import choose_membership
from accounts.access.roles import RoleCode
from accounts.demo_logins import DEMO_LOGINS, DEMO_PASSWORD
from accounts.models import Membership, Organisation, Region, User
from accounts.services import check_post
from accounts.sign_in.known_passwords import scan
from config.demo import wuqing
from config.demo.calendar import at_time
from config.demo.load import COUNTIES, LOCK, load_demo
from config.models import DemoPart
from indicators.models import KindergartenFacts, RegionFacts, Target
from indicators.rules import Verdict
from indicators.selectors.figures import child_figures, figures
from indicators.services.freeze import freeze_facts
from indicators.services.recompute import recompute
from kindergartens.calendar.rules import add_months
from kindergartens.models import (
    ConstructionProject,
    EstateProject,
    FilingEvent,
    FilingVersion,
    Group,
    Kindergarten,
    KindergartenStatus,
    MonthlyFiling,
    Population,
    ReportingPeriod,
)
from kindergartens.premises import selectors as premises
from kindergartens.projects import selectors as works
from kindergartens.rules import CLASS_SIZE_LIMITS
from reports.estates.selectors import town_public_share
from reports.filings.checks import LastClass, compares_with_last, review
from reports.filings.selectors import working_days
from reports.planning.services import Proposal, confirm, preview

# Each test runs in a savepoint of the shared load's transaction.
pytestmark = pytest.mark.django_db

TODAY = dt.date(2026, 11, 5)
NOW = at_time(TODAY, dt.time(16, 40))
OCTOBER = dt.date(2026, 10, 1)
SEPTEMBER = dt.date(2026, 9, 1)
ALTAY_MONTH = dt.date(2020, 12, 1)


class Interrupted(Exception):
    pass


@pytest.fixture(scope="module", autouse=True)
def demo(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    started = time.monotonic()

    def stop_after_wuqing(line: str) -> None:
        if "武清区十二个月的月报" in line:
            raise Interrupted

    with django_db_blocker.unblock():
        try:
            with transaction.atomic():
                with pytest.raises(Interrupted):
                    load_demo(today=TODAY, now=NOW, say=stop_after_wuqing)
                # A day later it goes on with the first day's months.
                tomorrow = dt.timedelta(days=1)
                assert load_demo(today=TODAY + tomorrow, now=NOW + tomorrow, say=lambda line: None)
                # Once for the whole load; otherwise every test would do it again at its end.
                connection.check_constraints()
                print(f"demo loaded in {time.monotonic() - started:.0f} s")
                yield
                transaction.set_rollback(True)
        finally:
            connection.close()


def facts_of(code: str, month: dt.date) -> RegionFacts:
    return RegionFacts.objects.get(region=Region.objects.of_code(code), month=month)


def content() -> dict[str, tuple[int, str]]:
    """Rows and a hash of every table that the demo writes."""
    found = {}
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            name = connection.ops.quote_name(table)
            rows = "SELECT count(*), md5(string_agg(md5(t::text), '' ORDER BY t::text)) FROM "
            cursor.execute(f"{rows} {name} t")
            found[table] = cursor.fetchone()
    return found


def test_a_second_load_changes_nothing() -> None:
    before = content()
    assert before["kindergartens_monthlyfiling"][0] > 6000
    assert not load_demo(
        today=dt.date(2027, 3, 1), now=at_time(dt.date(2027, 3, 1), dt.time(8, 0)), say=print
    )
    assert content() == before


def test_a_resumed_load_keeps_the_first_day() -> None:
    assert set(DemoPart.objects.values_list("anchor", flat=True)) == {TODAY}
    latest = ReportingPeriod.objects.exclude(county__city__code="654300").values_list(
        "county__code", "month"
    )
    assert Counter(code for code, _ in latest) == {"120114": 12, "150203": 12, "110107": 12}
    assert max(month for _, month in latest) == OCTOBER


def test_altay_adds_up_to_the_printed_totals() -> None:
    facts = facts_of("654300", ALTAY_MONTH)
    assert (facts.expected, facts.accepted, facts.kindergartens) == (322, 322, 322)
    assert facts.enrolled_children == 28959
    assert facts.kindergartens - facts.public_kindergartens == 8
    assert facts.enrolled_children - facts.public_children == 1251
    accepted = KindergartenFacts.objects.current().filter(month=ALTAY_MONTH, city__code="654300")
    assert accepted.aggregate(total=Sum("enrolled_children"), rows=Count("pk")) == {
        "total": 28959,
        "rows": 322,
    }
    assert accepted.filter(county__code="654301", town__code__lt="654301100000").aggregate(
        total=Sum("enrolled_children"), rows=Count("pk")
    ) == {"total": 2739, "rows": 10}


def test_altay_shows_the_published_share() -> None:
    region = Region.objects.get(code="654300", level=Region.Level.CITY)
    share = next(
        f for f in figures(region, ALTAY_MONTH) if f.indicator.code == "public_enrolment_share"
    )
    assert share.value is not None
    assert share.value == Decimal(27708) / Decimal(28959)
    assert f"{share.value * 100:.2f}" == "95.68"
    assert not share.provisional


def test_wuqing_counts_by_state() -> None:
    facts = facts_of("120114", OCTOBER)
    assert (facts.expected, facts.filed, facts.accepted) == (144, 138, 132)
    assert (facts.enrolled_children, facts.public_children, facts.inclusive_children) == (
        27394, 13485, 24165,
    )  # fmt: skip
    assert facts.resident_population_3_5 == 29812
    assert facts.pending_enrolled_children == 739
    states = Counter(
        MonthlyFiling.objects.filter(
            period__county__code="120114", period__month=OCTOBER
        ).values_list("state", flat=True)
    )
    # Four of the six that did not file have not begun.
    assert states == {"accepted": 132, "submitted": 4, "returned": 2, "draft": 2}


@pytest.mark.parametrize("town", wuqing.TOWNS, ids=lambda town: town.name)
def test_wuqing_towns_stand_as_planned(town: wuqing.Town) -> None:
    region = Region.objects.get(county__code="120114", name=town.name)
    facts = RegionFacts.objects.get(region=region, month=OCTOBER)
    assert (
        facts.accepted,
        facts.enrolled_children,
        facts.public_children,
        facts.inclusive_children,
        facts.resident_population_3_5,
    ) == (town.accepted, town.children, town.public, town.inclusive, town.residents)


def test_wuqing_towns_show_all_five_verdicts_and_streets_are_not_judged() -> None:
    county = Region.objects.of_code("120114")
    rows = {row.region.name: row for row in child_figures(county, OCTOBER)}
    verdicts = {
        name: [figure.leading.verdict if figure.leading else None for figure in row.figures]
        for name, row in rows.items()
    }
    met, near, wait, short, unknown = (
        Verdict.MET, Verdict.NEAR, Verdict.PENDING, Verdict.UNMET, Verdict.UNAVAILABLE,
    )  # fmt: skip
    assert verdicts["王庆坨镇"] == [wait, short, short]
    assert verdicts["梅厂镇"] == [short, met, short]
    assert verdicts["东马圈镇"] == [short, met, met]
    assert verdicts["曹子里镇"] == [wait, met, short]
    assert verdicts["高村镇"] == [wait, short, met]
    assert verdicts["河西务镇"] == [wait, met, met]
    assert verdicts["大黄堡镇"] == [unknown, met, met]
    assert verdicts["大孟庄镇"] == [near, met, met]
    assert verdicts["石各庄镇"] == [met, met, near]
    assert verdicts["杨村街道"] == [None, None, None]
    assert rows["王庆坨镇"].group_name == "一园"
    assert len(rows) == 30


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


def test_kundulun_is_short_of_the_people_its_plan_counts() -> None:
    accepted = KindergartenFacts.objects.current().filter(
        month=OCTOBER, county__code="150203", counts_public=True
    )
    assert accepted.count() == 28

    def short(rows: list[KindergartenFacts], limit: int, *posts: str) -> int:
        return sum(
            max(0, -(-row.enrolled_children // limit) - sum(getattr(row, post) for post in posts))
            for row in rows
        )

    care = ("full_time_teachers", "childcare_workers")
    everyone = (*care, "principals", "health_staff", "other_staff")
    run_by_bureau = list(accepted.filter(sponsor_type="education"))
    company = list(accepted.filter(sponsor_type="state_enterprise"))
    district = list(accepted.exclude(sponsor_type="state_enterprise"))
    assert len(run_by_bureau) == 12
    assert short(run_by_bureau, 7, *everyone) == 96
    assert short(company, 9, *care) == 19
    assert short(company, 7, *everyone) == 0
    assert short(district, 150, "health_staff") == 23
    assert short(company, 150, "health_staff") == 4
    names = set(Kindergarten.objects.filter(is_example=False).values_list("name", flat=True))
    assert {"包钢十七园", "包钢十八园"} < names


def test_only_what_the_sources_name_is_without_the_example_mark() -> None:
    named = set(Kindergarten.objects.filter(is_example=False).values_list("name", flat=True))
    leads = {lead for lead, _ in wuqing.GROUPS.values()}
    assert named == leads | {"包钢十七园", "包钢十八园", "阿勒泰市第六幼儿园"}
    assert len(leads) == 8
    codes = list(Kindergarten.objects.values_list("code", flat=True))
    assert len(codes) == len(set(codes))
    assert all(re.fullmatch(r"11\d{8}", code) for code in codes)


def test_nobody_is_real() -> None:
    people = list(User.objects.values_list("full_name", flat=True))
    assert len(people) > 550
    assert all(name.startswith("示例") for name in people)
    texts = [*people, *Organisation.objects.values_list("name", flat=True)]
    assert not [text for text in texts if re.search(r"\d{5,}", text)]
    assert set(Population.objects.values_list("source", flat=True)) == {"示例人口数"}


def test_every_login_of_the_list_gets_in_and_nobody_else() -> None:
    for login in DEMO_LOGINS[:2]:
        assert authenticate(username=login.username, password=DEMO_PASSWORD) is not None
    listed = {login.username for login in DEMO_LOGINS}
    able = {user.username for user in User.objects.all() if user.has_usable_password()}
    assert able == listed
    for login in DEMO_LOGINS:
        post = Membership.objects.own().in_force(TODAY).get(user__username=login.username)
        assert post.get_role_display() == login.role


def test_no_account_has_a_password_that_everybody_knows_but_the_public_one(settings) -> None:
    # Hashing takes longer than a transaction may be idle.
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
    settings.DEMO = True
    assert list(scan()) == []
    settings.DEMO = False
    assert len(list(scan())) == len(DEMO_LOGINS)


def test_every_post_is_one_that_may_be_given() -> None:
    posts = list(Membership.objects.select_related("organisation__region"))
    assert len(posts) > 550
    for post in posts:
        check_post(role=RoleCode(post.role), organisation=post.organisation)


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
    for event in FilingEvent.objects.select_related("filing__period").order_by("at", "pk"):
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
    last: dict[int, dict[str, LastClass]] = {}
    months: dict[int, dt.date] = {}
    # The month in which flows must lead from the accepted month before.
    follows_accepted: dict[int, dt.date] = {}
    checked = 0
    for version in versions:
        filing = version.filing
        seen = review(
            filing.draft,
            last.get(filing.kindergarten_id, {}),
            CLASS_SIZE_LIMITS,
            compare_with_last=filing.kindergarten_id in months
            and compares_with_last(filing.month, months[filing.kindergarten_id]),
            flows=follows_accepted.get(filing.kindergarten_id) == filing.month,
            working_days=working_days(filing.month),
        )
        assert seen.problems == []
        assert seen.enrolled_children == sum(
            row.children for row in version.classes.all() if row.grade != "nursery"
        )
        months[filing.kindergarten_id] = filing.month
        if filing.state == "accepted":
            follows_accepted[filing.kindergarten_id] = add_months(filing.month, 1)
        last[filing.kindergarten_id] = {
            row.name: LastClass(row.grade, {"boys": row.boys, "girls": row.girls,
                                            "age3": row.age3, "age4": row.age4,
                                            "age5": row.age5, "age6": row.age6})
            for row in version.classes.all()
        }  # fmt: skip
        checked += 1
    assert checked > 250
    assert follows_accepted


def test_status_rows_fit_their_returns() -> None:
    closed = KindergartenStatus.objects.on(TODAY).get(operating_state="closed")
    filed = closed.kindergarten.filings.aggregate(last=Count("pk"))["last"]
    assert 0 < filed <= 6
    assert KindergartenStatus.objects.filter(reason="示例：认定为普惠性民办园").count() == 2
    assert Group.objects.filter(county__code="120114").count() == 8
    clusters = Group.objects.filter(kind="town_cluster")
    assert sum(group.members.count() for group in clusters) == 24


def test_targets_of_the_documents_are_there() -> None:
    assert Target.objects.filter(policy__region__code="120114").exists()
    assert Target.objects.filter(policy__region__isnull=True).exists()


@override_settings(DEMO=False)
@pytest.mark.parametrize("command", ["load_demo", "demo_logins"])
def test_only_a_demo_may_have_demo_data(command: str) -> None:
    with pytest.raises(CommandError) as refusal:
        call_command(command)
    assert "\n" not in str(refusal.value)
    assert "演示" in str(refusal.value)


@override_settings(DEMO=True)
def test_two_loads_at_once_are_refused() -> None:
    other = psycopg2.connect(**connection.get_connection_params())
    try:
        with other.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s)", [LOCK])
        with pytest.raises(CommandError, match="另一个载入正在进行"):
            call_command("load_demo")
    finally:
        other.close()


@override_settings(DEMO=True)
def test_the_command_says_that_nothing_was_left_to_do() -> None:
    out = io.StringIO()
    call_command("load_demo", stdout=out)
    assert out.getvalue().strip() == "演示数据早已载入，没有改动。"


@override_settings(DEMO=True)
def test_the_logins_are_printed_as_a_table() -> None:
    out = io.StringIO()
    call_command("demo_logins", stdout=out)
    lines = out.getvalue().splitlines()
    assert len(lines) == len(DEMO_LOGINS) + 2
    assert lines[0].split() == ["用户名", "角色", "所在"]
    assert lines[1].split() == ["wuqing-officer", "教育局经办人", "武清区"]
    assert DEMO_PASSWORD in lines[-1]


# ---- a change from next month on -------------------------------------------------------------------

DECEMBER = dt.date(2026, 12, 1)


def everything_of_earlier_months() -> list[dict[str, object]]:
    """All sums and frozen facts before December, whole rows, as they lie in the tables."""
    regions = RegionFacts.objects.filter(month__lt=DECEMBER).order_by("month", "region").values()
    facts = KindergartenFacts.objects.filter(month__lt=DECEMBER).order_by("pk").values()
    return [*regions, *facts]


def filed_again(county: Region, month: dt.date, since: dt.date) -> None:
    """Every return counted in a month, filed and accepted a later month with the same heads."""
    period = ReportingPeriod.objects.create(
        county=county, month=month, reference_date=month.replace(day=31),
        opens_at=at_time(month.replace(day=25), dt.time(0)),
        due_at=at_time(dt.date(2027, 1, 6), dt.time(18)),
        locks_at=at_time(dt.date(2027, 1, 20), dt.time(0)),
    )  # fmt: skip
    counted = MonthlyFiling.objects.filter(
        period__county=county, month=since, accepted_version__isnull=False
    )
    copies = []
    for filing in counted.prefetch_related("versions__classes", "versions__staff_counts"):
        old = filing.versions.get(version=filing.accepted_version)
        new = MonthlyFiling.objects.create(
            kindergarten=filing.kindergarten, period=period, month=month, town=filing.town,
            state="accepted", version=1, accepted_version=1, first_submitted_at=period.opens_at,
            updated_at=period.opens_at,
        )  # fmt: skip
        version = FilingVersion.objects.create(
            filing=new, version=1, submitted_at=period.opens_at, submitted_as=old.submitted_as
        )
        for part in (old.classes, old.staff_counts):
            rows = list(part.all())
            for row in rows:
                row.pk, row.filing_version = None, version
            part.model.objects.bulk_create(rows)
        copies.append(version.pk)
    freeze_facts(version_ids=copies, accepted_at=period.due_at)


def test_inclusive_from_next_month_moves_no_earlier_rate_and_the_next_as_shown() -> None:
    """Done when: every earlier rate of town, county, city and province stays to the last digit."""
    county = Region.objects.of_code("150203")
    officer = User.objects.get(username="kundulun-officer")
    choose_membership(officer, None, today=TODAY)
    kindergarten = Kindergarten.objects.filter(
        facts__month=OCTOBER,
        facts__county=county,
        facts__superseded_at__isnull=True,
        facts__ownership="non_inclusive_private",
    ).order_by("code")[0]
    kindergarten.statuses.update(for_profit=False)
    town = kindergarten.organisation.region
    # City and province are made of this one county here: they would repeat its row.
    regions = [town, county]
    before = everything_of_earlier_months()
    assert len(before) > 6000

    shown = preview(
        proposal=Proposal(
            kindergarten=kindergarten.pk, valid_from=DECEMBER, reason="认定",
            values={"ownership": "inclusive_private"}, document_number="示例文号",
        ),
        by=officer, now=NOW,
    )  # fmt: skip
    confirm(token=shown.token, by=officer, now=NOW)
    filed_again(county, DECEMBER, OCTOBER)
    months = ReportingPeriod.objects.order_by("month").values_list("month", flat=True).distinct()
    for month in list(months):
        recompute(month=month, now=at_time(dt.date(2027, 1, 7), dt.time(2)))
    assert everything_of_earlier_months() == before

    assert shown.effect is not None
    for region, said in zip(regions, shown.effect.regions, strict=True):
        real = figures(region, DECEMBER)
        assert said.region == region
        assert [(f.numerator, f.denominator, f.value, f.verdict) for f in said.after] == [
            (f.numerator, f.denominator, f.value, f.verdict) for f in real
        ]
        assert [(f.numerator, f.denominator, f.value) for f in said.before] == [
            (f.numerator, f.denominator, f.value) for f in figures(region, OCTOBER)
        ]
        assert real[1].value is not None
        assert real[1].value > figures(region, OCTOBER)[1].value


# ---- buildings, projects, estates -----------------------------------------------------------------


def signed_in(username: str) -> User:
    user = User.objects.get(username=username)
    choose_membership(user, None, today=TODAY)
    return user


def test_kundulun_lacks_what_its_plan_counts_to_the_last_piece() -> None:
    county = Region.objects.of_code("150203")
    found = premises.overview(signed_in("kundulun-officer"), county, TODAY)
    gaps = {item.code: sums.gap for item, sums in found.equipment}
    assert gaps == {
        "outdoor-hard-ground": 9_900,
        "outdoor-soft-ground": 51_000,
        "washrooms": 328,
        "indoor-floor": 15_700,
        "gates": 8,
        "walls": 3_700,
        "teacher-computers": 559,
        "classroom-displays": 334,
        "tables-and-chairs": 6_932,
        "eye-care-light-rooms": 204,
        "picture-books": 55_100,
        "cctv": 25,
        "indoor-material-sets": 1_000,
    }
    assert {sums.kindergartens for _, sums in found.equipment} == {28}
    assert {sums.unknown for _, sums in found.equipment} == {0}
    prices = {item.code: item.unit_cost_yuan for item, _ in found.equipment}
    assert found.cost == sum(gaps[code] * prices[code] for code in gaps)
    # 三（二）3: 10 of the district's and 11 of the company's fire acceptances are open.
    assert found.fire["rectifying"] == 21


def test_places_of_the_sources_stand_beside_their_plans() -> None:
    def sums(username: str, code: str) -> dict[str, works.PlanSum]:
        user, region = signed_in(username), Region.objects.of_code(code)
        rows = [works.project_row(p, TODAY) for p in works.projects_in(user, region)]
        return {one.plan.name: one for one in works.plan_sums(user, region, rows)}

    kundulun = sums("kundulun-officer", "150203")
    rebuilt = kundulun["原址翻建包钢十七园、包钢十八园"]
    assert (rebuilt.sum.delivered, rebuilt.sum.seats_delivered) == (2, 720)
    baotou = kundulun["“十四五”普惠性学位"].plan
    assert (baotou.kindergartens, baotou.seats, baotou.money_yuan) == (29, 8500, 588_000_000)
    shijingshan = sums("shijingshan-officer", "110107")["“十四五”普惠学位"]
    assert shijingshan.plan.seats == shijingshan.sum.seats_planned == 2520
    altay = sums("altay-officer", "654301")["新建阿勒泰市第六幼儿园"]
    assert altay.sum.seats_delivered == 360
    for project in ConstructionProject.objects.filter(kind="rebuilt"):
        assert (project.classes, project.floor_area_m2, project.seats_delivered) == (12, 5000, 360)


def test_estates_show_each_answer_of_wuqings_rule() -> None:
    estates = EstateProject.objects.filter(
        county__code="120114", handed_over_on__gt=dt.date(2023, 2, 7), kindergarten=None
    ).select_related("town")
    shares = {estate.town.name: town_public_share(estate.town, TODAY) for estate in estates}
    assert shares["城关镇"].value >= Decimal("0.5")
    assert shares["曹子里镇"].value is None or shares["曹子里镇"].value < Decimal("0.5")
    assert len(shares) == 3


@pytest.mark.parametrize("code", list(COUNTIES))
def test_every_invented_kindergarten_has_what_the_registry_asks_of_a_status(code: str) -> None:
    rows = KindergartenStatus.objects.filter(
        kindergarten__organisation__region__county__code=code, valid_to=None
    ).select_related("town", "kindergarten")
    invented = rows.filter(kindergarten__is_example=True)
    assert not invented.filter(urban_rural="").exists()
    for status in invented:
        street = status.town.code[6:9] < "100"
        assert status.urban_rural in ({"111", "112"} if street else {"121", "122", "210", "220"})
    assert invented.exclude(level="").count() > invented.count() / 2
    recognised = invented.filter(ownership="inclusive_private")
    # One was recognised through the portal, whose document has a number of the portal's.
    own = recognised.filter(recognition_document__startswith="示例：")
    assert own.count() >= recognised.count() - 1
    assert not recognised.filter(recognition_document="").exists()
    assert all(status.recognised_until > TODAY for status in recognised)
    # Of kindergartens that really are there no source says either.
    real = rows.filter(kindergarten__is_example=False)
    assert not real.exclude(level="", urban_rural="", recognition_document="").exists()


def test_kunduluns_groups_are_those_the_citys_list_names() -> None:
    groups = {
        group.name: group.members.count()
        for group in Group.objects.filter(county__code="150203", kind="education_group")
    }
    assert groups == {"包钢幼教处": 14, "昆区教办幼儿园": 12}
    centres = Kindergarten.objects.filter(institution_type="child_centre")
    assert {one.organisation.region.county.code for one in centres} == {"150203"}
