"""The rows in the database of each declared section (checks/sections)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils import timezone

from fees.models import Charge, FeeHours
from kindergartens.models import FilingVersion
from reports.filings.checks import SECTIONS, Part, PartReview
from reports.filings.checks.cells import typed_yuan
from reports.filings.checks.schedule import CHARGE, HOURS_AFTER, scheduled_for
from reports.filings.checks.sections.incidents import MONTH
from reports.filings.fee_schedules import schedule_of_filing
from safety.models import Incident, SafetyAnswer
from staffing.models import StaffCount


@dataclass(frozen=True)
class Store:
    """`related`: what a version calls its rows; `read` says them as typed, `write` keeps a review."""

    related: str
    read: Callable[[FilingVersion], Part]
    write: Callable[[FilingVersion, PartReview], None]


def read_parts(version: FilingVersion) -> dict[str, Part]:
    """What a version says in each section, as it was typed. A query a section, or none prefetched."""
    return {code: store.read(version) for code, store in STORES.items()}


def write_parts(version: FilingVersion, parts: Mapping[str, PartReview]) -> None:
    """Keep every section that was asked of a return that passed its checks."""
    for code, part in parts.items():
        STORES[code].write(version, part)


def as_typed(value: Any) -> str:
    """A kept value as it is typed; what was not asked is empty."""
    return "" if value is None else str(value)


def _read_staff(version: FilingVersion) -> Part:
    names = [one.name for one in SECTIONS["staff"].fields]
    return {
        row.post: {name: as_typed(getattr(row, name)) for name in names}
        for row in version.staff_counts.all()
    }


def _write_staff(version: FilingVersion, found: PartReview) -> None:
    StaffCount.objects.bulk_create(
        StaffCount(
            filing_version=version,
            post=post,
            **{name: cell.number for name, cell in cells.items()},
        )
        for post, cells in found.cells.items()
    )


def _read_safety(version: FilingVersion) -> Part:
    return {
        row.item: {
            "answer": row.answer,
            "account": row.account,
            "repair_by": as_typed(row.repair_by),
        }
        for row in version.safety_answers.all()
    }


def _write_safety(version: FilingVersion, found: PartReview) -> None:
    SafetyAnswer.objects.bulk_create(
        SafetyAnswer(
            filing_version=version,
            item=item,
            answer=found.text(item, "answer"),
            account=found.text(item, "account"),
            repair_by=found.text(item, "repair_by") or None,
        )
        for item in found.cells
    )


def _read_incidents(version: FilingVersion) -> Part:
    """None where the version was not asked: no row and no answer."""
    if version.incidents is None:
        return {}
    if version.incidents == 0:
        return {MONTH: {"none": "1"}}
    return {
        str(row.number): {
            "occurred_on": row.occurred_on.isoformat(),
            "kind": row.kind,
            "children_hurt": str(row.children_hurt),
            "staff_hurt": str(row.staff_hurt),
            "account": row.account,
            "reported_at": f"{timezone.localtime(row.reported_at):%Y-%m-%dT%H:%M}",
        }
        for row in version.incident_rows.all()
    }


def _write_incidents(version: FilingVersion, found: PartReview) -> None:
    Incident.objects.bulk_create(
        Incident(
            filing_version=version,
            number=int(row),
            occurred_on=cells["occurred_on"].raw,
            kind=cells["kind"].raw,
            children_hurt=cells["children_hurt"].number,
            staff_hurt=cells["staff_hurt"].number,
            account=cells["account"].raw,
            reported_at=timezone.make_aware(dt.datetime.fromisoformat(cells["reported_at"].raw)),
        )
        for row, cells in found.cells.items()
        if row != MONTH
    )


def count_incidents(parts: Mapping[str, PartReview]) -> int | None:
    """How many there were in the month; 0 is 本月无, None of a month that is not asked."""
    found = parts.get("incidents")
    return None if found is None else sum(row != MONTH for row in found.cells)


def _read_charges(version: FilingVersion) -> Part:
    return {
        str(row.position): {
            "item": row.item,
            "name": row.name,
            "scope": row.scope
            if row.hours == FeeHours.ANY
            else f"{row.scope}{HOURS_AFTER}{row.hours}",
            "unit": row.unit,
            "amount": typed_yuan(int(row.amount * 100)),
            "payers": str(row.payers),
            **_said(row, "periods", "prepaid"),
        }
        for row in version.charges.all()
    }


def _said(row: Charge, *names: str) -> dict[str, str]:
    """What was not asked when the version was submitted, or not said, is no cell of it."""
    return {name: str(getattr(row, name)) for name in names if getattr(row, name) is not None}


def _write_charges(version: FilingVersion, found: PartReview) -> None:
    schedule = schedule_of_filing(version.filing) if found.cells else ()
    rows = []
    for row, cells in found.cells.items():
        charge = {name: cells[name].raw for name in CHARGE}
        scope, _, hours = charge["scope"].partition(HOURS_AFTER)
        line = scheduled_for(charge, schedule)
        rows.append(
            Charge(
                filing_version=version,
                position=int(row),
                **charge | {"scope": scope, "hours": hours or FeeHours.ANY},
                amount=Decimal(cells["amount"].number) / 100,
                payers=cells["payers"].number,
                periods=cells["periods"].value,
                prepaid=cells["prepaid"].value,
                scheduled=None if line is None else Decimal(line.fen) / 100,
                published=None if line is None else line.published,
            )
        )
    Charge.objects.bulk_create(rows)


STORES: Mapping[str, Store] = {
    "staff": Store("staff_counts", _read_staff, _write_staff),
    "charges": Store("charges", _read_charges, _write_charges),
    "safety": Store("safety_answers", _read_safety, _write_safety),
    "incidents": Store("incident_rows", _read_incidents, _write_incidents),
}
# What a version is read with, in as many queries.
ROWS = ("classes", *(store.related for store in STORES.values()))
