"""Projects and estates through their services, against PostgreSQL, and the guard with real figures."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.access.scoping import serving_a_person
from accounts.models import Region
from kindergartens.changes.policies import ChangeRefused
from kindergartens.changes.services import plan_change
from kindergartens.models import ConstructionPlan, ConstructionProject, EstateOperator, EstateRule
from kindergartens.policies import NotAllowedNow
from kindergartens.projects import selectors
from kindergartens.projects.guard import why_status_is_not_for_it
from kindergartens.projects.services import estates, projects
from reports.estates.selectors import town_public_share
from tests.buildings import estate_of, project_of
from tests.conftest import acting
from tests.signing_in import client_of
from tests.small_county import NOW, SEPTEMBER, SINCE, SmallCounty

pytestmark = pytest.mark.django_db
TODAY = NOW.date()
D = Decimal
BEGINS = dt.date(2026, 11, 1)


@pytest.fixture
def scene(small: SmallCounty) -> SmallCounty:
    small.east = small.town("东镇")
    small.keeper = acting(small.officer())
    small.leader = acting(small.officer(role="bureau_leader"))
    return small


# ---- projects -------------------------------------------------------------------------------------


def stage(scene, project, code, *, done=None, due=None, seats=None, reason=""):
    return projects.set_stage(
        project=project, stage=code, due_on=due, done_on=done, document="", seats=seats,
        reason=reason, by=scene.keeper, today=TODAY,
    )  # fmt: skip


def test_places_are_delivered_on_the_day_of_delivery(scene):
    project = project_of(scene.county)
    stage(scene, project, "1-approved", done=dt.date(2025, 3, 1))
    with pytest.raises(NotAllowedNow, match="交付学位数"):
        stage(scene, project, "6-delivered", done=dt.date(2026, 8, 20))
    stage(scene, project, "6-delivered", done=dt.date(2026, 8, 20), seats=350)
    project.refresh_from_db()
    assert (project.seats_delivered, project.delivered_on) == (350, dt.date(2026, 8, 20))
    with pytest.raises(NotAllowedNow, match="写明原因"):
        stage(scene, project, "6-delivered", due=dt.date(2026, 12, 1))
    stage(scene, project, "6-delivered", due=dt.date(2026, 12, 1), reason="登记错了")
    project.refresh_from_db()
    assert (project.seats_delivered, project.delivered_on) == (None, None)


def test_stages_do_not_run_backwards_or_ahead(scene):
    project = project_of(scene.county)
    stage(scene, project, "4-started", done=dt.date(2026, 5, 1))
    with pytest.raises(NotAllowedNow, match="开工的日期早于施工许可"):
        stage(scene, project, "3-building", done=dt.date(2026, 6, 1))
    with pytest.raises(NotAllowedNow, match="还没到"):
        stage(scene, project, "5-accepted", done=TODAY + dt.timedelta(days=1))


def test_money_is_never_paid_twice_nor_below_zero(scene):
    project = project_of(scene.county)

    def pay(yuan, document="拨1"):
        return projects.add_payment(
            project=project, paid_on=TODAY, yuan=D(yuan), document=document,
            by=scene.keeper, now=NOW, today=TODAY,
        )  # fmt: skip

    pay(500)
    with pytest.raises(NotAllowedNow, match="没有再记一次"):
        pay(500)
    with pytest.raises(NotAllowedNow, match="不能比它多"):
        pay(-501, "冲回")
    pay(-200, "冲回")
    row = selectors.project_row(ConstructionProject.objects.get(pk=project.pk), TODAY)
    assert row.paid == D(300)


def test_other_counties_and_readers_change_nothing(scene):
    project = project_of(scene.other_county, "别县项目")
    with pytest.raises(ConstructionProject.DoesNotExist):
        stage(scene, project, "1-approved", done=SINCE)
    with pytest.raises(PermissionDenied):
        projects.add_project(county=scene.county, values={"name": "x"}, by=scene.leader)


def test_sums_against_the_plan_count_its_own_projects(scene):
    plan = ConstructionPlan.objects.create(
        region=scene.city, code="p", name="计划", document="市文件",
        kindergartens=29, seats=8500, money_yuan=D(588_000_000), valid_from=SINCE,
    )  # fmt: skip
    project_of(scene.county, "甲", plan=plan, seats_delivered=360, delivered_on=SINCE)
    project_of(scene.county, "乙", plan=plan)
    project_of(scene.county, "丙")
    project_of(scene.other_county, "丁", plan=plan, seats_delivered=90, delivered_on=SINCE)
    city_officer = acting(scene.officer(scene.city, "city_officer"))

    def sums(user, region):
        with serving_a_person():
            rows = [selectors.project_row(p, TODAY) for p in selectors.projects_in(user, region)]
            [found] = selectors.plan_sums(user, region, rows)
        assert found.open_seats == 360
        return found

    # Every county of the city works with the portal: the city's sums are the plan's.
    whole = sums(city_officer, scene.city)
    assert (whole.sum.seats_delivered, whole.why_no_share) == (450, "")
    assert whole.seats_share == D(450) / D(8500)
    assert whole.kindergartens_share == D(2) / D(29)
    # A county's own projects are no share of what the city planned.
    part = sums(scene.keeper, scene.county)
    assert (part.sum.seats_delivered, part.seats_share, part.kindergartens_share) == (
        360, None, None,
    )  # fmt: skip
    assert part.why_no_share.startswith(f"这里只有{scene.county.name}的项目，规划数为")
    # One county of the city is not on the portal: nor are the city's sums.
    Region.objects.filter(pk=scene.other_county.pk).update(is_active=False)
    for user, region in ((scene.keeper, scene.county), (city_officer, scene.city)):
        found = sums(user, region)
        assert (found.seats_share, found.money_share) == (None, None)
        assert found.why_no_share.startswith(f"本平台只有{scene.county.name}，规划数为")
    client = client_of(scene.keeper)
    page = client.get(reverse("projects")).content.decode()
    assert "不算完成率" in page
    assert "360/8,500" in page


def test_a_towns_plan_has_a_share_in_its_town_and_above(scene):
    west = scene.town("西镇")
    plan = ConstructionPlan.objects.create(
        region=scene.east, code="t", name="镇计划", document="镇文件",
        kindergartens=2, seats=400, money_yuan=D(1_000_000), valid_from=SINCE,
    )  # fmt: skip
    project_of(scene.county, "甲", plan=plan, town=scene.east, seats_delivered=100,
               delivered_on=SINCE)  # fmt: skip
    rows = [
        selectors.project_row(p, TODAY) for p in selectors.projects_in(scene.keeper, scene.county)
    ]
    for region in (scene.east, scene.county, scene.city):
        [found] = selectors.plan_sums(scene.keeper, region, rows)
        assert (found.why_no_share, found.seats_share) == ("", D(100) / D(400)), region
    assert selectors.plan_sums(scene.keeper, west, rows) == []


def test_the_lists_ask_the_same_number_of_queries(scene):
    def queries(url):
        client = client_of(scene.keeper)
        client.get(url)
        with CaptureQueriesContext(connection) as captured:
            assert client.get(url).status_code == 200
        return len(captured)

    urls = [reverse("projects"), reverse("estates")]
    project_of(scene.county, "头一个")
    estate_of(scene.east, "头一个")
    before = [queries(url) for url in urls]
    for number in range(8):
        stage(scene, project_of(scene.county, f"项目{number}"), "1-approved", done=SINCE)
        estate_of(scene.east, f"小区{number}")
    assert [queries(url) for url in urls] == before


def test_the_estates_of_a_part_on_a_day_are_those_of_the_link(scene):
    estate_of(scene.east, "东小区")
    client, url = client_of(scene.keeper), reverse("estates")
    day = dt.date(2026, 10, 25)
    asked = {"region": scene.east.code, "on": day.isoformat()}
    found = client.get(url, asked).context
    assert (found["region"], found["day"]) == (scene.east, day)
    assert found["page_obj"].paginator.count == 1
    assert client.get(url, {"region": "999999"}).status_code == 404


# ---- estates --------------------------------------------------------------------------------------


@pytest.fixture
def ruled(scene):
    scene.rule = EstateRule.objects.create(
        region=scene.county, code="operator", document="本县方案", clause="三",
        town_public_share_min=D("0.5"), valid_from=dt.date(2023, 2, 7),
    )  # fmt: skip
    scene.public = scene.kindergarten(scene.east, "公办园")
    scene.private = scene.kindergarten(scene.east, "民办园", ownership="inclusive_private")
    scene.estate = estate_of(
        scene.east, handed_over_on=dt.date(2026, 6, 1), handed_to="东镇人民政府"
    )
    return scene


def counted(scene, public, private, state="accepted"):
    scene.file(scene.public, public)
    scene.file(scene.private, private, state=state)
    scene.settle()
    return town_public_share(scene.east, TODAY)


def ask(scene, share, run_as="inclusive_private", estate=None, valid_from=BEGINS):
    return estates.ask_for_operator(
        estate=estate or scene.estate, run_as=run_as, operator="某公司", valid_from=valid_from,
        document="会议纪要", share=share, by=scene.keeper, now=NOW,
    )  # fmt: skip


def decide(scene, asked, share, by=None, approve=True, note=""):
    return estates.decide_operator(
        asked=asked, approve=approve, note=note, share=share, by=by or scene.leader, now=NOW
    )


def test_a_town_below_one_half_keeps_a_new_one_from_a_private_operator(ruled):
    share = counted(ruled, 40, 60)
    assert (share.numerator, share.denominator, share.value) == (40, 100, D("0.4"))
    with pytest.raises(NotAllowedNow, match=r"40.00%（40÷100），不足50%"):
        ask(ruled, share)
    assert not EstateOperator.objects.exists()
    assert ask(ruled, share, "public").state == "waiting"


def test_at_one_half_it_may_and_the_share_is_kept(ruled):
    asked = ask(ruled, counted(ruled, 50, 50))
    assert (asked.town_public_share, asked.share_month) == (D("0.5"), dt.date(2026, 10, 1))
    with pytest.raises(NotAllowedNow, match="在等批准"):
        ask(ruled, town_public_share(ruled.east, TODAY))


def test_without_all_returns_the_share_decides_nothing(ruled):
    share = counted(ruled, 90, 10, state="submitted")
    assert share.value is None
    assert "2所只接收了1所" in share.reason
    with pytest.raises(NotAllowedNow, match="无法计算"):
        ask(ruled, share)
    # An older month whose returns are all accepted stands in.
    ruled.file(ruled.public, 60, month=SEPTEMBER)
    ruled.file(ruled.private, 40, month=SEPTEMBER)
    ruled.settle(SEPTEMBER)
    older = town_public_share(ruled.east, TODAY)
    assert (older.month, older.value) == (SEPTEMBER, D("0.6"))


def test_the_guard_is_asked_again_when_it_is_decided(ruled):
    asked = ask(ruled, counted(ruled, 50, 50))
    from kindergartens.projects.rules import TownShare

    sunk = TownShare(D("0.499999"), 499_999, 1_000_000, dt.date(2026, 10, 1))
    with pytest.raises(NotAllowedNow, match="不足50%"):
        decide(ruled, asked, sunk)
    with pytest.raises(NotAllowedNow, match="不批准要写明原因"):
        decide(ruled, asked, sunk, approve=False)
    assert decide(ruled, asked, sunk, approve=False, note="占比下降").state == "refused"


def test_who_asked_does_not_decide(ruled):
    asked = ask(ruled, counted(ruled, 50, 50))
    with pytest.raises(PermissionDenied):
        decide(ruled, asked, town_public_share(ruled.east, TODAY), by=ruled.keeper)
    both = acting(ruled.person("又是领导", ruled.leader.acting.organisation, "bureau_leader"))
    EstateOperator.objects.filter(pk=asked.pk).update(asked_as=both.acting)
    with pytest.raises(NotAllowedNow, match="另一位领导"):
        decide(ruled, asked, town_public_share(ruled.east, TODAY), by=both)
    with pytest.raises(IntegrityError), transaction.atomic():
        EstateOperator.objects.filter(pk=asked.pk).update(
            state="approved", decided_as=both.acting, decided_at=NOW
        )


def test_an_older_estate_and_another_county_are_not_bound(ruled):
    share = counted(ruled, 10, 90)
    old = estate_of(ruled.east, "老小区", handed_over_on=dt.date(2020, 1, 1), handed_to="镇")
    assert ask(ruled, share, estate=old).state == "waiting"


def test_recording_what_is_found_is_no_way_around(ruled):
    def found(estate, run_as):
        return estates.record_found_operator(
            estate=estate, run_as=run_as, operator="", valid_from=dt.date(2021, 1, 1),
            document="协议", by=ruled.keeper, now=NOW,
        )  # fmt: skip

    with pytest.raises(NotAllowedNow, match="提出申请"):
        found(ruled.estate, "inclusive_private")
    old = estate_of(ruled.east, "老小区", handed_over_on=dt.date(2020, 1, 1), handed_to="镇")
    found(old, "non_inclusive_private")
    row = selectors.estate_row(old, selectors.EstateNorms(TODAY), TODAY)
    assert row.is_inclusive is False
    assert "不是普惠性幼儿园" in row.findings[0]


def test_a_change_of_status_is_no_way_around_either(ruled):
    share = counted(ruled, 50, 50)
    ruled.estate.kindergarten = ruled.public
    ruled.estate.save()

    def change(ownership="inclusive_private"):
        return plan_change(
            kindergarten=ruled.public, valid_from=dt.date(2027, 1, 1),
            values={"ownership": ownership, "sponsor_type": "private"}, by=ruled.keeper, now=NOW,
        )  # fmt: skip

    with pytest.raises(ChangeRefused, match="请先在“小区配套园”里提出"):
        change()
    with pytest.raises(ChangeRefused, match="第二十六条"):
        change("non_inclusive_private")
    decide(ruled, ask(ruled, share), share)
    day = dt.date(2027, 1, 1)
    assert why_status_is_not_for_it(ruled.public, "inclusive_private", day, today=TODAY) == ""
    # Not before the day the decision holds from.
    before = dt.date(2026, 10, 31)
    assert why_status_is_not_for_it(ruled.public, "inclusive_private", before, today=TODAY)


def test_a_day_before_the_rule_is_no_way_around_it(ruled):
    share = counted(ruled, 40, 60)
    long_ago = dt.date(2020, 1, 1)
    with pytest.raises(NotAllowedNow, match="不足50%"):
        ask(ruled, share, valid_from=long_ago)
    ruled.estate.kindergarten = ruled.public
    ruled.estate.save()
    assert why_status_is_not_for_it(ruled.public, "inclusive_private", long_ago, today=TODAY)


def test_linking_a_kindergarten_is_no_way_around_either(ruled):
    def link(kindergarten, estate=ruled.estate):
        return estates.change_estate(
            estate=estate, values={"kindergarten": kindergarten}, reason="关联",
            by=ruled.keeper, today=TODAY,
        )  # fmt: skip

    with pytest.raises(NotAllowedNow, match=r"不能关联民办园.*批准后再办"):
        link(ruled.private)
    with pytest.raises(NotAllowedNow, match="不能关联民办园"):
        estates.add_estate(
            county=ruled.county, by=ruled.keeper, today=TODAY,
            values={"name": "新小区", "town": ruled.east, "kindergarten": ruled.private},
        )  # fmt: skip
    assert link(ruled.public).kindergarten == ruled.public
    share = counted(ruled, 50, 50)
    decide(ruled, ask(ruled, share, valid_from=dt.date(2026, 11, 1)), share)
    assert link(ruled.private).kindergarten == ruled.private
    # How an old one was found is written down and linked as it is.
    profit = ruled.kindergarten(ruled.east, "营利园", ownership="non_inclusive_private")
    old = estate_of(ruled.east, "老小区", handed_over_on=dt.date(2020, 1, 1), handed_to="镇")
    with pytest.raises(NotAllowedNow, match="第二十六条"):
        link(profit, old)
    estates.record_found_operator(
        estate=old, run_as="non_inclusive_private", operator="", valid_from=dt.date(2021, 1, 1),
        document="协议", by=ruled.keeper, now=NOW,
    )  # fmt: skip
    assert link(profit, old).kindergarten == profit


def test_a_form_of_yesterday_writes_over_nothing(scene):
    client = client_of(scene.keeper)
    estate, project = estate_of(scene.east), project_of(scene.county)
    for route, row, values in (
        ("estate-edit", estate, {"name": "改名", "town": scene.east.pk, "reason": "更正"}),
        ("estate-hand-over", estate, {"due_on": "2027-01-01"}),
        ("project-edit", project, {"name": "改名", "kind": project.kind, "reason": "更正"}),
    ):
        url = reverse(route, args=[row.pk])
        form = client.get(url).context["form"]
        values |= {"seen": form["seen"].value()}
        assert client.post(url, values).status_code == 302
        answer = client.post(url, values)
        assert answer.status_code == 422
        assert "别人改过" in answer.content.decode()


def test_a_correction_leaves_alone_what_it_does_not_name(scene):
    """Whoever holds an old copy writes only what was typed."""
    estate, project = estate_of(scene.east), project_of(scene.county)
    stage(scene, project, "6-delivered", done=dt.date(2026, 8, 20), seats=350)
    estates.hand_over(
        estate=type(estate).objects.get(pk=estate.pk),
        due_on=None, agreement_on=SINCE, slip_on=SINCE, handed_over_on=dt.date(2026, 6, 1),
        handed_to="东镇", reason="", by=scene.keeper, today=TODAY,
    )  # fmt: skip
    estates.change_estate(
        estate=estate, values={"homes": 900}, reason="更正", by=scene.keeper, today=TODAY
    )
    projects.change_project(project=project, values={"classes": 9}, reason="更正", by=scene.keeper)
    estate.refresh_from_db()
    project.refresh_from_db()
    assert (estate.homes, estate.handed_over_on) == (900, dt.date(2026, 6, 1))
    assert (project.classes, project.seats_delivered) == (9, 350)


def test_hand_over_needs_agreement_slip_and_whom(scene):
    estate = estate_of(scene.east)

    def hand_over(**more):
        values = {
            "due_on": None, "agreement_on": SINCE, "slip_on": SINCE,
            "handed_over_on": dt.date(2026, 6, 1), "handed_to": "东镇", "reason": "",
        } | more  # fmt: skip
        return estates.hand_over(estate=estate, **values, by=scene.keeper, today=TODAY)

    for more, words in (
        ({"agreement_on": None}, "移交协议"),
        ({"slip_on": None}, "移交单"),
        ({"handed_to": " "}, "哪个单位"),
        ({"agreement_on": dt.date(2026, 6, 2)}, "早于协议"),
    ):
        with pytest.raises(NotAllowedNow, match=words):
            hand_over(**more)
    hand_over()
    with pytest.raises(NotAllowedNow, match="写明原因"):
        hand_over(handed_over_on=dt.date(2026, 7, 1))


def test_a_missed_step_says_why_and_a_problem_is_closed_for_good(scene):
    estate = estate_of(scene.east)

    def step(state, on=None, note=""):
        return estates.set_step(
            estate=estate, step="2-designed", state=state, on=on, note=note,
            by=scene.keeper, today=TODAY,
        )  # fmt: skip

    with pytest.raises(NotAllowedNow, match="要填日期"):
        step("yes")
    with pytest.raises(NotAllowedNow, match="写明情况"):
        step("no")
    step("no", note="二期才设计")
    assert step("yes", on=SINCE).pk == estate.steps.get().pk
    problem = estates.add_problem(
        estate=estate, kind="not_used", text="空置", found_on=SINCE, by=scene.keeper, today=TODAY
    )
    close = {"resolution": "已开园", "resolved_on": TODAY, "by": scene.keeper, "today": TODAY}
    estates.resolve_problem(problem=problem, **close)
    with pytest.raises(NotAllowedNow, match="再发生请登记新的"):
        estates.resolve_problem(problem=problem, **close)


def test_nobody_answers_a_step_or_closes_a_problem_over_somebody_else(scene):
    estate = estate_of(scene.east)
    seen = estates.stamp_of_steps(estate)
    step = {"estate": estate, "step": "2-designed", "by": scene.keeper, "today": TODAY}
    estates.set_step(**step, state="no", on=None, note="二期才设计", seen=seen)
    with pytest.raises(NotAllowedNow, match="别人改过"):
        estates.set_step(**step, state="yes", on=SINCE, note="", seen=seen)
    assert estate.steps.get().state == "no"
    again = estates.stamp_of_steps(estate)
    assert estates.set_step(**step, state="yes", on=SINCE, note="", seen=again).state == "yes"
    problem = estates.add_problem(
        estate=estate, kind="not_used", text="空置", found_on=SINCE, by=scene.keeper, today=TODAY
    )
    read_before = type(problem).objects.unscoped("another tab").get(pk=problem.pk)
    close = {"resolved_on": TODAY, "by": scene.keeper, "today": TODAY}
    estates.resolve_problem(problem=problem, resolution="已开园", **close)
    with pytest.raises(NotAllowedNow, match="再发生请登记新的"):
        estates.resolve_problem(problem=read_before, resolution="另一种说法", **close)
    problem.refresh_from_db()
    assert problem.resolution == "已开园"


def test_the_stamp_of_the_five_is_never_newer_than_what_the_form_shows(scene, monkeypatch):
    estate = estate_of(scene.east)
    step = {"estate": estate, "step": "2-designed", "by": scene.keeper, "today": TODAY}
    estates.set_step(**step, state="no", on=None, note="二期才设计", seen=None)
    stamp = estates.stamp_of_steps

    def after_a_colleague(one):
        estates.set_step(**step, state="yes", on=SINCE, note="", seen=None)
        return stamp(one)

    monkeypatch.setattr(estates, "stamp_of_steps", after_a_colleague)
    route = reverse("estate-step", args=[estate.pk])
    form = client_of(scene.keeper).get(route, {"step": "2-designed"}).context["form"]
    assert form.initial["seen"] == stamp(estate)
    assert form.initial["state"] == "yes"


def test_an_estate_that_calls_for_one_and_has_none_is_shown(scene):
    EstateRule.objects.create(
        region=scene.city, code="norm", document="地区方案", homes_min=1500, homes_max=4000,
        valid_from=SINCE,
    )  # fmt: skip
    estate = estate_of(scene.east, homes=1500, required=False)
    row = selectors.estate_row(estate, selectors.EstateNorms(TODAY), TODAY)
    assert row.called_for == 1
    assert row.findings == ["按《地区方案》应配1所"]


def test_the_page_refuses_with_the_figures_and_keeps_what_was_typed(ruled):
    counted(ruled, 40, 60)
    client = client_of(ruled.keeper)
    response = client.post(
        reverse("estate-operator-ask", args=[ruled.estate.pk]),
        {
            "run_as": "inclusive_private",
            "operator": "某公司",
            "valid_from": "2026-11-01",
            "document": "会议纪要",
        },
    )
    page = response.content.decode()
    assert response.status_code == 422
    assert "（40÷100），不足50%" in page
    assert "某公司" in page


def test_what_is_not_registered_of_an_estate_is_said(scene):
    estate = estate_of(scene.east, post_quota=8)
    page = client_of(scene.keeper).get(reverse("estate", args=[estate.pk])).content.decode()
    assert "<dd>8个，在编人数没有登记</dd>" in page
    assert "户数没有登记，规划人口没有登记" in page
    for broken in ("—个", "—人", "—户", "—平方米"):
        assert broken not in page
