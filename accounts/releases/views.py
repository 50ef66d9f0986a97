"""Files about persons: straight when small, else asked for, approved by another, fetched once."""

from __future__ import annotations

import datetime as dt
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.access.guards import SignedInRequest, requires
from accounts.access.permissions import Permission
from accounts.downloads import send_file
from accounts.models import ExportRequest
from accounts.people.forms import reason_field
from accounts.people.resources import PEOPLE
from accounts.releases import rules, services
from accounts.releases.pages import release_response
from accounts.releases.registry import ExportKind, find_kind
from accounts.sign_in.duties import sends_nothing
from accounts.sign_in.fresh import fresh_authentication, fresh_to_send
from accounts.way_back import back_to_list

REQUESTS_PER_PAGE = 20


class AskForm(forms.Form):
    reason = reason_field("导出的理由", "请写明理由：给谁用、做什么。")


@require_GET
@requires(Permission.MANAGE_ACCOUNTS)
@fresh_authentication
def people_export(request: SignedInRequest, ending: str) -> HttpResponseBase:
    """The list of accounts with its filters; a large one is asked for instead."""
    return release_response(request, PEOPLE, ending)


@require_http_methods(["GET", "POST"])
@requires(Permission.EXPORT_PERSONS)
@fresh_to_send
def export_ask(request: SignedInRequest, code: str) -> HttpResponse:
    """Why another person has to approve, and the form that asks."""
    kind = _kind_of(request, code)
    now = timezone.now()
    query = request.POST if request.method == "POST" else request.GET
    filters = kind.read(query.dict(), now)
    ending = query.get("ending", "xlsx")
    form = AskForm(request.POST or None)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                asked = services.ask_to_export(
                    kind=kind,
                    filters=filters,
                    ending=ending,
                    reason=form.cleaned_data["reason"],
                    by=request.user,
                    now=now,
                )
            except services.ExportRefused as refusal:
                form.add_error(None, str(refusal))
            else:
                messages.success(request, f"“{asked}”的导出已申请，等另一个人批准。")
                return redirect("my-exports")
    persons = kind.count(request.user, filters, now)
    already = services.persons_today(request.user, now)
    narrowed = urlencode({name: value for name, value in filters.items() if value})
    context = {
        "form": form,
        "title": kind.title(request.user, filters),
        "persons": persons,
        "why": rules.why_approval(persons, already),
        "is_needed": rules.needs_approval(persons, already),
        "list": {
            "label": kind.label,
            "url": f"{reverse(kind.list_route)}?{narrowed}"
            if narrowed
            else reverse(kind.list_route),
        },
        "grows": kind.grows,
        "hidden": {**filters, "ending": ending}.items(),
    }
    return render(request, "accounts/releases/ask.html", context, status=status)


def _kind_of(request: SignedInRequest, code: str) -> ExportKind:
    try:
        kind = find_kind(code)
    except KeyError:
        raise Http404 from None
    if not request.user.can(kind.permission):
        raise PermissionDenied("您现在的岗位没有这项权限。")
    return kind


@require_GET
@requires(Permission.EXPORT_PERSONS)
def my_exports(request: SignedInRequest) -> HttpResponse:
    now = timezone.now()
    rows = ExportRequest.objects.visible_to(request.user).filter(requested_by=request.user)
    page = Paginator(rows.with_names(), REQUESTS_PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "page_obj": page,
        "requests": [_shown(row, now) for row in page],
        "persons_today": services.persons_today(request.user, now),
        "limits": rules,
    }
    return render(request, "accounts/releases/mine.html", context)


@require_POST
@requires(Permission.EXPORT_PERSONS)
@fresh_authentication
def export_download(request: SignedInRequest, request_id: UUID) -> HttpResponseBase:
    """The approved file: once, by who asked for it."""
    rows = ExportRequest.objects.visible_to(request.user).filter(requested_by=request.user)
    asked = get_object_or_404(rows, pk=request_id)
    kind = find_kind(asked.kind)
    try:
        written = services.use_approval(
            request_id=asked.pk, kind=kind, by=request.user, now=timezone.now()
        )
    except services.ListChanged as refusal:
        messages.error(request, str(refusal))
        return redirect(_ask_again(asked, kind))
    except services.ExportRefused as refusal:
        messages.error(request, str(refusal))
        return back_to_list(request, "my-exports")
    return send_file(written)


def _ask_again(asked: ExportRequest, kind: ExportKind) -> str:
    """The page that asks for the same list, as it is now."""
    chosen = {name: value for name, value in kind.asked(asked.filters).items() if value}
    query = urlencode({**chosen, "ending": asked.ending})
    return f"{reverse('export-ask', args=[kind.code])}?{query}"


@sends_nothing
@require_POST
@requires(Permission.EXPORT_PERSONS)
def export_withdraw(request: SignedInRequest, request_id: UUID) -> HttpResponse:
    """Take one's own request back, whether it waits or is approved."""
    rows = ExportRequest.objects.visible_to(request.user).filter(requested_by=request.user)
    asked = get_object_or_404(rows, pk=request_id)
    try:
        services.withdraw(request_id=asked.pk, by=request.user, now=timezone.now())
    except services.ExportRefused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, f"“{asked.title}”的导出申请已撤回。")
    return back_to_list(request, "my-exports")


@require_GET
@requires(Permission.APPROVE_EXPORTS)
def export_approvals(request: SignedInRequest) -> HttpResponse:
    now = timezone.now()
    rows = ExportRequest.objects.visible_to(request.user).decidable_by(request.user)
    waiting = rows.filter(state=ExportRequest.State.WAITING, expires_at__gt=now)
    shows_all = request.GET.get("state") == "all"
    chosen = (rows if shows_all else waiting).with_names()
    page = Paginator(chosen, REQUESTS_PER_PAGE).get_page(request.GET.get("page"))
    tabs = [
        {
            "label": "待批准",
            "url": request.path,
            "count": waiting.count(),
            "active": not shows_all,
        },
        {"label": "全部", "url": "?state=all", "count": rows.count(), "active": shows_all},
    ]
    context = {"page_obj": page, "requests": [_shown(row, now) for row in page], "tabs": tabs}
    return render(request, "accounts/releases/approvals.html", context)


@require_POST
@requires(Permission.APPROVE_EXPORTS)
@fresh_authentication
def export_decide(request: SignedInRequest, request_id: UUID) -> HttpResponse:
    asked = get_object_or_404(
        ExportRequest.objects.visible_to(request.user).decidable_by(request.user), pk=request_id
    )
    act = request.POST.get("act")
    if act not in {"approve", "refuse"}:
        messages.error(request, "请点批准或拒绝。")
        return back_to_list(request, "export-approvals")
    try:
        services.decide(
            request_id=asked.pk,
            approve=act == "approve",
            reason=request.POST.get("reason", ""),
            by=request.user,
            now=timezone.now(),
        )
    except services.ExportRefused as refusal:
        messages.error(request, str(refusal))
    else:
        word = "批准，24小时内可以导出一次" if act == "approve" else "拒绝，申请人会看到原因"
        messages.success(request, f"“{asked.title}”的导出已{word}。")
    return back_to_list(request, "export-approvals")


def _shown(row: ExportRequest, now: dt.datetime) -> dict[str, object]:
    """A request with the state it is in now, whether the nightly round saw it or not."""
    overdue = row.state in ExportRequest.OPEN and row.expires_at <= now
    state = ExportRequest.State.EXPIRED if overdue else row.state
    principal = row.requested_as.deputises_for
    return {
        "request": row,
        "state": state,
        "requester": f"{row.requested_by}（代{principal.user}）" if principal else row.requested_by,
        "may_download": state == ExportRequest.State.APPROVED,
        "may_withdraw": state in ExportRequest.OPEN,
        "may_decide": state == ExportRequest.State.WAITING,
    }
