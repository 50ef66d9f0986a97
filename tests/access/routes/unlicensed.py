"""无证花名册."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import transaction

from accounts.files import store
from accounts.files.intake import Accepted
from kindergartens.models import (
    UnlicensedCheck,
    UnlicensedDocument,
    UnlicensedKindergarten,
    UnlicensedPlacement,
    UnlicensedPlan,
)
from tests.access.routes.case import BUREAU, EXPORTERS, READERS, RETURN_READERS, Case
from tests.access.routes.world import FILERS, World
from tests.kindergartens.unlicensed.scene import paper
from tests.small_county import NOW, PDF

REPORTERS = frozenset({"bureau_officer", "inspector", "town_officer"})
FOUND = dt.date(2026, 9, 1)
WITHDRAWN = {"reason": "登记错了"}
# A kindergarten's people may read histories, but see no unlicensed place.
NOT_THE_KINDERGARTEN = dict.fromkeys(FILERS, 404)


def furnish(world: World) -> None:
    post = world.people["bureau_officer"].memberships.get()
    by: dict[str, Any] = {"made_as": post, "made_at": NOW}

    def found(name: str, **more: Any) -> UnlicensedKindergarten:
        return UnlicensedKindergarten.objects.create(
            name=f"{world.small.county.name}{name}",
            address="示例路1号",
            town=world.town,
            found_on=FOUND,
            found_as=post,
            **more,
        )

    place = found("无证一处")
    world.unlicensed = place
    world.unlicensed_check = UnlicensedCheck.objects.create(
        place=place, day=FOUND, children=20, staff=3, **by
    )
    UnlicensedPlan.objects.create(
        place=place, route="license", lead=post.organisation, decided_on=FOUND,
        deadline=dt.date(2026, 12, 31), reason="达到基本条件", **by,
    )  # fmt: skip
    world.unlicensed_placement = UnlicensedPlacement.objects.create(
        place=place, day=dt.date(2026, 10, 1), destination="kindergarten",
        kindergarten=world.kindergarten, children=5, **by,
    )  # fmt: skip
    ended = found(
        "无证二处", outcome="closed", closed_on=dt.date(2026, 10, 1), barred_years=5,
        bar_reason="情节一般",
    )  # fmt: skip
    with transaction.atomic():
        stored = store.keep(Accepted("决定书.pdf", PDF, "application/pdf"), post=post, now=NOW)
        world.unlicensed_paper = UnlicensedDocument.objects.create(
            place=ended, file=stored, name="决定书.pdf", added_as=post, added_at=NOW
        )


def place(*rest: Any) -> Any:
    return lambda world: [world.unlicensed.pk, *rest]


def described(world: World) -> dict[str, Any]:
    return {
        "name": "另一处", "town": world.town.pk, "address": "示例路2号", "day": "2026-10-02",
        "children": "8", "reason": "写错了",
    }  # fmt: skip


CHECKED = {"day": "2026-10-02", "running": "yes", "children": "15"}


def decided(world: World) -> dict[str, Any]:
    lead = world.people["bureau_officer"].memberships.get().organisation_id
    return {
        "route": "ban", "lead": lead, "decided_on": "2026-10-02", "deadline": "2026-12-01",
        "reason": "达不到基本条件",
    }  # fmt: skip


def gone(world: World) -> dict[str, Any]:
    return {"day": "2026-10-02", "destination": "home", "children": "2", "note": "家长自带"}


def ended(world: World) -> dict[str, Any]:
    return {
        "outcome": "licensed", "closed_on": "2026-11-01", "licensed_as": world.kindergarten.code,
        "document": paper(),
    }  # fmt: skip


CASES = [
    Case("unlicensed-list", READERS, strangers=200),
    Case("unlicensed-export", EXPORTERS, lambda w: ["xlsx"], strangers=200),
    Case("unlicensed-new", REPORTERS, strangers=200),
    # What is sent names the own county's town, which the other county's people may not choose.
    Case("unlicensed-new", REPORTERS, method="post", data=described, status=302, strangers=422),
    Case("unlicensed", READERS, place()),
    Case("unlicensed-edit", BUREAU, place()),
    Case("unlicensed-edit", BUREAU, place(), method="post", data=described, status=302),
    Case("unlicensed-check", REPORTERS, place()),
    Case(
        "unlicensed-check", REPORTERS, place(), method="post", data=lambda w: CHECKED, status=302
    ),
    Case("unlicensed-route", BUREAU, place()),
    Case("unlicensed-route", BUREAU, place(), method="post", data=decided, status=302),
    Case("unlicensed-place", BUREAU, place()),
    Case("unlicensed-place", BUREAU, place(), method="post", data=gone, status=302),
    Case("unlicensed-close", BUREAU, place()),
    Case("unlicensed-close", BUREAU, place(), method="post", data=ended, status=302),
    Case(
        "unlicensed-history",
        RETURN_READERS,
        place(),
        except_for=NOT_THE_KINDERGARTEN,
    ),
    Case("unlicensed-check-withdraw", BUREAU, lambda w: [w.unlicensed_check.pk]),
    Case(
        "unlicensed-check-withdraw", BUREAU, lambda w: [w.unlicensed_check.pk], method="post",
        data=lambda w: WITHDRAWN, status=302,
    ),
    Case("unlicensed-placement-withdraw", BUREAU, lambda w: [w.unlicensed_placement.pk]),
    Case(
        "unlicensed-placement-withdraw", BUREAU, lambda w: [w.unlicensed_placement.pk],
        method="post", data=lambda w: WITHDRAWN, status=302,
    ),
    Case("unlicensed-document", READERS, lambda w: [w.unlicensed_paper.pk]),
]  # fmt: skip
