"""What kindergartens are to be staffed by: rows of documents, and the own county's."""

from __future__ import annotations

import hashlib
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.access.guards import SignedInRequest, requires
from accounts.access.permissions import Permission
from accounts.access.scope import home_region
from accounts.history.pages import history_response
from accounts.history.sentences import Subject
from accounts.models import Region
from kindergartens.models.demand import ancestors
from kindergartens.policies import NotAllowedNow
from reports.staffing import effects, presenters, services, words
from staffing.models import StaffingStandard
from staffing.standards.forms import NUMBERS, StandardForm
from staffing.standards.selectors import Standards
from staffing.standards.terms import Demand


@require_GET
@requires(Permission.READ_FIGURES)
def standards(request: SignedInRequest) -> HttpResponse:
    """Rows that hold where the person works; those in force first."""
    home = home_region(request.user)
    if home is None:
        raise Http404
    today = timezone.localdate()
    places, lookup = ancestors(home), Standards()
    used = {
        row.pk
        for half_day in (False, True)
        for row in lookup.of(places, today, half_day=half_day).values()
    }
    rows: list[Any] = list(
        StaffingStandard.objects.visible_to(request.user)
        .select_related("region")
        .order_by("demand", "day", "-valid_from", "pk")
    )
    lines = presenters.standard_lines(rows, used, today)
    keeps = request.user.can(Permission.MANAGE_REGISTRY) and home.level == Region.Level.COUNTY
    context = {
        "region": home,
        "used": [line for line in lines if line.used],
        "others": [line for line in lines if not line.used],
        "demands": [(demand.value, words.DEMANDS[demand]) for demand in Demand] if keeps else [],
        "own_county": home.pk if keeps else None,
        "may_read_history": request.user.can(Permission.READ_HISTORY),
        "today": today,
    }
    return render(request, "reports/staffing/standards.html", context)


@require_http_methods(["GET", "POST"])
@requires(Permission.MANAGE_REGISTRY)
def standard_new(request: SignedInRequest, demand: str) -> HttpResponse:
    """Another row of the own county: typed, previewed, then saved. It begins with what holds now."""
    county = home_region(request.user)
    if demand not in {one.value for one in Demand}:
        raise Http404
    if county is None or county.level != Region.Level.COUNTY:
        raise Http404
    asked = Demand(demand)
    posted = request.method == "POST"
    form = StandardForm(
        request.POST if posted else None,
        demand=asked,
        initial=_in_force(county, asked, request.GET.get("day", "")),
    )
    effect, seen = None, ""
    if posted and form.is_valid():
        standard = form.standard()
        standard.region = county
        now = timezone.now()
        # What differs from what was previewed is previewed again before it is saved.
        seen = _digest(form.cleaned_data)
        if request.POST.get("previewed") == seen:
            try:
                services.set_standard(standard=standard, by=request.user, now=now)
            except NotAllowedNow as refusal:
                form.add_error(None, str(refusal))
            else:
                messages.success(request, f"{standard}已保存，从起始日期起按它计算。")
                return redirect("staffing-standards")
        else:
            effect = effects.effect_of(standard, county, now)
    back = reverse("staffing-standards")
    title = f"设{county.name}的{words.DEMANDS[asked]}标准"
    context = {
        "form": form,
        "title": title,
        "crumbs": [
            {"label": "人员缺口", "url": reverse("staffing-gaps")},
            {"label": "配备标准", "url": back},
            {"label": title},
        ],
        "back": back,
        "previewed": "" if form.errors else seen,
        "effect": effect,
        "changes": presenters.effect_lines(effect) if effect else [],
    }
    return render(
        request, "reports/staffing/standard_form.html", context, status=422 if form.errors else 200
    )


def _in_force(county: Region, demand: Demand, day: str) -> dict[str, Any]:
    """The numbers that hold today, to begin with."""
    today, half_day = timezone.localdate(), day == StaffingStandard.Day.HALF
    row = Standards().of(ancestors(county), today, half_day=half_day).get(demand)
    begun: dict[str, Any] = {"day": StaffingStandard.Day.HALF} if half_day else {}
    return begun | ({name: getattr(row, name) for name in NUMBERS[demand]} if row else {})


def _digest(values: dict[str, Any]) -> str:
    told = sorted((name, str(value)) for name, value in values.items())
    return hashlib.sha256(repr(told).encode()).hexdigest()


@require_POST
@requires(Permission.MANAGE_REGISTRY)
def standard_end(request: SignedInRequest, row_id: int) -> HttpResponse:
    """Let a row of the own county end today."""
    row = get_object_or_404(StaffingStandard.objects.visible_to(request.user), pk=row_id)
    now = timezone.now()
    try:
        services.end_standard(row_id=row.pk, on=timezone.localdate(), by=request.user, now=now)
    except NotAllowedNow as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, "这条规定从今天起不再适用，以前的日期仍按它计算。")
    return redirect("staffing-standards")


@require_GET
@requires(Permission.READ_HISTORY)
def standards_history(request: SignedInRequest) -> HttpResponse:
    if not request.user.can(Permission.READ_FIGURES):
        raise PermissionDenied("您现在的岗位没有这项权限。")
    rows = StaffingStandard.objects.visible_to(request.user).values("pk")
    subjects = [Subject(StaffingStandard, rows, "配备标准", told_by=("demand", "day", "document"))]
    back = (reverse("staffing-standards"), "配备标准")
    return history_response(request, subjects, title="教职工配备标准", back=back)
