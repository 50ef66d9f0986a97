"""The list of procedures: whose turn it is, what is overdue, all."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from accounts.access.guards import SignedInRequest, requires
from accounts.access.permissions import Permission
from accounts.access.scope import home_region
from kindergartens.calendar.published import working_calendar
from kindergartens.groups.filtering import group_filter
from kindergartens.models import Kindergarten, Procedure
from kindergartens.procedures import policies, presenters, selectors
from kindergartens.procedures.kinds import all_kinds

ROWS_PER_PAGE = 50
LISTS = ("waiting", "overdue", "mine", "all")


@require_GET
@requires(Permission.READ_PROCEDURES)
def procedures(request: SignedInRequest) -> HttpResponse:
    """Mine to do, overdue, asked by me, all; with a filter by kind."""
    user = request.user
    today = timezone.localdate()
    groups = group_filter(request.GET, user, today)
    in_group = groups.of_kindergartens("kindergarten")
    visible = Procedure.objects.visible_to(user).filter(in_group)
    chosen = request.GET.get("list", "")
    acts = any(user.can(p) for p in (*policies.ASKERS, Permission.DECIDE_PROCEDURES))
    if chosen not in LISTS:
        chosen = "waiting" if acts else "all"
    rows = {
        "waiting": selectors.waiting_for(user).filter(in_group),
        "overdue": visible.overdue(today).order_by("due_on", "pk"),
        "mine": visible.filter(asked_as__user=user),
        "all": visible,
    }
    labels = {"waiting": "待我办", "overdue": "逾期", "mine": "我提出的", "all": "全部"}
    shown = LISTS if acts else ("overdue", "all")
    kind = request.GET.get("kind", "")
    found = rows[chosen]
    if kind in all_kinds():
        found = found.filter(kind=kind)
    page = Paginator(selectors.detailed(found), ROWS_PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "page_obj": page,
        "rows": presenters.list_rows(page, today),
        "tabs": [
            {
                "label": labels[name],
                "url": f"?list={name}&{groups.address}" if groups.chosen else f"?list={name}",
                "count": rows[name].count(),
                "active": name == chosen,
            }
            for name in shown
        ],
        "kinds": all_kinds().values(),
        "kind": kind,
        "groups": groups,
        "list": chosen,
        "may_ask": user.can(Permission.ASK_PROCEDURES),
        "own": _own(request),
        "sees_owed": user.acting is not None and not user.acting.is_of_kindergarten,
    }
    return render(request, "kindergartens/procedures/list.html", context)


def _own(request: SignedInRequest) -> Kindergarten | None:
    acting = request.user.acting
    if acting is None or not acting.is_of_kindergarten:
        return None
    return Kindergarten.objects.visible_to(request.user).first()


@require_GET
@requires(Permission.READ_PROCEDURES)
def periods(request: SignedInRequest) -> HttpResponse:
    """Every kind with its periods, what they stand on, and the number that holds in one's area."""
    region = home_region(request.user)
    context = {
        "region": region,
        "groups": presenters.kinds_by_group(region.code if region else "").items(),
        "notices": sorted(working_calendar().notices.items(), reverse=True)[:2],
    }
    return render(request, "kindergartens/procedures/periods.html", context)
