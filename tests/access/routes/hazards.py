"""Hazards and the ledger they are entered in: one of each state that a page or an act asks for, with photos and plates."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from safety.hazards.services import stamp
from tests.access.routes.case import (
    EXPORTERS,
    HISTORY_READERS,
    READERS,
    RETURN_READERS,
    Case,
)
from tests.access.routes.world import FILERS, World
from tests.kindergartens.unlicensed.scene import paper
from tests.registers import a_hazard, a_photo, a_plate, in_the_ledger
from tests.small_county import NOW

KEEPERS = FILERS | {"bureau_officer", "inspector", "town_officer"}
DECIDERS = frozenset({"bureau_officer", "bureau_leader"})
PRINTERS = READERS - {"department_officer", "town_officer"}
REPORT = {
    "client_id": "0b6e9c1e-8f0e-4d6a-9d57-3f3a5b7a0001", "place": "示例楼梯间", "field": "premises",
    "description": "示例扶手松动", "grade": "general", "mending": "dated", "deadline": "2026-12-01",
    "source": "self_check", "found_on": "2026-11-04",
}  # fmt: skip


def furnish(world: World) -> None:
    director = world.people["director"].memberships.get()
    officer = world.people["bureau_officer"].memberships.get()
    leader = world.people["bureau_leader"].memberships.get()
    one = world.kindergarten
    world.hazard = a_hazard(one, director, item="示例项目")
    world.hazard_photo = a_photo(world.hazard, director)
    world.stopped_hazard = a_hazard(one, director, stop_use=True)
    world.mended_hazard = a_hazard(one, director, state="mended")
    a_photo(world.mended_hazard, director, "mended")
    world.closed_hazard = a_hazard(one, director, state="closed", by=officer)
    world.withdrawn_hazard = a_hazard(one, director, state="withdrawn", withdrawn_reason="示例选错")
    world.major_hazard = a_hazard(one, director, grade="major")
    world.cleared_hazard = a_hazard(one, director, grade="major", state="cleared")
    a_plate(world.cleared_hazard, officer)
    in_the_ledger(world.cleared_hazard, officer)
    world.delisted_hazard = a_hazard(one, director, grade="major", state="closed", by=leader)
    a_plate(
        world.delisted_hazard, officer, delisted_on=NOW.date(), delisted_as=leader,
        decision="示例复查合格", decision_number="示教督〔2026〕9号",
    )  # fmt: skip


def of(which: str = "hazard") -> Callable[[World], list[Any]]:
    return lambda world: [getattr(world, which).number]


def typed(which: str, **more: Any) -> Callable[[World], dict[str, Any]]:
    """What is typed about a hazard of the world, on what was shown; a callable is called."""
    return lambda world: {
        "seen": stamp(getattr(world, which)),
        **{name: value(world) if callable(value) else value for name, value in more.items()},
    }


def reported(world: World) -> dict[str, Any]:
    return REPORT | {"kindergarten": world.kindergarten.code, "earlier": world.closed_hazard.number}


def bureau(world: World) -> int:
    return int(world.people["bureau_officer"].memberships.get().organisation_id)


PLATE = {
    "measures": "示例加固", "responsibility": "示例园长", "funding": "示例2万元", "plan": "示例腾空",
    "deadline": "2026-12-20", "hung_on": "2026-11-05", "supervisor": bureau,
}  # fmt: skip
POST: dict[str, Any] = {"method": "post", "status": 302}

CASES = [
    Case("hazards", RETURN_READERS, strangers=200),
    Case("hazards-export", EXPORTERS, lambda w: ["xlsx"], strangers=200),
    Case("hazard-new", KEEPERS, strangers=200),
    # It names a hazard as its earlier one, which the other county's people do not see.
    Case("hazard-new", KEEPERS, data=reported, **POST),
    Case("hazard-photo", RETURN_READERS, lambda w: [w.hazard_photo.pk]),
    Case("hazard", RETURN_READERS, of()),
    Case("hazard-history", HISTORY_READERS, of()),
    Case("hazard-grade", DECIDERS, of()),
    Case("hazard-grade", DECIDERS, of(), data=typed("hazard", grade="general"), **POST),
    Case("hazard-extend", DECIDERS, of()),
    Case(
        "hazard-extend", DECIDERS, of(),
        data=typed("hazard", deadline="2026-12-31", reason="示例等配件"), **POST,
    ),
    Case("hazard-stop", KEEPERS | DECIDERS, of()),
    Case("hazard-stop", KEEPERS | DECIDERS, of(), data=typed("hazard", reason="示例裂缝"), **POST),
    Case("hazard-resume", DECIDERS, of("stopped_hazard")),
    Case(
        "hazard-resume", DECIDERS, of("stopped_hazard"),
        data=typed("stopped_hazard", reason="示例鉴定合格"), **POST,
    ),
    Case("hazard-mend", KEEPERS, of()),
    Case(
        "hazard-mend", KEEPERS, of(),
        data=typed("hazard", evidence=lambda w: paper(), reason="示例已换"), **POST,
    ),
    Case("hazard-recheck", DECIDERS, of("mended_hazard")),
    Case(
        "hazard-recheck", DECIDERS, of("mended_hazard"),
        data=typed("mended_hazard", passed="yes"), **POST,
    ),
    Case("hazard-plate", DECIDERS, of("major_hazard")),
    Case("hazard-plate", DECIDERS, of("major_hazard"), data=typed("major_hazard", **PLATE), **POST),
    Case("hazard-delist", DECIDERS, of("cleared_hazard")),
    Case(
        "hazard-delist", DECIDERS, of("cleared_hazard"),
        data=typed("cleared_hazard", decision="示例合格", delisted_on="2026-11-05"), **POST,
    ),
    Case("hazard-withdraw", KEEPERS | DECIDERS, of()),
    Case(
        "hazard-withdraw", KEEPERS | DECIDERS, of(), data=typed("hazard", reason="示例选错"),
        # By whose organisation reported it, or the bureau.
        except_for={"inspector": 422, "town_officer": 422}, **POST,
    ),
    Case("hazard-slip", PRINTERS | FILERS, lambda w: [w.delisted_hazard.number, "delisting"]),
    Case("ledger", RETURN_READERS, strangers=200),
    # What is out of sight is said on the page that follows.
    Case(
        "ledger-take-in", DECIDERS, data=lambda w: {"number": w.hazard.number}, strangers=302, **POST
    ),
]  # fmt: skip
