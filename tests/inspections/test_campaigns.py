"""Joint campaigns: what may be recorded, how far they are, whose lines a department sees, the circular."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from inspections.campaigns import rules, services
from inspections.campaigns.rules import Checked, CheckFacts, check_problem, progress
from inspections.campaigns.selectors import board, figures, listed
from inspections.campaigns.services import CHECKED, CampaignRefused
from inspections.models import (
    Campaign,
    CampaignCheck,
    CampaignCircular,
    CampaignHazard,
    CampaignPart,
    CampaignPlace,
)
from kindergartens.stamps import stamp_of
from reports.campaign_circulars import paper
from tests.access.routes.world import World
from tests.conftest import acting
from tests.registers import a_campaign
from tests.signing_in import client_of
from tests.small_county import NOW

FIRST, LAST, TODAY = dt.date(2026, 10, 1), dt.date(2026, 10, 31), dt.date(2026, 10, 20)


@pytest.mark.parametrize(
    ("facts", "hazards", "field"),
    [
        ((dt.date(2026, 10, 12), 0, 0, ""), 0, None),
        ((dt.date(2026, 10, 12), 2, 1, "通道"), 2, None),
        ((dt.date(2026, 10, 21), 0, 0, ""), 0, "checked_on"),
        ((dt.date(2026, 9, 30), 0, 0, ""), 0, "checked_on"),
        ((dt.date(2026, 10, 12), 1, 2, "通道"), 0, "fixed"),
        ((dt.date(2026, 10, 12), 1, 0, " "), 0, "note"),
        ((dt.date(2026, 10, 12), 1, 0, "通道"), 2, "found"),
    ],
)
def test_what_may_be_recorded(facts, hazards, field):
    problem = check_problem(
        CheckFacts(*facts), starts_on=FIRST, ends_on=LAST, today=TODAY, hazards=hazards
    )
    assert (problem[0] if problem else None) == field


def test_progress_counts_what_was_checked_and_nothing_else():
    rows = [Checked(1, 1, 1, 3, 1, 2), Checked(2, 1, 1, 0, 0, 0), Checked(1, 2, 2, 1, 0, 0)]
    found = progress(4, rows)
    assert (found.done, found.left, found.found, found.fixed) == (3, 1, 4, 1)
    assert (found.hazards, found.places_with_findings) == (2, 2)


@pytest.mark.parametrize(
    ("today", "left", "done", "refused"),
    [(LAST, 1, 3, True), (LAST, 0, 3, False), (LAST + dt.timedelta(days=1), 1, 3, False),
     (LAST + dt.timedelta(days=1), 4, 0, True)],
)  # fmt: skip
def test_when_a_circular_may_be_issued(today, left, done, refused):
    assert bool(rules.issuing_problem(ends_on=LAST, today=today, left=left, done=done)) is refused


def test_a_campaign_has_its_days_in_order_and_lasts_a_year_at_most():
    assert rules.period_problem(FIRST, FIRST) == ""
    assert rules.period_problem(LAST, FIRST)
    assert rules.period_problem(FIRST, FIRST.replace(year=2028))


FACTS = CheckFacts(dt.date(2026, 10, 13), 1, 0, "示例门卫缺岗")


@pytest.mark.django_db
class TestCampaign:
    def two_departments(self, world: World) -> tuple[Campaign, CampaignPart]:
        """The furnished department's, and another's beside it."""
        officer = world.people["bureau_officer"].memberships.get()
        campaign = a_campaign(
            world.small.county, officer,
            world.people["department_officer"].memberships.get().organisation, world.kindergarten,
            name="示例两部门",
        )  # fmt: skip
        part = services.add_part(
            campaign_id=campaign.pk, department=world.police, items="一项\n二项",
            by=acting(world.people["bureau_officer"]),
        )  # fmt: skip
        return campaign, part

    def test_a_department_sees_and_records_its_own_lines_alone(self, world: World):
        campaign, others = self.two_departments(world)
        department, officer = (
            acting(world.people[role]) for role in ("department_officer", "bureau_officer")
        )
        own, place = campaign.parts.exclude(pk=others.pk).get(), campaign.places.get()
        with pytest.raises(PermissionDenied):
            services.record_check(part=others, place=place, facts=FACTS, by=department, now=NOW)
        services.record_check(part=own, place=place, facts=FACTS, by=department, now=NOW)
        services.record_check(part=others, place=place, facts=FACTS, by=officer, now=NOW)
        assert [part.pk for part in board(department, campaign).parts] == [own.pk]
        assert board(department, campaign).total.done == 1
        assert board(officer, campaign).total.done == 2
        page = client_of(world.people["department_officer"]).get(
            reverse("campaign", args=[campaign.pk])
        )
        assert "示例公安分局" not in page.content.decode()

    @pytest.mark.parametrize(
        ("role", "sees"),
        [("inspector", True), ("town_officer", True), ("director", True), ("city_officer", True),
         ("department_officer", True), ("system_administrator", False)],
    )  # fmt: skip
    def test_where_it_looks_it_is_seen(self, world: World, role: str, sees: bool):
        mine, strange = acting(world.people[role]), acting(world.strangers[role])
        one, check = world.campaign, world.campaign_check
        for rows in (
            Campaign.objects.visible_to(mine).filter(pk=one.pk),
            CampaignPart.objects.visible_to(mine).filter(campaign=one),
            CampaignPlace.objects.visible_to(mine).filter(campaign=one),
            CampaignCheck.objects.visible_to(mine).filter(pk=check.pk),
            CampaignHazard.objects.visible_to(mine).filter(check_row=check),
        ):
            assert rows.exists() is sees
        circulars = CampaignCircular.objects.visible_to(mine).filter(campaign=one)
        assert circulars.exists() is (role in {"inspector", "city_officer", "department_officer"})
        if role != "city_officer":
            assert not Campaign.objects.visible_to(strange).filter(pk=one.pk).exists()
            assert not CampaignCheck.objects.visible_to(strange).filter(pk=check.pk).exists()

    def test_a_check_is_put_right_with_a_reason_and_never_overwritten(self, world: World):
        campaign, _ = self.two_departments(world)
        by = acting(world.people["inspector"])
        known: dict[str, Any] = {
            "part": campaign.parts.first(), "place": campaign.places.get(), "by": by, "now": NOW,
        }  # fmt: skip
        check = services.record_check(facts=FACTS, **known)
        seen = stamp_of(check, CHECKED)
        with pytest.raises(CampaignRefused, match="刚刚登记"):
            services.record_check(facts=FACTS, **known)
        with pytest.raises(CampaignRefused) as refused:
            services.record_check(facts=FACTS, seen=seen, **known)
        assert refused.value.field == "reason"
        more = CheckFacts(FACTS.checked_on, 2, 0, "示例两处")
        services.record_check(facts=more, seen=seen, reason="漏记一处", **known)
        with pytest.raises(CampaignRefused, match="别人改过"):
            services.record_check(facts=FACTS, seen=seen, reason="再改", **known)

    def test_a_hazard_belongs_to_one_check_of_its_kindergarten(self, world: World):
        by = acting(world.people["bureau_officer"])
        check = world.campaign_check
        with pytest.raises(CampaignRefused, match="没有这个编号"):
            services.link_hazard(check=check, number="YH0", by=by, now=NOW)
        services.link_hazard(check=check, number=world.linkable.number, by=by, now=NOW)
        with pytest.raises(CampaignRefused, match="不能比它多"):
            services.link_hazard(check=check, number=world.hazard.number, by=by, now=NOW)
        with pytest.raises(CampaignRefused, match="不能移出"):
            services.remove_place(place_id=check.place_id, reason="误", by=by, now=NOW)
        with pytest.raises(CampaignRefused, match="不能撤销"):
            services.withdraw(campaign_id=world.campaign.pk, reason="误", by=by, now=NOW)

    def test_a_circular_stays_as_it_was_issued(self, world: World):
        campaign, _ = self.two_departments(world)
        by = acting(world.people["bureau_leader"])
        issue: dict[str, Any] = {
            "campaign_id": campaign.pk, "demand": "示例月底前改好", "by": by, "now": NOW,
        }  # fmt: skip
        with pytest.raises(CampaignRefused, match="没有检查记录"):
            services.issue(reason="", **issue)
        known: dict[str, Any] = {
            "place": campaign.places.get(), "by": acting(world.people["bureau_officer"]), "now": NOW,
        }  # fmt: skip
        services.record_check(part=campaign.parts.first(), facts=FACTS, **known)
        first = services.issue(reason="", **issue)
        text = paper.html(first, printed_at=NOW)
        assert "示例门卫缺岗" in text
        assert "没有查的不算没有问题" in text
        with pytest.raises(CampaignRefused, match="更正原因"):
            services.issue(reason="", **issue)
        with pytest.raises(CampaignRefused, match="一样"):
            services.issue(reason="再发", **issue)
        services.record_check(part=campaign.parts.last(), facts=FACTS, **known)
        second = services.issue(reason="补查", **issue)
        assert (second.number, second.corrects) == (first.number + 1, first)
        assert first.figures != second.figures == figures(board(by, campaign))

    def test_any_number_of_places_takes_the_same_queries(self, world: World):
        client = client_of(world.people["bureau_officer"])
        campaign, _ = self.two_departments(world)

        def queries() -> int:
            with CaptureQueriesContext(connection) as found:
                assert client.get(reverse("campaign", args=[campaign.pk])).status_code == 200
            return len(found)

        queries()
        few = queries()
        for name in ("示例甲园", "示例乙园", "示例丙园"):
            place = CampaignPlace.objects.create(
                campaign=campaign, kindergarten=world.small.kindergarten(world.town, name)
            )
            services.record_check(
                part=campaign.parts.first(), place=place, facts=FACTS,
                by=acting(world.people["bureau_officer"]), now=NOW,
            )  # fmt: skip
        assert queries() == few
        row = listed(acting(world.people["bureau_officer"])).get(pk=campaign.pk)
        assert (row.place_count, row.part_count, row.check_count) == (4, 2, 3)

    def test_every_running_kindergarten_of_the_towns_is_looked_at(self, world: World):
        values = {
            "name": "示例新行动", "document": "示例", "starts_on": FIRST, "ends_on": LAST,
        }  # fmt: skip
        by = acting(world.people["bureau_officer"])
        made = services.set_up(values=values, towns=[world.town], by=by, now=NOW)
        looked_at = [place.kindergarten for place in made.places.all()]
        assert world.kindergarten in looked_at
        assert {one.organisation.region for one in looked_at} == {world.town}
        with pytest.raises(CampaignRefused, match="同名"):
            services.set_up(values=values, towns=[world.town], by=by, now=NOW)
        with pytest.raises(PermissionDenied):
            services.set_up(values=values, towns=[], by=acting(world.people["inspector"]), now=NOW)
