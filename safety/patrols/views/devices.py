"""Cameras of an area and of one kindergarten, with what patrols saw there; their keeping."""

from __future__ import annotations

import datetime as dt

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from accounts.access.guards import SignedInRequest, requires
from accounts.access.home import home_of
from accounts.access.permissions import Permission
from accounts.formatting import zhdate
from accounts.history.pages import history_response
from accounts.history.sentences import Subject
from kindergartens.stamps import stamp_of
from safety.models import PatrolTalk, VideoDevice
from safety.patrols import presenters, selectors
from safety.patrols.forms import DeviceCorrectionForm, DeviceEndForm, DeviceForm
from safety.patrols.services import devices as services
from safety.patrols.services.refusal import PatrolRefused
from safety.patrols.views.looking_up import (
    TITLE,
    cameras_crumbs,
    form_page,
    is_of_kindergarten,
    kindergarten_of,
    refuse,
    tabs_of,
)

ROWS_PER_PAGE = 50
# What is told of the past on a kindergarten's page.
YEAR = dt.timedelta(days=365)


@require_GET
@requires(Permission.READ_SAFETY)
def devices(request: SignedInRequest) -> HttpResponse:
    """Kindergartens of the area with their cameras; whoever works in one is led to its own page."""
    if is_of_kindergarten(request):
        own = selectors.watched(request.user, timezone.localdate()).first()
        if own is not None:
            return redirect("kindergarten-cameras", code=own.code)
    today, region = timezone.localdate(), home_of(request)
    found = selectors.watched(request.user, today).select_related("organisation__region__county")
    page = Paginator(found, ROWS_PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "region": region,
        "tabs": tabs_of(request, "video-devices"),
        "shows_county": region.level < region.Level.COUNTY,
        "page_obj": page,
        "rows": presenters.camera_lines(list(page.object_list), today),
        "today": today,
        "may_import": request.user.can(Permission.IMPORT_TABLES)
        and request.user.can(Permission.KEEP_SAFETY),
    }
    return render(request, "safety/patrols/devices.html", context)


@require_GET
@requires(Permission.READ_SAFETY)
def of_kindergarten(request: SignedInRequest, code: str) -> HttpResponse:
    kindergarten, today = kindergarten_of(request, code), timezone.localdate()
    since = today - YEAR
    findings = selectors.findings_within([kindergarten.pk], since, today)
    talks = PatrolTalk.objects.visible_to(request.user).standing()
    context = {
        "kindergarten": kindergarten,
        "today": today,
        "since": since,
        "devices": presenters.device_lines(kindergarten, since, today),
        "findings": list(reversed(findings.get(kindergarten.pk, []))),
        "looks": selectors.looks_within([kindergarten.pk], since, today).get(kindergarten.pk, 0),
        "last_look": selectors.last_looks([kindergarten.pk]).get(kindergarten.pk),
        "talks": talks.filter(kindergarten=kindergarten)[:12],
        "year": today.year,
        "may_keep": request.user.can(Permission.KEEP_SAFETY),
        "may_read_history": request.user.can(Permission.READ_HISTORY),
    }
    return render(request, "safety/patrols/kindergarten.html", context)


@require_GET
@requires(Permission.READ_HISTORY)
def history(request: SignedInRequest, code: str) -> HttpResponse:
    kindergarten = kindergarten_of(request, code)
    mine = {"kindergarten": kindergarten}
    subjects = [
        Subject(
            VideoDevice,
            VideoDevice.objects.visible_to(request.user).filter(**mine).values("pk"),
            "视频设备",
            told_by=("number", "place"),
        ),
        Subject(
            PatrolTalk,
            PatrolTalk.objects.visible_to(request.user).filter(**mine).values("pk"),
            "约谈",
            told_by=("month",),
        ),
    ]
    back = (cameras_crumbs(kindergarten)[-1]["url"], TITLE)
    return history_response(request, subjects, title=f"{kindergarten.name}{TITLE}", back=back)


@require_http_methods(["GET", "POST"])
@requires(Permission.KEEP_SAFETY)
def device_new(request: SignedInRequest, code: str) -> HttpResponse:
    kindergarten = kindergarten_of(request, code)
    form = DeviceForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            device = services.register_device(
                kindergarten=kindergarten,
                values=form.cleaned_data,
                by=request.user,
                now=timezone.now(),
            )
        except PatrolRefused as refusal:
            refuse(form, refusal)
        else:
            messages.success(request, f"{device}已登记，以后的巡查名单里有它。")
            return redirect("kindergarten-cameras", code=code)
    return form_page(request, form, title="登记视频设备", crumbs=cameras_crumbs(kindergarten))


@require_http_methods(["GET", "POST"])
@requires(Permission.KEEP_SAFETY)
def device_correct(request: SignedInRequest, device_id: int) -> HttpResponse:
    device = _device(request, device_id)
    initial = {name: getattr(device, name) for name in services.FACTS}
    form = DeviceCorrectionForm(
        request.POST if request.method == "POST" else None,
        initial=initial | {"seen": stamp_of(device, services.FACTS)},
    )
    if request.method == "POST" and form.is_valid():
        try:
            services.correct_device(
                device_id=device.pk,
                values={name: form.cleaned_data[name] for name in services.FACTS},
                seen=form.cleaned_data["seen"],
                reason=form.cleaned_data["reason"],
                by=request.user,
                now=timezone.now(),
            )
        except PatrolRefused as refusal:
            refuse(form, refusal)
        else:
            messages.success(request, "已更正。")
            return redirect("kindergarten-cameras", code=device.kindergarten.code)
    return form_page(
        request, form, title=f"更正{device}", crumbs=cameras_crumbs(device.kindergarten)
    )


@require_http_methods(["GET", "POST"])
@requires(Permission.KEEP_SAFETY)
def device_end(request: SignedInRequest, device_id: int) -> HttpResponse:
    device = _device(request, device_id)
    form = DeviceEndForm(
        request.POST if request.method == "POST" else None, initial={"on": timezone.localdate()}
    )
    if request.method == "POST" and form.is_valid():
        try:
            services.end_device(
                device_id=device.pk, by=request.user, now=timezone.now(), **form.cleaned_data
            )
        except PatrolRefused as refusal:
            refuse(form, refusal)
        else:
            messages.success(request, f"{device}已停用，以前的巡查记录还在。")
            return redirect("kindergarten-cameras", code=device.kindergarten.code)
    return form_page(
        request, form, title=f"停用{device}", crumbs=cameras_crumbs(device.kindergarten),
        submit="停用", sub=f"{zhdate(device.installed_on)}安装。停用后编号不再给别的设备用。",
    )  # fmt: skip


def _device(request: SignedInRequest, device_id: int) -> VideoDevice:
    visible = VideoDevice.objects.visible_to(request.user).select_related("kindergarten")
    return get_object_or_404(visible, pk=device_id)
