"""The roster: read where the kindergarten is, kept by it and by its county."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from itertools import count
from typing import Any

from kindergartens.stamps import stamp_of
from staffing.models import Certificate
from staffing.roster.services import CORRECTABLE, PERSON_FACTS
from tests.access.routes.case import (
    BUREAU,
    FRESH_POST,
    HISTORY_READERS,
    RETURN_READERS,
    Case,
    kindergarten,
)
from tests.access.routes.world import FILERS, World
from tests.staffing.roster.making import BORN_THERE, a_number, in_post

KEEPERS = BUREAU | FILERS
REASON = {"reason": "示例原因"}
POST: dict[str, Any] = {
    "full_time": "1", "establishment": "established", "started_on": "2024-09-01",
}  # fmt: skip
HIRED = POST | {
    "name": "示例新人", "identifier_type": "resident_id", "number": a_number(77),
    "education": "bachelor", "post": "childcare_worker",
}  # fmt: skip
# Several worlds stand in one database: the same number would be the same person.
SERIALS = count()


def furnish(world: World) -> None:
    officer = world.people["bureau_officer"].memberships.get()
    days, serial = divmod(next(SERIALS), 100)
    # Born on a day of their own: a test's own people have every serial.
    born = BORN_THERE + dt.timedelta(days=days + 1)
    world.staff_post = in_post(world.kindergarten, officer, serial, born)
    world.staff_paper = Certificate.objects.get(person=world.staff_post.person)
    world.second_kindergarten = world.small.kindergarten(world.town, "示例调入园")


def person(world: World) -> list[Any]:
    return [world.staff_post.person_id]


def post(world: World) -> list[Any]:
    return [world.staff_post.pk]


def paper(world: World) -> list[Any]:
    return [world.staff_paper.pk]


def contract(*before: Any) -> Callable[[World], list[Any]]:
    return lambda world: [*before, world.staff_post.contracts.get().pk]


def corrected_person(world: World) -> dict[str, Any]:
    member = world.staff_post.person
    member.refresh_from_db()
    # The number too: the one in the row may be a mark.
    typed = {
        "name": "示例在册", "identifier_type": "resident_id", "number": a_number(78),
        "education": "bachelor",
    }  # fmt: skip
    return typed | REASON | {"seen": stamp_of(member, PERSON_FACTS)}


def corrected_post(world: World) -> dict[str, Any]:
    world.staff_post.refresh_from_db()
    return POST | REASON | {"seen": stamp_of(world.staff_post, CORRECTABLE)}


CASES = [
    Case(
        "staff", RETURN_READERS, strangers=200,
        except_for=dict.fromkeys(FILERS, 302),
    ),
    Case(
        "staff-export", BUREAU | {"director"}, lambda w: ["xlsx"], strangers=200, fresh=True
    ),
    Case("kindergarten-staff", RETURN_READERS, kindergarten()),
    Case("staff-hire", KEEPERS, kindergarten()),
    Case(
        "staff-hire", KEEPERS, kindergarten(), method="post", data=lambda w: HIRED, status=302
    ),
    Case("staff-member", RETURN_READERS, person),
    Case("staff-correct", KEEPERS, person),
    Case("staff-correct", KEEPERS, person, method="post", data=corrected_person, status=302),
    Case("staff-number", BUREAU, person, fresh=True),
    Case(
        "staff-number", BUREAU, person, **FRESH_POST, data=lambda w: {"reason": "核对证件原件"}
    ),
    Case("staff-changes", RETURN_READERS - {"kindergarten_clerk"}, strangers=200),
    Case("staff-history", HISTORY_READERS, person),
    Case("certificate-new", KEEPERS, person),
    Case(
        "certificate-new", KEEPERS, person, method="post", status=302,
        data=lambda w: {
            "paper_kind": "nurse", "paper_number": "示例编号", "paper_issued_on": "2020-01-01",
        },
    ),
    Case("certificate-withdraw", KEEPERS, paper),
    Case("certificate-withdraw", KEEPERS, paper, method="post", data=lambda w: REASON, status=302),
    Case("staff-due", RETURN_READERS, strangers=200),
    Case("staff-found", BUREAU | {"bureau_leader", "director"}, strangers=200),
    Case("paper-new", KEEPERS, lambda w: [*person(w), "health"]),
    Case(
        "paper-new", KEEPERS, lambda w: [*person(w), "background"], method="post", status=302,
        data=lambda w: {
            "queried_on": "2026-11-01", "authority": "示例公安分局", "asked_by": "示例园长",
            "result": "clear", "appointment": w.staff_post.pk,
        },
    ),
    Case("papers-batch", KEEPERS, kindergarten("training")),
    Case(
        "papers-batch", KEEPERS, kindergarten("health"), method="post", status=302,
        data=lambda w: {
            "checked_on": "2026-11-01", "result": "fit", "hospital": "示例医院",
            "people": [w.staff_post.person_id],
        },
    ),
    Case("paper-withdraw", KEEPERS, contract("contract")),
    Case(
        "paper-withdraw", KEEPERS, contract("contract"), method="post", data=lambda w: REASON,
        status=302,
    ),
    Case("contract-file", KEEPERS, contract()),
    Case(
        "contract-file", KEEPERS, contract(), method="post", status=302,
        data=lambda w: {"filed_on": "2026-11-01"},
    ),
    Case("contract-end", KEEPERS, contract()),
    Case(
        "contract-end", KEEPERS, contract(), method="post", status=302,
        data=lambda w: {"last_day": "2026-11-01"},
    ),
    Case("insurance-end", KEEPERS, lambda w: [*person(w), w.kindergarten.code]),
    Case(
        "insurance-end", KEEPERS, lambda w: [*person(w), w.kindergarten.code], method="post",
        status=302, data=lambda w: {"last_day": "2026-11-01"},
    ),
    Case("post-correct", KEEPERS, post),
    Case("post-correct", KEEPERS, post, method="post", data=corrected_post, status=302),
    Case("post-end", KEEPERS, post),
    Case(
        "post-end", KEEPERS, post, method="post", status=302,
        data=lambda w: {"on": "2026-11-01", "end_reason": "resigned"},
    ),
    Case("post-transfer", BUREAU, post),
    Case(
        "post-transfer", BUREAU, post, method="post", status=302,
        data=lambda w: POST | {
            "to": w.second_kindergarten.code, "started_on": "2026-11-01",
            "post": "full_time_teacher",
        },
    ),
    Case("post-withdraw", KEEPERS, post),
    Case("post-withdraw", KEEPERS, post, method="post", data=lambda w: REASON, status=302),
]  # fmt: skip
