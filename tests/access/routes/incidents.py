"""Cases of incidents: counts for those who read the register, accounts for few."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.utils import timezone

from safety.models import IncidentLimit
from tests.access.routes.case import BUREAU, READERS, Case
from tests.access.routes.world import FILERS, World
from tests.registers import a_case, a_finding

COUNTING = READERS - {"department_officer"} | FILERS
DECIDERS = frozenset({"bureau_officer", "bureau_leader"})
READING = DECIDERS | {"director"}
KEEPING = frozenset({"bureau_officer", "director"})
# May keep the register of safety, but reads no account: the case is not there for them.
NO_ACCOUNTS = {"inspector": 404, "town_officer": 404, "kindergarten_clerk": 404}
KEEPERS = KEEPING | NO_ACCOUNTS.keys()
PROGRESS = READERS - {"department_officer"}
LIMIT = {
    "step": "parents", "kind": "", "minutes": "60", "document": "示例文件",
    "valid_from": "2026-09-01",
}  # fmt: skip
CASE = {
    "kind": "injury", "occurred_at": "2026-11-04T10:00", "place": "示例操场", "harm": "slight",
    "children_hurt": "1", "children_dead": "0", "staff_hurt": "0", "staff_dead": "0",
    "concerns_children": "on", "account": "示例跌倒", "measures": "示例送医",
}  # fmt: skip


def furnish(world: World) -> None:
    director = world.people["director"].memberships.get()
    other = world.small.officer(world.small.county, "bureau_officer").memberships.get()
    world.incident = a_case(world.kindergarten, director, final_by=other)
    world.incident_finding = a_finding(world.incident, other)
    world.spare_incident = a_case(world.kindergarten, director)
    world.closed_incident = a_case(world.kindergarten, director, final_by=other)
    closer = world.people["bureau_leader"].memberships.get()
    case = world.closed_incident
    case.closed_as, case.closed_at, case.closing_note = closer, case.entered_at, "示例意见"
    case.save()
    world.incident_limit = IncidentLimit.objects.create(
        region=world.small.county, step="first_report", minutes=60, document="示例文件",
        valid_from=dt.date(2026, 9, 1),
    )  # fmt: skip


def one(world: World) -> list[Any]:
    return [world.incident.number]


def limit(world: World) -> list[Any]:
    return [world.incident_limit.pk]


def correction(world: World) -> dict[str, Any]:
    from safety.incidents.services import JUDGED_BY

    case = world.incident
    times = {
        name: f"{timezone.localtime(getattr(case, name)):%Y-%m-%dT%H:%M}" for name in JUDGED_BY
    }
    told = CASE | times | {"reported_to": ["education"], "reason": "示例原因"}
    return told | seen(case)


def seen(case: Any) -> dict[str, str]:
    """As the case's forms carry it."""
    from kindergartens.stamps import stamp_of
    from safety.incidents.services import SAID

    case.refresh_from_db()
    return {"seen": stamp_of(case, SAID)}


def closing(world: World) -> dict[str, Any]:
    return {"note": "示例意见"} | seen(world.incident)


def limit_correction(world: World) -> dict[str, Any]:
    from kindergartens.stamps import stamp_of
    from safety.incidents.limits import LIMIT as KIND

    return {
        "minutes": "30", "document": "示例文件", "valid_from": "2026-09-01", "valid_to": "",
        "reason": "示例原因", "seen": stamp_of(world.incident_limit, KIND.corrected),
    }  # fmt: skip


POSTED: dict[str, Any] = {"method": "post", "status": 302}
REASON = {"reason": "示例原因"}
CASES = [
    Case("incident-returns", READING, strangers=200),
    Case("incidents", COUNTING, strangers=200),
    Case("incidents-export", DECIDERS, lambda w: ["xlsx"], strangers=200),
    Case("incident-new", KEEPING, strangers=200),
    # Left empty: filled in, a director's is of the own kindergarten, and so goes in anywhere.
    Case("incident-new", KEEPING, data=lambda w: {"place": "示例"}, method="post", status=422, strangers=422),
    Case("incident-limits", PROGRESS, strangers=200),
    Case("incident-limits-history", PROGRESS, strangers=200),
    Case("incident-limit-new", BUREAU, strangers=200),
    Case("incident-limit-new", BUREAU, data=lambda w: LIMIT, strangers=302, **POSTED),
    Case("incident-limit-correct", BUREAU, limit),
    Case("incident-limit-correct", BUREAU, limit, data=limit_correction, **POSTED),
    Case("incident-limit-end", BUREAU, limit),
    Case(
        "incident-limit-end", BUREAU, limit, data=lambda w: REASON | {"on": "2026-12-01"}, **POSTED
    ),
    Case("incident-finding-withdraw", DECIDERS, lambda w: [w.incident_finding.pk]),
    Case(
        "incident-finding-withdraw", DECIDERS, lambda w: [w.incident_finding.pk],
        data=lambda w: REASON, **POSTED,
    ),
    Case("incident", READING, one),
    Case("incident-correct", KEEPERS, one, except_for=NO_ACCOUNTS),
    Case("incident-correct", KEEPERS, one, data=correction, except_for=NO_ACCOUNTS, **POSTED),
    Case("incident-report", KEEPERS, one, except_for=NO_ACCOUNTS),
    Case(
        "incident-report", KEEPERS, one, except_for=NO_ACCOUNTS,
        data=lambda w: {"kind": "final", "reported_at": "2026-11-05T10:00", "text": "示例"}, **POSTED,
    ),
    Case("incident-close", DECIDERS, one),
    Case("incident-close", DECIDERS, one, data=closing, **POSTED),
    Case("incident-supplement", KEEPERS, lambda w: [w.closed_incident.number],
         except_for=NO_ACCOUNTS),
    Case(
        "incident-supplement", KEEPERS, lambda w: [w.closed_incident.number],
        except_for=NO_ACCOUNTS, data=lambda w: REASON | {"text": "示例更正"}, **POSTED,
    ),
    Case("incident-withdraw", DECIDERS, lambda w: [w.spare_incident.number]),
    Case(
        "incident-withdraw", DECIDERS, lambda w: [w.spare_incident.number],
        data=lambda w: REASON | seen(w.spare_incident), **POSTED,
    ),
    Case("incident-finding-new", DECIDERS, one),
    Case(
        "incident-finding-new", DECIDERS, one, **POSTED,
        data=lambda w: {
            "nature": "accident", "document": "示例文件", "decided_on": "2026-11-05",
        } | seen(w.incident),
    ),
    Case("incident-history", READING, one),
]  # fmt: skip
