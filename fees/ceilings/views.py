"""The most that may be charged for care and education (最高限价), by class and day."""

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
from fees.ceilings import services
from fees.ceilings.forms import CeilingCorrectionForm, CeilingEndForm, CeilingForm
from fees.models import FeeCeiling
from kindergartens.dated.services import RowRefused
from kindergartens.models.demand import ancestors
from kindergartens.stamps import stamp_of

TITLE = "保教费最高限价"


def _home(request: SignedInRequest) -> Region:
    home = home_region(request.user)
    if home is None:
        raise Http404
    return home


def _own_row(request: SignedInRequest, ceiling_id: int) -> FeeCeiling:
    """Of the own county; those of the places above are read only."""
    return get_object_or_404(FeeCeiling, pk=ceiling_id, region=_home(request))


@require_GET
@requires(Permission.READ_PROGRESS)
def ceilings(request: SignedInRequest) -> HttpResponse:
    """Those of the own place and of the places above it, the newest of each class first."""
    home = _home(request)
    rows = (
        FeeCeiling.objects.filter(region__in=ancestors(home))
        .select_related("region")
        .order_by("-region__level", "scope", "-valid_from")
    )
    context = {
        "region": home,
        "rows": rows,
        "today": timezone.localdate(),
        "keeps": request.user.can(Permission.MANAGE_REGISTRY) and home.level == Region.Level.COUNTY,
        "may_read_history": request.user.can(Permission.READ_HISTORY),
    }
    return render(request, "fees/ceilings.html", context)


@require_http_methods(["GET", "POST"])
@requires(Permission.MANAGE_REGISTRY)
def ceiling_new(request: SignedInRequest) -> HttpResponse:
    if _home(request).level != Region.Level.COUNTY:
        raise Http404
    form = CeilingForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            ceiling = services.set_ceiling(
                by=request.user, today=timezone.localdate(), **form.cleaned_data
            )
        except RowRefused as refusal:
            form.add_error(refusal.field or None, str(refusal))
        else:
            return _done(
                request,
                f"{ceiling.get_scope_display()}限价{quantity(ceiling.yuan_per_month)}元/月已登记，"
                f"{zhdate(ceiling.valid_from)}起执行。",
            )
    return _form(request, form, "登记最高限价")


@require_http_methods(["GET", "POST"])
@requires(Permission.MANAGE_REGISTRY)
def ceiling_correct(request: SignedInRequest, ceiling_id: int) -> HttpResponse:
    row = _own_row(request, ceiling_id)
    initial = {name: getattr(row, name) for name in services.CORRECTED}
    form = CeilingCorrectionForm(
        request.POST if request.method == "POST" else None,
        initial=initial | {"seen": stamp_of(row, services.CORRECTED)},
    )
    if request.method == "POST" and form.is_valid():
        try:
            services.correct_ceiling(
                ceiling_id=row.pk,
                values={name: form.cleaned_data[name] for name in services.CORRECTED},
                reason=form.cleaned_data["reason"],
                seen=form.cleaned_data["seen"],
                by=request.user,
                today=timezone.localdate(),
            )
        except RowRefused as refusal:
            form.add_error(refusal.field or None, str(refusal))
        else:
            return _done(request, "已更正，这条限价有效的月份都按更正后的核查。")
    return _form(request, form, f"更正{row.get_scope_display()}限价", row)


@require_http_methods(["GET", "POST"])
@requires(Permission.MANAGE_REGISTRY)
def ceiling_end(request: SignedInRequest, ceiling_id: int) -> HttpResponse:
    row = _own_row(request, ceiling_id)
    form = CeilingEndForm(
        request.POST if request.method == "POST" else None, initial={"on": timezone.localdate()}
    )
    if request.method == "POST" and form.is_valid():
        try:
            services.end_ceiling(ceiling_id=row.pk, by=request.user, **form.cleaned_data)
        except RowRefused as refusal:
            form.add_error("on", str(refusal))
        else:
            return _done(request, f"{row.get_scope_display()}限价已截止，有上级文件的按上级的算。")
    return _form(request, form, f"截止{row.get_scope_display()}限价", row)


@require_GET
@requires(Permission.READ_HISTORY)
def ceilings_history(request: SignedInRequest) -> HttpResponse:
    if not request.user.can(Permission.READ_PROGRESS):
        raise PermissionDenied("您现在的岗位没有这项权限。")
    rows = FeeCeiling.objects.filter(region__in=ancestors(_home(request))).values("pk")
    subjects = [Subject(FeeCeiling, rows, "最高限价", told_by=("scope", "document"))]
    return history_response(request, subjects, title=TITLE, back=(reverse("fee-ceilings"), TITLE))


def _done(request: SignedInRequest, text: str) -> HttpResponse:
    messages.success(request, text)
    return redirect("fee-ceilings")


def _form(
    request: SignedInRequest, form: forms.Form, title: str, row: FeeCeiling | None = None
) -> HttpResponse:
    back = reverse("fee-ceilings")
    crumbs = [
        {"label": "超标收费核查", "url": reverse("overcharging")},
        {"label": TITLE, "url": back},
        {"label": title},
    ]
    context: dict[str, Any] = {"form": form, "title": title, "crumbs": crumbs, "back": back}
    if row is not None:
        context["sub"] = (
            f"{quantity(row.yuan_per_month)}元/月，{zhdate(row.valid_from)}起，{row.document}。"
        )
    return render(request, "kindergartens/form.html", context, status=422 if form.errors else 200)
