"""Groups of kindergartens and towns, and the rates of each."""

from __future__ import annotations

from typing import Any

from kindergartens.groups.services import DESCRIBED
from kindergartens.models import Group, GroupMember
from kindergartens.stamps import stamp_of
from tests.access.routes.case import (
    BUREAU,
    EXPORTERS,
    HISTORY_READERS,
    READERS,
    RETURN_READERS,
    Case,
)
from tests.access.routes.world import World
from tests.small_county import SINCE

# A town's officer reads no sums of other towns.
NOT_THE_TOWN = {"town_officer": 404}
ENDS: dict[str, Any] = {"on": "2026-11-01", "reason": "示例原因"}


def furnish(world: World) -> None:
    world.group = Group.objects.create(
        county=world.small.county,
        kind="town_cluster",
        name=f"{world.small.county.name}组团",
        lead_name="县第一幼儿园",
        valid_from=SINCE,
    )
    world.group_member = GroupMember.objects.create(
        group=world.group, kind="town_cluster", town=world.town, valid_from=SINCE
    )


def group(*rest: Any) -> Any:
    return lambda world: [world.group.pk, *rest]


def member(world: World) -> list[Any]:
    return [world.group_member.pk]


def described(world: World) -> dict[str, Any]:
    return {
        "name": "另一个组团", "lead": world.kindergarten.pk, "kind": "area",
        "valid_from": "2026-01-01", "reason": "示例原因",
    }  # fmt: skip


def corrected(world: World) -> dict[str, Any]:
    return described(world) | {"seen": stamp_of(world.group, DESCRIBED)}


CASES = [
    Case("group-list", RETURN_READERS, strangers=200),
    Case("group-new", BUREAU, strangers=200),
    # What is sent names the own county's lead, which the other county's officer may not choose.
    Case("group-new", BUREAU, method="post", data=described, status=302, strangers=422),
    Case("group", RETURN_READERS, group()),
    Case("group-edit", BUREAU, group()),
    Case("group-edit", BUREAU, group(), method="post", data=corrected, status=302),
    Case("group-take-in", BUREAU, group()),
    Case(
        "group-take-in",
        BUREAU,
        group(),
        method="post",
        data=lambda w: {"first": "2026-10-01", "kindergartens": [w.kindergarten.pk]},
        status=302,
    ),
    Case("group-member-end", BUREAU, member),
    Case("group-member-end", BUREAU, member, method="post", data=lambda w: ENDS, status=302),
    Case("group-dissolve", BUREAU, group()),
    Case("group-dissolve", BUREAU, group(), method="post", data=lambda w: ENDS, status=302),
    Case("group-history", HISTORY_READERS, group()),
    Case("group-figures", READERS, group(), except_for=NOT_THE_TOWN),
    Case("group-figures-export", EXPORTERS, group("xlsx"), except_for=NOT_THE_TOWN),
]
