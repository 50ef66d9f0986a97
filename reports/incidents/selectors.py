"""A month's incidents as returns state them beside the cases of the register."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, F, OuterRef
from django.db.models.functions import TruncMonth
from django.utils import timezone

from accounts.models import User
from kindergartens.models import MonthlyFiling
from safety.incidents.rules import Told, unmatched
from safety.models import Incident, IncidentCase


@dataclass(frozen=True)
class Reconciled:
    """`stated`: incidents of a return without a case; `cases`: those no return states.

    A case has `filed`, whether its kindergarten's return of the month was ever submitted.
    """

    stated: list[Any]
    cases: list[Any]
    agreeing: int


def reconciled(user: User, month: dt.date) -> Reconciled:
    """Of the kindergartens whose accounts the person may read, by their newest versions. Two queries."""
    stated = {
        row.pk: row
        for row in Incident.objects.visible_to(user)
        .filter(
            filing_version__filing__month=month,
            filing_version__version=F("filing_version__filing__version"),
        )
        .select_related("filing_version__filing__kindergarten__organisation__region")
        .order_by("occurred_on", "pk")
    }
    cases = {
        row.pk: row
        for row in _of_month(user, month)
        .annotate(
            filed=Exists(
                MonthlyFiling.objects.visible_to(user).filter(
                    kindergarten=OuterRef("kindergarten"), month=month, version__gt=0
                )
            )
        )
        .select_related("kindergarten__organisation__region")
        .order_by("occurred_at", "pk")
    }
    left, right = unmatched(
        [
            Told(pk, row.filing_version.filing.kindergarten_id, row.occurred_on, row.kind)
            for pk, row in stated.items()
        ],
        [
            Told(pk, row.kindergarten_id, timezone.localdate(row.occurred_at), row.kind)
            for pk, row in cases.items()
        ],
    )
    return Reconciled(
        _chosen(stated, left), _chosen(cases, right), agreeing=len(stated) - len(left)
    )


def months(user: User) -> list[dt.date]:
    """Months with an incident that a return states or a case tells of, the newest first."""
    of_returns = (
        Incident.objects.visible_to(user)
        .order_by()
        .values_list("filing_version__filing__month", flat=True)
        .distinct()
    )
    of_cases = (
        IncidentCase.objects.visible_to(user)
        .standing()
        .order_by()
        .values_list(TruncMonth("occurred_at"), flat=True)
        .distinct()
    )
    found = {*of_returns, *(timezone.localdate(at) for at in of_cases)}
    return sorted(found, reverse=True)


def _of_month(user: User, month: dt.date) -> Any:
    rows = IncidentCase.objects.visible_to(user).standing()
    return rows.filter(occurred_at__year=month.year, occurred_at__month=month.month)


def _chosen(rows: Mapping[int, Any], keys: list[int]) -> list[Any]:
    return [rows[key] for key in keys]
