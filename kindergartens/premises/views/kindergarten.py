"""One kindergarten: its sites, counts, what it lacks, and where its fire acceptance stands."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.access.guards import SignedInRequest, requires
from accounts.access.permissions import Permission
from accounts.history.pages import history_response
from accounts.history.sentences import Subject
from accounts.models import User
from kindergartens.models import (
    EquipmentCount,
    EquipmentItem,
    FireAcceptance,
    Kindergarten,
    PremisesCount,
    PremisesFigure,
    Site,
)
from kindergartens.policies import NotAllowedNow
from kindergartens.premises import presenters, selectors, services, words
from kindergartens.premises.forms import (
    CountForm,
    FireForm,
    SiteChangeForm,
    SiteForm,
)
from kindergartens.premises.policies import check_may_count
from kindergartens.stamps import stamp_of


def _kindergarten(request: SignedInRequest, code: str) -> Kindergarten:
    visible = Kindergarten.objects.visible_to(request.user)
    return get_object_or_404(visible.select_related("organisation__region"), code=code)


@require_GET
@requires(Permission.READ_REGISTRY)
def kindergarten_premises(request: SignedInRequest, code: str) -> HttpResponse:
    kindergarten = _kindergarten(request, code)
    day = timezone.localdate()
    return render(
        request, "kindergartens/premises/kindergarten.html", _page(request, kindergarten, day)
    )


@require_GET
@requires(Permission.READ_HISTORY)
def premises_history(request: SignedInRequest, code: str) -> HttpResponse:
    """Who registered, counted and confirmed what at the kindergarten's sites."""
    kindergarten = _kindergarten(request, code)
    counts = PremisesCount.objects.visible_to(request.user).filter(site__kindergarten=kindergarten)
    fire = FireAcceptance.objects.visible_to(request.user).filter(site__kindergarten=kindergarten)
    figures = PremisesFigure.objects.visible_to(request.user).filter(count__in=counts)
    equipment = EquipmentCount.objects.visible_to(request.user).filter(count__in=counts)
    subjects = [
        Subject(Site, kindergarten.premises_sites.values("pk"), "园址"),
        Subject(PremisesCount, counts.order_by().values("pk"), "清点"),
        Subject(PremisesFigure, figures.order_by().values("pk"), "园舍数据"),
        Subject(EquipmentCount, equipment.order_by().values("pk"), "设备数量"),
        Subject(FireAcceptance, fire.order_by().values("pk"), "消防验收"),
    ]
    title = f"{kindergarten.name}园舍和设备"
    back = (reverse("kindergarten-premises", args=[code]), title)
    return history_response(request, subjects, title=title, back=back)


def _page(request: SignedInRequest, kindergarten: Kindergarten, day: dt.date) -> dict[str, Any]:
    user = request.user
    status = kindergarten.statuses.on(day).select_related("town__county").first()
    shown = None
    if status is not None:
        kindergarten.current = status  # type: ignore[attr-defined]
        [shown] = selectors.premises(user, [kindergarten], day)
    sites = list(kindergarten.premises_sites.prefetch_related("fire_acceptances"))
    return {
        "kindergarten": kindergarten,
        "shown": shown,
        "day": day,
        "sites": sites,
        "equipment": [
            (line, words.enough_state(line.supply)) for line in (shown.equipment if shown else [])
        ],
        "fire_states": words.FIRE_STATES,
        "why": presenters.why_unknown(shown) if shown else "",
        "counts": selectors.counts_of(user, kindergarten),
        "count_route": _count_route(user),
        "may_read_history": user.can(Permission.READ_HISTORY),
        "can_keep": user.can(Permission.MANAGE_REGISTRY),
        "open_sites": [site for site in sites if site.valid_to is None or site.valid_to > day],
    }


def _count_route(user: User) -> str:
    if user.can(Permission.EDIT_OWN_RECORD):
        return "premises-count-own"
    return "premises-count-enter" if user.can(Permission.MANAGE_REGISTRY) else ""


@require_http_methods(["GET", "POST"])
@requires(Permission.EDIT_OWN_RECORD)
def count_own(request: SignedInRequest, site_id: int) -> HttpResponse:
    """The kindergarten hands in a count of its own site."""
    return _count(request, site_id)


@require_http_methods(["GET", "POST"])
@requires(Permission.MANAGE_REGISTRY)
def count_enter(request: SignedInRequest, site_id: int) -> HttpResponse:
    """The bureau enters a count for a kindergarten; another person there confirms it."""
    return _count(request, site_id)


def _count(request: SignedInRequest, site_id: int) -> HttpResponse:
    """A count begins from the newest one."""
    site = get_object_or_404(
        Site.objects.visible_to(request.user).select_related("kindergarten"), pk=site_id
    )
    check_may_count(request.user, site)
    now = timezone.now()
    today = timezone.localdate(now)
    form = CountForm(
        request.POST if request.method == "POST" else None,
        site=site,
        items=_items_of(site.kindergarten, today),
        last=selectors.last_lines(site, today),
        today=today,
    )
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                services.submit_count(
                    site=site, counted=form.counted(), by=request.user, now=now, today=today
                )
            except NotAllowedNow as refusal:
                form.add_error(None, str(refusal))
            else:
                messages.success(request, f"{site.name}的清点已提交，等教育局核对后计入。")
                return redirect("kindergarten-premises", code=site.kindergarten.code)
    context = {"form": form, "site": site, "kindergarten": site.kindergarten}
    return render(request, "kindergartens/premises/count.html", context, status=status)


def _items_of(kindergarten: Kindergarten, day: dt.date) -> list[EquipmentItem]:
    status = kindergarten.statuses.on(day).select_related("town__county").first()
    if status is None or status.town.county is None:
        return []
    _, items = selectors.Demands(day).of(status.town.county)
    public = status.ownership == status.Ownership.PUBLIC
    return [item for item in items.values() if public or not item.public_only]


@require_POST
@requires(Permission.MANAGE_REGISTRY)
def count_decide(request: SignedInRequest, count_id: int) -> HttpResponse:
    count = get_object_or_404(
        PremisesCount.objects.visible_to(request.user).select_related("site__kindergarten"),
        pk=count_id,
    )
    confirm = request.POST.get("act") == "confirm"
    try:
        services.decide_count(
            count=count,
            confirm=confirm,
            note=request.POST.get("note", "")[:300],
            by=request.user,
            now=timezone.now(),
        )
    except NotAllowedNow as refusal:
        messages.error(request, str(refusal))
    else:
        done = "已核对，计入园舍数据" if confirm else "已退回"
        messages.success(request, f"{count.site.kindergarten.name}{count.site.name}的清点{done}。")
    return redirect("kindergarten-premises", code=count.site.kindergarten.code)


@require_http_methods(["GET", "POST"])
@requires(Permission.MANAGE_REGISTRY)
def site_new(request: SignedInRequest, code: str) -> HttpResponse:
    kindergarten = _kindergarten(request, code)
    first = not kindergarten.premises_sites.exists()
    initial = (
        {"name": "本部", "is_main": True, "valid_from": kindergarten.opened_on} if first else {}
    )
    form = SiteForm(request.POST if request.method == "POST" else None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            services.add_site(kindergarten=kindergarten, facts=form.facts(), by=request.user)
        except NotAllowedNow as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, f"{form.cleaned_data['name']}已登记。")
            return redirect("kindergarten-premises", code=code)
    return _form_page(request, form, "登记园址", kindergarten)


@require_http_methods(["GET", "POST"])
@requires(Permission.MANAGE_REGISTRY)
def site_edit(request: SignedInRequest, site_id: int) -> HttpResponse:
    site = get_object_or_404(
        Site.objects.visible_to(request.user).select_related("kindergarten"), pk=site_id
    )
    names = services.SITE_FACTS
    form = SiteChangeForm(
        request.POST if request.method == "POST" else None,
        initial={name: getattr(site, name) for name in names} | {"seen": stamp_of(site, names)},
    )
    if request.method == "POST" and form.is_valid():
        try:
            changed = services.change_site(
                site=site,
                facts=form.facts(),
                reason=form.cleaned_data["reason"],
                seen=form.cleaned_data["seen"],
                by=request.user,
            )
        except NotAllowedNow as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, f"{changed.name}已更正。")
            return redirect("kindergarten-premises", code=site.kindergarten.code)
    return _form_page(request, form, f"更正园址：{site.name}", site.kindergarten)


@require_http_methods(["GET", "POST"])
@requires(Permission.MANAGE_REGISTRY)
def fire_new(request: SignedInRequest, code: str) -> HttpResponse:
    kindergarten = _kindergarten(request, code)
    now = timezone.now()
    today = timezone.localdate(now)
    form = FireForm(
        request.POST if request.method == "POST" else None,
        sites=kindergarten.premises_sites.on(today),
        initial={"since": today},
    )
    if request.method == "POST" and form.is_valid():
        try:
            services.register_fire_acceptance(
                **form.cleaned_data, by=request.user, now=now, today=today
            )
        except NotAllowedNow as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, "消防验收情况已登记。")
            return redirect("kindergarten-premises", code=code)
    return _form_page(request, form, "登记消防验收", kindergarten)


def _form_page(
    request: SignedInRequest, form: Any, title: str, kindergarten: Kindergarten
) -> HttpResponse:
    back = reverse("kindergarten-premises", args=[kindergarten.code])
    crumbs = [
        {"label": "园舍和设备", "url": reverse("premises")},
        {"label": kindergarten.name, "url": back},
        {"label": title},
    ]
    return render(
        request,
        "kindergartens/form.html",
        {"form": form, "title": title, "crumbs": crumbs, "back": back},
        status=422 if form.errors else 200,
    )
