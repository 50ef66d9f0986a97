"""Documents and targets: read by all who read figures, kept by the county's and the city's own."""

from __future__ import annotations

from typing import Any

from indicators.models import Policy, Target
from indicators.targets.services import POLICY_FIELDS, TARGET_FIELDS
from kindergartens.stamps import stamp_of
from tests.access.routes.case import READERS, Case
from tests.access.routes.world import World

KEEPERS = frozenset({"bureau_officer", "city_officer"})
# The city reads the county's documents and keeps its own.
NOT_THE_CITY = {"city_officer": 404}


def furnish(world: World) -> None:
    world.policy = Policy.objects.create(
        slug=f"own-{world.small.county.code}", title="示例文件", region=world.small.county
    )
    world.target = Target.objects.create(
        policy=world.policy, indicator="certified_share", operator=">=", value="0.9",
        levels=["county"],
    )  # fmt: skip


def policy(world: World) -> list[Any]:
    return [world.policy.pk]


def target(world: World) -> list[Any]:
    return [world.target.pk]


CASES = [
    Case("policies", READERS, strangers=200),
    Case("policy-matrix", READERS, strangers=200),
    Case("policy-new", KEEPERS, strangers=200),
    Case("policy-new", KEEPERS, method="post", status=422, strangers=422),
    Case("policy", READERS, policy),
    Case("policy-correct", KEEPERS, policy, except_for=NOT_THE_CITY),
    Case(
        "policy-correct", KEEPERS, policy, method="post", except_for=NOT_THE_CITY,
        data=lambda w: {
            "title": "示例文件", "valid_from": "2026-01-01", "reason": "示例原因",
            "seen": stamp_of(Policy.objects.get(pk=w.policy.pk), POLICY_FIELDS),
        },
    ),
    Case("policy-end", KEEPERS, policy, except_for=NOT_THE_CITY),
    Case(
        "policy-end", KEEPERS, policy, method="post", status=422, except_for=NOT_THE_CITY
    ),
    Case("target-new", KEEPERS, policy, except_for=NOT_THE_CITY),
    Case("target-new", KEEPERS, policy, method="post", status=422, except_for=NOT_THE_CITY),
    Case("target-correct", KEEPERS, target, except_for=NOT_THE_CITY),
    Case(
        "target-correct", KEEPERS, target, method="post", except_for=NOT_THE_CITY,
        data=lambda w: {
            "value": "95%", "reason": "示例原因",
            "seen": stamp_of(Target.objects.get(pk=w.target.pk), TARGET_FIELDS),
        },
    ),
    Case("target-end", KEEPERS, target, except_for=NOT_THE_CITY),
    Case(
        "target-end", KEEPERS, target, method="post", except_for=NOT_THE_CITY,
        data=lambda w: {"how": "withdraw", "reason": "示例原因"},
    ),
]  # fmt: skip
