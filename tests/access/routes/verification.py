"""Whether stored figures are right, and setting them right."""

from __future__ import annotations

from typing import Any

from indicators.models import FigureDrift, RecomputeRun
from tests.access.routes.case import Case
from tests.access.routes.world import World
from tests.small_county import NOW, OCTOBER

VERIFIERS = frozenset({"bureau_officer", "bureau_leader", "city_officer", "system_administrator"})
# Runs the portal, reads no figure.
NO_FIGURES = {"system_administrator": 404}


def furnish(world: World) -> None:
    world.run = RecomputeRun.objects.create(
        purpose="verification", months=[OCTOBER], began_at=NOW, region=world.town, drifted=1
    )
    world.drift = FigureDrift.objects.create(
        run=world.run, region=world.town, month=OCTOBER, kind="changed", found_at=NOW,
        differences={"enrolled_children": [1, 2]},
    )  # fmt: skip


def drift(world: World) -> list[Any]:
    return [world.drift.pk]


CASES = [
    Case("figure-checks", VERIFIERS, strangers=200),
    Case("figure-check-start", VERIFIERS, method="post", status=302, strangers=302),
    Case("figure-runs", VERIFIERS, strangers=200),
    Case("figure-run-progress", VERIFIERS, lambda w: [w.run.pk]),
    Case("figure-drift-repair", VERIFIERS, drift, except_for=NO_FIGURES),
    Case(
        "figure-drift-repair",
        VERIFIERS,
        drift,
        method="post",
        status=302,
        data=lambda w: {"reason": "示例原因"},
        except_for=NO_FIGURES,
    ),
    Case("figure-drift-history", VERIFIERS, drift, except_for=NO_FIGURES),
]
