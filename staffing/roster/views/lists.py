"""The roster of an area and of one kindergarten."""

from __future__ import annotations

from dataclasses import replace

from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_GET

from accounts.access.guards import SignedInRequest, requires
from accounts.access.permissions import Permission
from accounts.access.scope import home_region
from accounts.models import Region
from accounts.releases.pages import release_response
from accounts.sign_in.fresh import fresh_authentication
from kindergartens.models import Kindergarten
from kindergartens.selectors import licensed_and_running
from staffing.models import Establishment, Post
from staffing.papers.kinds import KINDS
from staffing.roster import selectors
from staffing.roster.presenters import staff_rows
from staffing.roster.resources import STAFF
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


@require_GET
@requires(Permission.EXPORT_PERSONS)
@fresh_authentication
def staff_export(request: SignedInRequest, ending: str) -> HttpResponseBase:
    """The list with its filters; one of many persons is asked for instead."""
    if not request.user.can(STAFF.permission):
        raise PermissionDenied("您现在的岗位没有这项权限。")
    return release_response(request, STAFF, ending)


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
        # The list of one kindergarten is the whole list narrowed to it.
        "export_query": urlencode(asked.as_dict()),
        "may_export": request.user.can(Permission.EXPORT_PERSONS),
        "may_import": request.user.can(Permission.IMPORT_TABLES),
        "is_published": kindergarten is not None
        and Kindergarten.objects.visible_to(request.user)
        .filter(licensed_and_running(today), pk=kindergarten.pk)
        .exists(),
        "sees_changes": request.user.can(Permission.READ_PROCEDURES),
        "may_keep": request.user.can(Permission.KEEP_STAFF),
        "batches": [kind for kind in KINDS.values() if kind.may_record(request.user)],
    }
    return render(request, "staffing/roster.html", context)
