"""Joint campaigns: led by the county's bureau, recorded by departments, read where they look."""

from __future__ import annotations

from typing import Any

from accounts.models import Organisation
from inspections.campaigns.services import CHECKED, SAID
from kindergartens.stamps import stamp_of
from tests.access.routes.case import EXPORTERS, READERS, Case
from tests.access.routes.world import FILERS, World
from tests.registers import a_campaign, a_campaign_check, a_campaign_circular, a_hazard

EVERYBODY = READERS | FILERS
LEADERS = frozenset({"bureau_officer", "bureau_leader"})
CHECKERS = frozenset({"bureau_officer", "inspector", "department_officer"})
# A circular names kindergartens of every town.
NOT_THE_PLACES = {"town_officer": 404, "director": 404, "kindergarten_clerk": 404}
HISTORY = EVERYBODY - {"department_officer"}
CAMPAIGN = {
    "name": "示例冬季检查", "document": "示例文件", "starts_on": "2026-11-01", "ends_on": "2026-12-01",
}  # fmt: skip


def furnish(world: World) -> None:
    county, one = world.small.county, world.kindergarten
    officer = world.people["bureau_officer"].memberships.get()
    department = world.people["department_officer"].memberships.get().organisation
    director = world.people["director"].memberships.get()
    world.campaign = a_campaign(county, officer, department, one)
    world.campaign_check = a_campaign_check(world.campaign, one, officer, a_hazard(one, director))
    world.linkable = a_hazard(one, director)
    world.campaign_check.found = 2
    world.campaign_check.save()
    world.campaign_circular = a_campaign_circular(world.campaign, officer)
    world.police = Organisation.objects.create(
        name="示例公安分局", kind="department", region=county
    )
    world.fresh_campaign = a_campaign(county, officer, department, one, name="示例春季检查")


def one(world: World) -> list[Any]:
    return [world.campaign.pk]


def fresh(world: World) -> list[Any]:
    return [world.fresh_campaign.pk]


def checked(world: World) -> list[Any]:
    return [world.campaign.pk, world.campaign_check.part_id, world.campaign_check.place_id]


def correction(world: World) -> dict[str, Any]:
    return {
        "name": "示例联合检查", "document": "示例文件", "starts_on": "2026-10-01",
        "ends_on": "2026-11-30", "reason": "示例原因", "seen": stamp_of(world.campaign, SAID),
    }  # fmt: skip


def checked_again(world: World) -> dict[str, Any]:
    return {
        "checked_on": "2026-10-12", "found": "2", "fixed": "1", "note": "示例", "reason": "示例原因",
        "seen": stamp_of(world.campaign_check, CHECKED),
    }  # fmt: skip


def new_part(world: World) -> dict[str, Any]:
    return {"department": world.police.pk, "items": "示例门卫"}


def changed_part(world: World) -> dict[str, Any]:
    part = world.campaign.parts.get()
    return {"items": "示例", "reason": "示例原因", "seen": stamp_of(part, ("items",))}


def part(world: World) -> list[Any]:
    return [world.campaign.pk, world.campaign.parts.get().pk]


def fresh_place(world: World) -> list[Any]:
    return [world.fresh_campaign.pk, world.fresh_campaign.places.get().pk]


def new_place(world: World) -> dict[str, Any]:
    return {"kindergarten": world.second_kindergarten.code}


POSTED: dict[str, Any] = {"method": "post", "status": 302}
REASON: dict[str, Any] = {"data": lambda w: {"reason": "示例原因"}, **POSTED}
LINKERS = CHECKERS - {"department_officer"}
CASES = [
    Case("campaigns", EVERYBODY, strangers=200),
    Case("campaign-new", LEADERS, strangers=200),
    Case("campaign-new", LEADERS, data=lambda w: CAMPAIGN, status=422, strangers=422,
         method="post"),
    Case("campaign", EVERYBODY, one),
    Case("campaign-export", EXPORTERS, lambda w: [w.campaign.pk, "xlsx"]),
    Case("campaign-history", HISTORY, one),
    Case("campaign-correct", LEADERS, one),
    Case("campaign-correct", LEADERS, one, data=correction, **POSTED),
    Case("campaign-withdraw", LEADERS, fresh),
    Case("campaign-withdraw", LEADERS, fresh, **REASON),
    Case("campaign-part-new", LEADERS, one),
    Case("campaign-part-new", LEADERS, one, data=new_part, **POSTED),
    Case("campaign-part", LEADERS, part),
    Case("campaign-part", LEADERS, part, data=changed_part, **POSTED),
    Case("campaign-place-new", LEADERS, one),
    Case("campaign-place-new", LEADERS, one, data=new_place, **POSTED),
    Case("campaign-place-remove", LEADERS, fresh_place),
    Case("campaign-place-remove", LEADERS, fresh_place, **REASON),
    Case("campaign-check", CHECKERS, checked),
    Case("campaign-check", CHECKERS, checked, data=checked_again, **POSTED),
    Case("campaign-hazard", LINKERS, checked),
    Case("campaign-hazard", LINKERS, checked, data=lambda w: {"number": w.linkable.number}, **POSTED),
    Case("campaign-issue", LEADERS, one),
    Case(
        "campaign-issue", LEADERS, one, **POSTED,
        data=lambda w: {"demand": "示例要求", "reason": "示例更正"},
    ),
    Case(
        "campaign-circular-pdf", EVERYBODY, lambda w: [w.campaign_circular.pk],
        except_for=NOT_THE_PLACES,
    ),
]  # fmt: skip
