"""What kindergartens are held to: standards and the list of equipment, by place and date."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from accounts.access.guards import SignedInRequest, requires
from accounts.access.permissions import Permission
from accounts.access.scope import home_region
from accounts.formatting import zhdate
from accounts.models import Region
from kindergartens.models import (
    EquipmentItem,
    PremisesStandard,
)
from kindergartens.policies import NotAllowedNow
from kindergartens.premises import services
from kindergartens.premises.forms import (
    DemandEndForm,
    ItemForm,
    StandardForm,
)


@require_GET
@requires(Permission.READ_REGISTRY)
def standards(request: SignedInRequest) -> HttpResponse:
    """What holds where the person works, with document and clause."""
    user, day = request.user, timezone.localdate()
    ordered = ("measure", "-valid_from")
    home = home_region(user)
    county = home.pk if home and home.level == Region.Level.COUNTY else None
    return render(
        request,
        "kindergartens/premises/standards.html",
        {
            "standards": PremisesStandard.objects.visible_to(user)
            .select_related("region")
            .order_by(*ordered),
            "items": EquipmentItem.objects.visible_to(user)
            .select_related("region")
            .order_by("position", "code", "-valid_from"),
            "can_keep": user.can(Permission.MANAGE_REGISTRY),
            "own_county": county,
            "day": day,
        },
    )


@require_http_methods(["GET", "POST"])
@requires(Permission.MANAGE_REGISTRY)
def standard_new(request: SignedInRequest) -> HttpResponse:
    form = StandardForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            services.set_standard(standard=form.standard(), by=request.user)
        except NotAllowedNow as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, "本区县的标准已保存，从起始日期起按它计算。")
            return redirect("premises-standards")
    return _standards_form(request, form, "设本区县的园舍标准")


@require_http_methods(["GET", "POST"])
@requires(Permission.MANAGE_REGISTRY)
def item_new(request: SignedInRequest) -> HttpResponse:
    """A new item, or (`?item=`) a new row of one that is there: another price, another number."""
    initial = {}
    before = EquipmentItem.objects.visible_to(request.user).filter(
        pk=request.GET.get("item") if request.GET.get("item", "").isdecimal() else None
    )
    for item in before:
        initial = {name: getattr(item, name) for name in ItemForm.field_order}
        initial["valid_from"] = timezone.localdate()
    form = ItemForm(request.POST if request.method == "POST" else None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            services.set_item(item=form.item(), by=request.user)
        except NotAllowedNow as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, f"{form.cleaned_data['name']}已列入本区县的设备目录。")
            return redirect("premises-standards")
    return _standards_form(request, form, "设备目录项目")


def _standards_form(request: SignedInRequest, form: Any, title: str) -> HttpResponse:
    back = reverse("premises-standards")
    crumbs = [
        {"label": "园舍和设备", "url": reverse("premises")},
        {"label": "标准和目录", "url": back},
        {"label": title},
    ]
    context = {"form": form, "title": title, "crumbs": crumbs, "back": back}
    return render(request, "kindergartens/form.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
@requires(Permission.MANAGE_REGISTRY)
def demand_end(request: SignedInRequest, kind: str, row_id: int) -> HttpResponse:
    """Let a row of the own county end on a day."""
    models: dict[str, Any] = {"standard": PremisesStandard, "item": EquipmentItem}
    if kind not in models:
        raise Http404
    row = get_object_or_404(models[kind].objects.visible_to(request.user), pk=row_id)
    form = DemandEndForm(
        request.POST if request.method == "POST" else None, initial={"on": timezone.localdate()}
    )
    if request.method == "POST" and form.is_valid():
        try:
            services.end_demand(row=row, by=request.user, **form.cleaned_data)
        except NotAllowedNow as refusal:
            form.add_error("on", str(refusal))
        else:
            day = zhdate(form.cleaned_data["on"])
            messages.success(request, f"这条规定从{day}起不再适用，以前的日期仍按它计算。")
            return redirect("premises-standards")
    return _standards_form(request, form, f"截止“{row}”")
