"""整改台账: what is to be entered, what is in it, and how each stands."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from accounts.access.guards import SignedInRequest, requires
from accounts.access.permissions import Permission
from inspections.ledger import rules, selectors, services
from inspections.ledger.services import LedgerRefused
from safety.hazards import presenters

ROWS_PER_PAGE = 50
OFFERED, ENTERED = "offered", "entered"


@require_GET
@requires(Permission.READ_SAFETY)
def ledger(request: SignedInRequest) -> HttpResponse:
    today = timezone.localdate()
    offered, entries = selectors.offered(request.user), selectors.entries(request.user)
    shown = OFFERED if request.GET.get("tab") == OFFERED else ENTERED
    rows: Any = offered if shown == OFFERED else entries
    page = Paginator(rows, ROWS_PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "page_obj": page,
        "shown": shown,
        "tabs": [
            {"label": "已入账", "url": "?", "count": entries.count(), "active": shown == ENTERED},
            {
                "label": "待入账",
                "url": f"?tab={OFFERED}",
                "count": offered.count(),
                "active": shown == OFFERED,
            },
        ],
        "lines": [
            (row, presenters.line(row if shown == OFFERED else row.hazard, today)) for row in page
        ],
        "usual": (rules.USUAL_REQUIREMENT, rules.USUAL_RESPONSIBLE),
        "may_take_in": request.user.can(Permission.DECIDE_SAFETY),
    }
    return render(request, "inspections/ledger/ledger.html", context)


@require_POST
@requires(Permission.DECIDE_SAFETY)
def take_in(request: SignedInRequest) -> HttpResponse:
    """Enter every hazard whose number is ticked; one that is refused does not hold the others up."""
    numbers = request.POST.getlist("number")[:ROWS_PER_PAGE]
    now, taken = timezone.now(), 0
    for number in numbers:
        try:
            services.take_in(number=number, by=request.user, now=now)
            taken += 1
        except LedgerRefused as refusal:
            messages.error(request, f"{number}：{refusal}")
    if taken:
        messages.success(request, f"{taken}条已入账。")
    elif not numbers:
        messages.error(request, "没有勾选隐患。请先勾选要入账的。")
    return redirect("ledger")
