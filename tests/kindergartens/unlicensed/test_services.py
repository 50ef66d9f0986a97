"""Unlicensed places against PostgreSQL: what is refused, what stays, what the database promises."""

import datetime as dt

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction

from accounts.history.tracking import TRACKED
from accounts.models import Organisation, User
from kindergartens.models import (
    UnlicensedCheck,
    UnlicensedDocument,
    UnlicensedKindergarten,
    UnlicensedPlacement,
    UnlicensedPlan,
)
from kindergartens.unlicensed import selectors, services
from kindergartens.unlicensed.services import UnlicensedRefused
from tests.conftest import acting
from tests.kindergartens.unlicensed.scene import NOV, OCT, SEPT, TODAY, Scene
from tests.small_county import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture
def scene(small) -> Scene:
    return Scene(small)


def on(scene, day, place):
    return selectors.places_on(scene.officer, day).get(pk=place.pk)


def test_from_the_find_to_the_ban_each_day_says_what_was(scene):
    place = scene.found()
    scene.decide(place, day=OCT, deadline=dt.date(2026, 10, 20))
    scene.put(place, 15, day=dt.date(2026, 10, 10))
    scene.put(place, 5, day=dt.date(2026, 10, 25), kindergarten=False, note="家长自带")
    scene.close(place, years=7)
    states = {
        day: (row.state, row.route, row.children, row.placed)
        for day in (SEPT, OCT, dt.date(2026, 10, 21), NOV)
        for row in [on(scene, day, place)]
    }
    assert states == {
        SEPT: ("found", None, 20, 0),
        OCT: ("doing", "ban", 20, 0),
        dt.date(2026, 10, 21): ("overdue", "ban", 20, 15),
        NOV: ("closed", "ban", 20, 20),
    }
    assert not selectors.places_on(scene.officer, SEPT - dt.timedelta(1)).exists()
    place.refresh_from_db()
    assert place.barred_until == dt.date(2033, 11, 1)
    assert UnlicensedDocument.objects.get().name == "决定书.pdf"


def test_closing_with_a_child_unplaced_is_refused_and_keeps_nothing(scene):
    place = scene.found()
    scene.decide(place)
    scene.put(place, 17)
    with pytest.raises(UnlicensedRefused, match="还有3名没有安置"):
        scene.close(place)
    place.refresh_from_db()
    assert place.closed_on is None
    assert not UnlicensedDocument.objects.exists()


def test_children_who_vanish_between_counts_still_have_to_be_somewhere(scene):
    place = scene.found()
    scene.decide(place)
    scene.check(place, OCT, children=12)
    scene.put(place, 12)
    with pytest.raises(UnlicensedRefused, match="还有8名没有安置"):
        scene.close(place)
    scene.put(place, 8, kindergarten=False, note="随父母去外地")
    assert scene.close(place).closed_on == NOV


def test_nobody_is_placed_twice_and_a_mistake_is_withdrawn(scene):
    place = scene.found()
    scene.decide(place)
    wrong = scene.put(place, 15)
    with pytest.raises(UnlicensedRefused, match="只有5名幼儿还没有安置"):
        scene.put(place, 6)
    services.withdraw(row=wrong, reason="人数写错", by=scene.officer)
    assert selectors.roster(place).missing == 20
    with pytest.raises(UnlicensedRefused, match="已经撤销过"):
        services.withdraw(row=wrong, reason="再撤", by=scene.officer)
    event = TRACKED[UnlicensedPlacement].event.objects.filter(pgh_obj_id=wrong.pk).last()
    assert event.pgh_context["reason"] == "人数写错"


def test_a_count_entered_wrongly_is_withdrawn(scene):
    place = scene.found(children=2)
    scene.check(place, OCT, children=200)
    wrong = UnlicensedCheck.objects.get(children=200)
    services.withdraw(row=wrong, reason="多写一个0", by=scene.officer)
    assert selectors.roster(place).children == 2
    assert on(scene, TODAY, place).children == 2


def test_an_unknown_number_is_not_zero(scene):
    place = scene.found(children=None)
    scene.decide(place)
    with pytest.raises(UnlicensedRefused, match="还没有查明幼儿人数"):
        scene.put(place, 1)
    with pytest.raises(UnlicensedRefused, match="还没有查明幼儿人数"):
        scene.close(place)
    standing = selectors.standing(scene.officer, scene.small.county, TODAY)
    assert (standing.places, standing.children, standing.not_counted) == (1, None, 1)
    scene.found("另一处", children=6)
    standing = selectors.standing(scene.officer, scene.small.county, TODAY)
    assert (standing.places, standing.children, standing.not_counted) == (2, 6, 1)


def test_a_route_changes_with_a_reason_and_the_former_stays(scene):
    place = scene.found()
    scene.decide(place, "rectify")
    scene.decide(place, "ban", day=OCT, reason="逾期没有整改")
    assert [plan.route for plan in place.unlicensedplans.all()] == ["ban", "rectify"]
    assert on(scene, SEPT, place).route == "rectify"
    with pytest.raises(UnlicensedRefused, match="新的不能更早"):
        scene.decide(place, "license", day=SEPT)


def test_the_lead_is_a_bureau_or_department_of_the_county(scene):
    place = scene.found()
    abroad = Organisation.objects.create(
        name="乙局", kind="department", region=scene.small.other_county
    )
    # Whoever only runs the portal holds accounts there, and leads nothing.
    portal = Organisation.objects.create(
        name="系统运行维护", kind="department", region=scene.small.county
    )
    scene.small.person("运维", portal, "system_administrator")
    fire = Organisation.objects.create(name="消防", kind="department", region=scene.small.county)
    bureau = scene.officer.acting.organisation
    scene.small.person("审计", bureau, "audit_administrator")
    assert set(selectors.leads_for(place)) == {bureau, fire}
    for lead in (abroad, scene.kindergarten.organisation, portal):
        with pytest.raises(UnlicensedRefused, match="牵头单位要是") as refusal:
            scene.decide(place, lead=lead)
        assert refusal.value.field == "lead"


def test_with_a_licence_it_is_linked_to_the_registered_kindergarten(scene):
    place = scene.found()
    scene.decide(place, "license")
    with pytest.raises(UnlicensedRefused, match="请选择登记成的幼儿园"):
        scene.close(place, "licensed", years=None)
    scene.close(place, "licensed", years=None, licensed_as=scene.kindergarten)
    with pytest.raises(UnlicensedRefused, match="在册的幼儿园"):
        scene.check(place, TODAY, children=20)


def test_an_end_that_is_not_of_the_route_is_refused(scene):
    place = scene.found()
    scene.decide(place, "license")
    scene.put(place, 20)
    with pytest.raises(UnlicensedRefused, match="先改处置方式"):
        scene.close(place)


def test_found_running_again_it_is_a_new_entry_and_the_old_one_stays_closed(scene):
    old = scene.banned()
    assert scene.check(old, TODAY, running=False).pk == old.pk
    new = scene.check(old, TODAY, children=9)
    assert (new.earlier, new.found_on, new.name) == (old, TODAY, old.name)
    old.refresh_from_db()
    assert (old.closed_on, old.outcome) == (NOV, "closed")
    assert on(scene, TODAY, new).children == 9
    with pytest.raises(UnlicensedRefused, match="请在新的一条里登记"):
        scene.check(old, TODAY, children=9)


def test_what_is_closed_is_not_changed(scene):
    place = scene.banned()
    placement = UnlicensedPlacement.objects.get()
    for act in (
        lambda: scene.decide(place, day=TODAY, deadline=TODAY),
        lambda: scene.put(place, 1),
        lambda: scene.close(place),
        lambda: services.withdraw(row=placement, reason="x", by=scene.officer),
    ):
        with pytest.raises(UnlicensedRefused, match="已经办结"):
            act()
    with pytest.raises(UnlicensedRefused, match="2026-11-01已办结"):
        scene.check(place, OCT, children=3)


def test_a_town_officer_reports_in_the_own_town_alone(scene):
    west = scene.small.town("西镇")
    officer = acting(scene.small.officer(west, "town_officer"))
    assert scene.found(by=officer, town=west).found_as == officer.acting
    with pytest.raises(UnlicensedRefused, match="不在您的范围内") as refusal:
        scene.found(by=officer, town=scene.town)
    assert refusal.value.field == "town"
    with pytest.raises(UnlicensedRefused):
        scene.found("无岗位", by=User())


def test_an_open_name_is_one_in_a_town(scene):
    place = scene.banned()
    scene.found(place.name)
    with pytest.raises(UnlicensedRefused, match="还没有办结"):
        scene.found(place.name)


def test_a_place_of_another_county_is_not_there(scene):
    place = scene.found()
    stranger = acting(scene.small.officer(scene.small.other_county))
    with pytest.raises(UnlicensedKindergarten.DoesNotExist):
        services.check(
            place_id=place.pk,
            found=services.Found(OCT, True, 1, 1, ""),
            by=stranger,
            now=NOW,
            today=TODAY,
        )


def test_progress_adds_up_to_the_list(scene):
    scene.found("甲")
    scene.decide(scene.found("乙"), "license", deadline=OCT)
    scene.decide(scene.found("丙", town=scene.small.town("西镇")), "childcare", deadline=TODAY)
    scene.banned("丁")
    east, west, total = selectors.progress(scene.officer, TODAY)
    assert (east.name, east.found, east.license, east.overdue, east.closed) == ("东镇", 1, 1, 1, 1)
    assert (west.name, west.childcare, west.overdue) == ("西镇", 1, 0)
    assert (total.open, total.children, total.ended, total.overdue) == (3, 60, 1, 1)
    city = acting(scene.small.officer(scene.small.city, "city_officer"))
    (county,) = selectors.progress(city, TODAY)
    assert (county.name, county.open, county.closed) == ("甲县", 3, 1)


@pytest.mark.parametrize(
    ("broken", "promise"),
    [
        ({"outcome": "closed"}, "unlicensed_outcome_has_day"),
        ({"closed_on": NOV}, "unlicensed_outcome_has_day"),
        ({"outcome": "closed", "closed_on": dt.date(2026, 8, 1)}, "unlicensed_closed_after_found"),
        ({"outcome": "licensed", "closed_on": NOV}, "unlicensed_licensed_is_registered"),
        (
            {"outcome": "closed", "closed_on": NOV, "barred_years": 4, "bar_reason": "x"},
            "unlicensed_bar_of_5_to_10_years",
        ),
        (
            {"outcome": "closed", "closed_on": NOV, "barred_years": 5},
            "unlicensed_bar_of_5_to_10_years",
        ),
        ({"name": "小树苗"}, "unlicensed_once_while_open"),
    ],
)
def test_the_database_keeps_its_promises(scene, broken, promise):
    scene.found()
    row = {
        "name": "别处", "address": "路", "town": scene.town, "found_on": SEPT,
        "found_as": scene.officer.acting,
    } | broken  # fmt: skip
    with pytest.raises(IntegrityError, match=promise), transaction.atomic():
        UnlicensedKindergarten.objects.create(**row)


@pytest.mark.parametrize(
    ("model", "broken", "promise"),
    [
        (UnlicensedCheck, {"day": OCT, "running": False, "children": 3}, "not_running_has_nobody"),
        (
            UnlicensedPlan,
            {"decided_on": OCT, "deadline": SEPT, "route": "ban", "reason": "x"},
            "unlicensed_deadline_after_plan",
        ),
        (
            UnlicensedPlan,
            {"decided_on": OCT, "deadline": NOV, "route": "ban", "reason": ""},
            "unlicensed_plan_has_reason",
        ),
        (
            UnlicensedPlacement,
            {"day": OCT, "destination": "home", "children": 0, "note": "x"},
            "unlicensed_placement_of_somebody",
        ),
        (
            UnlicensedPlacement,
            {"day": OCT, "destination": "kindergarten", "children": 1},
            "unlicensed_placement_says_where",
        ),
        (
            UnlicensedPlacement,
            {"day": OCT, "destination": "home", "children": 1},
            "unlicensed_placement_says_where",
        ),
    ],
)
def test_the_database_keeps_its_promises_about_rows(scene, model, broken, promise):
    row = {"place": scene.found(), "made_as": scene.officer.acting, "made_at": NOW} | broken
    if model is UnlicensedPlan:
        row["lead"] = scene.officer.acting.organisation
    with pytest.raises(IntegrityError, match=promise), transaction.atomic():
        model.objects.create(**row)


def test_nothing_is_done_without_a_post(scene):
    place = scene.found()
    with pytest.raises((PermissionDenied, UnlicensedKindergarten.DoesNotExist)):
        services.decide_route(
            place_id=place.pk, route="ban", lead=scene.officer.acting.organisation,
            deadline=NOV, decided_on=OCT, reason="x", by=User(), now=NOW, today=TODAY,
        )  # fmt: skip
