"""Preparing what is published, publishing it, and taking a draft back."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from accounts.access.guards import SignedInRequest, requires
from accounts.access.permissions import Permission
from accounts.access.scope import home_region
from accounts.models import Region
from indicators.publications import services
from indicators.publications.content import FiguresBehind, collect
from indicators.publications.rules import MAY_BE_PROVISIONAL, differences
from indicators.publications.selectors import newest_of
from indicators.publications.services import PUBLISHING_LEVEL, PublicationRefused
from indicators.selectors import months_available
from reports.publications import presenters
from reports.publications.forms import PrepareForm, WhatForm, WithdrawForm
from reports.publications.views.pages import TITLE, body_context, draft_of


@require_http_methods(["GET", "POST"])
@requires(Permission.PREPARE_PUBLICATIONS)
def new(request: SignedInRequest) -> HttpResponse:
    """`?kind=&month=`: what would be frozen and what is missing, then freeze it for a leader."""
    region = home_region(request.user)
    if region is None or region.level != PUBLISHING_LEVEL:
        raise Http404
    months = months_available(region)
    asked = request.GET if "month" in request.GET else _first(months)
    what = WhatForm(asked, months=months)
    context: dict[str, Any] = {"what": what, "region": region, "months": months}
    if not what.is_valid():
        return render(request, "reports/publications/new.html", context)
    kind, month = what.cleaned_data["kind"], what.cleaned_data["month"]
    context |= _preview(request, region, kind, month)
    body = context.get("body")
    asks = _asks(kind, body, correction=context["corrects"] is not None)
    form = PrepareForm(request.POST if request.method == "POST" else None, asks=asks)
    if request.method == "POST" and form.is_valid():
        try:
            made = services.prepare(
                region=region, kind=kind, month=month, by=request.user, now=timezone.now(),
                **form.values(),
            )  # fmt: skip
        except PublicationRefused as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
        else:
            messages.success(request, "已拟稿，等领导公布。")
            return redirect("publication-draft", draft_id=made.pk)
    return render(
        request, "reports/publications/new.html", context | {"form": form},
        status=422 if form.errors else 200,
    )  # fmt: skip


def _first(months: list[dt.date]) -> dict[str, str]:
    return {"kind": "monthly", "month": f"{months[0]:%Y-%m}" if months else ""}


def _preview(
    request: SignedInRequest, region: Region, kind: str, month: dt.date
) -> dict[str, Any]:  # fmt: skip
    corrects = newest_of(region, kind, month)
    try:
        body = collect(region, month)
    except FiguresBehind:
        return {"recomputing": True, "corrects": corrects}
    shown = body_context(request, body) | {"corrects": corrects}
    if corrects is not None:
        changes = differences(corrects.body, body)
        shown |= presenters.correction(corrects.body, body, changes)
    return shown | {"period": presenters.period_text(kind, month, body["school_year"])}


def _asks(kind: str, body: dict[str, Any] | None, *, correction: bool) -> set[str]:
    """What has to be written besides what is chosen."""
    asks = {"reason"} if correction else set()
    if body is not None and body["provisional"]:
        asks.add("agreed" if kind in MAY_BE_PROVISIONAL else "incomplete_reason")
    return asks


@require_POST
@requires(Permission.PUBLISH_FIGURES)
def publish(request: SignedInRequest, draft_id: int) -> HttpResponse:
    found = draft_of(request, draft_id)
    try:
        made = services.publish(
            draft_id=found.pk, digest=request.POST.get("digest", ""), by=request.user,
            now=timezone.now(),
        )  # fmt: skip
    except PublicationRefused as refusal:
        messages.error(request, str(refusal))
        return redirect("publication-draft", draft_id=found.pk)
    messages.success(request, f"已公布，编号{made.number}。")
    return redirect("publication", number=made.number)


@require_http_methods(["GET", "POST"])
@requires(Permission.READ_FIGURES)
def withdraw(request: SignedInRequest, draft_id: int) -> HttpResponse:
    """By whoever prepares, who takes it back, or whoever publishes, who sends it back."""
    found = draft_of(request, draft_id)
    form = WithdrawForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            services.withdraw(
                draft_id=found.pk, reason=form.cleaned_data["reason"], by=request.user
            )
        except PublicationRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, f"{found}的拟稿已撤回。")
            return redirect("publications")
    back = reverse("publication-draft", args=[found.pk])
    context = {
        "form": form,
        "title": "退回或撤回拟稿",
        "crumbs": [
            {"label": TITLE, "url": reverse("publications")},
            {"label": str(found), "url": back},
            {"label": "退回或撤回"},
        ],
        "back": back,
        "submit": "撤回",
    }
    return render(request, "kindergartens/form.html", context, status=422 if form.errors else 200)
