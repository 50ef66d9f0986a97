"""The roster of an area and of one kindergarten."""

from __future__ import annotations

from dataclasses import replace

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET

from accounts.access.guards import SignedInRequest, requires
from accounts.access.permissions import Permission
from accounts.access.scope import home_region
from accounts.models import Region
from kindergartens.models import Kindergarten
from staffing.models import Establishment, Post
from staffing.papers.kinds import KINDS
from staffing.roster import selectors
from staffing.roster.presenters import staff_rows
from staffing.roster.selectors import CERTIFIED, STATES, StaffFilter
from staffing.roster.views.finding import kindergarten_of

ROWS_PER_PAGE = 50


@require_GET
@requires(Permission.READ_STAFF)
def staff_list(request: SignedInRequest) -> HttpResponse:
    """Everybody in the area; whoever works in a kindergarten is led to its own roster."""
    acting = request.user.acting
    if acting is not None and acting.is_of_kindergarten:
        own = Kindergarten.objects.visible_to(request.user).get()
        return redirect("kindergarten-staff", code=own.code)
    return _page(request, StaffFilter.from_query(request.GET), None)


@require_GET
@requires(Permission.READ_STAFF)
def kindergarten_staff(request: SignedInRequest, code: str) -> HttpResponse:
    kindergarten = kindergarten_of(request, code)
    asked = StaffFilter.from_query(request.GET)
    return _page(request, replace(asked, kindergarten=kindergarten.code, region=""), kindergarten)


def _page(
    request: SignedInRequest, asked: StaffFilter, kindergarten: Kindergarten | None
) -> HttpResponse:
    today = timezone.localdate()
    region = home_region(request.user)
    rows = selectors.roster(request.user, asked, today)
    page = Paginator(rows, ROWS_PER_PAGE).get_page(request.GET.get("page"))
    shown = replace(asked, kindergarten="") if kindergarten else asked
    context = {
        "kindergarten": kindergarten,
        "region": region,
        "shows_county": region is not None and region.level < Region.Level.COUNTY,
        "asked": shown,
        "today": today,
        "page_obj": page,
        "rows": staff_rows(page.object_list, today),
        "sums": selectors.sums(request.user, asked, today) if asked.state == "" else None,
        "regions": [] if kindergarten else selectors.regions_with_staff(request.user),
        "posts": Post.choices,
        "establishments": Establishment.choices,
        "certified": CERTIFIED.items(),
        "states": STATES.items(),
        "sees_changes": request.user.can(Permission.READ_PROCEDURES),
        "may_keep": request.user.can(Permission.KEEP_STAFF),
        "batches": [kind for kind in KINDS.values() if kind.may_record(request.user)],
    }
    return render(request, "staffing/roster.html", context)
