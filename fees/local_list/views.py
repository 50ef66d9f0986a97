"""服务性收费和代收费目录清单: a county's own, by class, name and day."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from accounts.access.guards import SignedInRequest, requires
from accounts.access.permissions import Permission
from accounts.access.scope import home_region
from accounts.formatting import zhdate
from accounts.history.pages import history_response
from accounts.history.sentences import Subject
from accounts.models import Region
from fees.local_list import services
from fees.local_list.forms import LocalCorrectionForm, LocalEndForm, LocalItemForm
from fees.local_list.services import LocalItemFacts
from fees.models import LocalFeeItem
from fees.models.local_item import LocalFeeItemQuerySet
from fees.services import FeeRefused
from kindergartens.models.demand import ancestors
from kindergartens.stamps import stamp_of

TITLE = "服务性收费和代收费目录清单"
ROWS_PER_PAGE = 50


def _home(request: SignedInRequest) -> Region:
    home = home_region(request.user)
    if home is None:
        raise Http404
    return home


def _read_here(home: Region) -> LocalFeeItemQuerySet:
    """The lists of the counties in a place, and that of the county it lies in."""
    return LocalFeeItem.objects.filter(
        Q(region__in=Region.objects.within(home)) | Q(region__in=ancestors(home))
    )


def _own_row(request: SignedInRequest, row_id: int) -> LocalFeeItem:
    return get_object_or_404(LocalFeeItem, pk=row_id, region=_home(request))


@require_GET
@requires(Permission.READ_REGISTRY)
def local_list(request: SignedInRequest) -> HttpResponse:
    """By county, class and name, the newest row of each first."""
    home = _home(request)
    rows = (
        _read_here(home)
        .select_related("region")
        .order_by("region__code", "-item", "name", "-valid_from")
    )
    page = Paginator(rows, ROWS_PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "region": home,
        "page_obj": page,
        "today": timezone.localdate(),
        "shows_county": home.level < Region.Level.COUNTY,
        "keeps": request.user.can(Permission.MANAGE_REGISTRY) and home.level == Region.Level.COUNTY,
        "may_read_history": request.user.can(Permission.READ_HISTORY),
    }
    return render(request, "fees/local_list.html", context)


@require_http_methods(["GET", "POST"])
@requires(Permission.MANAGE_REGISTRY)
def local_new(request: SignedInRequest) -> HttpResponse:
    if _home(request).level != Region.Level.COUNTY:
        raise Http404
    form = LocalItemForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            row = services.set_local_item(
                facts=LocalItemFacts(**form.cleaned_data),
                by=request.user,
                today=timezone.localdate(),
            )
        except FeeRefused as refusal:
            form.add_error(refusal.field or None, str(refusal))
        else:
            return _done(request, f"{row.name}已列入清单，{zhdate(row.valid_from)}起执行。")
    return _form(request, form, "登记清单项目")


@require_http_methods(["GET", "POST"])
@requires(Permission.MANAGE_REGISTRY)
def local_correct(request: SignedInRequest, row_id: int) -> HttpResponse:
    row = _own_row(request, row_id)
    initial = {name: getattr(row, name) for name in services.CORRECTED}
    form = LocalCorrectionForm(
        request.POST if request.method == "POST" else None,
        initial=initial | {"seen": stamp_of(row, services.CORRECTED)},
    )
    if request.method == "POST" and form.is_valid():
        try:
            services.correct_local_item(
                row_id=row.pk,
                values={name: form.cleaned_data[name] for name in services.CORRECTED},
                reason=form.cleaned_data["reason"],
                seen=form.cleaned_data["seen"],
                by=request.user,
                today=timezone.localdate(),
            )
        except FeeRefused as refusal:
            form.add_error(refusal.field or None, str(refusal))
        else:
            return _done(request, "已更正，这一条有效的月份都按更正后的核查。")
    return _form(request, form, f"更正“{row.name}”", row)


@require_http_methods(["GET", "POST"])
@requires(Permission.MANAGE_REGISTRY)
def local_end(request: SignedInRequest, row_id: int) -> HttpResponse:
    row = _own_row(request, row_id)
    form = LocalEndForm(
        request.POST if request.method == "POST" else None, initial={"on": timezone.localdate()}
    )
    if request.method == "POST" and form.is_valid():
        try:
            services.end_local_item(row_id=row.pk, by=request.user, **form.cleaned_data)
        except FeeRefused as refusal:
            form.add_error("on", str(refusal))
        else:
            said = (
                f"{row.name}自{zhdate(form.cleaned_data['on'])}起不在清单里，收它的园要截止标准。"
            )
            return _done(request, said)
    return _form(request, form, f"截止“{row.name}”", row)


@require_GET
@requires(Permission.READ_HISTORY)
def local_history(request: SignedInRequest) -> HttpResponse:
    if not request.user.can(Permission.READ_REGISTRY):
        raise PermissionDenied("您现在的岗位没有这项权限。")
    rows = _read_here(_home(request)).order_by().values("pk")
    subjects = [Subject(LocalFeeItem, rows, "目录清单", told_by=("item", "name"))]
    return history_response(request, subjects, title=TITLE, back=(reverse("local-fees"), TITLE))


def _done(request: SignedInRequest, text: str) -> HttpResponse:
    messages.success(request, text)
    return redirect("local-fees")


def _form(
    request: SignedInRequest, form: forms.Form, title: str, row: LocalFeeItem | None = None
) -> HttpResponse:
    back = reverse("local-fees")
    crumbs = [
        {"label": "收费项目和定价方式", "url": reverse("fee-items")},
        {"label": "目录清单", "url": back},
        {"label": title},
    ]
    context: dict[str, Any] = {"form": form, "title": title, "crumbs": crumbs, "back": back}
    if row is not None:
        context["sub"] = f"{row.get_item_display()}，{zhdate(row.valid_from)}起，{row.document}。"
    return render(request, "kindergartens/form.html", context, status=422 if form.errors else 200)
