"""What was published: read in one's area, prepared by officers, published by leaders."""

from __future__ import annotations

from typing import Any

from tests.access.routes.case import EVERYONE, EXPORTERS, NOT_THE_TOWN, READERS, Case
from tests.access.routes.documents import PRINTERS
from tests.access.routes.world import World
from tests.registers import a_publication, a_publication_draft

OFFICER = frozenset({"bureau_officer"})
LEADER = frozenset({"bureau_leader"})
# Whoever reads figures may ask; a draft is the bureau's own.
NOT_THE_BUREAU = dict.fromkeys(READERS - OFFICER - LEADER, 404)


def furnish(world: World) -> None:
    county = world.small.county
    world.small.settle()
    officer = world.people["bureau_officer"].memberships.get()
    leader = world.people["bureau_leader"].memberships.get()
    world.publication = a_publication(county, officer, leader)
    world.publication_draft = a_publication_draft(county, officer, kind="self_assessment")


def one(world: World) -> list[Any]:
    return [world.publication.number]


def draft(world: World) -> list[Any]:
    return [world.publication_draft.pk]


def checked(world: World) -> dict[str, Any]:
    return {"number": world.publication.number, "digest": world.publication.digest}


CASES = [
    Case("publications", READERS, strangers=200),
    Case("publication-new", OFFICER, strangers=200),
    # The figures of this world wait to be computed again.
    Case("publication-new", OFFICER, method="post", status=422, strangers=422),
    Case("publication-draft", READERS, draft, except_for=NOT_THE_BUREAU),
    Case(
        "publication-publish",
        LEADER,
        draft,
        method="post",
        status=302,
        data=lambda w: {"digest": w.publication_draft.digest},
    ),
    Case("publication-withdraw", READERS, draft, except_for=NOT_THE_BUREAU),
    Case(
        "publication-withdraw",
        READERS,
        draft,
        method="post",
        status=302,
        data=lambda w: {"reason": "示例原因"},
        except_for=NOT_THE_BUREAU,
    ),
    Case("publication", READERS, one, except_for=NOT_THE_TOWN),
    Case("publication-data", EXPORTERS, one, except_for=NOT_THE_TOWN),
    Case("publication-pdf", PRINTERS, one),
    Case("public-publications", EVERYONE, data=checked, strangers=200, public=True),
]
