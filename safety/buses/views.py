"""School buses of an area with what is due, and the register of one kindergarten."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
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
from kindergartens.dated.services import RowRefused
from kindergartens.models import Kindergarten
from kindergartens.stamps import stamp_of
from safety.buses import services
from safety.buses.forms import BusCorrectionForm, BusEndForm, BusForm
from safety.buses.presenters import words
from safety.buses.selectors import buses_in, buses_of
from safety.models import SchoolBus

ROWS_PER_PAGE = 50
TITLE = "校车"


def _kindergarten(request: SignedInRequest, **which: object) -> Kindergarten:
    visible = Kindergarten.objects.visible_to(request.user)
    return get_object_or_404(visible.select_related("organisation"), **which)


def _bus(request: SignedInRequest, bus_id: int) -> SchoolBus:
    rows = SchoolBus.objects.visible_to(request.user).running().select_related("kindergarten")
    return get_object_or_404(rows, pk=bus_id)


@require_GET
@requires(Permission.READ_SAFETY)
def buses(request: SignedInRequest) -> HttpResponse:
    """Those of the own area; a kindergarten's people are taken to their own."""
    acting, home, day = request.user.acting, home_region(request.user), timezone.localdate()
    if home is None or acting is None:
        raise Http404
    if acting.is_of_kindergarten:
        own = _kindergarten(request, organisation=acting.organisation)
        return redirect("kindergarten-buses", code=own.code)
    found = buses_in(request.user, home, day)
    only_due = request.GET.get("show") == "due"
    shown = [bus for bus in found if bus.lacks or not only_due]
    page = Paginator(shown, ROWS_PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "region": home,
        "day": day,
        "total": len(found),
        "breaching": sum(bus.breaches for bus in found),
        "due": sum(bool(bus.lacks) and not bus.breaches for bus in found),
        "only_due": only_due,
        "page_obj": page,
        "lines": [(bus.row, words(bus)) for bus in page],
    }
    return render(request, "safety/buses/area.html", context)


@require_GET
@requires(Permission.READ_SAFETY)
def of_kindergarten(request: SignedInRequest, code: str) -> HttpResponse:
    kindergarten = _kindergarten(request, code=code)
    found = buses_of(request.user, kindergarten, timezone.localdate())
    context = {
        "kindergarten": kindergarten,
        "lines": [(bus.row, words(bus)) for bus in found],
        "running": sum(bus.row.ended_on is None for bus in found),
        "keeps": request.user.can(Permission.KEEP_SAFETY),
        "may_read_history": request.user.can(Permission.READ_HISTORY),
    }
    return render(request, "safety/buses/kindergarten.html", context)


@require_GET
@requires(Permission.READ_HISTORY)
def history(request: SignedInRequest, code: str) -> HttpResponse:
    kindergarten = _kindergarten(request, code=code)
    rows = SchoolBus.objects.visible_to(request.user).filter(kindergarten=kindergarten)
    subject = Subject(SchoolBus, rows.order_by().values("pk"), TITLE, told_by=("plate",))
    back = (reverse("kindergarten-buses", args=[code]), TITLE)
    return history_response(request, [subject], title=f"{kindergarten.name}{TITLE}", back=back)


@require_http_methods(["GET", "POST"])
@requires(Permission.KEEP_SAFETY)
def bus_new(request: SignedInRequest, code: str) -> HttpResponse:
    kindergarten, now = _kindergarten(request, code=code), timezone.now()
    form = BusForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            bus = services.register_bus(
                kindergarten=kindergarten, values=form.values(), by=request.user, now=now,
                today=timezone.localdate(now),
            )  # fmt: skip
        except RowRefused as refusal:
            form.add_error(refusal.field or None, str(refusal))
        else:
            return _done(request, kindergarten, f"校车{bus.plate}已登记。")
    return _form(request, form, "登记校车", kindergarten)


@require_http_methods(["GET", "POST"])
@requires(Permission.KEEP_SAFETY)
def bus_correct(request: SignedInRequest, bus_id: int) -> HttpResponse:
    bus = _bus(request, bus_id)
    initial = {name: getattr(bus, name) for name in services.TYPED}
    form = BusCorrectionForm(
        request.POST if request.method == "POST" else None,
        initial=initial | {"seen": stamp_of(bus, services.TYPED)},
    )
    if request.method == "POST" and form.is_valid():
        try:
            services.correct_bus(
                bus_id=bus.pk, values=form.values(), reason=form.cleaned_data["reason"],
                seen=form.cleaned_data["seen"], by=request.user, today=timezone.localdate(),
            )  # fmt: skip
        except RowRefused as refusal:
            form.add_error(refusal.field or None, str(refusal))
        else:
            return _done(
                request, bus.kindergarten, f"校车{bus.plate}已更改，原来的留在改动记录里。"
            )
    return _form(request, form, f"更改校车{bus.plate}", bus.kindergarten)


@require_http_methods(["GET", "POST"])
@requires(Permission.KEEP_SAFETY)
def bus_end(request: SignedInRequest, bus_id: int) -> HttpResponse:
    bus, today = _bus(request, bus_id), timezone.localdate()
    form = BusEndForm(request.POST if request.method == "POST" else None, initial={"on": today})
    if request.method == "POST" and form.is_valid():
        try:
            services.end_bus(bus_id=bus.pk, by=request.user, today=today, **form.cleaned_data)
        except RowRefused as refusal:
            form.add_error(refusal.field or None, str(refusal))
        else:
            return _done(request, bus.kindergarten, f"校车{bus.plate}已停用。")
    return _form(request, form, f"停用校车{bus.plate}", bus.kindergarten)


def _done(request: SignedInRequest, kindergarten: Kindergarten, text: str) -> HttpResponse:
    messages.success(request, text)
    return redirect("kindergarten-buses", code=kindergarten.code)


def _form(
    request: SignedInRequest, form: forms.Form, title: str, kindergarten: Kindergarten
) -> HttpResponse:
    back = reverse("kindergarten-buses", args=[kindergarten.code])
    crumbs = [{"label": f"{kindergarten.name}{TITLE}", "url": back}, {"label": title}]
    context: dict[str, Any] = {"form": form, "title": title, "crumbs": crumbs, "back": back}
    return render(request, "kindergartens/form.html", context, status=422 if form.errors else 200)
