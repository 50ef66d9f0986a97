"""Incidents that returns state beside the cases of the register: what stands on one side only."""

from __future__ import annotations

import datetime as dt
from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET

from accounts.access.guards import SignedInRequest, requires
from accounts.access.permissions import Permission
from accounts.access.scope import home_region
from reports.incidents import selectors
from safety.models import Incident


@require_GET
@requires(Permission.READ_INCIDENTS)
def returns(request: SignedInRequest) -> HttpResponse:
    """Of one month (`?month=2026-10`), without accounts; the newest with an incident without it."""
    months = selectors.months(request.user)
    month = _month(request, months)
    found = selectors.reconciled(request.user, month)
    context = {
        "region": home_region(request.user),
        "month": month,
        "months": months if month in months else [month, *months],
        "found": found,
        "stated": [(row, _case_from(row)) for row in found.stated],
        "may_keep": request.user.can(Permission.KEEP_SAFETY),
    }
    return render(request, "reports/incidents/returns.html", context)


def _month(request: SignedInRequest, months: list[dt.date]) -> dt.date:
    text = request.GET.get("month", "")
    try:
        return dt.date.fromisoformat(f"{text}-01")
    except ValueError:
        return months[0] if months else timezone.localdate().replace(day=1)


def _case_from(row: Incident) -> str:
    """The address that begins a case with what the return says of it."""
    asked = {
        "kindergarten": row.filing_version.filing.kindergarten.code,
        "day": row.occurred_on.isoformat(),
        "kind": row.kind,
        "children_hurt": row.children_hurt,
        "staff_hurt": row.staff_hurt,
    }
    return f"{reverse('incident-new')}?{urlencode(asked)}"
