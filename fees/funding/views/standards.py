"""What a place gives a child and year (生均标准), by scope and day."""

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
from fees.funding.forms import StandardCorrectionForm, StandardForm
from fees.funding.standards import STANDARD
from fees.models import FundingStandard
from kindergartens.dated.forms import EndForm
from kindergartens.dated.services import RowRefused, correct_row, end_row, set_row
from kindergartens.models.demand import ancestors
from kindergartens.stamps import stamp_of

TITLE = "生均经费和补助标准"


def _home(request: SignedInRequest) -> Region:
    home = home_region(request.user)
    if home is None:
        raise Http404
    return home


def _own_row(request: SignedInRequest, standard_id: int) -> FundingStandard:
    """Of the own county; those of the places above are read only."""
    return get_object_or_404(FundingStandard, pk=standard_id, region=_home(request))


@require_GET
@requires(Permission.READ_PROGRESS)
def listed(request: SignedInRequest) -> HttpResponse:
    """Those of the own place and of the places above it, the newest of each scope first."""
    home = _home(request)
    rows = (
        FundingStandard.objects.filter(region__in=ancestors(home))
        .select_related("region")
        .order_by("-scope", "-region__level", "-valid_from")
    )
    context = {
        "region": home,
        "rows": rows,
        "today": timezone.localdate(),
        "keeps": request.user.can(Permission.MANAGE_REGISTRY) and home.level == Region.Level.COUNTY,
        "may_read_history": request.user.can(Permission.READ_HISTORY),
    }
    return render(request, "fees/funding_standards.html", context)


@require_http_methods(["GET", "POST"])
@requires(Permission.MANAGE_REGISTRY)
def new(request: SignedInRequest) -> HttpResponse:
    if _home(request).level != Region.Level.COUNTY:
        raise Http404
    form = StandardForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            set_row(
                kind=STANDARD, values=form.values(), by=request.user, today=timezone.localdate()
            )
        except RowRefused as refusal:
            form.add_error(refusal.field or None, str(refusal))
        else:
            return _done(
                request,
                f"{FundingStandard.Scope(data['scope']).label}{quantity(data['yuan_per_year'])}"
                f"元/年已登记，{zhdate(data['valid_from'])}起执行。",
            )
    return _form(request, form, "登记生均标准")


@require_http_methods(["GET", "POST"])
@requires(Permission.MANAGE_REGISTRY)
def correct(request: SignedInRequest, standard_id: int) -> HttpResponse:
    row = _own_row(request, standard_id)
    initial = {name: getattr(row, name) for name in STANDARD.corrected}
    initial |= {"counted_year_before": "1" if row.counted_year_before else "0"}
    form = StandardCorrectionForm(
        request.POST if request.method == "POST" else None,
        initial=initial | {"seen": stamp_of(row, STANDARD.corrected)},
    )
    if request.method == "POST" and form.is_valid():
        try:
            correct_row(
                kind=STANDARD,
                pk=row.pk,
                values=form.values(),
                reason=form.cleaned_data["reason"],
                seen=form.cleaned_data["seen"],
                by=request.user,
                today=timezone.localdate(),
            )
        except RowRefused as refusal:
            form.add_error(refusal.field or None, str(refusal))
        else:
            return _done(request, "已更正，这条标准有效的年度都按更正后的算。")
    return _form(request, form, f"更正{row.get_scope_display()}标准", row)


@require_http_methods(["GET", "POST"])
@requires(Permission.MANAGE_REGISTRY)
def end(request: SignedInRequest, standard_id: int) -> HttpResponse:
    row = _own_row(request, standard_id)
    form = EndForm(
        request.POST if request.method == "POST" else None, initial={"on": timezone.localdate()}
    )
    if request.method == "POST" and form.is_valid():
        try:
            end_row(kind=STANDARD, pk=row.pk, by=request.user, **form.cleaned_data)
        except RowRefused as refusal:
            form.add_error("on", str(refusal))
        else:
            return _done(request, f"{row.get_scope_display()}标准已截止，有上级文件的按上级的算。")
    return _form(request, form, f"截止{row.get_scope_display()}标准", row)


@require_GET
@requires(Permission.READ_HISTORY)
def history(request: SignedInRequest) -> HttpResponse:
    if not request.user.can(Permission.READ_PROGRESS):
        raise PermissionDenied("您现在的岗位没有这项权限。")
    rows = FundingStandard.objects.filter(region__in=ancestors(_home(request))).values("pk")
    subjects = [Subject(FundingStandard, rows, "生均标准", told_by=("scope", "document"))]
    back = (reverse("funding-standards"), TITLE)
    return history_response(request, subjects, title=TITLE, back=back)


def _done(request: SignedInRequest, text: str) -> HttpResponse:
    messages.success(request, text)
    return redirect("funding-standards")


def _form(
    request: SignedInRequest, form: forms.Form, title: str, row: FundingStandard | None = None
) -> HttpResponse:
    back = reverse("funding-standards")
    crumbs = [
        {"label": "经费和补助", "url": reverse("funding")},
        {"label": TITLE, "url": back},
        {"label": title},
    ]
    context: dict[str, Any] = {"form": form, "title": title, "crumbs": crumbs, "back": back}
    if row is not None:
        context["sub"] = (
            f"{quantity(row.yuan_per_year)}元/年，{zhdate(row.valid_from)}起，{row.document}。"
        )
    return render(request, "kindergartens/form.html", context, status=422 if form.errors else 200)
