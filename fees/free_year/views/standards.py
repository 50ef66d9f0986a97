"""The public standard of a place (公办园标准) and the months it pays for, by day."""

from __future__ import annotations

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
from accounts.access.permissions import Permission
from accounts.access.scope import home_region
from accounts.formatting import quantity, zhdate
from accounts.history.pages import history_response
from accounts.history.sentences import Subject
from accounts.models import Region
from fees.free_year.forms import StandardCorrectionForm, StandardEndForm, StandardForm
from fees.free_year.services import standards as services
from fees.models import FreeYearStandard
from fees.services import FeeRefused
from kindergartens.models.demand import ancestors
from kindergartens.stamps import stamp_of

TITLE = "免保教费标准"


def _home(request: SignedInRequest) -> Region:
    home = home_region(request.user)
    if home is None:
        raise Http404
    return home


def _own_row(request: SignedInRequest, standard_id: int) -> FreeYearStandard:
    """Of the own county; those of the places above are read only."""
    return get_object_or_404(FreeYearStandard, pk=standard_id, region=_home(request))


@require_GET
@requires(Permission.READ_PROGRESS)
def standards(request: SignedInRequest) -> HttpResponse:
    """Those of the own place and of the places above it, the newest of each first."""
    home = _home(request)
    rows = (
        FreeYearStandard.objects.filter(region__in=ancestors(home))
        .select_related("region")
        .order_by("-region__level", "hours", "-valid_from")
    )
    context = {
        "region": home,
        "rows": rows,
        "today": timezone.localdate(),
        "keeps": request.user.can(Permission.MANAGE_REGISTRY) and home.level == Region.Level.COUNTY,
        "may_read_history": request.user.can(Permission.READ_HISTORY),
    }
    return render(request, "fees/free_year/standards.html", context)


@require_http_methods(["GET", "POST"])
@requires(Permission.MANAGE_REGISTRY)
def standard_new(request: SignedInRequest) -> HttpResponse:
    if _home(request).level != Region.Level.COUNTY:
        raise Http404
    form = StandardForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            standard = services.set_standard(
                by=request.user, today=timezone.localdate(), **form.cleaned_data
            )
        except FeeRefused as refusal:
            form.add_error(refusal.field or None, str(refusal))
        else:
            return _done(
                request,
                f"公办园标准{quantity(standard.yuan_per_month)}元/月已登记，"
                f"{zhdate(standard.valid_from)}起执行。",
            )
    return _form(request, form, "登记免保教费标准")


@require_http_methods(["GET", "POST"])
@requires(Permission.MANAGE_REGISTRY)
def standard_correct(request: SignedInRequest, standard_id: int) -> HttpResponse:
    row = _own_row(request, standard_id)
    initial = {name: getattr(row, name) for name in services.CORRECTED}
    form = StandardCorrectionForm(
        request.POST if request.method == "POST" else None,
        initial=initial | {"seen": stamp_of(row, services.CORRECTED)},
    )
    if request.method == "POST" and form.is_valid():
        try:
            services.correct_standard(
                standard_id=row.pk,
                values={name: form.cleaned_data[name] for name in services.CORRECTED},
                reason=form.cleaned_data["reason"],
                seen=form.cleaned_data["seen"],
                by=request.user,
                today=timezone.localdate(),
            )
        except FeeRefused as refusal:
            form.add_error(refusal.field or None, str(refusal))
        else:
            return _done(request, "已更正，这条标准有效的月份都按更正后的算。")
    return _form(request, form, "更正免保教费标准", row)


@require_http_methods(["GET", "POST"])
@requires(Permission.MANAGE_REGISTRY)
def standard_end(request: SignedInRequest, standard_id: int) -> HttpResponse:
    row = _own_row(request, standard_id)
    form = StandardEndForm(
        request.POST if request.method == "POST" else None, initial={"on": timezone.localdate()}
    )
    if request.method == "POST" and form.is_valid():
        try:
            services.end_standard(standard_id=row.pk, by=request.user, **form.cleaned_data)
        except FeeRefused as refusal:
            form.add_error("on", str(refusal))
        else:
            return _done(request, "这条标准已截止，上级有标准的按上级的算。")
    return _form(request, form, "截止免保教费标准", row)


@require_GET
@requires(Permission.READ_HISTORY)
def standards_history(request: SignedInRequest) -> HttpResponse:
    if not request.user.can(Permission.READ_PROGRESS):
        raise PermissionDenied("您现在的岗位没有这项权限。")
    rows = FreeYearStandard.objects.filter(region__in=ancestors(_home(request))).values("pk")
    subjects = [Subject(FreeYearStandard, rows, TITLE, told_by=("hours", "document"))]
    back = (reverse("free-year-standards"), TITLE)
    return history_response(request, subjects, title=TITLE, back=back)


def _done(request: SignedInRequest, text: str) -> HttpResponse:
    messages.success(request, text)
    return redirect("free-year-standards")


def _form(
    request: SignedInRequest, form: forms.Form, title: str, row: FreeYearStandard | None = None
) -> HttpResponse:
    back = reverse("free-year-standards")
    crumbs = [
        {"label": "学前一年免保教费", "url": reverse("free-year")},
        {"label": TITLE, "url": back},
        {"label": title},
    ]
    context: dict[str, Any] = {"form": form, "title": title, "crumbs": crumbs, "back": back}
    if row is not None:
        context["sub"] = (
            f"{quantity(row.yuan_per_month)}元/月，{zhdate(row.valid_from)}起，{row.document}。"
        )
    return render(request, "kindergartens/form.html", context, status=422 if form.errors else 200)
