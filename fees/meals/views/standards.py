"""What a county sets about meal fees: its one fee, and how far accounts may lie apart."""

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
from accounts.history.pages import history_response
from accounts.history.sentences import Subject
from accounts.models import Region
from fees.meals.forms import FORMS
from fees.meals.standards import KINDS
from fees.models import MealFee, MealSurplusLimit
from kindergartens.dated.forms import EndForm
from kindergartens.dated.services import Kind, RowRefused, correct_row, end_row, set_row
from kindergartens.models.demand import ancestors
from kindergartens.stamps import stamp_of

TITLE = "伙食费标准"


def _home(request: SignedInRequest) -> Region:
    home = home_region(request.user)
    if home is None:
        raise Http404
    return home


def _kind(code: str) -> Kind:
    if code not in KINDS:
        raise Http404
    return KINDS[code]


def _row(request: SignedInRequest, kind: Kind, pk: int) -> MealFee | MealSurplusLimit:
    """Of the own county; those of the places above it are read only."""
    model: Any = kind.model
    return get_object_or_404(model, pk=pk, region=_home(request))


@require_GET
@requires(Permission.READ_PROGRESS)
def listed(request: SignedInRequest) -> HttpResponse:
    """Those of the own place and of the places above it."""
    home = _home(request)
    places = ancestors(home)
    context = {
        "region": home,
        "fees": MealFee.objects.filter(region__in=places).select_related("region"),
        "limits": MealSurplusLimit.objects.filter(region__in=places).select_related("region"),
        "today": timezone.localdate(),
        "keeps": request.user.can(Permission.MANAGE_REGISTRY) and home.level == Region.Level.COUNTY,
        "may_read_history": request.user.can(Permission.READ_HISTORY),
    }
    return render(request, "fees/meals/standards.html", context)


@require_http_methods(["GET", "POST"])
@requires(Permission.MANAGE_REGISTRY)
def new(request: SignedInRequest, kind: str) -> HttpResponse:
    found = _kind(kind)
    if _home(request).level != Region.Level.COUNTY:
        raise Http404
    form = FORMS[kind][0](request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            row = set_row(
                kind=found, values=form.values(), by=request.user, today=timezone.localdate()
            )
        except RowRefused as refusal:
            _refuse(form, refusal)
        else:
            return _done(request, f"{row}已登记。")
    return _form(request, form, f"登记{found.label}")


@require_http_methods(["GET", "POST"])
@requires(Permission.MANAGE_REGISTRY)
def correct(request: SignedInRequest, kind: str, pk: int) -> HttpResponse:
    found = _kind(kind)
    row = _row(request, found, pk)
    form = FORMS[kind][1](
        request.POST if request.method == "POST" else None,
        initial={name: getattr(row, name) for name in found.corrected}
        | {"seen": stamp_of(row, found.corrected)},
    )
    if request.method == "POST" and form.is_valid():
        try:
            correct_row(
                kind=found, pk=pk, values=form.values(), reason=form.cleaned_data["reason"],
                seen=form.cleaned_data["seen"], by=request.user, today=timezone.localdate(),
            )  # fmt: skip
        except RowRefused as refusal:
            _refuse(form, refusal)
        else:
            return _done(request, f"已更正{found.label}。")
    return _form(request, form, f"更正{found.label}", sub=f"{row}，{row.document}。")


@require_http_methods(["GET", "POST"])
@requires(Permission.MANAGE_REGISTRY)
def end(request: SignedInRequest, kind: str, pk: int) -> HttpResponse:
    found = _kind(kind)
    row = _row(request, found, pk)
    form = EndForm(
        request.POST if request.method == "POST" else None, initial={"on": timezone.localdate()}
    )
    if request.method == "POST" and form.is_valid():
        try:
            end_row(kind=found, pk=pk, by=request.user, **form.cleaned_data)
        except RowRefused as refusal:
            _refuse(form, refusal)
        else:
            return _done(request, f"{found.label}已截止。")
    return _form(request, form, f"截止{found.label}", sub=f"{row}，{row.document}。")


@require_GET
@requires(Permission.READ_HISTORY)
def history(request: SignedInRequest) -> HttpResponse:
    if not request.user.can(Permission.READ_PROGRESS):
        raise PermissionDenied("您现在的岗位没有这项权限。")
    places = ancestors(_home(request))
    subjects = [
        Subject(
            kind.model,
            kind.model.objects.filter(region__in=places).order_by().values("pk"),
            kind.label,
            told_by=("document",),
        )
        for kind in KINDS.values()
    ]
    return history_response(request, subjects, title=TITLE, back=(reverse("meal-standards"), TITLE))


def _refuse(form: forms.Form, refusal: RowRefused) -> None:
    form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))


def _done(request: SignedInRequest, text: str) -> HttpResponse:
    messages.success(request, text)
    return redirect("meal-standards")


def _form(request: SignedInRequest, form: forms.Form, title: str, sub: str = "") -> HttpResponse:
    back = reverse("meal-standards")
    crumbs = [
        {"label": "伙食费收支", "url": reverse("meals")},
        {"label": TITLE, "url": back},
        {"label": title},
    ]
    context: dict[str, Any] = {"form": form, "title": title, "sub": sub, "crumbs": crumbs}
    status = 422 if form.errors else 200
    return render(request, "kindergartens/form.html", context | {"back": back}, status=status)
