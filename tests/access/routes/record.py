"""The record of a kindergarten: editing, renaming, registering, proposals."""

from __future__ import annotations

from typing import Any

from kindergartens.models import RecordProposal
from kindergartens.record.catalogue import BY_KEY
from kindergartens.record.values import stamp
from tests.access.routes.case import BUREAU, Case, kindergarten
from tests.access.routes.world import World
from tests.small_county import NOW

DIRECTOR = frozenset({"director"})


def furnish(world: World) -> None:
    """What the director asks to be changed."""
    world.proposal = RecordProposal.objects.create(
        kindergarten=world.kindergarten,
        section="licence",
        wanted={"licence_number": ["", "示例许可1"]},
        reason="换证",
        proposed_as=world.people["director"].memberships.get(),
        proposed_at=NOW,
    )


def address(world: World) -> dict[str, Any]:
    """As a form filled from what is there would be sent."""
    seen = stamp(world.kindergarten, BY_KEY["place"])
    return {"seen": seen, "address": "示例路1号", "proposal_reason": "门牌换了"}


def other_name(world: World) -> dict[str, Any]:
    return {
        "seen": world.kindergarten.name,
        "name": "示例新名幼儿园",
        "valid_from": NOW.date().isoformat(),
        "reason": "批准更名",
    }


def newcomer(world: World) -> dict[str, Any]:
    return {
        "name": "示例新设幼儿园",
        "code": f"1165{world.small.county.code[-2:]}7777",
        "institution_type": "independent",
        "opened_on": NOW.date().isoformat(),
        "town": world.town.pk,
        "sponsor_type": "private",
        "ownership": "non_inclusive_private",
        "valid_from": NOW.date().isoformat(),
        "document_number": "示例文号",
        "reason": "新设",
    }


CASES = [
    Case("kindergarten-register", BUREAU, strangers=200),
    # Of another county's town there is no choice.
    Case("kindergarten-register", BUREAU, method="post", data=newcomer, status=302, strangers=422),
    Case("record-proposals", BUREAU, strangers=200),
    Case(
        "record-proposal-decide",
        BUREAU,
        lambda w: [w.proposal.pk],
        method="post",
        data=lambda w: {"act": "decline", "reason": "示例原因"},
        status=302,
    ),
    Case(
        "record-proposal-withdraw",
        DIRECTOR,
        lambda w: [w.proposal.pk],
        method="post",
        status=302,
    ),
    Case("record-edit", BUREAU, kindergarten("place")),
    Case("record-edit", BUREAU, kindergarten("place"), method="post", data=address, status=302),
    Case("own-record-edit", DIRECTOR, kindergarten("place")),
    Case(
        "own-record-edit", DIRECTOR, kindergarten("place"), method="post", data=address, status=302
    ),
    Case("kindergarten-rename", BUREAU, kindergarten()),
    Case("kindergarten-rename", BUREAU, kindergarten(), method="post", data=other_name, status=302),
]
