"""Weekly circulars: the list, a week as it stands now, issuing it, one that was issued."""

from __future__ import annotations

import datetime as dt

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from accounts.access.guards import SignedInRequest, requires
from accounts.access.home import home_of
from accounts.access.permissions import Permission
from accounts.models import Region
from safety.models import PatrolCircular
from safety.patrols import presenters
from safety.patrols.forms import IssueForm
from safety.patrols.rules import monday_of
from safety.patrols.services.circulars import issue_circular
from safety.patrols.services.refusal import PatrolRefused
from safety.patrols.views.looking_up import (
    is_of_kindergarten,
    own_county_of,
    refuse,
    tabs_of,
)
from safety.patrols.week import WEEK, week_figures

ROWS_PER_PAGE = 50
TITLE = "视频巡查周通报"


@require_GET
@requires(Permission.READ_SAFETY)
def circulars(request: SignedInRequest) -> HttpResponse:
    region = home_of(request)
    if is_of_kindergarten(request) or region.level > Region.Level.COUNTY:
        raise PermissionDenied("周通报涉及各乡镇街道的幼儿园，由区县和上级查看。")
    rows = PatrolCircular.objects.visible_to(request.user).select_related(
        "county", "issued_as__organisation", "corrects", "corrected_by"
    )
    page = Paginator(rows, ROWS_PER_PAGE).get_page(request.GET.get("page"))
    today = timezone.localdate()
    weeks = [monday_of(today) - dt.timedelta(days=7 * back) for back in range(5)]
    context = {
        "region": region,
        "tabs": tabs_of(request, "patrol-circulars"),
        "is_county": region.level == Region.Level.COUNTY,
        "page_obj": page,
        "rows": page.object_list,
        "weeks": [(monday, monday + WEEK) for monday in weeks],
    }
    return render(request, "safety/patrols/circulars.html", context)


@require_http_methods(["GET", "POST"])
@requires(Permission.READ_SAFETY)
def week(request: SignedInRequest, day: str) -> HttpResponse:
    """The week of a day as the county's patrols tell it now; posting issues it, or a correction."""
    county, now = own_county_of(request), timezone.now()
    monday = _monday(day, timezone.localdate(now))
    rows = PatrolCircular.objects.visible_to(request.user).filter(county=county, monday=monday)
    issued = rows.filter(corrected_by__isnull=True).first()
    form = IssueForm(request.POST if request.method == "POST" else None)
    may_issue = request.user.can(Permission.DECIDE_SAFETY)
    if request.method == "POST":
        if not may_issue:
            raise PermissionDenied("周通报由教育局经办人或领导签发。")
        form.fields["reason"].required = issued is not None
        if form.is_valid():
            try:
                made = issue_circular(
                    monday=monday, by=request.user, now=now, reason=form.cleaned_data["reason"]
                )
            except PatrolRefused as refusal:
                refuse(form, refusal)
            else:
                messages.success(request, f"{made}已签发，数据不再变动。")
                return redirect("patrol-circular", circular_id=made.pk)
    figures = week_figures(request.user, monday)
    context = {
        "title": TITLE,
        "county": county,
        "week": presenters.circular_words(figures),
        "form": form,
        "issued": issued,
        "differs": issued is not None and issued.figures != figures,
        "is_over": timezone.localdate(now) > monday + WEEK,
        "may_issue": may_issue,
        "crumbs": [*_crumbs(), {"label": "这一周"}],
    }
    status = 422 if form.errors else 200
    return render(request, "safety/patrols/week.html", context, status=status)


@require_GET
@requires(Permission.READ_SAFETY)
def circular(request: SignedInRequest, circular_id: int) -> HttpResponse:
    """As it was issued; corrections are led to."""
    rows = PatrolCircular.objects.visible_to(request.user).select_related(
        "county", "issued_as__organisation", "issued_as__user", "corrects", "corrected_by"
    )
    row = get_object_or_404(rows, pk=circular_id)
    is_county = home_of(request) == row.county
    stands = getattr(row, "corrected_by", None) is None
    context = {
        "title": TITLE,
        "county": row.county,
        "circular": row,
        "week": presenters.circular_words(row.figures),
        "is_county": is_county,
        # Who may correct it learns that it no longer says what the records say.
        "differs": is_county and stands and row.figures != week_figures(request.user, row.monday),
        "crumbs": [*_crumbs(), {"label": str(row)}],
    }
    return render(request, "safety/patrols/circular.html", context)


def _monday(text: str, today: dt.date) -> dt.date:
    try:
        day = dt.date.fromisoformat(text)
    except ValueError:
        raise Http404 from None
    if day > today or day.year < 2020:
        raise Http404
    return monday_of(day)


def _crumbs() -> list[dict[str, str]]:
    return [{"label": "周通报", "url": reverse("patrol-circulars")}]
