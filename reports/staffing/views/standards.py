"""What kindergartens are to be staffed by: rows of documents, and the own county's."""

from __future__ import annotations

import hashlib
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from accounts.access.guards import SignedInRequest, requires
from accounts.access.home import county_of, home_of
from accounts.access.permissions import Permission
from accounts.access.scope import home_region
from accounts.formatting import zhdate
from accounts.history.pages import history_response
from accounts.history.sentences import Subject
from accounts.models import Region
from kindergartens.models.demand import ancestors
from kindergartens.stamps import stamp_of
from reports.staffing import effects, presenters, services, words
from staffing.models import StaffingStandard
from staffing.standards.forms import (
    StandardCorrectionForm,
    StandardEndForm,
    StandardForm,
)
from staffing.standards.selectors import Standards, asks_for_less
from staffing.standards.services import (
    StandardRefused,
    check_new,
    corrected,
    correction_problem,
    first_day_open,
)
from staffing.standards.terms import NUMBERS, Demand
from staffing.standards.words import terms_text


@require_GET
@requires(Permission.READ_FIGURES)
def standards(request: SignedInRequest) -> HttpResponse:
    """Rows that hold where the person works; those in force first."""
    home = home_of(request)
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
    keeps = request.user.can(Permission.MANAGE_REGISTRY) and home.level == Region.Level.COUNTY
    open_from = first_day_open(home, timezone.now()) if keeps else None
    lines = presenters.standard_lines(rows, used, lookup, today, open_from)
    context = {
        "region": home,
        "used": [line for line in lines if line.used],
        "others": [line for line in lines if not line.used],
        "demands": [(demand.value, words.DEMANDS[demand]) for demand in NUMBERS] if keeps else [],
        "own_county": home.pk if keeps else None,
        "open_from": open_from,
        "may_read_history": request.user.can(Permission.READ_HISTORY),
        "today": today,
    }
    return render(request, "reports/staffing/standards.html", context)


@require_http_methods(["GET", "POST"])
@requires(Permission.MANAGE_REGISTRY)
def standard_new(request: SignedInRequest, demand: str) -> HttpResponse:
    """Another row of the own county: typed, previewed, then saved. It begins with what holds now."""
    county = home_region(request.user)
    if demand not in {one.value for one in NUMBERS}:
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
    context: dict[str, Any] = {}
    if posted and form.is_valid():
        standard = form.standard()
        standard.region = county
        now = timezone.now()
        # What differs from what was previewed is previewed again before it is saved.
        seen = _digest(form.cleaned_data)
        try:
            check_new(standard, now)
            if request.POST.get("previewed") == seen:
                services.set_standard(standard=standard, by=request.user, now=now)
                return _done(request, f"{standard}已保存，从起始日期起按它计算。")
        except StandardRefused as refusal:
            form.add_error(refusal.field or None, str(refusal))
        else:
            effect = effects.effect_of(standard, county, now)
            context = {
                "previewed": seen,
                "effect": effect,
                "changes": presenters.effect_lines(effect) if effect else [],
                "less": asks_for_less(standard, Standards(), timezone.localdate(now)),
            }
    title = f"设{county.name}的{words.DEMANDS[asked]}标准"
    return _form(request, "reports/staffing/standard_form.html", form, title, **context)


def _done(request: SignedInRequest, text: str) -> HttpResponse:
    messages.success(request, text)
    return redirect("staffing-standards")


def _form(
    request: SignedInRequest, template: str, form: forms.Form, title: str, **more: Any
) -> HttpResponse:
    back = reverse("staffing-standards")
    crumbs = [
        {"label": "人员缺口", "url": reverse("staffing-gaps")},
        {"label": "配备标准", "url": back},
        {"label": title},
    ]
    context = {"form": form, "title": title, "crumbs": crumbs, "back": back} | more
    return render(request, template, context, status=422 if form.errors else 200)


def _in_force(county: Region, demand: Demand, day: str) -> dict[str, Any]:
    """The numbers that hold today, to begin with."""
    today, half_day = timezone.localdate(), day == StaffingStandard.Day.HALF
    row = Standards().of(ancestors(county), today, half_day=half_day).get(demand)
    begun: dict[str, Any] = {"day": StaffingStandard.Day.HALF} if half_day else {}
    return begun | ({name: getattr(row, name) for name in NUMBERS[demand]} if row else {})


def _digest(values: dict[str, Any]) -> str:
    told = sorted((name, str(value)) for name, value in values.items())
    return hashlib.sha256(repr(told).encode()).hexdigest()


def _own_row(request: SignedInRequest, row_id: int) -> StaffingStandard:
    """Of the own county; those of the places above are read only."""
    home = county_of(request)
    rows: Any = StaffingStandard.objects.select_related("region")
    row: StaffingStandard = get_object_or_404(rows, pk=row_id, region=home)
    return row


@require_http_methods(["GET", "POST"])
@requires(Permission.MANAGE_REGISTRY)
def standard_correct(request: SignedInRequest, row_id: int) -> HttpResponse:
    """Put a row right that was typed wrongly and by which no locked month was judged."""
    row, now = _own_row(request, row_id), timezone.now()
    county: Any = row.region
    problem = correction_problem(row, first_day_open(county, now))
    if problem:
        messages.error(request, problem)
        return redirect("staffing-standards")
    demand = Demand(row.demand)
    names = corrected(demand)
    form = StandardCorrectionForm(
        request.POST if request.method == "POST" else None,
        demand=demand,
        initial={name: getattr(row, name) for name in names} | {"seen": stamp_of(row, names)},
    )
    if request.method == "POST" and form.is_valid():
        try:
            services.correct_standard(
                row_id=row.pk,
                values={name: form.cleaned_data[name] for name in names},
                reason=form.cleaned_data["reason"],
                seen=form.cleaned_data["seen"],
                by=request.user,
                now=now,
            )
        except StandardRefused as refusal:
            form.add_error(refusal.field or None, str(refusal))
        else:
            return _done(request, f"{row}已更正，没有锁定的月份按更正后的判定。")
    return _form(request, "kindergartens/form.html", form, f"更正{row}标准", sub=_told(row))


@require_http_methods(["GET", "POST"])
@requires(Permission.MANAGE_REGISTRY)
def standard_end(request: SignedInRequest, row_id: int) -> HttpResponse:
    """Let a row of the own county end on a day, for a reason."""
    row, now = _own_row(request, row_id), timezone.now()
    form = StandardEndForm(
        request.POST if request.method == "POST" else None,
        initial={"on": timezone.localdate(now)},
    )
    if request.method == "POST" and form.is_valid():
        try:
            services.end_standard(row_id=row.pk, by=request.user, now=now, **form.cleaned_data)
        except StandardRefused as refusal:
            form.add_error(refusal.field or None, str(refusal))
        else:
            return _done(request, f"{row}已截止，从那天起按上级的规定算。")
    title = f"截止{row}标准"
    return _form(request, "kindergartens/form.html", form, title, sub=_told(row), submit="截止")


def _told(row: StaffingStandard) -> str:
    since = f"，{zhdate(row.valid_from)}起" if row.valid_from else ""
    return f"{terms_text(Demand(row.demand), row.terms)}，{row.basis}{since}。"


@require_GET
@requires(Permission.READ_HISTORY)
def standards_history(request: SignedInRequest) -> HttpResponse:
    if not request.user.can(Permission.READ_FIGURES):
        raise PermissionDenied("您现在的岗位没有这项权限。")
    rows = StaffingStandard.objects.visible_to(request.user).values("pk")
    subjects = [Subject(StaffingStandard, rows, "配备标准", told_by=("demand", "day", "document"))]
    back = (reverse("staffing-standards"), "配备标准")
    return history_response(request, subjects, title="教职工配备标准", back=back)
